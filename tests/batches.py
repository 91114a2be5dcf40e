"""Batches that cost nothing: the work is done in this process, by a corrector that is there already."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import Any

from pipeline.batch import Event, Outcome, Request, Started, clean_all
from pipeline.batch.cage import Work, outcome_of
from pipeline.batch.ledger import Entry, read
from pipeline.document import Corrector
from pipeline.options import BatchOptions, Options


class Inline(Executor):
    """Does at once, and here, what `caged` would do elsewhere; the arguments are as `clean_all` gives them."""

    def __init__(self, corrector: Corrector) -> None:
        self.corrector = corrector

    def submit(self, caged: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        preparation, bounds, function, *rest = arguments
        own = Corrector(self.corrector.repairer, *preparation.arguments)
        future: Future[Any] = Future()
        future.set_result(outcome_of(own, Work(function, tuple(rest), bounds)))
        return future


def request(inputs: Path | Sequence[Path], out: Path, redo: str = "changed", **chosen: Any) -> Request:
    """A request for texts and pages, two at a time."""
    batch = {name: chosen.pop(name) for name in list(chosen) if name in BatchOptions.__dataclass_fields__}
    given = (inputs,) if isinstance(inputs, Path) else tuple(inputs)
    return Request(given, out, Options(**chosen), BatchOptions(**{"jobs": 2, "include": "text", "redo": redo, **batch}))


def run(asked: Request, corrector: Corrector) -> list[Event]:
    return list(clean_all(asked, Inline(corrector)))


def done_by(events: Sequence[Event]) -> list[str]:
    """The names of the documents that a run did, in order of names."""
    return sorted(event.document for event in events if isinstance(event, Outcome))


def planned_by(events: Sequence[Event]) -> tuple[int, int, int]:
    """How many documents a run was to do, had done before, and left."""
    return next((event.documents, event.done, event.left) for event in events if isinstance(event, Started))


def known(out: Path) -> dict[str, Entry]:
    """The documents that the ledger of a folder has, by name."""
    with read(out) as ledger:
        return ledger.entries()


def outputs_in(out: Path) -> dict[str, bytes]:
    """The bytes of all outputs below a folder, by name; not what is kept for the next run."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.relative_to(out).parts[0] != ".pravka"
    }


def everything_in(folder: Path) -> dict[bytes, tuple[int, bytes]]:
    """Whatever is in a folder: the times and bytes of files, by name."""
    found = {}
    for root, folders, files in os.walk(os.fsencode(folder)):
        for name in [*folders, *files]:
            path = os.path.join(root, name)
            is_file = os.path.isfile(path)
            found[path] = (os.stat(path).st_mtime_ns, Path(os.fsdecode(path)).read_bytes()) if is_file else (0, b"")
    return found
