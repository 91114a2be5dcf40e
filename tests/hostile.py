"""Hostile and broken files, each with what must become of it; made from nothing, the same bytes every time."""

import gzip
import io
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

import numpy as np
import pikepdf
from PIL import Image, PngImagePlugin

SMALL: Final = (48, 32)  # pixels of pictures: nothing to read on them, and quick to find that out
DONE: Final = ""


class Hostile(NamedTuple):
    """A file: its name, what makes its bytes, and a word of the error that names it (DONE: it is read like any)."""

    name: str
    make: Callable[[], bytes]
    said: str = DONE


# ---------------------------------------------------------------- images


def picture(mode: str = "L") -> Image.Image:
    """A light picture with a darker corner."""
    grey = np.full(SMALL[::-1], 250, np.uint8)
    grey[:8, :8] = 40
    return Image.fromarray(grey).convert(mode)


def saved(image: Image.Image, format_name: str, **options: Any) -> bytes:
    stream = io.BytesIO()
    image.save(stream, format_name, **options)
    return stream.getvalue()


def noise(format_name: str, **options: Any) -> bytes:
    return saved(Image.fromarray(np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)), format_name, **options)


def chunk(name: bytes, data: bytes, crc: int | None = None) -> bytes:
    crc = zlib.crc32(name + data) if crc is None else crc
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc)


