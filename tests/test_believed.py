"""What text of unknown origin bears out: tables of edits (was, is, reason), and which of them are believed."""

import pytest

from pipeline.document import Corrector
from pipeline.repair.edits import Edit
from pipeline.repair.repairer import believed, is_chance, refused

DAMAGE = ("rubernii", "губернии", "lexicon")
RESPELLED = ("Ладарий", "Лазарий", "lexicon")
LOOK_ALIKE = ("кoмитет", "комитет", "lexicon")
LATIN = ("ате", "are", "latin")
MIXED = ("тhe", "the", "latin")


@pytest.mark.parametrize(
    ("made", "kept"),
    [
        ([], []),
        ([RESPELLED], []),
        ([LOOK_ALIKE], []),
        ([LATIN], []),
        ([LOOK_ALIKE, RESPELLED, LATIN], []),
        ([DAMAGE, RESPELLED, RESPELLED], [DAMAGE]),
        ([DAMAGE, RESPELLED, RESPELLED, LOOK_ALIKE, LATIN], [DAMAGE, LOOK_ALIKE, LATIN]),
        ([DAMAGE], [DAMAGE]),
        ([DAMAGE, RESPELLED], [DAMAGE, RESPELLED]),
        ([DAMAGE, LOOK_ALIKE], [DAMAGE, LOOK_ALIKE]),
        ([MIXED, LATIN], [MIXED, LATIN]),
    ],
)
def test_what_is_believed(made: list[tuple[str, str, str]], kept: list[tuple[str, str, str]]) -> None:
    lines = [was for was, _, _ in made]
    edits = [(Edit(0, len(was), text, reason, 0.9),) for was, text, reason in made]
    left = [(lines[place], edit.text, edit.reason) for place, own in enumerate(believed(lines, edits)) for edit in own]
    assert left == kept


@pytest.mark.parametrize(
    ("words", "confidence", "reason", "expected"),
    [
        (40, 0.9, "lexicon", True),
        (40, 0.95, "lexicon", False),
        (10, 0.9, "lexicon", False),
        (40, 0.9, "citation", False),
    ],
)
def test_a_few_unsure_words_of_a_long_text_may_be_chance(
    words: int, confidence: float, reason: str, expected: bool
) -> None:
    edit = Edit(0, 8, "губернии", reason, confidence)
    assert is_chance(["rubernii", "word " * words], [(edit,), ()]) == expected


def test_what_was_refused_stays_in_doubt() -> None:
    edit = Edit(3, 8, "Грошу", "lexicon", 0.75)
    (doubt,) = refused(["   PPoly"], [(edit,)])
    assert (doubt.line, doubt.start, doubt.end) == (0, 3, 8)
    assert doubt.candidates == (("Грошу", 0.75), ("PPoly", 0.25))


def test_a_docstring_has_no_russian(corrector: Corrector) -> None:
    """From scipy."""
    names = ("CubicSpline", "PchipInterpolator", "Akima1DInterpolator", "FloaterHormannInterpolator")
    more = ("BarycentricInterpolator", "KroghInterpolator", "CubicHermiteSpline")
    head = "See the :ref:`user guide <tutorial-interpolate>` for recommendations on choosing a\n.. autosummary::\n"
    data = "**Low-level data structures for univariate interpolation:**\n.. autosummary::\n   :toctree: generated/\n"
    text = f"{head}{'   '.join((*names, *more))}\n{data}\n   PPoly\n   BPoly\n   RegularGridInterpolator"
    assert corrector.fix(text).text == text
