"""Reads a clean page with Tesseract."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import pytesseract

from pipeline.errors import MissingProgram, ProgramFailed
from pipeline.model import Box, PlacedWord, ReadWord
from pipeline.scan import CleanPage

WORD: Final = "5"  # the level of a word in Tesseract's table


def read_words(clean: CleanPage, languages: str = "rus+eng", timeout: float = 300.0) -> tuple[PlacedWord, ...]:
    """Read a page with the packs `languages` ("rus+eng") in at most `timeout` seconds; without text there are no words.

    Raises MissingProgram, ProgramFailed.
    """
    require_languages(languages)
    return tuple(to_words(table_of(clean, languages, timeout), clean))


def table_of(clean: CleanPage, languages: str, timeout: float) -> str:
    """Run Tesseract on the page and return its table (TSV). Sets OMP_THREAD_LIMIT=1 for this process's children.

    Writing the picture with OpenCV takes a tenth of the time that pytesseract takes for an array.
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        with TemporaryDirectory(prefix="pravka-") as folder:
            picture = Path(folder, "page.png")
            picture.write_bytes(cv2.imencode(".png", clean.grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())
            return str(pytesseract.image_to_data(str(picture), lang=languages, timeout=timeout))
    except pytesseract.TesseractError as error:
        raise ProgramFailed(
            f"Tesseract failed with status {error.status}", "Read the page alone, and see whether the scan is intact"
        ) from error
    except RuntimeError as error:
        raise ProgramFailed(f"Tesseract did not end within {timeout:g} s", "Allow it more time") from error
    except (OSError, UnicodeDecodeError, cv2.error) as error:
        raise ProgramFailed(
            "The page could not be passed to Tesseract or back", "See whether the temporary directory (TMPDIR) has room"
        ) from error


def to_words(table: str, clean: CleanPage) -> Iterator[PlacedWord]:
    """Yield the words of Tesseract's table, in its order. Raises ProgramFailed if it is no such table."""
    for line in table.split("\n")[1:]:
        cells = line.split("\t")
        if cells[0] != WORD:
            continue
        try:
            left, top, width, height = map(int, cells[6:10])
            confidence, text = float(cells[10]), "".join(cells[11].split())
        except (IndexError, ValueError) as error:
            raise ProgramFailed(f"Tesseract printed what cannot be read ({line!r})", "Install Tesseract 5") from error
        if text:
            place = Box(left, top, left + width, top + height)
            word = ReadWord(text, clean.box_as_given(place), min(max(confidence / 100, 0.0), 1.0))
            yield PlacedWord(cells[2], cells[3], cells[4], place, word)


def tesseract_version() -> str:
    """Return the version of Tesseract, such as "5.3.0". Raises MissingProgram, ProgramFailed."""
    try:
        return str(pytesseract.get_tesseract_version())
    except pytesseract.TesseractNotFoundError as error:
        raise MissingProgram("Tesseract is not installed", "apt-get install tesseract-ocr") from error
    except (OSError, ValueError, SystemExit) as error:
        raise ProgramFailed("Tesseract does not tell its version", "Install Tesseract 5 afresh") from error


def installed_languages() -> frozenset[str]:
    """Return the names of the installed language packs. Raises MissingProgram."""
    try:
        return frozenset(pytesseract.get_languages())
    except pytesseract.TesseractNotFoundError as error:
        raise MissingProgram("Tesseract is not installed", "apt-get install tesseract-ocr") from error


def require_languages(languages: str) -> None:
    """Raise MissingProgram, naming what to install, unless Tesseract and all packs of `languages` are installed."""
    missing = sorted(set(languages.split("+")) - installed_languages())
    if missing:
        packages = " ".join(f"tesseract-ocr-{name.lower().replace('_', '-')}" for name in missing)
        raise MissingProgram(f"Tesseract has no language pack {', '.join(missing)}", f"apt-get install {packages}")
