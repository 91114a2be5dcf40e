"""Writes one self-contained HTML page of a document: scan beside text (of a text: as it was, beside as it is).

Each marked word tells what it was, why it was changed and how surely; it and its place on the scan show each other.
Everything that came from outside is escaped, and the page may run no script but its own (Content-Security-Policy).
"""

import base64
import hashlib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from typing import BinaryIO, Final, NamedTuple

import regex

from pipeline.errors import PravkaError
from pipeline.model import Box, Citation, Correction, Document, Ending, Line, Page, Token
from pipeline.outputs.picture import has_picture
from pipeline.outputs.words import REASONS, printable
from pipeline.source import Grey, Limits, Source, page, shown

WIDEST: Final = 1200  # pixels of a page's picture: twice the width of its column, for fine screens
QUALITY: Final = 55  # of WebP: letters stay sharp, a page takes some 100 KB
TOKEN: Final = regex.compile(r"\S+")
FIGURES: Final = ("words", "repaired", "doubtful", "citations")
# What stands between a line and the next one of its paragraph.
JOINTS: Final[Mapping[Ending, str]] = {"space": " ", "broken": "", "hyphen": "", "line": "<br>"}
SHELFMARK: Final = ("archive", "fond", "opis", "box", "delo", "leaves", "person")


class Mark(NamedTuple):
    """What is known of a word besides what its token says: the correction that made it, the citation it stands in."""

    correction: Correction | None = None
    citation: Citation | None = None


def html_of(document: Document, source: Source, limits: Limits) -> Callable[[BinaryIO], None]:
    """Return what writes a document into a file as an HTML page; a scan that cannot be opened is left out."""

    def write(file: BinaryIO) -> None:
        """Write the page, one page of the document after the other."""
        head, tail = (part.encode("utf-8") for part in frame_of(document))
        file.write(head)
        for own in document.pages:
            file.write(page_of(own, source, limits, len(document.pages)).encode("utf-8"))
        file.write(tail)

    return write


def frame_of(document: Document) -> list[str]:
    """Return what stands before and behind the pages."""
    folder = files("pipeline.outputs")
    template, script = ((folder / name).read_text("utf-8") for name in ("page.html", "page.js"))
    digest = base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")
    figures = "".join(
        f"<div><dt>{name}</dt><dd>{count:,}</dd></div>" for name, count in zip(FIGURES, counts(document), strict=True)
    )
    values = {
        "title": text(shown(document.source)),
        "figures": figures.replace(",", "\u202f"),
        "versions": text("; ".join(f"{name} {version}" for name, version in sorted(document.versions.items()))),
        "script-hash": f"sha256-{digest}",
        "script": script,
    }
    return [filled(part, values) for part in template.split("<!-- pages -->")]


def filled(template: str, values: Mapping[str, str]) -> str:
    """Return a template with {{name}} replaced, each once: what stands in a value is never taken for a name."""
    return re.sub(r"\{\{([a-z-]+)\}\}", lambda found: values[found[1]], template)


def counts(document: Document) -> tuple[int, int, int, int]:
    """Return how many words, repairs, doubtful words and citations a document has."""
    tokens = [token for page in document.pages for line in page.lines for token in line.tokens]
    return (
        len(tokens),
        sum(len(page.corrections) for page in document.pages),
        sum(token.status.startswith("doubtful") for token in tokens),
        sum(len(page.citations) for page in document.pages),
    )


def page_of(own: Page, source: Source, limits: Limits, pages: int) -> str:
    """Return a page as a section: its number where there are several, its picture or what was read, its text."""
    folio = f'<h2 class="folio">Page {own.number} of {pages}</h2>' if pages > 1 else ""
    if own.error:
        return f'<section class="page">{folio}<p class="error">{text(own.error)}</p></section>\n'
    beside = scan_of(own, source, limits) or read_of(own)
    marks = marks_of(own)
    parted = paragraphs(own) if own.width else [list(enumerate(own.lines))]
    lines = "".join(paragraph_of(paragraph, own, marks) for paragraph in parted if paragraph)
    return (
        f'<section class="page">{folio}{beside}<article class="text"><span class="label">Repaired</span>'
        f"{lines}{table_of(own.citations)}</article></section>\n"
    )


def text(value: str) -> str:
    """Return a text as HTML can hold it."""
    return escape(printable(value))


