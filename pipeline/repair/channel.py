"""The channel: what an OCR model makes of printed letters, as costs for the search.

A glyph map is a text file: `#` lines of provenance, then `printed  read  count  probability`, tab-separated, where
probability is P(read | printed). The search asks the other way round, by what was read, and thinks in integers: a
printed letter is its code in `letters.CYRILLIC` plus UPPER for a capital; marks and digits have codes from MARK on.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.errors import BadData
from pipeline.repair.letters import CODE, CYRILLIC

UPPER: Final = 64
MARK: Final = 128
MARKS: Final = "-.,:;!?…()[]«»\"„“”'’–—/№§%*0123456789"
LONGEST_READ: Final = 4
# A unit of two letters is that much rarer than one (see learn.align).
PAIR_SHARE: Final = 0.04
# Confusions rarer than this are left to `UNKNOWN_COST`.
RAREST: Final = 2e-5
UNKNOWN_COST: Final = 11.0
ITSELF_COST: Final = 0.05
ENLARGED_COST: Final = 2.5
FAR: Final = np.float32(1e9)
DIGIT: Final = MARK + MARKS.index("0")
HYPHEN: Final = MARK + MARKS.index("-")

Codes = npt.NDArray[np.int32]
Costs = npt.NDArray[np.float32]


def symbol(character: str) -> int:
    """Return the code of a printed character, 0 if the search has none."""
    if character in MARKS:
        return MARK + MARKS.index(character)
    code = CODE.get(character.lower(), 0)
    return code + UPPER if code and character.isupper() else code


def character(code: int) -> str:
    """Return the printed character of a code."""
    if code >= MARK:
        return MARKS[code - MARK]
    return CYRILLIC[code - UPPER - 1].upper() if code > UPPER else CYRILLIC[code - 1]


@dataclass(frozen=True)
class Confusion:
    """One row of a glyph map."""

    printed: str
    read: str
    count: float
    probability: float


class Entry(NamedTuple):
    """Where the options of one string stand: its row of `singles`; start and number of its pairs."""

    singles: int
    pairs: tuple[int, int]


@dataclass(frozen=True)
class Options:
    """What could stand behind each string read.

    `singles[at[string].singles]` are the codes of single letters and their costs in nats; pairs of letters are rows of
    `first`, `second`, `pair_cost`; `deletion[code]` is the cost of a letter that left no trace; `letters` are the codes
    of all letters of the map.
    """

    at: Mapping[str, Entry]
    singles: tuple[tuple[Codes, Costs], ...]
    first: Codes
    second: Codes
    pair_cost: Costs
    deletion: Costs
    letters: Codes


@dataclass(frozen=True)
class GlyphMap:
    """The confusions of one OCR model and one language, and the provenance of the table."""

    name: str
    confusions: tuple[Confusion, ...]
    facts: Mapping[str, str]

    @cached_property
    def is_faithful(self) -> bool:
        """Whether the model can read Cyrillic: most letters come out as themselves."""
        return (
            sum(row.probability for row in self.confusions if row.read == row.printed and row.read in CODE)
            > len(CODE) / 2
        )

    @cached_property
    def options(self) -> Options:
        """The map as the search needs it."""
        return compile_options(self.confusions)


def unit_cost(confusion: Confusion) -> float:
    """Return the cost in nats of a printed unit being read so."""
    share = PAIR_SHARE if len(confusion.printed) == 2 else 1 - PAIR_SHARE
    return -math.log(share * confusion.probability)


def compile_options(confusions: Iterable[Confusion]) -> Options:
    """Turn a map round: from the strings read to what may have been printed.

    A letter that was read as itself is one too, even in a map that never saw it.
    """
    behind: dict[str, dict[tuple[int, ...], float]] = defaultdict(dict)
    for confusion in confusions:
        codes = tuple(symbol(letter) for letter in confusion.printed)
        if 0 not in codes and max(codes) < MARK and confusion.probability >= RAREST:
            behind[confusion.read][codes] = unit_cost(confusion)
    enlarge(behind)
    letters = sorted({code for options in behind.values() for codes in options for code in codes})
    for code in letters:
        behind[character(code)].setdefault((code,), ITSELF_COST)
    return flatten(behind, letters)


def enlarge(behind: dict[str, dict[tuple[int, ...], float]]) -> None:
    """Let small letters be read as the capitals of what they are read as.

    A model that took a word's small letters for small capitals goes on so over letters that it knows well (e as E).
    """
    for read, options in list(behind.items()):
        upper = read.upper()
        if upper != read and len(upper) == len(read):
            for codes, cost in options.items():
                if max(codes) < UPPER:
                    behind[upper][codes] = min(behind[upper].get(codes, np.inf), cost + ENLARGED_COST)


def flatten(behind: Mapping[str, Mapping[tuple[int, ...], float]], letters: Sequence[int]) -> Options:
    """Return options as arrays."""
    deletion = np.full(MARK, FAR, dtype=np.float32)
    for codes, cost in behind.get("", {}).items():
        deletion[codes[0]] = cost
    at: dict[str, Entry] = {}
    singles: list[tuple[Codes, Costs]] = []
    pairs: list[tuple[int, int, float]] = []
    for read, options in behind.items():
        alone = [(codes[0], cost) for codes, cost in options.items() if len(codes) == 1]
        start = len(pairs)
        pairs.extend((codes[0], codes[1], cost) for codes, cost in options.items() if len(codes) == 2)
        at[read] = Entry(len(singles), (start, len(pairs) - start))
        singles.append(
            (np.array([code for code, _ in alone], np.int32), np.array([cost for _, cost in alone], np.float32))
        )
    first, second, costs = zip(*pairs, strict=True) if pairs else ((), (), ())
    return Options(
        at,
        tuple(singles),
        np.array(first, np.int32),
        np.array(second, np.int32),
        np.array(costs, np.float32),
        deletion,
        np.array(letters, np.int32),
    )


def parse_glyph_map(name: str, text: str) -> GlyphMap:
    """Parse the text of a glyph map. Raises BadData, naming the line, where it is not one."""
    facts, rows = {}, []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith("# "):
            key, _, value = line[2:].partition(": ")
            facts[key] = value
        elif line and not line.startswith("printed\t"):
            rows.append(parse_row(name, number, line))
    if not rows:
        raise BadData(f"The glyph map {name} is empty", "Make it again with `pravka learn glyphmap`")
    return GlyphMap(name, tuple(rows), facts)


def parse_row(name: str, number: int, line: str) -> Confusion:
    """Parse one row of a glyph map."""
    try:
        printed, read, count, probability = line.split("\t")
        row = Confusion(printed, read, float(count), float(probability))
        if not (1 <= len(printed) <= 2 and len(read) <= LONGEST_READ and 0 < row.probability <= 1):
            raise ValueError(line)
        return row
    except ValueError as error:
        raise BadData(
            f"The glyph map {name} is wrong in line {number}",
            "A row is: printed letters, what was read, count, probability, with tabs between",
        ) from error


def read_glyph_map(path: Path) -> GlyphMap:
    """Read a glyph map from a file. Raises BadData if it cannot be read or is not one."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise BadData(f"The glyph map {path} cannot be read", "Name a UTF-8 text file") from error
    return parse_glyph_map(f"{path.parent.name}/{path.stem}", text)
