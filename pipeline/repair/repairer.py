"""Repairs lines: decodes them, lets the document teach, decodes again, until nothing changes any more."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import regex

from pipeline.repair.adapt import adapted
from pipeline.repair.channel import GlyphMap
from pipeline.repair.citation import Finder, Found, Grammar
from pipeline.repair.edits import Edit, apply, compose
from pipeline.repair.latin import Keeper, Latin
from pipeline.repair.letters import CYRILLIC_LETTER, LETTER
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.names import Names
from pipeline.repair.search import Searcher
from pipeline.repair.sentence import Decoder, Verdict
from pipeline.repair.units import Unit, cut_units

ROUNDS: Final = 3
LATIN_HALF: Final = "tesseract-eng"
# With fewer sure words a document has nothing to teach.
LESSON: Final = 15
SURE: Final = 0.9
# A model that wrote this share of its letters in Cyrillic can read Cyrillic.
CYRILLIC_SHARE: Final = 0.02
NAME: Final = regex.compile(r"\p{Lu}[\p{L}-]{3,}")
# Doubt: a choice less likely than this is shown with its candidates.
DOUBT: Final = 0.7

Edits = tuple[tuple[Edit, ...], ...]


class Doubt(NamedTuple):
    """A stretch of a line that stayed as it was though it may be broken, and what it may have been."""

    line: int
    start: int
    end: int
    candidates: tuple[tuple[str, float], ...]


class CitedPart(NamedTuple):
    """A part of a citation: its role, its text now, and where its token stood in the lines as they were given."""

    role: str
    text: str
    line: int
    start: int
    end: int
    uncertain: bool


@dataclass(frozen=True)
class Citing:
    """A run of archival citations as the grammar decoded it."""

    parts: tuple[CitedPart, ...]
    margin: float
    known_archive: bool


@dataclass(frozen=True)
class Repaired:
    """What became of the lines: edits of each, the doubts and citations found, and the glyph map that was used."""

    edits: Edits
    doubts: tuple[Doubt, ...]
    citations: tuple[Citing, ...]
    glyph_map: str


class Round(NamedTuple):
    """One pass over the lines."""

    units: list[Unit]
    verdicts: list[Verdict]
    citations: list[Found]


class Repairer:
    """Repairs lines with the models given. Not shared between threads.

    `maps` are glyph maps by the name of their OCR model; the terms and archives are those of `lexicons/`.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        latin: Latin,
        maps: Mapping[str, GlyphMap],
        terms: Sequence[tuple[str, str, float]],
        archives: Sequence[str],
        words: Sequence[str] = (),
    ) -> None:
        self.searcher = Searcher(lexicon)
        self.keeper = Keeper(latin)
        self.maps = maps
        self.terms = terms
        self.archives = archives
        self.words = tuple(words)
        self.decoders: dict[str, Decoder] = {}

    def decoder(self, glyph_map: GlyphMap, names: Sequence[str]) -> Decoder:
        """Return a decoder for a glyph map and the names of a document."""
        options = glyph_map.options
        latin = self.maps[LATIN_HALF].options if glyph_map.is_faithful else options
        finder = Finder(
            Grammar(self.terms, self.archives, options, latin),
            lambda text: self.searcher.abbreviation(text, latin),
            self.keeper.token_cost,
        )
        return Decoder(self.searcher, self.keeper, glyph_map, finder, Names(names, options) if names else None)

    def shared_decoder(self, name: str) -> Decoder:
        """Return the decoder of a map as it was learned; it remembers what it decoded."""
        if name not in self.decoders:
            self.decoders[name] = self.decoder(self.maps[name], self.words)
        return self.decoders[name]

    def repair(self, lines: Sequence[str], glyph_map: str = "", certainty: float = 0.0) -> Repaired:
        """Repair lines that one OCR model read ("": told from the lines which).

        What is less sure than `certainty` stays as it is. The lines of the result are `lines` with the edits applied.
        """
        edits: list[tuple[Edit, ...]] = [() for _ in lines]
        citations: tuple[Citing, ...] = ()
        now, used = list(lines), glyph_map or told_map(lines)
        for turn in range(ROUNDS):
            name = glyph_map or told_map(now)
            done = self.round(now, self.maps[name])
            step = edits_of(done, len(lines), certainty)
            if turn == 0:
                citations = tuple(citing(found, done.units) for found in done.citations)
            if turn == ROUNDS - 1:
                break
            edits = [tuple(compose(line, one, two)) for line, one, two in zip(lines, edits, step, strict=True)]
            if not any(step):
                break
            now = [apply(line, made) for line, made in zip(lines, edits, strict=True)]
        return Repaired(tuple(edits), tuple(doubts(done)), citations, used)

    def round(self, lines: Sequence[str], glyph_map: GlyphMap) -> Round:
        """Decode the lines; where there is enough to learn from, learn from it and decode them again."""
        units = cut_units(lines)
        verdicts, citations = self.shared_decoder(glyph_map.name).decode(units)
        sure = [verdict.best for verdict in verdicts if verdict.best.reason == "lexicon" and verdict.posterior > SURE]
        names = [*self.words, *known_names(units, verdicts)]
        if len(sure) >= LESSON or len(names) > len(self.words):
            own = (
                adapted(glyph_map, [(word.text, word.places, word.reading) for word in sure])
                if len(sure) >= LESSON
                else glyph_map
            )
            verdicts, citations = self.decoder(own, names).decode(units)
        return Round(units, verdicts, citations)


