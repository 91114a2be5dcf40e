"""The ledger of an output folder, `.pravka/ledger.sqlite`: what was done to each document and page, and how it ended.

SQLite in WAL mode: whoever reads it is never in the way of the run that writes it, and a program that is killed leaves
it whole. What it says is done is done: outputs are on the disk before it is told. An older ledger is brought up to date
when it is opened for writing, a newer one is refused.
"""

import fcntl
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from pipeline import errors
from pipeline.errors import BadData, CannotWrite, PravkaError, UnreadableInput, UsageError
from pipeline.source import shown

FOLDER: Final = ".pravka"
NAME: Final = "ledger.sqlite"
APPLICATION: Final = 0x50524156  # "PRAV", by which `file` and we know the database
BUSY: Final = 60.0  # seconds to wait for somebody who reads
# What has to be done to a ledger of version n to make it one of version n + 1.
STEPS: Final = (
    """
    CREATE TABLE run (
        id INTEGER PRIMARY KEY, started TEXT NOT NULL, ended TEXT, state TEXT NOT NULL,
        request TEXT NOT NULL, done INTEGER NOT NULL DEFAULT 0, failed INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE setting (id INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
    CREATE TABLE document (
        name PRIMARY KEY, path NOT NULL, size INTEGER, changed INTEGER, sha256 TEXT NOT NULL,
        setting INTEGER NOT NULL REFERENCES setting, state TEXT NOT NULL, outputs TEXT NOT NULL,
        seconds REAL NOT NULL, ended TEXT NOT NULL, cause TEXT NOT NULL, problem TEXT NOT NULL, remedy TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE page (
        document NOT NULL REFERENCES document, number INTEGER NOT NULL, state TEXT NOT NULL, reading TEXT NOT NULL,
        seconds REAL NOT NULL, words INTEGER NOT NULL, repaired INTEGER NOT NULL, doubtful INTEGER NOT NULL,
        citations INTEGER NOT NULL, turned INTEGER NOT NULL, cause TEXT NOT NULL, error TEXT NOT NULL,
        PRIMARY KEY (document, number)
    ) WITHOUT ROWID;
    CREATE INDEX failed ON document (cause) WHERE state = 'failed';
    """,
)
# What `entry_of` is made of.
DOCUMENTS: Final = (
    "SELECT name, path, size, changed, sha256, text, state, outputs, seconds, ended, cause, problem, remedy"
    " FROM document JOIN setting ON setting = id"
)


class NoLedger(UnreadableInput):
    """A folder has no ledger, or one that nothing was written to."""


State = Literal["waiting", "done", "partly", "failed"]


class PageEntry(NamedTuple):
    """A page in the ledger: how it ended (done or failed, and why), where its reading is kept, and its figures."""

    number: int
    state: State
    reading: str = ""
    seconds: float = 0.0
    words: int = 0
    repaired: int = 0
    doubtful: int = 0
    citations: int = 0
    turned: int = 0
    cause: str = ""
    error: str = ""


class Entry(NamedTuple):
    """A document in the ledger.

    `name` is the path of its outputs without their suffixes; `size` (bytes) and `changed` (nanoseconds since 1970) are
    those of the input when it was read. `outputs` has the names of the files written. It is partly done if some pages
    failed, and waits if it is to be done again. `cause` is the class of the error, if there was one.
    """

    name: str
    path: str
    size: int
    changed: int
    sha256: str
    setting: str
    state: State
    outputs: tuple[str, ...] = ()
    seconds: float = 0.0
    ended: str = ""
    cause: str = ""
    problem: str = ""
    remedy: str = ""

    @property
    def error(self) -> PravkaError | None:
        """What it, or the first of its pages that did, failed with."""
        kind = getattr(errors, self.cause, PravkaError) if self.cause else None
        return kind(self.problem, self.remedy) if kind else None


class Run(NamedTuple):
    """A run in the ledger: its state (running, ended, interrupted, stopped), and what was asked for."""

    started: str
    ended: str
    state: str
    request: Mapping[str, Any]
    done: int
    failed: int


