"""Writes what was found: the only module that changes files, and the formats text, JSON and the tables (TSV, CSV).

The JSON of a document is described by `document.schema.json` beside this file. Lines, and positions in lines, count
from 0, pages from 1.
"""

import base64
import csv
import errno
import io
import itertools
import json
import math
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from pipeline.cite import FIELDS, SCHEMA, Reference, bibtex_of, csl_of, one_line, ris_of, tei_of, wiki_of
from pipeline.errors import CannotWrite
from pipeline.layout import texts_of
from pipeline.model import Box, Citation, Correction, Document, Line, Page, Status, Token
from pipeline.options import Options
from pipeline.residue import Residue
from pipeline.source import Grey, shown

if TYPE_CHECKING:
    from pipeline.explain import Explanation

# What is in a file, whole or in parts as they come, or what writes it.
Content = bytes | Iterator[bytes] | Callable[[BinaryIO], None]
AS_READ: Final = Options()
PART: Final = ".part"  # the suffix of temporary files
COLUMNS: Final = ("document", "page", "line", "start", "end", "was", "is", "reason", "confidence", "status")
CITATIONS_SCHEMA: Final = {"name": "pravka-citations", "version": 1}
PLACE_COLUMNS: Final = ("key", "document", "page", "line", "end_line", "boxes")
TEXT_COLUMNS: Final = ("shelfmark", "romanised", "text", "raw", "confidence", "flags", "others", "nearest")
RESIDUE_COLUMNS: Final = ("count", "token", "candidates")
ESCAPES: Final = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
NO_ROOM: Final = "Free some space there, or choose another folder with -o"
NOT_ALLOWED: Final = "Choose a folder that you may write to with -o"
IN_THE_WAY: Final = "A file and a folder of the same name are in each other's way: choose another name with -o"
REMEDIES: Final = {
    errno.ENOSPC: NO_ROOM,
    errno.EDQUOT: NO_ROOM,
    errno.EFBIG: NO_ROOM,
    errno.EACCES: NOT_ALLOWED,
    errno.EPERM: NOT_ALLOWED,
    errno.EROFS: NOT_ALLOWED,
    errno.EISDIR: IN_THE_WAY,
    errno.ENOTDIR: IN_THE_WAY,
    errno.EEXIST: IN_THE_WAY,
    errno.ENAMETOOLONG: "Choose a shorter name with -o",
}

# ---------------------------------------------------------------- files


def write_whole(path: Path, data: Content, lasting: bool = True) -> None:
    """Write a file so that it is whole or not there at all, and make the folders above it.

    One that is not `lasting` may be lost, or broken, by a power cut, and is written faster. Large files come in parts
    or as what writes them piece by piece; what that raises besides OSError is raised as it is. A link is followed; what
    is no file (a pipe, /dev/stdout) is written as it is, parts at once. Raises CannotWrite; what was at `path` before
    is then still there, unless only the last step, telling the disk about the new name, failed. A closed pipe raises
    BrokenPipeError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if is_stream(path):
            with path.open("wb") as file:
                for part in parts_of(data):
                    file.write(part)
                    file.flush()
        else:
            replace(Path(os.path.realpath(path)), data, lasting)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise unwritable(path, error) from error


def write_inside(folder: Path, path: Path, data: Content, lasting: bool = True) -> None:
    """Write a file below a folder as `write_whole` does, but never elsewhere: a link at `path` is replaced.

    Raises CannotWrite, also where a folder on the way is a link that leads out.
    """
    try:
        if not Path(os.path.realpath(path.parent)).is_relative_to(os.path.realpath(folder)):
            problem = f"{shown(path)} cannot be written: a link leads out of {shown(folder)}"
            raise CannotWrite(problem, "Remove the link, or choose another folder with -o")
        path.parent.mkdir(parents=True, exist_ok=True)
        replace(path, data, lasting)
    except OSError as error:
        raise unwritable(path, error) from error


def unwritable(path: Path, error: OSError) -> CannotWrite:
    """Return what to tell about a file that cannot be written."""
    remedy = REMEDIES.get(error.errno or 0, "Choose another place with -o")
    return CannotWrite(f"{shown(path)} cannot be written ({error.strerror or error})", remedy)


def step_pictures(stem: Path, page: int) -> Callable[[str, Grey], None]:
    """Return what writes the pictures (height x width) of a page after each step: STEM-p1-1-noise.png and so on.

    Raises CannotWrite when it is called.
    """
    steps = itertools.count(1)

    def write(step: str, grey: Grey) -> None:
        import cv2

        name = f"{stem.name}-p{page}-{next(steps)}-{step}.png"
        write_whole(stem.with_name(name), cv2.imencode(".png", grey)[1].tobytes())

    return write


def is_stream(path: Path) -> bool:
    """Tell whether something that is neither file nor folder is at `path`: there is nothing to replace there."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return False
    return not S_ISREG(mode) and not S_ISDIR(mode)


