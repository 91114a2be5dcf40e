"""Makes the sample pages from their sources: sets them like a journal, wears them like a scan, writes what they say.

Run from the repository's root:  python samples/make.py [--into FOLDER] [NAME ...]
The mark-up of samples/sources/*.txt is explained in samples/README.md.
"""

import argparse
import re
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytesseract
from PIL import Image, ImageDraw, ImageFont

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from pipeline.learn.degrade import Wear, degrade  # noqa: E402

PAPERS = {"A4": (210.0, 297.0), "B5": (176.0, 250.0), "A5": (148.0, 210.0)}
MARGIN = 0.12  # of the paper's width, on every side
GUTTER = 0.035  # of the paper's width, between two columns
HEAD = 0.85  # of the size of the type: the running head's
LEADING = 1.28  # of the size of the type
TIGHTEST = 0.8  # of a usual space: how narrow a space may get before the line is full
LOOSEST = 2.5  # usual spaces left over at a line's end: with more, the next word is broken if it can be
GREY_STEP = 17  # the pictures keep 16 greys: 0, 17, ... 255
MADE = time.gmtime(1704067200)  # the date the PDF claims, so that its bytes do not change: 2024-01-01


# ------------------------------------------------------------------------------------------------ sources


@dataclass(frozen=True)
class Look:
    """How a kind of block is set. Lengths in sizes of the page's type; `size` is a factor of it."""

    size: float = 1.0
    style: str = "regular"
    centred: bool = False
    margin: float = 0.0
    indent: float = 0.0
    before: float = 0.0
    after: float = 0.0


LOOKS = {
    "title": Look(size=1.35, style="bold", centred=True, margin=2.0, before=1.0),
    "author": Look(style="italic", centred=True, before=0.5),
    "affiliation": Look(size=0.9, centred=True),
    "abstract": Look(size=0.9, margin=1.5, before=0.4, after=0.2),
    "heading": Look(style="bold", before=0.9),
    "paragraph": Look(indent=1.5, before=0.15),
    "continued": Look(),
    "quote": Look(size=0.92, margin=2.0, before=0.5, after=0.5),
    "footnote": Look(size=0.82, before=0.15),
    "caption": Look(size=0.85, centred=True, margin=1.0, before=0.4, after=0.8),
    "table": Look(size=0.85, before=0.6, after=0.4),
    "photo": Look(before=0.8),
    "rule": Look(before=0.8, after=0.3),
}


@dataclass(frozen=True)
class Block:
    """A block of a source: its kind (a key of LOOKS, or `columns`) and its text with the marks still in it."""

    kind: str
    text: str


@dataclass(frozen=True)
class Source:
    """A source file: its settings, and for each page its blocks."""

    name: str
    settings: Mapping[str, str]
    pages: tuple[tuple[Block, ...], ...]

    @property
    def dpi(self) -> int:
        """The pixels to an inch."""
        return int(self.settings["dpi"])

    @property
    def size(self) -> float:
        """The size of the type, in pixels."""
        return float(self.settings["size"]) * self.dpi / 72

    @property
    def paper(self) -> tuple[int, int]:
        """Width and height of the page, in pixels."""
        width, height = PAPERS[self.settings["paper"]]
        return round(width * self.dpi / 25.4), round(height * self.dpi / 25.4)


def block_of(chunk: str) -> Block:
    """Return the block that `.kind text` stands for, its line breaks made spaces; no dash begins a line."""
    head, _, text = chunk.partition(" ")
    kind = head.removeprefix(".")
    if not head.startswith(".") or kind not in {*LOOKS, "columns", "page"}:
        raise ValueError(
            f"a block begins with .columns, .page, .{', .'.join(LOOKS)}; this one does not: {chunk[:40]!r}"
        )
    return Block(kind, re.sub(r"\s+", " ", text).strip().replace(" –", "\N{NO-BREAK SPACE}–"))


