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
from pipeline.tables import numbered_rows

# Letters that OCR takes for each other, made one, so that the nearest name is the nearest in shape.
SHAPES: Final = str.maketrans("ИЙЦШЩІЇЛДПАЄЭЗОСЮЪЬЫЯЧГТ", "ННПШШННЛЛПЛССЗООСЬЬЬАУГГ")
DISTANT: Final = 0.55
COLUMNS: Final = ("abbreviation", "language", "name", "romanised", "english", "place", "successor", "verified", "cost")


@dataclass(frozen=True)
class Archive:
    """An archive: the abbreviation it is cited by, its name, how much rarer (nats) it is than the commonest.

    `romanised` is the abbreviation in Latin letters.
    """

    abbreviation: str
    name: str = ""
    cost: float = 0.0
    romanised: str = ""


@dataclass(frozen=True)
class Archives:
    """The archives that are known."""

    listed: tuple[Archive, ...]

    @cached_property
    def owners(self) -> Counter[str]:
        """How many archives are cited by each abbreviation without its spaces (ГА РФ is ГАРФ), in either script."""
        found = Counter(unspaced(archive.abbreviation) for archive in self.listed)
        return found + Counter(unspaced(archive.romanised) for archive in self.listed if archive.romanised)

    def count(self, abbreviation: str) -> int:
        """Return how many archives are cited by an abbreviation, in either script."""
        return self.owners[unspaced(abbreviation)]

    def flags(self, abbreviation: str) -> tuple[str, ...]:
        """Return what is to be said of an abbreviation: unknown, or ambiguous where it has several owners."""
        count = self.count(abbreviation)
        return ("unknown-archive",) if not count else ("ambiguous-archive",) if count > 1 else ()

    def nearest(self, abbreviation: str, limit: int = 3) -> list[tuple[str, float]]:
        """Return the listed abbreviations most like one in shape, each with its likeness (0 to 1), the best first.

        Letters that OCR takes for each other count as half a difference.
        """
        names = {archive.abbreviation for archive in self.listed}
        plain = process.extract(abbreviation, names, scorer=Levenshtein.normalized_similarity, limit=None)
        shaped = [(name, (likeness + shape_likeness(abbreviation, name)) / 2) for name, likeness, _ in plain]
        near = [(name, round(likeness, 4)) for name, likeness in shaped if likeness >= DISTANT]
        return sorted(near, key=lambda one: (-one[1], one[0]))[:limit]


def shape_likeness(one: str, other: str) -> float:
    """Return how like two abbreviations are when letters of one shape are the same."""
    one, other = (text.upper().translate(HOMOGLYPHS).translate(SHAPES) for text in (one, other))
    return float(Levenshtein.normalized_similarity(one, other))


def unspaced(abbreviation: str) -> str:
    """Return an abbreviation without spaces."""
    return "".join(abbreviation.split())


def read_archives(path: Path) -> list[Archive]:
    """Read a list of archives: the project's, or a user's with at least the column `abbreviation`.

    Raises BadData, naming the line, for a row without an abbreviation or with a cost that is no number, and for a
    column that means nothing.
    """
    archives = []
    for number, row in numbered_rows(path, ("abbreviation",)):
        if unknown := [column for column in row if column not in COLUMNS]:
            raise BadData(f"The table {path} has a column {unknown[0]}", f"Its columns can be {', '.join(COLUMNS)}")
        if not any(map(str.isalpha, row["abbreviation"])):
            raise BadData(
                f"The table {path} has no abbreviation in line {number}", "Write there how the archive is cited"
            )
        try:
            cost = float(row.get("cost", "0"))
        except ValueError as error:
            raise BadData(
                f"The cost in line {number} of {path} is no number", "Write 0 where you do not know"
            ) from error
        said = row["abbreviation"].strip(), row.get("name", ""), cost, row.get("romanised", "").strip()
        archives.append(Archive(*said))
    return archives


def archives_of(paths: Iterable[Path]) -> Archives:
    """Return the archives of some lists; the same one in two lists counts once. Raises BadData."""
    listed = [archive for path in paths for archive in read_archives(path)]
    return Archives(tuple({(one.abbreviation, one.name): one for one in listed}.values()))
