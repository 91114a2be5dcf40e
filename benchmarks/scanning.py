"""Shows what each step of the cleaning is worth: how Tesseract reads scans of many kinds with it and without."""

import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple
from unittest.mock import patch

import click
import cv2
import numpy as np

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import say, surroundings, table  # noqa: E402
from scans import AUGRAPHY, OWN, Scan, columned, scans, spreads  # noqa: E402
from sets import rates, read_pages, shared_option  # noqa: E402

from pipeline.scan import Grey, clean  # noqa: E402
from pipeline.scan import page as recipe  # noqa: E402

WORSE: Final = 0.5  # points of CER; less is the luck of single letters
TEXT: Final = """\
# What cleaning is worth

CER and seconds of `tesseract -l rus+eng` (`OMP_THREAD_LIMIT=1`) on scans as they are, and cleaned; before any repair.
The pages are rendered from `samples/sources/` and worn by code that is not Pravka's (augraphy), or warped by that of
`benchmarks/scans.py`: none by the wear that Pravka learned from. Two or three pages of each kind. Seconds are those of
the processor; *times* is cleaning and reading together against reading the scan as it is."""
COMMAND: Final = "`python benchmarks/scanning.py --write` makes this page."


@dataclass(frozen=True)
class Step:
    """A step of the cleaning, and what must hold for it to be left out."""

    name: str
    without: Callable[[], AbstractContextManager[Any]]


def off(name: str, instead: Any) -> Callable[[], AbstractContextManager[Any]]:
    """Return what puts something else in the place of a part of the recipe while it lasts."""
    return lambda: patch.object(recipe, name, instead)


STEPS: Final = (
    Step("border", off("sheet_of", lambda page: None)),
    Step("spread", off("gutter_of", lambda page: None)),
    Step("reduced", off("LARGE", sys.maxsize)),
    Step("noise", off("is_noisy", lambda page: False)),
    Step("light", off("flattened", lambda page, paper, white=None: page)),
    Step("marks", off("mark_level", lambda page, paper: None)),
    Step("grain", off("bare_paper", lambda page, paper: None)),
    Step("upright", off("lies_sideways", lambda letters: False)),
    Step("slope", off("slope", lambda letters: 0.0)),
    Step("curl", off("bend_of", lambda letters, width, height: None)),
    Step("enlarged", off("SMALL_PRINT", 0.0)),
)


class Read(NamedTuple):
    """What was read of a scan, and the seconds that the reading and the cleaning took."""

    text: str
    reading: float
    cleaning: float = 0.0


class Measured(NamedTuple):
    """How a scan was read: CER in per cent, seconds of reading and cleaning, and the pictures that were read."""

    cer: float
    reading: float
    cleaning: float
    pictures: tuple[str, ...]


# ---------------------------------------------------------------- reading


def name_of(grey: Grey) -> str:
    """Return a name for a picture that no other has."""
    return hashlib.sha256(repr(grey.shape).encode() + grey.tobytes()).hexdigest()[:24]


def read(grey: Grey, work: Path) -> Read:
    """Read a picture with Tesseract, or take what was read of it before."""
    kept = work / f"{name_of(grey)}.json"
    if not kept.exists():
        kept.write_text(json.dumps(tesseract(grey)), encoding="utf-8")
    return Read(*json.loads(kept.read_text(encoding="utf-8")))


def tesseract(grey: Grey) -> tuple[str, float]:
    """Run Tesseract on a picture; return the text and the seconds of the processor."""
    with TemporaryDirectory(prefix="pravka-") as folder:
        picture, text = Path(folder, "page.png"), Path(folder, "text")
        picture.write_bytes(cv2.imencode(".png", grey, [cv2.IMWRITE_PNG_COMPRESSION, 1])[1].tobytes())
        command = ["tesseract", str(picture), str(text), "-l", "rus+eng"]
        quiet = [(os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)]
        child = os.posix_spawnp(command[0], command, {**os.environ, "OMP_THREAD_LIMIT": "1"}, file_actions=quiet)
        usage = os.wait4(child, 0)[2]
        return text.with_suffix(".txt").read_text(encoding="utf-8"), usage.ru_utime + usage.ru_stime


def cleaned(scan: Scan, without: Step | None) -> tuple[list[Grey], float]:
    """Clean a scan, without a step; return the pictures and the seconds it took."""
    with without.without() if without else nullcontext():
        start = time.process_time()
        parts = clean(scan.grey)
        return [part.grey for part in parts], time.process_time() - start


def measured(scan: Scan, pictures: Sequence[Grey], cleaning: float, work: Path) -> Measured:
    """Read the pictures that became of a scan."""
    found = [read(picture, work) for picture in pictures]
    cer = rates([(scan.truth, "\n".join(one.text for one in found))]).cer
    return Measured(cer, sum(one.reading for one in found), cleaning, tuple(map(name_of, pictures)))


def all_measured(scanned: Sequence[Scan], work: Path, without: Step | None) -> list[Measured]:
    """Clean all scans, one after the other, then read them, as many at a time as there are cores."""
    ready = [cleaned(scan, without) for scan in scanned]
    return read_all([(scan, *one) for scan, one in zip(scanned, ready, strict=True)], work)


