"""Searchable PDFs: every word at its box, what is seen as it was, and clear refusals."""

import errno
import html
import io
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np
import pikepdf
import pypdfium2
import pytest
from PIL import Image

from pipeline.errors import CannotWrite, PravkaError, UnreadableInput, UsageError
from pipeline.model import Box, Document, Line, Page, Token
from pipeline.outputs import refuse
from pipeline.outputs.pdf import pdf_of
from pipeline.source import Limits, Source, kind_of, page, page_count

WIDTH, HEIGHT, DPI = 600, 800, 100
# Words, with boxes of ascenders and descenders, a dash, a letter beyond 16 bits, marks that PDF writes its own way.
WORDS: Final = (
    (
        ("Отчёт", 60, 95, 150, 120),
        ("о", 162, 102, 173, 120),
        ("ярмарке", 185, 102, 300, 127),
        ("—", 312, 110, 330, 113),
    ),
    (("report", 60, 140, 140, 166), (r"(the\fair)", 150, 138, 270, 166), ("𝔄<&>", 282, 138, 330, 160)),
)


def page_of(number: int = 1, rotation: float = 0.0, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Page:
    """A page of the words, that lie on it as if it had to be turned so to be read."""
    lines = []
    for words in WORDS:
        tokens = [Token("t", text, text, "ru", "kept", turned(Box(*box), rotation, size)) for text, *box in words]
        lines.append(Line(" ".join(token.text for token in tokens), "", tuple(tokens)))
    return Page(number, tuple(lines), width=size[0], height=size[1], rotation=rotation)


def turned(box: Box, rotation: float, size: tuple[int, int]) -> Box:
    """Where a box of the page that stands upright is on the page as given."""
    left, top, right, bottom = box
    width, height = size
    return {
        0: box,
        90: Box(width - bottom, left, width - top, right),
        180: Box(width - right, height - bottom, width - left, height - top),
        270: Box(top, height - right, bottom, height - left),
    }[round(rotation)]


def document_of(*pages: Page) -> Document:
    return Document("scan", "", pages)


def written(document: Document, path: Path) -> bytes:
    source = Source(path, Path(path.name), kind_of(path))
    refuse(source, ("pdf",))
    target = io.BytesIO()
    pdf_of(document, source, Limits())(target)
    return target.getvalue()


def picture(mode: str = "L") -> Image.Image:
    """Paper with something on it that no two places share."""
    grey = np.add.outer(np.arange(HEIGHT) % 97, np.arange(WIDTH) % 89).astype(np.uint8) + 40
    grey[300:500, 100:200] = 0
    return Image.fromarray(grey).convert(mode)


# ---------------------------------------------------------------- where words are


Found = tuple[str, float, float, float, float]


def by_pdfium(data: bytes) -> list[list[Found]]:
    """The words of each page with their boxes in parts of the page, as pdfium's characters make them."""
    with closing(pypdfium2.PdfDocument(data)) as pdf:
        return [list(words_by_pdfium(page)) for page in pdf]


def words_by_pdfium(page: Any) -> Iterator[Found]:
    import ctypes

    from pypdfium2 import raw

    text = page.get_textpage()
    word: list[tuple[str, list[float]]] = []
    place = ctypes.c_int(), ctypes.c_int()
    for number in [*range(text.count_chars()), None]:
        sign = " " if number is None else chr(raw.FPDFText_GetUnicode(text, number))
        if sign.isspace():
            if word:
                ends = [own for _, own in word]
                left, top = min(own[0] for own in ends), min(own[1] for own in ends)
                text_of = "".join(own for own, _ in word).encode("utf-16", "surrogatepass").decode("utf-16")
                yield text_of, left, top, max(o[2] for o in ends), max(o[3] for o in ends)
            word = []
            continue
        rect = raw.FS_RECTF()
        assert raw.FPDFText_GetLooseCharBox(text, number, rect)
        corners = []
        for x, y in ((rect.left, rect.top), (rect.right, rect.bottom)):
            raw.FPDF_PageToDevice(page, 0, 0, 10_000, 10_000, 0, x, y, *place)
            corners.append((place[0].value / 10_000, place[1].value / 10_000))
        (x0, x1), (y0, y1) = (sorted(own) for own in zip(*corners, strict=True))
        word.append((sign, [x0, y0, x1, y1]))
    text.close()


def by_poppler(data: bytes) -> list[list[Found]]:
    run = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=data, capture_output=True, check=True)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        lying = [int(one.obj.get("/Rotate", 0)) % 180 == 90 for one in pdf.pages]
    found = []
    for own, is_lying in zip(run.stdout.decode().split("<page ")[1:], lying, strict=True):
        size = re.match(r'width="([\d.]+)" height="([\d.]+)"', own)
        assert size
        width, height = map(float, reversed(size.groups()) if is_lying else size.groups())
        words = re.findall(r'<word xMin="(.*?)" yMin="(.*?)" xMax="(.*?)" yMax="(.*?)">(.*?)</word>', own)
        found.append(
            [
                (html.unescape(text), float(a) / width, float(b) / height, float(c) / width, float(d) / height)
                for a, b, c, d, text in words
            ]
        )
    return found


