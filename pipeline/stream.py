"""The recipe for a text that need not end: repaired block by block, or line by line, in bounded memory.

A text that is no longer than a block is one document, as everywhere. A longer one is cut at the ends of paragraphs
where it has them, and each block is a document by itself: what its repair teaches holds within it.
"""

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import IO, BinaryIO, Final

import regex

from pipeline.document import Corrector, Fixed, repair_bytes, versions
from pipeline.errors import UnreadableInput
from pipeline.model import Document, Reading
from pipeline.repair.rearranged import part_of
from pipeline.residue import Gathered
from pipeline.source import SNIFFED, Text, read_text, root_kind, shown, split_lines
from pipeline.write import COLUMNS, correction_rows, encoded, residue_tsv, table, write_whole

# Bytes that are repaired together: a book. Garbled from end to end they take 0.9 GB, clean ones 0.35 (docs/formats.md).
BLOCK: Final = 1 << 20
# Lines before a line that are looked at with it: more cost time and bring no more right (docs/pipes.md).
WINDOW: Final = 2
# Where a block may end, the best first; sought backwards.
ENDS: Final = tuple(map(regex.compile, (rb"(?r)\n\r?\n|\r\r(?=[^\n])", rb"(?r)\n|\r(?=[^\n])", rb"(?r)[ \t]")))
CONTINUATION: Final = range(0x80, 0xC0)  # the bytes of a UTF-8 sequence after its first
LONGEST_CHARACTER: Final = 4


class Input:
    """Bytes that are read in turn from a file or from standard input; every failure is an UnreadableInput."""

    def __init__(self, name: str, stream: BinaryIO) -> None:
        self.name = name
        self.stream = stream

    def read(self, size: int = -1) -> bytes:
        """Return so many bytes, fewer only where the input ends (-1: all that are left). Raises UnreadableInput."""
        return self.told(self.stream.read, size)

    def line(self, size: int) -> bytes:
        r"""Return the bytes up to the next `\n`, as soon as it is there, but no more than `size`, b"" at the end."""
        return self.told(self.stream.readline, size)

    def told(self, read: Callable[[int], bytes], size: int) -> bytes:
        """Return what was read. Raises UnreadableInput where that fails."""
        try:
            return read(size)
        except OSError as error:
            raise unreadable(self.name, error) from error


def unreadable(name: str, error: OSError) -> UnreadableInput:
    """Return the error of an input that cannot be read."""
    return UnreadableInput(
        f"{shown(name)} cannot be read: {error.strerror}", "Name a text file, or pages to `pravka clean`"
    )


@contextmanager
def opened(file: Path | None) -> Iterator[Input]:
    """Open FILE, or standard input where there is none or it is `-`. Raises UnreadableInput."""
    if file is None or str(file) == "-":
        if sys.stdin is None:
            raise UnreadableInput("Standard input is closed", "Name a file")
        yield Input("standard input", sys.stdin.buffer)
        return
    try:
        stream = file.open("rb")
    except OSError as error:
        raise unreadable(str(file), error) from error
    with stream:
        yield Input(str(file), stream)


@dataclass(frozen=True)
class Part:
    """A repaired part of an input: its bytes, how many lines were before it, what makes its record, is it the `last`.

    Of a part that goes out before the next one is there, nobody knows whether it is the last.
    """

    content: bytes
    before: int
    document: Callable[[], Document]
    last: bool = False


def repair_stream(corrector: Corrector, given: Input, size: int | None = BLOCK) -> Iterator[Part]:
    """Repair a text in blocks of `size` bytes (None: as a whole), a text layer (hOCR, ALTO, PAGE XML) as a whole.

    Raises UnreadableInput.
    """
    before = 0
    found = blocks(given, size)
    for number, (block, last) in enumerate(found):
        if number == 0 and root_kind(block[:SNIFFED]):
            yield layer(corrector, block + b"".join(rest for rest, _ in found), given.name)
            return
        text = text_of(block, given.name, number == 0)
        yield part(corrector.fix_lines(text.lines, text.ends), text, block, given.name, before, last)
        before += sum(map(bool, text.ends))


