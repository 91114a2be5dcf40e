"""Reads the small tables of `lexicons/`: tab-separated, `#` lines of provenance, then a line of column names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.errors import BadData

Row = Mapping[str, str]


def read_table(path: Path, columns: Sequence[str]) -> list[Row]:
    """Return the rows of a table. Raises BadData, naming file and line, if it lacks one of `columns`."""
    return [row for _, row in numbered_rows(path, columns)]


def numbered_rows(path: Path, columns: Sequence[str]) -> list[tuple[int, Row]]:
    """Return the rows of a table with the numbers of their lines. Raises BadData as `read_table` does."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError) as error:
        raise BadData(f"The table {path} cannot be read", "Name a UTF-8 text file") from error
    kept = [(number, line) for number, line in enumerate(lines, start=1) if line and not line.startswith("#")]
    names = kept[0][1].split("\t") if kept else []
    if missing := [column for column in columns if column not in names]:
        raise BadData(
            f"The table {path} has no column {', '.join(missing)}",
            "Its first line names the columns, with tabs between",
        )
    rows: list[tuple[int, Row]] = []
    for number, line in kept[1:]:
        cells = line.split("\t")
        if len(cells) != len(names):
            raise BadData(
                f"The table {path} is wrong in line {number}", f"It needs {len(names)} cells with tabs between"
            )
        rows.append((number, dict(zip(names, cells, strict=True))))
    return rows


def read_words(path: Path) -> list[str]:
    """Return the words of a user's lexicon: one a line, `#` begins a comment. Raises BadData."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise BadData(f"The lexicon {path} cannot be read", "Name a UTF-8 text file with one word a line") from error
    return [word for line in lines if (word := line.partition("#")[0].strip())]