def by_plumber(data: bytes) -> list[list[Found]]:
    pdfplumber = pytest.importorskip("pdfplumber")
    with pdfplumber.open(io.BytesIO(data)) as pdf:
        return [
            [
                (w["text"], w["x0"] / own.width, w["top"] / own.height, w["x1"] / own.width, w["bottom"] / own.height)
                for w in own.extract_words()
            ]
            for own in pdf.pages
        ]


READERS: Final = [
    pytest.param(by_pdfium, id="pdfium"),
    pytest.param(
        by_poppler, id="poppler", marks=pytest.mark.skipif(not shutil.which("pdftotext"), reason="no pdftotext")
    ),
    pytest.param(by_plumber, id="pdfplumber"),
]
Reader = Callable[[bytes], list[list[Found]]]


def covered(found: Found, token: Token, page: Page) -> float:
    """The part of a token's box that a found word covers."""
    box = token.box
    assert box
    own = (box.left / page.width, box.top / page.height, box.right / page.width, box.bottom / page.height)
    _, left, top, right, bottom = found
    across = min(own[2], right) - max(own[0], left)
    down = min(own[3], bottom) - max(own[1], top)
    return max(across, 0) * max(down, 0) / ((own[2] - own[0]) * (own[3] - own[1]))


def check_words(read: Reader, data: bytes, *pages: Page) -> None:
    for found, own in zip(read(data), pages, strict=True):
        tokens = [token for line in own.lines for token in line.tokens]
        for token in tokens:
            alike = [covered(one, token, own) for one in found if one[0] == token.text]
            assert max(alike, default=0.0) >= 0.9, (token, found)
        assert len(found) == len(tokens)


def check_pdf(data: bytes) -> None:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert pdf.check_pdf_syntax() == []


# ---------------------------------------------------------------- images

SAVED: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "grey.png": ("L", {}),
    "colour.png": ("RGB", {}),
    "palette.png": ("P", {}),
    "bilevel.png": ("1", {}),
    "grey.jpg": ("L", {"quality": 80}),
    "colour.jpg": ("RGB", {"quality": 80}),
    "fax.tif": ("1", {"compression": "group4"}),
    "lzw.tif": ("L", {"compression": "tiff_lzw"}),
    "plain.bmp": ("RGB", {}),
    "plain.pgm": ("L", {}),
    "lossless.webp": ("RGB", {"lossless": True}),
}


def saved(folder: Path, name: str, **more: Any) -> Path:
    mode, options = SAVED[name]
    picture(mode).save(folder / name, dpi=(DPI, DPI), **options, **more)
    return folder / name


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("name", ["grey.png", "colour.jpg", "fax.tif"])
def test_words_of_an_image_are_found_at_their_boxes(tmp_path: Path, name: str, read: Reader) -> None:
    data = written(document_of(page_of()), saved(tmp_path, name))
    check_words(read, data, page_of())