def parts_of(data: Content) -> Iterator[bytes]:
    """Yield the bytes of a file as they come."""
    if isinstance(data, bytes):
        yield data
    elif isinstance(data, Iterator):
        yield from data
    else:
        buffer = io.BytesIO()  # what writes a file may go back in it
        data(buffer)
        yield buffer.getvalue()


def replace(path: Path, data: Content, lasting: bool = True) -> None:
    """Put a file with `data` at `path` in one step. Raises OSError; the temporary file is gone in any case."""
    temporary = path.with_name(f".pravka-{secrets.token_hex(8)}{PART}")
    try:
        with temporary.open("xb+") as file:
            if callable(data):
                data(file)
            else:
                file.writelines(parts_of(data))
            file.flush()
            if lasting:
                os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    if lasting:
        sync_folder(path.parent)


def sweep(folder: Path) -> None:
    """Remove the temporary files that programs which were killed have left in a folder and below, as far as it can."""
    with suppress(OSError):
        for path in folder.rglob(f".pravka-*{PART}"):
            path.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder outlast a power cut, where the file system can. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some network file systems cannot
            raise
    finally:
        os.close(handle)


def encoded(text: str) -> bytes:
    """Return the bytes of an output: UTF-8, and the wrong bytes of a source as they were."""
    return text.encode("utf-8", "surrogateescape")


# ---------------------------------------------------------------- text


def text_of(document: Document, options: Options = AS_READ) -> str:
    r"""Return the repaired text: each line ends with \n, a form feed stands between pages, a failed page is empty.

    `options` say whether it is written by lines or in paragraphs, and what becomes of running heads and footnotes.
    """
    return "\f".join(texts_of(document.pages, options))


def raw_of(document: Document) -> str:
    r"""Return the text as it was read, before any repair: each line ends with \n, a form feed between pages."""
    return "\f".join("".join(line.original + "\n" for line in page.lines) for page in document.pages)


# ---------------------------------------------------------------- JSON


def json_of(document: Document) -> str:
    r"""Return the record of a document as one line of JSON; the same document gives the same text.

    Wrong bytes in the text stand there as lone surrogates, written \udc80 to \udcff, so that positions stay true.
    Raises ValueError if a number is not finite: that is a fault of the program.
    """
    record = {
        "schema": SCHEMA,
        "source": {**name_record("name", document.source), "sha256": document.sha256},
        "versions": dict(sorted(document.versions.items())),
        "pages": [page_record(page, document) for page in document.pages],
    }
    return json_line(record)