def read_all(ready: Sequence[tuple[Scan, list[Grey], float]], work: Path) -> list[Measured]:
    """Read scans with the pictures that became of them and the seconds that took."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda one: measured(one[0], one[1], one[2], work), ready))


# ---------------------------------------------------------------- tables


def steps_of(scan: Scan) -> str:
    """Return the names of the steps that a scan needed."""
    seen: list[str] = []
    clean(scan.grey, lambda step, _: seen.append(step))
    return ", ".join(dict.fromkeys(seen)) or "-"


def kinds_table(scanned: Sequence[Scan], plain: Sequence[Measured], done: Sequence[Measured]) -> str:
    """Return the table of the kinds of scans: error and time as they are, and cleaned."""
    head = ("kind", "CER %", "cleaned %", "s", "cleaning s", "reading s", "times", "steps")
    rows = []
    for kind, group in groupby(zip(scanned, plain, done, strict=True), key=lambda one: one[0].kind):
        own, before, after = zip(*group, strict=True)
        old, new, took = (mean(one.reading for one in before), mean(one.reading for one in after),
                          mean(one.cleaning for one in after))  # fmt: skip
        cers = (mean(one.cer for one in side) for side in (before, after))
        steps = ", ".join(dict.fromkeys(step for scan in own for step in steps_of(scan).split(", ")))
        rows.append([kind, *(f"{cer:.2f}" for cer in cers), f"{old:.1f}", f"{took:.2f}", f"{new:.1f}",
                     f"{(new + took) / old:.2f}", steps])  # fmt: skip
    return table(head, rows)


def steps_table(scanned: Sequence[Scan], done: Sequence[Measured], work: Path) -> str:
    """Return the table of the steps: over the scans that a step changes, error and time with and without it."""
    head = ("step", "scans", "CER without it %", "with it %", "better", "worse", "s without it", "with it")
    rows = []
    for step in STEPS:
        say(f"without {step.name} ...")
        others = all_measured(scanned, work, step)
        pairs = [pair for pair in zip(others, done, strict=True) if pair[0].pictures != pair[1].pictures]
        sides = list(zip(*pairs, strict=True)) or [(), ()]
        cers = [f"{mean(one.cer for one in side):.2f}" if side else "-" for side in sides]
        seconds = [f"{mean(one.cleaning + one.reading for one in side):.1f}" if side else "-" for side in sides]
        better = sum(other.cer > own.cer + WORSE for other, own in pairs)
        worse = sum(own.cer > other.cer + WORSE for other, own in pairs)
        rows.append([step.name, str(len(pairs)), *cers, str(better), str(worse), *seconds])
    return table(head, rows)


def never_worse(scanned: Sequence[Scan], plain: Sequence[Measured], done: Sequence[Measured]) -> str:
    """Return how many scans are read worse cleaned than as they are, and which."""
    both = list(zip(scanned, plain, done, strict=True))
    worse = [f"{scan.kind} ({scan.name}): {one.cer:.2f} to {new.cer:.2f}" for scan, one, new in both
             if new.cer > one.cer + WORSE]  # fmt: skip
    same = sum(one.pictures == new.pictures for _, one, new in both)
    listed = ":\n\n" + "\n".join(f"- {line}" for line in worse) if worse else "."
    return (
        f"Of {len(both)} scans {same} are left as they are; {sum(one.cer > new.cer for _, one, new in both)} are read "
        f"better cleaned, {len(worse)} worse by more than {WORSE} points{listed}"
    )


def overall(plain: Sequence[Measured], done: Sequence[Measured]) -> str:
    """Return the means over all scans."""
    before, after = (mean(one.cer for one in side) for side in (plain, done))
    return f"Mean CER over all scans: {before:.2f} % as they are, {after:.2f} % cleaned."


def report(scanned: Sequence[Scan], work: Path) -> Iterator[str]:
    """Yield the parts of the report."""
    say(f"{len(scanned)} scans as they are ...")
    plain = read_all([(scan, [scan.grey], 0.0) for scan in scanned], work)
    say("cleaned ...")
    done = all_measured(scanned, work, None)
    yield overall(plain, done)
    yield never_worse(scanned, plain, done)
    yield kinds_table(scanned, plain, done)
    yield "## Without a step\n\nOver the scans that a step changes; *better*, *worse*: by more than half a point."
    yield steps_table(scanned, done, work)


# ---------------------------------------------------------------- the command


def development_pages(shared: Path) -> list[Scan]:
    """Return the pages of the development sets, if they are there, as scans of one kind."""
    pages = read_pages(shared / "eval" / "pages") if (shared / "eval" / "pages").is_dir() else []
    found = [(page, cv2.imread(str(page.image), cv2.IMREAD_GRAYSCALE)) for page in pages]
    return [Scan("development pages", page.name, np.asarray(grey, np.uint8), page.truth) for page, grey in found]


def augraphy_kinds() -> Mapping[str, Any]:
    """Return the kinds of scans that augraphy makes; none where it is missing, and say so."""
    try:
        import augraphy  # noqa: F401
    except ImportError:
        say("augraphy is not installed (pip install augraphy): its kinds of scans are left out")
        return {}
    return AUGRAPHY


@click.command()
@shared_option
@click.option("--work", type=click.Path(path_type=Path), help="Keep readings in this folder and use those kept there.")
@click.option("--write", is_flag=True, help="Write docs/scanning.md too.")
def main(shared: Path, work: Path | None, write: bool) -> None:
    """Print how scans are read cleaned and as they are, and what each step of the cleaning is worth."""
    cv2.setNumThreads(1)
    scanned = [*scans(OWN), *columned(), *spreads(), *scans(augraphy_kinds()), *development_pages(shared)]
    with TemporaryDirectory(prefix="pravka-") as folder:
        kept = work or Path(folder)
        kept.mkdir(parents=True, exist_ok=True)
        text = "\n\n".join([*report(scanned, kept), surroundings()])
    click.echo(text)
    if write:
        (ROOT / "docs" / "scanning.md").write_text(f"{TEXT}\n\n{text}\n\n{COMMAND}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
