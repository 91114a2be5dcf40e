"""Measures batches: what they cost besides the work, what a rerun and a second core bring, and what libraries cost.

`make bench-batch` runs it. The machine should have nothing else to do; what is compared is run in turns, and medians
are shown with the least and the most. Where there are no development sets, text is made of `benchmarks/prose.tsv`.
"""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final, NamedTuple

import click

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import say, surroundings, table  # noqa: E402
from commands import nothing, read_by_command  # noqa: E402
from sets import read_pairs, shared_option  # noqa: E402

from pipeline.batch import Progress, Request, clean_all  # noqa: E402
from pipeline.batch.cage import KEEPERS, Bounds, Preparation, caged  # noqa: E402
from pipeline.batch.ledger import PageEntry  # noqa: E402
from pipeline.batch.work import Begun, Finished, Task, prepared  # noqa: E402
from pipeline.document import read_map  # noqa: E402
from pipeline.garble import garblings  # noqa: E402
from pipeline.options import BatchOptions, Options  # noqa: E402
from pipeline.tables import read_table  # noqa: E402

MARKS: Final = (1_000, 10_000, 50_000, 100_000)  # pages after which the parent's memory is looked at
LINKS: Final = 50_000  # a file system allows 65,000 names of one file
PIXELS: Final = b"\x89PNG\r\n\x1a\n" + bytes(100)
TIMES: Final = 3
EMPTY: Final = 200  # cages with nothing in them
GARBLED: Final = 0.05  # of the characters
BYTES_A_TEXT: Final = 100_000
MEGABYTE: Final = 1_000_000
FULL: Final = 100.0
VOLUMES, PAGES, WORDS = 10_000_000, 300, 300  # of a library: volumes, pages of one, words of one
PRICE: Final = 0.02  # dollars for an hour of a rented core, of machines bought by the hour that may be taken away
HOURS_A_YEAR: Final = 24 * 365
FIGURES: Final = "## Figures"


class Use(NamedTuple):
    """What a command took: seconds by the clock, seconds of processors, and megabytes at most of its own process."""

    seconds: float
    processor: float
    megabytes: int


def use_of(command: Sequence[str | Path]) -> Use:
    """Run a command and return what it took, with the processes it waited for. Raises CalledProcessError."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Use(time.perf_counter() - started, used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)


def pravka(*arguments: str | Path) -> Use:
    """Run the command and return what it took."""
    return use_of([sys.executable, "cli.py", *arguments])


def in_turns(ways: Sequence[Callable[[], float]], times: int) -> list[list[float]]:
    """Return the seconds that each way takes, so many times, one after the other and again."""
    found: list[list[float]] = [[] for _ in ways]
    for _ in range(times):
        for way, seconds in zip(ways, found, strict=True):
            seconds.append(way())
    return found


def spread(values: Sequence[float], digits: int = 2) -> str:
    """Return the median of values, and the least and the most of them."""
    return f"{median(values):.{digits}f} ({min(values):.{digits}f}-{max(values):.{digits}f})"


# ---------------------------------------------------------------- a hundred thousand pages


class Simulated(Executor):
    """Does no work: outputs are further names of one file, so that only the parent is measured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def submit(self, _: Any, /, *arguments: Any, **__: Any) -> Future[Any]:
        """Return the outcome of a document of one page, done at once."""
        task: Task = arguments[-1]
        names = tuple(task.source.outputs(("txt", "json")))
        for name, kind in zip(names, ("txt", "json"), strict=True):
            os.link(self.folder / f"{kind}-{int(task.source.relative.parts[0]) * 1000 // LINKS}", task.out / name)
        future: Future[Any] = Future()
        page = PageEntry(1, "done", "0" * 64, 1.0, WORDS, 20, 3, 1)
        future.set_result(Begun("0" * 64, 1, finished=Finished("0" * 64, names, (page,), 1.0)))
        return future


def make_pages(folder: Path, pages: int) -> None:
    """Make a folder of so many page images that hold nothing, a thousand in each folder, and what outputs link to."""
    folder.mkdir(parents=True)
    for number in range(pages):
        share = number // LINKS
        if number % LINKS == 0:
            for kind, data in (("png", PIXELS), ("txt", b"text\n"), ("json", b"{}\n")):
                (folder / f"{kind}-{share}").write_bytes(data)
        if number % 1000 == 0:
            for place in ("in", "out"):
                (folder / place / f"{number // 1000:03}").mkdir(parents=True)
        os.link(folder / f"png-{share}", folder / "in" / f"{number // 1000:03}" / f"{number % 1000:03}.png")


