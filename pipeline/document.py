"""The recipe: from a source to a repaired document. It alone knows the order of the stages."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Final

import regex

from pipeline import data
from pipeline.cite import Lines, citations, romanised, spared
from pipeline.errors import BadData, PravkaError
from pipeline.layers import Layer, PdfText, corrected, open_layer, pdf_text, read_layer
from pipeline.layout import across, for_repair, linked, plain
from pipeline.model import Citation, Correction, Document, Line, Page, PlacedWord, Reading, ReadLine, Status, Token
from pipeline.options import MODELS as MODELS
from pipeline.options import Options
from pipeline.repair.archives import Archives, archives_of
from pipeline.repair.channel import GlyphMap, read_glyph_map
from pipeline.repair.context import LanguageModel
from pipeline.repair.edits import Edit, apply, shifted
from pipeline.repair.hyphens import Hyphens
from pipeline.repair.latin import Latin
from pipeline.repair.letters import CYRILLIC_LETTER, LETTER
from pipeline.repair.lexicon import Forms, Lexicon
from pipeline.repair.repairer import DOUBT, CitedPart, Citing, Doubt, Repaired, Repairer
from pipeline.repair.romanised import Romanised
from pipeline.repair.second import Again, SecondLook, Stretch
from pipeline.repair.ukrainian import has_own_letter
from pipeline.repair.wholeword import read_word_map
from pipeline.source import (
    LAYERS,
    SNIFFED,
    Grey,
    Source,
    Text,
    open_text,
    page,
    page_count,
    read_text,
    root_kind,
    sha256_of,
    split_lines,
)
from pipeline.tables import read_table, read_words
from pipeline.write import encoded, step_pictures, text_of

if TYPE_CHECKING:
    from pipeline.scan import CleanPage, Watch

TOKEN: Final = regex.compile(r"\S+")
LANGUAGE: Final = attrgetter("language")
# A page stands the wrong way if less than this share of its letters, which are so many, is of words of this confidence:
# it is 0.15 to 0.25 of pages upside down, 0.8 to 1 of noisy and of clean ones.
HOPELESS: Final = 0.5
FEW_LETTERS: Final = 20
SURE: Final = 0.6
# A word, with the hyphens in it, that no line end breaks.
WORD: Final = regex.compile(r"(?<![\p{L}\p{M}-])[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*(?![\p{L}\p{M}-])")


def read_map(model: str, language: str) -> GlyphMap:
    """Read a shipped glyph map, under the name of its model."""
    read = read_glyph_map(data.data_file("glyphmaps", model, f"{language}.tsv"))
    return GlyphMap(model, read.confusions, read.facts)


class Corrector:
    """Repairs text and pages in one language; made by `load`. Not shared between threads.

    >>> from pipeline import Corrector
    >>> Corrector.load("rus").fix("He BepHYJIM ropofckoMy KoMMTeTY.").text  # doctest: +SKIP
    'Не вернули городскому комитету.'
    """

    def __init__(self, repairer: Repairer, options: Options) -> None:
        self.repairer = repairer
        self.options = options
        self.archives = repairer.archives
        searcher = repairer.searcher
        self.hyphens = Hyphens(searcher.lexicon, searcher.forms, repairer.keeper.latin)

    @classmethod
    def load(cls, language: str = "rus", options: Options | None = None) -> "Corrector":
        """Open the models of a language. Raises BadData if there are none, or one of them is broken."""
        options = options or Options(lang=language)
        if language != "rus":
            raise BadData(f"There are no models for {language}", "Use --lang rus")
        terms = read_table(data.data_file("lexicons", "citation_terms.tsv"), ("role", "form", "cost"))
        own = [Path(options.archives)] if options.archives else []
        archives = archives_of([data.data_file("lexicons", "archives.tsv"), *own])
        pieces = read_table(data.data_file("lexicons", "romanised-names.tsv"), ("latin", "cyrillic", "place", "cost"))
        lexicon, model = Lexicon.of(data.arrays(language)), LanguageModel.of(data.arrays(f"{language}-context"))
        if model.lifts.words != len(lexicon.cost):
            raise BadData("The language model is not of this lexicon", "Make it again: `pravka learn language-model`")
        latin = Latin.of(data.arrays("latin"))
        repairer = Repairer(
            lexicon,
            latin,
            model,
            {model: read_map(model, language) for model in MODELS},
            {"tesseract-eng": read_word_map(data.data_file("glyphmaps", "tesseract-eng", f"{language}-words.tsv"))},
            [(row["role"], row["form"], float(row["cost"])) for row in terms],
            archives,
            read_words(Path(options.lexicon)) if options.lexicon else (),
            Forms.of(data.arrays(f"{language}-forms")),
            {"tesseract-rus+eng": read_map("tesseract-rus+eng", "eng")},
            Romanised(pieces, latin, lexicon),
        )
        return cls(repairer, options)

    def fix(self, text: str) -> "Fixed":
        """Repair a text. It keeps its lines, spaces and whatever was not repaired."""
        lines, ends = split_lines(text)
        return self.fix_lines(lines, ends)

    def fix_lines(self, lines: Sequence[str], ends: Sequence[str] = ()) -> "Fixed":
        """Repair lines of text of unknown origin; `ends` are their line ends, if they have any."""
        reading = Reading(plain(lines))
        return Fixed(reading, self.repaired(reading), ends or ["\n"] * (len(lines) - 1) + [""], self)

    def repair(self, reading: Reading, number: int = 1, before: Citation | None = None) -> Page:
        """Repair one page as it was read; `before` is the last citation of the page before."""
        return to_page(reading, self.repaired(reading), number, self.archives, before)

    def repair_together(self, readings: Sequence[Reading]) -> tuple[Page, ...]:
        """Repair the pages of a document together: what is sure on one teaches the others."""
        between = ReadLine("")
        whole = Reading(tuple(line for one in readings for line in (*one.lines, between)), common_map(readings))
        repaired = self.repaired(whole)
        pages: list[Page] = []
        start = 0
        for number, reading in enumerate(readings, start=1):
            before = next((page.citations[-1] for page in reversed(pages) if page.citations), None)
            own = part_of(repaired, start, start + len(reading.lines))
            pages.append(to_page(reading, own, number, self.archives, before))
            start += len(reading.lines) + 1
        return self.linked(pages)

    def read(self, image: Grey, watch: "Watch | None" = None) -> Reading:
        """Read a page (height x width), twice where it is doubtful; the two pages of a spread after each other."""
        return read_image(image, f"{self.options.lang}+eng", self.options.page_timeout, self.second_look, watch)

    @cached_property
    def second_look(self) -> SecondLook:
        """What tells which words of a page to read again."""
        return SecondLook(self.repairer.shared_decoder(f"tesseract-{self.options.lang}+eng"))

    def repaired(self, reading: Reading) -> Repaired:
        """Return what the lines of a reading became."""
        order = for_repair(reading.lines)
        lines = ["" if place is None else reading.lines[place].text for place in order]
        made = self.repairer.repair(lines, reading.glyph_map or self.options.chosen_map, self.options.min_confidence)
        return in_place(spared(made, romanised(lines, self.archives)), order, len(reading.lines))

    def linked(self, pages: Sequence[Page]) -> tuple[Page, ...]:
        """Return the pages of a document with the hyphens at line ends told apart."""
        seen = {word.lower() for page in pages for line in page.lines for word in WORD.findall(line.text)}
        return linked(pages, lambda line, below: self.hyphens.ending(line, below, seen))


class Fixed:
    """A repaired text: `text`, `lines`, `corrections`, `citations`, and all of it as a `page`."""

    def __init__(self, reading: Reading, repaired: Repaired, ends: Sequence[str], corrector: Corrector) -> None:
        self.reading = reading
        self.repaired = repaired
        self.ends = ends
        self.corrector = corrector

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The lines, repaired."""
        return tuple(
            apply(line.text, edits) if edits else line.text
            for line, edits in zip(self.reading.lines, self.repaired.edits, strict=True)
        )

    @cached_property
    def text(self) -> str:
        """The text, repaired."""
        return "".join(line + end for line, end in zip(self.lines, self.ends, strict=False))

    @cached_property
    def page(self) -> Page:
        """The record of all lines, tokens, corrections and citations."""
        return self.corrector.linked([to_page(self.reading, self.repaired, 1, self.corrector.archives)])[0]

    @cached_property
    def corrections(self) -> tuple[Correction, ...]:
        """The corrections, in order."""
        return self.page.corrections

    @cached_property
    def citations(self) -> tuple[Citation, ...]:
        """The archival citations, one a delo."""
        return self.page.citations


