"""Reads markup that others wrote, safely, and changes single places of it: all other bytes stay as they are.

lxml checks and understands the markup; a scan of its tags, which agrees with lxml on their number and order, says where
in the text they stand.
"""

import codecs
import gzip
import html
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from lxml import etree

from pipeline.errors import UnreadableInput
from pipeline.source import DEFAULT_LIMITS, Limits, shown

MOST_TAGS: Final = 4_000_000  # of a file that is held in memory as a whole: each takes a few hundred bytes there
MOST_PACKED: Final = 200  # times its bytes, that a packed file may have; those of OCR programs have 15 to 25 times
LEAST_BOMB: Final = 4 << 20  # bytes, from which on that matters
BOMS: Final = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
DECLARED: Final = re.compile(
    rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)|<meta[^>]*?charset\s*=\s*["']?([\w.:-]+)"""
)
# Python has codecs that are no encodings of documents.
ENCODINGS: Final = re.compile(r"utf-8|utf-16(-[bl]e)?|ascii|iso8859-\d+|cp\d+|koi8-[ru]|mac-cyrillic")
DECLARATIONS: Final = re.compile(r"<!DOCTYPE[^>\[]{0,2000}+\[|<!ENTITY", re.IGNORECASE)
# What is no tag comes first; then name and attributes, whose values may hold `>`. What is never closed goes on to the
# end of the file, so that the scan takes as long as the file, whatever it holds.
MARKUP: Final = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:>|\Z)|<![^>]*+(?:>|\Z)"
    r"|<(?P<raw>script|style)\b.*?(?:</(?P=raw)\s*>|\Z)"
    r"""|<(?P<end>/?)(?P<name>[A-Za-z_][^\s/>]*+)(?P<rest>[^>"']*+"""
    r"""(?:(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z))[^>"']*+)*+)(?:>|\Z)""",
    re.DOTALL | re.IGNORECASE,
)
ATTRIBUTE: Final = re.compile(r"""([^\s=/>"']++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'>]++))?""")
UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
END: Final = 4096  # characters, in which a whole HTML file says that it ends
BROKEN: Final = "Make it again with the program that wrote it"


class Tag(NamedTuple):
    """A start or end tag: its name without prefix, its whole text, and where in the document that stands."""

    name: str
    text: str
    start: int
    end: int
    is_end: bool

    @property
    def is_empty(self) -> bool:
        """Whether the element ends with its start tag (`<x/>`)."""
        return self.text.endswith("/>")

    @property
    def full_name(self) -> str:
        """The name of the tag with its prefix, as it stands there."""
        return self.prefix + self.name

    @property
    def prefix(self) -> str:
        """The namespace prefix of the tag, with its colon."""
        found = re.match(r"</?([^\s/>:]+:)", self.text)
        return found[1] if found else ""

    def attribute(self, name: str) -> str:
        """Return the value of an attribute, "" if it is not there."""
        start, end = self.value(name)
        return html.unescape(self.text[start - self.start : end - self.start]) if end else ""

    def value(self, name: str) -> tuple[int, int]:
        """Return where in the document the value of an attribute stands; (0, 0) if it is not there."""
        for found in ATTRIBUTE.finditer(self.text, len(self.name) + len(self.prefix) + 1):
            if found[1].lower() == name.lower() and found[2]:
                start, end = found.span(2)
                quoted = found[2][0] in "\"'"
                return self.start + start + quoted, self.start + end - quoted
        return 0, 0


