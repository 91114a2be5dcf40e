"""Kills and hinders batches wherever they touch the disk, runs them again, and compares with undisturbed runs.

A process that has loaded the models forks one child for each point, which does a batch of texts and of a book (whose
pages are read at once by a stand-in: what is tried is what is done with files) and, at the n-th call of
a kind, is killed (SIGKILL) or fails (ENOSPC, EIO, EACCES). Then another child runs the batch again, and outputs,
ledger and what lies about are compared with those of an undisturbed run. Calls of the program are counted by
`sys.setprofile`; with `--strace` the system calls of the whole child are, SQLite's among them, by strace(1).

    python benchmarks/chaos.py [--most POINTS] [--every N] [--strace]
"""

import argparse
import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402
from PIL import Image  # noqa: E402

from pipeline import document  # noqa: E402
from pipeline.batch import Request, clean_all, settings, work, would_do  # noqa: E402
from pipeline.batch.cage import Work, outcome_of  # noqa: E402
from pipeline.batch.ledger import read  # noqa: E402
from pipeline.document import Corrector  # noqa: E402
from pipeline.errors import PravkaError, SomeFailed  # noqa: E402
from pipeline.model import Reading, ReadLine, ReadWord  # noqa: E402
from pipeline.options import BatchOptions, Options  # noqa: E402
from pipeline.source import Source  # noqa: E402

TEXTS: Final = {"a": "KOMHTeT co6paJIca CHOBa.\n", "b": "Комитет собрался снова.\n"}
PAGES: Final = ("Комитет собрался снова.", "KOMHTeT co6paJIca CHOBa.")
# What a program calls where the disk has a say, by the name of the function.
CALLS: Final = frozenset(
    {"open", "write", "flush", "close", "fsync", "replace", "mkdir", "unlink", "connect", "execute", "executemany",
     "executescript", "__exit__", "flock", "scandir", "stat"}
)  # fmt: skip
FAILING: Final = frozenset({"open", "write", "flush", "fsync", "replace", "mkdir", "unlink"})
SYSTEM_CALLS: Final = (
    "openat", "write", "pwrite64", "fsync", "fdatasync", "rename", "mkdir", "unlink", "ftruncate", "flock", "fcntl",
)  # fmt: skip
FAULTS: Final = ("ENOSPC", "EIO", "EACCES")
KILL: Final = "KILL"
INTERNAL: Final = 1  # what a child ends with that meets what nobody expected
WHOLE: Final = 0
EXPECTED: Final = frozenset({WHOLE, 2, 4, 5, 7, 8, 9, -signal.SIGKILL})


class Inline(Executor):
    """Does in this process what `caged` would do elsewhere."""

    def __init__(self, corrector: Corrector) -> None:
        self.corrector = corrector

    def submit(self, caged: Callable[..., Any], /, *arguments: Any, **_: Any) -> Future[Any]:
        """Do a piece of work."""
        _, bounds, function, *rest = arguments
        future: Future[Any] = Future()
        future.set_result(outcome_of(self.corrector, Work(function, tuple(rest), bounds)))
        return future


class Point(NamedTuple):
    """Where a run is disturbed: at the n-th call of a kind, by a fault or a kill."""

    call: str
    turn: int
    fault: str


def read_at_once(_: Corrector, source: Source, number: int) -> Reading:
    """Stand in for the reading of a page."""
    words = tuple(ReadWord(word, None, 0.9) for word in PAGES[number - 1].split())
    return Reading((ReadLine(PAGES[number - 1], words),), "tesseract-rus+eng", 30, 20)


def inputs(folder: Path) -> Path:
    """Make the inputs: two texts and a book of two pages."""
    (folder / "in" / "below").mkdir(parents=True)
    for name, text in TEXTS.items():
        (folder / "in" / "below" / f"{name}.txt").write_text(text, encoding="utf-8")
    first, second = (Image.fromarray(np.full((20, 30), shade, np.uint8)) for shade in (250, 252))
    first.save(folder / "in" / "book.tif", save_all=True, append_images=[second])
    return folder / "in"


def batch(folder: Path, out: Path, corrector: Corrector, redo: str = "changed", layout: str = "lines") -> int:
    """Run a batch and return its exit code."""
    options = BatchOptions(jobs=1, include="text", redo=redo, format="txt,json,tsv")
    request = Request((folder,), out, Options(layout=layout), options)
    try:
        errors = [error for event in clean_all(request, Inline(corrector)) if (error := getattr(event, "error", None))]
    except PravkaError as error:
        return error.exit_code
    return SomeFailed.exit_code if errors else WHOLE


# ---------------------------------------------------------------- disturbing


def arm(point: Point, log: Path) -> None:
    """Disturb this process at a point, and log when it gets there."""
    left = point.turn

    def watch(_: object, event: str, function: Any) -> None:
        nonlocal left
        if event == "c_call" and function.__name__ == point.call:
            left -= 1
            if left == 0:
                sys.setprofile(None)
                log.write_text("INJECTED")
                strike(point.fault)

    sys.setprofile(watch)


def strike(fault: str) -> None:
    """Kill this process, or fail."""
    if fault == KILL:
        os.kill(os.getpid(), signal.SIGKILL)
    number = getattr(errno, fault)
    raise OSError(number, os.strerror(number))


def forked(task: Callable[[], int], traced: Point | None = None, log: Path = Path(os.devnull)) -> int:
    """Do a task in a child and return its exit code, -9 if it was killed; strace disturbs it where told."""
    child = os.fork()
    if child == 0:
        code = INTERNAL
        try:
            wait_for_tracer() if traced else None
            code = task()
        finally:
            sys.setprofile(None)
            os._exit(code)
    tracer = attached(child, traced, log) if traced else None
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if tracer:
        tracer.wait()
    return code


