"""What holds for every repair, and how the tables of cases are read."""

from pathlib import Path
from typing import Final

import pytest

from pipeline.document import Fixed
from pipeline.tables import Row, read_table

CASES: Final = Path(__file__).parent / "cases"


def undone(fixed: Fixed) -> list[str]:
    """The repaired lines with all corrections taken back, the last first."""
    lines = [line.text for line in fixed.page.lines]
    for made in reversed(fixed.corrections):
        line = lines[made.line]
        assert line[made.new_start : made.new_end] == made.is_
        lines[made.line] = line[: made.new_start] + made.was + line[made.new_end :]
    return lines


def cases(name: str, columns: list[str], kinds: list[str]) -> list[Row]:
    """The rows of a table that are of these kinds."""
    return [row for row in read_table(CASES / name, columns) if row["kind"] in kinds]


def parameters(name: str, columns: list[str], kinds: list[str]) -> list[object]:
    """The rows as test parameters named by their label; a known failure must fail."""
    return [
        pytest.param(
            row,
            id=row["label"],
            marks=pytest.mark.xfail(strict=True, raises=AssertionError, reason=row["comment"])
            if row["kind"] == "known-failure"
            else (),
        )
        for row in cases(name, columns, kinds)
    ]
