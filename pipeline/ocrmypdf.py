"""A plugin of OCRmyPDF: what its Tesseract reads with Russian is repaired before it becomes a text layer.

`ocrmypdf --plugin pipeline.ocrmypdf -l rus+eng in.pdf out.pdf`. Hooks and engine are those of OCRmyPDF 17:
https://ocrmypdf.readthedocs.io/en/stable/plugins.html . Without `rus` among the languages the text stays as read.
"""

import logging
from argparse import ArgumentParser
from dataclasses import fields
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from ocrmypdf import hookimpl
from ocrmypdf.builtin_plugins.tesseract_ocr import TesseractOcrEngine
from ocrmypdf.exceptions import BadArgsError

from pipeline.data import package_version
from pipeline.errors import PravkaError
from pipeline.options import Options

if TYPE_CHECKING:
    from pipeline.document import Corrector

LOG: Final = logging.getLogger(__name__)
RUSSIAN: Final = "rus"
OFFERED: Final = [one for one in fields(Options) if one.name in ("min_confidence", "lexicon", "archives")]
# OCRmyPDF reads pages in threads, and a Corrector is for one at a time.
ONE_AT_A_TIME: Final = Lock()


class RepairingEngine(TesseractOcrEngine):
    """OCRmyPDF's Tesseract, with what it read repaired."""

    @staticmethod
    def creator_tag(options: Any) -> str:
        """Return what the metadata of the PDF say made its text."""
        return f"{TesseractOcrEngine.creator_tag(options)} + Pravka {package_version()}"

    @staticmethod
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: Any) -> None:
        """Read a page image, and write its hOCR and its text, repaired."""
        from pipeline.rewrite import rewrite_page

        TesseractOcrEngine.generate_hocr(input_file, output_hocr, output_text, options)
        with ONE_AT_A_TIME:
            rewrite_page(lambda: corrector(asked(options)), output_hocr, output_text)


@cache
def corrector(options: Options) -> "Corrector":
    """Load the models, once in a process. Raises BadData."""
    from pipeline.document import Corrector

    return Corrector.load(RUSSIAN, options)


@hookimpl
def get_ocr_engine(options: Any) -> RepairingEngine | None:
    """Return the engine that repairs, None where Tesseract is not to read Russian."""
    return RepairingEngine() if options is not None and reads_russian(options) else None


@hookimpl
def add_options(parser: ArgumentParser) -> None:
    """Add the options of the repair to those of OCRmyPDF, `--pravka-` before each."""
    group = parser.add_argument_group("Pravka", "Repair of Russian text")
    for one in OFFERED:
        shown = "FILE" if one.metadata.get("path") else "NUMBER"
        about = {"type": type(one.default), "default": one.default, "help": one.metadata["help"], "metavar": shown}
        group.add_argument(f"--pravka-{one.name.replace('_', '-')}", **about)


@hookimpl
def check_options(options: Any) -> None:
    """Refuse what cannot be done before any page is read. Raises BadArgsError."""
    if not reads_russian(options):
        LOG.warning("Pravka repairs only what Tesseract reads with rus (-l rus+eng): the text stays as it is read")
        return
    if options.pdf_renderer == "sandwich":
        raise BadArgsError("With --pdf-renderer sandwich Pravka does not see the text: use fpdf2, which is the default")
    for one in OFFERED:
        low, high = one.metadata.get("low"), one.metadata.get("high")
        if low is not None and not low <= setting(options, one.name, one.default) <= high:
            raise BadArgsError(f"--pravka-{one.name.replace('_', '-')} must be from {low} to {high}")
    try:
        corrector(asked(options))
    except PravkaError as error:
        raise BadArgsError(str(error)) from error


def reads_russian(options: Any) -> bool:
    """Tell whether Tesseract is to read, with Russian among its languages."""
    return options.ocr_engine in ("auto", "tesseract") and RUSSIAN in options.languages


def asked(options: Any) -> Options:
    """Return the options of the repair that OCRmyPDF was given; its languages tell the glyph map, if there is one."""
    from pipeline.layers import glyph_map_of

    used = glyph_map_of("tesseract", options.languages) or "auto"
    return Options(glyph_map=used, **{one.name: setting(options, one.name, one.default) for one in OFFERED})


def setting(options: Any, name: str, default: Any) -> Any:
    """Return an option of the repair; a caller of OCRmyPDF's API need not give it."""
    return getattr(options, f"pravka_{name}", default)
