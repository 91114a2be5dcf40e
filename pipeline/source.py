"""Opens inputs: finds the documents, hands on grey pages as arrays one by one, and text with all its bytes.

Nothing here changes a file. Pillow and pypdfium2 are imported only when a page is opened.
"""

import hashlib
import math
import os
import re
import threading
import unicodedata
import warnings
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache, cached_property, lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from pipeline.errors import CannotWrite, NothingToDo, PravkaError, UnreadableInput, UsageError

if TYPE_CHECKING:
    from PIL.Image import Image

Grey = npt.NDArray[np.uint8]
Kind = Literal["image", "pdf", "text", "hocr", "alto", "page-xml", "abbyy", "chocr"]

KINDS: Final[frozenset[str]] = frozenset(get_args(Kind))
IMAGE_SUFFIXES: Final = frozenset(
    {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".pbm", ".pgm", ".ppm", ".pnm"}
)
TEXT_SUFFIXES: Final = frozenset({".txt", ".text"})
PAGED: Final[frozenset[Kind]] = frozenset({"image", "pdf"})  # what is read page by page
# What OCR programs of others leave: text with the places of its words.
LAYERS: Final[frozenset[Kind]] = frozenset({"hocr", "alto", "page-xml", "abbyy", "chocr"})
WHOLE_LAYERS: Final[frozenset[Kind]] = frozenset({"hocr", "alto", "page-xml"})  # that are read at once, not by page
LAYER_SUFFIX: Final = re.compile(r"(\.(alto|hocr|page|abbyy))?\.(xml|hocr|x?html?)(\.gz)?$|\.gz$", re.IGNORECASE)
# What an output of a document is called, by format: its name without suffix, and this.
OUTPUTS: Final = {
    "txt": ".txt",
    "json": ".json",
    "tsv": ".corrections.tsv",
    "hocr": ".hocr",
    "alto": ".alto.xml",
    "pdf": ".pdf",
    "html": ".html",
    "docx": ".docx",
    "raw": ".raw.txt",
}
USUAL: Final = ("txt", "json")  # what is written where nothing is asked for
LONGEST_NAME: Final = 255  # bytes, that file systems take
SUFFIXES: Final = tuple(OUTPUTS.values())
IMAGE_FORMATS: Final = ("PNG", "JPEG", "TIFF", "WEBP", "BMP", "PPM")  # no other decoder ever sees the bytes
SIGNATURES: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"%PDF-", "pdf"),
    (b"\x89PNG\r\n", "image"),
    (b"\xff\xd8\xff", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
)
LONGEST_SIGNATURE: Final = max(len(signature) for signature, _ in SIGNATURES)
SNIFFED: Final = 1 << 16  # bytes, of a file whose name does not say what it is
GZIP: Final = b"\x1f\x8b"
# The root element of a file, behind what may stand before it: its name and its attributes.
ROOT: Final = re.compile(
    r"(?>\s++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[.*?\]\s*+)?>)*+<(?:[\w.-]+:)?([\w.-]+)([^>]*)>",
    re.DOTALL | re.IGNORECASE,
)
HOCR: Final = re.compile(r"ocr_page|ocrx_word|ocr_line|ocr-system")
ABBYY: Final = re.compile("abbyy|finereader", re.IGNORECASE)
BOM: Final = b"\xef\xbb\xbf"
LINE: Final = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
PLAIN_RESOLUTION: Final = 300.0  # dpi, for a PDF page that is not just one image
MOSTLY: Final = 0.5  # of a PDF page, that its one image must cover to set the resolution
SLIVER: Final = 0.02  # pixels
NOT_A_PAGE: Final = 0b101  # bits of TIFF's NewSubfileType: reduced copy of another frame, or a mask
SUBFILE_TYPE, PHOTOMETRIC, ORIENTATION = 254, 262, 274  # TIFF and EXIF tags
# Orientation tag -> name of Pillow's Transpose, and how many degrees counter-clockwise that turns the picture
# (after mirroring it, where the tag says that it is mirrored).
TURNS: Final = {
    2: ("FLIP_LEFT_RIGHT", 0),
    3: ("ROTATE_180", 180),
    4: ("FLIP_TOP_BOTTOM", 180),
    5: ("TRANSPOSE", 90),
    6: ("ROTATE_270", 270),
    7: ("TRANSVERSE", 270),
    8: ("ROTATE_90", 90),
}
PILLOW: Final = threading.RLock()  # guards Pillow's global limit on pixels while ours is in force


