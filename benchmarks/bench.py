"""Measures Pravka beside other tools and prints the figures as Markdown tables; `make bench` runs it."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Final

import click

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from peers import Fix, peers  # noqa: E402
from sets import (  # noqa: E402
    Outputs,
    PageSample,
    TextSet,
    changed,
    exact,
    fates,
    fold,
    rates,
    read_line_images,
    read_lines,
    read_own_pages,
    read_own_texts,
    read_pages,
    read_texts,
    shared_option,
    triples,
)

from pipeline import data  # noqa: E402
from pipeline.document import Corrector, repair_page, versions  # noqa: E402
from pipeline.read import tesseract_version  # noqa: E402
from pipeline.repair.lexicon import Lexicon  # noqa: E402
from pipeline.source import Source  # noqa: E402

RUSSIAN: Final = (
    "tool",
    "lines",
    "words",
    "CER %",
    "WER %",
    "folded CER %",
    "folded WER %",
    "fixed",
    "missed",
    "broken",
    "words/s",
)
CITATIONS: Final = ("tool", "lines", "citations", "exact", "exact %", "words/s")
CLEAN: Final = ("tool", "lines", "words", "changed", "per 10,000", "words/s")
PAGES: Final = (
    "page",
    "about",
    "Tesseract CER %",
    "Pravka CER %",
    "citations",
    "Tesseract exact",
    "Pravka exact",
    "Tesseract s",
    "Pravka s",
)
HEADS: Final = {"russian": RUSSIAN, "citations": CITATIONS, "clean": CLEAN}
LEGEND: Final = """\
CER and WER: edits per 100 characters and words of the truth, white space as single spaces; *folded*: without case, the
kind of dash, and ё for е. Fixed, missed, broken: words of the truth, aligned line by line, that were wrong and are
right, are still wrong, were right and are wrong. Exact: the whole bracket is right (any dash, any white space).
Changed: words of right text that did not stay as they were. The peers that act do not tell Russian words from others.
Tesseract is `tesseract -l rus+eng` on the same image; both use one thread."""


@dataclass(frozen=True)
class Amount:
    """How much is measured: words of a set by Pravka and by the peers, and pages."""

    words: int
    peer_words: int
    pages: int


DEFAULT: Final = Amount(100_000, 2_000, 1_000)
QUICK: Final = Amount(1_000, 200, 2)
FULL: Final = Amount(sys.maxsize, 2_000, 1_000)


@dataclass(frozen=True)
class Run:
    """What a tool made of the passages of a set, and the seconds it took."""

    outputs: Outputs
    seconds: float


@dataclass(frozen=True)
class PageRun:
    """What was read of a page, and the seconds it took."""

    text: str
    seconds: float


# ---------------------------------------------------------------- running


def timed(fix: Fix, texts: TextSet) -> Run:
    """Run a tool over a set, passage by passage."""
    start = time.perf_counter()
    outputs = [fix(passage.garbled) for passage in texts.passages]
    return Run(outputs, time.perf_counter() - start)


def pravka(corrector: Corrector) -> Fix:
    """Return what repairs lines with Pravka."""
    return lambda lines: list(corrector.fix_lines(lines).lines)


def read_by_tesseract(sample: PageSample) -> PageRun:
    """Read a page with Tesseract alone."""
    start = time.perf_counter()
    command = ["tesseract", str(sample.image), "stdout", "-l", "rus+eng"]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    return PageRun(done.stdout, time.perf_counter() - start)


def read_by_pravka(corrector: Corrector, sample: PageSample) -> PageRun:
    """Read a page with Pravka; a page that failed has no text."""
    start = time.perf_counter()
    page = repair_page(corrector, Source(sample.image, Path(sample.image.name), "image"), 1)
    if page.error:
        say(f"{sample.name}: {page.error}")
    return PageRun("\n".join(line.text for line in page.lines), time.perf_counter() - start)


def memory() -> int:
    """Return the most memory that this process has used, in MB.

    Not getrusage's: that a new program takes over from the process which started it.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) // 1024


def say(message: str) -> None:
    """Tell how far it is, on stderr."""
    click.echo(message, err=True)


