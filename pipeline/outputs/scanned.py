"""Makes a PDF of the pages of an image file, each picture as it is stored: the same bytes where PDF has their format.

JPEG stays as it is, PNG and TIFF of fax group 4 keep their compressed data; all else is packed without loss.
"""

import io
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from pipeline.source import (
    PLAIN_RESOLUTION,
    Limits,
    Source,
    blamed_on,
    frames_of,
    opened_image,
    orientation_of,
    page,
    upright,
)

if TYPE_CHECKING:
    from PIL.Image import Image

    Resolution = tuple[float, float]

# Orientation tag -> degrees clockwise that turn the picture upright; those that mirror it are not among them.
ROTATE: Final = {1: 0, 3: 180, 6: 90, 8: 270}
STORED: Final = ("JPEG", "MPO", "PNG")  # formats whose orientation Pillow leaves to us
PLAIN_MODES: Final = ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")  # Pillow's, that PNG has too
POINTS: Final = 72  # an inch


def pdf_of_image(source: Source, limits: Limits) -> bytes:
    """Return a PDF of the pages of an image file, of the size that its resolution says. Raises UnreadableInput."""
    with blamed_on(source.path, "scan"):
        frames = frames_of(source.path, limits)
        with opened_image(source.path) as image:
            resolutions = [resolution(image, frame) for frame in range(max(frames) + 1)]
            rotate = rotation(image)
        if rotate is not None:
            with suppress(Exception):  # img2pdf refuses what it cannot keep as it is, by errors of any class
                made = as_stored(source.path.read_bytes(), resolutions, several=len(frames) > 1)
                return chosen(made, frames, rotate)
        return packed(source, frames, resolutions, limits)


def rotation(image: "Image") -> int | None:
    """Return by how many degrees clockwise the picture is to be turned when it is shown, None if that is not enough."""
    orientation = orientation_of(image)
    if image.format in STORED:
        return ROTATE.get(orientation, None if orientation in (2, 4, 5, 7) else 0)
    return 0 if orientation == 1 or image.format != "TIFF" else None


def resolution(image: "Image", frame: int) -> "Resolution":
    """Return the resolution of a frame across and down in dpi, as a scan usually has where it states none of sense."""
    with suppress(Exception):  # nothing stated, 1/0, text where numbers belong, no such frame
        image.seek(frame)
        across, down = map(float, image.info["dpi"])
        if 1 <= across <= 10_000 and 1 <= down <= 10_000:
            return across, down
    return PLAIN_RESOLUTION, PLAIN_RESOLUTION


def as_stored(data: bytes, resolutions: list["Resolution"], several: bool) -> bytes:
    """Return a PDF of the frames of an image file, of these resolutions. Raises whatever img2pdf raises."""
    import img2pdf

    following: Iterator[Resolution] = iter(resolutions)

    def layout(width: int, height: int, _: Any) -> tuple[float, float, float, float]:
        """Return the sizes of a page and of the picture on it, in points."""
        across, down = next(following, (PLAIN_RESOLUTION, PLAIN_RESOLUTION))
        size = (width * POINTS / across, height * POINTS / down)
        return *size, *size

    return bytes(
        img2pdf.convert(
            data,
            layout_fun=layout,
            nodate=True,
            rotation=img2pdf.Rotation.none,
            first_frame_only=not several,
            include_thumbnails=True,
        )
    )


def chosen(data: bytes, frames: tuple[int, ...], rotate: int) -> bytes:
    """Return a PDF of only these pages of another, all to be turned so when they are shown."""
    from pikepdf import Pdf

    with Pdf.open(io.BytesIO(data)) as pdf:
        for number in reversed(range(len(pdf.pages))):
            if number not in frames:
                del pdf.pages[number]
        if len(pdf.pages) != len(frames):
            raise ValueError("frames are missing")
        for one in pdf.pages if rotate else ():
            one.rotate(rotate, relative=False)
        return saved(pdf)


def packed(source: Source, frames: tuple[int, ...], resolutions: list["Resolution"], limits: Limits) -> bytes:
    """Return a PDF of the pages of an image file, decoded, turned upright and packed without loss."""
    from pikepdf import Pdf

    with Pdf.new() as pdf:
        for number, frame in enumerate(frames, start=1):
            one = as_stored(upright_png(source, number, frame, limits), [resolutions[frame]], several=False)
            with Pdf.open(io.BytesIO(one)) as own:
                pdf.pages.extend(own.pages)
        return saved(pdf)


def upright_png(source: Source, number: int, frame: int, limits: Limits) -> bytes:
    """Return a page as PNG: in its colours, or grey where PNG does not have its mode."""
    from PIL import Image

    with opened_image(source.path) as image:
        image.seek(frame)
        picture = upright(image, orientation_of(image))
        if picture.mode in ("CMYK", "YCbCr"):
            picture = picture.convert("RGB")
        if picture.mode not in PLAIN_MODES:
            picture = Image.fromarray(page(source, number, limits).grey)
        target = io.BytesIO()
        picture.save(target, "PNG")
    return target.getvalue()


def saved(pdf: Any) -> bytes:
    """Return the bytes of a PDF (pikepdf's Pdf)."""
    target = io.BytesIO()
    pdf.save(target, compress_streams=False)
    return target.getvalue()