def in_place(repaired: Repaired, order: Sequence[int | None], count: int) -> Repaired:
    """Return what became of lines as it is of them in their own order: the line at n of `order` is the one at order[n].

    Lines that only parted others (None) had nothing to repair.
    """
    if list(order) == list(range(count)):
        return repaired
    edits: list[tuple[Edit, ...]] = [() for _ in range(count)]
    for place, made in zip(order, repaired.edits, strict=True):
        if place is not None:
            edits[place] = made
    moved = {number: place for number, place in enumerate(order) if place is not None}
    doubts = sorted((doubt._replace(line=moved[doubt.line]) for doubt in repaired.doubts), key=lambda one: one.line)
    return replace(
        repaired,
        edits=tuple(edits),
        doubts=tuple(doubts),
        citations=tuple(replace(one, parts=tuple(map(moved_by(moved), one.parts))) for one in repaired.citations),
    )


def moved_by(moved: Mapping[int, int]) -> Callable[[CitedPart], CitedPart]:
    """Return what puts the pieces of a part of a citation into other lines."""
    return lambda part: part._replace(pieces=tuple(replace(piece, line=moved[piece.line]) for piece in part.pieces))


def common_map(readings: Sequence[Reading]) -> str:
    """Return the glyph map that all readings of a document have, "" if they differ."""
    names = {reading.glyph_map for reading in readings}
    return names.pop() if len(names) == 1 else ""


