"""Keeps what was read of pages, so that no page is read twice: a packed file of JSON each, named by what it is of.

The name is a hash of the bytes of the document, the number of the page, and all that its reading depends on. What is
not whole, or not of this form, counts as not there.
"""

import gzip
import json
import zlib
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from pipeline.model import Box, Reading, ReadLine, ReadWord
from pipeline.write import write_inside

FOLDER: Final = Path(".pravka", "readings")
FORM: Final = 1
QUICK: Final = 1  # level of gzip: a page is packed in a millisecond


def key_of(document: str, page: int, setting: str) -> str:
    """Return the name of a reading: of a document (SHA-256), a page, and all that the reading depends on."""
    return sha256(f"{FORM} {document} {page} {setting}".encode()).hexdigest()


def path_of(out: Path, key: str) -> Path:
    """Return where a reading is kept, in an output folder."""
    return out / FOLDER / key[:2] / f"{key}.json.gz"


def keep(out: Path, key: str, reading: Reading) -> None:
    """Keep a reading. Raises CannotWrite."""
    text = json.dumps(record_of(reading), ensure_ascii=False, separators=(",", ":"))
    data = text.encode("utf-8", "surrogatepass")
    write_inside(out, path_of(out, key), gzip.compress(data, QUICK, mtime=0), lasting=False)


def kept(out: Path, key: str) -> Reading | None:
    """Return a reading that was kept, None if it was not, or is no longer whole."""
    try:
        data = gzip.decompress(path_of(out, key).read_bytes())
        return reading_of(json.loads(data.decode("utf-8", "surrogatepass")))
    except (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, RecursionError):
        return None


def forget(out: Path, key: str) -> None:
    """Remove a reading that nobody needs; one that cannot be removed stays."""
    with suppress(OSError):
        path_of(out, key).unlink()


def record_of(reading: Reading) -> dict[str, Any]:
    """Return a reading as JSON objects."""
    size = [reading.width, reading.height, reading.dpi, reading.rotation]
    return {"glyph_map": reading.glyph_map, "size": size, "lines": [line_record(line) for line in reading.lines]}


def line_record(line: ReadLine) -> list[Any]:
    """Return a line as JSON values."""
    words = [[word.text, word.box, word.confidence, word.place] for word in line.words]
    return [line.text, words, line.box, line.role, line.paragraph, line.continues, line.ending]


def reading_of(record: dict[str, Any]) -> Reading:
    """Return the reading that a record is of. Raises ValueError, TypeError or KeyError if it is no such record."""
    width, height, dpi, rotation = record["size"]
    return Reading(tuple(map(line_of, record["lines"])), record["glyph_map"], width, height, dpi, rotation)


def line_of(record: list[Any]) -> ReadLine:
    """Return the line that a record is of."""
    text, words, box, role, paragraph, continues, ending = record
    return ReadLine(text, tuple(map(word_of, words)), box_of(box), role, paragraph, continues, ending)


def word_of(record: list[Any]) -> ReadWord:
    """Return the word that a record is of."""
    text, box, confidence, place = record
    return ReadWord(text, box_of(box), confidence, box_of(place))


def box_of(record: list[int] | None) -> Box | None:
    """Return the box that a record is of."""
    return None if record is None else Box(*record)
