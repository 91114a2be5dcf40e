"""Pages as scanners and cameras bring them: rendered pages, worn by augraphy and by the warps of this file.

augraphy (Augraphy Project, MIT) is no part of Pravka; pages of the kinds that need it are left out where it is missing.
"""

import sys
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "samples")]

from make import Block, Source, sheets_of, source_of  # noqa: E402

Grey = npt.NDArray[np.uint8]
Wear = Callable[[Grey], Grey]

SAMPLES: Final = ("page-1", "page-2", "page-4", "abstract")
PAPER: Final = 235  # grey level of the paper of warped pages
LID: Final = 25  # grey level of what is beside the paper


@dataclass(frozen=True)
class Printed:
    """A rendered page (height x width) and the text printed on it."""

    grey: Grey
    truth: str


@dataclass(frozen=True)
class Scan:
    """A page as a scanner or camera brought it, its kind, and the text printed on it."""

    kind: str
    name: str
    grey: Grey
    truth: str


@cache
def printed(name: str, dpi: int = 300) -> Printed:
    """Render a page of samples/sources at a resolution."""
    return rendered(source(name), dpi)


def source(name: str) -> Source:
    """Return the source of a page of samples/sources."""
    return source_of(ROOT / "samples" / "sources" / f"{name}.txt")


def rendered(page: Source, dpi: int) -> Printed:
    """Render the first page of a source at a resolution."""
    sheet = sheets_of(replace(page, settings={**page.settings, "dpi": str(dpi)}))[0]
    return Printed(np.asarray(sheet.image, np.uint8), "\n".join(line.text for line in sheet.printed))


# ---------------------------------------------------------------- warps of our own


def toned(grey: Grey) -> Grey:
    """Return the page as dark grey ink on paper that is not quite white, a little blurred."""
    soft = cv2.GaussianBlur(grey, (0, 0), 0.6).astype(np.float32)
    return np.asarray(40 + soft / 255 * (PAPER - 40), np.uint8)


def warped(grey: Grey, x: npt.NDArray[np.float32], y: npt.NDArray[np.float32], beside: int) -> Grey:
    """Return the picture whose pixels come from the places `x`, `y` (height x width) of the page."""
    done = cv2.remap(grey, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=(float(beside),))
    return np.asarray(done, np.uint8)


def places(grey: Grey) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return the columns and rows of a page's pixels (height x width each)."""
    height, width = grey.shape
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    return x, y


def turned(degrees: float) -> Wear:
    """Turn a page by degrees counter-clockwise, nothing cut off."""

    def wear(grey: Grey) -> Grey:
        height, width = grey.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
        size = np.ceil(np.abs(turn[:, :2]) @ (width, height)).astype(int)
        turn[:, 2] += (size - (width, height)) / 2
        done = cv2.warpAffine(toned(grey), turn, size.tolist(), flags=cv2.INTER_CUBIC, borderValue=(PAPER,))
        return np.asarray(done, np.uint8)

    return wear


def fanned(first: float, last: float) -> Wear:
    """Let the lines lean by `first` degrees at the top and by `last` at the bottom."""

    def wear(grey: Grey) -> Grey:
        x, y = places(grey)
        height, width = grey.shape
        lean = np.tan(np.deg2rad(first + (last - first) * y / height))
        return warped(toned(grey), x, (y + (x - width / 2) * lean).astype(np.float32), PAPER)

    return wear


def curled(depth: float, shade: float = 0.0) -> Wear:
    """Let the lines sink towards the gutter at the left by `depth` of the width, where it is darker by `shade`."""

    def wear(grey: Grey) -> Grey:
        x, y = places(grey)
        width = grey.shape[1]
        near = np.exp(-x / (0.22 * width))
        done = warped(toned(grey), x - 0.35 * depth * width * near, (y - depth * width * near), PAPER)
        return np.asarray(done * (1 - shade * near), np.uint8)

    return wear


def photographed(grey: Grey) -> Grey:
    """Return the page as a camera held at a slant sees it: perspective, a bulging page, light from one side."""
    height, width = grey.shape
    x, y = places(grey)
    bulge = 0.012 * width * np.sin(np.pi * x / width * 1.4)
    page = warped(toned(grey), x, (y + bulge).astype(np.float32), PAPER)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = corners * (0.86, 0.9) + np.array([[70, 120], [0, 40], [110, 60], [20, 150]])
    view = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    photo = cv2.warpPerspective(page, view, (width, height), flags=cv2.INTER_CUBIC, borderValue=(70,))
    light = np.linspace(1.0, 0.72, width)[None, :] * np.linspace(0.94, 1.0, height)[:, None]
    return np.asarray(photo * light, np.uint8)


