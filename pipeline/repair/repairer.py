"""Repairs lines: decodes them, lets the document teach, decodes again, until nothing changes any more."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final, NamedTuple

import regex

from pipeline.repair.adapt import adapted
from pipeline.repair.archives import Archives
from pipeline.repair.cells import Cells, Term
from pipeline.repair.channel import GlyphMap, Options
from pipeline.repair.citation import BIBLIOGRAPHY, Finder
from pipeline.repair.company import Company
from pipeline.repair.confidence import calibrated
from pipeline.repair.context import LanguageModel
from pipeline.repair.edits import Edit, apply, compose
from pipeline.repair.initials import with_initials, with_pages, with_symbols, with_unknowns, with_years
from pipeline.repair.latin import Keeper, Latin
from pipeline.repair.latinprint import LatinPrint
from pipeline.repair.letters import CYRILLIC_LETTER, HOMOGLYPHS, LETTER
from pipeline.repair.lexicon import NO_FORMS, Forms, Lexicon
from pipeline.repair.marks import Found
from pipeline.repair.names import Names
from pipeline.repair.naming import Channels, Naming, letter_costs
from pipeline.repair.person import Persons
from pipeline.repair.regnal import numeral_lines, with_regnal_numerals
from pipeline.repair.repaired import DOUBT, CitedPart, Citing, Doubt, Repaired
from pipeline.repair.romanised import Romanised
from pipeline.repair.screen import Span, merged, spans
from pipeline.repair.search import Searcher
from pipeline.repair.sentence import WORDS, Decoder, is_mixed
from pipeline.repair.units import SURELY, Unit, cut_units
from pipeline.repair.verdicts import Verdict
from pipeline.repair.wholeword import NO_WORDS, WordMap

ROUNDS: Final = 3
LATIN_HALF: Final = "tesseract-eng"
# With fewer sure words a document has nothing to teach.
LESSON: Final = 15
SURE: Final = 0.9
SETTLED: Final = 0.98
# A unit less likely Russian than this is Latin text.
HARDLY: Final = 0.01
# A model that wrote this share of its letters in Cyrillic can read Cyrillic.
CYRILLIC_SHARE: Final = 0.02
# Where no repair is as sure as this, and so many times more words stay, all may be chance. So it was in 8 files
# among 18 million words of programs and documentation, and in no passage of Russian.
CHANCE: Final = 0.95
MOSTLY: Final = 20
# So many characters alone are no sign of damage.
MEANT: Final = 2
NAME: Final = regex.compile(r"\p{Lu}[\p{L}-]{3,}")


class Round(NamedTuple):
    """One pass over the lines."""

    units: list[Unit]
    verdicts: list[Verdict]
    citations: list[Found]


class Repairer:
    """Repairs lines with the models given. Not shared between threads.

    `maps`, `word_maps` and `channels` (of names of archives) are by the name of their OCR model; the terms and archives
    are those of `lexicons/`.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        latin: Latin,
        model: LanguageModel,
        maps: Mapping[str, GlyphMap],
        word_maps: Mapping[str, WordMap],
        terms: Sequence[Term],
        archives: Archives,
        words: Sequence[str] = (),
        forms: Forms = NO_FORMS,
        latin_maps: Mapping[str, GlyphMap] | None = None,
        romanised: Romanised | None = None,
        channels: Mapping[str, Channels] | None = None,
        persons: Sequence[tuple[str, float]] = (),
        company: Company | None = None,
    ) -> None:
        self.searcher = Searcher(lexicon, model, forms)
        self.model = model
        self.keeper = Keeper(latin)
        self.maps = maps
        self.word_maps = word_maps
        self.terms = terms
        self.archives = archives
        self.words = tuple(words)
        self.latin_prints = {name: LatinPrint(one, self.keeper) for name, one in (latin_maps or {}).items()}
        self.romanised = romanised
        self.channels = channels or {}
        self.persons = Persons(persons)
        self.company = company
        self.decoders: dict[tuple[str, bool], Decoder] = {}

    def decoder(
        self, glyph_map: GlyphMap, options: Options, names: Sequence[str], finder: Finder, guesses: Sequence[str] = ()
    ) -> Decoder:
        """Return a decoder for a glyph map with these costs and the names of a document, known and guessed."""
        known = Names(names, options, guesses) if names or guesses else None
        words = self.word_maps.get(glyph_map.name, NO_WORDS)
        behind = self.latin_prints.get(glyph_map.name)
        return Decoder(
            self.searcher,
            self.keeper,
            self.model,
            options,
            glyph_map.is_faithful,
            words,
            finder,
            known,
            behind,
            self.company,
        )

    def finder(self, glyph_map: GlyphMap, known: bool) -> Finder:
        """Return what finds the citations in a reading with a glyph map; `known` says that its model has read it."""
        latin = self.maps[LATIN_HALF].options if glyph_map.is_faithful else glyph_map.options
        channels = self.channels.get(glyph_map.name, Channels(glyph_map.options, latin))
        if glyph_map.is_faithful and LATIN_HALF in self.channels:
            channels = channels._replace(english=self.channels[LATIN_HALF].latin)
        letters = letter_costs(self.archives)
        naming = Naming(
            self.archives,
            channels,
            lambda text: self.searcher.abbreviation(text, channels.of(text), letters),
            letters,
            known and glyph_map.is_faithful,
        )
        cells = Cells(self.terms, glyph_map.options, latin, naming.rereads, glyph_map.is_faithful and not known)
        return Finder(cells, naming, self.persons)

    def shared_decoder(self, name: str, known: bool = True) -> Decoder:
        """Return the decoder of a map as it was learned; it remembers what it decoded.

        `known` says that its model has read the text: then even what looks good may be misread.
        """
        if (name, known) not in self.decoders:
            glyph_map = self.maps[name]
            finder = self.finder(glyph_map, known)
            self.decoders[name, known] = self.decoder(glyph_map, glyph_map.options, self.words, finder)
        return self.decoders[name, known]

    def repair(self, lines: Sequence[str], glyph_map: str = "", certainty: float = 0.0) -> Repaired:
        """Repair lines that one OCR model read ("": told from the lines which).

        What is less sure than `certainty` stays as it is. The lines of the result are `lines` with the edits applied.
        """
        edits: list[tuple[Edit, ...]] = [() for _ in lines]
        citations: tuple[Citing, ...] = ()
        now, used = list(lines), glyph_map or told_map(lines)
        for turn in range(ROUNDS):
            name = glyph_map or told_map(now)
            done = self.round(now, self.maps[name], bool(glyph_map))
            step = edits_of(done, len(lines), certainty)
            if turn == 0:
                citations = tuple(citing(found, done.units) for found in done.citations)
            if turn == ROUNDS - 1:
                break
            if not any(step):
                break
            edits = [
                tuple(compose(line, one, two)) if two else one
                for line, one, two in zip(lines, edits, step, strict=True)
            ]
            now = [apply(line, made) for line, made in zip(lines, edits, strict=True)]
        if not glyph_map and is_chance(lines, edits):
            return Repaired(tuple(() for _ in lines), tuple(refused(lines, edits)), citations, used)
        if not glyph_map:
            edits = believed(lines, edits)
        return Repaired(tuple(edits), tuple(doubts(done, certainty)), citations, used)

    def round(self, lines: Sequence[str], glyph_map: GlyphMap, known: bool = True) -> Round:
        """Decode the lines; where there is enough to learn from, learn from it and decode the doubtful words again.

        `known` says that the model of the map has read them.
        """
        decoder = self.shared_decoder(glyph_map.name, known)
        rereads = known and glyph_map.is_faithful
        worth = spans(lines, decoder)
        if rereads:
            worth = merged([*worth, *numeral_lines(lines)])
        units = cut_units(lines, worth) if worth else []
        decoded = decoder.decode(units, {})
        verdicts = decoded.verdicts
        sure = {
            place: verdict.best
            for place, verdict in enumerate(verdicts)
            if verdict.best.reason == "lexicon" and verdict.best.text and verdict.posterior > SURE
        }
        names = [*self.words, *known_names(units, verdicts)]
        latin = latin_texts(lines, worth, units, verdicts)
        repaired = any(verdict.best.reason != "kept" for verdict in verdicts)
        guesses = self.romanised.names(latin) if self.romanised and repaired else []
        if len(sure) >= LESSON or len(names) > len(self.words) or guesses:
            lessons = [(word.text, word.places, word.reading) for word in sure.values()]
            options = adapted(glyph_map, lessons) if len(sure) >= LESSON else glyph_map.options
            settled = {place: slot for place, slot in enumerate(decoded.slots) if is_settled(verdicts[place])}
            taught = self.decoder(glyph_map, options, names, decoder.finder, guesses)
            taught.quiet, taught.loud = decoder.quiet, decoder.loud
            decoded = taught.decode(units, settled)
        verdicts = with_initials(units, decoded.verdicts)
        if rereads:
            verdicts = with_regnal_numerals(units, verdicts, self.model, self.searcher.lexicon)
            for mended in (with_years, with_symbols, with_unknowns, with_pages):
                verdicts = mended(units, verdicts)
        return Round(units, verdicts, decoded.citations)