def resident() -> int:
    """Return the memory of this process now, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() // 2**20


def simulated(folder: Path) -> dict[str, Any]:
    """Go through the pages of a folder without work; return the seconds of each, and the memory after some."""
    request = Request((folder / "in",), folder / "out", batch=BatchOptions(jobs=2))
    memory, ended, started = {}, 0, 0.0
    with Progress(folder / "log.jsonl") as progress:
        for event in clean_all(request, Simulated(folder)):
            started = started or time.perf_counter()
            progress.show(event)
            if progress.tally.done > ended:
                ended = progress.tally.done
                if ended in MARKS:
                    memory[ended] = resident()
    return {"seconds": (time.perf_counter() - started) / max(ended, 1), "memory": memory}


def simulated_rows(folder: Path, pages: int) -> Iterator[list[str]]:
    """Yield the rows on many pages: overhead of the parent, its memory, and what reruns take."""
    say(f"{pages:,} pages, simulated ...")
    make_pages(folder, pages)
    command = [sys.executable, __file__, "--simulate", str(folder)]
    found = json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=ROOT).stdout)
    yield ["ledger, scheduling, progress and log, a page", f"{1000 * found['seconds']:.2f} ms", ""]
    memory = ", ".join(f"{mb} MB after {int(count):,}" for count, mb in found["memory"].items())
    yield ["memory of the parent", memory, "flat"]
    target = f"10 s, 200 MB for {MARKS[-1]:,}"
    runs: dict[str, Callable[[], Use]] = {
        "rerun of the finished batch": lambda: pravka("clean", folder / "in", "-o", folder / "out"),
        "`--dry-run` of it": lambda: pravka("clean", folder / "in", "-o", folder / "out", "--dry-run"),
        "`pravka status` of it": lambda: pravka("status", folder / "out"),
    }
    for name, run in runs.items():
        uses = [run() for _ in range(TIMES)]
        seconds, processor = spread([use.seconds for use in uses], 1), median(use.processor for use in uses)
        most = max(use.megabytes for use in uses)
        yield [f"{name}, {pages:,} pages", f"{seconds} s, {processor:.1f} s of processor, {most} MB", target]


# ---------------------------------------------------------------- cages


def cage_rows() -> Iterator[list[str]]:
    """Yield the rows on cages: how long it is to the first, and what an empty one takes."""
    say("Cages ...")
    preparation, bounds = Preparation(prepared, (Options(),)), Bounds(60, 2000)
    KEEPERS.open()
    started = time.perf_counter()
    caged(preparation, bounds, nothing)
    yield ["start of a keeper: imports, models, first repair", f"{time.perf_counter() - started:.2f} s", ""]
    seconds = []
    for _ in range(EMPTY):
        started = time.perf_counter()
        caged(preparation, bounds, nothing)
        seconds.append(1000 * (time.perf_counter() - started))
    KEEPERS.end()
    yield ["an empty cage beside loaded models", f"{median(seconds):.1f} ms", "5 ms with the row below it"]


# ---------------------------------------------------------------- beside GNU parallel


class Commands(Executor):
    """Runs `read_by_command` in cages, whatever work is given."""

    def __init__(self, jobs: int) -> None:
        self.threads = ThreadPoolExecutor(jobs)

    def submit(self, _: Any, /, *arguments: Any, **__: Any) -> Future[Any]:
        """Hand out the command for a page."""
        _, bounds, _, task = arguments
        return self.threads.submit(caged, Preparation(dict), bounds, read_by_command, task)


def by_batch(inputs: Path, out: Path, jobs: int) -> float:
    """Run the command over a folder as a batch, and return the seconds."""
    started = time.perf_counter()
    shutil.rmtree(out, ignore_errors=True)
    KEEPERS.open()
    with Progress() as progress:
        for event in clean_all(Request((inputs,), out, batch=BatchOptions(jobs=jobs)), Commands(jobs)):
            progress.show(event)
    KEEPERS.end()
    return time.perf_counter() - started


def by_parallel(inputs: Path, out: Path, jobs: int) -> float:
    """Run the command over a folder with GNU parallel, or xargs where that is not there, and return the seconds."""
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    command = f"tesseract {{}} {out}/{{/.}} -l eng"
    if shutil.which("parallel"):
        full = f"ls {inputs}/*.png | parallel -j {jobs} '{command}'"
    else:
        full = f"ls {inputs}/*.png | xargs -P {jobs} -I% sh -c 'tesseract % {out}/$(basename % .png) -l eng'"
    return use_of(["bash", "-c", full]).seconds


def parallel_row(folder: Path, pages: int, jobs: int) -> list[str]:
    """Return the row on the same commands run by a batch and by GNU parallel."""
    say("Beside GNU parallel ...")
    inputs = folder / "commands"
    inputs.mkdir(parents=True)
    for number in range(pages):  # bytes behind the picture are not looked at, but make each another document
        data = (ROOT / "samples" / "page-1.png").read_bytes() + str(number).encode()
        (inputs / f"{number:03}.png").write_bytes(data)
    out = folder / "commands-out"
    own, other = in_turns([lambda: by_batch(inputs, out, jobs), lambda: by_parallel(inputs, out, jobs)], TIMES)
    ratio = [mine / theirs for mine, theirs in zip(own, other, strict=True)]
    name = "GNU parallel" if shutil.which("parallel") else "`xargs -P`"
    return [
        f"time beside {name}: `tesseract` on {pages} pages, {jobs} at a time",
        f"{spread(ratio, 3)}: {spread(own)} s, {spread(other)} s",
        "1.03",
    ]


# ---------------------------------------------------------------- text


def garbled_lines(shared: Path, chance: random.Random) -> tuple[list[str], list[str]]:
    """Return lines of good text, and lines of Russian that an English model read."""
    folder = shared / "eval"
    if folder.is_dir():
        good = (folder / "english_dev.txt").read_text(encoding="utf-8").splitlines()
        return good, [line for one in read_pairs(folder / "prose_ru_dev.jsonl") for line in one.garbled]
    rows = read_table(ROOT / "benchmarks" / "prose.tsv", ("language", "part", "text"))
    known = read_map("tesseract-eng", "rus")
    words = sorted({word for row in rows if row["language"] == "ru" for word in row["text"].split() if word.isalpha()})
    read = {word: [text for text, _ in garblings(word, known, 5)] for word in words}
    bad = [" ".join(chance.choice(read[word]) for word in chance.choices(words, k=9)) for _ in range(500)]
    return [row["text"] for row in rows if row["language"] == "en"], bad


def make_texts(folder: Path, size: int, shared: Path) -> int:
    """Write so many bytes of text, some of it garbled, as files; return how many words they have."""
    chance = random.Random(1)
    good, bad = garbled_lines(shared, chance)
    folder.mkdir(parents=True)
    words = 0
    for number in range(max(size // BYTES_A_TEXT, 2)):
        lines, length, broken = [], 0, 0
        while length < BYTES_A_TEXT:
            is_bad = broken < GARBLED * (length + 1)
            line = chance.choice(bad if is_bad else good)
            broken, length = broken + is_bad * len(line), length + len(line) + 1
            lines.append(line)
        words += sum(len(line.split()) for line in lines)
        (folder / f"{number:05}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return words


def clean(inputs: Path, out: Path, jobs: int, *more: str) -> float:
    """Clean a folder anew and return the seconds."""
    shutil.rmtree(out, ignore_errors=True)
    return pravka("clean", inputs, "-o", out, "--jobs", str(jobs), *more).seconds


class Costs(NamedTuple):
    """What was measured of the work: words an hour and core, and seconds a page and core."""

    words: float
    page: float


def speed_row(name: str, one: Sequence[float], two: Sequence[float]) -> list[str]:
    """Return the row on two workers beside one."""
    ratios = [single / double for single, double in zip(one, two, strict=True)]
    return [f"two workers beside one, {name}", f"{spread(ratios)}: {spread(one, 1)} s, {spread(two, 1)} s", "1.85"]


def work_rows(folder: Path, shared: Path, size: int, pages: int) -> tuple[list[list[str]], Costs]:
    """Return the rows on texts and pages with one and two workers, and the costs measured."""
    say("Texts ...")
    texts, out = folder / "texts", folder / "work-out"
    words = make_texts(texts, size, shared)
    ways = [partial(clean, texts, out, jobs, "--include", "text", "--format", "txt") for jobs in (1, 2)]
    times = TIMES if size < FULL * MEGABYTE else 1
    text_times = in_turns(ways, times)
    speed = 3600 * words / median(text_times[1]) / 2
    say("Pages ...")
    scans = folder / "scans"
    scans.mkdir()
    samples = sorted((ROOT / "samples").glob("page-*"))
    for number in range(pages):
        sample = samples[number % len(samples)]
        (scans / f"{number:03}{sample.suffix}").write_bytes(sample.read_bytes() + str(number).encode())
    page_times = in_turns([partial(clean, scans, out, jobs) for jobs in (1, 2)], TIMES)
    rows = [
        speed_row(f"{size / MEGABYTE:g} MB of text", *text_times),
        speed_row(f"{pages} pages of samples/", *page_times),
        [
            f"text of which {GARBLED:.0%} is garbled, {words:,} words",
            f"{speed:,.0f} words an hour and core",
            "measured",
        ],
    ]
    return rows, Costs(speed, 2 * median(page_times[1]) / pages)


def library(costs: Costs) -> str:
    """Return what a library costs, text only and with pictures."""
    words = VOLUMES * PAGES * WORDS
    text, images = words / costs.words, VOLUMES * PAGES * costs.page / 3600
    rows = [
        [name, f"{hours / HOURS_A_YEAR:,.0f}", f"{hours * PRICE:,.0f}"]
        for name, hours in (("text only", text), ("page images", images))
    ]
    return f"""\