def wait_for_tracer() -> None:
    """Wait until strace watches this process."""
    with suppress(OSError):  # strace is there, and this is the point
        while "TracerPid:\t0\n" in Path("/proc/self/status").read_text(encoding="utf-8"):
            time.sleep(0.001)


def attached(child: int, point: Point, log: Path) -> subprocess.Popen[bytes]:
    """Let strace disturb a process, and log when it gets there."""
    injected = "signal=KILL" if point.fault == KILL else f"error={point.fault}"
    rule = f"{point.call}:{injected}:when={point.turn}"
    command = ["strace", "-qq", "-o", str(log), "-e", f"trace={point.call}", "-e", f"inject={rule}", "-p", str(child)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


# ---------------------------------------------------------------- comparing


def outputs_in(out: Path) -> dict[str, bytes]:
    """Return the bytes of all outputs by name."""
    paths = (path for path in out.rglob("*") if path.is_file() and ".pravka" not in path.relative_to(out).parts)
    return {str(path.relative_to(out)): path.read_bytes() for path in paths}


def problems(folder: Path, out: Path, expected: dict[str, bytes], layout: str) -> Iterator[str]:
    """Yield what is wrong with an output folder after all."""
    found = outputs_in(out)
    if found != expected:
        yield f"other outputs: {sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))}"
    with read(out) as ledger:
        noted = sorted(name for entry in ledger.entries().values() for name in entry.outputs)
    if noted != sorted(expected):
        yield f"the ledger has {noted}"
    if parts := list(out.rglob("*.part")):
        yield f"left: {parts}"
    kept = {path.name.partition(".")[0] for path in (out / ".pravka" / "readings").rglob("*.gz")}
    if len(kept) != len(PAGES):
        yield f"{len(kept)} readings are kept"
    options = BatchOptions(jobs=1, include="text", format="txt,json,tsv")
    request = Request((folder,), out, Options(layout=layout), options)
    reasons = would_do(request).reasons
    if set(reasons) != {"done"}:
        yield f"not done: {dict(reasons)}"


def survived(
    point: Point, folder: Path, corrector: Corrector, whole: dict[str, dict[str, bytes]], is_traced: bool
) -> tuple[bool, list[str]]:
    """Try a point of a first run, then of one with another option; return whether it was reached, and what is wrong."""
    out, log = folder / "out", folder / "log"
    wrong: list[str] = []
    reached = False
    for layout in whole:

        def disturbed(layout: str = layout) -> int:
            if not is_traced:
                arm(point, log)
            return batch(folder / "in", out, corrector, layout=layout)

        code = forked(disturbed, point if is_traced else None, log)
        was_hit = "KILL" in said or "INJECTED" in said if (said := text_of(log)) else False
        reached = reached or was_hit
        if code not in EXPECTED or (code == -signal.SIGKILL) != (point.fault == KILL and was_hit):
            wrong.append(f"exit code {code}")
        again = forked(lambda layout=layout: batch(folder / "in", out, corrector, "failed", layout))  # type: ignore[misc]
        if again != WHOLE:
            wrong.append(f"run again: exit code {again}")
        wrong += problems(folder / "in", out, whole[layout], layout)
    shutil.rmtree(out, ignore_errors=True)
    return reached, wrong


def text_of(log: Path) -> str:
    """Return what a log says, and empty it."""
    said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    log.unlink(missing_ok=True)
    return said


def undisturbed(folder: Path, corrector: Corrector) -> dict[str, dict[str, bytes]]:
    """Return the outputs of a first run, and of one with another option."""
    out = folder / "whole"
    made = {}
    for layout in ("lines", "flow"):
        if forked(lambda layout=layout: batch(folder / "in", out, corrector, layout=layout)) != WHOLE:  # type: ignore[misc]
            raise SystemExit("The undisturbed run fails")
        made[layout] = outputs_in(out)
    return made


def points(is_traced: bool) -> Iterator[Iterator[Point]]:
    """Yield, for each call and fault, the points in order."""
    for call in SYSTEM_CALLS if is_traced else sorted(CALLS):
        for fault in (KILL, *(FAULTS if is_traced or call in FAILING else ())):
            yield (Point(call, count, fault) for count in range(1, 10_000))


def main() -> None:
    """Try all points, or as many of each kind as told, and tell what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=10_000, help="points of each kind")
    parser.add_argument("--every", type=int, default=1, help="try every n-th point only")
    parser.add_argument("--strace", action="store_true", help="count system calls, SQLite's too")
    chosen = parser.parse_args()
    corrector = Corrector.load("rus", Options())
    corrector.fix(TEXTS["a"])
    vars(document)["read_or_fail"] = read_at_once
    vars(work)["require_programs"] = lambda *_: None
    vars(settings)["page_versions"] = dict
    tried: Counter[str] = Counter()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="chaos-") as name:
        folder = Path(name)
        inputs(folder)
        whole = undisturbed(folder, corrector)
        for kind in points(chosen.strace):
            for point in kind:
                if point.turn > chosen.most:
                    break
                if (point.turn - 1) % chosen.every:
                    continue
                reached, wrong = survived(point, folder, corrector, whole, chosen.strace)
                if not reached:
                    break
                tried[point.fault] += 1
                failed += bool(wrong)
                for one in wrong:
                    sys.stdout.write(f"{point.call} {point.turn} {point.fault}: {one}\n")
    kinds = ", ".join(f"{count} {fault}" for fault, count in tried.items())
    sys.stdout.write(f"{tried.total()} points ({kinds}), {failed} bad\n")
    raise SystemExit(failed > 0)


if __name__ == "__main__":
    main()
