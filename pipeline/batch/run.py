"""Runs a batch: hands out the work, notes in the ledger what became of it, and tells what happens as it happens.

Only this process writes the ledger. The executor may be any of `concurrent.futures`: here it is one of threads, each of
which waits for a keeper (`pipeline.batch.cage`); a cluster's does the same elsewhere, over a shared file system.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NamedTuple

from pipeline.batch import ledger as ledgers
from pipeline.batch import readings, work
from pipeline.batch.cage import KEEPERS, Bounds, Preparation, caged
from pipeline.batch.events import Event, Opened, Outcome, PageRead, Refused, Started
from pipeline.batch.ledger import Entry, Ledger, PageEntry, State
from pipeline.batch.plan import Planned, place_of, touch
from pipeline.batch.request import Request, planned, record_of, sought
from pipeline.batch.settings import Setting
from pipeline.batch.work import Begun, Finished, Task, some_failed
from pipeline.errors import PravkaError, SomeFailed
from pipeline.source import PAGED, shown
from pipeline.write import sweep

AHEAD: Final = 2  # pieces of work that are handed out for each worker, so that it never waits for the next
PAGE_OF_TEXT: Final = 10_000  # bytes, which count as a page that was read
SECONDS_A_PAGE: Final = 5.0  # for the repair of a page, which takes a fifth of one
PAGES_A_SHARE: Final = 100  # of a document, for which as much memory is allowed as for reading one


@dataclass
class Open:
    """A document that is being done: what is known of it so far."""

    planned: Planned
    begun: Begun
    unread: deque[int] = field(default_factory=deque)
    seconds: dict[int, float] = field(default_factory=dict)
    failures: dict[int, PravkaError] = field(default_factory=dict)

    @property
    def is_read(self) -> bool:
        """Whether all pages were read, or failed."""
        return len(self.seconds) + len(self.failures) == len(self.begun.unread)


class Job(NamedTuple):
    """A piece of work to hand out, and what goes on with its outcome."""

    answer: Callable[[Any], Iterator[Event]]
    bounds: Bounds
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


class Run:
    """A run over planned documents: `events` does them, step by step."""

    def __init__(self, request: Request, settings: Mapping[bool, Setting], ledger: Ledger) -> None:
        self.request = request
        self.settings = settings
        self.ledger = ledger
        self.preparation = Preparation(work.prepared, (request.options,))
        self.waiting: dict[Future[Any], Job] = {}
        self.ready: deque[Job] = deque()
        self.reading: deque[Open] = deque()
        self.done = self.failed = 0

    def events(self, documents: Iterator[Planned], executor: Executor) -> Iterator[Event]:
        """Do the documents and yield what happens. Raises a PravkaError if the workers cannot start."""
        while True:
            while len(self.waiting) < AHEAD * self.request.batch.jobs and (job := self.next_job(documents)):
                future = executor.submit(caged, self.preparation, job.bounds, job.function, *job.arguments)
                self.waiting[future] = job
            if not self.waiting:
                return
            for future in wait(self.waiting, return_when=FIRST_COMPLETED).done:
                yield from self.waiting.pop(future).answer(future.result())

    def next_job(self, documents: Iterator[Planned]) -> Job | None:
        """Return what is to be done next: first what goes on with documents that are open, then what opens another."""
        if self.ready:
            return self.ready.popleft()
        while self.reading and not self.reading[0].unread:
            self.reading.popleft()
        if self.reading:
            return self.page_of(self.reading[0])
        following = next(documents, None)
        return following and self.opening(following)

    # ------------------------------------------------------------ the steps of a document

    def opening(self, one: Planned) -> Job:
        """Return the work that begins a document."""
        pages = 0 if one.source.kind in PAGED else one.size // PAGE_OF_TEXT
        return Job(partial(self.begun, one), self.bounds(pages), work.begin, (self.task(one),))

    def begun(self, one: Planned, outcome: Begun | PravkaError) -> Iterator[Event]:
        """Go on with a document that was opened: it is finished, or has pages to be read."""
        if isinstance(outcome, PravkaError):
            yield self.end(Open(one, Begun("", 0)), outcome)
            return
        yield Opened(str(one.source.relative), max(outcome.pages, 1))
        document = Open(one, outcome, deque(outcome.unread))
        if outcome.finished:
            yield self.end(document, outcome.finished)
        elif outcome.unread:
            self.reading.append(document)
        else:
            self.ready.append(self.finishing(document))

    def page_of(self, document: Open) -> Job:
        """Return the work that reads the next page of a document."""
        number = document.unread.popleft()
        arguments = (self.task(document.planned), document.begun.sha256, number)
        return Job(partial(self.read, document, number), self.bounds(0), work.read, arguments)

    def read(self, document: Open, number: int, outcome: float | PravkaError) -> Iterator[Event]:
        """Go on with a document of which a page was read, or failed."""
        name = str(document.planned.source.relative)
        if isinstance(outcome, PravkaError):
            document.failures[number] = outcome
            yield PageRead(name, number, 0.0, outcome)
        else:
            document.seconds[number] = outcome
            yield PageRead(name, number, outcome)
        if document.is_read:
            self.ready.append(self.finishing(document))

    def finishing(self, document: Open) -> Job:
        """Return the work that finishes a document, all pages of which were read."""
        begun = document.begun
        arguments = (self.task(document.planned), begun.sha256, begun.pages, dict(sorted(document.failures.items())))
        return Job(partial(self.finished, document), self.bounds(begun.pages), work.finish, arguments)

    def finished(self, document: Open, outcome: Finished | PravkaError) -> Iterator[Event]:
        """Note what became of a document."""
        yield self.end(document, outcome)

    def end(self, document: Open, outcome: Finished | PravkaError) -> Outcome:
        """Note in the ledger what became of a document, and return it."""
        if isinstance(outcome, PravkaError):
            outcome = Finished(document.begun.sha256, (), (), 0.0, outcome)
        failure = about(document, outcome)
        pages = tuple(timed(page, document) for page in outcome.pages)
        seconds = outcome.seconds + sum(document.seconds.values())
        stale = self.ledger.readings(document.planned.name) - {page.reading for page in pages}
        self.ledger.note(self.entry(document.planned, outcome, seconds, failure), pages)
        for key in stale if pages else ():
            readings.forget(self.request.out, key)
        self.failed, self.done = self.failed + bool(failure), self.done + (not failure)
        return Outcome(str(document.planned.source.relative), pages, seconds, failure)

    def entry(self, one: Planned, outcome: Finished, seconds: float, failure: PravkaError | None) -> Entry:
        """Return what the ledger is to have of a document."""
        state: State = "done" if failure is None else "partly" if outcome.outputs else "failed"
        path, settings = place_of(one.source), self.settings[one.source.kind in PAGED]
        setting = settings.failure if failure else settings.output
        known = Entry(one.name, path, one.size, one.changed, outcome.sha256, setting, state, outcome.outputs)
        cause = (type(failure).__name__, shown(failure.problem), shown(failure.remedy)) if failure else ("", "", "")
        return Entry(*known[:8], round(seconds, 3), ledgers.now(), *cause)

    def task(self, one: Planned) -> Task:
        """Return what a worker is told about a document."""
        setting = self.settings[one.source.kind in PAGED].reading
        return Task(one.source, self.request.out, self.request.batch.formats, setting)

    def bounds(self, pages: int) -> Bounds:
        """Return what reading a page, or work on so many pages that were read, may take."""
        seconds = self.request.options.page_timeout + SECONDS_A_PAGE * pages
        return Bounds(seconds, self.request.batch.page_memory * (1 + pages // PAGES_A_SHARE))


def timed(page: PageEntry, document: Open) -> PageEntry:
    """Return a page with the seconds that its reading took, and the cause of its failure."""
    failure = document.failures.get(page.number)
    seconds = round(document.seconds.get(page.number, page.seconds), 3)
    return page._replace(seconds=seconds, cause=type(failure).__name__ if failure else "", error=shown(page.error))


def about(document: Open, outcome: Finished) -> PravkaError | None:
    """Return what to tell about a document that failed, or some of whose pages did; None if none did."""
    failure = outcome.failed
    if failure is None:
        return None
    name = shown(document.planned.source.relative)
    if outcome.outputs:
        return some_failed(name, [str(one) for one in document.failures.values()], type(failure))
    is_named = shown(document.planned.source.path) in failure.problem or name in failure.problem
    return failure if is_named else type(failure)(f"{name}: {failure.problem}", failure.remedy)


# ---------------------------------------------------------------- the whole run


def clean_all(request: Request, executor: Executor | None = None) -> Generator[Event, None, None]:
    """Do what is missing or has changed, and yield what happens, each document as it is finished.

    The executor runs plain functions of arguments that can be pickled; without one, threads of this process do. Raises
    a PravkaError before any work: UsageError for unknown formats, colliding outputs and a folder that another run
    writes to, MissingProgram, CannotWrite, BadData for a broken model or ledger; and SomeFailed if the run is given up.
    """
    found = sought(request)
    work.require_programs(found.sources, request.options)
    if not found.sources:
        yield from map(Refused, found.errors)
        return
    with ledgers.written(request.out) as ledger:
        plan = planned(request, found, ledger.known)
        todo = [one for one in plan.documents if not one.is_idle]
        before = ledger.last_run()
        if before and before.state == "running":
            sweep(request.out)
        touch(ledger, plan.documents)
        ledger.forget([one.name for one in todo if one.reason != "new"])
        run = Run(request, plan.settings, ledger)
        yield Started(len(todo), plan.reasons["done"], plan.reasons["left"])
        yield from map(Refused, plan.errors)
        with noted(run, ledger.start(record_of(request))), lent(executor, request.batch.jobs) as workers:
            for event in run.events(iter(todo), workers):
                yield event
                check_failures(request, run.failed + len(plan.errors), len(todo) + len(plan.errors))


@contextmanager
def lent(executor: Executor | None, jobs: int) -> Iterator[Executor]:
    """Lend an executor: the one given, else one of threads, whose work ends with it whatever happens."""
    if executor:
        yield executor
        return
    threads = ThreadPoolExecutor(jobs)
    try:
        yield threads
    finally:
        KEEPERS.end()
        threads.shutdown(cancel_futures=True)
        KEEPERS.open()


@contextmanager
def noted(run: Run, number: int) -> Iterator[None]:
    """Note in the ledger how a run ends; what killed processes have left half-written is gone then."""
    state = "interrupted"
    try:
        yield
        state = "ended"
    except PravkaError:
        state = "stopped"
        raise
    finally:
        if state != "ended" or run.failed:
            sweep(run.request.out)
        run.ledger.end(number, state, run.done, run.failed)


def check_failures(request: Request, failed: int, documents: int) -> None:
    """Raise SomeFailed when more failed than is allowed."""
    if request.batch.is_too_much(failed, documents):
        problem = f"{failed} of {documents} documents failed, which is more than --max-failures allows"
        raise SomeFailed(problem, "Remove the cause and run it again: what is done is not done again")