@dataclass(frozen=True)
class Source:
    """A document to be opened; `relative` is its path below the walked argument, or its bare name if it was named.

    Its outputs are named after it, with its suffix (`p00.png.txt`) if `keeps_suffix`.
    """

    path: Path
    relative: Path
    kind: Kind
    keeps_suffix: bool = False

    @property
    def bare(self) -> str:
        """Return its relative path without a suffix: what an image and a text layer of it share."""
        if self.kind in LAYERS and LAYER_SUFFIX.search(self.relative.name, 1):
            return str(self.relative.with_name(LAYER_SUFFIX.sub("", self.relative.name)))
        return str(self.relative).removesuffix(self.relative.suffix)

    @cached_property
    def stem(self) -> str:
        """Return the path below the output folder that all its outputs share."""
        return str(self.relative) if self.keeps_suffix else self.bare

    def outputs(self, formats: Iterable[str]) -> list[str]:
        """Return the paths of its outputs of some formats, below the output folder."""
        return [f"{self.stem}{OUTPUTS[name]}" for name in formats]

    def output(self, out: Path, format_name: str) -> Path:
        """Return where in a folder the output of a format is written."""
        return out / self.outputs([format_name])[0]


@dataclass(frozen=True)
class Found:
    """What the arguments hold: the documents in order, and an error for each argument or file that is none."""

    sources: tuple[Source, ...]
    errors: tuple[PravkaError, ...] = ()


@dataclass(frozen=True)
class Limits:
    """What may be opened; PDFs that open with the password, if one is given.

    Pages of at most so many pixels, documents of at most so many pages, files of at most so many bytes (unpacked); less
    of those that are held in memory whole: texts and text layers.
    """

    max_pixels: int = 250_000_000
    password: str | None = None
    max_bytes: int = 4_000_000_000
    max_pages: int = 5_000
    max_text: int = 20_000_000
    max_layer: int = 128_000_000

    def bytes_of(self, kind: Kind) -> tuple[int, str]:
        """Return how many bytes a file of a kind may have, and the option that says so."""
        own = {"text": (self.max_text, "--max-text"), **dict.fromkeys(WHOLE_LAYERS, (self.max_layer, "--max-layer"))}
        every = (self.max_bytes, "--max-bytes")
        return min(own.get(kind, every), every)


@dataclass(frozen=True)
class PageImage:
    """A page, numbered from 1: its grey pixels (height x width), upright; `dpi` is 0 where it is not known.

    Width and height are those of the upright page; `turned` is how many degrees counter-clockwise (0, 90, 180, 270)
    the stored picture was turned because its orientation tag says so.
    """

    number: int
    grey: Grey
    width: int
    height: int
    dpi: int
    turned: int = 0


@dataclass(frozen=True)
class Text:
    """A text as lines and the line ends that were between them ("" after a last line without one).

    Bytes that are not UTF-8 are lone surrogates in it (Python's surrogateescape); `bom` says that a byte order mark
    stood before it.
    """

    lines: tuple[str, ...]
    ends: tuple[str, ...]
    bom: bool = False

    @property
    def text(self) -> str:
        """Return the whole text, without the byte order mark."""
        return "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))

    def with_lines(self, lines: Iterable[str]) -> "Text":
        """Return the text with other lines between the same line ends. Raises ValueError if their number differs."""
        changed = tuple(lines)
        if len(changed) != len(self.ends):
            raise ValueError(f"{len(changed)} lines for {len(self.ends)}")
        return Text(changed, self.ends, self.bom)

    def to_bytes(self) -> bytes:
        """Return the bytes of the text: those that were read, as far as the lines are unchanged."""
        return (BOM if self.bom else b"") + self.text.encode("utf-8", "surrogateescape")


DEFAULT_LIMITS: Final = Limits()


def shown(path: Path | str) -> str:
    """Return a file name on one line that any terminal can print: control characters and wrong bytes are escaped."""
    escaped = str(path).encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in escaped)


# ---------------------------------------------------------------- finding


