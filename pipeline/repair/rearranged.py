"""Repaired lines in another order, or a part of them: what was found moves along."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from pipeline.repair.edits import Edit
from pipeline.repair.repaired import CitedPart, Citing, Repaired


def in_place(repaired: Repaired, order: Sequence[int | None], count: int) -> Repaired:
    """Return what became of lines as it is of them in their own order: the line at n of `order` is the one at order[n].

    Lines that only parted others (None) had nothing to repair.
    """
    if list(order) == list(range(count)):
        return repaired
    edits: list[tuple[Edit, ...]] = [() for _ in range(count)]
    for place, made in zip(order, repaired.edits, strict=True):
        if place is not None:
            edits[place] = made
    moved = {number: place for number, place in enumerate(order) if place is not None}
    doubts = sorted((doubt._replace(line=moved[doubt.line]) for doubt in repaired.doubts), key=lambda one: one.line)
    return replace(
        repaired,
        edits=tuple(edits),
        doubts=tuple(doubts),
        citations=tuple(replace(one, parts=tuple(map(moved_by(moved), one.parts))) for one in repaired.citations),
    )


def moved_by(moved: Mapping[int, int]) -> Callable[[CitedPart], CitedPart]:
    """Return what puts the pieces of a part of a citation into other lines."""
    return lambda part: part._replace(pieces=tuple(replace(piece, line=moved[piece.line]) for piece in part.pieces))


def part_of(repaired: Repaired, start: int, end: int) -> Repaired:
    """Return what became of the lines from `start` to `end`; a citation that goes on behind them is cut there."""
    doubts = tuple(one._replace(line=one.line - start) for one in repaired.doubts if start <= one.line < end)
    citations = (part_of_citation(one, start, end) for one in repaired.citations)
    runs = tuple(one for one in citations if one.parts)
    return Repaired(repaired.edits[start:end], doubts, runs, repaired.glyph_map)


def part_of_citation(citing: Citing, start: int, end: int) -> Citing:
    """Return the parts of a citation that stand in the lines from `start` to `end`."""
    parts = [part for part in citing.parts if all(start <= piece.line < end for piece in part.pieces)]
    moved = [
        part._replace(pieces=tuple(replace(piece, line=piece.line - start) for piece in part.pieces)) for part in parts
    ]
    return replace(citing, parts=tuple(moved))
