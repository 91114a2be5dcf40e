"""The archives that are known by name: the project's list and a user's own, and how near a reading comes to them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from pipeline.errors import BadData
from pipeline.repair.letters import HOMOGLYPHS
from pipeline.tables import read_table

# Letters that OCR takes for each other, made one, so that the nearest name is the nearest in shape.
SHAPES: Final = str.maketrans("ИЙЦШЩІЇЛДПАЄЭЗОСЮЪЬЫЯЧГТ", "ННПШШННЛЛПЛССЗООСЬЬЬАУГГ")
DISTANT: Final = 0.55


@dataclass(frozen=True)
class Archive:
    """An archive: the abbreviation it is cited by, its name, and how much rarer (nats) it is than the commonest."""

    abbreviation: str
    name: str = ""
    cost: float = 0.0


@dataclass(frozen=True)
class Archives:
    """The archives that are known."""

    listed: tuple[Archive, ...]

    @cached_property
    def owners(self) -> Counter[str]:
        """How many archives are cited by each abbreviation."""
        return Counter(archive.abbreviation for archive in self.listed)

    def flags(self, abbreviation: str) -> tuple[str, ...]:
        """Return what is to be said of an abbreviation: unknown, or ambiguous where it has several owners."""
        count = self.owners[abbreviation]
        return ("unknown-archive",) if not count else ("ambiguous-archive",) if count > 1 else ()

    def nearest(self, abbreviation: str, limit: int = 3) -> list[tuple[str, float]]:
        """Return the listed abbreviations most like one in shape, each with its likeness (0 to 1), the best first.

        Letters that OCR takes for each other count as half a difference.
        """
        plain = process.extract(abbreviation, list(self.owners), scorer=Levenshtein.normalized_similarity, limit=None)
        shaped = [(name, (likeness + shape_likeness(abbreviation, name)) / 2) for name, likeness, _ in plain]
        near = [(name, round(likeness, 4)) for name, likeness in shaped if likeness >= DISTANT]
        return sorted(near, key=lambda one: (-one[1], one[0]))[:limit]


def shape_likeness(one: str, other: str) -> float:
    """Return how like two abbreviations are when letters of one shape are the same."""
    one, other = (text.upper().translate(HOMOGLYPHS).translate(SHAPES) for text in (one, other))
    return float(Levenshtein.normalized_similarity(one, other))


def read_archives(path: Path) -> list[Archive]:
    """Read a list of archives: the project's, or a user's with at least the column `abbreviation`. Raises BadData."""
    rows = read_table(path, ("abbreviation",))
    try:
        found = [Archive(row["abbreviation"].strip(), row.get("name", ""), float(row.get("cost", "0"))) for row in rows]
    except ValueError as error:
        raise BadData(f"The list {path} has a cost that is no number", "Write 0 where you do not know") from error
    if not all(one.abbreviation for one in found):
        raise BadData(f"The list {path} has an archive without an abbreviation", "Fill it in, or take the row out")
    return found


def archives_of(paths: Iterable[Path]) -> Archives:
    """Return the archives of some lists; the same one in two lists counts once. Raises BadData."""
    listed = [archive for path in paths for archive in read_archives(path)]
    return Archives(tuple({(one.abbreviation, one.name): one for one in listed}.values()))
