"""Reads a clean page with Tesseract."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from shutil import which
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import cv2
import numpy as np
import pytesseract

from pipeline.dashes import dashed
from pipeline.errors import MissingProgram, ProgramFailed
from pipeline.model import Box, PlacedWord, ReadWord
from pipeline.scan import CleanPage, Grey
from pipeline.source import shown

WORD: Final = "5"  # the level of a word in Tesseract's table
ONE_BLOCK: Final = ("--psm", "6")  # looking for a single line (7) or for none (13) reads more letters wrong
SMOOTHED: Final = 1 / 40  # of the height of a line: broken strokes join, and a second look sees something else
EDGE: Final = 10  # pixels of paper around the picture of a line
ROTATE: Final = re.compile(r"^Rotate: (\d+)$", re.MULTILINE)  # degrees clockwise
FOLDER: Final = re.compile(r'languages in "?(.*?)/?"? \(\d+\)')  # where the packs are, as Tesseract lists them
PACKS: Final = ("rus", "eng", "ukr", "Cyrillic", "osd")  # that are used where they are there
QUICKLY: Final = 60.0  # seconds for an answer that needs no page
LONGEST: Final = 32_767  # pixels of a side, that Tesseract takes
MOST_SHOWN: Final = 80  # characters of a line that cannot be read
# Set in the environment of processes that end with all that they have started (`pipeline.batch.cage`).
CAGED: Final = "PRAVKA_CAGED"


def read_words(clean: CleanPage, languages: str = "rus+eng", timeout: float = 300.0) -> tuple[PlacedWord, ...]:
    """Read a page with the packs `languages` ("rus+eng") in at most `timeout` seconds; without text there are no words.

    Raises MissingProgram, ProgramFailed.
    """
    require_languages(languages)
    rows = rows_of(table_of([clean.grey], languages, timeout))
    return tuple(PlacedWord(row.block, row.paragraph, row.line, row.place, row.word_of(clean)) for row in rows)


def read_again(
    clean: CleanPage, places: Sequence[Box], languages: str, timeout: float = 300.0
) -> tuple[tuple[ReadWord, ...], ...]:
    """Read some stretches of lines of a clean page, each by itself, with the packs `languages`; Tesseract starts once.

    Raises MissingProgram, ProgramFailed.
    """
    if not places:
        return ()
    require_languages(languages)
    crops = [crop_of(clean.grey, place) for place in places]
    found: list[list[ReadWord]] = [[] for _ in places]
    for row in rows_of(table_of([grey for grey, _ in crops], languages, timeout, *ONE_BLOCK)):
        _, (across, down) = crops[row.picture]
        found[row.picture].append(row.word_of(clean, across, down))
    return tuple(map(tuple, found))


def crop_of(grey: Grey, place: Box) -> tuple[Grey, tuple[int, int]]:
    """Return the smoothed picture of a stretch of a line with paper around, and how far it is from the corner."""
    height = place.bottom - place.top
    around = height // 4
    top, left = max(0, place.top - around), max(0, place.left - around)
    cut = grey[top : place.bottom + around, left : place.right + around]
    level = float(np.percentile(cut, 90))
    smooth = cv2.GaussianBlur(cut, (0, 0), SMOOTHED * height)
    bordered = cv2.copyMakeBorder(smooth, EDGE, EDGE, EDGE, EDGE, cv2.BORDER_CONSTANT, value=(level,))
    return np.asarray(bordered, np.uint8), (left - EDGE, top - EDGE)


def table_of(pictures: Sequence[Grey], languages: str, timeout: float, *options: str) -> str:
    """Run Tesseract on pictures and return its table (TSV). Raises ProgramFailed."""
    table = run(pictures, timeout, "-l", languages, *options, "-c", "tessedit_create_tsv=1")
    if not table.startswith("level\t"):
        raise unreadable(table.partition("\n")[0])
    return table


def quarter_turns(clean: CleanPage, timeout: float) -> int | None:
    """Return how many quarter turns counter-clockwise set the page upright, as Tesseract sees it; None if it cannot.

    It needs some letters, and the pack `osd`. Raises ProgramFailed.
    """
    if "osd" not in installed_languages():
        return None
    try:
        found = ROTATE.search(run([clean.grey], timeout, "-l", "osd", "--psm", "0"))
    except ProgramFailed as error:
        if isinstance(error.__cause__, subprocess.TimeoutExpired):
            raise
        return None
    return -int(found[1]) // 90 % 4 if found else None


def run(pictures: Sequence[Grey], timeout: float, *arguments: str) -> str:
    """Run Tesseract on pictures, in at most `timeout` seconds, and return what it prints. Raises ProgramFailed.

    Writing a page with OpenCV takes a tenth of the time that pytesseract takes for an array.
    """
    if max(length for grey in pictures for length in grey.shape) > LONGEST:
        raise ProgramFailed(f"The page is too long: Tesseract takes {LONGEST} pixels", "Cut it into pieces")
    try:
        with TemporaryDirectory(prefix="pravka-") as folder:
            paths = [write_picture(Path(folder, f"{number}.bmp"), grey) for number, grey in enumerate(pictures)]
            listed = Path(folder, "pictures.txt")
            listed.write_text("".join(f"{path}\n" for path in paths))
            return printed([pytesseract.pytesseract.tesseract_cmd, str(listed), "stdout", *arguments], timeout)
    except subprocess.CalledProcessError as error:
        raise ProgramFailed(
            f"Tesseract failed with status {error.returncode}",
            "Read the page alone, and see whether the scan is intact",
        ) from error
    except subprocess.TimeoutExpired as error:
        raise ProgramFailed(f"Tesseract did not end within {timeout:g} s", "Allow it more time") from error
    except (OSError, UnicodeDecodeError, cv2.error) as error:
        raise ProgramFailed(
            "The page could not be passed to Tesseract or back", "See whether the temporary directory (TMPDIR) has room"
        ) from error


def printed(command: Sequence[str], timeout: float) -> str:
    """Run a command, single-threaded, and return what it prints; whatever happens, none of its processes is left.

    pytesseract ends the one process that it started, and waits for none. In a cage, who ends that ends them. Raises
    OSError, UnicodeDecodeError, subprocess.TimeoutExpired, and CalledProcessError where it does not end with 0.
    """
    is_free = CAGED not in os.environ
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        start_new_session=is_free,
    ) as process:
        try:
            output = process.communicate(timeout=timeout)[0]
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL) if is_free else process.kill()
            raise
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return output.decode("utf-8")


def unreadable(line: str) -> ProgramFailed:
    """Return what to tell about a line of Tesseract's that is not of its table."""
    return ProgramFailed(f"Tesseract printed what cannot be read ({shown(line)[:MOST_SHOWN]})", "Install Tesseract 5")