class Change(NamedTuple):
    """The text from `start` to `end` becomes `text`, which is markup."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Markup:
    """A document: its bytes, how they are encoded (after `bom`), its text, and what lxml made of it."""

    data: bytes
    bom: bytes
    codec: str
    text: str
    root: Any

    def tags(self) -> Iterator[Tag]:
        """Yield the tags in order."""
        for found in MARKUP.finditer(self.text):
            if found["name"]:
                yield Tag(found["name"].rpartition(":")[2], found[0], found.start(), found.end(), bool(found["end"]))

    def changed(self, changes: Iterable[Change]) -> bytes:
        """Return the bytes with changes made; letters that the encoding has not become character references."""
        parts, done = [], 0
        for start, end, text in sorted(changes, key=lambda change: change[:2]):
            parts += [self.text[done:start], text]
            done = end
        if not parts:
            return self.data
        return self.bom + "".join([*parts, self.text[done:]]).encode(self.codec, "xmlcharrefreplace")


def open_markup(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS, is_html: bool = False) -> Markup:
    """Read a document. HTML that is no XML is taken where `is_html`. Raises UnreadableInput, naming the file."""
    if len(data) > limits.max_layer:
        raise too_large(name, len(data), limits.max_layer, "--max-layer")
    bom, codec, text = decoded(data, name)
    refuse_declarations(text, name)
    if text.count("<") > MOST_TAGS:
        raise UnreadableInput(f"{shown(name)} has more than {MOST_TAGS} tags", "Split it into pages")
    return Markup(data, bom, codec, text, parsed(text, name, is_html))


def decoded(data: bytes, name: str) -> tuple[bytes, str, str]:
    """Return the byte order mark, the encoding and the text of a document. Raises UnreadableInput."""
    bom, codec = next(((mark, codec) for mark, codec in BOMS if data.startswith(mark)), (b"", ""))
    declared = DECLARED.search(data[:4096])
    codec = codec or (declared[declared.lastindex or 0].decode("ascii") if declared else "utf-8")
    try:
        codec = codecs.lookup(codec).name
        if not ENCODINGS.fullmatch(codec):
            raise LookupError(codec)
        return bom, codec, data[len(bom) :].decode(codec)
    except LookupError as error:
        raise UnreadableInput(
            f"{shown(name)} is in an unknown encoding ({shown(codec)})", "Save it as UTF-8"
        ) from error
    except UnicodeDecodeError as error:
        raise UnreadableInput(
            f"{shown(name)} is not in the encoding that it should be in ({codec}, byte {error.start})",
            "Declare its encoding, or save it as UTF-8",
        ) from error


def refuse_declarations(text: str, name: str) -> None:
    """Raise UnreadableInput where a document declares entities, or anything else of a DTD: no reader wrote that."""
    if DECLARATIONS.search(text):
        raise UnreadableInput(f"{shown(name)} has a DTD of its own, which may hide anything", "Remove it from the file")


def safe_options() -> dict[str, bool]:
    """Return what keeps lxml from entities, DTDs, the network, and depth and sizes without bounds."""
    return {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}


def parsed(text: str, name: str, is_html: bool) -> Any:
    """Return the root element of a document. Raises UnreadableInput."""
    data = text.encode()
    try:
        return etree.fromstring(data, etree.XMLParser(encoding="utf-8", **safe_options()))
    except etree.XMLSyntaxError as error:
        if not is_html:
            raise broken(name, error) from error
        if "</html" not in text[-END:].lower():
            raise UnreadableInput(f"{shown(name)} ends before its </html>", BROKEN) from error
    try:
        return etree.fromstring(data, etree.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False))
    except etree.XMLSyntaxError as error:
        raise broken(name, error) from error


def broken(name: str, error: Exception) -> UnreadableInput:
    """Return what to tell about markup that the parser refuses."""
    return UnreadableInput(f"{shown(name)} is no well-formed XML ({shown(' '.join(str(error).split()))})", BROKEN)


def streamed(path: str, limits: Limits, *names: str) -> Iterator[Any]:
    """Yield the elements of these local names of a file, which may be packed with gzip; only one is in memory.

    Raises UnreadableInput.
    """
    try:
        with open(path, "rb") as plain:
            is_packed = plain.read(2) == b"\x1f\x8b"
            plain.seek(0)
            file = Bounded(gzip.GzipFile(fileobj=plain) if is_packed else plain, plain, path, limits)
            for _, element in etree.iterparse(file, tag=[f"{{*}}{name}" for name in names], **safe_options()):
                yield element
                forget(element)
                file.element = 0
    except etree.XMLSyntaxError as error:
        raise broken(path, error) from error
    except (gzip.BadGzipFile, EOFError) as error:
        raise UnreadableInput(f"{shown(path)} is not packed as it should be ({error})", "Fetch it again") from error


def forget(element: Any) -> None:
    """Free an element and what came before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]


class Bounded(io.RawIOBase):
    """A file, packed as `plain`, of which at most so many bytes are read as the limits say, an element or all in all.

    Its beginning declares nothing. `element` are the bytes that were read since the last element.
    """

    def __init__(self, file: Any, plain: Any, name: str, limits: Limits) -> None:
        self.file, self.plain = file, plain
        self.name, self.limits = name, limits
        self.all, self.element = 0, 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes. Raises UnreadableInput."""
        data: bytes = self.file.read(min(size, 1 << 16) if size >= 0 else 1 << 16)
        if not self.all:
            refuse_declarations(data.decode("ascii", "ignore"), self.name)
        self.all += len(data)
        self.element += len(data)
        self.check()
        return data

    def check(self) -> None:
        """Raise UnreadableInput if more was read than the limits allow."""
        if self.all > self.limits.max_bytes:
            raise too_large(self.name, self.all, self.limits.max_bytes, "--max-bytes")
        if self.element > self.limits.max_layer:
            raise too_large(f"A page of {self.name}", self.element, self.limits.max_layer, "--max-layer")
        if self.all > max(LEAST_BOMB, MOST_PACKED * self.plain.tell()):
            problem = f"{shown(self.name)} unpacks to more than {MOST_PACKED} times its bytes"
            raise UnreadableInput(problem, "Unpack it with `gunzip`, and look what it is")


def too_large(name: str, size: int, most: int, option: str) -> UnreadableInput:
    """Return what to tell about markup of so many bytes, or more, where an option allows `most`."""
    return UnreadableInput(
        f"{shown(name)} has {size} bytes or more; the limit is {most}",
        f"Split it, or raise the limit with {option}",
    )


def local(element: Any) -> str:
    """Return the name of an element without namespace; "" for comments and instructions."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: Any, name: str) -> list[Any]:
    """Return the child elements of a name, whatever their namespace."""
    return [child for child in element if local(child) == name]


def escaped(text: str) -> str:
    """Return a text as it may stand in markup, also between quotes; what XML cannot hold becomes U+FFFD."""
    return html.escape(UNPRINTABLE.sub("\ufffd", text))


def indent(text: str, place: int) -> str:
    """Return the white space before a place of a document, with the last line end in it; "" if it has none."""
    before = text[:place].rstrip(" \t")
    end = "\r\n" if before.endswith("\r\n") else before[-1:]
    return end + text[len(before) : place] if end in ("\r\n", "\n", "\r") else ""
