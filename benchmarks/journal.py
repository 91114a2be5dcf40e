"""Makes pages of a journal that nobody has seen, with the exact truth: composed at random, set, worn, written.

Which pages: journal.tsv. Their text: prose.tsv, or, where there are the development sets, theirs. The typesetter is
that of the samples. The same seed gives the same pages.
"""

import json
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import click
import numpy as np
import regex
from PIL import Image

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks"), str(ROOT / "samples")]

from citations import GOST, STYLES, Draw, citation, joined, one_of  # noqa: E402
from make import FAMILIES, Block, Sheet, Source, font_of, page_of  # noqa: E402
from sets import BRACKET, Passage, read_pairs, shared_option  # noqa: E402
from wear import AUGRAPHY, SCANNERS, bitonal, worn, yellowed  # noqa: E402

from pipeline.data import data_file  # noqa: E402
from pipeline.tables import read_table  # noqa: E402

FINER: Final = 2  # times the resolution of the scan, that a page is set at
PARAGRAPHS: Final = 40  # enough for a page; what does not fit is left off
SENTENCES: Final = (3, 8)  # of a paragraph
CITED: Final = 0.3  # of sentences
ITALIC: Final = 0.06  # of sentences
MARKS: Final = "¹²³"
SUFFIXES: Final = {"png": ".png", "jpeg": ".jpg", "g4": ".tif"}
PLAIN: Final = regex.compile(r"(?!.* [.,;:!?)])[\p{Latin}\p{Cyrillic}\p{N} .,;:!?()'\"«»„“”’–—-]+")
SENTENCE: Final = regex.compile(r"\p{Lu}[^.!?]{30,260}[.!?](?= \p{Lu}|$)")
# The role of a line by the kind of its block; of all other kinds it is `body`.
ROLES: Final = {
    "title": "heading",
    "heading": "heading",
    "author": "author",
    "running-head": "running-head",
    "page-number": "page-number",
    "footnote": "footnote",
    "caption": "caption",
    "table": "table",
}
ABSTRACTS: Final = {
    "en": ("Abstract.", "Keywords:"),
    "ru": ("Аннотация.", "Ключевые слова:"),
    "uk": ("Анотація.", "Ключові слова:"),
}
FIGURE: Final = {"en": "Fig.", "ru": "Рис."}
TABLE: Final = {"en": "Table", "ru": "Табл."}


@dataclass(frozen=True)
class Plan:
    """A page to make: a row of journal.tsv."""

    name: str
    kind: str
    font: str
    size: float
    paper: str
    dpi: int
    level: int
    form: str
    flaw: str

    @property
    def file(self) -> str:
        """The name of its picture."""
        return self.name + SUFFIXES[self.form]


@dataclass
class Writer:
    """Writes the text of a page, drawing from parts of sentences, or from whole `sentences` by language.

    It remembers the citations that it made, those in brackets and those of footnotes.
    """

    draw: Draw
    parts: Mapping[tuple[str, str], Sequence[str]]
    sentences: Mapping[str, Sequence[str]]
    archives: Sequence[str]
    ukrainian: bool = False
    brackets: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    def part(self, language: str, part: str) -> str:
        """Return a part of a page, or of a sentence."""
        return str(one_of(self.draw, self.parts[language, part]))

    def sentence(self, language: str, cite: bool = False) -> str:
        """Return a sentence, with a citation in brackets if asked; now and then a word in italics."""
        text = self.plain_sentence(language)
        if self.draw.random() < ITALIC:
            words = text.split(" ")
            at = int(self.draw.integers(len(words)))
            text = " ".join([*words[:at], f"_{words[at]}_", *words[at + 1 :]])
        return f"{text[:-1]} {self.cited()}{text[-1]}" if cite else text

    def plain_sentence(self, language: str) -> str:
        """Return a sentence as it is drawn."""
        if language in self.sentences:
            return str(one_of(self.draw, self.sentences[language]))
        when, who, did, what, tail = (self.part(language, part) for part in ("when", "who", "did", "what", "tail"))
        comma = "" if tail.startswith(("and ", "и ", "і ")) else ","
        return f"{when} {who} {did} {what}{comma} {tail}."

    def cited(self) -> str:
        """Return a citation in brackets."""
        self.brackets.append(self.citation())
        return self.brackets[-1]

    def citation(self) -> str:
        """Return a citation of a random style, mostly that of GOST."""
        styles = [style for style in STYLES if style.language == "uk"] if self.ukrainian else STYLES
        usual = self.draw.random() < 0.6 and not self.ukrainian
        return citation(self.draw, GOST if usual else one_of(self.draw, styles), self.archives, usual)

    def paragraph(self, language: str, cited: float = CITED, kind: str = "paragraph") -> Block:
        """Return a paragraph whose sentences have citations with this chance."""
        count = int(self.draw.integers(*SENTENCES))
        text = " ".join(self.sentence(language, self.draw.random() < cited) for _ in range(count))
        return Block(kind, no_dash_first(text))

    def note(self, mark: str, sentences: int) -> Block:
        """Return a footnote with citations, between sentences."""
        texts = [mark]
        for _ in range(sentences):
            self.noted.append(self.citation()[1:-1])
            language = one_of(self.draw, ("en", "en", "ru"))
            texts.append(f"{self.noted[-1]}. {self.plain_sentence(language)}")
        return Block("footnote", no_dash_first(" ".join(texts)))

    def abstract(self, language: str) -> list[Block]:
        """Return an abstract and its keywords."""
        about, words = ABSTRACTS[language]
        text = self.paragraph(language, 0.0).text
        return [
            Block("abstract", f"*{about}* {text}"),
            Block("abstract", f"*{words}* {self.part(language, 'keywords')}."),
        ]