def write_picture(path: Path, grey: Grey) -> Path:
    """Write a picture for Tesseract as it is, for packing one takes longer than cleaning it; return its path."""
    path.write_bytes(cv2.imencode(".bmp", grey)[1].tobytes())
    return path


class Row(NamedTuple):
    """A word of Tesseract's table: the number of its picture, block, paragraph, line and place there, and itself."""

    picture: int
    block: str
    paragraph: str
    line: str
    place: Box
    text: str
    confidence: float

    def word_of(self, clean: CleanPage, across: int = 0, down: int = 0) -> ReadWord:
        """Return the word, its picture lying so many pixels from the corner of the clean page."""
        left, top, right, bottom = self.place
        place = Box(left + across, top + down, right + across, bottom + down)
        text = dashed(self.text, clean.grey[max(0, place.top) : place.bottom, max(0, place.left) : place.right])
        return ReadWord(text, clean.box_as_given(place), self.confidence, place)


def rows_of(table: str) -> Iterator[Row]:
    """Yield the words of Tesseract's table, in its order. Raises ProgramFailed if it is no such table."""
    for line in table.split("\n")[1:]:
        cells = line.split("\t")
        if cells[0] != WORD:
            continue
        try:
            left, top, width, height = map(int, cells[6:10])
            picture, (block, paragraph, row) = int(cells[1]) - 1, cells[2:5]
            confidence, text = float(cells[10]), "".join(cells[11].split())
        except (IndexError, ValueError) as error:
            raise unreadable(line) from error
        if text:
            place = Box(left, top, left + width, top + height)
            yield Row(picture, block, paragraph, row, place, text, min(max(confidence / 100, 0.0), 1.0))


def tesseract_version() -> str:
    """Return the version of Tesseract, such as "5.3.0". Raises MissingProgram, ProgramFailed."""
    try:
        return str(pytesseract.get_tesseract_version())
    except pytesseract.TesseractNotFoundError as error:
        raise MissingProgram("Tesseract is not installed", "apt-get install tesseract-ocr") from error
    except (OSError, ValueError, SystemExit, subprocess.SubprocessError) as error:
        raise ProgramFailed("Tesseract does not tell its version", "Install Tesseract 5 afresh") from error


def installed_languages() -> frozenset[str]:
    """Return the names of the installed language packs. Raises MissingProgram."""
    return languages_of(which(pytesseract.pytesseract.tesseract_cmd))


@lru_cache
def languages_of(program: str | None) -> frozenset[str]:
    """Return the names of the language packs of Tesseract, which need not be asked for each page anew.

    `program` is where it is. Raises MissingProgram, ProgramFailed.
    """
    return frozenset(line.strip() for line in listed_languages().split("\n")[1:] if line.strip())


def listed_languages() -> str:
    """Return what Tesseract says of its language packs: where they are, and their names. pytesseract tells but some.

    Raises MissingProgram, ProgramFailed.
    """
    try:
        return printed([pytesseract.pytesseract.tesseract_cmd, "--list-langs"], QUICKLY)
    except FileNotFoundError as error:
        raise MissingProgram("Tesseract is not installed", "apt-get install tesseract-ocr") from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise ProgramFailed("Tesseract does not tell its languages", "Install Tesseract 5 afresh") from error


def model_hashes() -> dict[str, str]:
    """Return the first half of the SHA-256 of each language pack that may be used, by its name.

    Raises MissingProgram, ProgramFailed.
    """
    folder = FOLDER.search(listed_languages())
    paths = [Path(folder[1], f"{name}.traineddata") for name in PACKS] if folder else []
    return {path.stem: sha256(path.read_bytes()).hexdigest()[:32] for path in paths if path.is_file()}


def require_languages(languages: str) -> None:
    """Raise MissingProgram, naming what to install, unless Tesseract and all packs of `languages` are installed."""
    missing = sorted(set(languages.split("+")) - installed_languages())
    if missing:
        packages = " ".join(f"tesseract-ocr-{name.lower().replace('_', '-')}" for name in missing)
        raise MissingProgram(f"Tesseract has no language pack {', '.join(missing)}", f"apt-get install {packages}")
