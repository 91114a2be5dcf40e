import base64
import errno
import json
import os
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pipeline.write as writing
from pipeline.batch.formats import content
from pipeline.errors import CannotWrite
from pipeline.model import Box, Citation, Correction, Document, Line, Page, Token
from pipeline.options import Options
from pipeline.source import Source, read_text
from pipeline.write import corrections_tsv, encoded, json_of, text_of, write_whole

SCHEMA: Final = json.loads(Path(writing.__file__).with_name("document.schema.json").read_text())

LINE: Final = Line(
    "В 1917 году было",
    "B 1917 r oдy 6bIJI0",
    (
        Token("w1", "В", "B", "ru", "repaired", Box(1, 2, 3, 4), 0.91234567),
        Token("w2", "1917", "1917", "ru", "kept"),
        Token("w3", "году", "r oдy", "ru", "repaired"),
        Token("w4", "было", "6bIJI0", "ru", "doubtful-repaired", None, None, (("было", 0.61234), ("быль", 0.3))),
    ),
    Box(0, 0, 90, 20),
)
CORRECTIONS: Final = (
    Correction(0, 0, 1, 0, 1, "B", "В", "letters", 0.999_96),
    Correction(0, 7, 12, 7, 11, "r oдy", "году", "letters", 0.9),
    Correction(0, 13, 19, 12, 16, "6bIJI0", "было", "tab\there", 0.5),
)
CITATION: Final = Citation(
    "[РГАСПИ. Ф. 17]", "[PTACIIN. ®. 17]", {"fond": "17", "archive": "РГАСПИ"}, 0, 0, 0.75, ("incomplete",)
)
PAGE: Final = Page(1, (LINE,), CORRECTIONS, (CITATION,), 100, 200, 300, -0.000_01)
DOCUMENT: Final = Document("стр/p00.png", "ab" * 32, (PAGE,), {"pravka": "0.1.0", "numpy": "2"})


def with_lines(*texts: str) -> Page:
    return Page(1, tuple(Line(text, text) for text in texts))


# ---------------------------------------------------------------- whole files


def test_a_file_is_written_with_the_folders_above_it(tmp_path: Path) -> None:
    path = tmp_path / "a/b/p00.txt"
    write_whole(path, b"first")
    write_whole(path, b"second")
    assert path.read_bytes() == b"second"
    assert list(path.parent.iterdir()) == [path]


def test_new_files_have_the_usual_permissions(tmp_path: Path) -> None:
    (tmp_path / "usual").touch()
    write_whole(tmp_path / "written", b"")
    assert (tmp_path / "written").stat().st_mode == (tmp_path / "usual").stat().st_mode


def failing(code: int) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


