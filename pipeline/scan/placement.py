"""How a pixel of a clean page came from the page as given: moves that follow each other, exact both ways.

A place is (x, y) in pixels from the top left corner of the picture; the pixel in column 3 reaches from 3 to 4.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]
Places = npt.NDArray[np.float64]  # (places, 2)

MIDDLE: Final = 0.5  # of a pixel: OpenCV counts from the middle of the first one


@dataclass(frozen=True)
class Affine:
    """A move that keeps lines straight: place -> `matrix` (2 x 3) @ (x, y, 1)."""

    matrix: npt.NDArray[np.float64]

    def __call__(self, places: Places) -> Places:
        """Return where the places (places x 2) come from."""
        return np.asarray(places @ self.matrix[:, :2].T + self.matrix[:, 2])

    def undone(self, places: Places) -> Places:
        """Return where places (places x 2) of the page as given go."""
        return Affine(np.asarray(cv2.invertAffineTransform(self.matrix), np.float64))(places)

    def then(self, other: "Affine") -> "Affine":
        """Return this move and the other after it as one."""
        first, second = (np.vstack([one.matrix, (0.0, 0.0, 1.0)]) for one in (self, other))
        return Affine((second @ first)[:2])


@dataclass(frozen=True)
class Bend:
    """A move up or down: a place comes from as much lower as `depth` (rows x columns) says, bilinear between knots.

    The knots are evenly spaced over a picture of `width` x `height`, the outermost on its edges.
    """

    depth: npt.NDArray[np.float64]
    width: int
    height: int

    def __call__(self, places: Places) -> Places:
        """Return where the places (places x 2) come from."""
        weights, knots = hats(places, self.depth.shape, self.width, self.height)
        lower = (weights * self.depth.ravel()[knots]).sum(axis=1)
        return np.column_stack([places[:, 0], places[:, 1] + lower])


Move = Affine | Bend


def hats(
    places: Places, shape: tuple[int, ...], width: int, height: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """Return the bilinear weights (places x 4) of the knots about each place, and their numbers (places x 4)."""
    rows, columns = shape
    x = np.clip(places[:, 0] / width, 0, 1) * (columns - 1)
    y = np.clip(places[:, 1] / height, 0, 1) * (rows - 1)
    left, top = np.minimum(x.astype(np.int64), columns - 2), np.minimum(y.astype(np.int64), rows - 2)
    u, v = x - left, y - top
    weights = np.column_stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v])
    corner = top * columns + left
    return weights, np.column_stack([corner, corner + 1, corner + columns, corner + columns + 1])


def traced(moves: Sequence[Move], places: Places) -> Places:
    """Return where places (places x 2) come from, by moves in order from the clean page to the page as given."""
    for move in moves:
        places = move(places)
    return places


def shift(x: float, y: float) -> Affine:
    """Return the move of a picture cut out at (x, y)."""
    return Affine(np.array([[1.0, 0.0, x], [0.0, 1.0, y]]))


def scaling(across: float, down: float) -> Affine:
    """Return the move of a picture whose sides were divided by `across` and `down`."""
    return Affine(np.array([[across, 0.0, 0.0], [0.0, down, 0.0]]))


def quarter(turns: int, width: int, height: int) -> Affine:
    """Return the move of a picture of `width` x `height` that was turned counter-clockwise by quarter `turns`."""
    return Affine(
        np.array(
            [
                [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
                [[0.0, -1.0, width], [1.0, 0.0, 0.0]],
                [[-1.0, 0.0, width], [0.0, -1.0, height]],
                [[0.0, 1.0, 0.0], [-1.0, 0.0, height]],
            ][turns % 4]
        )
    )


def turning(degrees: float, scale: float, width: int, height: int) -> tuple[Affine, int, int]:
    """Return the move of a picture turned counter-clockwise and enlarged, nothing cut off; its new width and height."""
    there = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, scale)
    new_width, new_height = np.ceil(np.abs(there[:, :2]) @ (width, height) - 1e-6).astype(int).tolist()
    there[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    return Affine(np.asarray(cv2.invertAffineTransform(there), np.float64)), new_width, new_height


def shrunk(grey: Grey, factor: int) -> Grey:
    """Return a picture (height x width) with squares of `factor` pixels made one, without what is left over.

    Whole squares take OpenCV a tenth of the time of a factor that is not quite whole.
    """
    height, width = grey.shape[0] // factor, grey.shape[1] // factor
    whole = grey[: height * factor, : width * factor]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def drawn(grey: Grey, moves: Sequence[Move], width: int, height: int) -> Grey:
    """Return the picture of `width` x `height` whose pixels come from `grey` by these moves; paper comes in beside."""
    paper = (float(np.median(grey[::4, ::4])),)
    if len(moves) == 1 and isinstance(moves[0], Affine):
        matrix = moves[0].matrix.copy()
        matrix[:, 2] += matrix[:, :2].sum(axis=1) * MIDDLE - MIDDLE
        flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
        return np.asarray(cv2.warpAffine(grey, matrix, (width, height), flags=flags, borderValue=paper), np.uint8)
    x, y = sources(moves, width, height)
    return np.asarray(
        cv2.remap(grey, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=paper), np.uint8
    )


GRAIN: Final = 16  # pixels; between places so far apart moves are taken for straight


def sources(moves: Sequence[Move], width: int, height: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the columns and rows (height x width each, as OpenCV counts) that the pixels of a picture come from."""
    columns, rows = -(-width // GRAIN) + 1, -(-height // GRAIN) + 1
    x, y = np.meshgrid(np.arange(columns) * float(GRAIN), np.arange(rows) * float(GRAIN))
    places = traced(moves, np.column_stack([x.ravel(), y.ravel()]))
    grid = (places - MIDDLE).reshape(rows, columns, 2).astype(np.float32)
    # From a pixel's middle to knots that lie at whole multiples of GRAIN.
    fine = np.array([[1 / GRAIN, 0, MIDDLE / GRAIN], [0, 1 / GRAIN, MIDDLE / GRAIN]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    whole = cv2.warpAffine(grid, fine, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.ascontiguousarray(whole[..., 0]), np.ascontiguousarray(whole[..., 1])