def no_dash_first(text: str) -> str:
    """Return the text so that no dash begins a line."""
    return text.replace(" –", "\N{NO-BREAK SPACE}–").replace(" —", "\N{NO-BREAK SPACE}—")


# ---------------------------------------------------------------- kinds of pages


def body(writer: Writer) -> Iterator[Block]:
    """Yield English text with citations in brackets, headings, and a footnote."""
    yield writer.paragraph("en", kind="continued")
    yield writer.note(MARKS[0], 2)
    for number in range(PARAGRAPHS):
        if number % 3 == 1:
            yield Block("heading", writer.part("en", "heading"))
        yield writer.paragraph("en")


def article(writer: Writer) -> Iterator[Block]:
    """Yield the first page of an article: titles and abstracts in two languages, then English text."""
    for language in ("en", "ru"):
        yield Block("title", writer.part(language, "title"))
        yield Block("author", writer.part(language, "author"))
        yield from writer.abstract(language)
    yield from body(writer)


def columns(writer: Writer) -> Iterator[Block]:
    """Yield two columns of English and Russian text."""
    yield Block("title", writer.part("en", "title"))
    yield Block("columns", "2")
    for number in range(PARAGRAPHS):
        if number % 4 == 2:
            yield Block("heading", writer.part("en", "heading"))
        yield writer.paragraph("ru" if number % 3 == 1 else "en")


def beside(writer: Writer) -> Iterator[Block]:
    """Yield a Russian abstract in the left column, and English text below and beside it."""
    yield Block("columns", "2")
    yield Block("heading", writer.part("ru", "title"))
    yield from (writer.paragraph("ru", 0.0) for _ in range(4))
    yield Block("heading", writer.part("en", "title"))
    yield from (writer.paragraph("en") for _ in range(PARAGRAPHS))


def notes(writer: Writer) -> Iterator[Block]:
    """Yield English text with long footnotes in small print, full of citations."""
    for mark in MARKS:
        yield writer.note(mark, 3)
    for number in range(PARAGRAPHS):
        text = writer.paragraph("en", 0.1)
        yield Block(text.kind, text.text + MARKS[number]) if number < len(MARKS) else text


def italic(writer: Writer) -> Iterator[Block]:
    """Yield English and Russian paragraphs, every other of them in italics."""
    for number in range(PARAGRAPHS):
        text = writer.paragraph("ru" if number % 4 > 1 else "en", CITED / 2)
        slanted = f"_{text.text.replace('_', '')}_"
        yield Block("paragraph", slanted) if number % 2 == 0 else text


def table(writer: Writer) -> Iterator[Block]:
    """Yield two columns with tables in them, English and Russian, beside text."""
    yield Block("columns", "2")
    for number in range(PARAGRAPHS):
        language = "ru" if number % 3 == 2 else "en"
        yield writer.paragraph(language)
        if number % 2 == 0:
            yield Block("caption", f"{TABLE[language]} {number // 2 + 1}. {writer.part(language, 'heading')}")
            yield Block("table", cells(writer, language))


