"""Pages of text layers, made by hand: words with boxes, and what a repair does to them."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lxml import etree

from pipeline.layers import Layer, read_layer
from pipeline.model import Correction, Page

DATA: Final = Path(__file__).parent / "data"
VERSIONS: Final = {"pravka": "1.2.3", "lexicon": "0123456789ab"}
ALTO: Final = "http://www.loc.gov/standards/alto/ns-v{}#"


@dataclass(frozen=True)
class Edit:
    """The words from `first` up to `last` of a line become `text`."""

    first: int
    last: int
    text: str


def boxes(lines: Sequence[Sequence[str]]) -> Iterator[tuple[int, int, str, tuple[int, int, int, int]]]:
    """Line, place, word, and its left, top, width and height."""
    for row, words in enumerate(lines):
        left = 100
        for place, word in enumerate(words):
            yield row, place, word, (left, 100 + 40 * row, 12 * len(word), 30)
            left += 12 * len(word) + 10


def alto_page(lines: Sequence[Sequence[str]], version: int = 3, prefix: str = "", inside: str = "") -> str:
    p = f"{prefix}:" if prefix else ""
    rows = ["" for _ in lines]
    for row, place, word, (left, top, width, height) in boxes(lines):
        space = f"<{p}SP/>" if place else ""
        own = f">{inside}</{p}String>" if inside else "/>"
        rows[row] += (
            f'{space}<{p}String ID="s{row}_{place}" HPOS="{left}" VPOS="{top}" WIDTH="{width}" HEIGHT="{height}"'
            f' WC="0.5"  CONTENT="{html.escape(word)}"{own}'
        )
    text = "\n".join(
        f'    <{p}TextLine ID="l{row}" HPOS="1" VPOS="1" WIDTH="9" HEIGHT="9">{own}</{p}TextLine>'
        for row, own in enumerate(rows)
    )
    namespace = f"xmlns:{prefix}" if prefix else "xmlns"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!-- kept --><{p}alto {namespace}="{ALTO.format(version)}">
  <{p}Description><{p}MeasurementUnit>pixel</{p}MeasurementUnit>
  </{p}Description>
  <{p}Layout><{p}Page ID="p1" WIDTH="2000" HEIGHT="3000" PHYSICAL_IMG_NR="1"><{p}PrintSpace><{p}TextBlock ID="b1">
{text}
  </{p}TextBlock></{p}PrintSpace></{p}Page></{p}Layout>
</{p}alto>
"""


def hocr_page(lines: Sequence[Sequence[str]], is_xml: bool = True) -> str:
    rows = ["" for _ in lines]
    for row, place, word, (left, top, width, height) in boxes(lines):
        rows[row] += (
            f"<span class='ocrx_word' id='w{row}_{place}' title='bbox {left} {top} {left + width} {top + height};"
            f" x_wconf 50'>{html.escape(word)}</span> "
        )
    end, start, root = (
        ("/>", '<?xml version="1.0"?>\n', ' xmlns="http://www.w3.org/1999/xhtml"') if is_xml else (">", "", "")
    )
    text = "\n".join(
        f"<span class='ocr_line' id='l{row}' title=\"bbox 1 1 9 9\">{own}</span>" for row, own in enumerate(rows)
    )
    return f"""{start}<html{root}><head><title></title>
<meta name='ocr-system' content='tesseract 5.3.0' {end}
<meta name='ocr-capabilities' content='ocr_page ocr_carea ocr_par ocr_line ocrx_word'{end}
</head><body><!-- kept -->
<div class='ocr_page' title='image "a; bbox 1 2 3 4.png"; bbox 0 0 2000 3000; scan_res 300 300'>
<p class='ocr_par'>
{text}
</p></div></body></html>
"""


def repaired(layer: Layer, edits: Sequence[Sequence[Edit]]) -> list[Page]:
    """The pages of a layer of one page, as a repairer that makes these edits of its lines (empty ones apart) would."""
    lines = [place for place, line in enumerate(layer.pages[0].lines) if line.holders]
    corrections = []
    for place, own in zip(lines, edits, strict=True):
        holders = layer.pages[0].lines[place].holders
        text = layer.pages[0].lines[place].read.text
        for edit in own:
            start, end = holders[edit.first].start, holders[edit.last - 1].end
            corrections.append(Correction(place, start, end, 0, 0, text[start:end], edit.text, "lexicon", 0.9))
    return [Page(1, corrections=tuple(corrections), glyph_map="tesseract-eng")]


def layer_of(text: str | bytes, kind: str) -> Layer:
    return read_layer(text.encode() if isinstance(text, str) else text, kind, f"page.{kind}")


class Local(etree.Resolver):  # type: ignore[misc]
    """Gives ALTO's schema the attributes of links; nothing is fetched."""

    def resolve(self, url: str, public: str, context: Any) -> Any:
        return self.resolve_filename(str(DATA / "xlink.xsd"), context) if url.endswith("xlink.xsd") else None


def schema(version: str) -> Any:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Local())
    return etree.XMLSchema(etree.parse(str(DATA / f"alto-{version}.xsd"), parser))
