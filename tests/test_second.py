"""Second readings: what is read again, and which reading is believed."""

from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import parameters

from pipeline.document import Corrector
from pipeline.model import Box, ReadLine, ReadWord
from pipeline.repair.second import Again, SecondLook, aligned
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "first", "rus", "eng", "expected", "comment"]
KINDS: Final = ["positive", "negative"]
LETTER: Final = 10  # pixels


@pytest.fixture(scope="module")
def look(corrector: Corrector) -> SecondLook:
    return corrector.second_look


def placed(text: str) -> tuple[ReadWord, ...]:
    """Return the words of a line, each as long as its letters."""
    words, at = [], 0
    for word in text.split():
        place = Box(at, 0, at + LETTER * len(word), 3 * LETTER)
        words.append(ReadWord(word, place, 0.9, place))
        at += LETTER * (len(word) + 1)
    return tuple(words)


def laid_over(text: str, words: Sequence[ReadWord]) -> tuple[ReadWord, ...]:
    """Return another reading of consecutive words of a line, at their places: where it fits best."""
    if not text:
        return ()
    said = text.split()
    starts = range(len(words) - len(said) + 1)
    start = max(starts, key=lambda at: sum(a == b.text for a, b in zip(said, words[at:], strict=False)))
    return tuple(ReadWord(one, word.box, 0.9, word.place) for one, word in zip(said, words[start:], strict=False))


@pytest.mark.parametrize("case", parameters("second.tsv", COLUMNS, KINDS))
def test_the_better_reading_is_believed(case: Row, look: SecondLook) -> None:
    words = placed(case["first"])
    line = ReadLine(case["first"], words)
    others = {language: laid_over(case[language], words) for language in ("rus", "eng")}
    doubted = look.doubted([line.text])
    second = [Again(one, others["rus"]) for one in doubted if one.language == "rus"]
    asked = [*(one for one in doubted if one.language == "eng"), *look.disputed([line], second)]
    believed = look.believed(line, [*second, *(Again(one, others["eng"]) for one in asked)])
    assert believed.text == " ".join(word.text for word in believed.words) == case["expected"]


@pytest.mark.parametrize("text", ["", "Only English words stand in this line.", "Здесь всё по-русски и всё хорошо."])
def test_what_nobody_doubts_is_not_read_again(text: str, look: SecondLook) -> None:
    assert look.doubted([text]) == []


@given(st.lists(st.text("абвxyz12.", min_size=1, max_size=5), max_size=6), st.integers(0, 60))
def test_no_word_is_lost_or_doubled_by_laying_readings_side_by_side(texts: list[str], shift: int) -> None:
    words = placed(" ".join(texts))
    moved = [Box(one.place.left + shift, *one.place[1:]) for one in words if one.place]
    again = tuple(ReadWord(one.text, place=place) for one, place in zip(words, moved, strict=True))
    groups = list(aligned(words, again))
    assert [number for numbers, _ in groups for number in numbers] == list(range(len(words)))
    laid = [id(other) for _, others in groups for other in others]
    assert len(laid) == len(set(laid))


def test_a_line_keeps_its_words_without_another_reading(look: SecondLook) -> None:
    line = ReadLine("see [РГАЭ. ®. 17]", placed("see [РГАЭ. ®. 17]"))
    assert look.believed(line, []) == line
    assert look.believed(line, [Again(one, ()) for one in look.doubted([line.text])]) == line