def told_map(lines: Sequence[str]) -> str:
    """Return the name of the map for lines of unknown origin, by whether their reader could write Cyrillic."""
    text = "".join(lines)
    letters = len(LETTER.findall(text))
    return "tesseract-rus+eng" if len(CYRILLIC_LETTER.findall(text)) > CYRILLIC_SHARE * letters else "tesseract-eng"


def known_names(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[str]:
    """Return the capitalised words that were decoded with certainty: cited archives, and what came more than once."""
    seen: Counter[str] = Counter()
    for unit, verdict in zip(units, verdicts, strict=True):
        if not unit.initial and verdict.best.reason in ("lexicon", "citation") and verdict.posterior > SURE:
            weight = 2 if verdict.best.reason == "citation" else 1
            seen.update(word for word in NAME.findall(verdict.best.text) * weight if CYRILLIC_LETTER.match(word))
    return sorted(word for word, count in seen.items() if count > 1)


def edits_of(done: Round, count: int, certainty: float) -> list[tuple[Edit, ...]]:
    """Return the edits of each line that a round makes."""
    edits: list[list[Edit]] = [[] for _ in range(count)]
    for unit, verdict in zip(done.units, done.verdicts, strict=True):
        if verdict.best.reason != "kept" and verdict.posterior >= certainty:
            for line, edit in unit_edits(unit, verdict):
                edits[line].append(edit)
    return [tuple(made) for made in edits]


def unit_edits(unit: Unit, verdict: Verdict) -> Iterator[tuple[int, Edit]]:
    """Yield (line, edit) for the pieces of a unit; a word broken at a line end stays broken at the same place."""
    best = verdict.best
    shown = verdict.others if verdict.posterior < DOUBT else ()
    texts = (best.text,) if not unit.cut else halves(best.text, best.places, unit.cut + (best.reading != unit.text))
    for piece, text in zip(unit.pieces, texts, strict=True):
        yield piece.line, Edit(piece.start, piece.end, text, best.reason, verdict.posterior, shown)


def halves(text: str, places: Sequence[int], cut: int) -> tuple[str, str]:
    """Return a text cut where the place `cut` of its reading is, with a hyphen at the end of the first half."""
    at = next((number for number, place in enumerate(places) if place >= cut), len(text))
    at = min(max(at, 1), len(text) - 1)
    first = text[:at]
    return (first if first.endswith("-") else first + "-"), text[at:]


def doubts(done: Round) -> Iterator[Doubt]:
    """Yield what stayed as it was though it may be broken."""
    for unit, verdict in zip(done.units, done.verdicts, strict=True):
        if verdict.best.reason == "kept" and verdict.others and verdict.posterior < DOUBT:
            for piece in unit.pieces:
                yield Doubt(piece.line, piece.start, piece.end, verdict.others)


def citing(found: Found, units: Sequence[Unit]) -> Citing:
    """Return a citation with the places of its parts."""
    parts = []
    for part in found.parts:
        piece = units[part.unit].pieces[0]
        parts.append(CitedPart(part.role, part.text, piece.line, piece.start, piece.end, part.uncertain))
    return Citing(tuple(parts), found.margin, found.known_archive)
