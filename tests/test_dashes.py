"""En dashes between digits are told from hyphens by their width."""

import re

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.dashes import dashed
from pipeline.scan import Grey

HEIGHT = 30  # of a digit, in pixels


def drawn(parts: list[float | str], noise: float = 0.0) -> Grey:
    """Return the picture of a word: digits in outline, dashes of so many parts of a digit's height."""
    page = np.full((HEIGHT + 16, 600), 255, np.uint8)
    x = 10
    for part in parts:
        if isinstance(part, str):
            for letter in part:
                cv2.putText(page, letter, (x, 8 + HEIGHT), cv2.FONT_HERSHEY_DUPLEX, HEIGHT / 21, (0,), 2, cv2.LINE_AA)
                x += 32
        else:
            width = round(part * HEIGHT)
            page[8 + HEIGHT // 2 : 12 + HEIGHT // 2, x : x + width] = 0
            x += width + 6
    rough = page + np.random.default_rng(1).normal(0, noise, page.shape)
    return np.asarray(np.clip(rough, 0, 255)[:, : x + 10], np.uint8)


@pytest.mark.parametrize(
    ("text", "parts", "said"),
    [
        ("118-125", ["118", 0.72, "125"], "118–125"),
        ("93-97]", ["93", 0.68, "97"], "93–97]"),
        ("(1847-1922)", ["1847", 0.75, "1922"], "(1847–1922)"),
        ("7-9-12", ["7", 0.7, "9", 0.4, "12"], "7–9-12"),
        ("118–125", ["118", 0.4, "125"], "118-125"),
        ("118—125", ["118", 0.7, "125"], "118–125"),
        # What must stay.
        ("118-125", ["118", 0.4, "125"], "118-125"),
        ("118-125", ["118", 0.5, "125"], "118-125"),
        ("118-125", ["118125"], "118-125"),
        ("118-125", ["118", 0.7, "12", 0.7, "5"], "118-125"),
        ("118—125", ["118", 1.4, "125"], "118—125"),
        ("118-125", ["118", 1.4, "125"], "118—125"),
        ("4-HOUR", ["4", 0.7, "HOUR"], "4-HOUR"),
        ("1917", ["1917"], "1917"),
        ("-17", [0.7, "17"], "-17"),
        ("", ["17"], ""),
    ],
)
@pytest.mark.parametrize("noise", [0.0, 12.0])
def test_dashes(text: str, parts: list[float | str], said: str, noise: float) -> None:
    assert dashed(text, drawn(parts, noise)) == said


@given(st.text("0123456789-–—x.", max_size=8), st.integers(0, 40), st.integers(0, 40))
def test_any_picture_passes_and_only_dashes_change(text: str, height: int, width: int) -> None:
    said = dashed(text, np.full((height, width), 255, np.uint8))
    assert re.sub("[–—]", "-", said) == re.sub("[–—]", "-", text)
