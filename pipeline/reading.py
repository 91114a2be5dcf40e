"""The recipe of reading a page: clean it, read it, bad lines by themselves, lay it out, read again what is doubtful."""

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, groupby
from math import fmod
from operator import attrgetter
from typing import Final

from pipeline.gaps import passed_over
from pipeline.layout import joined, laid_out
from pipeline.model import Box, PlacedWord, Reading, ReadLine, ReadWord, line_of, lines_of
from pipeline.read import installed_languages, quarter_turns, read_again, read_words
from pipeline.repair.alongside import confidence_of, level
from pipeline.repair.second import SecondLook
from pipeline.repair.stretches import Again, Stretch
from pipeline.scan import CleanPage, Grey, Watch, clean, turned, unwatched

LANGUAGE: Final = attrgetter("language")
# A page stands the wrong way if less than this share of its letters, which are so many, is of words of this confidence:
# it is 0.15 to 0.25 of pages upside down, 0.8 to 1 of noisy and of clean ones.
HOPELESS: Final = 0.5
FEW_LETTERS: Final = 20
SURE: Final = 0.6
# A line of so many words was read badly where these are less sure than this on the whole; a reading of it alone is
# believed that is so much surer.
FEW_WORDS: Final = 3
POOR: Final = 0.78
CLEARLY: Final = 0.05


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
    parted = [laid_out(with_lines_alone(part, words, languages, timeout)) for part, words in read]
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


def with_lines_alone(
    page: CleanPage, words: tuple[PlacedWord, ...], languages: str, timeout: float
) -> tuple[PlacedWord, ...]:
    """Return the words of a clean page, lines that were read badly read by themselves, where the reader is surer then.

    So are lines that it passed over, where it is sure of these.
    """
    lines = lines_of(words)
    poor = [] if is_hopeless(words) else list(filter(is_poor, lines))
    over = passed_over(page.grey, words)
    places = [*(Box.around(word.place for word in own) for own in poor), *over]
    again = read_again(page, places, languages, timeout)
    names = (line_of(own[0]) for own in poor)
    alone = {name: placed(read, *name) for name, read in zip(names, again, strict=False)}
    best = (surer(own, alone.get(line_of(own[0]), ())) for own in lines)
    more = (placed(read, f"between {number}", "1", "1") for number, read in enumerate(again[len(poor) :]))
    return tuple(chain(*best, *(own for own in more if not is_unsure(own))))


def placed(words: Sequence[ReadWord], block: str, paragraph: str, line: str) -> tuple[PlacedWord, ...]:
    """Return the words of a line with the names that it has on its page."""
    return tuple(PlacedWord(block, paragraph, line, word.place, word) for word in words if word.place)


def is_poor(words: Sequence[PlacedWord]) -> bool:
    """Tell whether a line was read badly: Tesseract took the height of its digits for that of small letters, say."""
    return len(words) >= FEW_WORDS and sureness(words) < POOR


def surer(words: tuple[PlacedWord, ...], others: tuple[PlacedWord, ...]) -> tuple[PlacedWord, ...]:
    """Return the words of the reading that was surer, the first one unless it is clear."""
    return others if sureness(others) > sureness(words) + CLEARLY else words


def sureness(words: Sequence[PlacedWord]) -> float:
    """Return how sure the reader was of some words on the whole."""
    return confidence_of([one.word for one in words])


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
        read = map(level, read_again(part, places, language, timeout), (lines[one.line].words for one in stretches))
        return list(map(Again, stretches, read))

    doubted = {language: list(own) for language, own in groupby(look.doubted(lines), LANGUAGE)}
    second = again(doubted.get("rus", []), "rus")
    third = again([*doubted.get("eng", []), *look.disputed(lines, second)], "eng")
    more = {"ukr": doubted.get("ukr", []), "Cyrillic": look.disputed_names(lines, second)}
    other = [
        one
        for language, own in more.items()
        if own and language in installed_languages()
        for one in again(own, language)
    ]
    readings: dict[int, list[Again]] = defaultdict(list)
    for one in second + third + other:
        readings[one.stretch.line].append(one)
    return tuple(look.believed(line, readings[number]) for number, line in enumerate(lines))
