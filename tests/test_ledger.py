"""The ledger: what is noted comes back, whatever it is called; what is no ledger of ours is left alone."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.batch import ledger as ledgers
from pipeline.batch.ledger import APPLICATION, STEPS, Entry, NoLedger, PageEntry, named, read, stored, written
from pipeline.errors import BadData, CannotWrite, PravkaError, ProgramFailed, UnreadableInput, UsageError

DONE: Final = Entry(
    "a/p1", "/in/a/p1.png", 9, 123456789, "00ff", "{}", "done", ("a/p1.txt",), 0.5, "2000-01-01T00:00:00Z"
)
FAILED: Final = DONE._replace(
    name="p2", state="failed", outputs=(), cause="ProgramFailed", problem="It died", remedy="Look"
)


def path_in(out: Path) -> Path:
    return out / ledgers.FOLDER / ledgers.NAME


# ---------------------------------------------------------------- what is noted comes back

NAMES: Final = st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name).map(os.fsdecode)
TEXTS: Final = st.text(max_size=12)
WHOLE: Final = st.integers(0, 2**62)
SECONDS: Final = st.floats(0, 1e6)
STATES: Final = st.sampled_from(["done", "failed", "partly", "waiting"])
PAGES: Final = st.builds(PageEntry, st.just(1), STATES, TEXTS, SECONDS, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, TEXTS, TEXTS)
ENTRIES: Final = st.builds(
    Entry, NAMES, NAMES, WHOLE, WHOLE, TEXTS, TEXTS, STATES, st.lists(NAMES, max_size=3).map(tuple), SECONDS, TEXTS,
    TEXTS, TEXTS, TEXTS,
)  # fmt: skip


@settings(max_examples=60)
@given(st.lists(ENTRIES, max_size=4, unique_by=lambda entry: os.fsencode(entry.name)), PAGES)
def test_what_is_noted_comes_back(
    tmp_path_factory: pytest.TempPathFactory, entries: list[Entry], page: PageEntry
) -> None:
    out = tmp_path_factory.mktemp("out")
    with written(out) as ledger:
        for entry in entries:
            ledger.note(DONE._replace(name=entry.name), ())
            ledger.note(entry, [page, page._replace(number=2, reading="key")])
    with read(out) as ledger:
        assert ledger.entries() == {entry.name: entry for entry in entries}
        for entry in entries:
            assert ledger.readings(entry.name) == {page.reading, "key"} - {""}


@given(NAMES)
def test_names_come_back(name: str) -> None:
    assert named(stored(name)) == name


def test_names_are_text_where_they_can_be() -> None:
    assert [stored(name) for name in ("дело\n1", "\udcff", "")] == ["дело\n1", b"\xff", ""]


def test_the_error_comes_back(tmp_path: Path) -> None:
    with written(tmp_path) as ledger:
        ledger.note(FAILED, ())
        ledger.note(FAILED._replace(name="odd", cause="NoSuchError"), ())
        entries = ledger.entries()
    assert isinstance(entries["p2"].error, ProgramFailed)
    assert str(entries["p2"].error) == "It died. Look."
    assert type(entries["odd"].error) is PravkaError
    assert DONE.error is None


def test_failed_pages_are_those_of_documents_of_which_others_did_not_fail(tmp_path: Path) -> None:
    good, bad = PageEntry(1, "done"), PageEntry(2, "failed", error="no")
    with written(tmp_path) as ledger:
        ledger.note(DONE._replace(name="b", state="partly"), [good, bad])
        ledger.note(DONE._replace(name="a", state="failed"), [bad])
        ledger.note(DONE._replace(name="c"), [good])
        assert list(ledger.failed_pages()) == [("b", bad)]
        assert ledger.figures()["pages"] == 4
        assert ledger.figures()["failed"] == 2


def test_runs(tmp_path: Path) -> None:
    with written(tmp_path) as ledger:
        assert ledger.last_run() is None
        ledger.end(ledger.start({"inputs": ["\udcff"]}), "ended", 3, 1)
        number = ledger.start({"inputs": ["b"]})
        run = ledger.last_run()
        assert run
        assert (run.state, run.ended, run.request) == ("running", "", {"inputs": ["b"]})
        ledger.end(number, "interrupted", 5, 2)
        run = ledger.last_run()
        assert run
        assert (run.state, run.done, run.failed) == ("interrupted", 5, 2)


def test_what_is_forgotten_waits_and_keeps_its_readings(tmp_path: Path) -> None:
    with written(tmp_path) as ledger:
        ledger.note(DONE, [PageEntry(1, "done", "key")])
        ledger.forget([DONE.name, "unknown"])
        assert ledger.entries() == {DONE.name: DONE._replace(state="waiting")}
        assert ledger.readings(DONE.name) == {"key"}


# ---------------------------------------------------------------- older, newer, foreign and broken ones


def pragma(path: Path, name: str, value: int) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"PRAGMA {name} = {value}")


def made(out: Path) -> Path:
    with written(out) as ledger:
        ledger.note(DONE, [PageEntry(1, "done", "key")])
        ledger.start({})
    return path_in(out)


def test_an_older_one_is_brought_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(tmp_path)
    newer = (*STEPS, "ALTER TABLE run ADD COLUMN host TEXT NOT NULL DEFAULT 'here';", "CREATE TABLE more (id INTEGER);")
    monkeypatch.setattr(ledgers, "STEPS", newer)
    with pytest.raises(BadData, match="older version"), read(tmp_path):
        pass
    with written(tmp_path) as ledger:
        assert ledger.entries() == {DONE.name: DONE}
        assert ledger.connection.execute("SELECT host FROM run").fetchall() == [("here",)]
    with read(tmp_path) as ledger:
        assert ledger.connection.execute("PRAGMA user_version").fetchone() == (len(newer),)
        assert ledger.readings(DONE.name) == {"key"}
    monkeypatch.setattr(ledgers, "STEPS", STEPS)
    assert_refused(path, "written by a newer Pravka")


def test_a_step_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)
    monkeypatch.setattr(ledgers, "STEPS", (*STEPS, "CREATE TABLE more (id INTEGER); CREATE TABLE run (id INTEGER);"))
    with pytest.raises(CannotWrite), written(tmp_path):
        pass
    monkeypatch.setattr(ledgers, "STEPS", STEPS)
    with read(tmp_path) as ledger:
        assert ledger.entries() == {DONE.name: DONE}


def garbled(path: Path) -> None:
    """Break all but the first bytes, which say that it is a database of ours."""
    data = path.read_bytes()
    path.write_bytes(data[:100] + b"\x5a" * (len(data) - 100))


def of_another(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE places (url TEXT)")


REFUSED: Final[dict[str, tuple[Callable[[Path], object], str]]] = {
    "newer": (lambda path: pragma(path, "user_version", len(STEPS) + 1), "written by a newer Pravka"),
    "of another program": (of_another, "not a ledger of Pravka"),
    "of another program, though alike": (lambda path: pragma(path, "application_id", 7), "not a ledger of Pravka"),
    "no database": (lambda path: path.write_bytes(b"What is this?\n" * 500), "is broken"),
    "cut off": (lambda path: path.write_bytes(path.read_bytes()[:5000]), "is broken"),
    "garbled": (garbled, "is broken"),
}


def assert_refused(path: Path, said: str) -> None:
    out = path.parents[1]
    for opened in (read, written):
        with pytest.raises(BadData, match=said) as caught, opened(out) as ledger:
            ledger.entries()
        assert caught.value.remedy


@pytest.mark.parametrize(("spoil", "said"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_ledger_of_ours_is_refused_and_left_alone(
    spoil: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    path = made(tmp_path)
    spoil(path)
    before = path.read_bytes()
    assert_refused(path, said)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [None, b""])
def test_where_nothing_was_noted_there_is_no_ledger(content: bytes | None, tmp_path: Path) -> None:
    path_in(tmp_path).parent.mkdir()
    if content is not None:
        path_in(tmp_path).write_bytes(content)
    with pytest.raises(NoLedger, match="holds no ledger"), read(tmp_path):
        pass


# ---------------------------------------------------------------- who may read and write it


def test_it_can_be_read_while_a_run_writes(tmp_path: Path) -> None:
    with written(tmp_path) as ledger:
        ledger.note(DONE, ())
        with read(tmp_path) as seen:
            assert list(seen.entries()) == ["a/p1"]
            ledger.note(DONE._replace(name="later"), ())
            ledger.forget(["later"])
        with read(tmp_path) as seen:
            assert sorted(seen.entries()) == ["a/p1", "later"]


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    before = made(tmp_path).read_bytes()
    with read(tmp_path) as ledger:
        ledger.entries()
        with pytest.raises(CannotWrite):
            ledger.note(DONE, ())
    assert path_in(tmp_path).read_bytes() == before
    assert sorted(path.name for path in path_in(tmp_path).parent.iterdir()) == ["ledger.sqlite", "lock"]


def test_only_one_run_may_write(tmp_path: Path) -> None:
    with written(tmp_path), pytest.raises(UsageError, match="Another run"), written(tmp_path):
        pass
    with written(tmp_path):
        pass


def test_a_killed_run_leaves_no_lock_and_a_whole_ledger(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path; from test_ledger import DONE, written\n"
        "with written(Path(sys.argv[1])) as ledger:\n"
        "    ledger.note(DONE, ()); ledger.connection.execute('BEGIN')\n"
        "    ledger.connection.execute('DELETE FROM document'); os.kill(os.getpid(), signal.SIGKILL)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], env=environment, check=False)
    with read(tmp_path) as ledger:
        assert ledger.entries() == {DONE.name: DONE}
    with written(tmp_path) as ledger:
        assert ledger.entries() == {DONE.name: DONE}


def test_a_killed_run_can_be_read_where_nothing_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with written(tmp_path) as ledger:
        ledger.note(DONE, ())
        monkeypatch.setattr(os, "access", lambda *_: False)
        with read(tmp_path) as seen:  # what it noted is beside the database still
            assert list(seen.entries()) == [DONE.name]
    with read(tmp_path) as seen:
        assert list(seen.entries()) == [DONE.name]


@pytest.mark.parametrize("place", ["file", "file/below", "/proc/out"])
def test_places_where_there_can_be_no_ledger(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CannotWrite, match="ledger"), written(tmp_path / place):
        pass


def test_a_full_disk_is_told_and_what_was_noted_stays(tmp_path: Path) -> None:
    with written(tmp_path) as ledger:
        ledger.note(DONE, ())
        (size,) = ledger.connection.execute("PRAGMA page_count").fetchone()
        ledger.connection.execute(f"PRAGMA max_page_count = {size}")  # as SQLite meets a full disk
        with pytest.raises(CannotWrite, match="full"):
            for number in range(999):
                ledger.note(DONE._replace(name=f"n{number}", sha256="0" * 999), [PageEntry(1, "done")])
        assert DONE.name in ledger.entries()
    with read(tmp_path) as seen:
        assert seen.entries()[DONE.name] == DONE


def test_what_cannot_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr(sqlite3, "connect", refuse)
    with pytest.raises(UnreadableInput, match="unable to open"), read(tmp_path):
        pass
    with pytest.raises(CannotWrite, match="unable to open"), written(tmp_path):
        pass


def test_it_says_whose_it_is(tmp_path: Path) -> None:
    assert made(tmp_path).read_bytes()[68:72] == APPLICATION.to_bytes(4, "big") == b"PRAV"
