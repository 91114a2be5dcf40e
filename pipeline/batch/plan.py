"""Decides what is to be done: what the ledger does not have, or has of another input, other versions or options."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, NamedTuple

from pipeline.batch.ledger import Entry, Ledger
from pipeline.batch.settings import Setting
from pipeline.errors import UnreadableInput
from pipeline.source import PAGED, Source, sha256_of

# Why a document is to be done, or is not.
Reason = Literal["new", "unfinished", "input", "setting", "output", "failed", "asked", "done", "left"]

WHY: Final[Mapping[Reason, str]] = {
    "new": "not done yet",
    "unfinished": "not finished",
    "input": "the input has changed",
    "setting": "versions or options have changed",
    "output": "an output is missing",
    "failed": "failed before",
    "asked": "to be done again",
    "done": "done",
    "left": "failed before, and is left (--redo failed)",
}
IDLE: Final = ("done", "left")  # the reasons to do nothing
# Errors whose cause is not in the document: it is tried again.
OUTSIDE: Final = frozenset({"CannotWrite", "MissingProgram", "BadData"})
FOLDERS: Final = 8  # whose lists of files are kept: documents come folder by folder
AT_ONCE: Final = 500  # documents that the ledger is asked about

# What the ledger knows of documents, by name.
Known = Callable[[Sequence[str]], Mapping[str, Entry]]
# Tells whether a file of the output folder is there.
IsThere = Callable[[str], bool]


class Planned(NamedTuple):
    """A document, why it is to be done or is not, and the size (bytes) and time of change (nanoseconds) of its input.

    One that is `touched` has the bytes that the ledger knows, but another size, time or place.
    """

    source: Source
    reason: Reason
    size: int = 0
    changed: int = 0
    touched: bool = False

    @property
    def name(self) -> str:
        """What the ledger calls it."""
        return self.source.stem

    @property
    def is_idle(self) -> bool:
        """Whether nothing is to be done with it."""
        return self.reason in IDLE


def plan(
    sources: Sequence[Source],
    out: Path,
    known: Known,
    settings: Mapping[bool, Setting],
    redo: str,
) -> Iterator[Planned]:
    """Yield what is to be done with each document; nothing is changed."""
    is_there = looked_up(out)
    for start in range(0, len(sources), AT_ONCE):
        some = sources[start : start + AT_ONCE]
        entries = known([source.stem for source in some])
        for source in some:
            yield planned(source, entries.get(source.stem), settings[source.kind in PAGED], redo, is_there)


def looked_up(out: Path) -> IsThere:
    """Return what tells whether a file of the output folder is there; each folder is listed once."""

    @lru_cache(maxsize=FOLDERS)
    def files(folder: str) -> frozenset[str]:
        try:
            with os.scandir(os.path.join(out, folder)) as found:
                return frozenset(one.name for one in found if one.is_file())
        except OSError:
            return frozenset()

    def is_there(output: str) -> bool:
        folder, _, name = output.rpartition("/")
        return name in files(folder)

    return is_there


def planned(source: Source, entry: Entry | None, setting: Setting, redo: str, is_there: IsThere) -> Planned:
    """Return what is to be done with a document."""
    try:
        status = os.stat(source.path)
    except OSError:  # it has gone since it was found: who opens it will tell
        return Planned(source, "new" if entry is None else "input")
    size, changed = status.st_size, status.st_mtime_ns
    if entry is None or entry.state == "waiting":
        return Planned(source, "unfinished" if entry else "new", size, changed)
    is_touched = (place_of(source), size, changed) != (entry.path, entry.size, entry.changed)
    same = not is_touched or has_hash(source, entry.sha256)
    return Planned(source, reason_of(entry, same, setting, redo, is_there), size, changed, is_touched and same)


def reason_of(entry: Entry, same: bool, setting: Setting, redo: str, is_there: IsThere) -> Reason:
    """Return why a document that the ledger has is to be done again, or is not."""
    if redo == "all":
        return "asked"
    has_failed = entry.state in ("failed", "partly")
    if redo != "never":
        if not same:
            return "input"
        if entry.setting != (setting.failure if has_failed else setting.output):
            return "setting"
        if not all(map(is_there, entry.outputs)):
            return "output"
        if has_failed and (redo == "failed" or entry.cause in OUTSIDE):
            return "failed"
    return "left" if has_failed else "done"


def place_of(source: Source) -> str:
    """Return where an input is, as the ledger has it."""
    return os.path.abspath(source.path)


def has_hash(source: Source, sha256: str) -> bool:
    """Tell whether the bytes of an input are those of a hash; of one that cannot be read they are not."""
    try:
        return sha256_of(source.path) == sha256
    except UnreadableInput:
        return False


def touch(ledger: Ledger, planned: Sequence[Planned]) -> None:
    """Note the sizes and times of inputs that were copied or touched, but not changed: they are not read again."""
    for one in planned:
        if one.is_idle and one.touched:
            ledger.touch(one.name, place_of(one.source), one.size, one.changed)
