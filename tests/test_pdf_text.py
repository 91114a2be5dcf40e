"""The text of PDF pages: where it is taken, and when the picture is read instead."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest

import pipeline.document
from pipeline.document import Corrector, repair_page
from pipeline.layers import pdf_text
from pipeline.model import Box, Page, Reading, ReadLine
from pipeline.options import Options
from pipeline.source import DEFAULT_LIMITS, PageImage, Source

PRINTED = b"BT /F1 20 Tf 72 700 Td (The council met) Tj 0 -24 Td (on Monday.) Tj ET"
# The whole page is one picture; what is said in rendering mode 3 is not drawn.
SCAN = b"q 595 0 0 842 0 0 cm /Im Do Q "
GARBLED = b"BT 3 Tr /F1 20 Tf 72 700 Td (pa6oTa ye3qHbIx CTATHCTHKOB paccMaTpuBaeTca) Tj ET"
CLEAN = b"BT 3 Tr /F1 20 Tf 72 700 Td (The council met on Monday.) Tj ET"
STAMP = b"BT /F1 8 Tf 72 10 Td (Downloaded on Monday) Tj ET"
MOJIBAKE = b"BT /F1 20 Tf 72 700 Td (\xcf\xf0\xe8\xe2\xe5\xf2) Tj ET"


@pytest.fixture
def made(tmp_path: Path) -> Callable[..., Source]:
    def make(content: bytes, rotate: int = 0) -> Source:
        pdf = pikepdf.new()
        page = pdf.add_blank_page(page_size=(595, 842))
        font = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.Type1,
            BaseFont=pikepdf.Name.Helvetica,
            Encoding=pikepdf.Name.WinAnsiEncoding,
        )
        picture = pikepdf.Stream(pdf, bytes([255]) * 595 * 842)
        picture.update(
            {
                "/Type": pikepdf.Name.XObject,
                "/Subtype": pikepdf.Name.Image,
                "/Width": 595,
                "/Height": 842,
                "/ColorSpace": pikepdf.Name.DeviceGray,
                "/BitsPerComponent": 8,
            }
        )
        page.Resources = pikepdf.Dictionary(Font={"/F1": font}, XObject={"/Im": picture})
        page.Contents = pikepdf.Stream(pdf, content)
        page.Rotate = rotate
        path = tmp_path / "page.pdf"
        pdf.save(path)
        return Source(path, Path("page.pdf"), "pdf")

    return make


def test_printed_text_has_lines_and_boxes(made: Callable[..., Source]) -> None:
    found = pdf_text(made(PRINTED), 1, DEFAULT_LIMITS)
    assert [line.text for line in found.reading.lines] == ["The council met", "on Monday."]
    assert (found.reading.width, found.reading.height, found.reading.dpi) == (2480, 3509, 300)
    assert found.is_whole and found.is_mapped and not found.is_layer
    first = found.reading.lines[0].words[0].box
    assert first is not None and first.left == pytest.approx(300, abs=12) and first.bottom == pytest.approx(592, abs=12)
    assert 30 < first.bottom - first.top < 100 and all(word.box for line in found.reading.lines for word in line.words)


def test_boxes_are_where_a_turned_page_shows_them(made: Callable[..., Source]) -> None:
    sideways = PRINTED.replace(b"72 700 Td", b"0 1 -1 0 100 72 Tm")
    found = pdf_text(made(sideways, rotate=90), 1, DEFAULT_LIMITS)
    first = found.reading.lines[0].words[0].box
    assert (found.reading.width, found.reading.height) == (3509, 2480)
    assert [line.text for line in found.reading.lines] == ["The council met", "on Monday."]
    assert first is not None and first.left == pytest.approx(300, abs=12) and first.bottom == pytest.approx(417, abs=12)


@pytest.mark.parametrize(
    ("steps", "lines"),
    [
        ([24, 24, 24, 60, 24], ["a", "b", "c", "d", "", "e", "f"]),
        ([60, 60, 60, 60, 60], ["a", "b", "c", "d", "e", "f"]),
        ([24, 24, -300, 24, 24], ["a", "b", "c", "", "d", "e", "f"]),
    ],
)
def test_gaps_and_columns_end_paragraphs(steps: list[int], lines: list[str], made: Callable[..., Source]) -> None:
    moved = " ".join(f"0 -{step} Td (Word {name}) Tj" for step, name in zip(steps, "bcdef", strict=True))
    content = f"BT /F1 20 Tf 72 500 Td (Word a) Tj {moved} ET".replace("--", "").encode()
    found = pdf_text(made(content), 1, DEFAULT_LIMITS)
    assert [line.text.removeprefix("Word ") for line in found.reading.lines] == lines


def test_lines_that_are_not_level_are_told_apart(made: Callable[..., Source]) -> None:
    words = [(72, 700, "The"), (150, 706, "council"), (260, 712, "met"), (72, 694, "on"), (150, 700, "Monday.")]
    content = " ".join(f"BT /F1 20 Tf 0.997 0.077 -0.077 0.997 {x} {y} Tm ({word}) Tj ET" for x, y, word in words)
    found = pdf_text(made(content.encode()), 1, DEFAULT_LIMITS)
    assert [line.text for line in found.reading.lines] == ["The council met", "on Monday."]


PICTURE = Reading((ReadLine("from the picture"),))
CASES = {
    # content, what is preferred, whether the text is taken
    "printed": (PRINTED, "best", True),
    "printed, but the picture is asked for": (PRINTED, "image", False),
    "a clean layer under a scan": (SCAN + CLEAN, "best", True),
    "a garbled layer under a scan": (SCAN + GARBLED, "best", False),
    "a garbled layer that is asked for": (SCAN + GARBLED, "text", True),
    "a scan with nothing under it": (SCAN, "best", False),
    "a scan with nothing under it, text asked for": (SCAN, "text", False),
    "a scan and a stamp": (SCAN + STAMP, "best", False),
    "half a page of pictures and text": (SCAN.replace(b"842", b"300") + PRINTED, "best", True),
    "two strips of a scan and a stamp": (SCAN.replace(b"842", b"300") * 2 + STAMP, "best", False),
    "letters of another alphabet": (MOJIBAKE, "best", False),
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_text_or_picture(
    name: str, made: Callable[..., Source], corrector: Corrector, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, prefer, is_text = CASES[name]
    monkeypatch.setattr(pipeline.document, "page", lambda *_: PageImage(1, np.zeros((1, 1), np.uint8), 1, 1, 0))
    monkeypatch.setattr(Corrector, "read", lambda *_: PICTURE)
    own = Corrector(corrector.repairer, Options(prefer=prefer))
    page = repair_page(own, made(content), 1)
    assert isinstance(page, Page) and ("from the picture" not in [line.text for line in page.lines]) == is_text


def test_a_garbled_layer_is_repaired_in_its_places(made: Callable[..., Source], corrector: Corrector) -> None:
    own = Corrector(corrector.repairer, Options(prefer="text"))
    page = repair_page(own, made(SCAN + GARBLED), 1)
    text = GARBLED.decode().partition("(")[2].partition(")")[0]
    assert page.lines[0].original == text and page.lines[0].text == corrector.fix(text).text != text
    boxes = [token.box for token in page.lines[0].tokens]
    assert all(isinstance(box, Box) for box in boxes) and boxes == sorted(boxes, key=lambda box: box or Box(0, 0, 0, 0))