def bordered(grey: Grey) -> Grey:
    """Return the page on the black lid of a scanner, with a slice of the neighbouring page at the right."""
    height, width = grey.shape
    neighbour = toned(printed("page-2").grey)
    slice_ = neighbour[: height - 60, int(neighbour.shape[1] * 0.1) :][:, : width // 9]
    lid = np.full((height + 220, width + slice_.shape[1] + 260), LID, np.uint8)
    lid[100 : 100 + height, 120 : 120 + width] = toned(grey)
    left = 120 + width + 18
    lid[120 : 120 + slice_.shape[0], left : left + slice_.shape[1]] = slice_
    return speckled(lid, 4)


def lidded(grey: Grey) -> Grey:
    """Return the page on the black lid of a scanner, put down a little askew."""
    height, width = grey.shape
    lid = np.full((height + 240, width + 260), LID, np.uint8)
    lid[120 : 120 + height, 130 : 130 + width] = toned(grey)
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 1.3, 1.0)
    done = cv2.warpAffine(lid, turn, lid.shape[::-1], flags=cv2.INTER_CUBIC, borderValue=(LID,))
    return speckled(np.asarray(done, np.uint8), 4)


def speckled(grey: Grey, noise: float) -> Grey:
    """Return the page with the grain of a sensor, always the same."""
    grain = np.random.default_rng(7).normal(0, noise, grey.shape)
    return np.asarray(np.clip(grey + grain, 0, 255), np.uint8)


def spread(left: str, right: str, shade: float) -> Printed:
    """Return two pages beside each other, the gutter between them darker by `shade`."""
    pages = [printed(left), printed(right)]
    height = max(page.grey.shape[0] for page in pages)
    whole = np.hstack([filled(toned(page.grey), height) for page in pages])
    x = np.abs(np.arange(whole.shape[1]) - pages[0].grey.shape[1])
    near = np.exp(-x / (0.02 * whole.shape[1]))
    return Printed(np.asarray(whole * (1 - shade * near), np.uint8), "\n".join(page.truth for page in pages))


def in_columns(name: str) -> Printed:
    """Render a page of samples/sources in two justified columns: lines of few words with wide spaces."""
    page = source(name)
    blocks = (block for block in page.pages[0] if block.kind != "columns")
    return rendered(replace(page, pages=((Block("columns", "2"), *blocks),)), 300)


def filled(grey: Grey, height: int) -> Grey:
    """Return the page with paper below it up to a height."""
    return np.asarray(np.pad(grey, ((0, height - grey.shape[0]), (0, 0)), constant_values=PAPER), np.uint8)


def shown_through(grey: Grey) -> Grey:
    """Return the page with the print of its other side, mirrored and soft, shining through."""
    back = cv2.resize(printed("page-2").grey[:, ::-1], grey.shape[::-1])
    soft = cv2.GaussianBlur(back, (0, 0), 1.6).astype(np.float32) / 255
    return speckled(np.asarray(toned(grey) * (0.72 + 0.28 * soft), np.uint8), 3)


def faint(grey: Grey) -> Grey:
    """Return the page in faded ink on dark paper."""
    return speckled(np.asarray(140 + cv2.GaussianBlur(grey, (0, 0), 0.8) / 255.0 * 50, np.uint8), 4)


def jpeg(quality: int) -> Wear:
    """Compress a page as JPEG of this quality."""

    def wear(grey: Grey) -> Grey:
        packed = cv2.imencode(".jpg", toned(grey), [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_GRAYSCALE), np.uint8)

    return wear


def bitonal(grey: Grey) -> Grey:
    """Return the page in black and white."""
    return np.asarray(np.where(toned(grey) < 150, 0, 255), np.uint8)


def as_it_is(grey: Grey) -> Grey:
    """Return the page as it was rendered."""
    return grey


def sideways(grey: Grey) -> Grey:
    """Return the page lying on its left side."""
    return np.ascontiguousarray(np.rot90(toned(grey)))


# ---------------------------------------------------------------- augraphy


def augmented(*names_and_settings: tuple[str, Mapping[str, Any]]) -> Wear:
    """Return what applies augmentations of augraphy, by name with their settings, in order; always the same way."""

    def wear(grey: Grey) -> Grey:
        import random

        import augraphy

        for name, settings in names_and_settings:
            seed = zlib.crc32(name.encode())
            random.seed(seed)
            np.random.seed(seed)
            cv2.setRNGSeed(seed % 2**31)
            colour = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
            done = getattr(augraphy, name)(p=1, **settings)(colour)
            grey = np.asarray(done if done.ndim == 2 else cv2.cvtColor(done[..., :3], cv2.COLOR_BGR2GRAY), np.uint8)
        return grey

    return wear


