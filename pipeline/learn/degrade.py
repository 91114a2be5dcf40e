"""Makes a clean picture of print look like a scan: blur, noise, thick or thin ink, uneven light, skew, JPEG."""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Wear:
    """How worn a page is. Lengths in pixels of the degraded picture, grey levels of 255, angles in degrees."""

    blur: float = 0.0
    noise: float = 0.0
    ink: int = 0
    contrast: float = 1.0
    shade: float = 0.0
    skew: float = 0.0
    jpeg: int = 0
    bitonal: bool = False


def random_wear(random: np.random.Generator) -> Wear:
    """Return the wear of a usual scan: mostly light, now and then heavy; never skewed, so that boxes stay right."""
    heavy = random.random() < 0.3
    return Wear(
        blur=float(random.uniform(0.0, 1.0 if heavy else 0.6)),
        noise=float(random.uniform(4, 18) if heavy else random.uniform(0, 6)),
        ink=int(random.choice([-1, 0, 0, 0, 0, 1])) if heavy else 0,
        contrast=float(random.uniform(0.6, 1.0)),
        jpeg=int(random.integers(35, 95)),
        bitonal=bool(random.random() < 0.2),
    )


def with_ink(grey: Grey, wear: Wear) -> Grey:
    """Thicken (ink > 0) or thin (ink < 0) the strokes by one pixel, blended by half."""
    kernel = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    changed = cv2.erode(grey, kernel) if wear.ink > 0 else cv2.dilate(grey, kernel)
    return np.asarray(cv2.addWeighted(grey, 0.5, changed, 0.5, 0), dtype=np.uint8)


def shading(shape: tuple[int, ...], depth: float, random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Return a smooth field of light, from 1 - depth to 1."""
    coarse = random.uniform(0, 1, size=(4, 3)).astype(np.float32)
    field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(1.0 - depth * np.clip(field, 0, 1), dtype=np.float32)


def skewed(grey: Grey, degrees: float) -> Grey:
    """Turn the picture about its centre, white paper coming in at the corners."""
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(grey, turn, (width, height), flags=cv2.INTER_CUBIC, borderValue=(255,)), np.uint8)


def compressed(grey: Grey, quality: int) -> Grey:
    """Return the picture after a round of JPEG."""
    return np.asarray(cv2.imdecode(cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], 0), np.uint8)


def degrade(grey: Grey, wear: Wear, random: np.random.Generator) -> Grey:
    """Return the page as a worn scan of it would be; the same size, the same `random` state gives the same bytes."""
    if wear.ink:
        grey = with_ink(grey, wear)
    if wear.skew:
        grey = skewed(grey, wear.skew)
    if wear.blur:
        grey = np.asarray(cv2.GaussianBlur(grey, (0, 0), wear.blur), np.uint8)
    light = 255.0 - (255.0 - grey.astype(np.float32)) * wear.contrast
    if wear.shade:
        light *= shading(grey.shape, wear.shade, random)
    if wear.noise:
        light += random.normal(0, wear.noise, grey.shape).astype(np.float32)
    worn = np.clip(light, 0, 255).astype(np.uint8)
    if wear.bitonal:
        worn = np.asarray(cv2.threshold(worn, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1], np.uint8)
    return compressed(worn, wear.jpeg) if wear.jpeg and not wear.bitonal else worn
