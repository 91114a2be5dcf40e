"""What became of lines that were repaired: plain records, which nothing has to be compiled for."""

from dataclasses import dataclass
from typing import Final, NamedTuple

from pipeline.repair.edits import Edit
from pipeline.repair.units import Piece

# Doubt: a choice less likely than this is shown with its candidates.
DOUBT: Final = 0.7

Edits = tuple[tuple[Edit, ...], ...]


class Doubt(NamedTuple):
    """A stretch of a line that stayed as it was though it may be broken, and what it may have been."""

    line: int
    start: int
    end: int
    candidates: tuple[tuple[str, float], ...]


class CitedPart(NamedTuple):
    """A part of a citation: its role, its text now, and where its token stood in the lines as they were given.

    A token that a line end broke has two pieces; `other` is what an uncertain one may say else; `sure` is how likely a
    person is right, in a citation that is.
    """

    role: str
    text: str
    pieces: tuple[Piece, ...]
    uncertain: bool
    other: str = ""
    sure: float = 1.0


@dataclass(frozen=True)
class Citing:
    """A run of archival citations as the grammar decoded it, or as it stands there in Latin letters (`romanised`)."""

    parts: tuple[CitedPart, ...]
    margin: float
    romanised: bool = False


@dataclass(frozen=True)
class Repaired:
    """What became of the lines: edits of each, the doubts and citations found, and the glyph map that was used."""

    edits: Edits
    doubts: tuple[Doubt, ...]
    citations: tuple[Citing, ...]
    glyph_map: str
