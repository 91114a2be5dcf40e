"""What text of unknown origin bears out: tables of edits (was, is, reason), and which of them are believed."""

import pytest

from pipeline.repair.edits import Edit
from pipeline.repair.repairer import believed

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