@pytest.mark.parametrize("name", SAVED)
def test_a_picture_stays_as_it_is(tmp_path: Path, name: str) -> None:
    path = saved(tmp_path, name)
    data = written(document_of(page_of()), path)
    check_pdf(data)
    assert data == written(document_of(page_of()), path)
    source = Source(path, Path(name), "image")
    made = tmp_path / "made.pdf"
    made.write_bytes(data)
    again = page(Source(made, Path("made.pdf"), "pdf"), 1).grey
    given = page(source, 1).grey
    assert again.shape == given.shape
    assert np.abs(again.astype(int) - given).max() <= 1  # colours become grey by another formula
    with pikepdf.open(made) as pdf:
        if name not in ("plain.bmp", "plain.pgm", "lossless.webp", "lzw.tif"):
            assert list(pdf.pages[0].mediabox) == [0, 0, 432, 576] or path.suffix == ".png"
        (image,) = pdf.pages[0].obj.Resources.XObject.values()
        if path.suffix == ".jpg":
            assert image.read_raw_bytes() == path.read_bytes()
            assert image.Filter == "/DCTDecode"
        if name == "fax.tif":
            assert "/CCITTFaxDecode" in list(image.Filter)
            assert image.read_raw_bytes() in path.read_bytes()


@pytest.mark.parametrize("orientation", range(2, 9))
@pytest.mark.parametrize("name", ["grey.png", "grey.jpg", "lzw.tif"])
def test_a_picture_is_turned_as_its_tag_says(tmp_path: Path, name: str, orientation: int) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    path = saved(tmp_path, name, exif=exif)
    own = page(Source(path, Path(name), "image"), 1)
    laid = page_of(size=(own.width, own.height))
    data = written(document_of(laid), path)
    check_words(by_pdfium, data, laid)
    (tmp_path / "made.pdf").write_bytes(data)
    again = page(Source(tmp_path / "made.pdf", Path("made.pdf"), "pdf"), 1).grey
    assert again.shape == own.grey.shape
    assert np.abs(again.astype(int) - own.grey).mean() < 1


def test_pages_of_a_tiff_without_its_small_copies(tmp_path: Path) -> None:
    path = tmp_path / "several.tif"
    first, second = picture("1"), picture("1").rotate(180)
    first.save(path, compression="group4", dpi=(DPI, DPI), save_all=True, append_images=[second])
    data = written(document_of(page_of(1), page_of(2)), path)
    check_words(by_pdfium, data, page_of(1), page_of(2))


def test_a_page_that_failed_has_no_words(tmp_path: Path) -> None:
    data = written(document_of(Page(1, error="broken")), saved(tmp_path, "grey.png"))
    assert by_pdfium(data) == [[]]