def now() -> str:
    """Return the time (UTC, ISO 8601, to the second)."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def stored(name: str) -> str | bytes:
    """Return a file name as the ledger has it: text, or bytes where it is not UTF-8."""
    if name.isascii():
        return name
    data = os.fsencode(name)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data


def named(value: str | bytes) -> str:
    """Return the file name that the ledger has so."""
    if isinstance(value, str) and value.isascii():
        return value
    return os.fsdecode(value.encode() if isinstance(value, str) else value)


class Ledger:
    """The ledger of an output folder, made by `written` or `read`."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self.connection = connection
        self.path = path
        self.settings: dict[str, int] = {}

    # ------------------------------------------------------------ reading

    def known(self, names: Sequence[str]) -> dict[str, Entry]:
        """Return by name those of the documents (a thousand at most) that are known."""
        marks = ", ".join("?" * len(names))
        rows = self.connection.execute(f"{DOCUMENTS} WHERE name IN ({marks})", [stored(name) for name in names])
        return {entry.name: entry for entry in map(entry_of, rows)}

    def entries(self, state: State | None = None) -> dict[str, Entry]:
        """Return the documents by name: all of them, or those of a state."""
        rows = self.connection.execute(f"{DOCUMENTS} WHERE ?1 IS NULL OR state = ?1 ORDER BY name", (state,))
        return {entry.name: entry for entry in map(entry_of, rows)}

    def states(self) -> dict[str, int]:
        """Return how many documents are in each state."""
        return dict(self.connection.execute("SELECT state, count(*) FROM document GROUP BY state"))

    def failed_pages(self) -> Iterator[tuple[str, PageEntry]]:
        """Yield the pages that failed, of documents of which others did not, with the names of their documents."""
        rows = self.connection.execute(
            "SELECT page.document, number, page.state, reading, page.seconds, words, repaired, doubtful, citations,"
            " turned, page.cause, error FROM page JOIN document ON document = name"
            " WHERE page.state = 'failed' AND document.state = 'partly' ORDER BY name, number"
        )
        return ((named(row[0]), PageEntry(*row[1:])) for row in rows)

    def readings(self, name: str) -> frozenset[str]:
        """Return the names of the kept readings of a document."""
        rows = self.connection.execute("SELECT reading FROM page WHERE document = ?", (stored(name),))
        return frozenset(reading for (reading,) in rows if reading)

    def figures(self) -> dict[str, float]:
        """Return the sums over all pages: pages, words, repaired, doubtful, citations, seconds."""
        names = ("pages", "failed", "words", "repaired", "doubtful", "citations", "seconds")
        row = self.connection.execute(
            "SELECT count(*), count(nullif(state, 'done')), total(words), total(repaired), total(doubtful),"
            " total(citations), total(seconds) FROM page"
        ).fetchone()
        return dict(zip(names, row, strict=True))

    def last_run(self) -> Run | None:
        """Return the run that was started last, None if there was none."""
        row = self.connection.execute(
            "SELECT started, coalesce(ended, ''), state, request, done, failed FROM run ORDER BY id DESC LIMIT 1"
        ).fetchone()
        return Run(row[0], row[1], row[2], json.loads(row[3]), row[4], row[5]) if row else None

    # ------------------------------------------------------------ writing

    def start(self, request: Mapping[str, Any]) -> int:
        """Note that a run has started, and what is asked for; return its number."""
        with self.writing() as connection:
            cursor = connection.execute(
                "INSERT INTO run (started, state, request) VALUES (?, 'running', ?)", (now(), json.dumps(request))
            )
        return int(cursor.lastrowid or 0)

    def end(self, run: int, state: str, done: int, failed: int) -> None:
        """Note that a run has ended: how, and how many documents are done and failed."""
        with self.writing() as connection:
            connection.execute(
                "UPDATE run SET ended = ?, state = ?, done = ?, failed = ? WHERE id = ?",
                (now(), state, done, failed, run),
            )

    def forget(self, names: Sequence[str]) -> None:
        """Note that documents are to be done again, on the disk, before an output of theirs is changed.

        Else a crash, and other options in the next run, could leave outputs that are not what the ledger says.
        """
        with self.writing() as connection:
            rows = [(stored(name),) for name in names]
            connection.executemany("UPDATE document SET state = 'waiting' WHERE name = ?", rows)
        if names:
            with told(self.path):
                self.connection.execute("PRAGMA wal_checkpoint(FULL)")

    def note(self, entry: Entry, pages: Sequence[PageEntry]) -> None:
        """Note what became of a document and its pages, in place of what was known of it."""
        with self.writing() as connection:
            name = stored(entry.name)
            connection.execute("DELETE FROM page WHERE document = ?", (name,))
            connection.execute(
                "INSERT OR REPLACE INTO document VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    name,
                    stored(entry.path),
                    *entry[2:5],
                    self.setting(entry.setting),
                    entry.state,
                    json.dumps(entry.outputs),
                    *entry[8:],
                ),
            )
            connection.executemany(
                "INSERT INTO page VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", [(name, *page) for page in pages]
            )

    def touch(self, name: str, path: str, size: int, changed: int) -> None:
        """Note another place, size or time of change of an input whose bytes are the same."""
        with self.writing() as connection:
            connection.execute(
                "UPDATE document SET path = ?, size = ?, changed = ? WHERE name = ?",
                (stored(path), size, changed, stored(name)),
            )

    def setting(self, text: str) -> int:
        """Return the number of a setting, which is noted where it is new."""
        if text not in self.settings:
            self.connection.execute("INSERT OR IGNORE INTO setting (text) VALUES (?)", (text,))
            row = self.connection.execute("SELECT id FROM setting WHERE text = ?", (text,)).fetchone()
            self.settings[text] = row[0]
        return self.settings[text]

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Write all of it or nothing. Raises CannotWrite, BadData if the ledger is broken."""
        with told(self.path), self.connection:
            yield self.connection


def entry_of(row: Sequence[Any]) -> Entry:
    """Return the document that a row is of."""
    name, path, *known, outputs = row[:8]
    return Entry._make((named(name), named(path), *known, tuple(json.loads(outputs)), *row[8:]))


def unwritable(path: Path, error: Exception) -> CannotWrite:
    """Return what to tell about a ledger that cannot be written."""
    reason = getattr(error, "strerror", None) or error
    return CannotWrite(f"{shown(path)} cannot be written ({reason})", "Free some space, or choose another folder")


def unreadable(path: Path, error: Exception) -> UnreadableInput:
    """Return what to tell about a ledger that cannot be read."""
    reason = getattr(error, "strerror", None) or error
    return UnreadableInput(f"{shown(path)} cannot be read ({reason})", "See whether you may read it, and all beside it")


@contextmanager
def told(path: Path, tell: Callable[[Path, Exception], PravkaError] = unwritable) -> Iterator[None]:
    """Tell what SQLite meets as what a user can act on. Raises what `tell` says, or BadData for a broken ledger."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise tell(path, error) from error
    except sqlite3.DatabaseError as error:
        raise BadData(f"{shown(path)} is broken ({error})", "Move it away: everything is then done again") from error


