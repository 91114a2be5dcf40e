"""Finds the lines worth decoding: those around a token that may be broken Russian, or around what may be a citation.

Everything else is passed over at the price of looking its tokens up.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, pairwise
from typing import Final, NamedTuple

import regex

from pipeline.repair.cells import LIKE_NUMBER, LONGEST_MARKER, SURE_NUMBER
from pipeline.repair.citation import GLUED
from pipeline.repair.sentence import Decoder
from pipeline.repair.units import is_continued

# So many tokens before and after such a one are decoded with it: as far as a sentence or a citation may reach.
BEFORE: Final = 25
AFTER: Final = 85
# So many tokens behind a line are looked at for the next marker, even if each has a line of its own.
FOLLOWING: Final = 24
DIGITS: Final = frozenset("0123456789")

# What programs are written with, and no print is read as: short names of variables look like misread words. No line of
# print begins or ends as a statement.
STATEMENT: Final = regex.compile(
    r"\s*(?:from [\w.]+ import\b|import [\w.]+|def \w+\(|class \w+[:(]|assert\b|for \w+(?:, \w+)* in \S+:$"
    r"|[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:, [A-Za-z_]\w*)* = |#\s*(?:define|include|if|ifdef|ifndef|endif|else)\b)"
)
ASSIGNED: Final = regex.compile(r" = |^\s*return\b|\w \*(?:const )?\w+;\s*$")
OPERATORS: Final = ("==", "!=", "&&", "::", "+=")
NAMES: Final = regex.compile(r"\.[A-Za-z_]\w*\.[A-Za-z_]|->\w|\w\*\*")
# Such a share of the lines of a paragraph, and more than one, make it a program.
CODE_SHARE: Final = 0.3

Span = tuple[int, int]


class Speaking(NamedTuple):
    """A line with tokens that may be broken Russian: how many stand before the first of them, and behind the last."""

    line: int
    before: int
    behind: int

    @classmethod
    def of(cls, line: int, row: Sequence[str], places: Sequence[int]) -> "Speaking":
        """Return what there is to know of a line with such tokens in these places."""
        return cls(line, min(places), len(row) - 1 - max(places))


def spans(lines: Sequence[str], decoder: Decoder) -> list[Span]:
    """Return the stretches of lines (first, one past the last) that are worth decoding, in order."""
    rows = [line.split() for line in lines]
    listen(rows, decoder)
    speaking = (one for one in speaking_lines(rows, decoder) if not is_code(lines[one.line]))
    found = merged(reached(one, rows) for one in speaking)
    return list(without(program_lines(lines), found)) if found else []


def listen(rows: Sequence[Sequence[str]], decoder: Decoder) -> None:
    """Find out of each line whether it has a loud token; of broken Russian the longest is, and the others are spared.

    Where that is quiet, so may be all, but not a word that goes on from here in the next line.
    """
    decoder.listen({max(row, key=len) for row in rows if row})
    still = {place for place, row in enumerate(rows) if decoder.loud.isdisjoint(row)}
    decoder.listen(
        {token for place in still for token in rows[place]} | {word for place, word in joined(rows) if place in still}
    )


def joined(rows: Sequence[Sequence[str]]) -> Iterator[tuple[int, str]]:
    """Yield (line, word) for the words that line ends broke, made whole."""
    for place, (row, following) in enumerate(pairwise(rows)):
        if row and following and is_continued(row[-1], following[0]):
            yield place, row[-1][:-1] + following[0]


def speaking_lines(rows: Sequence[Sequence[str]], decoder: Decoder) -> Iterator[Speaking]:
    """Yield the lines with a token that may be broken Russian, or with the marker of a fond before a number."""
    loud = decoder.loud
    for line, row in enumerate(rows):
        places = [place for place, token in enumerate(row) if token in loud] if not loud.isdisjoint(row) else []
        # Of a shorter line all that follows is reached anyway.
        if not places or len(row) > AFTER:
            places += citing(row, rows, line, decoder)
        if places:
            yield Speaking.of(line, row, places)
    yield from (Speaking(line, len(rows[line]) - 1, 0) for line, word in joined(rows) if word in loud)


def is_statement(line: str) -> bool:
    """Return whether a line is a statement of a program."""
    ends = line.rstrip().endswith(";") and ASSIGNED.search(line)
    return bool(ends or "{ return" in line or STATEMENT.match(line))


def is_code(line: str) -> bool:
    """Return whether a line is written in a programming language."""
    return is_statement(line) or any(operator in line for operator in OPERATORS) or bool(NAMES.search(line))


def program_lines(lines: Sequence[str]) -> set[int]:
    """Return the lines that are statements of a program, and those of paragraphs that are programs."""
    found = {place for place, line in enumerate(lines) if is_statement(line)}
    for blank, group in groupby(range(len(lines)), lambda place: not lines[place].strip()):
        own = [] if blank else list(group)
        code = sum(is_code(lines[place]) for place in own)
        if code > 1 and code >= CODE_SHARE * len(own):
            found.update(own)
    return found


def without(left_out: set[int], found: Sequence[Span]) -> Iterator[Span]:
    """Yield stretches of lines but for some lines."""
    for first, last in found:
        for out, group in groupby(range(first, last), left_out.__contains__):
            own = list(group)
            if not out:
                yield own[0], own[-1] + 1


def citing(row: Sequence[str], rows: Sequence[Sequence[str]], line: int, decoder: Decoder) -> list[int]:
    """Return where a line has the marker of a fond before a number, if another marker is near."""
    following = next_token(rows, line)
    if DIGITS.isdisjoint("".join(row) + following):
        return []
    places = [place for place, pair in marked(row, following) if has_fond(pair, decoder)]
    behind = (text for near in rows[line : line + FOLLOWING] for text in near)
    return places if places and decoder.finder.is_worth(list(islice(behind, len(row) + FOLLOWING))) else []


def next_token(rows: Sequence[Sequence[str]], place: int) -> str:
    """Return the first token of the next line, or of the one below it; "" where both are empty."""
    return next((later[0] for later in rows[place + 1 : place + 3] if later), "")


def marked(row: Sequence[str], following: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Yield the short tokens of a line that stand before a digit, or are glued to one, each behind its place.

    `following` stands behind the line.
    """
    for place, (token, behind) in enumerate(pairwise([*row, following])):
        if not DIGITS.isdisjoint(behind) and len(token) < LONGEST_MARKER:
            yield place, (token, behind)
        if not DIGITS.isdisjoint(token) and (glued := GLUED.match(token)):
            yield place, (glued[1], glued[2])


def has_fond(pair: tuple[str, str], decoder: Decoder) -> bool:
    """Return whether a token may be the marker of a fond, and the next one its number."""
    token, number = pair
    is_number = SURE_NUMBER.match(number) or LIKE_NUMBER.match(number)
    return bool(is_number and decoder.finder.looks_like_fond(token))


def reached(speaking: Speaking, rows: Sequence[Sequence[str]]) -> Span:
    """Return the lines that the tokens of a line that speak can reach."""
    start, end = speaking.line, speaking.line + 1
    left, right = BEFORE - speaking.before, AFTER - speaking.behind
    while start > 0 and left > 0:
        start -= 1
        left -= len(rows[start])
    while end < len(rows) and right > 0:
        right -= len(rows[end])
        end += 1
    return start, end


def merged(found: Iterable[Span]) -> list[Span]:
    """Return spans in order, those that touch made one."""
    whole: list[Span] = []
    for start, end in sorted(found):
        if whole and start <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole
