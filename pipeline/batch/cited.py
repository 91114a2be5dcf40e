"""Finds the citations of many documents."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.batch.work import prepared, require_programs, some_failed
from pipeline.cite import Found, is_record, recorded
from pipeline.errors import PravkaError
from pipeline.options import Options
from pipeline.source import Source

if TYPE_CHECKING:
    from pipeline.document import Corrector


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
    require_programs(sources, options)
    corrector = None if all(is_record(source.path) for source in sources) else prepared(options)
    for source in sources:
        try:
            yield cite_one(corrector, source)
        except PravkaError as error:
            yield Cited(str(source.relative), error=error)


def cite_one(corrector: "Corrector | None", source: Source) -> Cited:
    """Return the citations of a source; a record needs no corrector. Raises a PravkaError if it cannot be read."""
    from pipeline.document import repair_source

    name = str(source.relative)
    if corrector is None or is_record(source.path):
        return Cited(name, tuple(recorded(source.path)))
    document, _ = repair_source(corrector, source)
    found = tuple(Found(document.source, page.number, one) for page in document.pages for one in page.citations)
    failed = [page.error for page in document.pages if page.error]
    return Cited(name, found, some_failed(name, failed) if failed else None)
