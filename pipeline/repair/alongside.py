"""Two readings of the same print side by side: which words are the same print, and what one of them passed over."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, takewhile
from typing import Final

from pipeline.model import Box, ReadLine, ReadWord
from pipeline.repair.cells import SURE_NUMBER
from pipeline.repair.letters import HOMOGLYPHS

MARKS: Final = "[](){}.,;:"
# Two boxes are of the same print that share so much of the narrower one.
SHARED: Final = 0.4
# Words that the first reading passed over are as sure as this: of 31 on eleven seeds all were right, of 15 less sure
# ones 7.
SURE_MORE: Final = 0.7
# What is as sure as this need not be surer than another reading: the model of two languages is as sure of good words.
CERTAIN: Final = 0.9


def level(words: Iterable[ReadWord], line: Iterable[ReadWord]) -> tuple[ReadWord, ...]:
    """Return those of some words that are level with the word of a line that is nearest; others are of other lines."""
    places = [word.place for word in line if word.place and any(map(str.isalnum, word.text))]
    if not places:
        return tuple(words)
    return tuple(word for word in words if word.place and is_level(word.place, nearest(word.place, places)))


def nearest(box: Box, places: Sequence[Box]) -> Box:
    """Return the place that is nearest to a box, to its left or its right or with it."""
    return min(places, key=lambda place: max(place.left - box.right, box.left - place.right))


def is_level(box: Box, place: Box) -> bool:
    """Return whether the middle of a box is neither above nor below a place."""
    return 2 * place.top <= box.top + box.bottom <= 2 * place.bottom


def aligned(words: Sequence[ReadWord], again: Sequence[ReadWord]) -> Iterator[tuple[list[int], list[ReadWord]]]:
    """Yield the numbers of words of a line, in order, with the words of another reading that lie at the same place."""
    rest = list(again)
    group: tuple[list[int], list[ReadWord]] = ([], [])
    for number, word in enumerate(words):
        while rest and is_before(rest[0], word):
            between = rest.pop(0)
            if group[0]:
                group[1].append(between)
        if group[0] and not (group[1] and overlap(group[1][-1], word)):
            yield group
            group = ([], [])
        group[0].append(number)
        while rest and overlap(rest[0], word):
            group[1].append(rest.pop(0))
    yield group


def parted(first: Sequence[ReadWord], again: list[ReadWord]) -> list[ReadWord]:
    """Return a second reading of some words as one (`isa` for `is а`) as those words again: their spaces are print.

    What has no letters stays.
    """
    whole = again[0].text if len(again) == 1 < len(first) else ""
    ends = list(accumulate(len(word.text) for word in first))
    if not whole or ends[-1] != len(whole):
        return again
    texts = [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    return [
        replace(word, text=text, confidence=again[0].confidence) if any(map(str.isalpha, text)) else word
        for word, text in zip(first, texts, strict=True)
    ]


def passed_over(first: Sequence[ReadWord], again: Sequence[ReadWord], ahead: Sequence[ReadWord]) -> list[ReadWord]:
    """Return the words of a second reading behind those that the first one has too: the sure ones, up to a doubt.

    Not those at the place of a word that lies `ahead` in the first reading: its boxes may be too wide.
    """
    is_same = all(is_begun(one, other) for one, other in zip(first, again, strict=False))
    more = again[len(first) :] if is_same else ()
    return list(takewhile(lambda word: is_sure(word) and not any(overlap(word, other) for other in ahead), more))


def is_sure(word: ReadWord) -> bool:
    """Return whether a word is sure enough to be added."""
    return (word.confidence or 0.0) >= SURE_MORE


def is_begun(one: ReadWord, other: ReadWord) -> bool:
    """Return whether a word is as another reads it, or the first digits of the number that the other reads."""
    text, whole = (word.text.strip(MARKS).translate(HOMOGLYPHS).casefold() for word in (one, other))
    return text == whole or bool(SURE_NUMBER.match(text) and SURE_NUMBER.match(whole) and whole.startswith(text))


def is_before(one: ReadWord, other: ReadWord) -> bool:
    """Return whether a word ends where another one begins, or further left."""
    return bool(one.place and other.place and one.place.right <= other.place.left)


def overlap(one: ReadWord, other: ReadWord) -> bool:
    """Return whether two words are of the same print."""
    if not one.place or not other.place:
        return False
    shared = min(one.place.right, other.place.right) - max(one.place.left, other.place.left)
    narrower = min(one.place.right - one.place.left, other.place.right - other.place.left)
    return shared > SHARED * narrower


def confidence_of(words: Sequence[ReadWord]) -> float:
    """Return how sure the reader was of some words on the whole."""
    return sum(word.confidence or 0.0 for word in words) / max(len(words), 1)


def is_surer(words: Sequence[ReadWord], others: Sequence[ReadWord]) -> bool:
    """Return whether a reader was as good as sure of some words, or surer than of the others."""
    return confidence_of(words) >= min(CERTAIN, confidence_of(others))


def singly(line: ReadLine, again: Sequence[ReadWord]) -> Iterator[tuple[int, ReadWord]]:
    """Yield the numbers of words of a line with the same words in another reading, where these are as many."""
    for numbers, others in aligned(line.words, again):
        if len(numbers) == len(others):
            yield from zip(numbers, others, strict=True)


def shape(words: Sequence[ReadWord]) -> str:
    """Return some words as they look in either script."""
    return " ".join(word.text for word in words).translate(HOMOGLYPHS)


def digits_of(text: str) -> str:
    """Return the digits of a text."""
    return "".join(filter(str.isdigit, text))


def marks_of(text: str) -> str:
    """Return the marks at the end of a text."""
    return text[len(text.rstrip(MARKS)) :]
