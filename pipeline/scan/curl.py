"""Straightens lines that are bent (the curl at a gutter, the bulge of a photographed page) or slope differently."""

from typing import Final

import numpy as np

from pipeline.scan.letters import Indices, Letters, Numbers, lines_of, next_letters
from pipeline.scan.placement import Bend, hats

KNOTS: Final = (10, 14)  # rows and columns of the net that is bent
LEAST: Final = 6  # lines; fewer say little of the page
BENT: Final = 0.09  # x-heights that letters stand off their lines, from which straightening pays
BETTER: Final = 0.6  # of that much they may stand off at most when straightened
STIFF: Final = 0.3  # how hard it is to bend the net, for each letter that stands by a knot
FAINT: Final = 1e-6  # of that: holds what no letter stands by
ROUNDS: Final = 3
SLACK: Final = 0.15  # x-heights; letters that stand further off (descenders, commas) count less


def bend_of(letters: Letters, width: int, height: int) -> Bend | None:
    """Return the move that straightens the lines of a page of `width` x `height`; None if none is needed, or helps.

    One bend is sought for all lines: least squares over the feet of the letters, each line at a level of its own, with
    a net that resists bending, in rounds that count letters off their line less (Huber).
    """
    if not letters.x_height:
        return None
    line = lines_of(next_letters(letters))
    if line.max(initial=-1) + 1 < LEAST:
        return None
    inside = line >= 0
    x, foot, line = letters.x[inside], letters.foot[inside], line[inside]
    before = off_line(foot, line) / letters.x_height
    if before < BENT:
        return None
    bend = fitted(x, foot, line, letters.x_height, width, height)
    after = off_line(straightened(bend, x, foot, line), line) / letters.x_height
    return bend if after < BETTER * before else None


def off_line(foot: Numbers, line: Indices) -> float:
    """Return how far letters (letters,) typically stand off the level of their line, in pixels."""
    return float(np.percentile(np.abs(foot - levels(foot, line)[line]), 60))


def levels(foot: Numbers, line: Indices) -> Numbers:
    """Return the level (lines,) of each line: the median foot of its letters."""
    order = np.lexsort((foot, line))
    count = np.bincount(line)
    return np.asarray(foot[order][np.cumsum(count) - (count + 1) // 2])


def straightened(bend: Bend, x: Numbers, foot: Numbers, line: Indices) -> Numbers:
    """Return where the feet (letters,) stand once the page is straightened."""
    weights, knots = hats(np.column_stack([x, levels(foot, line)[line]]), bend.depth.shape, bend.width, bend.height)
    return np.asarray(foot - (weights * bend.depth.ravel()[knots]).sum(axis=1))


def fitted(x: Numbers, foot: Numbers, line: Indices, x_height: float, width: int, height: int) -> Bend:
    """Return the bend that brings the feet (letters,) closest to the levels of their lines."""
    rows, columns = KNOTS
    weights, knots = hats(np.column_stack([x, levels(foot, line)[line]]), KNOTS, width, height)
    count, size = len(x), rows * columns
    design = np.zeros((count, size + line.max() + 1))
    np.put_along_axis(design, knots, weights, axis=1)
    design[np.arange(count), size + line] = 1.0
    stiff = np.zeros((design.shape[1], design.shape[1]))
    stiff[:size, :size] = stiffness(rows, columns) * STIFF * count / size
    stiff += np.eye(len(stiff)) * FAINT * count
    counts, origin = np.ones(count), np.median(foot)
    for _ in range(ROUNDS):
        counted = design * counts[:, None]
        solved = np.linalg.solve(counted.T @ design + stiff, counted.T @ (foot - origin))
        off = np.abs(foot - origin - design @ solved)
        counts = np.minimum(1.0, SLACK * x_height / np.maximum(off, 1e-9))
    return Bend(np.asarray(solved[:size].reshape(rows, columns), np.float64), width, height)


def stiffness(rows: int, columns: int) -> Numbers:
    """Return the quadratic form (knots x knots) of what a net resists: its second differences, across and down.

    It resists moving a whole row as well, for that would only move lines nearer to each other or further apart.
    """
    across = np.kron(np.eye(rows), np.diff(np.eye(columns), 2, axis=0))
    down = np.kron(np.diff(np.eye(rows), 2, axis=0), np.eye(columns))
    moved = np.kron(np.eye(rows), np.full((1, columns), 1.0 / columns))
    return np.asarray(across.T @ across + down.T @ down + moved.T @ moved)