def layer(corrector: Corrector, content: bytes, name: str) -> Part:
    """Return a text layer, repaired. Raises UnreadableInput."""
    document, repaired = repair_bytes(corrector, content, name)
    return Part(repaired, 0, lambda: document, last=True)


def repair_lines(corrector: Corrector, given: Input, window: int = WINDOW, size: int = BLOCK) -> Iterator[Part]:
    r"""Repair a text line by line (they end at `\n`), each as soon as it is there.

    Of what is around a line only the `window` lines before it are known. Lines of more than `size` bytes come in
    pieces. Raises UnreadableInput.
    """
    known: deque[str] = deque(maxlen=window)
    before = count = 0
    while line := given.line(size):
        text = text_of(line, given.name, count == 0)
        yield part(last_lines(corrector, known, text), text, line, given.name, before)
        known.extend(text.lines)
        before += sum(map(bool, text.ends))
        count += 1


def last_lines(corrector: Corrector, known: Sequence[str], text: Text) -> Fixed:
    """Repair the lines of a text with those known before them."""
    fixed = corrector.fix_lines([*known, *text.lines])
    start, end = len(known), len(fixed.reading.lines)
    own = Reading(fixed.reading.lines[start:], fixed.reading.glyph_map)
    return Fixed(own, part_of(fixed.repaired, start, end), text.ends, corrector)


def tabled(parts: Iterable[Part], corrections: Path | None, residue: Path | None) -> Iterator[Part]:
    """Yield the parts, and write the tables of them all that are asked for: with the last part, or after it.

    The corrections wait in a temporary file. Raises CannotWrite.
    """
    left = Gathered()
    with TemporaryFile() as rows:
        rows.write(encoded(table([COLUMNS])))
        for one in parts:
            if corrections:
                rows.write(encoded(table(correction_rows(one.document(), one.before))))
            if residue:
                left.add(one.document().pages)
            if one.last:
                write_tables(corrections, rows, residue, left)
            yield one
            if one.last:
                return
        write_tables(corrections, rows, residue, left)


def write_tables(corrections: Path | None, rows: IO[bytes], residue: Path | None, left: Gathered) -> None:
    """Write the tables of corrections and of the residue that are asked for. Raises CannotWrite."""
    if corrections:
        rows.seek(0)
        write_whole(corrections, lambda file: copyfileobj(rows, file))
    if residue:
        write_whole(residue, encoded(residue_tsv(left.ranked())))


def part(fixed: Fixed, text: Text, data: bytes, name: str, before: int, last: bool = False) -> Part:
    """Return a repaired stretch of a text, which was `data`; `before` counts the lines before it."""
    content = text.with_lines(fixed.lines).to_bytes()
    return Part(content, before, lambda: Document(name, sha256(data).hexdigest(), (fixed.page,), versions()), last)


def text_of(data: bytes, name: str, first: bool) -> Text:
    """Take a stretch of a text apart into lines; only the first may have a byte order mark. Raises UnreadableInput."""
    if first:
        return read_text(data, name)
    return Text(*split_lines(data.decode("utf-8", "surrogateescape")))


def blocks(given: Input, size: int | None) -> Iterator[tuple[bytes, bool]]:
    """Yield (block, whether it is the last); blocks have at most `size` bytes, joined they give the input.

    Raises UnreadableInput.
    """
    if size is None:
        yield given.read(), True
        return
    held = b""
    while len(held := held + given.read(size + 1 - len(held))) > size:
        end = end_of_block(held)
        yield held[:end], False
        held = held[end:]
    if held:
        yield held, True


def end_of_block(held: bytes) -> int:
    r"""Return where to cut: after a paragraph in the second half, after a line, after a word, between two characters.

    Something is left behind it. Never between `\r` and `\n`, nor, in UTF-8, within a character.
    """
    last = len(held) - 1
    for mark, least in zip(ENDS, (last // 2, 0, 0), strict=True):
        found = mark.search(held, least, last)
        if found:
            return int(found.end())
    places = range(last, max(0, last - LONGEST_CHARACTER), -1)
    return next((place for place in places if is_between(held, place)), last)


def is_between(held: bytes, place: int) -> bool:
    r"""Return whether a place is between two characters; `\r\n` counts as one."""
    return held[place] not in CONTINUATION and held[place - 1 : place + 1] != b"\r\n"
