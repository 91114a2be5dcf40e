"""Where sentences start: the case of a word there says nothing."""

import pytest

from pipeline.repair.units import MAYBE, NOT, SURELY, cut_units


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("KoHeu.", SURELY),
        ("конец!", SURELY),
        ("r.", MAYBE),
        ("koHeu,", NOT),
        ("OCMOpeHE!", NOT),
        ("yepTb!", NOT),
        ("Up!", NOT),
        ("ur!", MAYBE),
    ],
)
def test_where_a_sentence_starts(before: str, expected: int) -> None:
    _, _, unit = cut_units([f"a {before} B"])
    assert unit.initial == expected