def cells(writer: Writer, language: str) -> str:
    """Return the cells of a table with a head, in the mark-up of the samples."""
    heads = sorted({writer.part(language, "column") for _ in range(3)})
    names = sorted({writer.part(language, "row") for _ in range(6)})
    figures = [" | ".join(str(writer.draw.integers(3, 2600)) for _ in heads) for _ in names]
    rows = (f"{name} | {row}" for name, row in zip(names, figures, strict=True))
    return " / ".join([f"{'No.' if language == 'en' else '№'} | {' | '.join(heads)}", *rows])


def photo(writer: Writer) -> Iterator[Block]:
    """Yield text in two languages with photographs and their captions."""
    yield writer.paragraph("en")
    for number in range(PARAGRAPHS):
        language = "ru" if number % 2 else "en"
        if number < 2:
            yield Block("photo", f"{writer.draw.uniform(0.25, 0.45):.2f}")
            yield Block("caption", f"{FIGURE[language]} {number + 1}. {writer.part(language, 'caption')}")
        yield writer.paragraph(language)


def ukrainian(writer: Writer) -> Iterator[Block]:
    """Yield the first page of an article with abstracts in Ukrainian and English, and Ukrainian citations."""
    writer.ukrainian = True
    for language in ("uk", "en"):
        yield Block("title", writer.part(language, "title"))
        yield Block("author", writer.part(language, "author"))
        yield from writer.abstract(language)
    yield from (writer.paragraph("en") for _ in range(PARAGRAPHS))


def russian(writer: Writer) -> Iterator[Block]:
    """Yield Russian text with headings and citations."""
    for number in range(PARAGRAPHS):
        if number % 3 == 1:
            yield Block("heading", writer.part("ru", "heading"))
        yield writer.paragraph("ru")


KINDS: Final[Mapping[str, Callable[[Writer], Iterator[Block]]]] = {
    kind.__name__: kind for kind in (body, article, columns, beside, notes, italic, table, photo, ukrainian, russian)
}


# ---------------------------------------------------------------- texts


def read_plans(path: Path) -> list[Plan]:
    """Read the table of pages."""
    rows = read_table(path, ("name", "kind", "font", "size", "paper", "dpi", "level", "form", "flaw"))
    return [
        Plan(
            row["name"],
            row["kind"],
            row["font"],
            float(row["size"]),
            row["paper"],
            int(row["dpi"]),
            int(row["level"]),
            row["form"],
            row["flaw"],
        )
        for row in rows
    ]


def read_parts(path: Path) -> dict[tuple[str, str], list[str]]:
    """Read the parts that sentences and pages are made of, by language and part."""
    parts: dict[tuple[str, str], list[str]] = {}
    for row in read_table(path, ("language", "part", "text")):
        parts.setdefault((row["language"], row["part"]), []).append(row["text"])
    return parts


def read_sentences(folder: Path) -> dict[str, list[str]]:
    """Return sentences of the development sets by language, none of those that are not there."""
    english, russian = folder / "english_dev.txt", folder / "prose_ru_dev.jsonl"
    found = {}
    if english.exists():
        found["en"] = whole_sentences(english.read_text(encoding="utf-8").splitlines())
    if russian.exists():
        found["ru"] = whole_sentences(text_of(passage) for passage in read_pairs(russian))
    return found


def text_of(passage: Passage) -> str:
    """Return the truth of a passage as running text."""
    return joined(passage.truth)


def whole_sentences(texts: Iterable[str]) -> list[str]:
    """Return the sentences of texts whose characters all fonts have; none with a bracket or a mark of the mark-up."""
    found = (sentence for text in texts for sentence in SENTENCE.findall(" ".join(text.split())))
    return [sentence for sentence in found if PLAIN.fullmatch(sentence)]


# ---------------------------------------------------------------- pages


def composed(plan: Plan, writer: Writer) -> Source:
    """Return the source of a page, at the resolution that it is set at."""
    draw = writer.draw
    settings = {
        "output": plan.file,
        "paper": plan.paper,
        "dpi": str(plan.dpi * FINER),
        "font": plan.font,
        "size": str(plan.size),
        "head": writer.part("ru" if plan.kind == "russian" else "en", "head"),
        "number": str(draw.integers(3, 480)),
    }
    if draw.random() < 0.4:
        settings["number-at"] = "foot"
    return Source(plan.name, settings, (tuple(KINDS[plan.kind](writer)),))