def source_of(path: Path) -> Source:
    """Read a source file: `key: value` lines, then blocks, all parted by blank lines."""
    settings, *chunks = (chunk.strip() for chunk in path.read_text(encoding="utf-8").split("\n\n") if chunk.strip())
    pages: list[list[Block]] = [[]]
    for block in map(block_of, chunks):
        if block.kind == "page":
            pages.append([])
        else:
            pages[-1].append(block)
    pairs = (line.split(": ", 1) for line in settings.splitlines())
    return Source(path.stem, dict(pairs), tuple(map(tuple, pages)))


def wear_of(settings: Mapping[str, str]) -> Wear:
    """Return the wear that the setting `wear: blur=0.5 noise=4 ...` asks for."""
    given = dict(pair.split("=") for pair in settings.get("wear", "").split())
    return Wear(
        blur=float(given.get("blur", 0)),
        noise=float(given.get("noise", 0)),
        contrast=float(given.get("contrast", 1)),
        shade=float(given.get("shade", 0)),
        skew=float(given.get("skew", 0)),
        jpeg=int(given.get("jpeg", 0)),
    )


# ------------------------------------------------------------------------------------------------ fonts

STYLES = ("regular", "italic", "bold")
FAMILIES = {  # the Debian package, and the files for regular, italic and bold
    "PT Serif": ("fonts-paratype", ("PTF55F.ttf", "PTF56F.ttf", "PTF75F.ttf")),
    "Linux Libertine": ("fonts-linuxlibertine", ("LinLibertine_R.otf", "LinLibertine_RI.otf", "LinLibertine_RB.otf")),
    "Liberation Serif": (
        "fonts-liberation",
        ("LiberationSerif-Regular.ttf", "LiberationSerif-Italic.ttf", "LiberationSerif-Bold.ttf"),
    ),
    "Free Serif": ("fonts-freefont-ttf", ("FreeSerif.ttf", "FreeSerifItalic.ttf", "FreeSerifBold.ttf")),
    "Noto Serif": ("fonts-noto-core", ("NotoSerif-Regular.ttf", "NotoSerif-Italic.ttf", "NotoSerif-Bold.ttf")),
    "DejaVu Serif": (
        "fonts-dejavu-extra",
        ("DejaVuSerif.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSerif-Bold.ttf"),
    ),
    "CMU Serif": ("fonts-cmu", ("cmunrm.ttf", "cmunti.ttf", "cmunbx.ttf")),
    "Old Standard": (
        "fonts-oldstandard",
        ("OldStandard-Regular.ttf", "OldStandard-Italic.ttf", "OldStandard-Bold.ttf"),
    ),
}


@cache
def installed() -> dict[str, str]:
    """Return the paths of the installed fonts by file name."""
    listed = subprocess.run(["fc-list", "--format", "%{file}\n"], capture_output=True, text=True, check=True).stdout
    return {Path(line).name: line for line in sorted(listed.splitlines())}


@cache
def font_of(family: str, style: str, size: float) -> ImageFont.FreeTypeFont:
    """Return a font, its size in pixels. One that is not installed is an error that names its Debian package."""
    package, files = FAMILIES[family]
    name = files[STYLES.index(style)]
    if name not in installed():
        raise FileNotFoundError(f"{family} ({name}) is not installed: apt-get install {package}")
    return ImageFont.truetype(installed()[name], size, layout_engine=ImageFont.Layout.BASIC)


# ------------------------------------------------------------------------------------------------ words and lines


@dataclass(frozen=True)
class Word:
    """A word and the font it is set in."""

    text: str
    font: ImageFont.FreeTypeFont

    @property
    def width(self) -> float:
        """How wide the word is, in pixels."""
        return self.font.getlength(self.text)


@dataclass(frozen=True)
class Line:
    """A line ready to be set: where it begins in its column, how wide it may be, and the room above and for it.

    The words of a row of a table are its cells. `kind` is that of its block.
    """

    words: tuple[Word, ...]
    left: float
    width: float
    height: float
    before: float = 0.0
    first: bool = False
    align: str = "justified"
    kind: str = ""

    @property
    def text(self) -> str:
        """The line as it is printed."""
        return " ".join(word.text for word in self.words).replace("\N{NO-BREAK SPACE}", " ")


