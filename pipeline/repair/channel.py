"""The channel: what an OCR model makes of printed letters, as costs for the search.

A glyph map is a text file: `#` lines of provenance, then `printed  read  count  probability`, tab-separated, where
probability is P(read | printed). The search asks the other way round, by what was read, and thinks in integers: a
printed letter is its code in `letters.CYRILLIC` plus UPPER for a capital; marks and digits have codes from MARK on.
"""

from collections.abc import Mapping, Sequence
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
# A small letter of the shape of its capital is read as that, at this much more.
SMALL_COST: Final = 2.0
# Strokes and rings are read as the digits of their shape, at this much more (`11a-` = ца-).
SHAPED: Final = str.maketrans("IlOo", "1100")
SHAPED_COST: Final = 2.5
# The foot of this letter is read as a comma too, at this much more (`MCXOJ,` = исход): where words end in it, one in
# five is; in learning the marks behind words are not.
FOOTED: Final = "д"
FOOT_COST: Final = 1.7
UNLIKE_CAPITALS: Final = "аберуф"
FAR: Final = np.float32(1e9)
# The node of a character that the map never saw.
UNREAD: Final = 1
# Rows that are no confusion of the map: a letter read as itself, and any letter behind an unseen character.
ITSELF, UNSEEN = -1, -2
CODE_POINTS: Final = 0x10000
MOST_CHARACTERS: Final = 255
DIGIT: Final = MARK + MARKS.index("0")
HYPHEN: Final = MARK + MARKS.index("-")

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


class Options(NamedTuple):
    """What could stand behind each string read, as the compiled search reads it. Costs in nats.

    The strings read are a tree: `below[node, identity[code point]]` is the node of a string with one more character, 0
    where there is none; node 0 is the empty string, UNREAD stands for a character that the map has never seen.
    `single[node, code]` is the cost of a letter having been read so; `letters[node]` has a bit for the code of each
    small letter that costs less than FAR, and then one for that of each capital. Pairs of letters are rows of `first`,
    `second`, `pair_cost` from `pair_starts[node]` to `pair_starts[node + 1]`, the cheapest first; `pair_letters[node]`
    has the bits of their first letters; `least[node]` is the least cost of all of them.
    """

    identity: npt.NDArray[np.uint8]
    marks: npt.NDArray[np.uint8]
    below: npt.NDArray[np.int16]
    single: Costs
    letters: npt.NDArray[np.uint64]
    pair_letters: npt.NDArray[np.uint64]
    pair_starts: npt.NDArray[np.int32]
    first: npt.NDArray[np.uint8]
    second: npt.NDArray[np.uint8]
    pair_cost: Costs
    least: Costs


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
    def layout(self) -> "Layout":
        """Where in the options each confusion stands."""
        return Layout(self.confusions)

    @cached_property
    def options(self) -> Options:
        """The map as the search needs it."""
        return self.layout.options(self.layout.probability)


class Row(NamedTuple):
    """A way to read printed letters: by a confusion of the map (its number), ITSELF or UNSEEN, `extra` nats dearer."""

    read: str
    codes: tuple[int, ...]
    confusion: int
    extra: float


def rows_of(confusions: Sequence[Confusion]) -> list[Row]:
    """Turn a map round: return what each string read may be.

    A letter that was read as itself is one too, even in a map that never saw it. Small letters may be read as the
    capitals of what they are read as: a model that took a word's letters for small capitals goes on so over letters
    that it knows well (e as E). Small letters that differ from their capitals in size alone may be read as these are.
    What was read with strokes and rings may be read with digits.
    """
    rows = []
    for number, confusion in enumerate(confusions):
        codes = tuple(symbol(letter) for letter in confusion.printed)
        usable = 0 not in codes and max(codes) < MARK and confusion.probability >= RAREST
        if usable and all(ord(one) < CODE_POINTS for one in confusion.read):
            rows.append(Row(confusion.read, codes, number, 0.0))
            if len(codes) == 1 and codes[0] > UPPER and confusion.printed.lower() not in UNLIKE_CAPITALS:
                rows.append(Row(confusion.read, (codes[0] - UPPER,), number, SMALL_COST))
            if confusion.printed == FOOTED and 0 < len(confusion.read) < LONGEST_READ:
                rows.append(Row(confusion.read + ",", codes, number, FOOT_COST))
            upper = confusion.read.upper()
            if upper != confusion.read and len(upper) == len(confusion.read) and max(codes) < UPPER:
                rows.append(Row(upper, codes, number, ENLARGED_COST))
    there = {(row.read, row.codes) for row in rows}
    shaped = [row._replace(read=row.read.translate(SHAPED), extra=row.extra + SHAPED_COST) for row in rows]
    rows += [row for row in shaped if (row.read, row.codes) not in there]
    letters = sorted({code for row in rows for code in row.codes})
    rows += [
        Row(character(code), (code,), ITSELF, ITSELF_COST)
        for code in letters
        if (character(code), (code,)) not in there
    ]
    return rows + [Row("", (code,), UNSEEN, 0.0) for code in letters]


