import hashlib
import io
import os
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from pipeline import source as opening
from pipeline.errors import NothingToDo, UnreadableInput, UsageError
from pipeline.source import (
    Limits,
    PageImage,
    Source,
    find_documents,
    open_text,
    page,
    page_count,
    pages,
    read_text,
    sha256_of,
    shown,
)

DARK, LIGHT = 40, 200
WIDTH, HEIGHT = 48, 32  # of the test picture: dark in its upper left quarter, light elsewhere


def picture(mode: str = "L") -> Image.Image:
    grey = np.full((HEIGHT, WIDTH), LIGHT, np.uint8)
    grey[: HEIGHT // 2, : WIDTH // 2] = DARK
    return Image.fromarray(grey).convert(mode)


def saved(path: Path, image: Image.Image, **options: Any) -> Source:
    image.save(path, **options)
    return Source(path, Path(path.name), "pdf" if path.suffix == ".pdf" else "image")


def only(found: Source, limits: Limits = opening.DEFAULT_LIMITS) -> PageImage:
    (seen,) = pages(found, limits)
    return seen


def corners(grey: np.ndarray[Any, Any]) -> list[int]:
    """The grey levels well inside the four quarters: upper left, upper right, lower left, lower right."""
    height, width = grey.shape
    return [int(grey[y, x]) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]


# ---------------------------------------------------------------- images


def sixteen_bits() -> Image.Image:
    return Image.fromarray(np.asarray(picture()).astype(np.uint16) * 257)


def palette_with_alpha() -> Image.Image:
    image = Image.fromarray((np.asarray(picture()) == DARK).astype(np.uint8)).convert("P")
    image.putpalette([0, 0, 0, DARK, DARK, DARK])
    image.info["transparency"] = bytes([0, 255])  # the light part is transparent black
    return image


def half_transparent(mode: str) -> Image.Image:
    image = picture(mode)
    image.putalpha(Image.fromarray(np.where(np.asarray(picture()) == DARK, 255, 0).astype(np.uint8)))
    return image


def sixteen_bit_colours(path: Path) -> Source:
    """Save a picture as Pillow cannot: in 16 bits of each colour."""
    deep = np.asarray(sixteen_bits())
    assert cv2.imwrite(str(path), np.dstack([deep] * 3))
    return Source(path, Path(path.name), "image")


def floats(top: float) -> Image.Image:
    return Image.fromarray((np.asarray(picture()) / 255 * top).astype(np.float32))


DECODED: Final[dict[str, tuple[str, Callable[[], Image.Image], int]]] = {
    "grey png": ("a.png", picture, LIGHT),
    "colour png": ("a.png", lambda: picture("RGB"), LIGHT),
    "colour jpeg": ("a.jpg", lambda: picture("RGB"), LIGHT),
    "cmyk jpeg": ("a.jpg", lambda: picture("CMYK"), LIGHT),
    "cmyk tiff": ("a.tif", lambda: picture("CMYK"), LIGHT),
    "lab tiff": ("a.tif", lambda: Image.merge("LAB", [picture()] * 3), LIGHT),
    "16-bit png": ("a.png", sixteen_bits, LIGHT),
    "16-bit tiff": ("a.tif", sixteen_bits, LIGHT),
    "16-bit pgm": ("a.pgm", sixteen_bits, LIGHT),
    "32-bit tiff": ("a.tif", lambda: Image.fromarray(np.asarray(picture()).astype(np.int32) * 257), LIGHT),
    "float tiff, 0 to 1": ("a.tif", lambda: floats(1.0), LIGHT),
    "float tiff, 0 to 255": ("a.tif", lambda: floats(255.0), LIGHT),
    "ycbcr tiff": ("a.tif", lambda: picture("YCbCr"), LIGHT),
    "tiff with alpha": ("a.tif", lambda: half_transparent("L"), 255),
    "16-bit big-endian tiff": ("a.tif", lambda: Image.fromarray(np.asarray(sixteen_bits()).astype(">u2")), LIGHT),
    "palette tiff": ("a.tif", lambda: picture("P"), LIGHT),
    "palette": ("a.png", lambda: picture("P"), LIGHT),
    "palette with alpha": ("a.png", palette_with_alpha, 255),
    "grey with alpha": ("a.png", lambda: half_transparent("L"), 255),
    "colour with alpha": ("a.png", lambda: half_transparent("RGB"), 255),
    "webp with alpha": ("a.webp", lambda: half_transparent("RGB"), 255),
    "webp": ("a.WEBP", lambda: picture("RGB"), LIGHT),
    "bmp": ("a.bmp", picture, LIGHT),
    "ppm": ("a.ppm", lambda: picture("RGB"), LIGHT),
}


@pytest.mark.parametrize("case", DECODED)
def test_every_kind_of_pixel_becomes_the_same_grey(case: str, tmp_path: Path) -> None:
    name, make, light = DECODED[case]
    options = {"lossless": True} if "webp" in name.lower() else {}
    seen = only(saved(tmp_path / name, make(), **options))
    assert seen.grey.dtype == np.uint8
    assert seen.grey.flags.writeable
    assert (seen.number, seen.width, seen.height, seen.turned) == (1, WIDTH, HEIGHT, 0)
    assert corners(seen.grey) == pytest.approx([DARK, light, light, light], abs=3)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.ppm"])
def test_deep_colours_become_the_same_grey(name: str, tmp_path: Path) -> None:
    assert corners(only(sixteen_bit_colours(tmp_path / name)).grey) == [DARK, LIGHT, LIGHT, LIGHT]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.jpg", {"progressive": True}),
        ("a.tif", {"compression": "jpeg"}),
        ("a.png", {"save_all": True, "append_images": [picture("RGB").rotate(180)]}),
        ("a.webp", {"save_all": True, "append_images": [picture("RGB").rotate(180)]}),
    ],
)
def test_ways_to_write_a_picture(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    seen = only(saved(tmp_path / name, picture("RGB"), **options))
    assert corners(seen.grey) == pytest.approx([DARK, LIGHT, LIGHT, LIGHT], abs=2)


@pytest.mark.parametrize("size", [(1, 1), (1, 50_000), (50_000, 1), (3, 7000)])
def test_pictures_of_odd_shapes(size: tuple[int, int], tmp_path: Path) -> None:
    seen = only(saved(tmp_path / "a.png", Image.new("1", size, 1)))
    assert (seen.width, seen.height, int(seen.grey.min())) == (*size, 255)


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.pbm", "a.bmp"])
def test_one_bit_images_are_black_and_white(name: str, tmp_path: Path) -> None:
    image = picture().point(lambda level: level > 99, "1")
    assert corners(only(saved(tmp_path / name, image)).grey) == [0, 255, 255, 255]


def test_tiffs_whose_zero_is_white(tmp_path: Path) -> None:
    shallow = saved(tmp_path / "a.tif", picture(), tiffinfo={262: 0})  # Pillow inverts it to save it so
    deep = saved(tmp_path / "b.tif", Image.fromarray(65535 - np.asarray(sixteen_bits())))
    data = deep.path.read_bytes()
    entry = struct.pack("<HHIH", 262, 3, 1, 1)  # of Pillow, which does not save 16 bits so
    assert data.count(entry) == 1
    deep.path.write_bytes(data.replace(entry, struct.pack("<HHIH", 262, 3, 1, 0)))
    assert corners(only(shallow).grey) == corners(only(deep).grey) == [DARK, LIGHT, LIGHT, LIGHT]


ORIENTED: Final = [(2, 1, 0), (3, 3, 180), (4, 2, 180), (5, 0, 90), (6, 1, 270), (7, 3, 270), (8, 2, 90)]


@pytest.mark.parametrize(("orientation", "dark", "turned"), ORIENTED)
@pytest.mark.parametrize(
    ("name", "options"), [("a.png", {}), ("a.tif", {}), ("a.tif", {"compression": "tiff_lzw"}), ("a.jpg", {})]
)
def test_pages_are_turned_upright(
    name: str, options: dict[str, str], orientation: int, dark: int, turned: int, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[274] = orientation
    seen = only(saved(tmp_path / name, picture(), exif=exif, **options))
    assert (seen.width, seen.height) == ((HEIGHT, WIDTH) if orientation > 4 else (WIDTH, HEIGHT))
    assert seen.grey.shape == (seen.height, seen.width)
    assert seen.turned == turned
    assert [at for at, level in enumerate(corners(seen.grey)) if level < 100] == [dark]


def test_broken_metadata_does_not_cost_the_page(tmp_path: Path) -> None:
    found = saved(tmp_path / "a.jpg", picture(), exif=b"Exif\0\0" + b"not a TIFF header")
    assert only(found).turned == 0


@pytest.mark.parametrize(
    ("name", "options", "dpi"),
    [
        ("a.png", {"dpi": (300, 300)}, 300),
        ("a.jpg", {"dpi": (200, 200)}, 200),
        ("a.tif", {"dpi": (400, 400)}, 400),
        ("a.tif", {"tiffinfo": {282: 0.0, 283: 0.0, 296: 2}}, 0),
        ("a.png", {}, 0),
    ],
)
def test_resolution(name: str, options: dict[str, Any], dpi: int, tmp_path: Path) -> None:
    assert only(saved(tmp_path / name, picture(), **options)).dpi == dpi


def test_frames_of_a_tiff_are_pages_each_of_its_size(tmp_path: Path) -> None:
    found = saved(tmp_path / "a.tiff", picture(), save_all=True, append_images=[picture().resize((20, 10))])
    assert page_count(found) == 2
    assert [(seen.number, seen.width, seen.height) for seen in pages(found)] == [(1, WIDTH, HEIGHT), (2, 20, 10)]


TAKE: Final = """
import resource, sys
from pathlib import Path
from pipeline.source import Source, page, page_count
source = Source(Path(sys.argv[1]), Path("a.tif"), "image")
used = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
page(source, 1)
first = used()
count = sum(page(source, number).width > 0 for number in range(1, page_count(source) + 1))
print(count, used() - first)
"""


def test_only_one_page_of_a_long_tiff_is_in_memory(tmp_path: Path) -> None:
    sheet = Image.new("1", (1000, 1400), 1)
    found = saved(tmp_path / "a.tif", sheet, compression="group4", save_all=True, append_images=[sheet] * 199)
    done = subprocess.run([sys.executable, "-c", TAKE, str(found.path)], capture_output=True, text=True, check=True)
    count, more = map(int, done.stdout.split())
    assert count == 200
    assert more < 60  # MB; all pages would be 280


def test_a_file_that_changes_is_counted_anew(tmp_path: Path) -> None:
    sheet = picture()
    assert page_count(saved(tmp_path / "a.tif", sheet, save_all=True, append_images=[sheet])) == 2
    assert page_count(saved(tmp_path / "a.tif", sheet)) == 1


def test_small_copies_and_animations_are_no_pages(tmp_path: Path) -> None:
    small = picture().resize((12, 8))
    small.encoderinfo = {"tiffinfo": {254: 1}}
    with_copy = saved(tmp_path / "a.tif", picture(), save_all=True, append_images=[small])
    animation = saved(tmp_path / "a.png", picture(), save_all=True, append_images=[picture("1")])
    assert (page_count(with_copy), page_count(animation)) == (1, 1)
    assert only(with_copy).width == only(animation).width == WIDTH


def test_a_blank_page_is_a_page(tmp_path: Path) -> None:
    assert (only(saved(tmp_path / "a.png", Image.new("L", (9, 7), 255))).grey == 255).all()


# ---------------------------------------------------------------- bad images


def png_header(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    header = struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", 1000) + b"IDAT"


def encoded(suffix: str, **options: Any) -> bytes:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, suffix, **options)
    return stream.getvalue()


CUT: Final[dict[str, Callable[[], bytes]]] = {
    "png": lambda: encoded("png")[:-2000],
    "jpeg": lambda: encoded("jpeg")[:-900],
    "tiff": lambda: encoded("tiff", compression="tiff_lzw")[:300],
    "bmp": lambda: encoded("bmp")[:-500],
    "ppm": lambda: encoded("ppm")[:-500],
    "webp": lambda: encoded("webp")[:-900],
    "only a header": lambda: png_header(20, 20),
    "text": "Это не картинка".encode,
    "another format": lambda: encoded("gif"),
    "zeros": lambda: bytes(100),
}


@pytest.mark.parametrize("case", CUT)
@pytest.mark.filterwarnings("error")
def test_broken_images_are_refused_by_name(case: str, tmp_path: Path) -> None:
    path = tmp_path / "page.png"
    path.write_bytes(CUT[case]())
    with pytest.raises(UnreadableInput, match=r"page\.png is (broken|not an image)") as caught:
        only(Source(path, Path(path.name), "image"))
    assert caught.value.exit_code == 4
    assert caught.value.remedy
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("width", "height", "limits", "allowed"),
    [(100_000, 100_000, Limits(), "--max-pixels 10000000000"), (3, 5, Limits(max_pixels=14), "--max-pixels 15")],
)
def test_too_many_pixels(width: int, height: int, limits: Limits, allowed: str, tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(width, height))
    with pytest.raises(UnreadableInput, match=r"huge\.png") as caught:
        only(Source(path, Path(path.name), "image"), limits)
    assert allowed in caught.value.remedy


def test_the_limit_is_ours_and_pillows_is_left_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    found = saved(tmp_path / "a.png", picture())
    assert only(found, Limits(max_pixels=WIDTH * HEIGHT)).width == WIDTH
    with pytest.raises(UnreadableInput):
        only(found, Limits(max_pixels=WIDTH * HEIGHT - 1))
    assert Image.MAX_IMAGE_PIXELS == 10


def test_no_memory_and_a_vanished_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = saved(tmp_path / "a.png", picture())
    with monkeypatch.context() as patch, pytest.raises(UnreadableInput, match="does not fit into memory"):
        patch.setattr(opening, "grey_of", lambda image: np.zeros(1 << 58, np.uint8))
        only(found)
    found.path.unlink()
    with pytest.raises(UnreadableInput, match=r"a\.png cannot be opened"):
        only(found)


def test_text_has_no_page_images() -> None:
    with pytest.raises(ValueError, match="is text"):
        page(Source(Path("a.txt"), Path("a.txt"), "text"), 1)


# ---------------------------------------------------------------- PDFs


def noise_picture(width: int = 248, height: int = 350) -> Image.Image:
    small = np.random.default_rng(2).integers(0, 256, (height // 10, width // 10), np.uint8)
    return Image.fromarray(small).resize((width, height))


def test_a_page_that_is_an_image_keeps_its_pixels(tmp_path: Path) -> None:
    image = noise_picture()
    seen = only(saved(tmp_path / "a.pdf", image, resolution=150.0))
    assert (seen.number, seen.width, seen.height, seen.dpi) == (1, *image.size, 150)
    difference = np.abs(seen.grey.astype(int) - np.asarray(image).astype(int))
    assert np.median(difference) <= 2  # Pillow puts a JPEG into the PDF
    assert seen.grey.flags.writeable


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize(("width", "height", "dpi"), [(620, 877, 75), (310, 439, 37.5), (425, 550, 50), (331, 468, 40)])
def test_the_pixels_of_a_scan_are_not_blurred(width: int, height: int, dpi: float, turned: int, tmp_path: Path) -> None:
    pixels = np.random.default_rng(3).integers(0, 2, (height, width), np.uint8) * 255
    found = saved(tmp_path / "a.pdf", Image.fromarray(pixels).convert("1"), resolution=dpi)
    with pikepdf.open(found.path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].rotate(turned, relative=False)
        pdf.save(found.path)
    assert np.array_equal(np.rot90(only(found).grey, turned // 90), pixels)


def test_a_small_image_does_not_set_the_resolution(tmp_path: Path) -> None:
    found = saved(tmp_path / "a.pdf", picture(), resolution=1200.0)
    with pikepdf.open(found.path, allow_overwriting_input=True) as pdf:
        pdf.pages[0].MediaBox = [0, 0, 72, 72]
        pdf.save(found.path)
    assert (only(found).dpi, only(found).width) == (300, 300)


def changed_pdf(path: Path, drawing: bytes) -> Source:
    """A page of one image at 150 dpi, and `drawing` after it."""
    found = saved(path, noise_picture(), resolution=150.0)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        pdf.pages[0].Resources.Font = pikepdf.Dictionary(F1=font)
        pdf.pages[0].contents_add(drawing)
        pdf.save(path)
    return found


@pytest.mark.parametrize(
    ("drawing", "dpi"),
    [
        (b"BT /F1 12 Tf 3 Tr 20 20 Td (a layer of hidden text) Tj ET", 150),
        (b"BT /F1 12 Tf 0 Tr 20 20 Td (text one sees) Tj ET", 300),
        (b"10 10 m 50 50 l S", 300),
    ],
)
def test_hidden_text_does_not_change_the_resolution(drawing: bytes, dpi: int, tmp_path: Path) -> None:
    seen = only(changed_pdf(tmp_path / "a.pdf", drawing))
    assert seen.dpi == dpi
    assert seen.width == pytest.approx(248 * dpi / 150, abs=1)


@pytest.mark.parametrize("drawing", [b"", b"10 10 m 50 50 l S"])
def test_an_image_of_too_many_pixels_on_a_small_page_is_never_decoded(drawing: bytes, tmp_path: Path) -> None:
    found = changed_pdf(tmp_path / "bomb.pdf", drawing)
    with pikepdf.open(found.path, allow_overwriting_input=True) as pdf:
        (image,) = pdf.pages[0].Resources.XObject.values()
        image.Width = image.Height = 100_000
        pdf.save(found.path)
    with pytest.raises(UnreadableInput, match=r"bomb\.pdf, page 1: 100000 x 100000 pixels") as caught:
        only(found)
    assert "--max-pixels 10000000000" in caught.value.remedy


def blank_pdf(path: Path, sizes: list[tuple[float, float]], **options: Any) -> Source:
    with pikepdf.new() as pdf:
        for size in sizes:
            pdf.add_blank_page(page_size=size)
        pdf.save(path, **options)
    return Source(path, Path(path.name), "pdf")


def test_blank_pdf_pages_come_one_by_one(tmp_path: Path) -> None:
    found = blank_pdf(tmp_path / "a.pdf", [(72, 144), (36, 36)])
    seen = list(pages(found))
    assert [(one.number, one.width, one.height, one.dpi) for one in seen] == [(1, 300, 600, 300), (2, 150, 150, 300)]
    assert all((one.grey == 255).all() for one in seen)


def test_a_page_too_large_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    found = blank_pdf(tmp_path / "a.pdf", [(72, 72), (14_000, 14_000), (72, 72)])
    limits = Limits(max_pixels=100_000)
    with pytest.raises(UnreadableInput, match=r"a\.pdf, page 2: .*--max-pixels"):
        page(found, 2, limits)
    assert page(found, 3, limits).width == 300


def locked_pdf(path: Path, user: str) -> Source:
    return blank_pdf(path, [(72, 72)], encryption=pikepdf.Encryption(owner="owner", user=user))


@pytest.mark.parametrize(
    ("password", "problem"), [(None, "needs a password"), ("wrong", "does not open with this password")]
)
def test_a_locked_pdf_says_how_to_open_it(password: str | None, problem: str, tmp_path: Path) -> None:
    found = locked_pdf(tmp_path / "locked.pdf", "пароль")
    with pytest.raises(UnreadableInput, match=rf"locked\.pdf {problem}.*--password"):
        only(found, Limits(password=password))


@pytest.mark.parametrize(("user", "password"), [("пароль", "пароль"), ("", None)])
def test_a_locked_pdf_opens_with_its_password(user: str, password: str | None, tmp_path: Path) -> None:
    assert only(locked_pdf(tmp_path / "a.pdf", user), Limits(password=password)).width == 300


@pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing more", b"\x89PNG", b"%PDF-1.7\n%%EOF", bytes(2000)])
def test_broken_pdfs_are_refused_by_name(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    with pytest.raises(UnreadableInput, match=r"bad\.pdf is broken"):
        only(Source(path, Path(path.name), "pdf"))


def test_pdf_names_need_not_be_utf8(tmp_path: Path) -> None:
    found = blank_pdf(tmp_path / "a.pdf", [(72, 72)])
    odd = tmp_path / os.fsdecode(b"\xff.pdf")
    found.path.rename(odd)
    assert only(Source(odd, Path(odd.name), "pdf")).width == 300


# ---------------------------------------------------------------- finding


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return folder


def names(found: opening.Found) -> list[tuple[str, str]]:
    return [(source.relative.as_posix(), source.kind) for source in found.sources]


def test_a_folder_gives_its_pages_sorted_and_nothing_hidden(tmp_path: Path) -> None:
    tree(tmp_path, "b.PNG", "a.pdf", "c/z.tif", "c/y.Jpeg")
    tree(tmp_path, "notes.txt", "a.gif", "._b.png", ".pravka/r.png", "out/o.png")
    found = find_documents([tmp_path], tmp_path / "out")
    assert names(found) == [("a.pdf", "pdf"), ("b.PNG", "image"), ("c/y.Jpeg", "image"), ("c/z.tif", "image")]
    assert not found.errors
    assert [Path(source.stem).as_posix() for source in found.sources] == ["a", "b", "c/y", "c/z"]


def test_links_to_folders_are_not_followed(tmp_path: Path) -> None:
    tree(tmp_path, "a/p.png")
    (tmp_path / "a/loop").symlink_to(tmp_path)
    assert names(find_documents([tmp_path])) == [("a/p.png", "image")]


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.txt", b"\xff\x00", "text"),
        ("a.TEXT", b"x", "text"),
        (".hidden.png", b"x", "image"),
        ("README", "слова".encode(), "text"),
        ("long", "я".encode() * 40_000, "text"),
        ("odd", b"x" + "я".encode() * 40_000, "text"),
        ("scan", b"\x89PNG\r\n\x1a\n", "image"),
        ("scan.dat", b"%PDF-1.4", "pdf"),
        ("scan.png", b"%PDF-1.4", "pdf"),
        ("scan.pdf", b"II*\0", "image"),
        ("scan.jpg", b"\x89PNG\r\n\x1a\n", "image"),
        ("about.txt", b"%PDF-1.4 is how a PDF begins", "text"),
    ],
)
def test_named_files_are_taken(name: str, data: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    assert names(find_documents([tmp_path / name])) == [(name, kind)]


@pytest.mark.parametrize("data", [b"GIF89a\0\0", b"\xe0\xf0\xf5\xe8\xe2", b"text\xd0"])
def test_a_file_of_no_known_kind(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "thing").write_bytes(data)
    (error,) = find_documents([tmp_path / "thing"]).errors
    assert isinstance(error, UnreadableInput)
    assert "thing is neither text nor" in error.problem


def test_bad_arguments_do_not_keep_the_good_ones_from_being_done(tmp_path: Path) -> None:
    tree(tmp_path, "good.png", "none/notes.txt")
    (tmp_path / "zero.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    arguments = [tmp_path / name for name in ("missing.png", "zero.png", "pipe.png", "none", "good.png")]
    found = find_documents(arguments)
    assert names(found) == [("good.png", "image")]
    assert [type(error) for error in found.errors] == [UnreadableInput] * 3 + [NothingToDo]
    assert [error.exit_code for error in found.errors] == [4, 4, 4, 6]
    for argument, error in zip(arguments, found.errors, strict=False):
        assert argument.name in error.problem
        assert error.remedy


def test_a_folder_that_cannot_be_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def scandir(folder: str) -> None:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(os, "scandir", scandir)
    (error,) = find_documents([tmp_path]).errors
    assert (error.exit_code, "Permission denied" in error.problem) == (4, True)


def test_nothing_named() -> None:
    assert [error.exit_code for error in find_documents([]).errors] == [6]


def test_two_documents_with_one_output_are_refused(tmp_path: Path) -> None:
    tree(tmp_path, "a/p.png", "b/p.tif")
    with pytest.raises(UsageError, match=r"a/p\.png and .*b/p\.tif would both write p\.txt"):
        find_documents([tmp_path / "a", tmp_path / "b"])
    assert len(find_documents([tmp_path / "a", tmp_path / "b"], one_result=True).sources) == 2


def test_a_document_named_twice_is_one(tmp_path: Path) -> None:
    tree(tmp_path, "a/p.png")
    assert len(find_documents([tmp_path / "a", tmp_path / "a/p.png", tmp_path / "b/../a/p.png"]).sources) == 1


@pytest.mark.parametrize(("name", "out"), [("a.txt", "."), (".", ".")])
def test_an_input_is_never_overwritten(name: str, out: str, tmp_path: Path) -> None:
    tree(tmp_path, "a.txt")
    with pytest.raises(UsageError, match="Choose another output folder with -o"):
        find_documents([tmp_path / name], tmp_path / out)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("стр. 1.png", "стр. 1.png"), ("a\nb\x1b[31m", r"a\nb\x1b[31m"), (os.fsdecode(b"\xff.png"), r"\xff.png")],
)
def test_names_are_shown_on_one_line(name: str, expected: str) -> None:
    assert shown(Path(name)) == expected


# ---------------------------------------------------------------- text


PIECES: Final = st.lists(st.sampled_from([b"\r", b"\n", b"\xd0", b"\x90", b"\xef\xbb\xbf", b"\0", b"a"])).map(b"".join)


@given(st.binary() | st.text().map(str.encode) | PIECES)
def test_bytes_come_back_exactly(data: bytes) -> None:
    try:
        text = read_text(data)
    except UnreadableInput:
        assert data[:2] in (b"\xff\xfe", b"\xfe\xff")
        return
    assert text.to_bytes() == data
    assert "".join(line + end for line, end in zip(text.lines, text.ends, strict=True)) == text.text
    assert not any("\n" in line or "\r" in line for line in text.lines)
    assert all(text.ends[:-1])
    assert text.with_lines(text.lines) == text


@pytest.mark.parametrize(
    ("data", "lines", "ends"),
    [
        (b"", [], []),
        (b"a", ["a"], [""]),
        (b"a\n", ["a"], ["\n"]),
        (b"\n\n", ["", ""], ["\n", "\n"]),
        (b"a\r\nb\rc\n\rd", ["a", "b", "c", "", "d"], ["\r\n", "\r", "\n", "\r", ""]),
        ("a\x0bb\x0cc\x85d\u2028e\x1cf\0".encode(), ["a\x0bb\x0cc\x85d\u2028e\x1cf\0"], [""]),
        (b"\xff\xd0\n", ["\udcff\udcd0"], ["\n"]),
        (b"\xef\xbb\xbfa\n", ["a"], ["\n"]),
        (b"\xef\xbb\xbf", [], []),
        (b"a\xef\xbb\xbf", ["a\ufeff"], [""]),
    ],
)
def test_lines_and_ends(data: bytes, lines: list[str], ends: list[str]) -> None:
    text = read_text(data)
    assert (list(text.lines), list(text.ends)) == (lines, ends)
    assert text.bom == data.startswith(b"\xef\xbb\xbf")
    assert text.to_bytes() == data


def test_changed_lines_keep_mark_and_ends() -> None:
    text = read_text(b"\xef\xbb\xbfa\r\nb")
    assert text.with_lines(["Ф", "Д"]).to_bytes() == b"\xef\xbb\xbf" + "Ф\r\nД".encode()
    with pytest.raises(ValueError, match="1 lines for 2"):
        text.with_lines(["Ф"])


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_is_refused_with_a_remedy(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "old.txt"
    path.write_bytes("\ufeffслово".encode(codec))
    with pytest.raises(UnreadableInput, match=r"old\.txt is UTF-16.*iconv -f UTF-16 -t UTF-8"):
        open_text(Source(path, Path(path.name), "text"))


def test_reading_and_hashing_files(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\r\n")
    assert open_text(Source(path, Path(path.name), "text")).lines == ("a",)
    assert sha256_of(path) == hashlib.sha256(b"a\r\n").hexdigest()
    with pytest.raises(UnreadableInput, match="nowhere cannot be opened"):
        sha256_of(tmp_path / "nowhere")


def test_importing_is_cheap() -> None:
    program = "import sys, pipeline.source, pipeline.write as w; print({'PIL', 'pypdfium2', 'cv2'} & set(sys.modules))"
    root = Path(opening.__file__).parent.parent
    done = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
