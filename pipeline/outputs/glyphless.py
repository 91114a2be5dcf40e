"""A font whose glyphs have no area, for text that is to be found but not seen; made as it is needed, under 1 KB.

Every character is half as wide as the font is high, and reaches from the baseline (0) to its full height.
"""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Final

UNITS: Final = 1000  # of the font's square
ADVANCE: Final = 500  # of every glyph, in these units
BLANK: Final = 1  # the glyph of every character; 0 is what is missing, and may not be used
MOST_ROWS: Final = 100  # of one block of a map to Unicode (PDF 32000-1, 9.10.3, after Adobe's CMap specification)

MAP_HEAD: Final = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
MAP_TAIL: Final = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"


class Codes:
    """The codes that the characters of a document have in the font: 1, 2, ... as they come."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def encoded(self, text: str) -> str:
        """Return a text as hexadecimal codes of four digits."""
        return "".join(f"{self.numbers.setdefault(sign, len(self.numbers) + 1):04X}" for sign in text)


def font_file() -> bytes:
    """Return a TrueType font of two glyphs (the tables that ISO 14496-22 requires of one inside a PDF).

    The glyph of every character is a stroke without area, from corner to corner: pdfium takes from it how high and wide
    the character is, and finds no text that is turned where a glyph has no points at all.
    """
    glyph = struct.pack(">5hHHBB2h", 1, 0, 0, ADVANCE, UNITS, 1, 0, 0x31, 0x01, ADVANCE, UNITS)
    box = (0, 0, ADVANCE, UNITS)
    head = struct.pack(">IIIIHHQQ4hHHhhh", 0x10000, 0x10000, 0, 0x5F0F3CF5, 0, UNITS, 0, 0, *box, 0, 8, 2, 0, 0)
    hhea = struct.pack(">I3hH11hH", 0x10000, UNITS, 0, 0, ADVANCE, 0, 0, ADVANCE, 1, *[0] * 7, 1)
    maxp = struct.pack(">I14H", 0x10000, 2, 2, 1, 0, 0, 1, *[0] * 8)
    hmtx = struct.pack(">Hhh", ADVANCE, 0, 0)
    loca = struct.pack(">3H", 0, 0, len(glyph) // 2)
    return packed({b"glyf": glyph, b"head": head, b"hhea": hhea, b"hmtx": hmtx, b"loca": loca, b"maxp": maxp})


def packed(tables: Mapping[bytes, bytes]) -> bytes:
    """Return tables, in the order of their names, as one font file."""
    sums = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 16 * len(tables) - 64)
    place = len(sums) + 16 * len(tables)
    entries, data = [], []
    for name, table in tables.items():
        padded = table + bytes(-len(table) % 4)
        check = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        entries.append(struct.pack(">4sIII", name, check, place, len(table)))
        data.append(padded)
        place += len(padded)
    return b"".join([sums, *entries, *data])


def to_unicode(codes: Codes) -> bytes:
    """Return the map from codes to Unicode (PDF 32000-1, 9.10.3)."""
    rows = (f"<{code:04X}> <{sign.encode('utf-16-be').hex().upper()}>" for sign, code in codes.numbers.items())
    blocks = [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in parted(rows)]
    return (MAP_HEAD + "".join(blocks) + MAP_TAIL).encode("ascii")


def parted(rows: Iterator[str]) -> Iterator[Sequence[str]]:
    """Yield rows in blocks of at most MOST_ROWS."""
    while block := list(islice(rows, MOST_ROWS)):
        yield block


def add_font(pdf: Any) -> Any:
    """Return the font as a new object of a PDF (pikepdf's Pdf), still without its characters: see `finish_font`."""
    from pikepdf import Array, Dictionary, Name

    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name.PravkaGlyphless,
        Flags=5,  # of one width, and with signs of its own
        FontBBox=[0, 0, ADVANCE, UNITS],
        ItalicAngle=0,
        Ascent=UNITS,
        CapHeight=UNITS,
        Descent=-1,  # poppler takes 0 for unknown
        StemV=80,
        FontFile2=stream(pdf, font_file(), Length1=len(font_file())),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name.PravkaGlyphless,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        DW=ADVANCE,
        FontDescriptor=pdf.make_indirect(descriptor),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name.PravkaGlyphless,
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
        )
    )


def finish_font(pdf: Any, font: Any, codes: Codes) -> None:
    """Give the font the characters that were written with it."""
    font.ToUnicode = stream(pdf, to_unicode(codes))
    glyphs = struct.pack(">H", 0) + struct.pack(">H", BLANK) * len(codes.numbers)
    font.DescendantFonts[0].CIDToGIDMap = stream(pdf, glyphs)


def stream(pdf: Any, data: bytes, **more: Any) -> Any:
    """Return data as a new compressed stream of a PDF (pikepdf's Pdf)."""
    from pikepdf import Name, Stream

    made = Stream(pdf, b"", **more)
    made.write(zlib.compress(data, 9), filter=Name.FlateDecode)
    return made