def is_chance(lines: Sequence[str], edits: Sequence[Sequence[Edit]]) -> bool:
    """Return whether the few repairs of a long text, none of them sure, may be chance: so are names of a program."""
    made = [edit for own in edits for edit in own]
    sure = any(edit.confidence >= CHANCE or edit.reason == "citation" for edit in made)
    return bool(made) and not sure and sum(len(line.split()) for line in lines) > MOSTLY * len(made)


def refused(lines: Sequence[str], edits: Sequence[Sequence[Edit]]) -> Iterator[Doubt]:
    """Yield the doubts that are left of edits that were not made."""
    for number, (line, own) in enumerate(zip(lines, edits, strict=True)):
        for edit in own:
            candidates = ((edit.text, edit.confidence), (line[edit.start : edit.end], 1.0 - edit.confidence))
            yield Doubt(number, edit.start, edit.end, candidates)


def believed(lines: Sequence[str], edits: Sequence[tuple[Edit, ...]]) -> list[tuple[Edit, ...]]:
    """Return the edits of text of unknown origin that its visible damage bears out.

    Where nothing else is wrong all is left alone: look-alike letters are not OCR's doing, and a whole word of Cyrillic
    in English text may be meant. Where more good-looking Cyrillic words would become others than there is damage, those
    are rare names and the spelling of their time.
    """
    made = [(line[edit.start : edit.end], edit) for line, own in zip(lines, edits, strict=True) for edit in own]
    damaged = sum(is_visible(was, edit) and not is_respelled(was, edit) for was, edit in made)
    if not damaged:
        return [() for _ in lines]
    if sum(is_respelled(was, edit) for was, edit in made) <= damaged:
        return list(edits)
    return [
        tuple(edit for edit in own if not is_respelled(line[edit.start : edit.end], edit))
        for line, own in zip(lines, edits, strict=True)
    ]