# ---------------------------------------------------------------- what was given


def scan_of(own: Page, source: Source, limits: Limits) -> str:
    """Return the picture of a page with its marked words tinted, empty if there is none that can be opened."""
    if not has_picture(source) or not own.width:
        return ""
    try:
        grey = page(source, own.number, limits).grey
    except (PravkaError, IndexError):
        return ""
    tints = "".join(
        f'<i class="{token.status}" style="{style_of(token.box, own)}"></i>'
        for line in own.lines
        for token in line.tokens
        if token.box and token.status != "kept"
    )
    return (
        f'<figure class="scan"><img alt="Scan of page {own.number}" width="{own.width}" height="{own.height}" '
        f'src="data:image/webp;base64,{picture_of(grey)}">{tints}<div class="here"></div></figure>'
    )


def picture_of(grey: Grey) -> str:
    """Return grey pixels (height x width), made smaller where they are many, as WebP in base64."""
    from PIL import Image

    image = Image.fromarray(grey)
    image.thumbnail((WIDEST, 4 * WIDEST), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    image.save(target, "WEBP", quality=QUALITY, method=4)
    return base64.b64encode(target.getvalue()).decode("ascii")


def style_of(box: Box, own: Page) -> str:
    """Return where a box lies on the picture of its page, as a style."""
    names = ("left", "top", "width", "height")
    return ";".join(f"{name}:{share}%" for name, share in zip(names, shares(box, own), strict=True))


def shares(box: Box, own: Page) -> tuple[str, str, str, str]:
    """Return left, top, width and height of a box in hundredths of its page's."""
    across, down = 100 / own.width, 100 / own.height
    left, top = box.left * across, box.top * down
    width, height = (box.right - box.left) * across, (box.bottom - box.top) * down
    return f"{left:.2f}", f"{top:.2f}", f"{width:.2f}", f"{height:.2f}"


def read_of(own: Page) -> str:
    """Return the lines of a page as they were read, with what was changed in them marked."""
    changed = {line: list(found) for line, found in groupby(own.corrections, key=lambda one: one.line)}
    lines = "".join(read_line(line, changed.get(number, [])) for number, line in enumerate(own.lines))
    return f'<article class="was"><span class="label">As it was</span><p>{lines}</p></article>'


def read_line(line: Line, corrections: Sequence[Correction]) -> str:
    """Return a line as it was read, with what was changed in it marked."""
    pieces, last = [], 0
    for one in corrections:
        was = text(line.original[one.start : one.end])
        pieces += [text(line.original[last : one.start]), f'<span class="o" data-pair="{pair(one)}">{was}</span>']
        last = one.end
    return f'<span class="l">{"".join(pieces)}{text(line.original[last:])}</span>'


def pair(correction: Correction) -> str:
    """Return what a repaired word and what it was have in common within their page."""
    return f"{correction.line}-{correction.start}"


# ---------------------------------------------------------------- what it became


def paragraphs(own: Page) -> Iterator[list[tuple[int, Line]]]:
    """Yield the paragraphs of a page as their lines with their numbers, empty lines left out."""
    numbered = list(enumerate(own.lines))
    runs = groupby(numbered, key=lambda one: (one[1].paragraph, one[1].role, bool(one[1].text.strip())))
    for (_, _, has_text), lines in runs:
        if has_text:
            yield list(lines)


def paragraph_of(lines: Sequence[tuple[int, Line]], own: Page, marks: Mapping[tuple[int, int], Mark]) -> str:
    """Return a paragraph with its marked words."""
    inside = "".join(line_of(line, number, own, marks) for number, line in lines)
    return f'<p class="{lines[0][1].role}">{inside}</p>'


def line_of(line: Line, number: int, own: Page, marks: Mapping[tuple[int, int], Mark]) -> str:
    """Return a line with its words marked; lines of a scan run on in their paragraph, others stay as they are."""
    pieces, last = [], 0
    flows = bool(own.width)
    for place, (token, found) in enumerate(zip(line.tokens, TOKEN.finditer(line.text), strict=False)):
        is_broken = flows and line.ending == "broken" and place == len(line.tokens) - 1
        mark = marks.get((number, place), Mark())
        pieces += [text(line.text[last : found.start()]), word_of(token, mark, own, is_broken)]
        last = found.end()
    inside = "".join(pieces)
    return inside + JOINTS[line.ending] if flows else f'<span class="l">{inside}{text(line.text[last:])}</span>'


def word_of(token: Token, mark: Mark, own: Page, is_broken: bool = False) -> str:
    """Return a word with all that is known of it; of one that `is_broken` the hyphen at the end is not shown."""
    told = {"lang": token.language if token.language != "und" else ""}
    if token.box and own.width and own.height:
        told["data-box"] = " ".join(shares(token.box, own))
    if mark.citation:
        told["data-cite"] = json.dumps(dict(mark.citation.fields), ensure_ascii=False)
    if token.status != "kept":
        told |= facts_of(token, mark.correction)
    if token.status != "kept" or mark.citation:
        told["tabindex"] = "0"
    kinds = ["w", *([] if token.status == "kept" else [token.status]), *(["cited"] if mark.citation else [])]
    attributes = "".join(f' {name}="{text(value)}"' for name, value in told.items() if value)
    inside = f'{text(token.text[:-1])}<span class="h">{text(token.text[-1:])}</span>' if is_broken else text(token.text)
    return f'<span class="{" ".join(kinds)}"{attributes}>{inside}</span>'


def facts_of(token: Token, correction: Correction | None) -> dict[str, str]:
    """Return what is told about a marked word, as attributes of its element."""
    told = {}
    if correction:
        told = {
            "data-was": token.original,
            "data-why": REASONS.get(correction.reason, correction.reason),
            "data-sure": percent(correction.confidence),
            "data-pair": pair(correction),
        }
    if token.ocr_confidence is not None:
        told["data-ocr"] = percent(token.ocr_confidence)
    if token.candidates:
        others = [[one, round(share, 4)] for one, share in token.candidates]
        told["data-others"] = json.dumps(others, ensure_ascii=False)
    before = f", was {token.original}" if correction else ""
    return told | {"aria-label": f"{token.text}: {token.status.replace('-', ', ')}{before}"}


def percent(share: float) -> str:
    """Return a share in whole hundredths."""
    return f"{100 * share:.0f} %"


def table_of(citations: Sequence[Citation]) -> str:
    """Return the citations of a page as a table, a row each, empty if there are none."""
    if not citations:
        return ""
    rows = "".join(f"<tr><td>{cells_of(one)}</td></tr>" for one in citations)
    return f'<table class="cited-list"><caption>Archival citations</caption>{rows}</table>'


def cells_of(citation: Citation) -> str:
    """Return the fields of a citation, each with its name before it."""
    known = [(name, citation.fields[name]) for name in SHELFMARK if citation.fields.get(name)]
    return " ".join(f'<span class="mark">{name}</span>{text(value)}&ensp;' for name, value in known)


# ---------------------------------------------------------------- marks


def marks_of(own: Page) -> dict[tuple[int, int], Mark]:
    """Return what is known of words, by line and by place among the words of the line."""
    marks: dict[tuple[int, int], Mark] = {}
    words = [[found.span() for found in TOKEN.finditer(line.text)] for line in own.lines]
    for correction in own.corrections:
        for place, (start, end) in enumerate(words[correction.line]):
            if start < correction.new_end and correction.new_start < end:
                marks[correction.line, place] = Mark(correction)
    for citation, line, first, last in cited(own):
        for place, (start, end) in enumerate(words[line]):
            if start < last and first < end:
                marks[line, place] = marks.get((line, place), Mark())._replace(citation=citation)
    return marks


def cited(own: Page) -> Iterator[tuple[Citation, int, int, int]]:
    """Yield where the citations of a page stand: citation, line, start and end in the line; those not found are not."""
    last: dict[int, int] = {}
    for citation in own.citations:
        lines = own.lines[citation.line : citation.end_line + 1]
        joined = " ".join(line.text for line in lines)
        start = joined.find(citation.text, last.get(citation.line, 0))
        if start < 0 or not citation.text:
            continue
        end = start + len(citation.text)
        if citation.line == citation.end_line:
            last[citation.line] = end
        offset = 0
        for number, line in enumerate(lines, start=citation.line):
            first, behind = max(start - offset, 0), min(end - offset, len(line.text))
            if first < behind:
                yield citation, number, first, behind
            offset += len(line.text) + 1