def find_documents(
    arguments: Sequence[Path],
    out: Path | None = None,
    one_result: bool = False,
    include: Sequence[str] = (),
    formats: Sequence[str] = (),
    keep_suffix: bool = False,
    limits: Limits = DEFAULT_LIMITS,
) -> Found:
    """Return the documents that the arguments (files and folders) hold, and an error for each that cannot be had.

    A file that is named is taken; a folder gives its images and PDFs, sorted, without hidden files and folders, the
    folder `out` and links to folders; besides, what is of a kind or has a name like a pattern of `include`. An image or
    PDF and a text layer of the same name are one document: the layer is taken. A document named twice is one. Outputs
    are named with the suffix of their document if `keep_suffix`.

    Missing, empty, special and too large files become UnreadableInput, a folder without a page NothingToDo, a document
    whose outputs (of `formats`, else the usual ones) would have too long a name CannotWrite; these are returned, so
    that the other inputs can still be done. Raises UsageError when two documents would write the same output, or a
    document would be overwritten by its own; not where all of them make `one_result`.
    """
    sources: list[Source] = []
    alike: dict[str, list[Source]] = defaultdict(list)
    errors: list[PravkaError] = [] if arguments else [NothingToDo("No input is named", "Name a file or a folder")]
    folders = cache(os.path.realpath)
    for argument in arguments:
        for path, relative in candidates(argument, out, errors, include):
            try:
                source = Source(path, relative, kind_of(path, limits), keep_suffix)
                others = alike[source.stem]
                if all(real(other.path, folders) != real(path, folders) for other in others):
                    others.append(source)
                    sources.append(source)
            except UnreadableInput as error:
                errors.append(of_file(path, error))
    alike.clear()
    documents = without_images_of_layers(sources)
    wanted = [name for name in formats if name in OUTPUTS] or USUAL
    if not one_result:
        refuse_collisions(documents, wanted, out is not None and folds_names(out))
    if out is not None:
        refuse_overwriting(documents, out, folders)
        unnamed = {one.stem: of_file(one.path, why) for one in documents if (why := too_long(one, wanted))}
        documents = [source for source in documents if source.stem not in unnamed]
        errors += unnamed.values()
    return Found(tuple(documents), tuple(errors))


def of_file(path: Path | str, error: PravkaError) -> PravkaError:
    """Return an error that says which input it is about."""
    error.file = str(path)
    return error


def real(path: Path, folders: Callable[[Path], str]) -> str:
    """Return the path of a file without links; `folders` gives that of its folder, which many files have."""
    return os.path.realpath(path) if os.path.islink(path) else os.path.join(folders(path.parent), path.name)


def without_images_of_layers(sources: Sequence[Source]) -> list[Source]:
    """Return the documents without the images and PDFs that a text layer of the same name was read from."""
    layers = {source.bare for source in sources if source.kind in LAYERS}
    if not layers:
        return list(sources)
    return [source for source in sources if source.kind not in PAGED or source.bare not in layers]


def candidates(
    argument: Path, out: Path | None, errors: list[PravkaError], include: Sequence[str] = ()
) -> list[tuple[Path, Path]]:
    """Return the files of an argument, with their relative paths; add to `errors` what went wrong."""
    if not os.path.isdir(argument):  # Path.is_dir raises when a folder above is locked
        return [(argument, Path(argument.name))]
    if out is not None and os.path.realpath(out) == os.path.realpath(argument):
        raise UsageError(f"{shown(argument)} is both input and output folder", "Choose another output folder with -o")
    before = len(errors)
    files = list(walk(argument, out, errors, include))
    if not files and len(errors) == before:
        wanted = f", and nothing that is {shown(', '.join(include))}" if include else ""
        remedy = "Name other files one by one, or by --include hocr,alto"
        empty = NothingToDo(f"{shown(argument)} holds no image and no PDF{wanted}", remedy)
        errors.append(of_file(argument, empty))
    return files


def walk(
    folder: Path, out: Path | None, errors: list[PravkaError], include: Sequence[str] = ()
) -> Iterator[tuple[Path, Path]]:
    """Yield the images and PDFs below a folder, and what else is wanted of it (`include`), sorted, and paths below it.

    Folders that cannot be listed are added to `errors`.

    Links to folders are not followed, so there are no loops and no page comes twice.
    """

    def note(error: OSError) -> None:
        errors.append(of_file(error.filename, cannot_open(error)))

    skipped = None if out is None else os.path.realpath(out)
    for root, folders, files in os.walk(folder, onerror=note):
        folders[:] = sorted(
            name for name in folders if name[0] != "." and os.path.realpath(Path(root, name)) != skipped
        )
        above, below = Path(root), Path(root).relative_to(folder)
        for name in sorted(files):
            if name[0] != "." and (kind_by_name(name) in PAGED or is_included(above / name, include)):
                yield above / name, below / name


def is_included(path: Path, include: Sequence[str]) -> bool:
    """Tell whether a file of a folder is of one of these kinds, or has a name like one of these patterns."""
    if any(fnmatchcase(path.name, pattern) for pattern in include):
        return True
    try:
        return not KINDS.isdisjoint(include) and kind_of(path) in include
    except UnreadableInput:
        return False


def cannot_open(error: OSError) -> UnreadableInput:
    """Return what to tell about a file or folder that the system does not open."""
    remedy = "Check the name" if isinstance(error, FileNotFoundError) else "Check that you may read it"
    return UnreadableInput(f"{shown(str(error.filename))} cannot be opened ({error.strerror})", remedy)


