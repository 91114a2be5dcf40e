"""Measures Pravka beside Tesseract on the pages that benchmarks/journal.py makes, by kind and level of wear."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final, NamedTuple

import click

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import PageRun, memory, read_by_pravka, read_by_tesseract, say, surroundings, table  # noqa: E402
from bilingual import CYRILLIC, LATIN, script, strayed  # noqa: E402
from citations import joined  # noqa: E402
from journal import Plan, make_pages, read_plans  # noqa: E402
from sets import PageSample, exact, rates, read_own_pages, shared_option, tidy  # noqa: E402
from wear import AUGRAPHY  # noqa: E402

from pipeline.document import Corrector  # noqa: E402
from pipeline.options import Options  # noqa: E402

HEAD: Final = (
    "pages",
    "number",
    "Tesseract CER %",
    "Pravka CER %",
    "above",
    "brackets",
    "Tesseract exact",
    "Pravka exact",
    "in notes",
    "Tesseract exact",
    "Pravka exact",
    "words",
    "Tesseract of the other script",
    "Pravka of the other script",
    "time",
)
TEXT: Final = """\
# Pages of our own

Journal pages of the kinds that scans come in, made by `benchmarks/journal.py` from `benchmarks/journal.tsv` with seed
{seed}, in fonts held out of learning. Text: {text}. Wear: {wear}.
Levels: 0 clean, 1 light, 2 noisy and skewed, 3 noisy, unevenly lit and of low resolution.

CER: edits per 100 characters of the truth, running heads and footnotes with it, white space as single spaces; *above*:
pages on which Pravka's is higher than Tesseract's. Exact: citations in brackets, and those of footnotes, that are right
(any dash, any white space, words broken at line ends made whole). Of the other script: words of Latin or of Cyrillic
letters where the output has letters of the other, per 10,000 words. Time: Pravka's divided by Tesseract's (`tesseract
-l rus+eng` on the same image), both with one thread; the models are loaded once."""
MEMORY: Final = "At most {} MB of memory were used by Pravka's worker (without Tesseract's own)."


class Score(NamedTuple):
    """What one reader made of a page: its text, seconds, right citations, words with letters of the other script."""

    text: str
    seconds: float
    brackets: int
    noted: int
    strays: int


@dataclass(frozen=True)
class Measured:
    """A page, how many citations and words it has, and what Tesseract and Pravka made of it."""

    plan: Plan
    truth: str
    brackets: int
    noted: int
    words: int
    plain: Score
    own: Score

    @property
    def errors(self) -> tuple[float, float]:
        """The character error rates of Tesseract and of Pravka, in per cent."""
        return rates([(self.truth, self.plain.text)]).cer, rates([(self.truth, self.own.text)]).cer


# ---------------------------------------------------------------- measuring

WORKER: "list[Corrector]" = []


def start_worker(once: bool) -> None:
    """Load the models of the worker, and let it read a first page: what it compiles for that is no page's time."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    WORKER[:] = [Corrector.load("rus", Options(read_once=once))]
    read_by_pravka(WORKER[0], read_own_pages(ROOT / "samples")[0])


def read_in_worker(sample: PageSample) -> tuple[PageRun, int]:
    """Read a page with Pravka; return what it read and the most memory that the worker has used, in MB."""
    return read_by_pravka(WORKER[0], sample), memory()


def scored(run: PageRun, truth: str, brackets: Sequence[str], noted: Sequence[str]) -> Score:
    """Score what was read of a page."""
    text, words, made = joined(run.text.split("\n")), truth.split(), run.text.split()
    flat = tidy(text)
    scripts = [script(word) for word in words]
    strays = sum(scripts[place] == 0 for place in strayed(words, made, CYRILLIC))
    strays += sum(scripts[place] == 1 for place in strayed(words, made, LATIN))
    right = sum(tidy(citation) in flat for citation in noted)
    return Score(run.text, run.seconds, exact(brackets, text), right, strays)


def measured(plan: Plan, folder: Path, worker: ProcessPoolExecutor) -> tuple[Measured, int]:
    """Read a page with both, and return it measured, and the memory that the worker has used at most, in MB."""
    known = json.loads((folder / f"{plan.name}.json").read_text(encoding="utf-8"))
    truth = (folder / f"{plan.name}.txt").read_text(encoding="utf-8")
    brackets, noted = tuple(known["citations"]), tuple(known["noted"])
    sample = PageSample(plan.name, folder / plan.file, truth, brackets)
    plain = read_by_tesseract(sample)
    own, used = worker.submit(read_in_worker, sample).result()
    words = sum(script(word) >= 0 for word in truth.split())
    scores = (scored(run, truth, brackets, noted) for run in (plain, own))
    return Measured(plan, truth, len(brackets), len(noted), words, *scores), used