def png(width: int, height: int, rows: bytes | None = None, before: bytes = b"", depth: int = 8) -> bytes:
    """A grey PNG whose header says what it likes."""
    rows = b"".join(b"\0" + b"\xff" * width for _ in range(height)) if rows is None else rows
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + before + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def png_bomb() -> bytes:
    """Four gigapixels of white in some kilobytes."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(8)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 65_500, 65_500, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def with_profile() -> bytes:
    """A PNG whose colour profile and text unpack to hundreds of megabytes."""
    bomb = zlib.compress(bytes(50 << 20), 9)
    before = chunk(b"iCCP", b"bomb\0\0" + bomb) + chunk(b"zTXt", b"bomb\0\0" + bomb)
    return png(*SMALL, before=before)


def with_text() -> bytes:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "x" * 2_000_000)
    return saved(picture(), "png", pnginfo=info)


class Entry(NamedTuple):
    """An entry of a TIFF directory: tag, type, number of values, value."""

    tag: int
    kind: int
    number: int
    value: int


def directory(entries: Sequence[Entry], following: int) -> bytes:
    rows = b"".join(struct.pack("<HHII", *entry) for entry in sorted(entries))
    return struct.pack("<H", len(entries)) + rows + struct.pack("<I", following)


def frame(place: int, width: int = 8, height: int = 8, **changed: int) -> list[Entry]:
    """The entries of a grey frame whose one strip is at `place`."""
    values = {"compression": 1, "depth": 8, "strip": place, "length": 64, "rows": height, **changed}
    return [
        Entry(256, 4, 1, width),
        Entry(257, 4, 1, height),
        Entry(258, 3, 1, values["depth"]),
        Entry(259, 3, 1, values["compression"]),
        Entry(262, 3, 1, 1),
        Entry(273, 4, 1, values["strip"]),
        Entry(277, 3, 1, 1),
        Entry(278, 4, 1, values["rows"]),
        Entry(279, 4, 1, values["length"]),
    ]


def tiff(frames: int = 1, cyclic: bool = False, **changed: int) -> bytes:
    """A TIFF of tiny frames that share their one strip of pixels."""
    pixels, size = b"\xff" * 64, 2 + 9 * 12 + 4
    start = 8 + len(pixels)
    directories = []
    for number in range(frames):
        following = start + size * (number + 1) if number < frames - 1 else start if cyclic else 0
        directories.append(directory(frame(8, **changed), following))
    return b"II*\0" + struct.pack("<I", start) + pixels + b"".join(directories)


def several(count: int, format_name: str, mode: str = "L") -> bytes:
    return saved(picture(mode), format_name, save_all=True, append_images=[picture(mode).rotate(180)] * (count - 1))


def transparent_palette() -> bytes:
    image = picture("P")
    return saved(image, "png", transparency=bytes(range(256)))


def deep() -> bytes:
    return saved(Image.fromarray(np.asarray(picture()).astype(np.uint16) * 257), "png")


def floats(value: float) -> bytes:
    grey = np.asarray(picture()).astype(np.float32)
    grey[0, 0] = value
    return saved(Image.fromarray(grey), "tiff")


IMAGES: Final = (
    Hostile("cut.png", lambda: noise("png")[:-2000], "broken"),
    Hostile("cut.jpg", lambda: noise("jpeg")[:-900], "broken"),
    Hostile("cut.tif", lambda: noise("tiff", compression="tiff_lzw")[:300], "not an image"),
    Hostile("cut.webp", lambda: noise("webp")[:-900], "broken"),
    Hostile("cut.bmp", lambda: noise("bmp")[:-500], "broken"),
    Hostile("only-magic.png", lambda: b"\x89PNG\r\n\x1a\n", "not an image"),
    Hostile("only-magic.jpg", lambda: b"\xff\xd8\xff\xe0", "not an image"),
    Hostile("zeros.png", lambda: bytes(1000), "not an image"),
    Hostile("empty.png", lambda: b"", "empty"),
    Hostile("text.png", "Это не картинка".encode, "not an image"),
    Hostile("gif.png", lambda: saved(picture(), "gif"), "not an image"),
    Hostile("eps.png", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(/etc/passwd) run\n", "not an image"),
    Hostile("svg.png", lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
    Hostile("script.png", lambda: b"#!/bin/sh\nrm -rf /\n", "not an image"),
    Hostile("jpeg-inside.png", lambda: saved(picture(), "jpeg")),
    Hostile("pdf-inside.jpg", lambda: pdf([page_of()])),
    Hostile("polyglot.png", lambda: saved(picture(), "png") + pdf([page_of()])),
    Hostile("zip-behind.jpg", lambda: saved(picture(), "jpeg") + b"PK\x03\x04../../etc/passwd"),
    Hostile("header-bomb.png", lambda: png(100_000, 100_000, b""), "--max-pixels"),
    Hostile("bomb.png", png_bomb, "--max-pixels"),
    Hostile("most.png", lambda: png(0x7FFFFFFF, 0x7FFFFFFF, b""), "--max-pixels"),
    Hostile("bomb.tif", lambda: tiff(width=100_000, height=100_000), "--max-pixels"),
    Hostile("bomb.ppm", lambda: b"P6 100000 100000 255 ", "--max-pixels"),
    Hostile("bomb.bmp", lambda: bmp(100_000, 100_000), "--max-pixels"),
    Hostile("no-width.png", lambda: png(0, 20, b""), "p"),
    Hostile("no-height.ppm", lambda: b"P5 20 0 255 ", "p"),
    Hostile("negative.ppm", lambda: b"P5 -20 -20 255 ", "not an image"),
    Hostile("digits.ppm", lambda: b"P5 " + b"9" * 100_000 + b" 1 255 ", "broken"),
    Hostile("comments.ppm", lambda: b"P5 " + b"#\n" * 200_000, "p"),
    Hostile("turned.bmp", lambda: bmp(8, -8, bytes(64))),
    Hostile("palette.bmp", lambda: bmp(8, 8, bytes(64), colours=0x7FFFFFFF), "p"),
    Hostile("wide.png", lambda: png(30_000, 2)),
    Hostile("narrow.png", lambda: png(1, 30_000)),
    Hostile("one-pixel.png", lambda: png(1, 1)),
    Hostile("bad-crc.png", lambda: png(*SMALL, before=chunk(b"gAMA", bytes(4), crc=0)), "not an image"),
    Hostile("few-rows.png", lambda: png(*SMALL, rows=b"\0"), "broken"),
    Hostile("profile-bomb.png", with_profile, "too large"),
    Hostile("long-text.png", with_text),
    Hostile("palette.png", transparent_palette),
    Hostile("deep.png", deep),
    Hostile("cmyk.jpg", lambda: saved(picture("CMYK"), "jpeg")),
    Hostile("lab.tif", lambda: saved(Image.merge("LAB", [picture()] * 3), "tiff")),
    Hostile("nan.tif", lambda: floats(float("nan"))),
    Hostile("infinite.tif", lambda: floats(float("inf"))),
    Hostile("exif.jpg", lambda: saved(picture(), "jpeg", exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(100))),
    Hostile("cyclic.tif", lambda: tiff(3, cyclic=True)),
    Hostile("frames.tif", lambda: tiff(10_000), "--max-pages"),
    Hostile("compression.tif", lambda: tiff(compression=60_000), "p"),
    Hostile("outside.tif", lambda: tiff(strip=1 << 30), "broken"),
    Hostile("endless-strip.tif", lambda: tiff(length=0xFFFFFFFF)),
    Hostile("depth.tif", lambda: tiff(depth=65_535), "not an image"),
    Hostile("no-frame.tif", lambda: b"II*\0" + struct.pack("<I", 1 << 31), "p"),
    Hostile("animated.png", lambda: several(50, "png")),
    Hostile("animated.webp", lambda: several(50, "webp", "RGB")),
    Hostile("size.webp", lambda: b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(40), "p"),
)


def bmp(width: int, height: int, pixels: bytes = b"", colours: int = 0) -> bytes:
    info = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 8, 0, 0, 2835, 2835, colours, 0)
    palette = b"".join(bytes((level, level, level, 0)) for level in range(256))
    start = 14 + len(info) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + info + palette + pixels


# ---------------------------------------------------------------- PDFs

Objects = Sequence[bytes]


def pdf(objects: Objects, trailer: bytes = b"", xref: bool = True) -> bytes:
    """A PDF of these objects, numbered from 3: its catalogue is 1, its pages, which are the first object, 2."""
    tree = objects[0] if objects[0].startswith(b"<</Type/Pages") else b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
    rest = objects[1:] if tree is objects[0] else objects
    parts, places = b"%PDF-1.7\n", []
    for number, body in enumerate([b"<</Type/Catalog/Pages 2 0 R>>", tree, *rest], start=1):
        places.append(len(parts))
        parts += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    start = len(parts)
    if xref:
        rows = b"".join(b"%010d 00000 n \n" % place for place in places)
        parts += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1) + rows
    size = b"trailer\n<</Size %d/Root 1 0 R" % (len(places) + 1)
    return parts + size + trailer + b">>\nstartxref\n%d\n%%%%EOF\n" % start


def page_of(box: bytes = b"0 0 60 40", more: bytes = b"") -> bytes:
    return b"<</Type/Page/Parent 2 0 R/MediaBox[" + box + b"]" + more + b">>"


def stream(data: bytes, entries: bytes = b"", length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    return b"<</Length %d" % size + entries + b">>\nstream\n" + data + b"\nendstream"


def drawing(data: bytes, resources: bytes = b"", *objects: bytes) -> bytes:
    """A PDF of a page with this content; further objects are numbered from 5."""
    page = page_of(more=b"/Contents 4 0 R/Resources<<" + resources + b">>")
    return pdf([page, stream(data), *objects])


def pictured(data: bytes, entries: bytes, length: int | None = None) -> bytes:
    """A PDF of a page that shows an image."""
    image = stream(data, b"/Type/XObject/Subtype/Image/ColorSpace/DeviceGray/BitsPerComponent 8" + entries, length)
    return drawing(b"60 0 0 40 0 0 cm /I Do", b"/XObject<</I 5 0 R>>", image)


def nested_forms(depth: int) -> bytes:
    """Forms that show each other, ten times each."""
    forms = []
    for number in range(depth):
        inside = b"/Resources<</XObject<</F %d 0 R>>>>" % (6 + number if number < depth - 1 else 5)
        forms.append(stream(b"/F Do " * 10, b"/Type/XObject/Subtype/Form/BBox[0 0 60 40]" + inside))
    return drawing(b"/F Do", b"/XObject<</F 5 0 R>>", *forms)


def page_tree(depth: int) -> bytes:
    """A page at the bottom of a deep tree."""
    nodes = [b"<</Type/Pages/Count 1/Kids[%d 0 R]/Parent 2 0 R>>" % (4 + number) for number in range(depth)]
    return pdf([b"<</Type/Pages/Kids[3 0 R]/Count 1>>", *nodes, page_of()])


def many_pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (3 + number) for number in range(count))
    return pdf([b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count), *[page_of()] * count])


def encrypted(user: str) -> bytes:
    made = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf([page_of()]))) as opened:
        lock = pikepdf.Encryption(owner="owner", user=user, R=3, aes=False, metadata=False)
        opened.save(made, encryption=lock, static_id=True)
    return made.getvalue()


def object_stream() -> bytes:
    """A PDF with an object stream that unpacks to 100 MB of spaces."""
    bomb = zlib.compress(b"9 0 " + b" " * (100 << 20), 9)
    return pdf([page_of(), stream(bomb, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")])


def text(string: bytes, font: bytes = b"<</Type/Font/Subtype/Type1/BaseFont/NotThere>>") -> bytes:
    return drawing(b"BT /F 6 Tf 4 20 Td (" + string + b") Tj ET", b"/Font<</F " + font + b">>")


LAUNCH: Final = (
    b"/AA<</O<</S/Launch/F(../../bin/sh)>>>>/Annots[<</Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(file:///)>>>>]"
)
FLATE: Final = b"/Filter/FlateDecode"

PDFS: Final = (
    Hostile("only-header.pdf", lambda: b"%PDF-1.7\n", "broken"),
    Hostile("no-xref.pdf", lambda: pdf([page_of()], xref=False)),
    Hostile("wrong-xref.pdf", lambda: pdf([page_of()]).replace(b"startxref\n", b"startxref\n99999")),
    Hostile("cut.pdf", lambda: pdf([page_of()])[:80], "broken"),
    Hostile("cyclic-xref.pdf", lambda: pdf([page_of()], b"/Prev 9")),
    Hostile("cyclic-tree.pdf", lambda: pdf([b"<</Type/Pages/Kids[2 0 R]/Count 1>>"]), "p"),
    Hostile("deep-tree.pdf", lambda: page_tree(2_000), "p"),
    Hostile("no-page.pdf", lambda: pdf([b"<</Type/Pages/Kids[]/Count 0>>"]), "p"),
    Hostile("negative-count.pdf", lambda: pdf([b"<</Type/Pages/Kids[3 0 R]/Count -5>>", page_of()])),
    Hostile("lying-count.pdf", lambda: pdf([b"<</Type/Pages/Kids[3 0 R]/Count 2000000000>>", page_of()])),
    Hostile("pages.pdf", lambda: many_pages(10_000), "--max-pages"),
    Hostile("locked.pdf", lambda: encrypted("secret"), "--password"),
    Hostile("owner.pdf", lambda: encrypted("")),
    Hostile("object-bomb.pdf", object_stream),
    Hostile("negative-box.pdf", lambda: pdf([page_of(b"0 0 -60 -40")])),
    Hostile("empty-box.pdf", lambda: pdf([page_of(b"0 0 0 0")])),
    Hostile("nan-box.pdf", lambda: pdf([page_of(b"0 0 nan inf")])),
    Hostile("huge-box.pdf", lambda: pdf([page_of(b"0 0 90000 90000")]), "--max-pixels"),
    Hostile("absurd-box.pdf", lambda: pdf([page_of(b"0 0 1e9 1e9")])),
    Hostile("box-of-names.pdf", lambda: pdf([page_of(b"/a /b (c) <<>>")])),
    Hostile("long-box.pdf", lambda: pdf([page_of(b"0 0 " + b"9" * 1000 + b" 9")])),
    Hostile("units.pdf", lambda: pdf([page_of(more=b"/UserUnit 1e9/Rotate 45")])),
    Hostile("image-bomb.pdf", lambda: pictured(b"", b"/Width 100000/Height 100000"), "--max-pixels"),
    Hostile("image-length.pdf", lambda: pictured(b"\xff" * 9, b"/Width 60/Height 40", length=1 << 30)),
    Hostile("image-short.pdf", lambda: pictured(b"\xff" * 9, b"/Width 60/Height 40")),
    Hostile("image-flate.pdf", lambda: pictured(zlib.compress(bytes(100 << 20), 9), b"/Width 60/Height 40" + FLATE)),
    Hostile("jbig2.pdf", lambda: pictured(b"\x97JB2" * 50, b"/Width 60/Height 40/Filter/JBIG2Decode")),
    Hostile("jpx.pdf", lambda: pictured(b"\0\0\0\x0cjP  \r\n\x87\n" * 9, b"/Width 60/Height 40/Filter/JPXDecode")),
    Hostile("dct.pdf", lambda: pictured(noise("jpeg")[:200], b"/Width 64/Height 64/Filter/DCTDecode")),
    Hostile("fax.pdf", lambda: pictured(b"\x55" * 500, b"/Width 60/Height 40/Filter/CCITTFaxDecode")),
    Hostile("launch.pdf", lambda: pdf([page_of(more=LAUNCH)])),
    Hostile(
        "attached.pdf", lambda: pdf([page_of(), stream(b"x", b"/Type/EmbeddedFile"), b"<</F(../../escaped.txt)>>"])
    ),
    Hostile("no-font.pdf", lambda: text(b"KOMHTeT")),
    Hostile("cyclic-font.pdf", lambda: text(b"abc", b"<</Type/Font/Subtype/Type0/BaseFont/X/DescendantFonts[4 0 R]>>")),
    Hostile("nonsense.pdf", lambda: text(bytes(range(128, 256)) * 20)),
    Hostile("brackets.pdf", lambda: drawing(b"[" * 200_000 + b"<<" * 200_000)),
    Hostile("operators.pdf", lambda: drawing(b"Q " * 100_000 + b"1e99 0 0 1e99 0 0 cm 0 0 m 9e99 9e99 l S")),
)

# What no check sees beforehand: only the cage ends it.
ENDLESS: Final = (
    Hostile("forms.pdf", lambda: nested_forms(8), "more"),
    Hostile(
        "content-bomb.pdf",
        lambda: pdf([page_of(more=b"/Contents 4 0 R"), stream(zlib.compress(b"q " * 20_000_000), FLATE)]),
        "p",
    ),
)

# ---------------------------------------------------------------- markup

ALTO: Final = '<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"><Layout>%s</Layout></alto>'
ALTO_PAGE: Final = "<Page><PrintSpace><TextBlock><TextLine>%s</TextLine></TextBlock></PrintSpace></Page>"
HOCR: Final = "<html><body><div class='ocr_page'>%s</div></body></html>"
PCGTS: Final = '<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">%s</PcGts>'
DECLARED: Final = '<?xml version="1.0" encoding="%s"?>'


def alto(strings: str) -> bytes:
    return (ALTO % (ALTO_PAGE % strings)).encode()


def string(content: str = "KOMHTeT", **attributes: object) -> str:
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    return f'<String CONTENT="{content}"{told}/>'


def hocr(inside: str) -> bytes:
    return (HOCR % inside).encode()


def word(said: str = "KOMHTeT", title: str = "bbox 1 1 9 9") -> str:
    return f"<span class='ocrx_word' title='{title}'>{said}</span>"


def page_xml(inside: str) -> bytes:
    return (PCGTS % inside).encode()


def laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    return f"<!DOCTYPE alto [{entities}]>".encode() + alto(string("&l11;"))


def external(body: bytes) -> bytes:
    return b'<!DOCTYPE alto [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + body


def abbyy(pages: str) -> str:
    return f'<document producer="ABBYY FineReader">{pages}</document>'


def abbyy_page(text: str) -> str:
    signs = "".join(f'<charParams l="1" t="1" r="2" b="2">{sign}</charParams>' for sign in text)
    return f"<page><block><text><par><line><formatting>{signs}</formatting></line></par></text></block></page>"


def packed(parts: Iterator[str]) -> bytes:
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", mtime=0, compresslevel=6) as file:
        for part in parts:
            file.write(part.encode())
    return made.getvalue()


def tag_bomb() -> Iterator[str]:
    yield '<document producer="ABBYY FineReader">'
    yield from ["<a/>" * 100_000] * 20


def page_bomb() -> Iterator[str]:
    yield '<document producer="ABBYY FineReader">'
    yield from ["<page/>" * 10_000] * 3
    yield "</document>"


MARKUP: Final = (
    Hostile("laughs.xml", laughs, "DTD"),
    Hostile("external.xml", lambda: external(alto(string("&x;"))), "DTD"),
    Hostile("external-late.xml", lambda: b" " * 5_000 + external(alto(string("&x;"))), "p"),
    Hostile("parameter.xml", lambda: b'<!DOCTYPE alto [<!ENTITY % x SYSTEM "http://x.test/x"> %x;]>' + alto(""), "DTD"),
    Hostile("include.xml", lambda: alto('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/>')),
    Hostile("stylesheet.xml", lambda: b'<?xml-stylesheet href="http://x.test/x.xsl"?>' + alto(string())),
    Hostile("deep.xml", lambda: (ALTO % ("<a>" * 100_000 + "</a>" * 100_000)).encode(), "well-formed"),
    Hostile("attribute.xml", lambda: alto(string("x" * 11_000_000)), "well-formed"),
    Hostile("namespace.xml", lambda: alto(string()).replace(b"http://www.loc.gov/standards", b"urn:nobody")),
    Hostile("twice.xml", lambda: alto(string(ID="a") + string(ID="a"))),
    Hostile("boxes.xml", lambda: alto(string(HPOS="-9", VPOS="nan", WIDTH="1e400", HEIGHT="9" * 400, WC="inf"))),
    Hostile("unclosed.xml", lambda: alto(string())[:-20], "well-formed"),
    Hostile("no-page.xml", lambda: b"<alto/>", "no page"),
    Hostile("other.xml", lambda: b"<rss/>", "XML, but"),
    Hostile(
        "latin.xml",
        lambda: (DECLARED % "UTF-8").encode() + alto(string("Ж")).replace("Ж".encode(), b"\xc6"),
        "encoding",
    ),
    Hostile("codec.xml", lambda: (DECLARED % "zlib").encode() + alto(string()), "encoding"),
    Hostile("utf-7.xml", lambda: (DECLARED % "UTF-7").encode() + alto(string()), "encoding"),
    Hostile("utf-16.xml", lambda: (DECLARED % "UTF-16" + alto(string()).decode()).encode("utf-16")),
    Hostile("nul.xml", lambda: alto(string("a\0b")), "well-formed"),
    Hostile("escape.xml", lambda: alto(string("&#27;[31m")), "well-formed"),
    Hostile("long-name.xml", lambda: alto(f"<{'a' * 60_000}/>"), "well-formed"),
    Hostile("pages.xml", lambda: (ALTO % ("<Page/>" * 6_000)).encode(), "--max-pages"),
    Hostile("strings.xml", lambda: alto(string() * 500)),
    Hostile("lines.hocr", lambda: hocr("<span class='ocr_line'>" * 200 + "x" + "</span>" * 200)),
    Hostile("deep.hocr", lambda: hocr("<div>" * 50_000 + word() + "</div>" * 50_000), "p"),
    Hostile("unclosed.hocr", lambda: hocr("<p>" + word() + "<br><span class='ocrx_word'>x"), "p"),
    Hostile("comment.hocr", lambda: hocr(word() + "<!-- </div>")),
    Hostile("titles.hocr", lambda: hocr(word(title="bbox 1 2; x_wconf nan; bbox 9 9 1 1; &quot;" + ";" * 50_000))),
    Hostile("quotes.hocr", lambda: hocr(word(title='"' * 20_001))),
    Hostile("open-tags.hocr", lambda: hocr("<a " * 100_000)),
    Hostile("marks.hocr", lambda: hocr("<![CDATA[" * 50_000 + word())),
    Hostile("html.hocr", lambda: b"<html><body>no OCR</body></html>", "XML, but"),
    Hostile(
        "points.xml", lambda: page_xml("<Page><TextRegion><Coords points='1,2 nan,-9 1e999,x'/></TextRegion></Page>")
    ),
    Hostile(
        "order.xml",
        lambda: page_xml(
            "<Page><ReadingOrder><OrderedGroup><RegionRefIndexed index='-1' regionRef='a'/>"
            "</OrderedGroup></ReadingOrder></Page>"
        ),
    ),
    Hostile("many-pages.xml", lambda: abbyy("<page/>" * 6_000).encode(), "--max-pages"),
    Hostile("no-end.xml", lambda: abbyy(abbyy_page("KOMHTeT"))[:-30].encode(), "well-formed"),
    Hostile("bomb_abbyy.gz", lambda: packed(tag_bomb()), "unpacks"),
    Hostile("pages_abbyy.gz", lambda: packed(page_bomb()), "--max-pages"),
    Hostile("cut_abbyy.gz", lambda: packed(iter([abbyy(abbyy_page("KOMHTeT" * 500))]))[:-200], "packed"),
    Hostile("packed.gz", lambda: gzip.compress(b"text", mtime=0), "packed"),
    Hostile("twice.gz", lambda: gzip.compress(gzip.compress(bytes(9_000), mtime=0), mtime=0), "packed"),
    Hostile("spaces_abbyy.gz", lambda: packed(iter(['<document producer="ABBYY">', " " * 11_000_000])), "unpacks"),
    Hostile("archive.xml", lambda: b"PK\x03\x04" + bytes(26) + b"../../escaped.txt", "XML, but"),
)

# ---------------------------------------------------------------- text


def filled(size: int, part: str) -> bytes:
    return (part * (size // len(part) + 1))[:size].encode("utf-8", "surrogateescape")


BAIT: Final = {
    "brackets": "[",
    "brackets-apart": "[ (",
    "dots": ".",
    "dots-apart": ". ",
    "hyphens": "-",
    "hyphen-lines": "co-\n",
    "quotes": "«\"'",
    "digits": "0",
    "digits-apart": "0 ",
    "strokes": "IVX ",
    "mixed": "аbсdе",
    "mixed-apart": "аbс dе ",
    "garbled": "KOMHTeT co6paJIca CHOBa B 1917 r. ",
    "fonds": "®. 1. ",
    "citations": "[PTACIIN. ®. 17. Om. 3. JI. 4. JI. 5; ",
    "leaves": "5об.-6 об., ",
    "romanised": "GARF, f. 1, op. 2, d. 3, l. 4; ",
    "names": "(Иванов ",
    "formulas": "x^{a}_H2O(",
    "tags": "<a ",
    "comments": "<!--",
    "declarations": "<!DOCTYPE [",
    "spaces": " ",
    "tabs": "\t",
    "returns": "\r",
    "combining": "\u0301",
    "bidi": "\u202eа\u202d",
    "NUL": "\0",
    "escapes": "\x1b]0;x\x07\x1b[2J",
    "wrong-bytes": "\udcff",
    "astral": "\U0001f600",
}

TEXTS: Final = (
    *(Hostile(f"{name}.txt", partial(filled, 5_000, part)) for name, part in BAIT.items()),
    Hostile("million-spaces.txt", lambda: b" " * 1_000_000),
    Hostile("line.txt", lambda: b"x" * 100_000_000, "--max-text"),
    Hostile("utf-16.txt", lambda: "\ufeffслово".encode("utf-16-le"), "iconv"),
    Hostile("utf-32.txt", lambda: "\ufeffслово".encode("utf-32-le"), "UTF-16"),
    Hostile("binary", lambda: bytes(range(256)) * 9, "neither"),
)

ALL: Final = (*IMAGES, *PDFS, *MARKUP, *TEXTS)
