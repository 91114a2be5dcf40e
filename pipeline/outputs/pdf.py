"""Writes a searchable PDF: the pages as they were given, with the repaired words as invisible text at their places.

The streams of a PDF that is given stay byte for byte as they are; only invisible text that lay under a scan before
is taken out, and a page gets one stream and one font more. The same input gives the same bytes.
"""

import io
import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from copy import copy
from typing import Any, BinaryIO, Final

from pipeline.errors import CannotWrite, UnreadableInput
from pipeline.model import Document, Page
from pipeline.outputs.glyphless import Codes, add_font, finish_font, stream
from pipeline.outputs.oldlayer import remove_invisible_text
from pipeline.outputs.scanned import pdf_of_image
from pipeline.outputs.textlayer import FONT, layer_of, lines_of, paper_of
from pipeline.outputs.visible import Visible, is_scan, visible_text
from pipeline.outputs.words import quarter_of
from pipeline.source import Limits, Source, blamed_on, opened_pdf, shown

DEEPEST: Final = 32  # of a tree of pages or fields
Sides = tuple[float, float, float, float]


def refuse_as_pdf(source: Source) -> None:
    """Raise what tells why no searchable PDF can be made of a document: before it is read.

    CannotWrite for a PDF that is encrypted or signed, UnreadableInput for one that is broken.
    """
    if source.kind == "pdf":
        with given_pdf(source):
            pass


@contextmanager
def given_pdf(source: Source) -> Iterator[Any]:
    """Open a PDF to be written again (pikepdf's Pdf). Raises CannotWrite, UnreadableInput."""
    with ExitStack() as stack:
        with blamed_on(source.path, "PDF"):
            pdf = stack.enter_context(writable(source, stack.enter_context(source.path.open("rb"))))
            if is_signed(pdf):
                raise CannotWrite(
                    f"{shown(source.path)} is signed, and a text layer would break its signature",
                    "Leave pdf out of --format, or give a copy without the signature",
                )
        yield pdf


def writable(source: Source, file: BinaryIO) -> Any:
    """Return an opened PDF (pikepdf's Pdf). Raises CannotWrite if it is encrypted, and whatever pikepdf raises."""
    import pikepdf

    try:
        # Not mapped into memory: what is mapped counts as used.
        pdf = pikepdf.Pdf.open(file, suppress_warnings=True, access_mode=pikepdf.AccessMode.stream)
    except pikepdf.PasswordError as error:
        raise protected(source) from error
    if pdf.is_encrypted:
        pdf.close()
        raise protected(source)
    return pdf


def protected(source: Source) -> CannotWrite:
    """Return what to tell about an encrypted PDF."""
    return CannotWrite(
        f"{shown(source.path)} is encrypted, and is not written again without its protection",
        "Leave pdf out of --format, or give a copy made with `qpdf --decrypt`",
    )


def is_signed(pdf: Any) -> bool:
    """Tell whether a PDF (pikepdf's Pdf) has a field with a signature in it."""
    form = pdf.Root.get("/AcroForm")
    fields = [(field, DEEPEST) for field in (form.get("/Fields", []) if form is not None else [])]
    while fields:
        field, deepest = fields.pop()
        if field.get("/FT") == "/Sig" and "/V" in field:
            return True
        fields += [(kid, deepest - 1) for kid in field.get("/Kids", [])] if deepest else []
    return "/Perms" in pdf.Root


def pdf_of(document: Document, source: Source, limits: Limits) -> Callable[[BinaryIO], None]:
    """Return what writes a document into a file as a searchable PDF; it raises CannotWrite, UnreadableInput."""

    def write(file: BinaryIO) -> None:
        """Write the PDF. Raises OSError too, where the file cannot be written."""
        with given_pdf(source) if source.kind == "pdf" else made_pdf(source, limits) as pdf:
            with blamed_on(source.path, "PDF"):
                lay(document, pdf, source, limits)
            save(pdf, file, source)

    return write


@contextmanager
def made_pdf(source: Source, limits: Limits) -> Iterator[Any]:
    """Open a new PDF of the pages of an image file (pikepdf's Pdf). Raises UnreadableInput."""
    import pikepdf

    with pikepdf.Pdf.open(io.BytesIO(pdf_of_image(source, limits))) as pdf:
        if "/ID" in pdf.trailer:  # it is of the time
            del pdf.trailer["/ID"]
        yield pdf