def json_line(record: Any) -> str:
    """Return a record as one line of JSON. Raises ValueError if a number is not finite."""
    text = json.dumps(record, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return LONE_SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


def name_record(key: str, name: str) -> dict[str, str]:
    """Return a file name under `key`; one that is not UTF-8 is escaped, and its bytes are beside it in base64."""
    data = name.encode("utf-8", "surrogateescape")
    readable = data.decode("utf-8", "backslashreplace")
    return {key: readable} if readable == name else {key: readable, f"{key}_base64": base64.b64encode(data).decode()}


def page_record(page: Page, document: Document) -> dict[str, Any]:
    """Return a page as JSON objects; a page of a text has no image, a page that failed has only an error."""
    image = {**name_record("path", document.source), "sha256": document.sha256} if page.width else None
    record = {
        "number": page.number,
        "image": image,
        "width": page.width,
        "height": page.height,
        "dpi": page.dpi,
        "rotation": rounded(page.rotation),
        "lines": [line_record(line) for line in page.lines],
        "corrections": [correction_record(correction) for correction in page.corrections],
        "citations": [citation_record(citation) for citation in page.citations],
    }
    return {**record, "error": page.error} if page.error else record


def line_record(line: Line) -> dict[str, Any]:
    """Return a line as JSON objects."""
    tokens = [token_record(token) for token in line.tokens]
    return {
        "text": line.text,
        "original": line.original,
        "role": line.role,
        "paragraph": line.paragraph,
        "continues": line.continues,
        "ending": line.ending,
        "box": box_record(line.box),
        "tokens": tokens,
    }


def token_record(token: Token) -> dict[str, Any]:
    """Return a token as JSON objects."""
    return {
        "id": token.id,
        "text": token.text,
        "original": token.original,
        "language": token.language,
        "status": token.status,
        "box": box_record(token.box),
        "confidence": None if token.ocr_confidence is None else rounded(token.ocr_confidence),
        "candidates": [{"text": text, "probability": rounded(share)} for text, share in token.candidates],
    }


def correction_record(correction: Correction) -> dict[str, Any]:
    """Return a correction as JSON objects."""
    return {
        "line": correction.line,
        "start": correction.start,
        "end": correction.end,
        "new_start": correction.new_start,
        "new_end": correction.new_end,
        "was": correction.was,
        "is": correction.is_,
        "reason": correction.reason,
        "confidence": rounded(correction.confidence),
    }


def citation_record(citation: Citation) -> dict[str, Any]:
    """Return a citation as JSON objects."""
    return {
        "text": citation.text,
        "raw": citation.raw,
        "fields": dict(sorted(citation.fields.items())),
        "others": dict(sorted(citation.others.items())),
        "nearest": list(citation.nearest),
        "markers": dict(sorted(citation.markers.items())),
        "leaves": [leaf._asdict() for leaf in citation.leaves],
        "line": citation.line,
        "end_line": citation.end_line,
        "boxes": [box_record(box) for box in citation.boxes],
        "confidence": None if citation.confidence is None else rounded(citation.confidence),
        "flags": list(citation.flags),
    }


def box_record(box: Box | None) -> list[int] | None:
    """Return a box as [left, top, right, bottom]; plain ints, whatever numpy made of them."""
    return None if box is None else [int(side) for side in box]


def rounded(number: float) -> float:
    """Return a number to four decimals, never as -0.0; what is not finite stays so, for json to refuse."""
    return round(float(number), 4) + 0.0


# ---------------------------------------------------------------- citations


def citations_json(references: Iterable[Reference]) -> str:
    """Return citations as one line of JSON, described by `citations.schema.json`."""
    return json_line({"schema": CITATIONS_SCHEMA, "citations": [reference_record(one) for one in references]})


def reference_record(reference: Reference) -> dict[str, Any]:
    """Return a citation with where it was found as JSON objects."""
    return {
        "key": reference.key,
        **name_record("document", reference.document),
        "page": reference.page,
        "shelfmark": reference.shelfmark,
        "romanised": reference.romanised,
        **citation_record(reference.citation),
    }


def citations_csv(references: Iterable[Reference]) -> str:
    """Return citations as a table (RFC 4180) with a header line, a column for each field."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\r\n")
    writer.writerow([*PLACE_COLUMNS, *FIELDS, *TEXT_COLUMNS])
    writer.writerows([one_line(cell) for cell in reference_row(one)] for one in references)
    return table.getvalue()


def reference_row(reference: Reference) -> list[str]:
    """Return a citation as a row; boxes (four numbers), flags, other readings and names have `; ` between."""
    citation = reference.citation
    boxes = "; ".join(" ".join(map(str, box)) for box in citation.boxes)
    confidence = "" if citation.confidence is None else f"{citation.confidence:.4f}"
    place = (reference.key, name_record("document", reference.document)["document"])
    lines = map(str, (reference.page, citation.line, citation.end_line))
    fields = [citation.fields.get(name, "") for name in FIELDS]
    texts = (reference.shelfmark, reference.romanised, citation.text, citation.raw)
    others = "; ".join(f"{name}: {text}" for name, text in citation.others.items())
    lists = ("; ".join(citation.flags), others, "; ".join(citation.nearest))
    return [*place, *lines, boxes, *fields, *texts, confidence, *lists]


# What `pravka cite --format` writes: a writer for each of `pipeline.options.FORMATS`.
CITATION_FORMATS: Final[Mapping[str, Callable[[Sequence[Reference]], str]]] = {
    "json": citations_json,
    "csv": citations_csv,
    "csl": csl_of,
    "ris": ris_of,
    "bibtex": bibtex_of,
    "tei": tei_of,
    "wiki": wiki_of,
}


# ---------------------------------------------------------------- single words


def explanations_json(explanations: Iterable["Explanation"]) -> str:
    """Return explanations as one line of JSON: an array of objects, numbers to four decimals."""
    return json_line([plain(asdict(explanation)) for explanation in explanations])


def plain(value: Any) -> Any:
    """Return nested records with their numbers rounded."""
    if isinstance(value, Mapping):
        return {key: plain(own) for key, own in value.items()}
    if isinstance(value, list | tuple):
        return [plain(own) for own in value]
    return rounded(value) if isinstance(value, float) else value


def garblings_json(garbled: Mapping[str, Sequence[tuple[str, float]]]) -> str:
    """Return the misreadings of words, with their probabilities, as one line of JSON: an array, one object a word."""
    return json_line([{"word": word, "readings": list(map(reading_record, own))} for word, own in garbled.items()])


def reading_record(reading: tuple[str, float]) -> dict[str, Any]:
    """Return a misreading and its probability, with three significant digits, as a JSON object."""
    text, share = reading
    return {"text": text, "probability": float(digits(share))}


def garblings_tsv(garbled: Mapping[str, Sequence[tuple[str, float]]]) -> str:
    """Return the misreadings of words as lines `reading  probability`; several words have a line `# word` each."""
    rows: list[tuple[str, ...]] = []
    for word, readings in garbled.items():
        rows += [(f"# {word}",)] if len(garbled) > 1 else []
        rows += [(text, digits(share)) for text, share in readings]
    return table(rows)


def digits(share: float) -> str:
    """Return a probability with three significant digits."""
    return f"{share:#.3g}"


# ---------------------------------------------------------------- tables


def table(rows: Iterable[Sequence[str]]) -> str:
    r"""Return rows as lines of cells with tabs between; backslash, tab, \n and \r in cells are escaped by \."""
    return "".join("\t".join(cell.translate(ESCAPES) for cell in row) + "\n" for row in rows)


def residue_tsv(found: Iterable[Residue]) -> str:
    """Return the tokens that look broken and were left alone as a table with a header line, in the order given.

    Candidates have their posteriors behind them (two decimals) and `; ` between them. What counts: `pipeline.residue`.
    """
    rows = [
        (str(left.count), left.token, "; ".join(f"{text} {share:.2f}" for text, share in left.candidates))
        for left in found
    ]
    return table([RESIDUE_COLUMNS, *rows])


def corrections_tsv(document: Document) -> str:
    """Return the corrections as a table with a header line."""
    return table([COLUMNS, *correction_rows(document)])


def correction_rows(document: Document, before: int = 0) -> Iterator[tuple[str, ...]]:
    """Yield the corrections of a document as rows of text, in the order of COLUMNS; `before` it were so many lines."""
    name = name_record("name", document.source)["name"]
    for page in document.pages:
        for found in page.corrections:
            places = map(str, (page.number, before + found.line, found.start, found.end))
            confidence = f"{found.confidence:.4f}" if math.isfinite(found.confidence) else ""
            yield name, *places, found.was, found.is_, found.reason, confidence, status_of(found, page)


def status_of(correction: Correction, page: Page) -> Status:
    """Return whether the tokens that a correction made are doubtful (one is enough) or simply repaired."""
    made = spans(page.lines[correction.line]) if correction.line < len(page.lines) else {}
    doubtful = any(
        token.status == "doubtful-repaired" and start < correction.new_end and correction.new_start < end
        for (start, end), token in made.items()
    )
    return "doubtful-repaired" if doubtful else "repaired"


def spans(line: Line) -> Mapping[tuple[int, int], Token]:
    """Return the tokens of a line by where they start and end in its text."""
    found = {}
    position = 0
    for token in line.tokens:
        start = max(position, line.text.find(token.text, position))
        position = start + len(token.text)
        found[start, position] = token
    return found
