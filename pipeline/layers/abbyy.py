"""ABBYY FineReader XML (schemas 6 to 10), also packed as the Internet Archive keeps it: reads it, a page at a time.

https://support.abbyy.com/hc/en-us/articles/360017270080 . Lines are runs of characters, each with its box.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from pipeline.layers.layer import (
    Element,
    Layer,
    LayerLine,
    LayerPage,
    around,
    number,
    paragraphs,
    share,
    size,
    to_box,
    to_line,
)
from pipeline.layers.markup import children, streamed
from pipeline.model import Box, ReadWord
from pipeline.source import DEFAULT_LIMITS, Limits


def read_abbyy(path: str, limits: Limits = DEFAULT_LIMITS) -> Layer:
    """Read an ABBYY XML file, packed or not. Raises UnreadableInput."""
    return Layer("abbyy", tuple(to_page(page) for page in streamed(path, limits, "page")))


def to_page(page: Any) -> LayerPage:
    """Return a page; cells of tables are paragraphs of their own."""
    blocks = [[to_layer_line(line) for line in children(paragraph, "line")] for paragraph in page.iter("{*}par")]
    width, height, dpi = (size(page.get(name)) for name in ("width", "height", "resolution"))
    return LayerPage(paragraphs(blocks), width, height, dpi)


def to_layer_line(line: Any) -> LayerLine:
    """Return a line: words of characters where it has them, else the text of its runs."""
    signs = [to_sign(sign) for sign in line.iter("{*}charParams")]
    if not signs:
        signs = [ReadWord(run.text or "") for run in line.iter("{*}formatting")]
        return to_line([Element(0, "".join(sign.text for sign in signs))], box_of(line))
    return to_line(words(signs), box_of(line))


def to_sign(sign: Any) -> ReadWord:
    """Return a character, with its confidence (ABBYY's runs to 100; other values say that there is none)."""
    confidence = number(sign.get("charConfidence"))
    return ReadWord(sign.text or " ", box_of(sign), share(confidence / 100) if 0 <= confidence <= 100 else None)


def words(signs: Sequence[ReadWord]) -> Iterator[Element]:
    """Yield the words that characters make, as sure as their characters are on average."""
    for is_space, group in groupby(signs, key=lambda sign: sign.text.isspace()):
        own = list(group)
        if not is_space:
            known = [sign.confidence for sign in own if sign.confidence is not None]
            sure = sum(known) / len(known) if known else None
            yield Element(0, "".join(sign.text for sign in own), around(own), sure)


def box_of(element: Any) -> Box | None:
    """Return the box of an element."""
    return to_box([number(element.get(side)) for side in "ltrb"])
