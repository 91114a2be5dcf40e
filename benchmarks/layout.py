"""Measures layout on pages with truth: roles, reading order, paragraphs; prints Markdown tables."""

import json
import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import click
import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import Levenshtein

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks")]

from bench import table, written  # noqa: E402

from pipeline.document import Corrector, repair_page  # noqa: E402
from pipeline.model import Line  # noqa: E402
from pipeline.options import Options  # noqa: E402
from pipeline.source import IMAGE_SUFFIXES, Source  # noqa: E402

ALIKE: Final = 50.0  # likeness (rapidfuzz's ratio) below which a line read is no line of the truth
ROLES: Final = ("body", "heading", "running-head", "page-number", "footnote", "caption")
LEGEND: Final = """\
Pages of folders with a JSON beside each, whose `lines` have `text`, `role` and `starts` (a paragraph) in reading
order (`benchmarks/pages.py` makes them). Lines read are matched with lines of the truth by their letters; roles that
Pravka does not know (author, table) count as body. Breaks: first lines of paragraphs that are found as such or missed,
and lines within paragraphs that are taken for first ones. Turned: neighbouring lines that stand the other way round in
the truth. CER: of the whole page, so that what stands in the wrong place counts twice."""


@dataclass
class Tally:
    """What was counted so far."""

    roles: Counter[tuple[str, str]] = field(default_factory=Counter)
    breaks: Counter[str] = field(default_factory=Counter)
    pages: list[list[str]] = field(default_factory=list)


def matched(truth: Sequence[Mapping[str, Any]], lines: Sequence[Line]) -> dict[int, int]:
    """Return which line read is which of the truth, the likest first; each at most once."""
    likeness = process.cdist([line.text for line in lines], [line["text"] for line in truth], scorer=fuzz.ratio)
    found: dict[int, int] = {}
    for place in np.argsort(-likeness, axis=None, kind="stable"):
        read, true = divmod(int(place), len(truth))
        if likeness[read, true] < ALIKE:
            break
        if read not in found and true not in found.values():
            found[read] = true
    return found


def count(name: str, truth: Sequence[Mapping[str, Any]], lines: Sequence[Line], tally: Tally) -> None:
    """Count what is right and wrong on a page."""
    found = matched(truth, lines)
    breaks: Counter[str] = Counter()
    paragraph = 0
    for place, line in enumerate(lines):
        starts, paragraph = line.paragraph != paragraph, line.paragraph
        if place in found:
            true = truth[found[place]]
            role = true["role"] if true["role"] in ROLES else "body"
            tally.roles[role, line.role] += 1
            breaks["found" if true["starts"] else "invented"] += starts
            breaks["missed"] += true["starts"] and not starts
    order = [found[place] for place in range(len(lines)) if place in found]
    turned = sum(after < before for before, after in pairwise(order))
    whole, read = (" ".join(text.split()) for text in (joined(truth), " ".join(line.text for line in lines)))
    rate = 100 * Levenshtein.distance(whole, read) / max(1, len(whole))
    tally.breaks += breaks
    tally.pages.append(
        [name, *(str(breaks[kind]) for kind in ("found", "missed", "invented")), str(turned), f"{rate:.2f}"]
    )


def joined(truth: Sequence[Mapping[str, Any]]) -> str:
    """Return the text of the truth."""
    return " ".join(line["text"] for line in truth)


def role_rows(roles: Counter[tuple[str, str]]) -> list[list[str]]:
    """Return a row for each role: how many there are, how many were said, precision and recall."""
    rows = []
    for role in ROLES:
        right = roles[role, role]
        true = sum(number for (own, _), number in roles.items() if own == role)
        said = sum(number for (_, own), number in roles.items() if own == role)
        rows.append([role, str(true), str(said), share(right, said), share(right, true)])
    return rows


def share(part: int, whole: int) -> str:
    """Return a share in per cent."""
    return f"{100 * part / whole:.1f}" if whole else "-"


def pages_in(folders: Sequence[Path]) -> Iterator[tuple[Path, list[Mapping[str, Any]]]]:
    """Yield the pictures of folders that have a truth with roles beside them, and that truth."""
    for folder in folders:
        for picture in sorted(path for path in folder.iterdir() if path.suffix.lower() in IMAGE_SUFFIXES):
            beside = picture.with_suffix(".json")
            record = json.loads(beside.read_text(encoding="utf-8")) if beside.exists() else {}
            if record.get("lines"):
                yield picture, record["lines"]


def report(folders: Sequence[Path]) -> Iterator[str]:
    """Yield the parts of the report."""
    corrector, tally = Corrector.load("rus", Options()), Tally()
    for picture, truth in pages_in(folders):
        click.echo(f"{picture.name} ...", err=True)
        page = repair_page(corrector, Source(picture, Path(picture.name), "image"), 1)
        count(picture.stem, truth, [line for line in page.lines if line.text], tally)
    yield f"# Layout\n\n{LEGEND}"
    sums = ", ".join(f"{kind} {tally.breaks[kind]}" for kind in ("found", "missed", "invented"))
    yield f"{len(tally.pages)} pages. Breaks: {sums}."
    yield table(("role", "lines", "said", "precision %", "recall %"), role_rows(tally.roles))
    yield table(("page", "breaks found", "missed", "invented", "turned", "CER %"), tally.pages)


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--write", is_flag=True, help="Write docs/layout.md too.")
def main(folders: tuple[Path, ...], write: bool) -> None:
    """Print how well roles, order and paragraphs of pages are found; the pages are of benchmarks/pages.py."""
    os.environ["OMP_THREAD_LIMIT"] = "1"
    text = written(report(folders), click.echo)
    if write:
        (ROOT / "docs" / "layout.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
