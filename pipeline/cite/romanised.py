"""Finds archival citations in Latin letters, such as `GARF, f. 1235, op. 1, d. 16, ll. 5-7ob`.

They are good text and stay as they are; only their parts are told. A citation starts at the marker of a fond with a
number. What stands before it may be the name of an archive; what follows must be the markers in their order, each with
its numbers, nothing else between. Every pattern matches a bounded stretch at one place, so the time is linear.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, takewhile
from typing import Final, NamedTuple

import regex

from pipeline.repair.archives import Archives
from pipeline.repair.repaired import CitedPart, Citing, Repaired
from pipeline.repair.units import Piece

SPACE: Final = r"[^\S\n]{0,4}+(?:\n[^\S\n]{0,8}+)?+"
DASH: Final = r"[–—-]"
END: Final = r"(?![\p{L}\p{N}])"
VERSO: Final = r"(?:[^\S\n]?(?:ob|zv)\b\.?)"
VOLUME: Final = rf"(?:,?{SPACE}(?:t|ch)\.{SPACE}\d{{1,3}}{END})"
ONE: Final = rf"\d{{1,6}}\p{{Ll}}?{END}"
LEAF: Final = rf"(?:\d{{1,5}}\p{{Ll}}?{END}{VERSO}?+|\d{{1,5}}{VERSO})"
LEAVES: Final = rf"{LEAF}(?:[^\S\n]?{DASH}{SPACE}{LEAF})?+"
# A further number of a list is no year, and a mark or a line's end follows: `l. 4, 12 May 1937` means one leaf.
NO_YEAR: Final = rf"(?!(?:1[6-9]|20)\d\d{END})"
MORE: Final = rf"(?={SPACE}(?:[.,;:)\]]|{DASH}|$|\Z))"
LAST: Final = rf"{SPACE}(?:and|i){SPACE}{NO_YEAR}{LEAVES}{MORE}"
NUMBERS: Final = {
    "fond": rf"(?:[A-Z]-|[RPNrpn]-?)?{ONE}",
    "opis": rf"{ONE}(?:[^\S\n]dop\.)?+{VOLUME}?+",
    "delo": rf"{ONE}(?:{DASH}{SPACE}{ONE})?+{VOLUME}?+",
    "leaf": rf"{LEAVES}(?:,{SPACE}{NO_YEAR}{LEAVES}(?:{MORE}|(?={LAST}))){{0,30}}+(?:{LAST})?+",
}
MARKERS: Final = {
    "fond": r"(?:[Ff]\.|[Ff]ond\b)",
    "opis": r"(?:[Oo]p\.|[Oo]pis\b['’ʹ]?)",
    "delo": r"(?:[Dd]{1,2}\.|[Dd]el[oa]\b|[Ee]d\.[^\S\n]?khr\.|[Ss]pr\.|[Kk]\.|[Kk]art\.|[Pp]apka\b)",
    "leaf": r"(?:[Ll]{1,2}\.|[Ll]ist(?:y|ov)?\b|[Aa]rk\.)",
}
PATTERNS: Final = {
    role: regex.compile(rf"({marker}){SPACE}({NUMBERS[role]})", regex.MULTILINE) for role, marker in MARKERS.items()
}
START: Final = regex.compile(rf"(?<![\p{{L}}\p{{N}}.-]){PATTERNS['fond'].pattern}", regex.MULTILINE)
ANY: Final = "|".join(pattern.pattern for pattern in PATTERNS.values())
# What refers to the citation before, if that is one of an archive.
AGAIN: Final = rf"(?<![\p{{L}}\p{{N}}])(?P<again>(?P<ibid>[Ii]bid\.?),?{SPACE})(?={ANY})"
START_OR_AGAIN: Final = regex.compile(rf"{AGAIN}|{START.pattern}", regex.MULTILINE)
# A list of dela: `d. 16, 18`.
ALSO: Final = regex.compile(rf",{SPACE}{NO_YEAR}({ONE}){MORE}", regex.MULTILINE)
# A range that a line end broke.
AFTER_DASH: Final = regex.compile(rf"(?<={DASH})\s+")
LONGEST_LIST: Final = 30
SEPARATOR: Final = regex.compile(rf"\)?[.,;:]?+{SPACE}")
# What may follow what: the parts of one file, then what another file or fond of the same citation begins with.
NEXT: Final = {
    "fond": ("opis", "delo"),
    "opis": ("delo",),
    "delo": ("leaf", "delo", "opis", "fond"),
    "leaf": ("delo", "opis", "fond"),
}
# The name of an archive: words with two capitals or more, at the end of what stands before the fond.
WORD: Final = r"\p{Lu}\p{L}{0,12}+(?:-\n[^\S\n]{0,8}+\p{L}{1,12}+)?+"
NAME: Final = regex.compile(rf"(?<![\p{{L}}\p{{N}}-])({WORD}(?:[^\S\n]{{1,2}}{WORD}){{0,3}})(?:\)?[.,:;]?){SPACE}\Z")
ACRONYM: Final = regex.compile(r"\p{L}*\p{Lu}\p{L}*\p{Lu}\p{L}*")
LONGEST_NAME: Final = 80  # characters
# What makes a citation where no archive is named; three markers where one is, two where it is a known one.
WHOLE: Final = frozenset(("fond", "opis", "delo"))
THREE, TWO = 3, 2


class Span(NamedTuple):
    """A part of a citation: its role, and where in the text it stands."""

    role: str
    start: int
    end: int


def romanised(lines: Sequence[str], archives: Archives) -> list[Citing]:
    """Return the romanised citations in lines of text, in order; their parts have the roles of the grammar."""
    text = "\n".join(lines)
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    found: list[Citing] = []
    done = 0
    while match := (START_OR_AGAIN if found else START).search(text, done):
        spans = again(text, match) or [
            *name_before(text, done, match.start(), archives),
            *following(text, match.start(), "fond"),
        ]
        done = max(match.end(), spans[-1].end)
        if is_citation(text, spans, archives):
            parts = tuple(to_part(text, span, starts) for span in spans)
            found.append(Citing(parts, 0.0, romanised=True))
    return found


def spared(repaired: Repaired, found: Sequence[Citing]) -> Repaired:
    """Return a repair that leaves romanised citations as they are, and has them among its own."""
    if not found:
        return repaired
    taken = Taken(sorted({piece for run in found for part in run.parts for piece in part.pieces}, key=place_of))
    edits = tuple(
        tuple(edit for edit in made if not taken.overlaps(Piece(line, edit.start, edit.end)))
        for line, made in enumerate(repaired.edits)
    )
    doubts = tuple(one for one in repaired.doubts if not taken.overlaps(Piece(one.line, one.start, one.end)))
    own = [run for run in repaired.citations if not any(map(taken.overlaps, pieces_of(run)))]
    runs = sorted([*own, *found], key=lambda run: place_of(run.parts[0].pieces[0]))
    return replace(repaired, edits=edits, doubts=doubts, citations=tuple(runs))


class Taken:
    """Stretches of lines that are spoken for: `pieces` in the order of the text, none over another."""

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = pieces
        self.places = [place_of(piece) for piece in pieces]

    def overlaps(self, piece: Piece) -> bool:
        """Return whether a stretch has something in common with any of them."""
        before = bisect_left(self.places, (piece.line, piece.end)) - 1
        return before >= 0 and self.pieces[before].line == piece.line and piece.start < self.pieces[before].end


def pieces_of(run: Citing) -> Iterator[Piece]:
    """Yield the pieces of a run."""
    for part in run.parts:
        yield from part.pieces


def place_of(piece: Piece) -> tuple[int, int]:
    """Return what pieces are ordered by: line, and start in it."""
    return piece.line, piece.start


def again(text: str, match: "regex.Match[str]") -> list[Span]:
    """Return the parts of a citation that begins with `Ibid.`, none if `match` is the marker of a fond."""
    if match.groupdict().get("again") is None:
        return []
    role = next(name for name in MARKERS if PATTERNS[name].match(text, match.end("again")))
    return [Span("again", *match.span("ibid")), *following(text, match.end("again"), role)]


def following(text: str, start: int, role: str) -> Iterator[Span]:
    """Yield the parts from a marker at `start` on, as far as they follow each other as they should."""
    place = start
    while match := PATTERNS[role].match(text, place):
        yield Span(role, match.start(1), match.end(1))
        yield Span(f"{role}-number", match.start(2), match.end(2))
        place = match.end()
        for _ in range(LONGEST_LIST if role == "delo" else 0):
            if not (also := ALSO.match(text, place)):
                break
            yield Span("delo-number", also.start(1), also.end(1))
            place = also.end()
        gap = SEPARATOR.match(text, place).end()
        coming = [name for name in NEXT[role] if PATTERNS[name].match(text, gap)]
        if not coming or gap == place:
            return
        role, place = coming[0], gap


def name_before(text: str, lowest: int, end: int, archives: Archives) -> list[Span]:
    """Return the name of an archive that stands right before `end`: a known one, else what looks like one."""
    start = max(lowest, end - LONGEST_NAME)
    match = NAME.search(text, start, end)
    if not match:
        return []
    last = match.end(1)
    words = [
        (word.start(), whole(word.group())) for word in regex.finditer(WORD, text, pos=match.start(1), endpos=last)
    ]
    known = [at for at, _ in words if archives.count(whole(text[at:last]))]
    like = [at for at, _ in takewhile(lambda word: ACRONYM.fullmatch(word[1]), reversed(words))]
    return [Span("archive", (known or like[-1:])[0], last)] if known or like else []


def whole(text: str) -> str:
    """Return a text without the hyphens and spaces of line ends."""
    return " ".join(regex.sub(r"-\n\s*", "", text).split())


def is_citation(text: str, spans: Sequence[Span], archives: Archives) -> bool:
    """Return whether the parts make a citation."""
    markers = {span.role for span in spans if span.role in MARKERS}
    if spans[0].role == "again":
        return markers != {"fond"}  # f. may be a folio
    if spans[0].role != "archive":
        return markers >= WHOLE
    return len(markers) >= (TWO if archives.count(whole(text[spans[0].start : spans[0].end])) else THREE)


def to_part(text: str, span: Span, starts: Sequence[int]) -> CitedPart:
    """Return a part with the pieces of the lines that it stands on; `starts` are where the lines begin in the text."""
    pieces = []
    first = bisect_right(starts, span.start) - 1
    for number, stretch in enumerate(text[span.start : span.end].split("\n"), start=first):
        at = max(span.start, starts[number]) - starts[number]
        at += len(stretch) - len(stretch.lstrip())
        pieces.append(Piece(number, at, at + len(stretch.strip())))
    said = text[span.start : span.end]
    said = whole(said) if span.role == "archive" else AFTER_DASH.sub("", said)
    return CitedPart(span.role, " ".join(said.split()), tuple(pieces), uncertain=False)