def scan(plan: Plan, sheet: Sheet, draw: Draw) -> Image.Image:
    """Return the picture of a printed page, as it is scanned."""
    grey = worn(np.asarray(sheet.image, np.uint8), plan.level, plan.flaw, 1 / FINER, draw)
    if plan.form == "g4":
        return Image.fromarray(bitonal(grey)).convert("1")
    return Image.fromarray(yellowed(grey) if plan.flaw == "yellow" else grey)


def save(plan: Plan, picture: Image.Image, path: Path) -> None:
    """Write the picture in the form that its plan names."""
    dpi = (plan.dpi, plan.dpi)
    if plan.form == "jpeg":
        picture.save(path, quality=SCANNERS[plan.level].quality, dpi=dpi)
    elif plan.form == "g4":
        picture.save(path, compression="group4", dpi=dpi)
    else:
        picture.save(path, dpi=dpi)


def facts(plan: Plan, sheet: Sheet, writer: Writer) -> dict[str, object]:
    """Return what is known of a page: how it was made, its citations, and the role of each line.

    `starts` says that a line begins a paragraph (or another block). Citations that the page's end cuts off are not
    among them.
    """
    lines = [{"text": line.text, "role": ROLES.get(line.kind, "body"), "starts": line.first} for line in sheet.printed]
    text = joined([line.text for line in sheet.printed])
    brackets = set(BRACKET.findall(text))
    return {
        **asdict(plan),
        "font": FAMILIES[plan.font][1][0],
        "wear": "augraphy" if AUGRAPHY else "own",
        "columns": 2 if any(block.kind == "columns" for block in sheet.source.pages[0]) else 1,
        "citations": [bracket for bracket in writer.brackets if bracket in brackets],
        "noted": [citation for citation in writer.noted if citation in text],
        "running_head": " ".join(line.text for line in sheet.printed if line.kind == "running-head"),
        "footnotes": [line.text for line in sheet.printed if line.kind == "footnote"],
        "lines": lines,
    }


@dataclass(frozen=True)
class Press:
    """Makes pages: what sentences are made of, and a seed."""

    seed: int
    parts: Mapping[tuple[str, str], Sequence[str]]
    sentences: Mapping[str, Sequence[str]]
    archives: Sequence[str]

    @classmethod
    def of(cls, seed: int, shared: Path) -> "Press":
        """Return a press with the texts of the project and, where they are, those of the development sets."""
        archives = read_table(data_file("lexicons", "archives.tsv"), ("abbreviation",))
        return cls(
            seed,
            read_parts(ROOT / "benchmarks" / "prose.tsv"),
            read_sentences(shared / "eval"),
            [row["abbreviation"] for row in archives],
        )

    def make(self, plan: Plan, folder: Path) -> None:
        """Write a page into the folder: its picture, its truth (NAME.txt) and the facts (NAME.json)."""
        draw = np.random.default_rng([self.seed, zlib.crc32(plan.name.encode())])
        writer = Writer(draw, self.parts, self.sentences, self.archives)
        source = composed(plan, writer)
        sheet, _ = page_of(source, 0, [])
        font_of.cache_clear()
        save(plan, scan(plan, sheet, draw), folder / plan.file)
        (folder / f"{plan.name}.txt").write_text(sheet.truth, encoding="utf-8")
        known = json.dumps(facts(plan, sheet, writer), ensure_ascii=False, indent=1)
        (folder / f"{plan.name}.json").write_text(known + "\n", encoding="utf-8")


def make_pages(folder: Path, seed: int, shared: Path, names: Sequence[str] = ()) -> None:
    """Write the pages of the plan into a folder, or those of these names."""
    folder.mkdir(parents=True, exist_ok=True)
    press = Press.of(seed, shared)
    for plan in read_plans(ROOT / "benchmarks" / "journal.tsv"):
        if not names or plan.name in names:
            click.echo(plan.name, err=True)
            press.make(plan, folder)


@click.command()
@shared_option
@click.option("--seed", default=1, help="Another seed makes other pages.")
@click.option("--into", type=click.Path(path_type=Path), default=ROOT / "out" / "pages", help="The folder to write to.")
@click.argument("names", nargs=-1)
def main(shared: Path, seed: int, into: Path, names: tuple[str, ...]) -> None:
    """Make pages of a journal with the truth, or only those of these names."""
    make_pages(into, seed, shared, names)


if __name__ == "__main__":
    main()