def kind_by_name(name: str) -> Kind | None:
    """Return the kind that the suffix of a file's name stands for, None if it stands for none."""
    suffix = os.path.splitext(name)[1].lower()
    if suffix in IMAGE_SUFFIXES:
        return "image"
    return "pdf" if suffix == ".pdf" else "text" if suffix in TEXT_SUFFIXES else None


def kind_of(path: Path, limits: Limits = DEFAULT_LIMITS) -> Kind:
    """Return the kind of a file.

    Raises UnreadableInput if it is missing, empty, special, too large, or of no known kind.
    """
    try:
        status = os.stat(path)
        if not S_ISREG(status.st_mode):
            raise UnreadableInput(f"{shown(path)} is not a file", "Name a file or a folder")
        if status.st_size == 0:
            raise UnreadableInput(f"{shown(path)} is empty (0 bytes)", "Scan or copy it again")
        named = kind_by_name(path.name)
        kind = named if named == "text" else kind_by_content(path, named)
    except OSError as error:
        raise cannot_open(error) from error
    check_bytes(path, status.st_size, kind, limits)
    return kind


def check_bytes(path: Path, size: int, kind: Kind, limits: Limits) -> None:
    """Raise UnreadableInput, naming the option, if a file of a kind has more bytes than the limit."""
    most, name = limits.bytes_of(kind)
    if size > most:
        raise UnreadableInput(
            f"{shown(path)} has {size} bytes, more than the limit of {most}",
            f"Split it, or raise the limit with {name} {size}",
        )


def kind_by_content(path: Path, named: Kind | None) -> Kind:
    """Return the kind of a file as its first bytes show it, else as it is `named`.

    Raises OSError, and UnreadableInput if it is of no known kind and named as none.
    """
    with open(path, "rb", buffering=0) as file:
        head = file.read(SNIFFED if named is None else LONGEST_SIGNATURE)
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    layer = layer_kind(head, path)
    if layer:
        return layer
    if named or is_text(head):
        return named or "text"
    raise UnreadableInput(
        f"{shown(path)} is neither text nor a known kind of image, PDF or text layer",
        "Save it as PNG, TIFF, PDF or UTF-8 text",
    )


def layer_kind(head: bytes, path: Path) -> Kind | None:
    """Return the kind of a text layer by its first bytes, None if it is none: its root element tells, packed or not.

    Raises UnreadableInput for XML and packed files that are no text layer.
    """
    is_packed = head.startswith(GZIP)
    kind = root_kind(unpacked(head) if is_packed else head)
    if kind == "hocr" and (is_packed or path.name.endswith("_chocr.html")):
        return "chocr"
    if is_packed and kind != "abbyy":
        raise UnreadableInput(f"{shown(path)} is packed, and is neither chOCR nor ABBYY XML", "Unpack it with `gunzip`")
    if kind is None and is_xml(head, path):
        raise UnreadableInput(f"{shown(path)} is XML, but no ALTO, hOCR, PAGE or ABBYY XML", "Give its text")
    return kind


def is_xml(head: bytes, path: Path) -> bool:
    """Tell whether a file wants to be XML."""
    return head.lstrip().removeprefix(BOM).startswith(b"<?xml") or path.suffix.lower() in (".xml", ".hocr")


def root_kind(head: bytes) -> Kind | None:
    """Return the kind of text layer that the root element stands for, None if for none; prefixes do not matter."""
    found = ROOT.match(decoded_head(head))
    name, attributes = found.groups() if found else ("", "")
    if name.lower() == "html":
        return "hocr" if found and HOCR.search(found.string) else None
    if name == "document":
        return "abbyy" if ABBYY.search(attributes) else None
    return "alto" if name == "alto" else "page-xml" if name == "PcGts" else None


def unpacked(head: bytes) -> bytes:
    """Return the first bytes of what was packed with gzip, none if it is broken."""
    try:
        return zlib.decompressobj(wbits=31).decompress(head, SNIFFED)
    except zlib.error:
        return b""


def decoded_head(head: bytes) -> str:
    """Return the first bytes of a file as text, as far as names of elements need it."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", "replace")
    return head.removeprefix(BOM).decode("latin-1")


def is_text(head: bytes) -> bool:
    """Tell whether the first bytes of a file are UTF-8 without NUL; a character cut off at the end does not matter."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) < SNIFFED or error.start < len(head) - 3:
            return False
    return b"\0" not in head


def refuse_collisions(sources: Iterable[Source], formats: Sequence[str] = USUAL, folds: bool = False) -> None:
    """Raise UsageError, naming both, if two documents would write the same output.

    `folds` says that names count as the same that differ only in case or in how their accents are written.
    """
    first: dict[str, Source] = {}
    for source in sources:
        for output in source.outputs(formats):
            other = first.setdefault(folded(output) if folds else output, source)
            if other is not source:
                raise collision(other, source, output)