### A library of {VOLUMES:,} volumes

Of {PAGES} pages with {WORDS} words each, worked out from the figures above ({costs.words:,.0f} words an hour and core,
{costs.page:.1f} s a page and core), at ${PRICE} for an hour of a rented core:

{table(("", "core-years", "dollars"), rows)}"""


# ---------------------------------------------------------------- the whole


def told(rows: list[list[str]]) -> list[list[str]]:
    """Say rows as soon as they are measured: what comes after them takes long."""
    for row in rows:
        say("  ".join(row))
    return rows


def report(folder: Path, shared: Path, size: int, pages: int, scans: int) -> Iterator[str]:
    """Yield the parts of the report."""
    yield f"{FIGURES}\n\n`make bench-batch` measures these; `python benchmarks/batch.py --write` writes them here."
    yield (
        f"{surroundings()} Medians of {TIMES} runs in turns, with the least and the most; load of the machine"
        f" (1, 5, 15 minutes) before: {', '.join(f'{one:.1f}' for one in os.getloadavg())}."
    )
    rows = told([*cage_rows(), *simulated_rows(folder / "simulated", pages), parallel_row(folder, scans, 2)])
    worked, costs = work_rows(folder, shared, size, scans)
    yield table(("", "measured", "target"), [*rows, *worked])
    yield library(costs)


@click.command()
@shared_option
@click.option("--full", is_flag=True, help=f"{FULL:g} MB of text, not --megabytes.")
@click.option("--megabytes", default=2.0, show_default=True, help="How much text is repaired.")
@click.option("--pages", default=MARKS[-1], show_default=True, help="How many pages are simulated.")
@click.option("--scans", default=12, show_default=True, help="How many pages are read.")
@click.option("--write", is_flag=True, help="Write the figures into docs/batch.md too.")
@click.option("--simulate", type=click.Path(path_type=Path), hidden=True)
def main(
    shared: Path, full: bool, megabytes: float, pages: int, scans: int, write: bool, simulate: Path | None
) -> None:
    """Print the figures of batches."""
    if simulate:
        click.echo(json.dumps(simulated(simulate)))
        return
    os.environ["OMP_THREAD_LIMIT"] = "1"
    with tempfile.TemporaryDirectory(prefix="pravka-bench-") as folder:
        size = int((FULL if full else megabytes) * MEGABYTE)
        text = "\n\n".join(report(Path(folder), shared, size, pages, scans))
    click.echo(text)
    if write:
        target = ROOT / "docs" / "batch.md"
        guide = target.read_text(encoding="utf-8").partition(FIGURES)[0]
        target.write_text(f"{guide}{text}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