# ---------------------------------------------------------------- rows and tables


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table; all columns but the first are numbers."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def row(name: str, texts: TextSet, run: Run, speed: bool = True) -> list[str]:
    """Return a tool's row in the table of a set."""
    cells = {"russian": russian_cells, "citations": citation_cells, "clean": clean_cells}[texts.kind](texts, run)
    rate = f"{texts.words / max(run.seconds, 1e-9):,.0f}" if speed else "-"
    return [name, f"{texts.lines:,}", *cells, rate]


def russian_cells(texts: TextSet, run: Run) -> list[str]:
    """Return words, error rates, and the fates of the words."""
    found = list(triples(texts.passages, run.outputs))
    strict = rates((truth, output) for truth, _, output in found)
    folded = rates((fold(truth), fold(output)) for truth, _, output in found)
    fate = fates(found)
    shares = [f"{share:.2f}" for share in (strict.cer, strict.wer, folded.cer, folded.wer)]
    return [f"{texts.words:,}", *shares, *(f"{fate[kind]:,}" for kind in ("fixed", "missed", "broken"))]


def citation_cells(texts: TextSet, run: Run) -> list[str]:
    """Return how many citations there are, and how many and what share are right."""
    total = sum(len(passage.citations) for passage in texts.passages)
    right = sum(
        exact(passage.citations, " ".join(output)) for passage, output in zip(texts.passages, run.outputs, strict=True)
    )
    return [f"{total:,}", f"{right:,}", f"{100 * right / max(total, 1):.1f}"]


def clean_cells(texts: TextSet, run: Run) -> list[str]:
    """Return words, how many of them changed, and that per 10,000."""
    count = sum(changed(raw, output) for _, raw, output in triples(texts.passages, run.outputs))
    return [f"{texts.words:,}", f"{count:,}", f"{10_000 * count / max(texts.words, 1):.2f}"]


def head_run(run: Run, texts: TextSet, head: TextSet) -> Run:
    """Return the part of a run over a set that is over its head, with its share of the time."""
    pairs = zip(run.outputs, head.passages, strict=False)
    return Run([output[: len(passage.garbled)] for output, passage in pairs], run.seconds * head.words / texts.words)


def own_rows(texts: TextSet, head: TextSet, run: Run) -> list[list[str]]:
    """Return Pravka's rows: over all lines, and over those that the peers had, if these are fewer."""
    rows = [row("**Pravka**", texts, run)]
    if head.words < texts.words:
        rows.append(row("Pravka, the lines below", head, head_run(run, texts, head), speed=False))
    return rows


def peer_rows(heads: Sequence[TextSet]) -> list[list[list[str]]]:
    """Return the rows of the peers for each set; each peer is made once."""
    rows: list[list[list[str]]] = [[] for _ in heads]
    for peer in peers(Lexicon.of(data.arrays("rus"))):
        say(f"{peer.name} ...")
        fix = peer.make()
        for texts, its_rows in zip(heads, rows, strict=True):
            missing = [peer.name, "not installed", *["-"] * (len(HEADS[texts.kind]) - 2)]
            its_rows.append(row(peer.name, texts, timed(fix, texts), peer.name != "raw") if fix else missing)
    return rows


def page_row(sample: PageSample, plain: PageRun, own: PageRun) -> list[str]:
    """Return the row of a page."""
    rights = [exact(sample.citations, run.text) for run in (plain, own)]
    errors = [rates([(sample.truth, run.text)]).cer for run in (plain, own)]
    return [
        sample.name,
        sample.about,
        *(f"{error:.2f}" for error in errors),
        str(len(sample.citations)),
        *map(str, rights),
        *(f"{run.seconds:.1f}" for run in (plain, own)),
    ]