def collision(first: Source, second: Source, output: str) -> UsageError:
    """Return what to tell about two documents that would write the same output."""
    is_named_alike = first.keeps_suffix or first.relative == second.relative
    remedy = "or give each a run and an output folder of its own"
    return UsageError(
        f"{shown(first.path)} and {shown(second.path)} would both write {shown(output)}",
        f"Rename one of them, {remedy}" if is_named_alike else f"Add --keep-extension, {remedy}",
    )


def folded(name: str) -> str:
    """Return a name as file systems see it that tell neither case nor ways to write an accent apart."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def folds_names(folder: Path) -> bool:
    """Tell whether names that differ only in case are one on the file system of a folder, or where it will be made.

    A name that is there tells: whether it is there in the other case too, and is the same file.
    """
    there = next(one for one in (folder, *folder.absolute().parents) if os.path.isdir(one))
    try:
        names = [*map(Path(there).joinpath, sorted(os.listdir(there))), Path(os.path.realpath(there))]
        cased = next(one for one in names if one.name != one.name.swapcase())
        return os.path.samefile(cased, cased.with_name(cased.name.swapcase()))
    except (OSError, StopIteration):
        return False


def too_long(source: Source, formats: Sequence[str]) -> CannotWrite | None:
    """Return what to tell about a document whose outputs would have names that no file system takes, else None."""
    longest = len(os.fsencode(os.path.basename(source.stem))) + max(len(OUTPUTS[name]) for name in formats)
    if longest <= LONGEST_NAME:
        return None
    problem = f"An output of {shown(source.path)} would have a name of {longest} bytes, more than {LONGEST_NAME}"
    return CannotWrite(problem, "Give the file a shorter name")


def refuse_overwriting(sources: Iterable[Source], out: Path, folders: Callable[[Path], str]) -> None:
    """Raise UsageError if an output of a document would replace the document itself; `folders` as for `real`."""
    for source in sources:
        if not source.path.name.endswith(SUFFIXES) and not os.path.islink(source.path):
            continue
        own = real(source.path, folders)
        for target in source.outputs(OUTPUTS):
            if own.endswith(target) and own == real(out / target, folders):
                raise UsageError(
                    f"{shown(source.path)} would be overwritten by its own output",
                    "Choose another output folder with -o",
                )


def refuse_input(sources: Iterable[Source], target: Path) -> None:
    """Raise UsageError if a result would be written over one of the documents that it is made of."""
    for source in sources:
        if os.path.realpath(target) == os.path.realpath(source.path):
            raise UsageError(f"{shown(target)} is input and output", "Choose another name with -o")


# ---------------------------------------------------------------- pages


def pages(source: Source, limits: Limits = DEFAULT_LIMITS) -> Iterator[PageImage]:
    """Yield the pages of an image or PDF one by one; only one is in memory. Raises UnreadableInput.

    The first page that cannot be read ends it; who wants the others still asks `page` for each of `page_count`.
    """
    for number in range(1, page_count(source, limits) + 1):
        yield page(source, number, limits)


def page_count(source: Source, limits: Limits = DEFAULT_LIMITS) -> int:
    """Return how many pages an image or PDF has. Raises UnreadableInput if it cannot be opened."""
    check_file(source, limits)
    if source.kind != "pdf":
        return len(frames_of(source.path, limits))
    with opened_pdf(source.path, limits) as pdf:
        count = len(pdf)
    if count < 1:
        raise UnreadableInput(f"{shown(source.path)} has no page in it", "Make the PDF again")
    if count > limits.max_pages:
        raise too_many_pages(source.path, str(count), limits)
    return count


def too_many_pages(path: Path, count: str, limits: Limits) -> UnreadableInput:
    """Return what to tell about a document of more pages than the limit."""
    return UnreadableInput(
        f"{shown(path)} has {count} pages, more than the limit of {limits.max_pages}",
        "Split it, or raise the limit with --max-pages",
    )


def check_file(source: Source, limits: Limits) -> None:
    """Raise UnreadableInput if a document has become something else since it was found, or is too large."""
    with blamed_on(source.path, "file"):
        status = source.path.stat()
    if not S_ISREG(status.st_mode):
        raise UnreadableInput(f"{shown(source.path)} is not a file", "Name a file or a folder")
    check_bytes(source.path, status.st_size, source.kind, limits)


def page(source: Source, number: int, limits: Limits = DEFAULT_LIMITS) -> PageImage:
    """Return page `number` (from 1) of an image or PDF. Raises UnreadableInput if it is broken or too large."""
    if source.kind not in ("image", "pdf"):
        raise ValueError(f"{source.path} is text and has no page images")
    return pdf_page(source.path, number, limits) if source.kind == "pdf" else image_page(source.path, number, limits)


def check_size(path: Path, number: int, width: float, height: float, limits: Limits) -> None:
    """Raise UnreadableInput, naming the option, if a page has more pixels than the limit."""
    pixels = math.ceil(width) * math.ceil(height)
    if pixels > limits.max_pixels:
        raise UnreadableInput(
            f"{shown(path)}, page {number}: {math.ceil(width)} x {math.ceil(height)} pixels are more than the limit"
            f" of {limits.max_pixels}",
            f"Scan it at a lower resolution, or raise the limit with --max-pixels {pixels}",
        )


@contextmanager
def blamed_on(path: Path, what: str) -> Iterator[None]:
    """Turn whatever fails inside into an UnreadableInput that names the file."""
    try:
        yield
    except PravkaError:
        raise
    except MemoryError as error:
        raise UnreadableInput(
            f"{shown(path)} does not fit into memory", "Scan it at a lower resolution, or run fewer jobs at once"
        ) from error
    except Exception as error:  # decoders given broken files raise nearly anything: struct.error, KeyError, SyntaxError
        if isinstance(error, OSError) and error.errno and error.filename:
            raise cannot_open(error) from error
        reason = " ".join(str(error).split()) or type(error).__name__
        raise UnreadableInput(f"{shown(path)} is broken ({shown(reason)})", f"Make the {what} again") from error


# ---------------------------------------------------------------- images


@contextmanager
def opened_image(path: Path) -> Iterator["Image"]:
    """Open an image without decoding it yet; decoding belongs inside too. Raises UnreadableInput."""
    from PIL import Image, UnidentifiedImageError

    with blamed_on(path, "scan"), own_limit(), path.open("rb") as file:
        try:
            image = Image.open(file, formats=IMAGE_FORMATS)
        except UnidentifiedImageError as error:
            raise UnreadableInput(
                f"{shown(path)} is not an image that can be read", f"Save it as one of {', '.join(IMAGE_FORMATS)}"
            ) from error
        with image:
            yield image


@contextmanager
def own_limit() -> Iterator[None]:
    """Keep Pillow's own limit on pixels, which cannot be given to it per file, and its warnings out of the way.

    Its limit is lower than ours; we check ours before anything is decoded. Its warnings are about metadata.
    """
    from PIL import Image

    with PILLOW, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        before = Image.MAX_IMAGE_PIXELS
        Image.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            Image.MAX_IMAGE_PIXELS = before


def frames_of(path: Path, limits: Limits = DEFAULT_LIMITS) -> tuple[int, ...]:
    """Return the frames of an image file that are pages; found anew where the file has changed. Raises UnreadableInput.

    To find them takes a time that grows with their number, so that it must not be done again for each page.
    """
    with blamed_on(path, "scan"):
        status = path.stat()
    return found_frames(path, status.st_mtime_ns, status.st_size, limits)


@lru_cache(maxsize=16)
def found_frames(path: Path, changed: int, size: int, limits: Limits) -> tuple[int, ...]:
    """Return the frames of an image file, of this time of change and size, that are pages. Raises UnreadableInput."""
    with opened_image(path) as image:
        frames = page_frames(image, limits.max_pages)
    if frames is None:
        raise too_many_pages(path, f"more than {limits.max_pages}", limits)
    return tuple(frames)


def page_frames(image: "Image", most: int) -> list[int] | None:
    """Return which frames of an opened image are pages: of a TIFF all but small copies and masks, else the first.

    Further frames of other formats (preview pictures of cameras, animations) are no pages. None if there are more than
    `most` frames: to count them all may take very long.
    """
    if image.format != "TIFF":
        return [0]
    frames: list[int] = []
    for frame in range(most + 1):
        try:
            frames += [] if tag(image, frame, SUBFILE_TYPE) & NOT_A_PAGE else [frame]
        except EOFError:
            return frames or [0]
    return None


def tag(image: "Image", frame: int, number: int) -> int:
    """Return a whole-number tag of a frame of an opened TIFF, 0 if it is not there; the image stays at that frame."""
    image.seek(frame)
    value = getattr(image, "tag_v2", {}).get(number, 0)
    return value if isinstance(value, int) else 0


def image_page(path: Path, number: int, limits: Limits) -> PageImage:
    """Decode one page of an image file, upright and grey. Raises UnreadableInput."""
    frame = frames_of(path, limits)[number - 1]
    with opened_image(path) as image:
        image.seek(frame)
        check_size(path, number, *image.size, limits)
        orientation, dpi = orientation_of(image), resolution_of(image)
        negative = image.format == "TIFF" and image.mode.startswith("I;16") and tag(image, frame, PHOTOMETRIC) == 0
        grey = grey_of(upright(image, orientation))
        if negative:  # Pillow inverts TIFFs whose 0 is white for 8 bits, not for 16
            np.subtract(255, grey, out=grey)
    height, width = grey.shape
    return PageImage(number, grey, width, height, dpi, TURNS.get(orientation, ("", 0))[1])


def orientation_of(image: "Image") -> int:
    """Return the orientation tag of an opened image, 1 (upright) where there is none that can be read."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:  # broken metadata must not cost the page
        return 1


