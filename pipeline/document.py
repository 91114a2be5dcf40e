"""The recipe: from a source to a repaired document. It alone knows the order of the stages."""

from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Final

import regex

from pipeline import data
from pipeline.arrays import ArrayFile
from pipeline.cite import romanised, spared
from pipeline.errors import BadData, PravkaError
from pipeline.layers import Layer, PdfText, corrected, open_layer, pdf_text, read_layer
from pipeline.layout import across, for_repair, linked, plain
from pipeline.model import Citation, Correction, Document, Page, Reading, ReadLine
from pipeline.options import MODELS as MODELS
from pipeline.options import Options
from pipeline.record import to_page
from pipeline.repair.archives import archives_of
from pipeline.repair.channel import GlyphMap, read_glyph_map
from pipeline.repair.company import Company
from pipeline.repair.context import LanguageModel
from pipeline.repair.edits import apply
from pipeline.repair.hyphens import Hyphens
from pipeline.repair.latin import Latin
from pipeline.repair.lexicon import Forms, Lexicon
from pipeline.repair.naming import Channels
from pipeline.repair.rearranged import in_place, part_of
from pipeline.repair.repaired import Repaired
from pipeline.repair.repairer import Repairer
from pipeline.repair.romanised import Romanised
from pipeline.repair.second import SecondLook
from pipeline.repair.wholeword import read_word_map
from pipeline.source import (
    PAGED,
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
    from pipeline.scan import Watch

TOKEN: Final = regex.compile(r"\S+")
# A word, with the hyphens in it, that no line end breaks.
WORD: Final = regex.compile(r"(?<![\p{L}\p{M}-])[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*(?![\p{L}\p{M}-])")


def read_map(model: str, language: str) -> GlyphMap:
    """Read a shipped glyph map, under the name of its model."""
    read = read_glyph_map(data.data_file("glyphmaps", model, f"{language}.tsv"))
    return GlyphMap(model, read.confusions, read.facts)


def channels(model: str, cyrillic: str, latin: str) -> Channels:
    """Read how a model reads names of archives, in either script."""
    return Channels(read_map(model, cyrillic).options, read_map(model, latin).options)


def of_lexicon(name: str, lexicon: Lexicon, learned_by: str) -> ArrayFile:
    """Open a model that speaks of words by their numbers in a lexicon. Raises BadData if it is of another one."""
    file = data.arrays(name)
    if file.header["words"] != len(lexicon.cost):
        raise BadData(f"{file.path.name} is not of this lexicon", f"Make it again: `pravka learn {learned_by}`")
    return file


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
        persons = read_table(data.data_file("lexicons", "persons.tsv"), ("surname", "cost"))
        pieces = read_table(data.data_file("lexicons", "romanised-names.tsv"), ("latin", "cyrillic", "place", "cost"))
        lexicon = Lexicon.of(data.arrays(language))
        model = LanguageModel.of(of_lexicon(f"{language}-context", lexicon, "language-model"))
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
            {
                "tesseract-eng": channels("tesseract-eng", "archives", "archives"),
                "tesseract-rus+eng": channels("tesseract-rus+eng", "archives", "archives-latin"),
            },
            [(row["surname"], float(row["cost"])) for row in persons],
            Company.of(of_lexicon(f"{language}-company", lexicon, "company"), model, lexicon),
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
        from pipeline.reading import read_image
        from pipeline.scan import unwatched

        look = None if self.options.read_once else self.second_look
        watch = watch or unwatched
        return read_image(image, f"{self.options.lang}+eng", self.options.page_timeout, look, watch)

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


def common_map(readings: Sequence[Reading]) -> str:
    """Return the glyph map that all readings of a document have, "" if they differ."""
    names = {reading.glyph_map for reading in readings}
    return names.pop() if len(names) == 1 else ""


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
        given = read_layer(content, kind, name, corrector.options.limits)
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

    A page that could not be read has no lines but an error. Raises that of the first where none could be read.
    """
    if readings and isinstance(readings[0], PravkaError) and all(isinstance(one, PravkaError) for one in readings):
        raise readings[0]
    laid = across([None if isinstance(reading, PravkaError) else reading for reading in readings])
    pages: list[Page] = []
    for number, (reading, read) in enumerate(zip(laid, readings, strict=True), start=1):
        before = next((page.citations[-1] for page in reversed(pages) if page.citations), None)
        pages.append(corrector.repair(reading, number, before) if reading else Page(number, error=str(read)))
    return corrector.linked(pages)


def repair_given(corrector: Corrector, source: Source) -> tuple[tuple[Page, ...], Text | Layer]:
    """Repair a text or a text layer; return its pages, and itself. Raises UnreadableInput if it cannot be opened."""
    if source.kind == "text":
        text = open_text(source, corrector.options.limits)
        return (corrector.fix_lines(text.lines).page,), text
    layer = open_layer(source, corrector.options.limits)
    return corrector.repair_together(layer.readings(corrector.options.chosen_map)), layer


def repair_source(corrector: Corrector, source: Source) -> tuple[Document, Text | Layer | None]:
    """Repair a document, page by page where it is one of pages; texts and text layers are returned besides.

    Raises a PravkaError if the source cannot be opened, or all of its pages failed.
    """
    if source.kind not in PAGED:
        pages, given = repair_given(corrector, source)
        return document_of(source, pages, sha256_of(source.path)), given
    count = page_count(source, corrector.options.limits)
    readings = [read_or_fail(corrector, source, number) for number in range(1, count + 1)]
    return document_of(source, repair_pages(corrector, readings), sha256_of(source.path)), None


def document_of(source: Source, pages: Sequence[Page], sha256: str) -> Document:
    """Return the repaired pages of a source with what made them; `sha256` is of its bytes."""
    return Document(str(source.relative), sha256, tuple(pages), versions())


def versions() -> dict[str, str]:
    """Return the versions of the program and of its data."""
    return {
        "pravka": data.package_version(),
        "lexicon": data.arrays("rus").sha256[:12],
        "language-model": data.arrays("rus-context").sha256[:12],
        "company": data.arrays("rus-company").sha256[:12],
        "latin": data.arrays("latin").sha256[:12],
    }