def is_visible(was: str, edit: Edit) -> bool:
    """Return whether an edit repairs damage that a reader sees; one or two characters may well be meant (N, T4)."""
    if edit.reason != "citation" and sum(map(str.isalnum, was)) <= MEANT:
        return False
    return shape(was) != shape(edit.text) and (edit.reason != "latin" or any(map(is_mixed, WORDS.findall(was))))


def is_respelled(was: str, edit: Edit) -> bool:
    """Return whether an edit makes Cyrillic words of other Cyrillic words."""
    letters = [letter for letter in was + edit.text if letter.isalnum()]
    return bool(letters) and edit.reason != "citation" and all(map(CYRILLIC_LETTER.match, letters))


def shape(text: str) -> str:
    """Return a text as it looks, without its case."""
    return text.translate(HOMOGLYPHS).lower()


def is_settled(verdict: Verdict) -> bool:
    """Return whether a unit need not be read again: it is sure, or was never in question."""
    return verdict.posterior > SETTLED and (verdict.best.reason in ("lexicon", "person", "kept"))


def told_map(lines: Sequence[str]) -> str:
    """Return the name of the map for lines of unknown origin, by whether their reader could write Cyrillic."""
    cyrillic = sum(len(CYRILLIC_LETTER.findall(line)) for line in lines if not line.isascii())
    if not cyrillic:
        return "tesseract-eng"
    letters = sum(len(LETTER.findall(line)) for line in lines)
    return "tesseract-rus+eng" if cyrillic > CYRILLIC_SHARE * letters else "tesseract-eng"