def words_of(text: str, family: str, style: str, size: float) -> Iterator[Word]:
    """Yield the words of a block; `_` and `*` switch italic and bold on and off, and are not printed."""
    marks = {"_": "italic", "*": "bold"}
    current = style
    for token in text.split(" "):
        if token[0] in marks:
            current = marks[token[0]]
        yield Word(token.replace("_", "").replace("*", ""), font_of(family, current, size))
        if re.search(r"[_*]", token[1:]):
            current = style


RUSSIAN_BREAK = re.compile(
    r"(?<=[аеёиоуыэюя])(?=[бвгджзклмнпрстфхцчшщ][аеёиоуыэюя])"  # ко-митет
    r"|(?<=([лмнрй]))(?=(?!\1)[бвгджзкпстфхцчшщлмн][аеёиоуыэюя])"  # пар-тия
    r"|(?<=ь)(?=[бвгджзклмнпрстфхцчш][аеёиоуыэюя])"  # дея-тель-ность
    r"|(?<=([бвгджзклмнпрст]))(?=\2[аеёиоуыэюя])",  # ком-муна
    re.IGNORECASE,
)
ENGLISH_BREAK = re.compile(
    r"(?<=[a-z])(?=(?:tion|sion|ment|ness|less|ship|ture)s?\b)"  # govern-ment
    r"|(?<=([bcdfgmnprst]))(?=\1[aeiou]\w{2})(?!\wing\b)(?!\wers?\b)"  # com-mittee
    r"|(?<=[aeiou][mnr])(?=[bcdfmpstv][aeiou]\w{2})(?!\wing\b)(?!\wers?\b)(?!\wed\b)"  # har-vest
    r"|(?<=\binter)(?=\w{4})|(?<=\btrans)(?=\w{4})",
    re.IGNORECASE,
)
VOWEL = re.compile("[аеёиоуыэюяaeiouy]", re.IGNORECASE)


def breaks(word: str) -> list[int]:
    """Return where a word may be broken, by cautious rules: after its own hyphens, and between clear syllables."""
    core = re.search(r"[^\W\d_]{5,}(?:-[^\W\d_]{2,})*|[^\W\d_]{2,}-[^\W\d_]{3,}", word)
    if core is None:
        return []
    found = {match.start() for rule in (RUSSIAN_BREAK, ENGLISH_BREAK) for match in rule.finditer(core[0])}
    found |= {match.end() for match in re.finditer(r"(?<=\w{2})-(?=\w{3})", core[0])}
    return sorted(core.start() + at for at in found if well_broken(core[0], at))


def well_broken(word: str, at: int) -> bool:
    """Say whether both parts have a vowel and letters enough (two, and three at the end), and no hyphen too near."""
    before, after = word[:at], word[at:]
    if "-" in before[-2:-1] + before[-3:-2] or "-" in after[:3] or after[0].isdigit():
        return False
    return len(before) >= 2 and len(after) >= 3 and bool(VOWEL.search(before)) and bool(VOWEL.search(after))


def parts(word: Word, room: float) -> tuple[Word, Word] | None:
    """Return the word broken so that as much of it as can be fits the room, or None."""
    for at in reversed(breaks(word.text)):
        start = word.text[:at]
        head = Word(start if start.endswith("-") else start + "-", word.font)
        if head.width <= room:
            return head, Word(word.text[at:], word.font)
    return None


def filled(words: Sequence[Word], width: float, indent: float, hyphens: bool) -> list[tuple[Word, ...]]:
    """Break a block into lines: each takes the words that fit, and if that leaves it loose, a part of the next one."""
    space = words[0].font.getlength(" ")
    queue, lines, line, used = list(reversed(words)), [], list[Word](), indent
    while queue:
        word = queue.pop()
        needed = word.width + (space * TIGHTEST if line else 0)
        if used + needed <= width or not line:
            line, used = [*line, word], used + needed
            continue
        room = width - used - space * TIGHTEST
        pair = parts(word, room) if hyphens and room > LOOSEST * space else None
        lines.append((*line, pair[0]) if pair else tuple(line))
        queue.append(pair[1] if pair else word)
        line, used = [], 0.0
    return [*lines, tuple(line)]