def part_of(repaired: Repaired, start: int, end: int) -> Repaired:
    """Return what became of the lines from `start` to `end`; a citation that goes on behind them is cut there."""
    doubts = tuple(one._replace(line=one.line - start) for one in repaired.doubts if start <= one.line < end)
    citations = (part_of_citation(one, start, end) for one in repaired.citations)
    runs = tuple(one for one in citations if one.parts)
    return Repaired(repaired.edits[start:end], doubts, runs, repaired.glyph_map)


def part_of_citation(citing: Citing, start: int, end: int) -> Citing:
    """Return the parts of a citation that stand in the lines from `start` to `end`."""
    parts = [part for part in citing.parts if all(start <= piece.line < end for piece in part.pieces)]
    moved = [
        part._replace(pieces=tuple(replace(piece, line=piece.line - start) for piece in part.pieces)) for part in parts
    ]
    return replace(citing, parts=tuple(moved))


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
    words = dict(zip((match.start() for match in TOKEN.finditer(read.text)), read.words, strict=False))
    doubted = {doubt.start: doubt for doubt in doubts}
    tokens = []
    for count, match in enumerate(TOKEN.finditer(text), start=1):
        edit, start = origin(match.start(), edits, places)
        word = words.get(start)
        doubt = None if edit else doubted.get(match.start())
        tokens.append(
            Token(
                f"{name}t{count}",
                match.group(),
                read.text[edit.start : edit.end] if edit else match.group(),
                language_of(match.group()),
                status_of(edit, doubt),
                word.box if word else None,
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


def read_image(
    image: Grey,
    languages: str,
    timeout: float = 300.0,
    look: SecondLook | None = None,
    watch: "Watch | None" = None,
) -> Reading:
    """Clean a page (height x width) and read it, with `look` a second time where that helps.

    The two pages of a spread come after each other. Each run of Tesseract may take `timeout` seconds. `watch` is shown
    the picture after each step of the cleaning.
    """
    from pipeline.layout import joined, laid_out
    from pipeline.scan import clean, unwatched

    cleaned = clean(image, watch or unwatched)
    parts, words = zip(*(read_upright(part, languages, timeout) for part in cleaned), strict=True)
    parted = [laid_out(part) for part in words]
    if look:
        parted = [read_doubtful(part, own, look, timeout) for part, own in zip(parts, parted, strict=True)]
    lines = joined(parted)
    height, width = image.shape
    return Reading(lines, f"tesseract-{languages}", width, height, rotation=parts[0].rotation)


def read_upright(page: "CleanPage", languages: str, timeout: float) -> tuple["CleanPage", tuple[PlacedWord, ...]]:
    """Read a clean page; one of which hardly a letter is sure is read turned, as far as that is surer.

    Returns the page as it was read, and its words.
    """
    from pipeline.read import quarter_turns, read_words
    from pipeline.scan import turned

    words = read_words(page, languages, timeout)
    if not is_hopeless(words):
        return page, words
    turns = quarter_turns(page, timeout)
    others = [turned(page, other) for other in ((2, 1, 3) if turns is None else (turns,)) if other]
    readings = [(page, words), *((other, read_words(other, languages, timeout)) for other in others)]
    return max(readings, key=lambda reading: sure_letters(reading[1]))


def is_hopeless(words: Sequence[PlacedWord]) -> bool:
    """Tell whether hardly a letter of a page is sure, though it has enough of them to tell."""
    count = sum(letters_in(word) for word in words)
    return count >= FEW_LETTERS and sure_letters(words) < HOPELESS * count


def sure_letters(words: Sequence[PlacedWord]) -> int:
    """Count the letters of words that the reader was sure of."""
    return sum(letters_in(word) for word in words if (word.word.confidence or 0.0) > SURE)


def letters_in(word: PlacedWord) -> int:
    """Count the letters of a word."""
    return sum(map(str.isalpha, word.word.text))


def read_doubtful(
    part: "CleanPage", lines: tuple[ReadLine, ...], look: SecondLook, timeout: float
) -> tuple[ReadLine, ...]:
    """Return the lines of a clean page, what is doubtful in them read again in its language alone."""
    from pipeline.read import installed_languages, read_again

    def again(stretches: Sequence[Stretch], language: str) -> list[Again]:
        places = [one.place(lines[one.line]) for one in stretches]
        return list(map(Again, stretches, read_again(part, places, language, timeout)))

    doubted = {language: list(own) for language, own in groupby(look.doubted([line.text for line in lines]), LANGUAGE)}
    second = again(doubted.get("rus", []), "rus")
    third = again([*doubted.get("eng", []), *look.disputed(lines, second)], "eng")
    other = again(doubted.get("ukr", []), "ukr") if "ukr" in installed_languages() else []
    readings: dict[int, list[Again]] = defaultdict(list)
    for one in second + third + other:
        readings[one.stretch.line].append(one)
    return tuple(look.believed(line, readings[number]) for number, line in enumerate(lines))


def repair_bytes(corrector: Corrector, content: bytes, name: str) -> tuple[Document, bytes]:
    """Repair a text, or a text layer (hOCR, ALTO; of PAGE XML its text), and return its record and its bytes.

    Raises UnreadableInput.
    """
    kind = root_kind(content[:SNIFFED])
    given: Text | Layer
    if kind is None:
        given = read_text(content, name)
        pages: Sequence[Page] = [corrector.fix_lines(given.lines).page]
    else:
        given = read_layer(content, kind, name)
        pages = corrector.repair_together(given.readings(corrector.options.chosen_map))
    document = Document(name, sha256(content).hexdigest(), tuple(pages), versions())
    return document, given_back(document, given)


def given_back(document: Document, given: Text | Layer) -> bytes:
    """Return the bytes of a text or text layer with its repaired words; of layers that are only read, the text."""
    if isinstance(given, Text):
        return given.with_lines(line.text for line in document.pages[0].lines).to_bytes()
    return corrected(given, document.pages, document.versions) or encoded(text_of(document))


def repair_page(corrector: Corrector, source: Source, number: int) -> Page:
    """Read and repair one page by itself; a page that fails has no lines but an error."""
    return repair_pages(corrector, [read_or_fail(corrector, source, number)])[0]


def read_page(corrector: Corrector, source: Source, number: int, watch: "Watch | None" = None) -> Reading:
    """Read one page of an image or PDF: its text where that is to be taken, else its picture."""
    options = corrector.options
    if source.kind == "pdf" and options.prefer != "image":
        found = pdf_text(source, number, options.limits)
        if found.reading.lines and (options.prefer == "text" or is_trusted(corrector, found)):
            return found.reading
    return corrector.read(page(source, number, options.limits).grey, watch)


def is_trusted(corrector: Corrector, found: PdfText) -> bool:
    """Tell whether the text of a PDF page is as good as its picture: whole, and of fonts that tell their letters.

    If what lies under a scan needs a repair, its reader saw less than the picture shows.
    """
    if not (found.is_whole and found.is_mapped):
        return False
    return not (found.is_layer and any(corrector.repaired(found.reading).edits))


def read_or_fail(corrector: Corrector, source: Source, number: int) -> Reading | PravkaError:
    """Clean and read one page; return why it could not be read, or the pictures of its cleaning not written, if so."""
    options = corrector.options
    watch = step_pictures(Path(options.debug, source.stem), number) if options.debug else None
    try:
        return read_page(corrector, source, number, watch)
    except PravkaError as error:
        return error


def repair_pages(corrector: Corrector, readings: Sequence[Reading | PravkaError]) -> tuple[Page, ...]:
    """Repair the pages of a document, all read: what they have in common is found, and paragraphs go on over them.

    A page that could not be read has no lines but an error.
    """
    laid = across([None if isinstance(reading, PravkaError) else reading for reading in readings])
    pages: list[Page] = []
    for number, (reading, read) in enumerate(zip(laid, readings, strict=True), start=1):
        before = next((page.citations[-1] for page in reversed(pages) if page.citations), None)
        pages.append(corrector.repair(reading, number, before) if reading else Page(number, error=str(read)))
    return corrector.linked(pages)


def repair_source(
    corrector: Corrector, source: Source, done: Callable[[int, int], None] = lambda page, pages: None
) -> tuple[Document, Text | Layer | None]:
    """Repair a document; `done(page, pages)` is called after each page that was read.

    Texts and text layers are returned besides.

    Raises a PravkaError if the source cannot be opened, or its only page failed.
    """
    given: Text | Layer | None = None
    pages: Sequence[Page]
    if source.kind == "text":
        given = open_text(source)
        pages = [corrector.fix_lines(given.lines).page]
    elif source.kind in LAYERS:
        given = open_layer(source)
        pages = corrector.repair_together(given.readings(corrector.options.chosen_map))
    else:
        count = page_count(source, corrector.options.limits)
        readings = []
        for number in range(1, count + 1):
            readings.append(read_or_fail(corrector, source, number))
            if count == 1 and isinstance(readings[0], PravkaError):
                raise readings[0]
            done(number, count)
        pages = repair_pages(corrector, readings)
    return Document(str(source.relative), sha256_of(source.path), tuple(pages), versions()), given


def versions() -> dict[str, str]:
    """Return the versions of the program and of its data."""
    return {
        "pravka": data.program_version(),
        "lexicon": data.arrays("rus").sha256[:12],
        "language-model": data.arrays("rus-context").sha256[:12],
        "latin": data.arrays("latin").sha256[:12],
    }