@contextmanager
def written(out: Path) -> Iterator[Ledger]:
    """Open the ledger of an output folder to write, and make both where they are not there.

    Raises CannotWrite, UsageError if another run is writing there, BadData if it is broken or of a newer version.
    """
    path = out / FOLDER / NAME
    with ExitStack() as stack:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = stack.enter_context((path.parent / "lock").open("w"))
            take(lock.fileno(), out)
        except OSError as error:
            raise unwritable(path, error) from error
        stack.enter_context(told(path))
        connection = stack.enter_context(closing(sqlite3.connect(path, timeout=BUSY)))
        bring_up_to_date(connection, path)
        yield Ledger(connection, path)


@contextmanager
def read(out: Path) -> Iterator[Ledger]:
    """Open the ledger of an output folder to read it.

    Raises NoLedger if there is none, UnreadableInput, BadData if it is broken or of another version.
    """
    path = out / FOLDER / NAME
    try:
        if not path.is_file():
            raise no_ledger(out)
    except OSError as error:
        raise unreadable(path, error) from error
    with told(path, unreadable), closing(opened_to_read(path)) as connection:
        version = version_of(connection, path)
        if version == 0:  # a run was killed when it had just made it
            raise no_ledger(out)
        if version < len(STEPS):
            raise BadData(f"{shown(path)} is of an older version", "Run `pravka clean` there again: it goes on")
        yield Ledger(connection, path)


def no_ledger(out: Path) -> NoLedger:
    """Return what to tell about a folder without a ledger."""
    return NoLedger(f"{shown(out)} holds no ledger", "Name the folder that `pravka clean -o` wrote to")


def opened_to_read(path: Path) -> sqlite3.Connection:
    """Open a database to read it, also where nothing can be written beside it."""
    uri = path.resolve().as_uri()
    # Whoever may write beside it removes, as the last to close it, the files that WAL needs while it is open.
    mode = "mode=rw" if os.access(path.parent, os.W_OK) else "mode=ro" if wal_of(path).exists() else "immutable=1"
    connection = sqlite3.connect(f"{uri}?{mode}", uri=True, timeout=BUSY)
    connection.execute("PRAGMA query_only = ON")
    return connection


def wal_of(path: Path) -> Path:
    """Return where SQLite writes what is not yet in the database."""
    return path.with_name(f"{path.name}-wal")


def take(handle: int, out: Path) -> None:
    """Lock a file until this process ends. Raises UsageError if another process has done so."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise UsageError(f"Another run is writing to {shown(out)}", "Wait for it, or choose another folder") from error


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Return the version of a ledger, 0 of an empty one. Raises BadData if it is none, or of a newer version."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if tables and application != APPLICATION:
        raise BadData(f"{shown(path)} is not a ledger of Pravka", "Choose another folder with -o")
    if version > len(STEPS):
        problem = f"{shown(path)} was written by a newer Pravka (version {version} of the ledger)"
        raise BadData(problem, "Use that, or choose another folder with -o")
    return int(version)


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Make a ledger one of this version. Raises BadData if it is newer or none, sqlite3.Error."""
    version = version_of(connection, path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    for number, step in enumerate(STEPS[version:], start=version + 1):
        connection.executescript(
            f"BEGIN; {step} PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {number}; COMMIT;"
        )
