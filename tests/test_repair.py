from typing import Final

import pytest
from laws import cases, parameters, undone

from pipeline.document import Corrector
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "garbled", "expected", "comment"]
KINDS: Final = ["positive", "negative", "known-failure"]


@pytest.mark.parametrize("case", parameters("repair.tsv", COLUMNS, KINDS))
def test_a_line_becomes_what_was_printed(case: Row, corrector: Corrector) -> None:
    assert corrector.fix_lines([case["garbled"]]).text == case["expected"]


@pytest.mark.parametrize("case", [pytest.param(row, id=row["label"]) for row in cases("repair.tsv", COLUMNS, KINDS)])
def test_undoing_gives_the_line_back_and_a_second_repair_changes_nothing(case: Row, corrector: Corrector) -> None:
    fixed = corrector.fix_lines([case["garbled"]])
    assert undone(fixed) == [case["garbled"]]
    assert corrector.fix_lines([fixed.text]).text == fixed.text


@pytest.mark.parametrize(
    "case", [pytest.param(row, id=row["label"]) for row in cases("repair.tsv", COLUMNS, ["negative"])]
)
def test_a_line_that_must_not_change_has_none_but_romanised_citations(case: Row, corrector: Corrector) -> None:
    fixed = corrector.fix_lines([case["garbled"]])
    assert case["expected"] == case["garbled"]
    assert not fixed.corrections
    assert all("romanised" in citation.flags for citation in fixed.citations)


def test_all_negatives_as_one_text_stay_as_they_are(corrector: Corrector) -> None:
    text = "\n\n".join(row["garbled"] for row in cases("repair.tsv", COLUMNS, ["negative"]) if row["garbled"].isascii())
    assert corrector.fix(text + "\r\n").text == text + "\r\n"


def test_the_table_is_large_enough_and_its_labels_differ() -> None:
    rows = cases("repair.tsv", COLUMNS, KINDS)
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in KINDS}
    assert (counts["positive"] >= 25, counts["negative"] >= 40) == (True, True)
    assert len({row["label"] for row in rows}) == len(rows)


def test_names_in_programs_are_no_new_words(corrector: Corrector) -> None:
    """Where no word that is known stands near, one that no lexicon has proves nothing."""
    names = "DMXDesktopShiftY (1L<<3)", "", "DMXInputType (1L<<0)", "DMXInputPhysicalScreen (1L<<1)"
    text = "\n".join(name and f"#define {name}" for name in names)
    assert corrector.fix(text).text == text


@pytest.mark.parametrize(
    "code",
    [
        "from quantum.physics.cartesian import (XOp, YOp, ZOp, XKet, PxOp, PxKet,\nJzKet)",
        "assert e.match(a*Derivative(f(x), x, x) + b) is None\ne = Derivative(f(x), x, x) + x**2",
        "n = 1169809367327\nr = 744723773141\nassert NS(n, 5) == '0.077284 + 1.1104*I'\nassert NS(v, 1) == '0.08'",
        "BBInfo *Info = new (Allocator) BBInfo(BB, 0);\nBBMap[BB] = Info;\nreturn Info->AvailableVal;",
        "def inspect_names(  # noqa C901\n    self, bases)",
        "b1, a1 = ss2tf(A, B, C[1], D[1])\nb2, a2 = ss2tf(A, B, C[2], D[2])\nA_, B_ = f(A, B)",
        "def pa(s, l, tokens):\n    for attrName, attrValue in attrs:\n        1 4 0 1 0",
    ],
)
def test_programs_stay(code: str, corrector: Corrector) -> None:
    assert corrector.fix(code).text == code


@pytest.mark.parametrize(
    "text",
    [
        "109,  38,  23,  25,  10,  19,  79,5195,  61, 382,1124,   8,  30,5196,5197,5198, #  368\n" * 3,
        ".. autosummary::\n   :toctree: generated/\n\n   sgees\n   dgees\n   drotm\n   dznrm2\n   icamax\n   isamax\n",
        "/* ecag insn is not supported on this host */\nEmFail_S390X_ecag,\n\n/* cvb insn is not supported */\n",
        "/* insn needs the vector facility */\nEmFail_S390X_vx,\n\n/* ppno insn is not supported on this host */\n",
    ],
)
def test_what_proves_nothing_by_itself_stays(text: str, corrector: Corrector) -> None:
    assert corrector.fix(text).text == text


def test_what_stays_because_nothing_else_proves_it_is_in_doubt(corrector: Corrector) -> None:
    (doubt,) = corrector.fix("# Bamum").repaired.doubts
    assert [text for text, _ in doubt.candidates][2] == "Bamum"
