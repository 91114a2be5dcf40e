"""Measures OCRmyPDF with the plugin and without it, and prints the table of docs/ocrmypdf.md.

`python benchmarks/ocrmypdf_plugin.py`: the page images (`--shared`, else `samples/`) become one PDF, of which OCRmyPDF
makes a searchable one, one page at a time; measured are its sidecar text and what pdftotext finds in it.
"""

import html
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import click

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import surroundings, table  # noqa: E402
from sets import PageSample, exact, rates, read_own_pages, read_pages, shared_option  # noqa: E402

HEAD: Final = ("text", "CER %", "WER %", "citations", "exact", "s a page", "times")
PLUGIN: Final = ("--plugin", "pipeline.ocrmypdf")
WORD: Final = re.compile(r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>')
OVERLAP: Final = 0.9


class Word(NamedTuple):
    """A word that pdftotext finds, and its box in points."""

    left: float
    top: float
    right: float
    bottom: float
    text: str


class Made(NamedTuple):
    """What a run of OCRmyPDF made: the sidecar text and that of pdftotext by page, words by page, and its seconds."""

    sidecar: list[str]
    found: list[str]
    words: list[list[Word]]
    seconds: float


def made(pdf: Path, *options: str) -> Made:
    """Run OCRmyPDF with the languages rus+eng."""
    out, text = pdf.with_name("out.pdf"), pdf.with_name("out.txt")
    own = ("-l", "rus+eng", "--jobs", "1", "--output-type", "pdf", "--optimize", "0", "--sidecar", str(text))
    surrounding = {**os.environ, "OMP_THREAD_LIMIT": "1", "PYTHONPATH": str(ROOT)}
    start = time.perf_counter()
    command = [sys.executable, "-m", "ocrmypdf", *options, *own, str(pdf), str(out)]
    done = subprocess.run(command, env=surrounding, capture_output=True, text=True, encoding="utf-8", check=False)
    seconds = time.perf_counter() - start
    if done.returncode or "could not repair" in done.stderr:
        sys.exit(done.stderr)
    boxes = pdftotext(out, "-bbox").split("<page ")[1:]
    words = [[to_word(*found.groups()) for found in WORD.finditer(page)] for page in boxes]
    return Made(text.read_text("utf-8").split("\f"), pdftotext(out, "-raw").split("\f"), words, seconds)


def pdftotext(pdf: Path, *options: str) -> str:
    """Return what pdftotext writes of a PDF."""
    return subprocess.run(["pdftotext", *options, str(pdf), "-"], capture_output=True, check=True).stdout.decode()


def to_word(left: str, top: str, right: str, bottom: str, text: str) -> Word:
    """Return a word as pdftotext writes it."""
    return Word(float(left), float(top), float(right), float(bottom), html.unescape(text))


def overlap(one: Word, other: Word) -> float:
    """Return the area that two boxes share, as a share of what they cover together."""
    width = min(one.right, other.right) - max(one.left, other.left)
    height = min(one.bottom, other.bottom) - max(one.top, other.top)
    shared = max(width, 0.0) * max(height, 0.0)
    areas = sum((box.right - box.left) * (box.bottom - box.top) for box in (one, other))
    return shared / max(areas - shared, 1e-9)


def in_place(plain: Made, own: Made) -> str:
    """Tell how many words of the plain run stand in the same box in the other one."""
    count = stayed = 0
    for before, after in zip(plain.words, own.words, strict=True):
        count += len(before)
        stayed += sum(any(overlap(one, other) >= OVERLAP for other in after) for one in before)
    total = sum(map(len, own.words))
    return f"{stayed:,} of {count:,} words have a word in their box (overlap {OVERLAP}) with the plugin, of {total:,}."


def row(name: str, samples: Sequence[PageSample], texts: Sequence[str], seconds: float, plain: float) -> list[str]:
    """Return the row of a text."""
    pairs = list(zip(samples, texts, strict=False))
    rate = rates((sample.truth, text) for sample, text in pairs)
    right = sum(exact(sample.citations, text) for sample, text in pairs)
    total = sum(len(sample.citations) for sample in samples)
    shares = (f"{rate.cer:.2f}", f"{rate.wer:.2f}")
    return [name, *shares, str(total), str(right), f"{seconds / len(samples):.1f}", f"{seconds / plain:.2f}"]


def report(samples: Sequence[PageSample], folder: Path) -> Iterator[str]:
    """Yield the table, and how many words kept their places."""
    import img2pdf

    pdf = folder / "in.pdf"
    pdf.write_bytes(img2pdf.convert([str(sample.image) for sample in samples]))
    plain, own = made(pdf), made(pdf, *PLUGIN)
    texts = (
        ("OCRmyPDF, sidecar", plain.sidecar, plain),
        ("OCRmyPDF, pdftotext", plain.found, plain),
        ("with the plugin, sidecar", own.sidecar, own),
        ("with the plugin, pdftotext", own.found, own),
    )
    yield table(HEAD, [row(name, samples, text, run.seconds, plain.seconds) for name, text, run in texts])
    yield in_place(plain, own)


@click.command()
@shared_option
def main(shared: Path) -> None:
    """Print what the plugin is worth."""
    if not importlib.util.find_spec("ocrmypdf") or not shutil.which("pdftotext"):
        sys.exit(
            "OCRmyPDF or pdftotext is missing: pip install '.[ocrmypdf]', apt-get install poppler-utils ghostscript"
        )
    folder = shared / "eval" / "pages"
    samples = read_pages(folder) if folder.is_dir() else read_own_pages(ROOT / "samples")
    with TemporaryDirectory(prefix="pravka-") as work:
        click.echo("\n\n".join([*report(samples, Path(work)), surroundings()]))


if __name__ == "__main__":
    main()