def typeset(source: Source, block: Block, width: float) -> list[Line]:
    """Return the lines of a block in a column of that width, with the room before and after the block."""
    look, unit = LOOKS[block.kind], source.size
    setters = {"rule": rule, "photo": photo, "table": rows_of_table}
    lines = [replace(line, kind=block.kind) for line in setters.get(block.kind, paragraph)(source, block, width)]
    lines[0] = replace(lines[0], before=look.before * unit, first=True)
    lines[-1] = replace(lines[-1], height=lines[-1].height + look.after * unit)
    return lines


def rule(source: Source, block: Block, width: float) -> list[Line]:
    """Return a line across the column."""
    return [Line((), 0, width, 0.0, align="rule")]


def photo(source: Source, block: Block, width: float) -> list[Line]:
    """Return the room of a photograph as high as its text says, in widths of the column."""
    return [Line((), 0, width, width * float(block.text), align="photo")]


def rows_of_table(source: Source, block: Block, width: float) -> list[Line]:
    """Return the rows of a table; in its text ` / ` parts them, and ` | ` their cells."""
    look, size = LOOKS[block.kind], source.size * LOOKS[block.kind].size
    font = font_of(source.settings["font"], look.style, size)
    rows = [tuple(Word(cell, font) for cell in row.split(" | ")) for row in block.text.split(" / ")]
    return [Line(row, 0, width, size * LEADING, align="cells") for row in rows]


def paragraph(source: Source, block: Block, width: float) -> list[Line]:
    """Return the lines of a block of running text."""
    look, unit = LOOKS[block.kind], source.size
    size, measure = unit * look.size, width - 2 * look.margin * unit
    words = list(words_of(block.text, source.settings["font"], look.style, size))
    ragged = look.centred or look.style == "bold"
    rows = filled(words, measure, look.indent * unit, hyphens=not ragged)
    lines = []
    for number, row in enumerate(rows):
        start = look.indent * unit if number == 0 else 0.0
        align = "centred" if look.centred else "left" if ragged or number == len(rows) - 1 else "justified"
        lines.append(Line(row, look.margin * unit + start, measure - start, size * LEADING, align=align))
    return lines


# ------------------------------------------------------------------------------------------------ pages


@dataclass(frozen=True)
class Column:
    """A column that lines are poured into, in pixels."""

    left: float
    top: float
    width: float
    bottom: float


@dataclass(frozen=True)
class Printed:
    """A printed line: its text, the kind of its block, and whether it is the first of it."""

    text: str
    kind: str
    first: bool


