"""What happens in a batch, as it is told to whoever shows or logs it."""

from dataclasses import dataclass

from pipeline.batch.ledger import PageEntry
from pipeline.errors import PravkaError


@dataclass(frozen=True)
class Started:
    """The run starts: so many documents are to be done, are done already, or failed before and are left."""

    documents: int
    done: int = 0
    left: int = 0


@dataclass(frozen=True)
class Refused:
    """An input that is no document."""

    error: PravkaError


@dataclass(frozen=True)
class Opened:
    """A document was opened: how many pages it has."""

    document: str
    pages: int


@dataclass(frozen=True)
class PageRead:
    """A page was read in so many seconds, or failed."""

    document: str
    page: int
    seconds: float
    error: PravkaError | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a document: its pages, its error (also where only some pages failed), the seconds it took."""

    document: str
    pages: tuple[PageEntry, ...] = ()
    seconds: float = 0.0
    error: PravkaError | None = None


Event = Started | Refused | Opened | PageRead | Outcome
