"""What the cleaning does to a page, and to which pages it does nothing."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
import scanned
from scanned import LID, PAPER, bent, beside, noisy, on_lid, page, printed, shaded, shining, stained

from pipeline.model import Box
from pipeline.scan import SMALLEST, CleanPage, Grey, clean
from pipeline.write import step_pictures

Make = Callable[[], Grey]

TINY = [(1, 1), (SMALLEST - 1, 500), (500, SMALLEST - 1), (SMALLEST, SMALLEST), (40, 3000)]
UNTOUCHED: dict[str, Make] = {
    "print, black on white": printed,
    "a page": page,
    "a page in black and white": lambda: np.asarray(np.where(page() < 140, 0, 255), np.uint8),
    "darker paper": lambda: np.asarray(page() * 0.8, np.uint8),
    "a little shade": lambda: shaded(page(), 0.95),
    "a slope that nobody sees": lambda: scanned.turned(page(), 0.1),
    "two columns": scanned.columns,
    "two columns on a page wider than high": scanned.landscape,
    "print on one half of a page wider than high": scanned.half_empty,
    "a table": scanned.table,
    "staves": scanned.music,
    "a title page": scanned.title,
    "one short line": scanned.short,
    "wide margins": scanned.wide_margins,
    "white letters on black": scanned.cover,
    **{f"nothing but grey {level}": partial(np.full, (600, 400), level, np.uint8) for level in (255, 230, 9)},
    **{f"a picture of {height} x {width}": partial(np.full, (height, width), 255, np.uint8) for height, width in TINY},
}

NEEDED: dict[str, tuple[Make, list[str]]] = {
    "noise": (lambda: noisy(page(), 18), ["noise", "light", "grain"]),
    "grain": (lambda: noisy(page(), 2), ["grain"]),
    "shade": (lambda: shaded(page(), 0.55), ["light"]),
    "grey stains": (lambda: stained(page()), ["marks"]),
    "the other side shining through": (lambda: shining(page()), ["marks"]),
    "a slope": (lambda: scanned.turned(page(), 2.0), ["straight"]),
    "a steep slope": (lambda: scanned.turned(page(), -10.0), ["straight"]),
    "a curl": (lambda: bent(page(), 0.04), ["straight"]),
    "a slope that changes down the page": (lambda: bent(page(), 0.12, across=False), ["straight"]),
    "a black lid": (lambda: on_lid(page()), ["border"]),
    "a black lid on one side": (lambda: on_lid(page(), left=0, top=0, bottom=0), ["border"]),
    "a sloping page on a black lid": (lambda: scanned.turned(on_lid(page()), 2.0), ["border", "straight"]),
    "tiny print": (lambda: page(12), ["straight"]),
    "large print": (lambda: page(90), ["reduced"]),
    "a page on its side": (lambda: np.ascontiguousarray(np.rot90(page())), ["upright"]),
    "a spread": (lambda: beside(page(), page()), ["left", "right"]),
    "a spread with a shaded gutter": (lambda: beside(page(), page(), 0.5), ["left", "right", "marks", "marks"]),
    "a spread on a lid": (lambda: on_lid(beside(page(), page())), ["border", "left", "right"]),
}


def steps(grey: Grey) -> list[str]:
    """The steps that a page needed."""
    seen: list[str] = []
    clean(grey, lambda step, _: seen.append(step))
    return seen


@pytest.mark.parametrize("make", UNTOUCHED.values(), ids=UNTOUCHED)
def test_a_page_that_needs_nothing_comes_back_as_the_same_object(make: Make) -> None:
    grey = make()
    before = grey.copy()
    (done,) = clean(grey)
    assert done.grey is grey
    assert np.array_equal(grey, before)
    assert (done.rotation, done.scale, done.moves) == (0.0, 1.0, ())
    assert done.box_as_given(Box(0, 1, 1, 1)) == Box(0, 1, 1, 1)


@pytest.mark.parametrize(("make", "expected"), NEEDED.values(), ids=NEEDED)
def test_a_page_gets_the_steps_that_it_needs_and_no_others(make: Make, expected: list[str]) -> None:
    assert steps(make()) == expected


@pytest.mark.parametrize(
    "name",
    [
        name
        for name in NEEDED
        if name
        not in ("noise", "shade", "grey stains", "the other side shining through", "a spread with a shaded gutter")
    ],
)
def test_a_cleaned_page_needs_nothing_more(name: str) -> None:
    for part in clean(NEEDED[name][0]()):
        assert steps(part.grey) == []


@pytest.mark.parametrize("degrees", [-11.0, -5.5, -3.0, -1.2, 0.8, 2.5, 7.0, 11.0])
def test_a_turned_page_is_turned_back(degrees: float) -> None:
    (done,) = clean(scanned.turned(page(), degrees))
    assert done.rotation == pytest.approx(-degrees, abs=0.15)


def test_noise_is_removed() -> None:
    grey = page()
    (done,) = clean(noisy(grey, 18))
    assert np.mean(done.grey[grey == PAPER] > 240) > 0.9


def test_paper_has_no_grain_and_print_keeps_its_own() -> None:
    grey, grainy = page(), noisy(page(), 2)
    (done,) = clean(grainy)
    far = cv2.erode((grey == PAPER).astype(np.uint8), np.ones((9, 9))) > 0
    assert np.std(done.grey[far]) < 0.1 < np.std(grainy[far])
    assert np.array_equal(done.grey[grey < PAPER - 40], grainy[grey < PAPER - 40])


def test_white_print_on_a_dark_band_stays() -> None:
    grey, band = page(), (slice(400, 520), slice(300, 1200))
    grey[band] = 255 - grey[band]
    grainy = noisy(grey, 2)
    (done,) = clean(grainy)
    light = grainy[band] > 150
    assert np.mean(done.grey[band][light] > 150) > 0.95


def test_faint_print_stays() -> None:
    grey = page()
    (done,) = clean(scanned.faint(grey))
    paper, ink = np.median(done.grey[grey == PAPER]), np.percentile(done.grey[grey < 60], 25)
    assert paper - ink > 30


def test_shade_is_removed() -> None:
    (done,) = clean(shaded(page(), 0.55))
    assert np.percentile(done.grey[:, -40:], 50) > 240


@pytest.mark.parametrize("make", [scanned.photograph, scanned.bled_photograph])
def test_a_photograph_is_neither_turned_nor_bent_nor_split(make: Make) -> None:
    (done,) = clean(make())
    assert (done.rotation, done.scale) == (0.0, 1.0)
    assert set(steps(make())) <= {"border", "light", "marks", "grain"}


def test_print_beside_a_photograph_stays() -> None:
    (done,) = clean(scanned.photograph())
    upper, before = done.grey[: len(done.grey) // 4], scanned.photograph()[: len(done.grey) // 4]
    assert 0.95 < (upper < 100).sum() / (before < 100).sum() < 1.06


def test_nothing_of_the_lid_is_left_and_nothing_of_the_print_is_lost() -> None:
    grey = page()
    (done,) = clean(on_lid(grey))
    assert done.grey.shape == pytest.approx(grey.shape, abs=12)
    assert not (done.grey < (LID + 40) / 2).any()
    assert (done.grey < 100).sum() == pytest.approx((grey < 100).sum(), rel=0.001)


def test_a_slice_of_the_neighbouring_page_is_cut() -> None:
    grey = page()
    both = on_lid(np.hstack([grey, np.full((len(grey), 16), LID, np.uint8), grey[:, 250:420]]))
    (done,) = clean(both)
    assert (done.grey < 100).sum() == pytest.approx((grey < 100).sum(), rel=0.001)


def test_the_pages_of_a_spread_come_one_after_the_other() -> None:
    left, right = page(28, 30), page(28, 22)
    right = np.pad(right, ((0, len(left) - len(right)), (0, 0)), constant_values=PAPER)
    parts = clean(beside(left, right))
    assert [int((part.grey < 100).sum()) for part in parts] == [int((one < 100).sum()) for one in (left, right)]
    assert [part.given_width for part in parts] == [left.shape[1] + right.shape[1]] * 2


def lines_off_level(grey: Grey) -> float:
    """How many rows the left and the right part of a page's lines are apart: the best shift of their profiles."""
    dark = (grey < 128).astype(np.float64)
    width = grey.shape[1]
    left, right = (dark[:, part].sum(axis=1) for part in (slice(width // 6, width // 3), slice(width // 2, None)))
    shifts = range(-30, 31)
    return abs(float(shifts[int(np.argmax([float(left @ np.roll(right, shift)) for shift in shifts]))]))


@pytest.mark.parametrize("bend", [lambda grey: bent(grey, 0.04), lambda grey: bent(grey, -0.03)])
def test_bent_lines_become_straight(bend: Callable[[Grey], Grey]) -> None:
    (done,) = clean(bend(page()))
    assert lines_off_level(done.grey) <= 2 < lines_off_level(bend(page()))


def test_a_page_on_its_side_comes_upright_or_upside_down() -> None:
    grey = page()
    (done,) = clean(np.ascontiguousarray(np.rot90(grey)))
    assert np.array_equal(done.grey, grey) or np.array_equal(done.grey, grey[::-1, ::-1])


def test_tiny_print_is_enlarged() -> None:
    grey = page(12)
    (done,) = clean(grey)
    assert done.scale > 1.4
    assert done.grey.shape[0] == pytest.approx(grey.shape[0] * done.scale, abs=1)
    whole = Box(0, 0, done.grey.shape[1], done.grey.shape[0])
    assert done.box_as_given(whole) == Box(0, 0, grey.shape[1], grey.shape[0])


def test_each_step_can_be_seen(tmp_path: Path) -> None:
    clean(scanned.turned(on_lid(noisy(page(), 18)), 2.0), step_pictures(tmp_path / "p", 3))
    names = ["p-p3-1-border.png", "p-p3-2-noise.png", "p-p3-3-light.png", "p-p3-4-grain.png", "p-p3-5-straight.png"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    assert all(cv2.imread(str(tmp_path / name), cv2.IMREAD_GRAYSCALE) is not None for name in names)


def test_a_page_knows_no_move_of_its_own() -> None:
    assert CleanPage(np.zeros((9, 8), np.uint8), 8, 9).box_as_given(Box(1, 2, 3, 4)) == Box(1, 2, 3, 4)
