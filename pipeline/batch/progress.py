"""Shows a batch as it goes: a bar on a terminal, plain lines elsewhere; logs it as JSON lines; sums it up."""

import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any, Final, TextIO

from pipeline.batch.events import Event, Opened, Outcome, PageRead, Refused, Started
from pipeline.batch.ledger import PageEntry, now
from pipeline.errors import CannotWrite, PravkaError
from pipeline.source import shown
from pipeline.write import json_line

EVERY: Final = 10.0  # seconds between plain lines
SHOWN: Final = 60  # pages in a table that people look through
MINUTE: Final = 60
HOUR: Final = 3600


@dataclass
class Tally:
    """What a batch has come to: sums of all, the errors by exit code and by class, and the first pages."""

    documents: int = 0
    done: int = 0
    failed: int = 0
    left: int = 0
    before: int = 0
    read: int = 0
    words: int = 0
    repaired: int = 0
    doubtful: int = 0
    citations: int = 0
    codes: Counter[int] = field(default_factory=Counter)
    causes: Counter[str] = field(default_factory=Counter)
    first: list[tuple[str, PageEntry]] = field(default_factory=list)
    started: float = field(default_factory=monotonic)

    def add(self, event: Event) -> None:
        """Count an event."""
        match event:
            case Started(documents, before, left):
                self.documents, self.before, self.left = documents, before, left
            case Refused(error):
                self.documents += 1
                self.count(error)
            case PageRead():
                self.read += 1
            case Outcome(document, pages, _, error):
                self.count(error)
                self.sum(document, pages)

    def count(self, error: PravkaError | None) -> None:
        """Count a document, or an input that is none."""
        if error:
            self.failed += 1
            self.codes[error.exit_code] += 1
            self.causes[error.cause] += 1
        else:
            self.done += 1

    def sum(self, document: str, pages: tuple[PageEntry, ...]) -> None:
        """Add up the figures of a document's pages."""
        if len(pages) == 1:
            self.read += 1
        for page in pages:
            self.words += page.words
            self.repaired += page.repaired
            self.doubtful += page.doubtful
            self.citations += page.citations
            if len(self.first) <= SHOWN:
                self.first.append((f"{shown(document)} p. {page.number}" if len(pages) > 1 else shown(document), page))

    @property
    def ended(self) -> int:
        """How many documents are through."""
        return self.done + self.failed

    @property
    def pages_a_minute(self) -> float:
        """How fast pages are read."""
        return self.read / max(monotonic() - self.started, 1e-3) * MINUTE

    @property
    def seconds_left(self) -> float | None:
        """How long it may still take, as documents took until now; None where none is through."""
        rest = self.documents - self.ended
        return (monotonic() - self.started) / self.ended * rest if self.ended else None

    @property
    def line(self) -> str:
        """Where the batch stands, as a line."""
        left = self.seconds_left
        return (
            f"{self.ended:,} of {self.documents:,} documents, {self.read:,} pages, {self.pages_a_minute:.0f} a minute,"
            f" {self.repaired:,} repaired, {self.failed:,} failed" + (f", {duration(left)} left" if left else "")
        )


def duration(seconds: float) -> str:
    """Return a time for people: `12 s`, `5 min`, `3 h 20 min`."""
    if seconds < MINUTE:
        return f"{seconds:.0f} s"
    hours, rest = divmod(seconds, HOUR)
    return f"{hours:.0f} h {rest / MINUTE:.0f} min" if hours else f"{rest / MINUTE:.0f} min"


class Progress:
    """Shows events on standard error, and logs them: a context manager, whose `show` takes one after the other."""

    def __init__(self, log: Path | None = None) -> None:
        self.tally = Tally()
        self.stack = ExitStack()
        self.log_path = log
        self.log: TextIO | None = None
        self.plain_at = monotonic() + EVERY
        self.bar, self.task = bar_of()

    def __enter__(self) -> "Progress":
        if self.log_path:
            self.log = self.stack.enter_context(opened_log(self.log_path))
        self.stack.enter_context(self.bar)
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def show(self, event: Event) -> None:
        """Show an event, and log it. Raises CannotWrite."""
        self.tally.add(event)
        error = getattr(event, "error", None)
        if error and not isinstance(event, PageRead):
            self.say(f"pravka: {error}")
        if self.log:
            write_line(self.log, json_line(record_of(event)))
        tally = self.tally
        if not self.bar.disable:
            self.bar.update(self.task, total=tally.documents, completed=tally.ended, description=tally.line)
        elif tally.ended and monotonic() >= self.plain_at:
            self.plain_at = monotonic() + EVERY
            self.say(tally.line)

    def say(self, line: str) -> None:
        """Show a line, above the bar where there is one."""
        if self.bar.disable:
            sys.stderr.write(line + "\n")
        else:
            self.bar.console.print(line, markup=False, highlight=False, soft_wrap=True)


def bar_of() -> tuple[Any, Any]:
    """Return a bar on the terminal, on standard error, which shows nothing where that is none; and its task."""
    from rich.console import Console
    from rich.progress import BarColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = BarColumn(), TextColumn("{task.description}")
    bar = Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())
    return bar, bar.add_task("Loading the models", total=None)


def opened_log(path: Path) -> TextIO:
    """Open a log to add lines to. Raises CannotWrite."""
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise CannotWrite(f"{shown(path)} cannot be written ({error.strerror})", "Choose another --log-json") from error


def write_line(log: TextIO, line: str) -> None:
    """Write a line to a log, at once. Raises CannotWrite."""
    try:
        log.write(line)
        log.flush()
    except OSError as error:
        raise CannotWrite(f"{shown(log.name)} cannot be written ({error.strerror})", "Free some space there") from error


RECORDS: Final[dict[type[Event], tuple[str, Callable[[Any], dict[str, Any]]]]] = {
    Started: ("planned", lambda event: {"documents": event.documents, "done": event.done, "left": event.left}),
    Refused: ("refused", lambda event: {"document": shown(event.error.file)}),
    Opened: ("opened", lambda event: {"document": shown(event.document), "pages": event.pages}),
    PageRead: (
        "page",
        lambda event: {"document": shown(event.document), "page": event.page, "seconds": round(event.seconds, 3)},
    ),
    Outcome: (
        "document",
        lambda event: {
            "document": shown(event.document),
            "pages": [page_record(page) for page in event.pages],
            "seconds": round(event.seconds, 3),
        },
    ),
}


def record_of(event: Event) -> dict[str, Any]:
    """Return an event as JSON objects, with the time."""
    name, record = RECORDS[type(event)]
    error = getattr(event, "error", None)
    return {"time": now(), "event": name, **record(event), **({"error": error_record(error)} if error else {})}


def page_record(page: PageEntry) -> dict[str, Any]:
    """Return the figures of a page as JSON objects."""
    record = {key: value for key, value in page._asdict().items() if key not in ("reading", "cause", "error")}
    return {**record, "error": page.error} if page.error else record


def error_record(error: PravkaError) -> dict[str, Any]:
    """Return an error as JSON objects."""
    return {
        "cause": type(error).__name__,
        "code": error.exit_code,
        "problem": shown(error.problem),
        "remedy": error.remedy,
    }