def test_text_has_no_pages_to_lay_words_under(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("text")
    with pytest.raises(UsageError, match="no page images"):
        written(document_of(page_of()), path)


# ---------------------------------------------------------------- PDFs

SEEN: Final = b"BT /F1 14 Tf 43.2 489.6 Td (report) Tj ET\n"
OLD_LAYERS: Final = {
    "one text object a line": (
        b"BT 3 Tr /F1 9 Tf 40 500 Td (old layer) Tj ET BT 3 Tr 40 400 Td [(old) -200 (again)] TJ T* ET"
    ),
    "the mode set before": b"q 3 Tr BT /F1 9 Tf 40 500 Td (old layer) Tj ET Q",
    "the mode saved": b"3 Tr q 0 Tr Q BT /F1 9 Tf 40 500 Td (old) ' 1 2 (layer) \" ET 0 Tr",
    "a form": b"q /Old Do Q",
}


def scanned_pdf(path: Path, content: bytes = b"", rotate: int = 0, crop: list[int] | None = None, **more: Any) -> Path:
    """A PDF of one page that is one image, with something more on it."""
    jpeg = io.BytesIO()
    picture("L").save(jpeg, "JPEG", quality=70)
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(432, 576))
        own = pdf.pages[0].obj
        image = pikepdf.Stream(pdf, jpeg.getvalue(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image)
        image.Width, image.Height, image.BitsPerComponent = WIDTH, HEIGHT, 8
        image.ColorSpace, image.Filter = pikepdf.Name.DeviceGray, pikepdf.Name.DCTDecode
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        form = pikepdf.Stream(pdf, b"BT 3 Tr /F1 9 Tf 40 500 Td (old layer) Tj ET")
        form.Type, form.Subtype, form.BBox = pikepdf.Name.XObject, pikepdf.Name.Form, [0, 0, 432, 576]
        form.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        own.Resources = pikepdf.Dictionary(
            XObject=pikepdf.Dictionary(Im0=image, Old=form), Font=pikepdf.Dictionary(F1=font)
        )
        own.Contents = pikepdf.Stream(pdf, b"q 432 0 0 576 0 0 cm /Im0 Do Q\n" + content)
        own.Rotate = rotate
        if crop:
            own.CropBox = crop
        pdf.save(path, **more)
    return path


def streams(data: bytes) -> set[bytes]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return {bytes(one.read_raw_bytes()) for one in pdf.objects if isinstance(one, pikepdf.Stream)}


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_words_of_turned_pages_are_found_at_their_boxes(
    tmp_path: Path, rotate: int, rotation: int, read: Reader
) -> None:
    size = (WIDTH, HEIGHT) if rotate % 180 == 0 else (HEIGHT, WIDTH)
    laid = page_of(rotation=rotation, size=size)
    data = written(document_of(laid), scanned_pdf(tmp_path / "a.pdf", rotate=rotate))
    check_pdf(data)
    if read is by_plumber and rotation:
        pytest.skip("pdfplumber takes words of turned lines apart at their letters")
    check_words(read, data, laid)


def test_boxes_are_those_of_the_crop_box(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", crop=[30, 20, 400, 500])
    check_words(by_pdfium, written(document_of(page_of()), path), page_of())


@pytest.mark.parametrize("old", OLD_LAYERS.values(), ids=OLD_LAYERS)
def test_an_old_invisible_layer_is_replaced(tmp_path: Path, old: bytes) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", old)
    assert any(word[0] == "old" or "old" in word[0] for word in by_pdfium(path.read_bytes())[0])
    data = written(document_of(page_of()), path)
    check_pdf(data)
    check_words(by_pdfium, data, page_of())


def test_writing_again_replaces_the_own_layer(tmp_path: Path) -> None:
    first = tmp_path / "a.pdf"
    first.write_bytes(written(document_of(page_of()), scanned_pdf(tmp_path / "given.pdf")))
    second = tmp_path / "b.pdf"
    second.write_bytes(written(document_of(page_of()), first))
    check_words(by_pdfium, second.read_bytes(), page_of())
    third = written(document_of(page_of()), second)
    assert abs(len(third) - len(second.read_bytes())) < 50


@pytest.mark.parametrize(
    "content",
    [b"", SEEN, b"BT 3 Tr /F1 9 Tf 40 500 Td (old) Tj 0 Tr (seen) Tj ET", b"BT 7 Tr /F1 9 Tf (clip) Tj ET"],
    ids=["a scan", "printed text", "seen and unseen in one", "text that clips"],
)
def test_what_is_seen_stays_byte_for_byte(tmp_path: Path, content: bytes) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", content)
    data = written(document_of(page_of()), path)
    check_pdf(data)
    assert streams(path.read_bytes()) <= streams(data)
    before, after = (pypdfium2.PdfDocument(one)[0].render(scale=1).to_numpy() for one in (path.read_bytes(), data))
    assert (before == after).all()


def test_a_word_that_is_seen_is_not_laid_twice(tmp_path: Path) -> None:
    data = written(document_of(page_of()), scanned_pdf(tmp_path / "a.pdf", SEEN.replace(b"489.6", b"458")))
    assert [word[0] for word in by_pdfium(data)[0]].count("report") == 1
    assert "ярмарке" in [word[0] for word in by_pdfium(data)[0]]


def test_resources_that_pages_share_stay_as_they_are(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        pdf.pages.append(pdf.pages[0])
        shared = pdf.make_indirect(pdf.pages[0].obj.Resources)
        for one in pdf.pages:
            one.obj.Resources = shared
        pdf.save(path)
    data = written(document_of(page_of(1), Page(2, width=WIDTH, height=HEIGHT)), path)
    assert [len(words) for words in by_pdfium(data)] == [7, 0]


# ---------------------------------------------------------------- bad input


def signed(path: Path) -> Path:
    scanned_pdf(path)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        kid = pikepdf.Dictionary(FT=pikepdf.Name.Sig, V=pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Sig)))
        fields = pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(Kids=pikepdf.Array([pdf.make_indirect(kid)])))])
        pdf.Root.AcroForm = pikepdf.Dictionary(Fields=fields, SigFlags=3)
        pdf.save(path)
    return path


