"""Makes the record of a page: its lines with their tokens, corrections and citations, each at its place."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

import regex

from pipeline.cite import Lines, citations
from pipeline.model import Citation, Correction, Line, Page, Reading, ReadLine, Status, Token
from pipeline.repair.archives import Archives
from pipeline.repair.edits import Edit, apply, shifted
from pipeline.repair.letters import CYRILLIC_LETTER, LETTER
from pipeline.repair.places import box_of, was
from pipeline.repair.repaired import DOUBT, Doubt, Repaired
from pipeline.repair.ukrainian import has_own_letter

TOKEN: Final = regex.compile(r"\S+")


def to_page(
    reading: Reading, repaired: Repaired, number: int, archives: Archives, before: Citation | None = None
) -> Page:
    """Return the page that a reading became; `before` is the last citation before it."""
    doubts = {line: list(found) for line, found in groupby(repaired.doubts, key=lambda doubt: doubt.line)}
    lines = tuple(
        to_line(read, edits, doubts.get(place, []), f"p{number}l{place + 1}")
        for place, (read, edits) in enumerate(zip(reading.lines, repaired.edits, strict=True))
    )
    corrections = tuple(
        correction
        for place, line in enumerate(lines)
        for correction in to_corrections(place, line.original, repaired.edits[place])
    )
    cited = tuple(citations(repaired.citations, Lines(reading.lines, repaired.edits), archives, before))
    size = (reading.width, reading.height, reading.dpi, reading.rotation)
    return Page(number, lines, corrections, cited, *size, glyph_map=repaired.glyph_map)


def to_corrections(line: int, original: str, edits: Sequence[Edit]) -> Iterator[Correction]:
    """Yield the records of a line's edits."""
    for edit, (start, end) in zip(edits, shifted(edits), strict=True):
        was = original[edit.start : edit.end]
        yield Correction(line, edit.start, edit.end, start, end, was, edit.text, edit.reason, edit.confidence)


def to_line(read: ReadLine, edits: Sequence[Edit], doubts: Sequence[Doubt], name: str) -> Line:
    """Return a repaired line with its tokens."""
    text = apply(read.text, edits)
    places = shifted(edits)
    words = list(zip((match.span() for match in TOKEN.finditer(read.text)), read.words, strict=False))
    by_start = {start: word for (start, _), word in words}
    doubted = {doubt.start: doubt for doubt in doubts}
    tokens = []
    for count, match in enumerate(TOKEN.finditer(text), start=1):
        edit, start = origin(match.start(), edits, places)
        word = by_start.get(start)
        doubt = None if edit else doubted.get(match.start())
        tokens.append(
            Token(
                f"{name}t{count}",
                match.group(),
                read.text[edit.start : edit.end] if edit else match.group(),
                language_of(match.group()),
                status_of(edit, doubt),
                box_of((was(match.start(), edits, places), was(match.end(), edits, places)), words),
                word.confidence if word else None,
                edit.candidates if edit else doubt.candidates if doubt else (),
            )
        )
    return Line(text, read.text, tuple(tokens), read.box, read.role, read.paragraph, read.continues, read.ending)


def origin(place: int, edits: Sequence[Edit], places: Sequence[tuple[int, int]]) -> tuple[Edit | None, int]:
    """Return the edit that made a place of the new line, if one did, and where in the old line that was.

    `places` is where the text of each edit stands in the new line.
    """
    last = bisect_right(places, place, key=lambda one: one[0]) - 1
    if last < 0:
        return None, place
    start, end = places[last]
    if place < max(end, start + 1):
        return edits[last], edits[last].start
    return None, edits[last].end + place - end


def status_of(edit: Edit | None, doubt: Doubt | None) -> Status:
    """Return the status of a token."""
    if edit:
        return "repaired" if edit.confidence >= DOUBT else "doubtful-repaired"
    return "doubtful-kept" if doubt else "kept"


def language_of(token: str) -> str:
    """Return the language (BCP 47) of a token by its letters: "uk", "ru", "en", or "und" where it has none."""
    if has_own_letter(token):
        return "uk"
    if CYRILLIC_LETTER.search(token):
        return "ru"
    return "en" if LETTER.search(token) else "und"
