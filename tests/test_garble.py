import math
from collections import defaultdict
from itertools import product
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline.garble as garbling
from pipeline.document import MODELS, read_map
from pipeline.errors import UsageError
from pipeline.garble import garblings
from pipeline.repair.channel import Confusion, GlyphMap

ROWS: Final = (
    ("а", "a", 0.9),
    ("а", "", 0.1),
    ("д", "n", 0.6),
    ("д", "J", 0.3),
    ("ы", "bl", 0.7),
    ("ы", "b", 0.2),
    ("л", "l", 0.5),
    ("ь", "b", 1.0),
    ("ад", "an", 0.5),
    ("ад", "q", 0.5),
    ("ьл", "bl", 0.8),
    ("А", "A", 1.0),
)
MAP: Final = GlyphMap("tiny", tuple(Confusion(printed, read, 1.0, share) for printed, read, share in ROWS), {})
MAPS: Final = {model: read_map(model, "rus") for model in MODELS}
EVERYTHING: Final = 1_000_000
TINY_WORDS: Final = st.text("адыльАх-", min_size=1, max_size=6).filter(lambda word: word != "-" * len(word))


def cuts(word: str) -> list[list[str]]:
    """All ways to cut a word into units of one letter or two."""
    if not word:
        return [[]]
    return [[word[:size], *rest] for size in (1, 2) if size <= len(word) for rest in cuts(word[size:])]


def reference(word: str) -> dict[str, float]:
    """P(reading | word) by all ways to cut the word and all ways to read each; nothing clever."""
    table: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for printed, read, share in ROWS:
        table[printed].append((read, share))
    found: dict[str, float] = defaultdict(float)
    for units in cuts(word):
        ways = [table.get(unit, [(unit, 1.0)] if len(unit) == 1 else []) for unit in units]
        weight = math.prod(0.96 if len(unit) == 1 else 0.04 for unit in units)
        for choice in product(*ways):
            found["".join(read for read, _ in choice)] += weight * math.prod(share for _, share in choice)
    return found


@given(TINY_WORDS)
def test_all_readings_are_those_of_the_reference(word: str) -> None:
    expected = reference(word)
    found = garblings(word, MAP, EVERYTHING)
    assert {text for text, _ in found} == set(expected)
    for text, share in found:
        assert share == pytest.approx(expected[text], rel=1e-9)


@given(TINY_WORDS, st.integers(1, 12))
def test_fewer_are_the_first_of_all(word: str, most: int) -> None:
    assert garblings(word, MAP, most) == garblings(word, MAP, EVERYTHING)[:most]


@given(TINY_WORDS)
def test_the_likeliest_are_first_then_by_text(word: str) -> None:
    found = garblings(word, MAP, EVERYTHING)
    assert list(found) == sorted(found, key=lambda item: (-item[1], item[0]))


def test_ways_to_the_same_reading_are_summed() -> None:
    shares = dict(garblings("ьл", MAP))
    assert shares["bl"] == pytest.approx(0.96 * 0.96 * 0.5 + 0.04 * 0.8)


def test_a_letter_that_the_map_does_not_know_is_read_as_itself() -> None:
    ((text, share),) = garblings("х-1", MAP)
    assert text == "х-1"
    assert share == pytest.approx(0.96**3)


@pytest.mark.parametrize("word", ["", "hello", "1917", "---", "αβ"])
def test_a_word_without_a_cyrillic_letter_is_refused(word: str) -> None:
    with pytest.raises(UsageError, match="no Cyrillic letter"):
        garblings(word, MAP)


@settings(max_examples=25)
@given(st.text("абвгдежзийклмнопрстуфхцчшщъыьэюяёАБДЖ", min_size=1, max_size=12), st.sampled_from(MODELS))
def test_probabilities_of_the_shipped_maps(word: str, model: str) -> None:
    found = garblings(word, MAPS[model], 20)
    shares = [share for _, share in found]
    assert 1 <= len(found) <= 20
    assert len({text for text, _ in found}) == len(found)
    assert all(0 < share <= 1 for share in shares)
    assert sum(shares) <= 1
    assert shares == sorted(shares, reverse=True)


def test_capitals_are_those_of_the_map() -> None:
    assert garblings("А", MAPS["tesseract-eng"], 1)[0][0] == "A"
    assert garblings("Большевики", MAPS["tesseract-rus+eng"], 1)[0][0] == "Большевики"


def test_the_beam_loses_little(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = garblings("Большевики", MAPS["tesseract-eng"], 10)
    monkeypatch.setattr(garbling, "BEAM", 4 * garbling.BEAM)
    wide = garblings("Большевики", MAPS["tesseract-eng"], 10)
    assert [text for text, _ in narrow] == [text for text, _ in wide]
    assert [share for _, share in narrow] == pytest.approx([share for _, share in wide], rel=1e-3)
