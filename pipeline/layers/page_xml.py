"""PAGE XML (PRImA; Transkribus, eScriptorium, OCR-D): reads it.

https://github.com/PRImA-Research-Lab/PAGE-XML . Where lines have words these are taken, else the text of the line.
"""

from collections.abc import Iterator
from typing import Any, Final

from pipeline.layers.layer import (
    Element,
    Layer,
    LayerLine,
    LayerPage,
    glyph_map_of,
    number,
    paragraphs,
    share,
    size,
    to_box,
    to_line,
)
from pipeline.layers.markup import children, open_markup
from pipeline.model import Box
from pipeline.source import DEFAULT_LIMITS, Limits

LAST: Final = 1 << 30  # behind whatever has an index


def read_page_xml(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> Layer:
    """Read a PAGE XML file; `name` is for errors. Raises UnreadableInput."""
    root = open_markup(data, name, limits).root
    creator = " ".join(root.xpath("//*[local-name()='Creator']/text()")).strip()
    pages = tuple(to_page(page) for page in root.iter("{*}Page"))
    return Layer("page-xml", pages, glyph_map_of(creator, ()))


def to_page(page: Any) -> LayerPage:
    """Return a page, its regions in reading order."""
    blocks = [[to_layer_line(line) for line in children(region, "TextLine")] for region in regions(page)]
    return LayerPage(paragraphs(blocks), size(page.get("imageWidth")), size(page.get("imageHeight")))


def regions(page: Any) -> list[Any]:
    """Return the text regions of a page: those in its reading order first, as they are there."""
    order = list(page.xpath("*[local-name()='ReadingOrder']//@regionRef"))
    indexed = page.xpath("*[local-name()='ReadingOrder']/*[local-name()='OrderedGroup']/*[@index]")
    if len(indexed) == len(order):
        order = [one.get("regionRef") for one in sorted(indexed, key=lambda one: number(one.get("index")))]
    places = {name: place for place, name in reversed(list(enumerate(order)))}
    return sorted(page.iter("{*}TextRegion"), key=lambda region: places.get(region.get("id"), LAST))


def to_layer_line(line: Any) -> LayerLine:
    """Return a line with its words."""
    words = children(line, "Word")
    elements = tuple(to_element(word) for word in words)
    return to_line(elements if any(one.text for one in elements) else (to_element(line),), box_of(line))


def to_element(holder: Any) -> Element:
    """Return a word, or a line without words."""
    said, confidence = "", None
    for equivalent in sorted(children(holder, "TextEquiv"), key=lambda one: size(one.get("index")))[:1]:
        said = " ".join(text_of(equivalent)).strip()
        confidence = share(number(equivalent.get("conf")))
    return Element(0, said, box_of(holder), confidence)


def text_of(equivalent: Any) -> Iterator[str]:
    """Yield the text that a TextEquiv gives."""
    for child in children(equivalent, "Unicode"):
        yield child.text or ""


def box_of(element: Any) -> Box | None:
    """Return the box around the outline of an element; that of 2010 has a point an element."""
    for outline in children(element, "Coords"):
        points = [point.split(",") for point in (outline.get("points") or "").split()]
        points = points or [[one.get("x"), one.get("y")] for one in children(outline, "Point")]
        if points and all(len(point) == 2 for point in points):
            across, down = ([number(point[side]) for point in points] for side in (0, 1))
            return to_box((min(across), min(down), max(across), max(down)))
    return None