def measure(plans: Sequence[Plan], folder: Path, once: bool) -> tuple[list[Measured], int]:
    """Read all pages, one after the other; return them and the memory that the worker used at most, in MB."""
    pages, used = [], 0
    with ProcessPoolExecutor(1, get_context("spawn"), start_worker, (once,)) as worker:
        for plan in plans:
            page, used = measured(plan, folder, worker)
            pages.append(page)
            say(f"{plan.name}: {page.errors[0]:.2f} {page.errors[1]:.2f}")
    return pages, used


# ---------------------------------------------------------------- tables


def row(name: str, pages: Sequence[Measured]) -> list[str]:
    """Return the row of some pages."""
    plain, own = [page.plain for page in pages], [page.own for page in pages]
    errors = [
        rates((page.truth, score.text) for page, score in zip(pages, scores, strict=True)).cer
        for scores in (plain, own)
    ]
    words = sum(page.words for page in pages)
    return [
        name,
        str(len(pages)),
        *(f"{error:.2f}" for error in errors),
        str(sum(page.errors[1] > page.errors[0] for page in pages)),
        str(sum(page.brackets for page in pages)),
        *(str(sum(score.brackets for score in scores)) for scores in (plain, own)),
        str(sum(page.noted for page in pages)),
        *(str(sum(score.noted for score in scores)) for scores in (plain, own)),
        f"{words:,}",
        *(f"{10_000 * sum(score.strays for score in scores) / max(words, 1):.1f}" for scores in (plain, own)),
        f"{sum(score.seconds for score in own) / sum(score.seconds for score in plain):.2f}",
    ]


def grouped(pages: Sequence[Measured], group: Callable[[Plan], str]) -> str:
    """Return the table of the pages by group, and of all."""
    names = sorted({group(page.plan) for page in pages})
    rows = [row(name, [page for page in pages if group(page.plan) == name]) for name in names]
    return table(HEAD, [*rows, row("**all**", pages)])


def about(plan: Plan) -> str:
    """Return the name of a page with how it is printed and scanned."""
    flaw = f", {plan.flaw}" if plan.flaw else ""
    return f"{plan.name}: {plan.kind}, {plan.font}, {plan.dpi} dpi, level {plan.level}, {plan.form}{flaw}"


def report(pages: Sequence[Measured], used: int, seed: int, shared: Path) -> Iterator[str]:
    """Yield the parts of the report."""
    text = "of the development sets" if (shared / "eval").is_dir() else "of `benchmarks/prose.tsv`"
    wear = "augraphy and `benchmarks/wear.py`" if AUGRAPHY else "`benchmarks/wear.py` without augraphy"
    yield TEXT.format(seed=seed, text=text, wear=wear)
    yield f"{surroundings()} {MEMORY.format(used)}"
    yield f"## By level of wear\n\n{grouped(pages, lambda plan: f'level {plan.level}')}"
    yield f"## By kind\n\n{grouped(pages, lambda plan: plan.kind)}"
    yield f"## By form\n\n{grouped(pages, lambda plan: plan.form)}"
    yield f"## Page by page\n\n{grouped(pages, about)}"


@click.command()
@shared_option
@click.option("--seed", default=1, help="Another seed makes other pages.")
@click.option("--work", type=click.Path(path_type=Path), default=ROOT / "out" / "pages", help="Keeps the pages.")
@click.option("--once", is_flag=True, help="Without second readings.")
@click.option("--write", is_flag=True, help="Write docs/pages.md too.")
@click.argument("names", nargs=-1)
def main(shared: Path, seed: int, work: Path, once: bool, write: bool, names: tuple[str, ...]) -> None:
    """Make pages, read them with Tesseract and with Pravka, and print the figures; or only pages of these names."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    folder = work / str(seed)
    make_pages(folder, seed, shared, names)
    plans = [plan for plan in read_plans(ROOT / "benchmarks" / "journal.tsv") if not names or plan.name in names]
    text = "\n\n".join(report(*measure(plans, folder, once), seed, shared))
    click.echo(text)
    if write:
        command = f"`python benchmarks/pages.py --seed {seed} --write` makes this page."
        (ROOT / "docs" / "pages.md").write_text(f"{text}\n\n{command}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
