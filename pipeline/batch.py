"""Cleans many documents: one document at a time in each worker, results in the order of the inputs."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from pipeline.cite import Found, is_record, recorded
from pipeline.errors import PravkaError, ProgramFailed, UsageError
from pipeline.layers import Layer, alto_of, hocr_of
from pipeline.model import Document, Page
from pipeline.options import Options
from pipeline.outputs import MADE, made, refuse
from pipeline.source import OUTPUTS, Source, Text
from pipeline.write import Content, corrections_tsv, encoded, json_of, raw_of, text_of, write_whole

if TYPE_CHECKING:
    from pipeline.document import Corrector

FORMATS: Final = ("txt", "json")  # what is written where nothing is asked for; of a text layer, the layer besides
# Formats that a document gets anew, where it was not given in them.
PRINTED: Final = {"hocr": hocr_of, "alto": alto_of}


class Row(NamedTuple):
    """What became of a page; `turned` is by how many degrees counter-clockwise (0, 90, 180, 270)."""

    name: str
    words: int
    repaired: int
    doubtful: int
    citations: int
    error: str
    turned: int = 0


@dataclass(frozen=True)
class Outcome:
    """What became of a document: its name, its pages, or its error."""

    name: str
    rows: tuple[Row, ...] = ()
    error: PravkaError | None = None


def row_of(name: str, page: Page) -> Row:
    """Return the figures of a page."""
    tokens = [token for line in page.lines for token in line.tokens]
    doubtful = sum(token.status.startswith("doubtful") for token in tokens)
    return Row(name, len(tokens), len(page.corrections), doubtful, len(page.citations), page.error, quarters(page))


def quarters(page: Page) -> int:
    """Return by how many degrees counter-clockwise a page that did not stand upright was turned: 0, 90, 180 or 270."""
    return round(page.rotation / 90) * 90 % 360


def check_formats(formats: Sequence[str]) -> None:
    """Raise UsageError for a format that nobody writes."""
    unknown = [name for name in formats if name not in OUTPUTS]
    if unknown:
        raise UsageError(f"There is no format {', '.join(unknown)}", f"Choose from {', '.join(OUTPUTS)}")


def check_programs(sources: Sequence[Source], options: Options) -> None:
    """Raise MissingProgram if there are pages to read and Tesseract or one of its packs is not there."""
    if any(source.kind in ("image", "pdf") for source in sources):
        from pipeline.read import require_languages

        require_languages(f"{options.lang}+eng")


def formats_of(source: Source, formats: Sequence[str]) -> Sequence[str]:
    """Return the formats to write of a source: those asked for, else the usual ones of its kind."""
    return formats or (FORMATS if source.kind not in OUTPUTS else (source.kind, *FORMATS))


def content(
    document: Document, format_name: str, source: Source, given: "Text | Layer | None", options: Options
) -> Content:
    """Return a document in a format; layers, and texts by lines, come back as they were given."""
    from pipeline.document import given_back

    own = "txt" if isinstance(given, Text) else given.kind if given else ""
    if given and format_name == own and (own != "txt" or options.layout == "lines"):
        return given_back(document, given)
    if format_name in PRINTED:
        return PRINTED[format_name](document)
    if format_name in MADE:
        return made(document, format_name, source, options)
    if format_name == "raw":
        return given.to_bytes() if isinstance(given, Text) else encoded(raw_of(document))
    makers = {"txt": lambda one: text_of(one, options), "json": json_of, "tsv": corrections_tsv}
    return encoded(makers[format_name](document))


def clean_one(corrector: "Corrector", source: Source, out: Path, formats: Sequence[str]) -> Outcome:
    """Repair one document and write its files."""
    from pipeline.document import repair_source

    name = str(source.relative)
    try:
        wanted = formats_of(source, formats)
        refuse(source, wanted)
        document, given = repair_source(corrector, source)
        contents = {one: content(document, one, source, given, corrector.options) for one in wanted}
        for format_name, data in contents.items():
            write_whole(source.output(out, format_name), data)
    except PravkaError as failure:
        return Outcome(name, error=failure)
    several = len(document.pages) > 1
    rows = tuple(row_of(f"{name} p. {page.number}" if several else name, page) for page in document.pages)
    return Outcome(name, rows, failure_of(name, document))


def failure_of(name: str, document: Document) -> PravkaError | None:
    """Return what to tell about the pages of a document that failed, None if none did."""
    failed = [page.error for page in document.pages if page.error]
    if not failed:
        return None
    problem = f"{name}: {len(failed)} of its pages failed: {failed[0].rstrip('.')}"
    return ProgramFailed(problem, "The other pages are written")


_CORRECTOR: "list[Corrector]" = []


def start_worker(options: Options) -> None:
    """Load the models of a worker."""
    from pipeline.document import Corrector

    os.environ["OMP_THREAD_LIMIT"] = "1"
    _CORRECTOR[:] = [Corrector.load(options.lang, options)]


def work(source: Source, out: Path, formats: Sequence[str]) -> Outcome:
    """Clean one document in a worker."""
    return clean_one(_CORRECTOR[0], source, out, formats)


def clean_all(
    sources: Sequence[Source], out: Path, formats: Sequence[str], jobs: int, options: Options
) -> Iterator[Outcome]:
    """Clean the sources with `jobs` workers and yield what became of each, in order.

    Raises UsageError for an unknown format, MissingProgram if Tesseract is needed and not there, BadData for a broken
    model: before any work.
    """
    check_formats(formats)
    check_programs(sources, options)
    if not sources:
        return
    start_worker(options)
    if min(jobs, len(sources)) == 1:
        for source in sources:
            yield work(source, out, formats)
        return
    with ProcessPoolExecutor(min(jobs, len(sources)), get_context("spawn"), start_worker, (options,)) as pool:
        futures = [pool.submit(work, source, out, formats) for source in sources]
        for source, future in zip(sources, futures, strict=True):
            try:
                yield future.result()
            except BrokenProcessPool:
                yield Outcome(
                    str(source.relative),
                    error=ProgramFailed(f"The worker for {source.relative} died", "Try it alone with --jobs 1"),
                )


# ---------------------------------------------------------------- citations


@dataclass(frozen=True)
class Cited:
    """The citations of a document, and what went wrong with it or with some of its pages."""

    name: str
    found: tuple[Found, ...] = ()
    error: PravkaError | None = None


def cite_all(sources: Sequence[Source], options: Options) -> Iterator[Cited]:
    """Yield the citations of each source, in order: of pages, text, or the JSON records of documents cleaned before.

    Raises MissingProgram if Tesseract is needed and not there, BadData for a broken model or list: before any work.
    """
    check_programs(sources, options)
    if not all(is_record(source.path) for source in sources):
        start_worker(options)
    for source in sources:
        try:
            yield cite_one(source)
        except PravkaError as error:
            yield Cited(str(source.relative), error=error)


def cite_one(source: Source) -> Cited:
    """Return the citations of a source. Raises a PravkaError if it cannot be read."""
    from pipeline.document import repair_source

    name = str(source.relative)
    if is_record(source.path):
        return Cited(name, tuple(recorded(source.path)))
    document, _ = repair_source(_CORRECTOR[0], source)
    found = tuple(Found(document.source, page.number, one) for page in document.pages for one in page.citations)
    return Cited(name, found, failure_of(name, document))
