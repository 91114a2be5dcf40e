"""Tells what was done in an output folder, what failed and why, and what a rerun would do."""

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline.batch import ledger as ledgers
from pipeline.batch.ledger import PageEntry, Run
from pipeline.batch.plan import WHY, Reason
from pipeline.batch.request import Plan, Request, planned, request_of, sought
from pipeline.errors import PravkaError
from pipeline.source import shown
from pipeline.write import json_line

SHOWN: Final = 50  # failures that are listed for people


class Failure(NamedTuple):
    """A document that failed, or a page of one (0: all of it)."""

    name: str
    page: int
    cause: str
    message: str


class Status(NamedTuple):
    """What was done: the last run, the states of the documents, sums over the pages, and the failures.

    `rerun` is what a rerun would do, by reason; `hindrance` why it would do nothing at all, "" if it can be started.
    """

    folder: Path
    run: Run | None
    states: Mapping[str, int]
    figures: Mapping[str, float]
    failures: tuple[Failure, ...]
    rerun: Mapping[Reason, int]
    hindrance: str = ""


def would_do(request: Request) -> Plan:
    """Return what a run would do; nothing is changed. Raises UsageError, MissingProgram, BadData."""
    found = sought(request)
    try:
        with ledgers.read(request.out) as ledger:
            return planned(request, found, ledger.known)
    except ledgers.NoLedger:
        return planned(request, found, lambda names: {})


def status_of(out: Path) -> Status:
    """Return what was done in a folder. Raises UnreadableInput if it has no ledger, BadData if that is broken."""
    with ledgers.read(out) as ledger:
        run, states, figures = ledger.last_run(), ledger.states(), ledger.figures()
        failed = ledger.entries("failed").values()
        pages = tuple(failed_page(name, page) for name, page in ledger.failed_pages())
    failures = tuple(Failure(one.path, 0, one.cause, str(one.error)) for one in failed)
    return Status(out, run, states, figures, (*failures, *pages), *rerun_of(run, out))


def failed_page(name: str, page: PageEntry) -> Failure:
    """Return a page that failed."""
    return Failure(name, page.number, page.cause, page.error)


def rerun_of(run: Run | None, out: Path) -> tuple[Mapping[Reason, int], str]:
    """Return what the last run, started again, would do, by reason, and why it would not."""
    if run is None:
        return {}, ""
    try:
        plan = would_do(request_of(run.request, out))
    except PravkaError as error:
        return {}, str(error)
    return plan.reasons, "; ".join(map(str, plan.errors[:1]))


def status_text(status: Status) -> str:
    """Return what was done as lines for people."""
    return "".join(line + "\n" for line in lines_of(status))


def lines_of(status: Status) -> Iterator[str]:
    """Yield what was done, line by line."""
    run, figures = status.run, status.figures
    if run:
        yield f"The last run started {run.started}" + (
            f" and {run.state} {run.ended}" if run.ended else ", and has not ended"
        )
    yield ", ".join(f"{count:,} {state}" for state, count in status.states.items()) or "No document is done"
    sums = ", ".join(f"{figures[name]:,.0f} {name}" for name in ("pages", "words", "repaired", "doubtful", "citations"))
    yield f"{sums}; {figures['seconds']:,.0f} s of reading"
    if status.failures:
        yield f"{len(status.failures):,} failed:"
        for failure in islice(status.failures, SHOWN):
            yield f"  {shown(failure.name)}{f' p. {failure.page}' if failure.page else ''}: {failure.message}"
        if len(status.failures) > SHOWN:
            yield f"  and {len(status.failures) - SHOWN:,} more (--json lists all)"
    if status.rerun:
        yield "A rerun would find:"
        yield from (f"  {count:,} {WHY[reason]}" for reason, count in status.rerun.items())
    if status.hindrance:
        yield f"  {status.hindrance}"


def status_json(status: Status) -> str:
    """Return what was done as one line of JSON."""
    run = status.run
    started = {"started": run.started, "ended": run.ended, "state": run.state} if run else None
    record: dict[str, Any] = {
        "run": started,
        "documents": dict(status.states),
        "figures": {name: round(value, 3) for name, value in status.figures.items()},
        "failed": [{**one._asdict(), "name": shown(one.name)} for one in status.failures],
        "rerun": dict(status.rerun),
        "hindrance": status.hindrance,
    }
    return json_line(record)