def resolution_of(image: "Image") -> int:
    """Return the resolution that an opened image states, in dpi, 0 if it states none that makes sense."""
    try:
        dpi = float(image.info["dpi"][0])
    except Exception:  # nothing stated, or 1/0, or text where numbers belong
        return 0
    return round(dpi) if 1 <= dpi <= 10_000 else 0


def upright(image: "Image", orientation: int) -> "Image":
    """Decode an image, and turn it as its tag says. Raises whatever the decoder raises on broken data."""
    from PIL.Image import Transpose

    image.load()
    if image.format == "TIFF" or orientation not in TURNS:  # Pillow turns TIFFs itself when it decodes them
        return image
    return image.transpose(Transpose[TURNS[orientation][0]])


def grey_of(image: "Image") -> Grey:
    """Return the grey pixels (height x width) of a decoded image of any mode; what is transparent becomes white."""
    if image.mode.startswith("I") or image.mode == "F":
        return eight_bits(np.asarray(image), image.mode)
    if image.mode == "LAB":  # its first channel is the lightness
        return np.array(image.getchannel(0), np.uint8)
    if image.has_transparency_data:
        return over_white(image)
    return np.array(image.convert("L"), np.uint8)


def over_white(image: "Image") -> Grey:
    """Return the grey pixels (height x width) of an image with transparent parts, laid on white paper."""
    from PIL import Image

    if image.mode == "RGBa":  # colours already multiplied by their opacity
        image = image.convert("RGBA")
    seen = image.convert("LA")
    paper = Image.new("L", seen.size, 255)
    paper.paste(seen.getchannel(0), mask=seen.getchannel(1))
    return np.array(paper, np.uint8)


