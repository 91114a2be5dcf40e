"""Boxes of a clean page lie on the print of the page as given, whatever moves lie between."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.model import Box
from pipeline.scan import CleanPage, Grey, turned
from pipeline.scan.placement import Affine, Bend, Move, drawn, quarter, scaling, shift, traced, turning

WIDTH, HEIGHT = 450, 420

degrees = st.floats(-12, 12)
scales = st.floats(0.6, 3.0)
depths = st.lists(st.floats(-12, 12), min_size=12, max_size=12)


def mark(x: int, y: int, width: int = 24, height: int = 16) -> Grey:
    """A page with a black box on it."""
    grey = np.full((HEIGHT, WIDTH), 255, np.uint8)
    grey[y : y + height, x : x + width] = 0
    return grey


def find_mark(grey: Grey) -> Box:
    """The box of what is darker than half."""
    rows, columns = np.nonzero(grey < 128)
    return Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def made(grey: Grey, turn: float, scale: float, depth: list[float] | None = None) -> CleanPage:
    """A page that was turned and enlarged, and straightened after that if it was bent."""
    affine, width, height = turning(turn, scale, WIDTH, HEIGHT)
    moves: list[Move] = [affine]
    if depth is not None:
        moves.insert(0, Bend(np.reshape(depth, (3, 4)), width, height))
    return CleanPage(grey, WIDTH, HEIGHT).moved(drawn(grey, moves, width, height), moves, turn, scale)


def middle(box: Box) -> tuple[float, float]:
    """The middle of a box."""
    return (box.left + box.right) / 2, (box.top + box.bottom) / 2


@settings(max_examples=60, deadline=None)
@given(x=st.integers(60, 360), y=st.integers(60, 340), turn=degrees, scale=scales)
def test_boxes_of_a_turned_page_are_where_the_print_was(x: int, y: int, turn: float, scale: float) -> None:
    page = made(mark(x, y), turn, scale)
    back = page.box_as_given(find_mark(page.grey))
    assert middle(back) == pytest.approx((x + 12, y + 8), abs=1.5)


@settings(max_examples=60, deadline=None)
@given(x=st.integers(60, 360), y=st.integers(60, 340), turn=degrees, scale=scales, depth=depths)
def test_boxes_of_a_straightened_page_are_where_the_print_was(
    x: int, y: int, turn: float, scale: float, depth: list[float]
) -> None:
    page = made(mark(x, y), turn, scale, depth)
    back = page.box_as_given(find_mark(page.grey))
    assert middle(back) == pytest.approx((x + 12, y + 8), abs=2.0)


@settings(max_examples=60, deadline=None)
@given(x=st.integers(60, 360), y=st.integers(60, 340), turn=degrees, scale=scales, depth=depths)
def test_every_corner_of_a_word_is_where_it_was(x: int, y: int, turn: float, scale: float, depth: list[float]) -> None:
    page = made(mark(x, y, 4, 4), turn, scale, depth)
    found = find_mark(page.grey)
    corners = page.polygon_as_given(found)
    assert np.mean(corners, axis=0) == pytest.approx((x + 2, y + 2), abs=1.5)
    assert all(np.hypot(left - x - 2, top - y - 2) < 8 for left, top in corners)


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 4])
def test_quarter_turns_lead_back_exactly(turns: int) -> None:
    page = turned(CleanPage(mark(70, 110), WIDTH, HEIGHT), turns)
    assert np.array_equal(page.grey, np.rot90(mark(70, 110), turns))
    assert page.box_as_given(find_mark(page.grey)) == Box(70, 110, 94, 126)
    assert page.rotation == 90.0 * (turns % 4)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_the_corners_go_round_with_a_quarter_turn(turns: int) -> None:
    page = turned(CleanPage(mark(70, 110), WIDTH, HEIGHT), turns)
    left_top = page.polygon_as_given(find_mark(page.grey))[0]
    assert left_top == {1: (94.0, 110.0), 2: (94.0, 126.0), 3: (70.0, 126.0)}[turns]


@given(x=st.integers(0, 300), y=st.integers(0, 300))
def test_a_page_cut_out_leads_back_exactly(x: int, y: int) -> None:
    page = CleanPage(mark(x, y), WIDTH, HEIGHT).moved(mark(0, 0), [shift(x, y)])
    assert page.box_as_given(Box(0, 0, 24, 16)) == Box(x, y, x + 24, y + 16)


def test_moves_that_follow_each_other_lead_all_the_way_back() -> None:
    page = turned(CleanPage(mark(200, 150), WIDTH, HEIGHT), 2)
    half = cv2.resize(page.grey, (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA)
    page = page.moved(np.asarray(half, np.uint8), [scaling(2.0, 2.0)], scale=0.5)
    page = page.moved(page.grey[20:, 30:], [shift(30, 20)])
    assert len(page.moves) == 1
    assert page.box_as_given(find_mark(page.grey)) == Box(200, 150, 224, 166)


@settings(max_examples=40, deadline=None)
@given(turn=degrees, scale=scales, depth=depths)
def test_boxes_stay_on_the_page(turn: float, scale: float, depth: list[float]) -> None:
    page = made(np.full((HEIGHT, WIDTH), 255, np.uint8), turn, scale, depth)
    height, width = page.grey.shape
    corners = [Box(0, 0, 5, 5), Box(width - 5, height - 5, width, height)]
    for box in [*corners, Box(0, 0, width, height), Box(-50, -50, 999, 999)]:
        back = page.box_as_given(box)
        assert 0 <= back.left <= back.right <= WIDTH
        assert 0 <= back.top <= back.bottom <= HEIGHT


@pytest.mark.parametrize("turn", [-12.0, -5.0, 5.0, 12.0])
def test_nothing_is_cut_off(turn: float) -> None:
    grey = np.full((HEIGHT, WIDTH), 255, np.uint8)
    grey[:4, :4] = grey[:4, -4:] = grey[-4:, :4] = grey[-4:, -4:] = 0
    assert int((made(grey, turn, 1.0).grey < 128).sum()) == pytest.approx(64, abs=16)


@settings(max_examples=60, deadline=None)
@given(turn=degrees, scale=scales, x=st.floats(0, WIDTH), y=st.floats(0, HEIGHT))
def test_a_move_can_be_undone(turn: float, scale: float, x: float, y: float) -> None:
    affine, _, _ = turning(turn, scale, WIDTH, HEIGHT)
    place = np.array([[x, y]])
    assert affine.undone(affine(place)) == pytest.approx(place, abs=1e-6)
    assert traced([affine, quarter(1, 9, 8)], place) == pytest.approx(affine.then(quarter(1, 9, 8))(place), abs=1e-6)


def test_a_net_that_is_not_bent_moves_nothing() -> None:
    places = np.array([[0.0, 0.0], [3.5, 8.25], [99.0, 49.0]])
    assert np.array_equal(Bend(np.zeros((3, 4)), 100, 50)(places), places)


def test_between_knots_a_net_is_straight() -> None:
    bend = Bend(np.array([[0.0, 4.0], [0.0, 4.0]]), 100, 50)
    assert bend(np.array([[25.0, 10.0]])) == pytest.approx(np.array([[25.0, 11.0]]))
    assert Affine(np.eye(2, 3))(np.array([[25.0, 10.0]])) == pytest.approx(np.array([[25.0, 10.0]]))
