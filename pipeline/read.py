"""Reads a clean page with Tesseract."""

import os
from collections.abc import Iterator, Sequence
from itertools import accumulate, groupby
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import cv2
import pytesseract

from pipeline.errors import MissingProgram, ProgramFailed
from pipeline.model import Box, Reading, ReadLine, ReadWord
from pipeline.scan import CleanPage

WORD: Final = "5"  # the level of a word in Tesseract's table
LEAST_SHARED: Final = 3  # lines that run across two columns
LEAST_WORDS: Final = 2.5  # a line of a column of prose, on average


class Row(NamedTuple):
    """A word of Tesseract's table: its block, paragraph there, line there, place on the clean page, and itself."""

    block: str
    paragraph: str
    line: str
    place: Box
    word: ReadWord


def read_page(clean: CleanPage, languages: str = "rus+eng", timeout: float = 300.0) -> Reading:
    """Read a page with the packs `languages` ("rus+eng") in at most `timeout` seconds; boxes are of the page as given.

    An empty line stands between paragraphs; a page without text has no lines. Raises MissingProgram, ProgramFailed.
    """
    require_languages(languages)
    page = by_columns(list(to_rows(table_of(clean, languages, timeout), clean)))
    blocks = groupby(page, key=lambda row: row.block)
    return Reading(
        lines=tuple(to_lines([row for _, block in blocks for row in by_columns(list(block))])),
        glyph_map=f"tesseract-{languages}",
        width=clean.given_width,
        height=clean.given_height,
        rotation=clean.rotation,
    )


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


def to_rows(table: str, clean: CleanPage) -> Iterator[Row]:
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
            yield Row(cells[2], cells[3], cells[4], place, word)


def by_columns(rows: list[Row]) -> list[Row]:
    """Return the words of a page or block, the left column before the right, where Tesseract took two for one."""
    gutter = gutter_of(rows)
    if gutter is None:
        return rows
    left = [row for row in rows if row.place.left < gutter]
    return left + [row._replace(block=f"{row.block}r") for row in rows if row.place.left >= gutter]


def gutter_of(words: Sequence[Row]) -> float | None:
    """Return where lines run across two columns of prose, in pixels of the clean page; None if they do not.

    No word crosses the gutter (specks read as dashes or bars may stand in it), it is wider than words are high, several
    lines have words on both sides, and the parts of lines are as long as in prose: a cell of a table has fewer words.
    """
    rows = sorted((row for row in words if any(map(str.isalnum, row.word.text))), key=lambda row: row.place.left)
    reach = list(accumulate((row.place.right for row in rows), max))
    gaps = [(after.place.left - right, right) for right, after in zip(reach, rows[1:], strict=False)]
    width, edge = max(gaps, default=(0, 0))
    if not gaps or width <= median(row.place.bottom - row.place.top for row in rows):
        return None
    left = [row[:3] for row in rows if row.place.left < edge]
    right = [row[:3] for row in rows if row.place.left > edge]
    prose = all(len(side) >= LEAST_WORDS * len(set(side)) for side in (left, right))
    return edge + width / 2 if prose and len(set(left) & set(right)) >= LEAST_SHARED else None


def to_lines(rows: Sequence[Row]) -> Iterator[ReadLine]:
    """Yield the lines that the words stand in, and an empty one between paragraphs."""
    for number, (_, paragraph) in enumerate(groupby(rows, key=lambda row: (row.block, row.paragraph))):
        if number:
            yield ReadLine("")
        for _, line in groupby(paragraph, key=lambda row: row.line):
            yield to_line(tuple(row.word for row in line))


def to_line(words: tuple[ReadWord, ...]) -> ReadLine:
    """Return the line of these words, single spaces between them, its box around theirs."""
    boxes = [word.box for word in words if word.box]
    left, top, right, bottom = zip(*boxes, strict=True)
    return ReadLine(" ".join(word.text for word in words), words, Box(min(left), min(top), max(right), max(bottom)))


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