def save(pdf: Any, file: BinaryIO, source: Source) -> None:
    """Write a PDF (pikepdf's Pdf), its streams as they are; its identifier is a hash of what is in it.

    Raises OSError, and UnreadableInput where a part that is read only now is broken.
    """
    from pikepdf import PdfError, StreamDecodeLevel

    try:
        pdf.save(file, compress_streams=False, stream_decode_level=StreamDecodeLevel.none, deterministic_id=True)
    except PdfError as error:
        raise UnreadableInput(f"{shown(source.path)} is broken ({shown(str(error))})", "Make the PDF again") from error


def lay(document: Document, pdf: Any, source: Source, limits: Limits) -> None:
    """Lay the words of a document under the pages of its PDF (pikepdf's Pdf)."""
    if len(pdf.pages) != len(document.pages):
        raise CannotWrite(
            f"The pages of {shown(source.path)} cannot be told apart", "Make it again, or leave pdf out of --format"
        )
    codes, font = Codes(), add_font(pdf)
    for number, page in enumerate(document.pages):
        if page.lines and page.width and page.height:
            own = pdf.pages[number].obj
            seen = without_old_layer(page, pdf, own, source, limits) if source.kind == "pdf" else None
            lay_page(page, pdf, own, font, codes, seen)
    finish_font(pdf, font, codes)


def without_old_layer(page: Page, pdf: Any, own: Any, source: Source, limits: Limits) -> Visible | None:
    """Take the invisible text off a page if it is a scan, and return the text that is seen on it.

    pdfium keeps in memory what it saw of each page, so that the PDF is opened anew.
    """
    with opened_pdf(source.path, limits) as rendered, closing(rendered[page.number - 1]) as seen:
        if is_scan(seen):
            remove_invisible_text(pdf, own)
        return visible_text(seen, page.width, page.height)


def lay_page(page: Page, pdf: Any, own: Any, font: Any, codes: Codes, seen: Visible | None) -> None:
    """Lay the words of a page under it, but those that are seen there as they are."""
    from pikepdf import Array, Dictionary, Name, Stream

    lines = list(lines_of(page, seen.says if seen else lambda text, box: False))
    quarter = quarter_of(page)
    upright = (page.width, page.height) if quarter % 180 == 0 else (page.height, page.width)
    paper = paper_of(sides_of(own), (rotate_of(own) - quarter) % 360, *upright)
    slope = math.tan(math.radians(page.rotation - quarter))
    layer = layer_of(lines, paper, slope, codes)
    if not layer:
        return
    shared = inherited(own, "/Resources")
    resources = Dictionary() if shared is None else copy(shared)
    fonts = copy(resources.Font) if "/Font" in resources else Dictionary()
    fonts[f"/{FONT}"] = font
    resources.Font = fonts
    own.Resources = resources
    # Under the page's own content: what that leaves behind, if it ends in the middle of something, does not matter.
    before = own.get("/Contents", Array())
    own.Contents = Array([stream(pdf, layer), *([before] if isinstance(before, Stream) else before)])
    own.Type = Name.Page


def sides_of(own: Any) -> Sides:
    """Return left, bottom, right and top of what is shown of a page (pikepdf's), as pdfium sees it."""
    media = sides(inherited(own, "/MediaBox")) or (0.0, 0.0, 612.0, 792.0)
    crop = sides(inherited(own, "/CropBox")) or media
    left, bottom = max(media[0], crop[0]), max(media[1], crop[1])
    right, top = min(media[2], crop[2]), min(media[3], crop[3])
    return (left, bottom, right, top) if left < right and bottom < top else media


def sides(box: Any) -> Sides | None:
    """Return the sides that a box of a PDF states, in any order, None if it is none."""
    try:
        left, bottom, right, top = map(float, box)
    except (TypeError, ValueError):
        return None
    ordered = min(left, right), min(bottom, top), max(left, right), max(bottom, top)
    return ordered if ordered[0] < ordered[2] and ordered[1] < ordered[3] else None


def rotate_of(own: Any) -> int:
    """Return by how many degrees clockwise (0, 90, 180, 270) a page is turned to be shown."""
    try:
        return int(inherited(own, "/Rotate") or 0) // 90 % 4 * 90
    except (TypeError, ValueError):
        return 0


def inherited(own: Any, key: str) -> Any:
    """Return what a page, or the tree above it, has under a key, None if nothing."""
    for _ in range(DEEPEST):
        if own is None or key in own:
            break
        own = own.get("/Parent")
    return None if own is None else own.get(key)