SHADOW: Final = ("ShadowCast", {"shadow_opacity_range": (0.5, 0.6), "shadow_iterations_range": (2, 2)})
LIGHT: Final = ("LightingGradient", {"mode": "linear", "min_brightness": 40, "numba_jit": 0, "direction": 60,
                                     "light_position": (300, 300), "transparency": 0.5})  # fmt: skip
GRAIN: Final = ("NoiseTexturize", {"sigma_range": (10, 12), "turbulence_range": (3, 4)})
FINE: Final = ("SubtleNoise", {"subtle_range": 45})
BLEED: Final = ("BleedThrough", {"intensity_range": (0.4, 0.5), "alpha": 0.35, "offsets": (20, 20)})
COPY: Final = ("BadPhotoCopy", {"noise_type": 2, "noise_value": (64, 140), "noise_sparsity": (0.3, 0.4),
                                "noise_concentration": (0.2, 0.3), "numba_jit": 0, "blur_noise": 1})  # fmt: skip
DRUM: Final = ("DirtyDrum", {"line_concentration": 0.05, "noise_value": (60, 120), "direction": 0})
YELLOW: Final = ("ColorPaper", {"hue_range": (20, 24), "saturation_range": (110, 120)})
TEXTURE: Final = ("BrightnessTexturize", {"texturize_range": (0.75, 0.9), "deviation": 0.15})
STAINS: Final = ("Stains", {"stains_type": "rough_stains", "stains_blend_alpha": 0.4})
INK: Final = ("InkBleed", {"intensity_range": (0.6, 0.7), "severity": (0.5, 0.6)})
WORN_TYPE: Final = ("Letterpress", {"n_samples": (100, 300), "n_clusters": (200, 400), "value_range": (200, 255)})
PACKED: Final = ("Jpeg", {"quality_range": (35, 36)})

# Kinds: the resolution, and what makes the scan of the rendered page.
OWN: Final[Mapping[str, tuple[int, Wear]]] = {
    "clean, 150 dpi": (150, toned),
    "clean, 200 dpi": (200, toned),
    "clean, 300 dpi": (300, as_it_is),
    "clean, 600 dpi": (600, toned),
    "black and white": (300, bitonal),
    "JPEG of quality 15": (200, jpeg(15)),
    "faint": (300, faint),
    "the back shining through": (300, shown_through),
    "black lid, neighbouring page": (300, bordered),
    "black lid, askew": (300, lidded),
    "turned by 2 degrees": (300, turned(2.0)),
    "turned by 9 degrees": (300, turned(-9.0)),
    "slope changing by 4 degrees": (300, fanned(-1.5, 2.5)),
    "curled": (300, curled(0.035, 0.5)),
    "photographed": (300, photographed),
    "on its side": (300, sideways),
}
AUGRAPHY: Final[Mapping[str, tuple[int, Wear]]] = {
    "shadow, noise (augraphy)": (200, augmented(SHADOW, FINE, PACKED)),
    "light from a side, grain (augraphy)": (200, augmented(LIGHT, GRAIN, PACKED)),
    "strong grain, low resolution (augraphy)": (150, augmented(FINE, GRAIN, PACKED)),
    "bleed-through, yellowed (augraphy)": (300, augmented(BLEED, YELLOW, TEXTURE)),
    "bad photocopy (augraphy)": (300, augmented(COPY)),
    "stains, dirty drum (augraphy)": (300, augmented(STAINS, DRUM)),
    "spread ink, worn type (augraphy)": (300, augmented(INK, WORN_TYPE, TEXTURE)),
}


def scans(kinds: Mapping[str, tuple[int, Wear]]) -> list[Scan]:
    """Return a scan of two rendered pages for each kind."""
    made = []
    for number, (kind, (dpi, wear)) in enumerate(kinds.items()):
        for name in (SAMPLES[number % 4], SAMPLES[(number + 1) % 4]):
            page = printed(name, dpi)
            made.append(Scan(kind, name, wear(page.grey), page.truth))
    return made


def spreads() -> list[Scan]:
    """Return scans of two pages beside each other, with a shaded gutter and with a plain one."""
    pairs = {"spread, shaded gutter": ("page-1", "page-2", 0.6), "spread, plain": ("page-4", "page-1", 0.0)}
    return [Scan(kind, pair[0], page.grey, page.truth) for kind, pair in pairs.items() for page in (spread(*pair),)]


def columned() -> list[Scan]:
    """Return scans of pages in two columns with the grain of a sensor that nobody sees."""
    pages = {name: in_columns(name) for name in SAMPLES if name.startswith("page")}
    return [
        Scan("two columns, fine grain", name, speckled(toned(page.grey), 4), page.truth) for name, page in pages.items()
    ]