def latin_texts(
    lines: Sequence[str], worth: Sequence[Span], units: Sequence[Unit], verdicts: Sequence[Verdict]
) -> Iterator[str]:
    """Yield what is surely Latin text: the lines that were not worth decoding, and units that are hardly Russian."""
    decoded = {number for span in worth for number in range(*span)}
    yield from (line for number, line in enumerate(lines) if number not in decoded)
    yield from (unit.text for unit, verdict in zip(units, verdicts, strict=True) if verdict.russian < HARDLY)


def known_names(units: Sequence[Unit], verdicts: Sequence[Verdict]) -> list[str]:
    """Return the capitalised words that were decoded with certainty: cited archives, and what came more than once."""
    seen: Counter[str] = Counter()
    for unit, verdict in zip(units, verdicts, strict=True):
        if unit.initial != SURELY and verdict.best.reason in ("lexicon", "citation", "person") and is_sure(verdict):
            weight = 2 if verdict.best.reason == "citation" else 1
            seen.update(word for word in NAME.findall(verdict.best.text) * weight if CYRILLIC_LETTER.match(word))
    return sorted(word for word, count in seen.items() if count > 1)


def is_sure(verdict: Verdict) -> bool:
    """Return whether a verdict may teach a name; a person must be sure beyond doubt: its name may be no candidate."""
    return (confidence(verdict) if verdict.best.reason == "person" else verdict.posterior) > SURE


def confidence(verdict: Verdict) -> float:
    """Return how likely a verdict is right."""
    return calibrated(verdict.posterior, verdict.best.reason)


def edits_of(done: Round, count: int, certainty: float) -> list[tuple[Edit, ...]]:
    """Return the edits of each line that a round makes."""
    edits: list[list[Edit]] = [[] for _ in range(count)]
    for unit, verdict in zip(done.units, done.verdicts, strict=True):
        if verdict.best.reason != "kept" and confidence(verdict) >= certainty:
            for line, edit in unit_edits(unit, verdict):
                edits[line].append(edit if edit.text else with_space(edit, edits[line]))
    return [tuple(made) for made in edits]


def with_space(edit: Edit, before: Sequence[Edit]) -> Edit:
    """Return an edit that takes a token away, with the space before it: the token before has what it said."""
    return replace(edit, start=before[-1].end) if before else edit


def unit_edits(unit: Unit, verdict: Verdict) -> Iterator[tuple[int, Edit]]:
    """Yield (line, edit) for the pieces of a unit; a word broken at a line end stays broken at the same place."""
    best = verdict.best
    sure = confidence(verdict)
    shown = verdict.others if sure < DOUBT else ()
    texts = (best.text,) if not unit.cut else halves(best.text, best.places, unit.cut + (best.reading != unit.text))
    for piece, text in zip(unit.pieces, texts, strict=True):
        yield piece.line, Edit(piece.start, piece.end, text, best.reason, sure, shown)


def halves(text: str, places: Sequence[int], cut: int) -> tuple[str, str]:
    """Return a text cut where the place `cut` of its reading is, with a hyphen at the end of the first half."""
    at = next((number for number, place in enumerate(places) if place >= cut), len(text))
    at = min(max(at, 1), len(text) - 1)
    first = text[:at]
    return (first if first.endswith("-") else first + "-"), text[at:]


def doubts(done: Round, certainty: float) -> Iterator[Doubt]:
    """Yield what stayed as it was though it may be broken: nothing was likely enough, or not as sure as was asked."""
    for unit, verdict in zip(done.units, done.verdicts, strict=True):
        asked = DOUBT if verdict.best.reason == "kept" else certainty
        if verdict.others and confidence(verdict) < asked:
            for piece in unit.pieces:
                yield Doubt(piece.line, piece.start, piece.end, verdict.others)


def citing(found: Found, units: Sequence[Unit]) -> Citing:
    """Return a citation with the places of its parts; books beside it are no part of it.

    A token that is a part of the one before, torn off it, is not told apart from it.
    """
    parts: list[CitedPart] = []
    for part in found.parts:
        pieces = units[part.unit].pieces
        if parts and not part.text:
            parts[-1] = parts[-1]._replace(pieces=parts[-1].pieces + pieces)
        elif part.role not in BIBLIOGRAPHY:
            parts.append(CitedPart(part.role, part.text, pieces, part.uncertain, part.other, part.sure))
    return Citing(tuple(parts), found.margin)
