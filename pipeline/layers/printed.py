"""Writes documents that Pravka read itself as hOCR 1.2 and ALTO 4.4.

A repaired word carries what was read, why and how surely it was repaired, as in files of others (`hocr`, `alto`).
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

import regex
from lxml import etree

from pipeline.errors import UsageError
from pipeline.layers.alto import PURPOSE
from pipeline.layers.markup import UNPRINTABLE
from pipeline.model import Box, Correction, Document, Line, Page, Token
from pipeline.source import shown

TOKEN: Final = regex.compile(r"\S+")
HTML: Final = "http://www.w3.org/1999/xhtml"
ALTO: Final = "http://www.loc.gov/standards/alto/ns-v4#"
SCHEMA: Final = f"{ALTO} http://www.loc.gov/standards/alto/v4/alto-4-4.xsd"
XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
CAPABILITIES: Final = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf ocrp_lang"
Paragraph = list[tuple[int, Line]]


def paragraphs(page: Page) -> Iterator[Paragraph]:
    """Yield the paragraphs of a page: runs of lines that are not empty, with their numbers."""
    for is_text, lines in groupby(enumerate(page.lines), key=lambda one: bool(one[1].tokens)):
        if is_text:
            yield list(lines)


def placed(document: Document) -> Document:
    """Return a document whose words have places. Raises UsageError for a text, whose words have none."""
    if any(page.lines and not page.width and not any(line.box for line in page.lines) for page in document.pages):
        raise UsageError(f"{shown(document.source)} has no places of words to write", "Choose --format txt,json")
    return document


def repairs(page: Page, number: int, line: Line) -> Iterator[tuple[Token, Correction | None]]:
    """Yield the tokens of a line (by number), each with the correction that made it, None where none did."""
    made = [correction for correction in page.corrections if correction.line == number]
    for token, found in zip(line.tokens, TOKEN.finditer(line.text), strict=True):
        start, end = found.span()
        yield token, next((one for one in made if one.new_start < end and start < one.new_end), None)


def around(boxes: Sequence[Box | None]) -> Box | None:
    """Return the box around those that are there."""
    known = [box for box in boxes if box]
    return Box.around(known) if known else None


def text(value: str) -> str:
    """Return a text as XML can hold it."""
    return UNPRINTABLE.sub("\ufffd", value)


def settings(document: Document, page: Page | None) -> str:
    """Return the versions that made a document, and its glyph map."""
    used = {**document.versions, "glyph-map": page.glyph_map if page else ""}
    return "; ".join(f"{name} {value}" for name, value in used.items() if value)


# ---------------------------------------------------------------- hOCR


def hocr_of(document: Document) -> bytes:
    """Return a document as hOCR. Raises UsageError if its words have no places."""
    root = etree.Element(f"{{{HTML}}}html", nsmap={None: HTML})
    head, body = etree.SubElement(root, f"{{{HTML}}}head"), etree.SubElement(root, f"{{{HTML}}}body")
    etree.SubElement(head, f"{{{HTML}}}title").text = text(shown(document.source))
    first = document.pages[0] if document.pages else None
    system = f"pravka {document.versions.get('pravka', '')}".strip()
    for name, content in (
        ("ocr-system", system),
        ("ocr-capabilities", CAPABILITIES),
        ("ocr-number-of-pages", str(len(document.pages))),
        ("ocr-langs", "ru en"),
        ("ocr-scripts", "Cyrl Latn"),
        ("pravka", settings(document, first)),
    ):
        etree.SubElement(head, f"{{{HTML}}}meta", name=name, content=text(content))
    for page in placed(document).pages:
        hocr_page(body, page, document)
    return serialised(root, "<!DOCTYPE html>")


def hocr_page(body: Any, page: Page, document: Document) -> None:
    """Add a page."""
    size = Box(0, 0, page.width, page.height)
    image = shown(document.source).replace('"', "'").replace(";", ",")
    resolution = f"; scan_res {page.dpi} {page.dpi}" if page.dpi else ""
    title = f'image "{text(image)}"; {bbox(size)}; ppageno {page.number - 1}{resolution}'
    own = element(body, "div", "ocr_page", f"page_{page.number}", title)
    for count, lines in enumerate(paragraphs(page), start=1):
        hocr_paragraph(own, page, lines, f"{page.number}_{count}")


def hocr_paragraph(page_element: Any, page: Page, lines: Paragraph, name: str) -> None:
    """Add a paragraph, in a block of its own."""
    size = Box(0, 0, page.width, page.height)
    box = around([line.box for _, line in lines]) or size
    block = element(page_element, "div", "ocr_carea", f"block_{name}", bbox(box))
    paragraph = element(block, "p", "ocr_par", f"par_{name}", bbox(box))
    for number, line in lines:
        box = line.box or around([token.box for token in line.tokens]) or size
        row = element(paragraph, "span", "ocr_line", f"line_{page.number}_{number + 1}", bbox(box))
        for token, made in repairs(page, number, line):
            hocr_word(row, token, made)


def hocr_word(row: Any, token: Token, made: Correction | None) -> None:
    """Add a word."""
    told = [bbox(token.box)] if token.box else []
    told += [] if token.ocr_confidence is None else [f"x_wconf {round(100 * token.ocr_confidence)}"]
    word = element(row, "span", "ocrx_word", token.id, "; ".join(told))
    word.text, word.tail = text(token.text), " "
    if token.language in ("ru", "en"):
        word.set("lang", token.language)
    if made:
        word.set("data-original", text(token.original))
        word.set("data-reason", made.reason)
        word.set("data-confidence", f"{made.confidence:.4f}")


def element(parent: Any, tag: str, kind: str, name: str, title: str) -> Any:
    """Add an element of a class, with what its title tells."""
    made = etree.SubElement(parent, f"{{{HTML}}}{tag}", {"class": kind, "id": name})
    if title:
        made.set("title", title)
    return made


def bbox(box: Box) -> str:
    """Return a box as a title tells it."""
    return f"bbox {box.left} {box.top} {box.right} {box.bottom}"


# ---------------------------------------------------------------- ALTO


def alto_of(document: Document) -> bytes:
    """Return a document as ALTO 4.4. Raises UsageError if its words have no places."""
    root = etree.Element(f"{{{ALTO}}}alto", {XSI: SCHEMA, "SCHEMAVERSION": "4.4"}, nsmap={None: ALTO})
    description = add(root, "Description")
    add(description, "MeasurementUnit").text = "pixel"
    add(add(description, "sourceImageInformation"), "fileName").text = text(shown(document.source))
    step = add(description, "Processing", ID="pravka")
    add(step, "processingCategory").text = "contentGeneration contentModification"
    add(step, "processingStepDescription").text = "Text recognised, Russian text repaired"
    add(step, "processingStepSettings").text = text(settings(document, document.pages[0] if document.pages else None))
    software = add(step, "processingSoftware")
    add(software, "softwareName").text = "pravka"
    add(software, "softwareVersion").text = document.versions.get("pravka", "")
    layout = add(root, "Layout")
    for page in placed(document).pages:
        alto_page(layout, page)
    return serialised(root)


def alto_page(layout: Any, page: Page) -> None:
    """Add a page."""
    name = f"p{page.number}"
    sides = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    own = add(layout, "Page", ID=name, PHYSICAL_IMG_NR=str(page.number), **sides)
    space = add(own, "PrintSpace", ID=f"{name}s", HPOS="0", VPOS="0", **sides)
    for count, lines in enumerate(paragraphs(page), start=1):
        block = add(space, "TextBlock", ID=f"{name}b{count}", **place(around([line.box for _, line in lines])))
        for number, line in lines:
            row = add(block, "TextLine", ID=f"{name}l{number + 1}", **place(line.box))
            for token, made in repairs(page, number, line):
                alto_word(row, token, made)


def alto_word(row: Any, token: Token, made: Correction | None) -> None:
    """Add a word, with a space before it where it is not the first."""
    if len(row):
        add(row, "SP")
    confidence = {} if token.ocr_confidence is None else {"WC": f"{token.ocr_confidence:.4f}"}
    language = {"LANG": token.language} if token.language in ("ru", "en") else {}
    word = add(row, "String", ID=token.id, **place(token.box), CONTENT=text(token.text), **confidence, **language)
    if made:
        purpose = PURPOSE.format(made.reason, made.confidence)
        add(word, "ALTERNATIVE", PURPOSE=purpose).text = text(token.original)


def place(box: Box | None) -> dict[str, str]:
    """Return a box as attributes."""
    if box is None:
        return {}
    width, height = box.right - box.left, box.bottom - box.top
    return {"HPOS": str(box.left), "VPOS": str(box.top), "WIDTH": str(width), "HEIGHT": str(height)}


def add(parent: Any, tag: str, **attributes: str) -> Any:
    """Add an element."""
    return etree.SubElement(parent, f"{{{ALTO}}}{tag}", attributes)


def serialised(root: Any, doctype: str | None = None) -> bytes:
    """Return the bytes of a document: UTF-8, indented."""
    etree.indent(root)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", doctype=doctype)) + b"\n"
