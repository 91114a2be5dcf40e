"""Lines that the reader passed over are found, and nothing else is taken for one."""

from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np
import pytest

from pipeline import reading
from pipeline.gaps import passed_over
from pipeline.model import Box, PlacedWord, ReadWord
from pipeline.reading import with_lines_alone
from pipeline.scan import CleanPage, Grey

TEXT: Final = "The committee of the district answered within one week"
LEFT, RIGHT, PITCH, TOP, TALL = 20, 520, 30, 40, 20
LINES: Final = 8

Draw = Callable[[Grey, int], None]


def place(number: int) -> Box:
    return Box(LEFT, TOP + PITCH * number - TALL, RIGHT, TOP + PITCH * number + 4)


def print_line(grey: Grey, number: int, text: str = TEXT) -> None:
    cv2.putText(grey, text, (LEFT, TOP + PITCH * number), cv2.FONT_HERSHEY_DUPLEX, 0.55, (0,), 1, cv2.LINE_AA)


def nothing(_grey: Grey, _number: int) -> None:
    """Paper."""


def short_line(grey: Grey, number: int) -> None:
    print_line(grey, number, "Chapter 2")


def rule(grey: Grey, number: int) -> None:
    line = TOP + PITCH * number - TALL // 2
    grey[line : line + 2, LEFT:RIGHT] = 0


def picture(grey: Grey, number: int) -> None:
    _, top, _, bottom = place(number)
    grey[top:bottom, LEFT:RIGHT] = np.random.default_rng(1).integers(0, 255, (bottom - top, RIGHT - LEFT))


def dirt(grey: Grey, number: int) -> None:
    _, top, _, bottom = place(number)
    seen = np.random.default_rng(1).random((bottom - top, RIGHT - LEFT)) < 0.005
    grey[top:bottom, LEFT:RIGHT][seen] = 0


def page(special: int, draw: Draw, missing: Sequence[int], lines: int = LINES) -> tuple[Grey, list[PlacedWord]]:
    """A page of lines, one of them drawn otherwise, and the words that were read: none of the missing lines."""
    grey = np.full((TOP + PITCH * (lines + 1), RIGHT + 40), 250, np.uint8)
    for number in range(lines):
        (draw if number == special else print_line)(grey, number)
    read = [number for number in range(lines) if number not in missing]
    return grey, [PlacedWord("1", "1", str(number), place(number), ReadWord(TEXT)) for number in read]


def test_a_line_that_was_passed_over_is_found() -> None:
    (found,) = passed_over(*page(-1, print_line, [3]))
    assert found == pytest.approx(place(3), abs=1)


def cut_at(words: Sequence[PlacedWord], number: int, left: int, right: int) -> list[PlacedWord]:
    """The words with those of a line narrower."""
    name = str(number)
    return [
        word._replace(place=word.place._replace(left=left, right=right)) if word.line == name else word
        for word in words
    ]


def test_one_before_the_short_last_line_of_a_paragraph_is_found() -> None:
    grey, words = page(4, short_line, [3])
    (found,) = passed_over(grey, cut_at(words, 4, LEFT, LEFT + 100))
    assert found == pytest.approx(place(3), abs=1)


def test_a_line_that_was_read_in_two_parts_is_not_found_again() -> None:
    grey, words = page(-1, print_line, [])
    rest = [word._replace(line="4, its end") for word in cut_at(words, 4, LEFT + 110, RIGHT) if word.line == "4"]
    assert passed_over(grey, [*cut_at(words, 4, LEFT, LEFT + 100), *rest]) == []


@pytest.mark.parametrize("missing", [[LINES - 1], [3, 4]], ids=["the last of the page", "the first of two"])
def test_one_under_a_line_is_found(missing: Sequence[int]) -> None:
    (found,) = passed_over(*page(-1, print_line, missing))
    assert found == pytest.approx(place(missing[0]), abs=1)


def test_every_single_one_is_found() -> None:
    found = passed_over(*page(-1, print_line, [2, 6], lines=12))
    assert [one.top for one in found] == [place(2).top, place(6).top]


@pytest.mark.parametrize("draw", [nothing, short_line, rule, picture, dirt])
def test_what_is_no_line_is_not_found(draw: Draw) -> None:
    assert passed_over(*page(3, draw, [3])) == []


@pytest.mark.parametrize(
    ("missing", "lines"),
    [([], LINES), ([0], LINES), ([1], 4), (range(LINES), LINES)],
    ids=["none", "the first", "too few to tell", "all"],
)
def test_where_nobody_can_tell_none_is_found(missing: Sequence[int], lines: int) -> None:
    assert passed_over(*page(-1, print_line, missing, lines)) == []


def test_lines_whose_boxes_touch_have_none_between() -> None:
    grey, words = page(-1, print_line, [])
    tall = [word._replace(place=word.place._replace(bottom=word.place.bottom + 9)) for word in words]
    assert passed_over(grey, tall) == []


@pytest.mark.parametrize(("confidence", "kept"), [(0.9, True), (0.3, False)])
def test_what_is_read_there_is_kept_where_it_is_sure(
    confidence: float, kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    grey, words = page(-1, print_line, [3])
    found = ReadWord("found", None, confidence, place(3))
    monkeypatch.setattr(reading, "read_again", lambda _page, places, *_: tuple((found,) for _ in places))
    clean = CleanPage(grey, grey.shape[1], grey.shape[0])
    now = with_lines_alone(clean, tuple(words), "rus+eng", 10.0)
    assert [word.word for word in now[len(words) :]] == [found] * kept
    assert now[: len(words)] == tuple(words)


@pytest.mark.parametrize(
    ("before", "after", "words", "taken"),
    [
        (0.5, 0.9, 3, True),
        (0.5, 0.52, 3, False),
        (0.5, 0.3, 3, False),
        (0.8, 0.95, 3, False),
        (0.5, 0.9, 2, False),
    ],
)
def test_a_line_read_badly_is_read_alone_and_believed_where_that_is_surer(
    before: float, after: float, words: int, taken: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    grey, read = page(-1, print_line, [])
    good = [one._replace(word=ReadWord(TEXT, None, 0.95)) for one in read]
    poor = [good[3]._replace(word=ReadWord(text, None, before)) for text in ("On,", "99", "2253;")[:words]]
    found = tuple(ReadWord(text, None, after, place(3)) for text in ("Оп.", "90.", "2253."))
    monkeypatch.setattr(reading, "read_again", lambda _page, places, *_: tuple(found for _ in places))
    clean = CleanPage(grey, grey.shape[1], grey.shape[0])
    now = with_lines_alone(clean, (*good[:3], *poor, *good[4:]), "rus+eng", 10.0)
    alone = [PlacedWord("1", "1", "3", place(3), word) for word in found]
    assert list(now) == [*good[:3], *(alone if taken else poor), *good[4:]]
