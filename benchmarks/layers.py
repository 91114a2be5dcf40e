"""Repairs text layers, real and made, and counts what came back as it must.

`python benchmarks/layers.py PAGES... TEXTS...`: page images are read by Tesseract (`eng` and `rus+eng`, hOCR and ALTO);
of JSON lines, the lines under `garbled` become a page each (hOCR; ALTO 3 and 4). Counted are pages whose words, ids and
boxes all stayed, that are valid (ALTO), and whose text is what `pravka fix` makes of the same lines.
"""

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
from lxml import etree

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from layerpages import alto_page, hocr_page, schema  # noqa: E402

from pipeline.document import Corrector, repair_bytes  # noqa: E402
from pipeline.source import root_kind  # noqa: E402

MODELS: Final = ("eng", "rus+eng")
KEPT: Final = ("ID", "HPOS", "VPOS", "WIDTH", "HEIGHT", "WC", "id", "title", "class")


def layers_of(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the layers of a page image, or of the texts in a file of JSON lines, and what they are."""
    if path.suffix == ".jsonl":
        for row in path.read_text(encoding="utf-8").splitlines():
            lines = [line.split() for line in json.loads(row)["garbled"]]
            yield "made hOCR", hocr_page(lines).encode()
            yield "made ALTO 3", alto_page(lines, 3).encode()
            yield "made ALTO 4", alto_page(lines, 4).encode()
        return
    for model in MODELS:
        for kind in ("hocr", "alto"):
            command = ["tesseract", str(path), "-", "-l", model, kind]
            yield f"{kind} by {model}", subprocess.run(command, capture_output=True, check=True).stdout


def words(data: bytes) -> list[Any]:
    """Return the word elements of a layer, without those that were split off others."""
    root = etree.fromstring(data)
    found = [*root.iter("{*}String"), *root.iterfind(".//{*}span[@class='ocrx_word']")]
    return [word for word in found if not re.search("_[b-z]$", word.get("ID", word.get("id", "")))]


def checks(corrector: Corrector, data: bytes) -> Iterator[tuple[str, bool]]:
    """Yield what is checked of a layer, and whether it holds."""
    document, after = repair_bytes(corrector, data, "layer")
    before, now = words(data), words(after)
    yield "pages", True
    kept = [[word.get(name) for name in KEPT] for word in before] == [[word.get(name) for name in KEPT] for word in now]
    yield "tokens, ids, boxes", kept
    if root_kind(data) == "alto":
        version = "4-4" if b"ns-v4#" in data else "3-1"
        yield "valid", bool(schema(version).validate(etree.fromstring(after)))
    page = document.pages[0]
    yield (
        "as fix",
        list(corrector.fix("\n".join(line.original for line in page.lines)).lines)
        == [line.text for line in page.lines],
    )
    yield "changed", bool(page.corrections)
    yield "unchanged: same bytes", bool(page.corrections) or after == data


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def measure(paths: tuple[Path, ...]) -> None:
    """Print how many layers of each kind passed each check."""
    corrector = Corrector.load()
    counts: dict[str, Counter[str]] = {}
    for path in paths:
        for what, data in layers_of(path):
            counts.setdefault(what, Counter()).update(name for name, holds in checks(corrector, data) if holds)
    for what, count in counts.items():
        click.echo(f"{what}: " + ", ".join(f"{name} {number}" for name, number in count.items()))


if __name__ == "__main__":
    measure()