@dataclass
class Sheet:
    """A page in the making: its picture, and the lines printed on it so far."""

    source: Source
    image: Image.Image = field(init=False)
    draw: ImageDraw.ImageDraw = field(init=False)
    printed: list[Printed] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Take a white sheet."""
        self.image = Image.new("L", self.source.paper, 255)
        self.draw = ImageDraw.Draw(self.image)

    @property
    def truth(self) -> str:
        """What is printed on the page, an empty line between blocks."""
        lines = (("\n" if line.first and number else "") + line.text for number, line in enumerate(self.printed))
        return "\n".join(lines) + "\n"

    def put(self, line: Line, left: float, top: float) -> None:
        """Print a line whose column begins at `left`."""
        if line.align == "rule":
            self.draw.line((left, top, left + line.width, top), fill=0, width=max(1, self.source.dpi // 120))
            return
        if line.align == "photo":
            picture = photograph(f"{self.source.name} {len(self.printed)}", round(line.width), round(line.height))
            self.image.paste(Image.fromarray(picture), (round(left), round(top)))
            return
        for word, across in zip(line.words, places(line), strict=True):
            at = (left + line.left + across, top + line.words[0].font.size)
            self.draw.text(at, word.text, fill=0, font=word.font, anchor="ls")
        self.printed.append(Printed(line.text, line.kind, line.first))

    def pour(self, lines: Sequence[Line], column: Column) -> tuple[list[Line], float]:
        """Print what fits of the lines into the column; return the others, and how far down it got."""
        top = column.top
        for number, line in enumerate(lines):
            above = line.before if top > column.top else 0.0
            if top + above + line.height > column.bottom:
                return list(lines[number:]), top
            self.put(line, column.left, top + above)
            top += above + line.height
        return [], top


def places(line: Line) -> list[float]:
    """Return where the words of a line begin, from its own beginning: spread, centred, set tight, or cells."""
    if line.align == "cells":
        share = line.width / (len(line.words) + 1)  # the first column is twice as wide as the others
        return [share * (number + (number > 0)) for number in range(len(line.words))]
    spare = line.width - sum(word.width for word in line.words)
    space = line.words[0].font.getlength(" ")
    if line.align == "justified" and len(line.words) > 1:
        space = spare / (len(line.words) - 1)
    across = (spare - space * (len(line.words) - 1)) / 2 if line.align == "centred" else 0.0
    begins = []
    for word in line.words:
        begins.append(across)
        across += word.width + space
    return begins


def photograph(seed: str, width: int, height: int) -> np.ndarray:
    """Return a picture (height x width, grey) like a photograph: soft light and shade, dark shapes, grain."""
    random = np.random.default_rng(zlib.crc32(seed.encode()))
    coarse = random.uniform(40, 235, (6, 8)).astype(np.float32)
    light = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    for _ in range(12):
        left, top = int(random.integers(width)), int(random.integers(height // 3, height))
        right, bottom = left + int(random.integers(width // 20, width // 4)), height - int(random.integers(height // 9))
        cv2.rectangle(light, (left, top), (right, bottom), float(random.uniform(10, 220)), -1)
    soft = cv2.GaussianBlur(light, (0, 0), width / 300)
    return np.asarray(np.clip(soft + random.normal(0, 6, soft.shape), 0, 255), np.uint8)


def edged(sheet: Sheet, body: Column, number: int) -> None:
    """Print the running head; in one line with the page number, even ones left, unless that stands at the foot."""
    settings, unit = sheet.source.settings, sheet.source.size
    size = unit * HEAD
    title = Word(settings["head"], font_of(settings["font"], "italic", size))
    page = Word(str(number), font_of(settings["font"], "regular", size))
    words: tuple[Word, ...] = (page, title) if number % 2 == 0 else (title, page)
    align = "justified"
    if settings.get("number-at") == "foot":
        words, align = (title,), "centred"
    line = Line(words, 0, body.width, unit, first=True, align=align, kind="running-head")
    sheet.put(line, body.left, body.top - 2.4 * unit)


def numbered(sheet: Sheet, body: Column, number: int) -> None:
    """Print the page number below the body, if that is where it belongs."""
    source = sheet.source
    if source.settings.get("number-at") == "foot":
        word = Word(str(number), font_of(source.settings["font"], "regular", source.size))
        line = Line((word,), 0, body.width, source.size * LEADING, first=True, align="centred", kind="page-number")
        sheet.put(line, body.left, body.bottom + 1.5 * source.size)


def body_of(source: Source) -> Column:
    """Return where a page's text stands."""
    width, height = source.paper
    margin = width * MARGIN
    return Column(margin, margin * 1.15, width - 2 * margin, height - margin * 1.15)


def flow(sheet: Sheet, blocks: Sequence[Block], carried: list[Line], body: Column) -> list[Line]:
    """Print the blocks, across the page until `.columns 2`, then in two columns; return the lines that do not fit."""
    kinds = [block.kind for block in blocks]
    at = kinds.index("columns") if "columns" in kinds else len(blocks)
    lines = carried + [line for block in blocks[:at] for line in typeset(sheet.source, block, body.width)]
    rest, top = sheet.pour(lines, body)
    if at == len(blocks):
        return rest
    gap = sheet.source.paper[0] * GUTTER
    width, top = (body.width - gap) / 2, top + sheet.source.size
    rest += [line for block in blocks[at + 1 :] for line in typeset(sheet.source, block, width)]
    for left in (body.left, body.left + width + gap):
        rest, _ = sheet.pour(rest, Column(left, top, width, body.bottom))
    return rest


