import pytest
from tiny import lexicon_of, map_of, model_of

from pipeline.repair.ordinals import ordinals
from pipeline.repair.search import Searcher
from pipeline.repair.states import DEFAULT

MAP = map_of([("х", "x", 0.9), ("й", "H", 0.6), ("и", "H", 0.9), ("е", "e", 0.9), ("г", "r", 0.9), ("о", "o", 0.9)])
SEARCHER = Searcher(lexicon_of({"и": 30}), model_of(1))


@pytest.mark.parametrize(
    ("read", "likeliest"),
    [
        ("1920-x", "1920-х"),
        ("1920-x,", "1920-х,"),
        ("(1920-x)", "(1920-х)"),
        ("4-H", "4-й"),
        ("1980-e", "1980-е"),
        ("125-ro", "125-го"),
        ("1917-1920", ""),
        ("x-1920", ""),
        ("1920", ""),
        ("1920x", ""),
        ("ab-x", ""),
        ("1920-", ""),
        ("1920-xxxxx", ""),
    ],
)
def test_a_number_has_its_ending(read: str, likeliest: str) -> None:
    found = ordinals(read, MAP.options, DEFAULT, SEARCHER.tables)
    assert min(found, key=lambda one: one[1], default=("", 0.0))[0] == likeliest
    digits = [one for one in read if one.isdigit()]
    assert all([one for one in text if one.isdigit()] == digits for text, _ in found)
