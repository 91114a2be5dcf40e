"""A text without end: blocks and lines, each repaired by itself, and every byte that was not repaired."""

import csv
from collections.abc import Iterator
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from layerpages import hocr_page

from pipeline.document import Corrector, repair_bytes
from pipeline.errors import UnreadableInput
from pipeline.stream import BLOCK, Input, Part, blocks, end_of_block, repair_lines, repair_stream, tabled

BROKEN = "KOMHTeT co6paJIca CHOBa.\n"
REPAIRED = "Комитет собрался снова.\n"
BOM = b"\xef\xbb\xbf"
PIECES = st.sampled_from(
    [b"good words ", b"\r\n", b"\n", b"\r", b"\n\n", b" ", b"\xff", b"\xd0", "снова ".encode(), b"\x00", b"\x0c", BOM]
)
TEXTS = st.lists(PIECES, max_size=40).map(b"".join).filter(lambda data: not data.startswith((b"\xff\xfe", b"\xfe\xff")))


def read_of(data: bytes) -> Input:
    return Input("a.txt", BytesIO(data))


def joined(parts: Iterator[Part]) -> bytes:
    return b"".join(part.content for part in parts)


# ---------------------------------------------------------------- where blocks end


@given(TEXTS, st.integers(1, 60))
def test_blocks_joined_are_the_input(data: bytes, size: int) -> None:
    found = list(blocks(read_of(data), size))
    assert b"".join(block for block, _ in found) == data
    assert all(0 < len(block) <= size for block, _ in found)
    assert [last for _, last in found] == [False] * (len(found) - 1) + [True] * bool(found)


@given(TEXTS, st.integers(1, 60))
def test_blocks_never_part_a_line_end(data: bytes, size: int) -> None:
    found = [block for block, _ in blocks(read_of(data), size)]
    ends = [block[-1:] + after[:1] for block, after in pairwise(found)]
    # A block of one byte has no room for both.
    assert size == 1 or b"\r\n" not in ends


@given(st.text(min_size=1), st.integers(4, 60))
def test_blocks_never_part_a_character(text: str, size: int) -> None:
    assert "".join(block.decode() for block, _ in blocks(read_of(text.encode()), size)) == text


@pytest.mark.parametrize(
    ("held", "block"),
    [
        (b"one\n\ntwo\n\nthree words", b"one\n\ntwo\n\n"),  # a paragraph in the second half
        (b"one\r\n\r\ntwo three", b"one\r\n\r\n"),
        (b"a\n\none two three\nfour five", b"a\n\none two three\n"),  # one in the first half is too early
        (b"one two three four", b"one two three "),
        ("слово".encode()[:-1], "слов".encode()),  # a character that is not all there
        (b"\x80" * 9, b"\x80" * 8),  # none that could be whole
        (b"words\r\nwords\r", b"words\r\n"),  # what is behind the last carriage return is not known
    ],
)
def test_end_of_block(held: bytes, block: bytes) -> None:
    assert held[: end_of_block(held)] == block


# ---------------------------------------------------------------- repair


@settings(deadline=None, max_examples=40)
@given(TEXTS, st.integers(1, 200))
def test_nothing_repaired_is_the_same_bytes(corrector: Corrector, data: bytes, size: int) -> None:
    assert joined(repair_stream(corrector, read_of(data), size)) == data
    assert joined(repair_lines(corrector, read_of(data), 2, size)) == data


@pytest.mark.parametrize("size", [BLOCK, None])
def test_a_short_text_is_one_document(corrector: Corrector, size: int | None) -> None:
    data = BOM + (BROKEN + "\r\nThe committee met.\r\n").encode() * 9 + b"\xff"
    [part] = repair_stream(corrector, read_of(data), size)
    document, content = repair_bytes(corrector, data, "a.txt")
    assert (part.content, part.document(), part.before, part.last) == (content, document, 0, True)