@pytest.mark.parametrize("place", ["fsync", "replace"])
@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EACCES, "may write to with -o"),
        (errno.EROFS, "may write to with -o"),
        (errno.EIO, "another place with -o"),
    ],
)
def test_a_fault_leaves_the_old_file_whole(
    place: str, code: int, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p00.txt"
    path.write_bytes(b"old")
    with monkeypatch.context() as patch, pytest.raises(CannotWrite, match=r"p00\.txt cannot be written") as caught:
        patch.setattr(os, place, failing(code))
        write_whole(path, b"new")
    assert caught.value.exit_code == 5
    assert remedy in caught.value.remedy
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", ["fsync", "replace"])
def test_a_fault_leaves_nothing_where_nothing_was(place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch, pytest.raises(CannotWrite):
        patch.setattr(os, place, failing(errno.ENOSPC))
        write_whole(tmp_path / "p00.txt", b"new")
    assert not list(tmp_path.iterdir())


def test_an_interruption_leaves_no_temporary_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", interrupt)
        write_whole(tmp_path / "p00.txt", b"new")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("code", "fails"), [(errno.EINVAL, False), (errno.ENOTSUP, False), (errno.EIO, True)])
def test_only_some_file_systems_cannot_sync_folders(
    code: int, fails: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []

    def second_fails(handle: int) -> None:
        calls.append(handle)
        if len(calls) == 2:
            raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", second_fails)
    try:
        write_whole(tmp_path / "p00.txt", b"new")
        assert not fails
    except CannotWrite:
        assert fails
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"new"]


@pytest.mark.parametrize("target", ["folder", "file/below", "file/below/it", "folder/" + "n" * 300, "\n" * 300])
def test_places_that_cannot_be_written(target: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    with pytest.raises(CannotWrite, match="with -o") as caught:
        write_whole(tmp_path / target, b"new")
    assert "\n" not in str(caught.value)
    assert (tmp_path / "file").read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["file", "folder"]


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_pipe_is_written_to_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write_whole(pipe, b"data")
    reader.join(10)
    assert read == [b"data"]
    assert pipe.is_fifo()


def test_a_closed_pipe_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", failing(errno.EPIPE))
    with pytest.raises(BrokenPipeError):
        write_whole(tmp_path / "p00.txt", b"")


# ---------------------------------------------------------------- text


@pytest.mark.parametrize(
    ("pages", "text"),
    [
        ([], ""),
        ([with_lines()], ""),
        ([with_lines("раз", "", "два")], "раз\n\nдва\n"),
        ([with_lines("a"), Page(2, error="broken"), with_lines("b")], "a\n\f\fb\n"),
    ],
)
def test_text(pages: list[Page], text: str) -> None:
    assert text_of(replace(DOCUMENT, pages=tuple(pages))) == text


@given(st.binary())
def test_wrong_bytes_are_written_as_they_were(data: bytes) -> None:
    assert encoded(data.decode("utf-8", "surrogateescape")) == data


# ---------------------------------------------------------------- JSON


def checked(document: Document) -> dict[str, Any]:
    """The record of a document, valid, and readable by anyone."""
    text = json_of(document)
    assert text.count("\n") == 1
    text.encode()
    record: dict[str, Any] = json.loads(text, parse_constant=pytest.fail)
    jsonschema.validate(record, SCHEMA, jsonschema.Draft202012Validator)
    return record


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_record_says_everything() -> None:
    record = checked(DOCUMENT)
    assert record["schema"] == {"name": "pravka-document", "version": 3}
    assert record["source"] == {"name": "стр/p00.png", "sha256": "ab" * 32}
    assert list(record["versions"]) == ["numpy", "pravka"]
    (page,) = record["pages"]
    assert page["image"] == {"path": "стр/p00.png", "sha256": "ab" * 32}
    assert (page["number"], page["width"], page["height"], page["dpi"], page["rotation"]) == (1, 100, 200, 300, 0.0)
    assert "error" not in page
    (line,) = page["lines"]
    assert (line["text"], line["original"], line["box"]) == (LINE.text, LINE.original, [0, 0, 90, 20])
    assert line["tokens"][0] == {
        "id": "w1",
        "text": "В",
        "original": "B",
        "language": "ru",
        "status": "repaired",
        "box": [1, 2, 3, 4],
        "confidence": 0.9123,
        "candidates": [],
    }
    assert line["tokens"][3]["candidates"][0] == {"text": "было", "probability": 0.6123}
    assert (line["tokens"][3]["box"], line["tokens"][3]["confidence"]) == (None, None)
    assert (page["corrections"][1]["was"], page["corrections"][1]["is"]) == ("r oдy", "году")
    assert page["citations"][0]["fields"] == {"archive": "РГАСПИ", "fond": "17"}


def test_undoing_the_corrections_gives_the_original() -> None:
    (page,) = checked(DOCUMENT)["pages"]
    text = page["lines"][0]["text"]
    for found in reversed(page["corrections"]):
        assert text[found["new_start"] : found["new_end"]] == found["is"]
        text = text[: found["new_start"]] + found["was"] + text[found["new_end"] :]
    assert text == page["lines"][0]["original"]


@pytest.mark.parametrize("page", [Page(1, error="too large"), Page(1), with_lines("", "a")])
def test_failed_blank_and_text_pages(page: Page) -> None:
    (record,) = checked(replace(DOCUMENT, pages=(page,)))["pages"]
    assert record.get("error", "") == page.error
    assert record["image"] is None
    assert len(record["lines"]) == len(page.lines)


def test_names_and_text_that_are_not_utf8() -> None:
    name = os.fsdecode(b"\xff\xd1\x8f.png")
    page = replace(with_lines("a\udcff"), width=5, height=5)
    record = checked(Document(name, "ab" * 32, (page,)))
    assert record["source"]["name"] == r"\xffя.png"
    assert base64.b64decode(record["source"]["name_base64"]) == b"\xff\xd1\x8f.png"
    assert record["pages"][0]["image"]["path"] == r"\xffя.png"
    assert record["pages"][0]["lines"][0]["text"] == "a\udcff"


def test_numbers_of_numpy_are_numbers() -> None:
    sides = np.array([1, 2, 3, 4], np.int32)
    token = Token("w", "a", "a", "en", "kept", Box(*sides), np.float64(0.1))
    (page,) = checked(replace(DOCUMENT, pages=(Page(1, (Line("a", "a", (token,)),)),)))["pages"]
    assert (page["lines"][0]["tokens"][0]["box"], page["lines"][0]["tokens"][0]["confidence"]) == ([1, 2, 3, 4], 0.1)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(number: float) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        json_of(replace(DOCUMENT, pages=(replace(PAGE, rotation=number),)))


@given(st.text(st.characters(), max_size=20))
def test_any_text_can_be_recorded(text: str) -> None:
    (page,) = checked(replace(DOCUMENT, pages=(with_lines(text),)))["pages"]
    assert page["lines"][0]["text"] == text


# ---------------------------------------------------------------- corrections


def test_the_table_of_corrections() -> None:
    assert corrections_tsv(DOCUMENT).splitlines() == [
        "document\tpage\tline\tstart\tend\twas\tis\treason\tconfidence\tstatus",
        "стр/p00.png\t1\t0\t0\t1\tB\tВ\tletters\t1.0000\trepaired",
        "стр/p00.png\t1\t0\t7\t12\tr oдy\tгоду\tletters\t0.9000\trepaired",
        "стр/p00.png\t1\t0\t13\t19\t6bIJI0\tбыло\ttab\\there\t0.5000\tdoubtful-repaired",
    ]


def unescaped(cell: str) -> str:
    parts = [part.replace(r"\t", "\t").replace(r"\n", "\n").replace(r"\r", "\r") for part in cell.split(r"\\")]
    return "\\".join(parts)


@given(st.text(max_size=30) | st.text("\\tnr\t\n\r"))
def test_cells_come_back(text: str) -> None:
    page = Page(1, (), (Correction(0, 0, 1, 0, 1, text, "x", text, float("nan")),))
    table = corrections_tsv(replace(DOCUMENT, pages=(page,)))
    header, row, rest = table.split("\n")
    cells = row.split("\t")
    assert len(cells) == len(header.split("\t"))
    assert (unescaped(cells[5]), unescaped(cells[7]), cells[8], rest) == (text, text, "", "")


@pytest.mark.parametrize(("layout", "expected"), [("lines", b"The mill\r\nstood.\r\n"), ("flow", b"The mill stood.\n")])
def test_a_text_keeps_its_line_ends_unless_it_flows(layout: str, expected: bytes) -> None:
    lines = (Line("The mill", "The mill", paragraph=1), Line("stood.", "stood.", paragraph=1))
    document = Document("a.txt", "", (Page(1, lines),))
    text = read_text(b"The mill\r\nstood.\r\n")
    assert (
        content(document, "txt", Source(Path("a.txt"), Path("a.txt"), "text"), text, Options(layout=layout)) == expected
    )
