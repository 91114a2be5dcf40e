import cv2
import numpy as np
import pytest
from PIL import ImageFont

from pipeline.learn.render import draw_lines, installed_fonts
from pipeline.model import Box
from pipeline.scan import SMALLEST, CleanPage, Grey, clean, placed

LINES = [f"Комиссия проверила склады и мельницы района {number}, а отчет о том отослала" for number in range(1, 15)]


def font(size: int) -> ImageFont.FreeTypeFont:
    path = installed_fonts().get("DejaVuSerif.ttf") or installed_fonts().get("LiberationSerif-Regular.ttf")
    if path is None:
        pytest.skip("neither fonts-dejavu nor fonts-liberation is installed")
    return ImageFont.truetype(path, size)


def printed(size: int = 34) -> Grey:
    return np.asarray(draw_lines(LINES, font(size))[0], np.uint8).copy()


def turned(page: Grey, degrees: float) -> Grey:
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    done = cv2.warpAffine(page, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255.0,))
    return np.asarray(done, np.uint8)


def test_a_clean_page_comes_back_as_the_same_object() -> None:
    page = printed()
    before = page.copy()
    (done,) = clean(page)
    assert done.grey is page
    assert np.array_equal(page, before)
    assert (done.rotation, done.scale, done.given_width, done.given_height) == (0.0, 1.0, page.shape[1], page.shape[0])
    assert done.box_as_given(Box(3, 5, 70, 11)) == Box(3, 5, 70, 11)


@pytest.mark.parametrize("level", [255, 230, 128, 0])
def test_a_blank_page_stays_as_it_is(level: int) -> None:
    page = np.full((600, 400), level, np.uint8)
    assert clean(page)[0].grey is page


@pytest.mark.parametrize("shape", [(1, 1), (SMALLEST - 1, 500), (500, SMALLEST - 1), (SMALLEST, SMALLEST)])
def test_tiny_pictures_pass(shape: tuple[int, int]) -> None:
    page = np.full(shape, 255, np.uint8)
    assert clean(page)[0].grey is page


@pytest.mark.parametrize("degrees", [-3.0, -1.2, 0.8, 2.5])
def test_a_turned_page_is_turned_back(degrees: float) -> None:
    (done,) = clean(turned(printed(), degrees))
    assert done.rotation == pytest.approx(-degrees, abs=0.25)


def test_small_print_is_enlarged() -> None:
    page = printed(18)
    (done,) = clean(page)
    assert done.scale > 1.5
    assert done.grey.shape[0] == pytest.approx(page.shape[0] * done.scale, abs=1)
    whole = Box(0, 0, done.grey.shape[1], done.grey.shape[0])
    assert done.box_as_given(whole) == Box(0, 0, page.shape[1], page.shape[0])


def test_noise_is_removed() -> None:
    page = printed()
    noise = np.random.default_rng(5).normal(0, 18, page.shape)
    (done,) = clean(np.asarray(np.clip(page + noise, 0, 255), np.uint8))
    paper = done.grey[page == 255]
    assert np.mean(paper > 245) > 0.9


def test_shade_is_removed() -> None:
    page = printed()
    shade = np.linspace(1.0, 0.55, page.shape[1])[None, :]
    (done,) = clean(np.asarray(page * shade, np.uint8))
    assert np.percentile(done.grey[:, -40:], 50) > 240


def find_mark(grey: Grey) -> Box:
    """The box of what is darker than half."""
    rows, columns = np.nonzero(grey < 128)
    return Box(int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


@pytest.mark.parametrize("scale", [1.0, 1.7, 3.0])
@pytest.mark.parametrize("rotation", [-4.0, -0.7, 0.5, 3.3])
@pytest.mark.parametrize("at", [(60, 40), (300, 350), (390, 120)])
def test_boxes_of_a_turned_page_are_where_the_print_was(at: tuple[int, int], rotation: float, scale: float) -> None:
    x, y = at
    page = np.full((420, 450), 255, np.uint8)
    page[y : y + 16, x : x + 24] = 0
    done = placed(page, rotation, scale)
    back = done.box_as_given(find_mark(done.grey))
    assert ((back.left + back.right) / 2, (back.top + back.bottom) / 2) == pytest.approx((x + 12, y + 8), abs=1.5)
    assert (back.right - back.left, back.bottom - back.top) == pytest.approx((24, 16), abs=4)


def test_boxes_stay_on_the_page() -> None:
    done = placed(np.full((100, 200), 255, np.uint8), 4.0, 2.0)
    height, width = done.grey.shape
    corners = [Box(0, 0, 5, 5), Box(width - 5, height - 5, width, height)]
    for box in [*corners, Box(0, 0, width, height), Box(-50, -50, 999, 999)]:
        back = done.box_as_given(box)
        assert 0 <= back.left <= back.right <= 200
        assert 0 <= back.top <= back.bottom <= 100


def test_nothing_is_cut_off() -> None:
    page = np.full((200, 300), 255, np.uint8)
    page[:4, :4] = page[:4, -4:] = page[-4:, :4] = page[-4:, -4:] = 0
    for rotation in (-5.0, 5.0):
        done = placed(page, rotation, 1.0)
        assert int((done.grey < 128).sum()) == pytest.approx(64, abs=16)


def test_a_page_knows_no_move_of_its_own() -> None:
    assert CleanPage(np.zeros((9, 8), np.uint8), 8, 9).box_as_given(Box(1, 2, 3, 4)) == Box(1, 2, 3, 4)
