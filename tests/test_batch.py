"""Batches: what is done again, and what is not; what is said beforehand is what happens."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from batches import done_by, everything_in, known, outputs_in, planned_by, request, run
from PIL import Image

from pipeline import document
from pipeline.batch import Outcome, PageRead, status_json, status_of, status_text, would_do
from pipeline.batch.ledger import Entry, PageEntry, State, read, written
from pipeline.batch.settings import setting
from pipeline.document import Corrector
from pipeline.errors import BadData, CannotWrite, PravkaError, ProgramFailed, SomeFailed, UsageError
from pipeline.model import Reading, ReadLine, ReadWord
from pipeline.options import Options
from pipeline.source import Source

BROKEN: Final = "KOMHTeT co6paJIca CHOBa.\n"
TEXTS: Final = {"a": BROKEN, "b": "Комитет собрался снова.\n", "c": "ry6epHcKoro KOMHTeTa\n"}


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def foreseen(folder: Path, out: Path, redo: str = "changed", **chosen: Any) -> dict[str, str]:
    """What `--dry-run` says of each document."""
    asked = request(folder, out, redo, **chosen)
    return {str(one.source.relative): one.reason for one in would_do(asked).documents}


# ---------------------------------------------------------------- why something is done again


def later(path: Path) -> None:
    """Set the time of change of a file an hour ahead."""
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 3_600_000_000_000))


def same_time(path: Path, text: str) -> None:
    """Give a file other bytes, of the same number, and the time of change that it had."""
    status = path.stat()
    assert len(text.encode()) == status.st_size
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def copied(path: Path) -> None:
    """Put a copy in the place of a file."""
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    later(path)


# What the failure of a text depends on.
FAILURE: Final = setting(False, Options(), request(Path(), Path()).batch).failure


def forgotten(out: Path, name: str, state: State, cause: str = "") -> None:
    """Let the ledger have another state of a document."""
    with written(out) as ledger:
        entry = ledger.entries()[name]
        setting = FAILURE if cause else entry.setting
        changed = entry._replace(state=state, setting=setting, cause=cause, problem="It failed", remedy="Look")
        ledger.note(changed, [PageEntry(1, "done")])


def rewritten(path: Path) -> None:
    same_time(path, BROKEN[::-1])
    later(path)


def emptied(out: Path, pattern: str) -> None:
    for path in out.glob(pattern):
        path.unlink()


def failed_and_changed(folder: Path, out: Path) -> None:
    forgotten(out, "a", "failed", "UnreadableInput")
    (folder / "a.txt").write_text("x")


Change = Callable[[Path, Path], object]
CHANGES: Final[dict[str, tuple[Change, dict[str, str]]]] = {
    # a change of the inputs or the outputs; what is to be done with a.txt for each --redo ("" where it is not there)
    "nothing": (lambda folder, out: None, {"changed": "done", "failed": "done", "never": "done", "all": "asked"}),
    "touched": (lambda folder, out: later(folder / "a.txt"), {"changed": "done", "never": "done", "all": "asked"}),
    "copied": (lambda folder, out: copied(folder / "a.txt"), {"changed": "done", "failed": "done", "never": "done"}),
    "longer": (
        lambda folder, out: (folder / "a.txt").write_text(BROKEN * 2),
        {"changed": "input", "failed": "input", "never": "done", "all": "asked"},
    ),
    "as long, at another time": (
        lambda folder, out: rewritten(folder / "a.txt"),
        {"changed": "input", "never": "done"},
    ),
    "as long, at the same time": (  # size and time decide
        lambda folder, out: same_time(folder / "a.txt", BROKEN[::-1]),
        {"changed": "done"},
    ),
    "a text is missing": (
        lambda folder, out: (out / "a.txt").unlink(),
        {"changed": "output", "failed": "output", "never": "done", "all": "asked"},
    ),
    "a record is missing": (lambda folder, out: (out / "a.json").unlink(), {"changed": "output", "never": "done"}),
    "another's output is missing": (lambda folder, out: (out / "b.json").unlink(), {"changed": "done"}),
    "all outputs are missing": (lambda folder, out: emptied(out, "a.*"), {"changed": "output"}),
    "something else is there": (lambda folder, out: (out / "a.pdf").touch(), {"changed": "done", "never": "done"}),
    "the ledger is missing": (
        lambda folder, out: shutil.rmtree(out / ".pravka"),
        {"changed": "new", "failed": "new", "never": "new", "all": "new"},
    ),
    "it was not finished": (
        lambda folder, out: forgotten(out, "a", "waiting"),
        {"changed": "unfinished", "failed": "unfinished", "never": "unfinished", "all": "unfinished"},
    ),
    "it failed": (
        lambda folder, out: forgotten(out, "a", "failed", "ProgramFailed"),
        {"changed": "left", "failed": "failed", "never": "left", "all": "asked"},
    ),
    "some pages failed": (
        lambda folder, out: forgotten(out, "a", "partly", "ProgramFailed"),
        {"changed": "left", "failed": "failed", "never": "left", "all": "asked"},
    ),
    "the disk was full": (
        lambda folder, out: forgotten(out, "a", "failed", "CannotWrite"),
        {"changed": "failed", "failed": "failed", "never": "left"},
    ),
    "it failed, and has changed": (
        lambda folder, out: failed_and_changed(folder, out),
        {"changed": "input", "failed": "input", "never": "left"},
    ),
    "another failed": (
        lambda folder, out: forgotten(out, "b", "failed", "ProgramFailed"),
        {"changed": "done", "failed": "done"},
    ),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_is_done_again(
    change: Change, expected: dict[str, str], texts: Path, out: Path, tmp_path: Path, corrector: Corrector
) -> None:
    run(request(texts, out), corrector)
    change(texts, out)
    shutil.copytree(tmp_path, tmp_path.with_name(f"{tmp_path.name}-kept"))
    for redo, reason in expected.items():
        before = everything_in(tmp_path)
        said = foreseen(texts, out, redo)
        assert said["a.txt"] == reason, redo
        assert everything_in(tmp_path) == before
        events = run(request(texts, out, redo), corrector)
        assert done_by(events) == [name for name, why in said.items() if why not in ("done", "left")]
        assert planned_by(events)[1:] == tuple(list(said.values()).count(idle) for idle in ("done", "left"))
        if redo != "never" and "ledger" not in str(change):
            assert set(foreseen(texts, out).values()) <= {"done", "left"}
        shutil.rmtree(tmp_path)
        shutil.copytree(tmp_path.with_name(f"{tmp_path.name}-kept"), tmp_path)


def test_a_folder_that_moved_is_done(texts: Path, out: Path, tmp_path: Path, corrector: Corrector) -> None:
    run(request(texts, out), corrector)
    texts.rename(tmp_path / "moved")
    assert set(foreseen(tmp_path / "moved", out).values()) == {"done"}
    run(request(tmp_path / "moved", out), corrector)
    assert known(out)["a"].path == str(tmp_path / "moved" / "a.txt")


def test_another_file_of_the_same_name_size_and_time_is_another(
    texts: Path, out: Path, tmp_path: Path, corrector: Corrector
) -> None:
    run(request(texts, out), corrector)
    shutil.copytree(texts, tmp_path / "other")
    same_time(tmp_path / "other" / "a.txt", BROKEN[::-1])
    assert foreseen(tmp_path / "other", out) == {"a.txt": "input", "b.txt": "done", "c.txt": "done"}


def test_inputs_that_are_touched_are_read_once_more_only(
    texts: Path, out: Path, corrector: Corrector, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(request(texts, out), corrector)
    later(texts / "a.txt")
    monkeypatch.chdir(texts)
    run(request(Path(), out), corrector)
    assert known(out)["a"].path == str(texts / "a.txt")
    monkeypatch.setattr("pipeline.batch.plan.has_hash", lambda *_: pytest.fail("read again"))
    assert set(foreseen(texts, out).values()) == {"done"}


def test_a_document_that_is_new_is_all_that_is_done(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out), corrector)
    before = {name: (out / name).stat().st_mtime_ns for name in outputs_in(out)}
    (texts / "d.txt").write_text(BROKEN)
    assert done_by(run(request(texts, out), corrector)) == ["d.txt"]
    assert {name: (out / name).stat().st_mtime_ns for name in before} == before


def test_of_a_document_that_has_gone_nothing_is_lost(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out), corrector)
    before = outputs_in(out)
    (texts / "a.txt").unlink()
    assert done_by(run(request(texts, out), corrector)) == []
    assert outputs_in(out) == before
    assert known(out)["a"].state == "done"


def test_an_input_that_changes_while_it_is_read_fails_and_is_done_by_the_next_run(
    texts: Path, out: Path, corrector: Corrector, monkeypatch: pytest.MonkeyPatch
) -> None:
    true = document.repair_given

    def changing(own: Corrector, source: Source) -> Any:
        repaired = true(own, source)
        if source.path.name == "a.txt":
            source.path.write_text(BROKEN[::-1])
        return repaired

    monkeypatch.setattr(document, "repair_given", changing)
    (failed,) = (event for event in run(request(texts, out), corrector) if isinstance(event, Outcome) and event.error)
    assert failed.document == "a.txt" and "changed while it was read" in str(failed.error)
    assert not (out / "a.txt").exists()
    monkeypatch.undo()
    assert done_by(run(request(texts, out), corrector)) == ["a.txt"]


# ---------------------------------------------------------------- options

MATTER: Final[list[dict[str, Any]]] = [
    {"format": "txt"},
    {"format": "txt,json,tsv"},
    {"glyph_map": "tesseract-eng"},
    {"min_confidence": 0.9},
    {"layout": "flow"},
    {"running_heads": "drop"},
    {"footnotes": "mark"},
    {"read_once": True},
    {"prefer": "text"},
    {"lexicon": "words"},
    {"archives": "archives"},
]
# What no result depends on: they change nothing.
NO_MATTER: Final[list[dict[str, Any]]] = [
    {"jobs": 1},
    {"jobs": 7},
    {"page_timeout": 5.0},
    {"page_memory": 999},
    {"max_pixels": 1000},
    {"password": "secret"},
    {"debug": "pictures"},
    {"max_failures": "5%"},
    {"include": "text,hocr"},
]


@pytest.fixture
def lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists of a user's own, in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "words").write_text("Кирпотинский\n", encoding="utf-8")
    (tmp_path / "archives").write_text("name\tshort\tplace\n", encoding="utf-8")


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("chosen", [*MATTER, *NO_MATTER], ids=str)
def test_options(chosen: dict[str, Any], texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out), corrector)
    assert set(foreseen(texts, out, **chosen).values()) == {"setting" if chosen in MATTER else "done"}
    assert set(foreseen(texts, out, "never", **chosen).values()) == {"done"}


@pytest.mark.usefixtures("lists")
@pytest.mark.parametrize("chosen", NO_MATTER, ids=str)
def test_what_failed_is_tried_again_where_a_limit_is_another(
    chosen: dict[str, Any], texts: Path, out: Path, corrector: Corrector
) -> None:
    run(request(texts, out), corrector)
    forgotten(out, "a", "failed", "ProgramFailed")
    is_limit = not {"jobs", "debug", "max_failures", "include"}.intersection(chosen)
    assert foreseen(texts, out, **chosen)["a.txt"] == ("setting" if is_limit else "left")


@pytest.mark.usefixtures("lists")
def test_of_a_list_its_content_matters(texts: Path, out: Path, tmp_path: Path, corrector: Corrector) -> None:
    run(request(texts, out, lexicon="words"), corrector)
    shutil.copy("words", "same")
    later(tmp_path / "words")
    for name in ("words", "same", str(tmp_path / "same")):
        assert set(foreseen(texts, out, lexicon=name).values()) == {"done"}
    (tmp_path / "words").write_text("Кирпотинская\n", encoding="utf-8")
    assert set(foreseen(texts, out, lexicon="words").values()) == {"setting"}
    with pytest.raises(BadData, match="missing"):
        foreseen(texts, out, lexicon="missing")


def test_of_formats_the_order_does_not_matter(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out, format="txt,json"), corrector)
    for same in ("json,txt", "txt,json,txt"):
        assert set(foreseen(texts, out, format=same).values()) == {"done"}


def test_another_version_is_another_setting(
    texts: Path, out: Path, corrector: Corrector, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(request(texts, out), corrector)
    monkeypatch.setattr("pipeline.batch.settings.data_versions", lambda: {"pravka": "99"})
    assert set(foreseen(texts, out).values()) == {"setting"}
    run(request(texts, out), corrector)
    assert set(foreseen(texts, out).values()) == {"done"}


# ---------------------------------------------------------------- pages


def read_as(lines: dict[int, str | PravkaError], calls: list[int]) -> Callable[..., Reading | PravkaError]:
    """What reads each page as told, and notes which."""

    def read_page(_: Corrector, source: Source, number: int) -> Reading | PravkaError:
        calls.append(number)
        said = lines[number]
        if isinstance(said, PravkaError):
            return said
        words = tuple(ReadWord(word, None, 0.9) for word in said.split())
        return Reading((ReadLine(said, words),), "tesseract-rus+eng", 30, 20)

    return read_page


PAGES: Final[dict[int, str | PravkaError]] = {1: "Комитет собрался снова.", 2: "KOMHTeT co6paJIca", 3: "В губернии."}
TORN: Final = ProgramFailed("Tesseract failed with status 3", "Look at the page")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    folder = tmp_path / "books"
    folder.mkdir()
    sheets = [Image.fromarray(np.full((20, 30), shade, np.uint8)) for shade in (250, 251, 252)]
    sheets[0].save(folder / "book.tif", save_all=True, append_images=sheets[1:])
    return folder


@pytest.fixture
def calls() -> list[int]:
    return []


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch, calls: list[int]) -> Callable[[dict[int, str | PravkaError]], None]:
    """Set how pages are read."""
    monkeypatch.setattr("pipeline.batch.work.require_programs", lambda *_: None)
    monkeypatch.setattr("pipeline.batch.settings.page_versions", lambda: {"tesseract": "5"})
    return lambda lines: monkeypatch.setattr(document, "read_or_fail", read_as(lines, calls))


Reads = Callable[[dict[int, str | PravkaError]], None]


def test_pages_are_read_once(book: Path, out: Path, corrector: Corrector, reads: Reads, calls: list[int]) -> None:
    reads(PAGES)
    events = run(request(book, out), corrector)
    assert sorted(calls) == [1, 2, 3]
    assert sorted(event.page for event in events if isinstance(event, PageRead)) == [1, 2, 3]
    first = outputs_in(out)
    for chosen in ({"format": "txt,json,tsv"}, {"layout": "flow"}, {"redo": "all"}):
        run(request(book, out, **chosen), corrector)
    assert sorted(calls) == [1, 2, 3]
    run(request(book, out), corrector)
    assert {name: data for name, data in outputs_in(out).items() if name in first} == first
    run(request(book, out, read_once=True), corrector)
    assert sorted(calls) == [1, 1, 2, 2, 3, 3]


def test_pages_are_read_again_where_what_was_kept_is_not_whole(
    book: Path, out: Path, corrector: Corrector, reads: Reads, calls: list[int]
) -> None:
    reads(PAGES)
    run(request(book, out), corrector)
    first = outputs_in(out)
    cached = sorted((out / ".pravka" / "readings").rglob("*.gz"))
    assert len(cached) == 3
    cached[0].write_bytes(b"junk")
    cached[1].unlink()
    calls.clear()
    events = run(request(book, out, "all"), corrector)
    assert len(calls) == 2
    assert sorted(event.page for event in events if isinstance(event, PageRead)) == sorted(calls)
    assert outputs_in(out) == first
    assert sorted((out / ".pravka" / "readings").rglob("*.gz")) == cached


def test_what_was_read_of_an_earlier_input_is_not_kept(
    book: Path, out: Path, corrector: Corrector, reads: Reads
) -> None:
    reads(PAGES)
    run(request(book, out), corrector)
    before = set((out / ".pravka" / "readings").rglob("*.gz"))
    Image.new("L", (30, 20), 255).save(book / "book.tif")
    run(request(book, out), corrector)
    after = set((out / ".pravka" / "readings").rglob("*.gz"))
    assert len(after) == 1
    assert not after & before


def test_some_pages_fail(book: Path, out: Path, corrector: Corrector, reads: Reads, calls: list[int]) -> None:
    reads({**PAGES, 2: TORN})
    events = run(request(book, out), corrector)
    outcome = events[-1]
    assert isinstance(outcome, Outcome)
    assert isinstance(outcome.error, ProgramFailed)
    assert "book.tif: 1 of its pages failed: Tesseract failed with status 3" in str(outcome.error)
    assert [page.state for page in outcome.pages] == ["done", "failed", "done"]
    assert (out / "book.txt").read_text(encoding="utf-8") == "Комитет собрался снова.\n\f\fВ губернии.\n"
    assert "status 3" in json.loads((out / "book.json").read_bytes())["pages"][1]["error"]
    assert known(out)["book"].state == "partly"
    found = status_of(out)
    assert [(one.name, one.page, one.cause) for one in found.failures] == [("book", 2, "ProgramFailed")]
    assert foreseen(book, out) == {"book.tif": "left"}

    calls.clear()
    reads(PAGES)
    run(request(book, out, "failed"), corrector)
    assert calls == [2]
    whole = outputs_in(out)
    shutil.rmtree(out)
    run(request(book, out), corrector)
    assert outputs_in(out) == whole


def test_all_pages_fail(book: Path, out: Path, corrector: Corrector, reads: Reads) -> None:
    reads(dict.fromkeys(PAGES, TORN))
    outcome = run(request(book, out), corrector)[-1]
    assert isinstance(outcome, Outcome)
    assert isinstance(outcome.error, ProgramFailed)
    assert outcome.pages == ()
    assert outputs_in(out) == {}
    assert (known(out)["book"].state, known(out)["book"].outputs) == ("failed", ())


# ---------------------------------------------------------------- runs that are given up, or cannot start


@pytest.mark.parametrize(
    ("most", "failing", "done"),
    [
        ("", 4, 6),
        ("4", 4, 6),
        ("3", 4, None),
        ("0", 1, None),
        ("40%", 4, 6),
        ("39.9%", 4, None),
        ("100%", 6, 6),
        ("0", 0, 6),
    ],
)
def test_most_failures(
    most: str, failing: int, done: int | None, tmp_path: Path, out: Path, corrector: Corrector
) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(10 if failing == 4 else 6):
        is_bad = number < failing
        (folder / f"{number}.txt").write_bytes(b"\xff\xfea\0" if is_bad else b"Good.\n")
    asked = request(folder, out, max_failures=most)
    if done is None:
        with pytest.raises(SomeFailed, match="max-failures"):
            run(asked, corrector)
        assert status_of(out).run.state == "stopped"  # type: ignore[union-attr]
        assert run(request(folder, out, "failed"), corrector)
    else:
        events = run(asked, corrector)
        assert (
            sum(isinstance(event, Outcome) and event.error is None for event in events)
            == (10 if failing == 4 else 6) - failing
        )


@pytest.mark.parametrize("most", ["x", "-1", "5%%", "nan", "1e3", "%", "5 %", ""])
def test_what_is_no_number_of_failures(most: str, texts: Path, out: Path, corrector: Corrector) -> None:
    if not most:
        run(request(texts, out, max_failures=most), corrector)
        return
    with pytest.raises(UsageError, match="max-failures"):
        run(request(texts, out, max_failures=most), corrector)
    assert not out.exists()


def test_another_run_is_not_disturbed(texts: Path, out: Path, corrector: Corrector) -> None:
    with written(out), pytest.raises(UsageError, match="Another run"):
        run(request(texts, out), corrector)
    assert done_by(run(request(texts, out), corrector)) == ["a.txt", "b.txt", "c.txt"]


def test_where_nothing_can_be_written_nothing_is_done(texts: Path, out: Path, corrector: Corrector) -> None:
    out.touch()
    with pytest.raises(CannotWrite):
        run(request(texts, out), corrector)


def test_what_half_written_files_a_killed_run_has_left_goes(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out), corrector)
    with written(out) as ledger:
        ledger.start({})
    for folder in (out, out / "below", out / ".pravka" / "readings"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".pravka-0123.part").touch()
        (folder / "mine.part").touch()
    run(request(texts, out), corrector)
    assert sorted(path.name for path in out.rglob("*.part")) == ["mine.part"] * 3


# ---------------------------------------------------------------- status


def test_status(texts: Path, out: Path, corrector: Corrector) -> None:
    with pytest.raises(PravkaError, match="holds no ledger"):
        status_of(out)
    (texts / "d.txt").write_bytes(b"\xff\xfea\0")
    run(request(texts, out), corrector)
    found = status_of(out)
    assert found.states == {"done": 3, "failed": 1}
    assert [(Path(one.name).name, one.page, one.cause) for one in found.failures] == [("d.txt", 0, "UnreadableInput")]
    assert found.rerun == {"done": 3, "left": 1}
    text, record = status_text(found), json.loads(status_json(found))
    assert "3 done, 1 failed" in text
    assert "UTF-16" in text
    assert record["run"]["state"] == "ended"
    assert record["documents"] == {"done": 3, "failed": 1}
    assert record["failed"][0]["cause"] == "UnreadableInput"
    assert record["figures"]["pages"] == 3
    assert record["rerun"] == {"done": 3, "left": 1}


def test_a_rerun_is_foreseen_as_by_a_dry_run(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out, layout="flow"), corrector)
    (texts / "a.txt").write_text(BROKEN * 3)
    (texts / "e.txt").write_text(BROKEN)
    (out / "b.txt").unlink()
    said = foreseen(texts, out, layout="flow")
    assert said == {"a.txt": "input", "b.txt": "output", "c.txt": "done", "e.txt": "new"}
    assert status_of(out).rerun == dict.fromkeys(said.values(), 1)


def test_status_while_a_run_goes(texts: Path, out: Path, corrector: Corrector) -> None:
    from batches import Inline

    from pipeline.batch import clean_all

    events = clean_all(request(texts, out), Inline(corrector))
    for event in events:
        if isinstance(event, Outcome):
            break
    found = status_of(out)
    assert found.run
    assert found.run.state == "running"
    assert "has not ended" in status_text(found)
    assert found.states == {"done": 1}
    events.close()
    ended = status_of(out).run
    assert ended
    assert ended.state == "interrupted"
    assert len(done_by(run(request(texts, out), corrector))) == 2


def test_status_where_a_rerun_is_hindered(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out), corrector)
    shutil.rmtree(texts)
    found = status_of(out)
    assert found.states == {"done": 3}
    assert found.rerun == {}
    assert str(texts) in found.hindrance
    with written(out) as ledger:
        ledger.start({"inputs": [], "options": {"unknown": 1}, "batch": {}})
    assert "this version does not know" in status_of(out).hindrance


def test_the_ledger_holds_no_password(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out, password="Secret-1"), corrector)
    assert not [path for path in out.rglob("*") if path.is_file() and b"Secret-1" in path.read_bytes()]


def test_names_of_all_kinds(tmp_path: Path, out: Path, corrector: Corrector) -> None:
    names = [b"a b.txt", "опись.txt".encode(), b"new\nline.txt", b"\xff\xfe.txt", b"-o.txt", b"'.txt", b"%s{0}.txt"]
    folder = tmp_path / "names"
    folder.mkdir()
    for name in names:
        (folder / os.fsdecode(name)).write_text(BROKEN)
    assert len(done_by(run(request(folder, out), corrector))) == len(names)
    assert {os.fsencode(path.name) for path in out.glob("*.txt")} == set(names)
    assert set(foreseen(folder, out).values()) == {"done"}
    assert status_of(out).rerun == {"done": len(names)}
    json.loads(status_json(status_of(out)))


def test_entries_name_what_was_written(texts: Path, out: Path, corrector: Corrector) -> None:
    run(request(texts, out, format="txt,json,tsv"), corrector)
    with read(out) as ledger:
        entries: dict[str, Entry] = ledger.entries()
    assert sorted(name for entry in entries.values() for name in entry.outputs) == sorted(outputs_in(out))