def test_blocks_of_paragraphs_are_documents_by_themselves(corrector: Corrector) -> None:
    one, two = (BROKEN * 3 + "\n").encode(), b"The committee met again, and nobody came.\n\n"
    size = max(len(one), len(two)) + 5
    parts = list(repair_stream(corrector, read_of(one + two + one), size))
    alone = [repair_bytes(corrector, data, "a.txt")[1] for data in (one, two, one)]
    assert [part.content for part in parts] == alone
    assert [part.before for part in parts] == [0, 4, 6]
    assert [part.last for part in parts] == [False, False, True]


def test_lines_are_repaired_one_by_one(corrector: Corrector) -> None:
    parts = list(repair_lines(corrector, read_of(("The end.\n" + BROKEN + "It is.\n").encode())))
    assert [part.content.decode() for part in parts] == ["The end.\n", REPAIRED, "It is.\n"]
    assert [part.before for part in parts] == [0, 1, 2]
    assert [[line.text for line in part.document().pages[0].lines] for part in parts][2] == ["It is."]


def test_lines_before_count(corrector: Corrector) -> None:
    """`He` is English by itself, and Russian among Russian words."""
    text = BROKEN + "He 6bIJIO\n"
    alone = joined(repair_lines(corrector, read_of(b"He\n"), 0))
    assert alone == b"He\n"
    assert joined(repair_lines(corrector, read_of(text.encode()))).decode().splitlines()[1].startswith("Не ")


def test_a_long_line_comes_in_pieces(corrector: Corrector) -> None:
    data = ("good words " * 50 + "\n" + "x" * 301).encode()
    parts = list(repair_lines(corrector, read_of(data), 2, 100))
    assert joined(iter(parts)) == data
    assert [part.before for part in parts] == [0] * 6 + [1] * 4


def test_utf_16_is_refused_only_at_the_beginning(corrector: Corrector) -> None:
    with pytest.raises(UnreadableInput):
        joined(repair_stream(corrector, read_of(b"\xff\xfeT\x00"), 10))
    data = b"words\n\n\xff\xfewords and words\n"
    assert joined(repair_stream(corrector, read_of(data), 8)) == data
    assert joined(repair_lines(corrector, read_of(data), 2)) == data


def test_a_layer_is_never_cut(corrector: Corrector) -> None:
    data = hocr_page([BROKEN.split()] * 9).encode()
    [part] = repair_stream(corrector, read_of(data), len(data) // 3)
    assert (part.content, part.last) == (repair_bytes(corrector, data, "a.txt")[1], True)
    assert "Комитет".encode() in part.content


# ---------------------------------------------------------------- tables


def test_tables_count_over_blocks(corrector: Corrector, tmp_path: Path) -> None:
    corrections, residue = tmp_path / "corrections.tsv", tmp_path / "residue.tsv"
    data = ("The end.\n\n" + BROKEN + "\n" + "paбoтaZZZ\n\n" + BROKEN).encode()
    parts = list(tabled(repair_stream(corrector, read_of(data), 30), corrections, residue))
    assert len(parts) > 2
    rows = list(csv.DictReader(corrections.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
    assert {(row["page"], row["line"]) for row in rows if row["was"].startswith("KOM")} == {("1", "2"), ("1", "6")}
    assert residue.read_text(encoding="utf-8").startswith("count\ttoken")


def test_tables_are_written_before_the_last_part(corrector: Corrector, tmp_path: Path) -> None:
    """A reader who goes away after the text has the tables."""
    table = tmp_path / "corrections.tsv"
    next(tabled(repair_stream(corrector, read_of(BROKEN.encode())), table, None))
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1 + len(BROKEN.split())


def test_tables_of_nothing(corrector: Corrector, tmp_path: Path) -> None:
    table = tmp_path / "corrections.tsv"
    assert list(tabled(repair_stream(corrector, read_of(b"")), table, None)) == []
    assert len(table.read_text(encoding="utf-8").splitlines()) == 1


# ---------------------------------------------------------------- input


class Faulty(BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise OSError(5, "Input/output error")

    readline = read


def test_read_errors(corrector: Corrector) -> None:
    for repair in (repair_stream, repair_lines):
        with pytest.raises(UnreadableInput, match=r"a\.txt cannot be read: Input/output error"):
            list(repair(corrector, Input("a.txt", Faulty())))