def eight_bits(values: npt.NDArray[Any], mode: str) -> Grey:
    """Return deep pixels (height x width), of one of Pillow's modes I, I;16 and F, scaled to 0-255."""
    finite = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    scaled = finite * np.float32(255 / full_scale(mode, float(finite.max(initial=0))))
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def full_scale(mode: str, largest: float) -> float:
    """Return the value that stands for white: the smallest usual one that no pixel exceeds, else the largest pixel."""
    usual = (1.0, 255.0, 65535.0) if mode == "F" else (65535.0,)
    return next((scale for scale in usual if largest <= scale), largest)


# ---------------------------------------------------------------- PDFs


@contextmanager
def opened_pdf(path: Path, limits: Limits) -> Iterator[Any]:
    """Open a PDF (pypdfium2's PdfDocument). Raises UnreadableInput if it is broken, or locked and no password fits."""
    import pypdfium2

    # An opened file, not its name: pdfium takes names in UTF-8 only.
    with blamed_on(path, "PDF"), path.open("rb") as file:
        try:
            pdf = pypdfium2.PdfDocument(file, password=limits.password)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise locked(path, limits) from error
            raise
        with closing(pdf):
            yield pdf


def locked(path: Path, limits: Limits) -> UnreadableInput:
    """Return what to tell about a PDF that did not open with the password of `limits`."""
    if limits.password is None:
        return UnreadableInput(f"{shown(path)} needs a password", "Give it with --password")
    return UnreadableInput(f"{shown(path)} does not open with this password", "Give the right one with --password")


def pdf_page(path: Path, number: int, limits: Limits) -> PageImage:
    """Render one page of a PDF in grey, at the resolution of its image if it is one. Raises UnreadableInput."""
    with opened_pdf(path, limits) as pdf, closing(pdf[number - 1]) as page:
        check_images(path, number, page, limits)
        scan, scale = scan_on(page), pdf_scale(page)
        check_size(path, number, page.get_width() * scale, page.get_height() * scale, limits)
        if scan:
            keep_pixels(scan)
        with closing(page.render(scale=scale, grayscale=True)) as bitmap:
            pixels = bitmap.to_numpy()
            grey = np.array(pixels.reshape(pixels.shape[:2]), np.uint8)
    height, width = grey.shape
    return PageImage(number, grey, width, height, round(scale * 72))


def pdf_scale(page: Any) -> float:
    """Return how many pixels a point of a PDF page (pypdfium2's PdfPage) becomes; of a scan, as many as it has."""
    scan = scan_on(page)
    dpi = scan_resolution(scan) if scan else PLAIN_RESOLUTION
    return dpi / 72 * (1 - 1e-6)  # pypdfium2 rounds sizes up: a trifle less, or 2480.0001 becomes 2481


