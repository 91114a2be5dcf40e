from typing import Final

import numpy as np
import pytest
from tiny import lexicon_of

from pipeline.arrays import STEP
from pipeline.repair.channel import symbol
from pipeline.repair.search import CANDIDATE, Found
from pipeline.repair.states import SPACE
from pipeline.repair.torn import MISREAD, TEAR, halves_of, misread_by, pairs
from pipeline.repair.units import cut_units

COSTS: Final = {"дом": 50, "дома": 60}
LEXICON: Final = lexicon_of(COSTS)


@pytest.mark.parametrize(
    ("lines", "places"),
    [
        (["3ace aHMA"], [0]),
        (["3ace aHMA KOMMTeTa"], [0, 1]),
        (["3ace, aHMA"], []),
        (["3ace» aHMA"], []),
        (["3ace (aHMA"], []),
        (["3ace  aHMA"], []),
        (["3ace", "aHMA"], []),
        (["3ace aH-", "MA KOM"], []),
        (["3ace aHMA. OH"], [0]),
    ],
)
def test_halves_stand_side_by_side(lines: list[str], places: list[int]) -> None:
    assert list(pairs(cut_units(lines))) == places


def candidate(cost: float, known: bool, first: int, last: int) -> Found:
    rows = np.zeros(1, CANDIDATE)
    rows[0]["cost"], rows[0]["known"], rows[0]["first"], rows[0]["last"] = cost, known, first, last
    return Found(rows)


@pytest.mark.parametrize(
    ("found", "misread"),
    [
        ([], MISREAD),
        ([candidate(9.0, True, 0, 0)], 9.0 - STEP * float(LEXICON.cost[0])),
        ([candidate(9.0, False, 0, 0)], MISREAD),
        ([candidate(9.0, True, 0, 1)], MISREAD),
        ([candidate(9.0, True, len(COSTS) + 1, len(COSTS) + 1)], MISREAD),
        ([candidate(30.0, True, 0, 0), candidate(7.0, True, 1, 1)], 7.0 - STEP * float(LEXICON.cost[1])),
    ],
)
def test_what_was_misread_is_all_but_the_words_own_cost(found: list[Found], misread: float) -> None:
    assert misread_by([("", one) for one in found], LEXICON) == pytest.approx(misread)


def spelled(text: str, places: list[int], known: bool = True) -> Found:
    rows = np.zeros(1, CANDIDATE)
    rows[0]["cost"], rows[0]["known"], rows[0]["size"] = 12.0, known, len(text)
    rows[0]["codes"][: len(text)] = [SPACE if one == " " else symbol(one) for one in text]
    rows[0]["places"][: len(text)] = places
    return Found(rows)


@pytest.mark.parametrize(
    ("found", "whole"),
    [
        (spelled("дома", [0, 1, 2, 3]), True),
        (spelled("дома.", [0, 1, 2, 3, 4]), True),
        (spelled("дом", [0, 1, 1]), False),
        (spelled("дом.", [0, 1, 1, 2]), False),
        (spelled("ома", [2, 3, 4]), False),
        (spelled("до ма", [0, 1, 1, 2, 3]), False),
        (spelled("5дом", [0, 1, 2, 3]), False),
        (spelled("дома", [0, 1, 2, 3], known=False), False),
    ],
    ids=[
        "whole",
        "with a mark",
        "in the first half",
        "but for a mark",
        "in the second half",
        "two words",
        "a number",
        "unknown",
    ],
)
def test_a_torn_word_has_letters_in_both_halves(found: Found, whole: bool) -> None:
    first, second = cut_units(["4o Ma"])
    halves = halves_of(found, first, second)
    assert (halves is not None) == whole
    if halves:
        assert halves.before + halves.behind == pytest.approx(12.0 + TEAR)
