"""Files for readers and libraries, made of a repaired document: PDF, HTML, DOCX. `pipeline.write` keeps the files."""

from collections.abc import Callable, Sequence
from typing import BinaryIO, Final

from pipeline.model import Document
from pipeline.options import Options
from pipeline.outputs.picture import refuse_without_picture, with_picture
from pipeline.source import Source

__all__ = ["MADE", "made", "refuse"]

MADE: Final = ("pdf", "html", "docx")  # the formats that are made here


def refuse(source: Source, formats: Sequence[str]) -> None:
    """Raise what tells why a document cannot have one of these formats: before it is read.

    UsageError for a text as PDF, CannotWrite for a PDF that is encrypted or signed, UnreadableInput for a broken one.
    """
    if "pdf" in formats:
        from pipeline.outputs.pdf import refuse_as_pdf

        refuse_without_picture(source)
        refuse_as_pdf(with_picture(source))


def made(document: Document, format_name: str, source: Source, options: Options) -> Callable[[BinaryIO], None]:
    """Return what writes a document into a file, in one of the formats MADE; it raises CannotWrite, UnreadableInput."""
    if format_name == "pdf":
        from pipeline.outputs.pdf import pdf_of

        return pdf_of(document, with_picture(source), options.limits)
    if format_name == "html":
        from pipeline.outputs.html import html_of

        return html_of(document, with_picture(source), options.limits)
    from pipeline.outputs.docx import docx_of

    return docx_of(document, options)
