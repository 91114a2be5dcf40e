"""The recipe of reading a page: clean it, read it and what was passed over, lay it out, read again what is doubtful."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby
from math import fmod
from operator import attrgetter
from typing import Final

from pipeline.gaps import passed_over
from pipeline.layout import joined, laid_out
from pipeline.model import PlacedWord, Reading, ReadLine
from pipeline.read import installed_languages, quarter_turns, read_again, read_words
from pipeline.repair.second import Again, SecondLook, Stretch
from pipeline.scan import CleanPage, Grey, Watch, clean, turned, unwatched

LANGUAGE: Final = attrgetter("language")
# A page stands the wrong way if less than this share of its letters, which are so many, is of words of this confidence:
# it is 0.15 to 0.25 of pages upside down, 0.8 to 1 of noisy and of clean ones.
HOPELESS: Final = 0.5
FEW_LETTERS: Final = 20
SURE: Final = 0.6


def read_image(
    image: Grey,
    languages: str,
    timeout: float = 300.0,
    look: SecondLook | None = None,
    watch: Watch = unwatched,
) -> Reading:
    """Clean a page (height x width) and read it, with `look` a second time where that helps.

    The two pages of a spread come after each other. Each run of Tesseract may take `timeout` seconds. `watch` is shown
    the picture after each step of the cleaning.
    """
    cleaned = clean(image, watch)
    read = [read_upright(part, languages, timeout) for part in cleaned]
    parts = [part for part, _ in read]
    parted = [laid_out(with_passed_over(part, words, languages, timeout)) for part, words in read]
    if look:
        parted = [read_doubtful(part, own, look, timeout) for part, own in zip(parts, parted, strict=True)]
    lines = joined(parted)
    height, width = image.shape
    return Reading(lines, f"tesseract-{languages}", width, height, rotation=fmod(parts[0].rotation, 360.0))


def read_upright(page: CleanPage, languages: str, timeout: float) -> tuple[CleanPage, tuple[PlacedWord, ...]]:
    """Read a clean page; one of which hardly a letter is sure is read turned, as far as that is surer.

    Returns the page as it was read, and its words.
    """
    words = read_words(page, languages, timeout)
    if not is_hopeless(words):
        return page, words
    turns = quarter_turns(page, timeout)
    others = [turned(page, other) for other in ((2, 1, 3) if turns is None else (turns,)) if other]
    readings = [(page, words), *((other, read_words(other, languages, timeout)) for other in others)]
    return max(readings, key=lambda reading: sure_letters(reading[1]))


def with_passed_over(
    page: CleanPage, words: tuple[PlacedWord, ...], languages: str, timeout: float
) -> tuple[PlacedWord, ...]:
    """Return the words of a clean page with those of lines that the reader passed over, where it is sure of these."""
    places = passed_over(page.grey, words)
    lines = read_again(page, places, languages, timeout)
    more = [
        tuple(PlacedWord(f"between {number}", "1", "1", word.place, word) for word in line if word.place)
        for number, line in enumerate(lines)
    ]
    return words + tuple(word for line in more if not is_unsure(line) for word in line)


def is_hopeless(words: Sequence[PlacedWord]) -> bool:
    """Tell whether hardly a letter of a page is sure, though it has enough of them to tell."""
    return sum(map(letters_in, words)) >= FEW_LETTERS and is_unsure(words)


def is_unsure(words: Sequence[PlacedWord]) -> bool:
    """Tell whether hardly a letter of some words is sure."""
    return sure_letters(words) < HOPELESS * sum(map(letters_in, words))


def sure_letters(words: Sequence[PlacedWord]) -> int:
    """Count the letters of words that the reader was sure of."""
    return sum(letters_in(word) for word in words if (word.word.confidence or 0.0) > SURE)


def letters_in(word: PlacedWord) -> int:
    """Count the letters of a word."""
    return sum(map(str.isalpha, word.word.text))


def read_doubtful(
    part: CleanPage, lines: tuple[ReadLine, ...], look: SecondLook, timeout: float
) -> tuple[ReadLine, ...]:
    """Return the lines of a clean page, what is doubtful in them read again in its language alone."""

    def again(stretches: Sequence[Stretch], language: str) -> list[Again]:
        places = [one.place(lines[one.line]) for one in stretches]
        return list(map(Again, stretches, read_again(part, places, language, timeout)))

    doubted = {language: list(own) for language, own in groupby(look.doubted([line.text for line in lines]), LANGUAGE)}
    second = again(doubted.get("rus", []), "rus")
    third = again([*doubted.get("eng", []), *look.disputed(lines, second)], "eng")
    ukrainian = doubted.get("ukr", [])
    other = again(ukrainian, "ukr") if ukrainian and "ukr" in installed_languages() else []
    readings: dict[int, list[Again]] = defaultdict(list)
    for one in second + third + other:
        readings[one.stretch.line].append(one)
    return tuple(look.believed(line, readings[number]) for number, line in enumerate(lines))
