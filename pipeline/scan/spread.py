"""Finds where two pages lie side by side in one picture."""

from typing import Final

import numpy as np
import numpy.typing as npt

from pipeline.scan.border import small, tone
from pipeline.scan.placement import Grey

Profile = npt.NDArray[np.float64]

WIDE: Final = (1.1, 2.2)  # times as wide as high is a picture of two pages
MIDDLE: Final = (0.38, 0.62)  # of the width: where two pages meet
INK: Final = 0.85  # of the tone of the paper: what is darker is print
EMPTY: Final = 0.004  # of the height that print may take up in a column of a gap
GAP: Final = 0.06  # of the width: two inner margins, at least
MARGINS: Final = 0.6  # of the outer margins together: the inner ones together, at least
SHADED_GAP: Final = 0.012  # of the width: the gap between two pages where a shadow lies in it, at least
SHADOW: Final = 0.1  # of the level of the paper: how much darker a gutter is
SIDE: Final = 0.2  # of the print is on either page, at least


def gutter_of(page: Grey) -> int | None:
    """Return the column of the picture (height x width) where two pages meet; None if it shows only one.

    Two pages have between them their inner margins, about as wide as the outer ones, or the shadow of the gutter; the
    gap between the columns of one page is narrower than its margins, and no shadow lies there.
    """
    height, width = page.shape
    if not WIDE[0] * height < width < WIDE[1] * height:
        return None
    picture, factor = small(page)
    paper = tone(picture)
    print_ = (picture < INK * paper).mean(axis=0)
    level = np.median(paper, axis=0).astype(np.float64)
    gaps = [gap for gap in empty(print_) if gap[0] < MIDDLE[1] * len(print_) and gap[1] > MIDDLE[0] * len(print_)]
    meets = [place for place in (meeting(gap, print_, level) for gap in gaps) if place is not None]
    meets = [place for place in meets if MIDDLE[0] < place / len(print_) < MIDDLE[1] and on_both(print_, place)]
    return round(meets[0] * factor) if len(meets) == 1 else None


def empty(print_: Profile) -> list[tuple[int, int]]:
    """Return where columns without print start and end, by the part of each column (width,) that is print."""
    edges = np.flatnonzero(np.diff(np.concatenate([[1], print_ > EMPTY, [1]])))
    return [(int(start), int(end)) for start, end in zip(edges[::2], edges[1::2], strict=True)]


def meeting(gap: tuple[int, int], print_: Profile, level: Profile) -> float | None:
    """Return the column in a gap where two pages meet, None if it is but a gap."""
    start, end = gap
    width = len(print_)
    lowest = start + int(np.argmin(level[start:end]))
    around = [level[max(0, start - width // 8) : start + 1], level[end - 1 : end + width // 8]]
    shaded = level[lowest] < (1 - SHADOW) * min(float(np.percentile(side, 75)) for side in around)
    if shaded and end - start >= SHADED_GAP * width:
        return float(lowest)
    printed = np.flatnonzero(print_ > EMPTY)
    if not printed.size:
        return None
    margins = printed[0] + width - 1 - printed[-1]
    return (start + end) / 2 if end - start >= max(GAP * width, MARGINS * margins) else None


def on_both(print_: Profile, place: float) -> bool:
    """Tell whether enough print is on both sides of a column."""
    left = float(print_[: int(place)].sum()) / max(float(print_.sum()), 1e-9)
    return SIDE < left < 1 - SIDE