def test_signed_pdfs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CannotWrite, match="is signed"):
        written(document_of(page_of()), signed(tmp_path / "a.pdf"))


def test_a_field_without_a_signature_is_no_signature(tmp_path: Path) -> None:
    path = signed(tmp_path / "a.pdf")
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        del pdf.Root.AcroForm.Fields[0].Kids[0]["/V"]
        pdf.save(path)
    check_words(by_pdfium, written(document_of(page_of()), path), page_of())


@pytest.mark.parametrize("user", ["", "secret"])
def test_encrypted_pdfs_are_refused(tmp_path: Path, user: str) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", encryption=pikepdf.Encryption(owner="owner", user=user))
    with pytest.raises(CannotWrite, match="is encrypted"):
        written(document_of(page_of()), path)


@pytest.mark.parametrize("damage", ["cross-references", "font", "resources", "no pages", "no PDF", "half"])
def test_broken_pdfs_are_written_whole_or_refused(tmp_path: Path, damage: str) -> None:
    path = scanned_pdf(tmp_path / "a.pdf", object_stream_mode=pikepdf.ObjectStreamMode.disable)
    data = path.read_bytes()
    path.write_bytes(
        {
            "cross-references": re.sub(rb"startxref\s+\d+", b"startxref 7", data),
            "font": data.replace(b"/F1", b"/F9", 1),
            "resources": data.replace(b"/Resources", b"/Xesources"),
            "no pages": data.replace(b"/Kids", b"/Sdik"),
            "no PDF": b"%PDF-1.7 but nothing more",
            "half": data[: len(data) // 2],
        }[damage]
    )
    try:
        made = written(document_of(page_of()), path)
    except PravkaError as error:
        assert isinstance(error, UnreadableInput | CannotWrite)
        assert "a.pdf" in str(error)
    else:
        check_pdf(made)
        check_words(by_pdfium, made, page_of()) if damage == "cross-references" else None


@pytest.mark.parametrize("name", ["vol..1.pdf", "..scan.pdf", "a...pdf"])
def test_names_with_two_dots(tmp_path: Path, name: str) -> None:
    path = scanned_pdf(tmp_path / name)
    source = Source(path, Path(name), kind_of(path))
    assert page_count(source) == 1
    assert source.output(tmp_path / "out", "pdf") == tmp_path / "out" / name
    check_words(by_pdfium, written(document_of(page_of()), path), page_of())


def test_a_full_disk_is_no_fault_of_the_input(tmp_path: Path) -> None:
    path = scanned_pdf(tmp_path / "a.pdf")

    class Full(io.BytesIO):
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        pdf_of(document_of(page_of()), Source(path, Path("a.pdf"), "pdf"), Limits())(Full())