def page_of(source: Source, index: int, carried: list[Line]) -> tuple[Sheet, list[Line]]:
    """Set a page, beginning with the lines carried over from the one before; return it and what did not fit."""
    sheet, whole = Sheet(source), body_of(source)
    number = int(source.settings["number"]) + index
    notes = [block for block in source.pages[index] if block.kind == "footnote"]
    text = [block for block in source.pages[index] if block.kind != "footnote"]
    foot = [line for note in notes for line in typeset(source, note, whole.width)]
    bottom = whole.bottom - sum(line.before + line.height for line in foot)
    body = Column(whole.left, whole.top, whole.width, bottom - source.size if foot else whole.bottom)
    edged(sheet, body, number)
    rest = flow(sheet, text, carried, body)
    if foot:
        sheet.put(Line((), 0, whole.width / 4, 0, align="rule"), whole.left, bottom - source.size / 2)
        sheet.pour(foot, Column(whole.left, bottom, whole.width, whole.bottom + source.size))
    numbered(sheet, whole, number)
    return sheet, rest


def sheets_of(source: Source) -> list[Sheet]:
    """Set all pages. What does not fit on the last is left off: the article goes on where we do not see it."""
    sheets, rest = [], list[Line]()
    for index in range(len(source.pages)):
        sheet, rest = page_of(source, index, rest)
        sheets.append(sheet)
    return sheets


# ------------------------------------------------------------------------------------------------ output


def worn(sheet: Sheet, index: int) -> Image.Image:
    """Return the page's picture as a scan with the wear that its source asks for; always the same one."""
    seed = zlib.crc32(f"{sheet.source.name} {index}".encode())
    wear = wear_of(sheet.source.settings)
    grey = degrade(np.asarray(sheet.image, dtype=np.uint8), wear, np.random.default_rng(seed))
    return Image.fromarray(grey)


def few_greys(image: Image.Image) -> Image.Image:
    """Return the picture in 16 greys, so that a PNG of it stays small."""
    return image.point([(grey + GREY_STEP // 2) // GREY_STEP * GREY_STEP for grey in range(256)])


def write_pictures(sheets: Sequence[Sheet], path: Path) -> None:
    """Write a PNG, a JPEG or a PDF of the pages, as the path's ending says."""
    dpi = sheets[0].source.dpi
    first, *others = [worn(sheet, index) for index, sheet in enumerate(sheets)]
    if path.suffix == ".pdf":
        first.save(
            path, save_all=True, append_images=others, resolution=dpi, quality=60, creationDate=MADE, modDate=MADE
        )
    elif path.suffix == ".jpg":
        first.save(path, quality=60, optimize=True, dpi=(dpi, dpi))
    else:
        few_greys(first).save(path, optimize=True, dpi=(dpi, dpi))


def write_reading(sheets: Sequence[Sheet], path: Path) -> None:
    """Write what Tesseract's English model makes of the clean pages."""
    pages = [pytesseract.image_to_string(sheet.image, lang="eng", config="--psm 4") for sheet in sheets]
    path.write_text("".join(page.strip("\n\f") + "\n" for page in pages), encoding="utf-8")


def make(source: Source, folder: Path) -> None:
    """Write a source's output, and what is printed on it, into the folder."""
    sheets, path = sheets_of(source), folder / source.settings["output"]
    truth = folder / "truth" / f"{path.stem}.txt"
    truth.parent.mkdir(parents=True, exist_ok=True)
    truth.write_text("\f".join(sheet.truth for sheet in sheets), encoding="utf-8")
    write = write_reading if path.suffix == ".txt" else write_pictures
    write(sheets, path)


def main() -> None:
    """Make all samples, or those named."""
    parser = argparse.ArgumentParser(description="Make the sample pages.")
    parser.add_argument("--into", type=Path, default=HERE, help="the folder to write to (default: samples)")
    parser.add_argument("names", nargs="*", help="only these sources, such as page-1")
    options = parser.parse_args()
    for path in sorted((HERE / "sources").glob("*.txt")):
        if not options.names or path.stem in options.names:
            make(source_of(path), options.into)


if __name__ == "__main__":
    main()
