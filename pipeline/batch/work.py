"""The work on a document: pure functions of what a worker has prepared and of arguments that can be pickled.

A page is the unit of reading, a document the unit of output: it is begun, its pages are read, and it is finished.
"""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.batch.formats import content, formats_of
from pipeline.batch.ledger import PageEntry
from pipeline.batch.readings import keep, kept, key_of
from pipeline.data import package_version
from pipeline.errors import PravkaError, ProgramFailed, UnreadableInput
from pipeline.model import Page, Reading
from pipeline.options import Options
from pipeline.outputs import refuse
from pipeline.source import PAGED, Source, page_count, sha256_of, shown
from pipeline.write import write_inside

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.document import Corrector

# A worker repairs these once before it works, so that all that is loaded when it is first used is there.
WARMING: Final = (
    "Hy)kHO IpuHeCTH KHHI'Y B OHOJIMOTEKY. The library is closed. [I'AP®. ®. 5. On. 1. JI. 7. JI. 2]",
    "Нет.",
)


class Task(NamedTuple):
    """A document to be done: its source, the output folder, the formats asked for, and what its readings depend on."""

    source: Source
    out: "Path"
    formats: tuple[str, ...]
    setting: str


class Finished(NamedTuple):
    """What became of a document: its hash, the names of the files written, its pages, and the seconds it took.

    `failed` is the error of the first page that failed, if one did.
    """

    sha256: str
    outputs: tuple[str, ...]
    pages: tuple[PageEntry, ...]
    seconds: float
    failed: PravkaError | None = None


class Begun(NamedTuple):
    """What a document was found to be: its hash, how many pages it has, and which of these are still to be read.

    A document of one page, or of none that could be looked at, is finished.
    """

    sha256: str
    pages: int
    unread: tuple[int, ...] = ()
    finished: Finished | None = None


def prepared(options: Options) -> "Corrector":
    """Load the models, and whatever else takes time. Raises BadData."""
    import cv2

    from pipeline.document import Corrector

    cv2.setNumThreads(1)
    package_version()  # every record names it: it is read here, once
    corrector = Corrector.load(options.lang, options)
    for line in WARMING:
        corrector.fix(line)
    return corrector


def require_programs(sources: Sequence[Source], options: Options) -> None:
    """Raise MissingProgram if there are pages to read and Tesseract or one of its packs is not there."""
    if any(source.kind in PAGED for source in sources):
        from pipeline.read import require_languages

        require_languages(f"{options.lang}+eng")


def begin(corrector: "Corrector", task: Task) -> Begun:
    """Open a document; do it where it has but a page, or none. Raises a PravkaError if that cannot be done."""
    started = perf_counter()
    source = task.source
    refuse(source, formats_of(source, task.formats))
    sha256 = sha256_of(source.path)
    if source.kind not in PAGED:
        return Begun(sha256, 0, finished=finish(corrector, task, sha256, 0, {}, started))
    count = page_count(source, corrector.options.limits)
    if count == 1:
        seconds = read(corrector, task, sha256, 1)
        finished = finish(corrector, task, sha256, 1, {}, started)
        pages = tuple(page._replace(seconds=seconds) for page in finished.pages)
        return Begun(sha256, 1, finished=finished._replace(pages=pages))
    unread = tuple(one for one in range(1, count + 1) if not is_read(corrector, task, sha256, one))
    return Begun(sha256, count, unread)


def is_read(corrector: "Corrector", task: Task, sha256: str, number: int) -> bool:
    """Tell whether a page was read before."""
    return not corrector.options.debug and kept(task.out, key_of(sha256, number, task.setting)) is not None


def read(corrector: "Corrector", task: Task, sha256: str, number: int) -> float:
    """Read a page and keep its reading; return the seconds that took. Raises a PravkaError."""
    started = perf_counter()
    reading_of(corrector, task, sha256, number)
    return perf_counter() - started


def reading_of(corrector: "Corrector", task: Task, sha256: str, number: int) -> Reading:
    """Return the reading of a page: as it was kept, else made and kept. Raises a PravkaError."""
    from pipeline.document import read_or_fail

    key = key_of(sha256, number, task.setting)
    reading = None if corrector.options.debug else kept(task.out, key)
    if reading is None:
        made = read_or_fail(corrector, task.source, number)
        if isinstance(made, PravkaError):
            raise made
        reading = made
        keep(task.out, key, reading)
    return reading


def finish(
    corrector: "Corrector",
    task: Task,
    sha256: str,
    count: int,
    failures: Mapping[int, PravkaError],
    started: float | None = None,
) -> Finished:
    """Repair a document of `count` pages, all read but for the failures, and write its files.

    Raises a PravkaError where it has no page that could be read, changed meanwhile, or cannot be written.
    """
    from pipeline.document import document_of, repair_given, repair_pages

    started = started or perf_counter()
    source = task.source
    given = None
    if source.kind in PAGED:
        numbers = range(1, count + 1)
        pages = repair_pages(
            corrector, [failures.get(one) or reading_of(corrector, task, sha256, one) for one in numbers]
        )
    else:
        pages, given = repair_given(corrector, source)
    if sha256_of(source.path) != sha256:
        raise UnreadableInput(f"{shown(source.path)} was changed while it was read", "Run it again")
    document = document_of(source, pages, sha256)
    wanted = formats_of(source, task.formats)
    contents = {one: content(document, one, source, given, corrector.options) for one in wanted}
    for name, data in contents.items():
        write_inside(task.out, source.output(task.out, name), data)
    names = tuple(str(source.output(task.out, name).relative_to(task.out)) for name in wanted)
    entries = tuple(entry_of(page, task, sha256) for page in pages)
    return Finished(sha256, names, entries, perf_counter() - started, next(iter(failures.values()), None))


def entry_of(page: Page, task: Task, sha256: str) -> PageEntry:
    """Return the figures of a page."""
    tokens = [token for line in page.lines for token in line.tokens]
    doubtful = sum(token.status.startswith("doubtful") for token in tokens)
    is_kept = task.source.kind in PAGED and not page.error
    return PageEntry(
        page.number,
        "failed" if page.error else "done",
        key_of(sha256, page.number, task.setting) if is_kept else "",
        0.0,
        len(tokens),
        len(page.corrections),
        doubtful,
        len(page.citations),
        quarters(page),
        error=page.error,
    )


def quarters(page: Page) -> int:
    """Return by how many degrees counter-clockwise a page that did not stand upright was turned: 0, 90, 180 or 270."""
    return round(page.rotation / 90) * 90 % 360


def some_failed(name: str, errors: Sequence[str], kind: type[PravkaError] = ProgramFailed) -> PravkaError:
    """Return what to tell about a document of which some pages failed, with these errors."""
    problem = f"{name}: {len(errors)} of its pages failed: {errors[0].rstrip('.')}"
    return kind(problem, "The other pages are written")