def mean_row(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the last row: the mean of the rates and seconds, the sum of the citations."""
    columns = list(zip(*rows, strict=True))
    means = {place: f"{mean(map(float, columns[place])):.2f}" for place in (2, 3, 7, 8)}
    sums = {place: f"{sum(map(int, columns[place]))}" for place in (4, 5, 6)}
    return ["**mean, sum**", "", *(f"**{(means | sums)[place]}**" for place in range(2, len(PAGES)))]


# ---------------------------------------------------------------- the whole


def text_tables(corrector: Corrector, sets: Sequence[TextSet], amount: Amount) -> Iterator[str]:
    """Yield a line on Pravka's memory, and then a table for each set."""
    sets = [texts.head(amount.words) for texts in sets]
    heads = [texts.head(amount.peer_words) for texts in sets]
    runs = []
    for texts in sets:
        say(f"Pravka, {texts.name}: {texts.words:,} words ...")
        runs.append(timed(pravka(corrector), texts))
    yield f"At most {memory():,} MB of memory were used by Pravka on the text sets."
    for texts, head, run, rows in zip(sets, heads, runs, peer_rows(heads), strict=True):
        yield f"## {texts.name}"
        yield table(HEADS[texts.kind], own_rows(texts, head, run) + rows)


def lines_row(corrector: Corrector, name: str, samples: Sequence[PageSample]) -> list[str]:
    """Return the row of some images of single lines, taken together."""
    say(f"{name} ...")
    plain = [read_by_tesseract(sample) for sample in samples]
    own = [read_by_pravka(corrector, sample) for sample in samples]
    truth = "\n".join(sample.truth for sample in samples)
    whole = [PageRun("\n".join(run.text for run in runs), sum(run.seconds for run in runs)) for runs in (plain, own)]
    return page_row(PageSample(name, samples[0].image, truth, (), f"{len(samples)} images of lines"), *whole)


def page_tables(corrector: Corrector, samples: Sequence[PageSample], lines: Sequence[PageSample]) -> Iterator[str]:
    """Yield the table of the pages, images of lines below, and a line on Pravka's memory."""
    rows = []
    for sample in samples:
        say(f"{sample.name} ...")
        rows.append(page_row(sample, read_by_tesseract(sample), read_by_pravka(corrector, sample)))
    yield "## pages"
    single = [lines_row(corrector, "real_lines", lines)] if lines else []
    yield table(PAGES, [*rows, mean_row(rows), *single])
    yield f"At most {memory():,} MB of memory were used by Pravka on the pages (without Tesseract's own)."


def loaded() -> tuple[Corrector, str]:
    """Load Pravka; return it and a line on how long it took."""
    start = time.perf_counter()
    corrector = Corrector.load("rus")
    between = time.perf_counter()
    corrector.fix("Hama crpaHa")
    end = time.perf_counter()
    return corrector, f"Loading took {between - start:.2f} s, the first line after it {end - between:.2f} s."


def surroundings() -> str:
    """Return a line on what was measured, and on what machine."""
    used = ", ".join(f"{name} {version}" for name, version in versions().items())
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"{used}; Tesseract {tesseract_version()}; {machine}; {time.strftime('%Y-%m-%d')}."


def report(shared: Path, amount: Amount, with_pages: bool) -> Iterator[str]:
    """Yield the parts of the report. The pages come before the peers, so that memory is Pravka's alone."""
    folder = shared / "eval"
    there = folder.is_dir()
    samples = (read_pages(folder / "pages") if there else read_own_pages(ROOT / "samples"))[: amount.pages]
    yield f"# Figures\n\n{LEGEND}"
    yield f"Sets: {'the development sets' if there else 'the samples of the project'}. {surroundings()}"
    corrector, loading = loaded()
    yield loading
    if with_pages and samples:
        yield from page_tables(corrector, samples, read_lines(folder / "real_lines"))
    texts = read_texts(folder) if there else read_own_texts(ROOT / "samples")
    if with_pages and (folder / "real_lines").is_dir():
        texts.append(read_line_images(folder / "real_lines"))
    yield from text_tables(corrector, texts, amount)


def written(parts: Iterator[str], echo: Callable[[str], None]) -> str:
    """Print each part as soon as it is there; return them all."""
    kept = []
    for part in parts:
        echo(f"{part}\n")
        kept.append(part)
    return "\n\n".join(kept) + "\n"


@click.command()
@shared_option
@click.option("--quick", "amount", flag_value=QUICK, type=click.UNPROCESSED, help="A try: few words, two pages.")
@click.option("--full", "amount", flag_value=FULL, type=click.UNPROCESSED, help="All words of the large sets.")
@click.option("--pages/--no-pages", default=True, help="Leave the page images out.")
@click.option("--write", is_flag=True, help="Write docs/benchmark.md too.")
def main(shared: Path, amount: Amount | None, pages: bool, write: bool) -> None:
    """Print the figures of Pravka and of other tools on the same text, one table a set.

    Where there are no development sets the project's own samples serve.
    """
    os.environ["OMP_THREAD_LIMIT"] = "1"
    text = written(report(shared, amount or DEFAULT, pages), click.echo)
    if write:
        target = ROOT / "docs" / "benchmark.md"
        target.parent.mkdir(exist_ok=True)
        target.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