class Layout:
    """The options of a map but for their costs, so that a document can change these quickly."""

    def __init__(self, confusions: Sequence[Confusion]) -> None:
        rows = rows_of(confusions)
        self.number = {(confusion.printed, confusion.read): place for place, confusion in enumerate(confusions)}
        # What is printed, and the number of that in each confusion.
        self.printed = list(dict.fromkeys(confusion.printed for confusion in confusions))
        numbers = {printed: number for number, printed in enumerate(self.printed)}
        self.printed_of = np.array([numbers[confusion.printed] for confusion in confusions])
        self.probability = np.array([confusion.probability for confusion in confusions])
        self.share = np.array([PAIR_SHARE if len(one.printed) == 2 else 1 - PAIR_SHARE for one in confusions])
        self.identity, self.marks = characters_of(rows)
        nodes = NodeTree(self.identity)
        self.confusion = np.array([row.confusion for row in rows])
        self.extra = np.array([row.extra for row in rows])
        self.node = np.array([UNREAD if row.confusion == UNSEEN else nodes.find(row.read) for row in rows])
        self.first = np.array([row.codes[0] for row in rows])
        self.second = np.array([row.codes[1] if len(row.codes) == 2 else 0 for row in rows])
        self.below = nodes.table()
        single = self.second == 0
        alone = np.stack([single & (self.first < UPPER), single & (self.first > UPPER)])
        self.letters = np.stack([letters_of(self.node[own], self.first[own], len(self.below)) for own in alone], axis=1)
        self.pair_letters = letters_of(self.node[~single], self.first[~single], len(self.below))
        keys = (self.node * 256 + self.first) * 256 + self.second
        self.pairs, self.pair_place = np.unique(keys[~single], return_inverse=True)

    def options(self, probabilities: npt.NDArray[np.float64]) -> Options:
        """Return the options, given the probability of each confusion."""
        base = np.r_[-np.log(self.share * np.maximum(probabilities, RAREST)), UNKNOWN_COST, 0.0]
        costs = (base[self.confusion] + self.extra).astype(np.float32)
        count, single = len(self.below), self.second == 0
        alone = np.full((count, MARK), FAR, np.float32)
        np.minimum.at(alone, (self.node[single], self.first[single]), costs[single])
        together = np.full(len(self.pairs), FAR, np.float32)
        np.minimum.at(together, self.pair_place, costs[~single])
        least = alone.min(axis=1)
        np.minimum.at(least, self.pairs >> 16, together)
        borders = np.arange(count + 1)
        order = np.lexsort((together, self.pairs >> 16))
        pairs = self.pairs[order]
        return Options(
            self.identity,
            self.marks,
            self.below,
            alone,
            self.letters,
            self.pair_letters,
            np.searchsorted(pairs >> 16, borders).astype(np.int32),
            (pairs >> 8 & 255).astype(np.uint8),
            (pairs & 255).astype(np.uint8),
            together[order],
            least,
        )


def letters_of(nodes: npt.NDArray[np.int64], codes: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.uint64]:
    """Return for each of `count` nodes the bits of the letters, small or capital, that stand with it."""
    letters = np.zeros(count, np.uint64)
    np.bitwise_or.at(letters, nodes, np.uint64(1) << (codes % UPPER).astype(np.uint64))
    return letters


class NodeTree:
    """The tree of the strings that a map has read."""

    def __init__(self, identity: npt.NDArray[np.uint8]) -> None:
        self.identity = identity
        self.below: list[dict[int, int]] = [{}, {}]

    def find(self, read: str) -> int:
        """Return the node of a string, made where there was none."""
        node = 0
        for one in read:
            children = self.below[node]
            code = int(self.identity[ord(one)])
            if code not in children:
                children[code] = len(self.below)
                self.below.append({})
            node = children[code]
        return node

    def table(self) -> npt.NDArray[np.int16]:
        """Return the children of each node by the identity of the next character."""
        table = np.zeros((len(self.below), int(self.identity.max()) + 1), np.int16)
        for node, children in enumerate(self.below):
            table[node, list(children)] = list(children.values())
        return table


def characters_of(rows: Sequence[Row]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    """Return a small number for each code point that a map or the search knows (0: for none), and the mark it is."""
    known = sorted({one for row in rows for one in row.read if ord(one) < CODE_POINTS} | set(MARKS))
    if len(known) > MOST_CHARACTERS:
        raise BadData(f"A glyph map reads {len(known)} different characters", f"{MOST_CHARACTERS} is the most")
    identity, marks = np.zeros(CODE_POINTS, np.uint8), np.zeros(len(known) + 1, np.uint8)
    for number, one in enumerate(known, start=1):
        identity[ord(one)] = number
        marks[number] = symbol(one) if one in MARKS else 0
    return identity, marks


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