def check_images(path: Path, number: int, page: Any, limits: Limits) -> None:
    """Raise UnreadableInput if an image on a PDF page has more pixels than the limit: pdfium decodes it whole."""
    from pypdfium2 import raw

    for thing in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE]):
        width, height = thing.get_px_size()
        check_size(path, number, width, height, limits)


def scan_on(page: Any) -> Any | None:
    """Return the image (pypdfium2's PdfImage) that a page mostly is, and nothing else that one sees; else None."""
    image = only_image(page)
    if image is None:
        return None
    width, height = sides(image)
    return image if width * height > MOSTLY * page.get_width() * page.get_height() else None


def sides(image: Any) -> tuple[float, float]:
    """Return the lengths in points of the sides that an image (pypdfium2's PdfImage) has on its page."""
    a, b, c, d, _, _ = image.get_matrix().get()
    return math.hypot(a, b), math.hypot(c, d)


def scan_resolution(image: Any) -> float:
    """Return the resolution of an image on its page in dpi, of its finer side."""
    (width, height), (across, down) = sides(image), image.get_px_size()
    return float(max(across / width, down / height)) * 72


def keep_pixels(image: Any) -> None:
    """Draw an image (pypdfium2's PdfImage) smaller by a sliver of a pixel at each side, so that its pixels stay.

    pdfium rounds the edges of an image outwards: one that ends at 3508.0001 is stretched to 3509 pixels, and blurred.
    """
    across, down = (2 * SLIVER / size for size in image.get_px_size())
    a, b, c, d, x, y = image.get_matrix().get()
    x, y = x + (a * across + c * down) / 2, y + (b * across + d * down) / 2
    smaller = (a * (1 - across), b * (1 - across), c * (1 - down), d * (1 - down), x, y)
    image.set_matrix(type(image.get_matrix())(*smaller))


def only_image(page: Any) -> Any | None:
    """Return the image (pypdfium2's PdfImage) that is all one sees of a page, None if there is more, or something else.

    Invisible text, such as OCR programs lay under scans, is not seen.
    """
    from pypdfium2 import raw

    image = None
    for thing in page.get_objects():
        if thing.type == raw.FPDF_PAGEOBJ_FORM or is_invisible(thing):
            continue  # get_objects goes into forms by itself
        if thing.type != raw.FPDF_PAGEOBJ_IMAGE or thing.level > 0 or image is not None:
            return None
        image = thing
    return image


def is_pictured(page: Any) -> bool:
    """Tell whether images may show most of a page (pypdfium2's PdfPage); the sizes of those in forms are not known."""
    from pypdfium2 import raw

    images = [thing for thing in page.get_objects() if thing.type == raw.FPDF_PAGEOBJ_IMAGE]
    shown = sum(math.prod(sides(image)) for image in images)
    return any(image.level for image in images) or shown > MOSTLY * page.get_width() * page.get_height()


def is_invisible(thing: Any) -> bool:
    """Tell whether an object of a PDF page (pypdfium2's PdfObject) is text that is not drawn."""
    from pypdfium2 import raw

    return bool(
        thing.type == raw.FPDF_PAGEOBJ_TEXT
        and raw.FPDFTextObj_GetTextRenderMode(thing) == raw.FPDF_TEXTRENDERMODE_INVISIBLE
    )


# ---------------------------------------------------------------- text


def read_text(data: bytes, name: str = "The text") -> Text:
    r"""Take bytes apart into lines and line ends (\n, \r\n, \r and no other); `name` is for the error.

    Bytes that are not UTF-8, NUL and form feeds stay as they are. Raises UnreadableInput for UTF-16 with a BOM.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableInput(f"{shown(name)} is UTF-16, not UTF-8", "Convert it with `iconv -f UTF-16 -t UTF-8`")
    lines, ends = split_lines(data.removeprefix(BOM).decode("utf-8", "surrogateescape"))
    return Text(lines, ends, data.startswith(BOM))


def split_lines(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lines of a text and the line ends after them; joined in turn they give the text."""
    pairs = [(line, end) for line, end in LINE.findall(text) if line or end]
    return tuple(line for line, _ in pairs), tuple(end for _, end in pairs)


def open_text(source: Source, limits: Limits = DEFAULT_LIMITS) -> Text:
    """Read the text of a document. Raises UnreadableInput if it cannot be opened, is too large or is UTF-16."""
    check_file(source, limits)
    with blamed_on(source.path, "file"):
        return read_text(source.path.read_bytes(), str(source.path))


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal. Raises UnreadableInput if it cannot be read."""
    with blamed_on(path, "file"), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
