"""hOCR 1.2 (and what older programs wrote): reads it, and puts corrected words back into it.

http://kba.github.io/hocr-spec/1.2/ . `x_wconf` stays the OCR's. A corrected word carries what was read in
`data-original`, why and how surely it was repaired in `data-reason` and `data-confidence`: properties of its `title`
would have to be of the specification. `<meta name="pravka">` says what changed the file.
"""

import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from string import ascii_lowercase
from typing import Any, Final, NamedTuple

from pipeline.errors import UnreadableInput
from pipeline.layers.layer import (
    Element,
    Layer,
    LayerLine,
    LayerPage,
    NewText,
    free_name,
    glyph_map_of,
    number,
    paragraphs,
    share,
    size,
    to_box,
    to_line,
)
from pipeline.layers.markup import BROKEN, MARKUP, Change, Markup, Tag, escaped, indent, open_markup, streamed
from pipeline.model import Box
from pipeline.source import DEFAULT_LIMITS, Limits, shown

WORDS: Final = frozenset({"ocrx_word", "ocr_word"})
LINES: Final = frozenset({"ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat"})
PARAGRAPHS: Final = frozenset({"ocr_par", "ocr_carea", "ocrx_block"})
PAGE: Final = "ocr_page"
VOID: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
BBOX: Final = re.compile(r"bbox\s+(-?\d+)\s+-?\d+\s+(-?\d+)")
QUOTED: Final = re.compile(r"""(["']).*?\1""")


class Part(NamedTuple):
    """A word or line in the text of the file: its start tag, and where its content and its end tag end."""

    tag: Tag
    inner_end: int
    end: int


def read_hocr(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> Layer:
    """Read an hOCR file, also one that is HTML and no XML; `name` is for errors. Raises UnreadableInput."""
    markup = open_markup(data, name, limits, is_html=True)
    elements = holding(markup.root)
    found = parts(markup)
    ids = [(element.get("id") or "", element.get("title") or "") for element in elements]
    if ids != [(part.tag.attribute("id"), part.tag.attribute("title")) for part in found]:
        raise UnreadableInput(f"{shown(name)} has words that are not closed, or not told apart", BROKEN)
    texts = {element: (place, text_of(markup, found[place])) for place, element in enumerate(elements)}
    pages = [element for element in markup.root.iter() if PAGE in classes(element)] or [markup.root]
    return Layer("hocr", tuple(to_page(page, texts) for page in pages), glyph_map(markup.root), markup)


def read_chocr(path: str, limits: Limits = DEFAULT_LIMITS) -> Layer:
    """Read the Internet Archive's chOCR: hOCR with every character, a page at a time. Raises UnreadableInput."""
    pages, engine, languages = [], "", set()
    for element in streamed(path, limits, "div", "meta"):
        if PAGE in classes(element):
            texts = {one: (place, "".join(one.xpath("string()").split())) for place, one in enumerate(holding(element))}
            pages.append(to_page(element, texts))
            languages |= languages_of(element)
        elif element.get("name") == "ocr-system":
            engine = element.get("content", "")
    return Layer("chocr", tuple(pages), glyph_map_of(engine, languages))


def classes(element: Any) -> set[str]:
    """Return the classes of an element; of comments none."""
    return set((element.get("class") or "").split()) if isinstance(element.tag, str) else set()


def holding(root: Any) -> list[Any]:
    """Return the elements that are words or lines, in order: what may hold text."""
    return [element for element in root.iter() if not classes(element).isdisjoint(WORDS | LINES)]


def glyph_map(root: Any) -> str:
    """Return the glyph map of the OCR program that a file names, "" if it does not tell enough."""
    engine = "".join(root.xpath("//*[local-name()='meta'][@name='ocr-system']/@content")[:1])
    return glyph_map_of(engine, languages_of(root))


def languages_of(root: Any) -> set[str]:
    """Return the languages of the words and paragraphs of a file."""
    return {str(name) for name in root.xpath(".//*[starts-with(@class, 'ocr')]/@lang")}


def to_page(page: Any, texts: Mapping[Any, tuple[int, str]]) -> LayerPage:
    """Return a page; `texts` are number and text of each word and line of the file."""
    rows = []
    for element in holding(page):
        own = classes(element)
        if own & WORDS:
            line = above(element, LINES)
            line = above(element, PARAGRAPHS) if line is None else line
        elif not any(inner is not element for inner in holding(element)):
            line = element
        else:
            continue
        rows.append((line, to_element(element, *texts[element])))
    box = properties(page).get("bbox", [])
    resolution = properties(page).get("scan_res", [])
    groups = [(line, [element for _, element in group]) for line, group in groupby(rows, key=lambda row: row[0])]
    blocks = [
        [to_layer_line(line, elements) for line, elements in group]
        for _, group in groupby(groups, key=lambda one: None if one[0] is None else above(one[0], PARAGRAPHS))
    ]
    width, height = (size(box[side]) if len(box) == 4 else 0 for side in (2, 3))
    return LayerPage(paragraphs(blocks), width, height, size(resolution[0]) if resolution else 0)


def above(element: Any, wanted: frozenset[str]) -> Any:
    """Return the nearest element above another that has one of these classes, None if there is none."""
    return next((one for one in element.iterancestors() if not classes(one).isdisjoint(wanted)), None)


def to_layer_line(line: Any, elements: Sequence[Element]) -> LayerLine:
    """Return a line with its words."""
    return to_line(elements, None if line is None else box_of(line))


def to_element(element: Any, place: int, text: str) -> Element:
    """Return a word, or a line without words."""
    confidence = properties(element).get("x_wconf", [])
    return Element(place, text, box_of(element), share(number(confidence[0]) / 100) if confidence else None)


def box_of(element: Any) -> Box | None:
    """Return the box of an element."""
    return to_box([number(side) for side in properties(element).get("bbox", [])])


def properties(element: Any) -> dict[str, list[str]]:
    """Return the properties that the title of an element has, without those in quotes."""
    told = [part.split() for part in QUOTED.sub("", element.get("title") or "").split(";")]
    return {words[0]: words[1:] for words in told if words}


# ---------------------------------------------------------------- places in the text


def parts(markup: Markup) -> list[Part]:
    """Return the words and lines of a file as they stand in its text; those that are not closed are left out."""
    found: list[tuple[Tag, int, int] | None] = []
    opened: dict[str, list[tuple[int, Tag | None]]] = {}
    for tag in markup.tags():
        own = opened.setdefault(tag.name.lower(), [])
        if not tag.is_end:
            is_wanted = "ocr" in tag.text and not (WORDS | LINES).isdisjoint(tag.attribute("class").split())
            if tag.is_empty or tag.name.lower() in VOID:
                found += [(tag, tag.end, tag.end)] if is_wanted else []
            else:
                own.append((len(found), tag if is_wanted else None))
                found += [None] if is_wanted else []
        elif own:
            place, start = own.pop()
            if start:
                found[place] = (start, tag.start, tag.end)
    return [Part(*one) for one in found if one]


def text_of(markup: Markup, part: Part) -> str:
    """Return the text of a part."""
    return "".join(html.unescape(markup.text[start:end]) for start, end in text_nodes(markup.text, part))


def text_nodes(text: str, part: Part) -> Iterator[tuple[int, int]]:
    """Yield where in the file the stretches of text in a part stand."""
    place = part.tag.end
    for found in MARKUP.finditer(text, part.tag.end, part.inner_end):
        if found.start() > place:
            yield place, found.start()
        place = found.end()
    if place < part.inner_end:
        yield place, part.inner_end


# ---------------------------------------------------------------- writing


def hocr_with(markup: Markup, changed: Mapping[int, NewText], versions: Mapping[str, str]) -> bytes:
    """Return the bytes of an hOCR file with what became of its words, and a note of what changed them."""
    if not changed:
        return markup.data
    found = parts(markup)
    names = {part.tag.attribute("id") for part in found}
    changes = [note(markup, versions)]
    for place, new in changed.items():
        changes += word_changes(markup.text, found[place], new, names)
    return markup.changed(changes)


def word_changes(text: str, part: Part, new: NewText, names: set[str]) -> Iterator[Change]:
    """Yield the changes of a word; `names` are the ids in use."""
    tag = part.tag
    nodes = [cored(text, *node) for node in text_nodes(text, part) if text[slice(*node)].strip()]
    read = [html.unescape(text[start:end]) for start, end in nodes]
    original = " ".join("".join(read).split())
    told = f' data-original="{escaped(original)}" data-reason="{new.reason}" data-confidence="{new.confidence:.4f}"'
    place = tag.end - (2 if tag.is_empty else 1)
    yield Change(place, place, told)
    said = dealt(new.words[0] if new.words else "", [len(one) for one in read])
    for (start, end), own in zip(nodes, said, strict=True):
        yield Change(start, end, escaped(own))
    more = "".join(split_off(tag, new.words, names))
    if more:
        yield Change(part.end, part.end, more)


def cored(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where a stretch of text stands without the white space around it."""
    own = text[start:end]
    return start + len(own) - len(own.lstrip()), end - len(own) + len(own.rstrip())


def dealt(text: str, lengths: Sequence[int]) -> Iterator[str]:
    """Yield a text in stretches as long as those it replaces; the last takes the rest."""
    for place, length in enumerate(lengths):
        own = text if place == len(lengths) - 1 else text[:length]
        text = text[len(own) :]
        yield own


def split_off(tag: Tag, words: Sequence[str], names: set[str]) -> Iterator[str]:
    """Yield elements, a space before each, for the words after the first: each with its share of the width."""
    letters, done = sum(map(len, words)), len(words[0]) if words else 0
    for place, word in enumerate(words[1:], start=1):
        name = tag.attribute("id")
        own = free_name(f"{name}_{ascii_lowercase[min(place, 25)]}", names) if name else ""
        yield f" {copied(tag, own, done / letters, (done + len(word)) / letters)}{escaped(word)}</{tag.full_name}>"
        done += len(word)


def copied(tag: Tag, name: str, start: float, end: float) -> str:
    """Return a start tag with another id, and with the part of the width from `start` to `end` (shares)."""
    changes = [Change(*tag.value("id"), escaped(name))] if name else []
    if bounds := BBOX.search(tag.text):
        left, right = int(bounds[1]), int(bounds[2])
        shares = (round(left + (right - left) * one) for one in (start, end))
        for place, side in enumerate(shares, start=1):
            changes.append(Change(tag.start + bounds.start(place), tag.start + bounds.end(place), str(side)))
    text = tag.text
    for first, last, new in sorted(changes, reverse=True):
        text = text[: first - tag.start] + new + text[last - tag.start :]
    return text


def note(markup: Markup, versions: Mapping[str, str]) -> Change:
    """Return the insertion of what says which program and data changed the file; without a head it is a comment."""
    told = escaped("; ".join(f"{name} {value}" for name, value in versions.items()))
    head: Iterable[Tag] = [tag for tag in markup.tags() if tag.name.lower() in ("meta", "head", "body")]
    metas = [tag for tag in head if tag.name.lower() == "meta" and tag.attribute("name").startswith("ocr-")]
    before = [*metas, *(tag for tag in head if tag.name.lower() == "head" and not tag.is_end)]
    if not before:
        place = next(tag.start for tag in markup.tags())
        place = next((tag.end for tag in markup.tags() if tag.name.lower() == "body"), place)
        return Change(place, place, f"<!-- {told.replace('--', '- -')} -->")
    last = metas[-1] if metas else before[0]
    closing = "/>" if last.is_empty or 'xmlns="' in markup.text[:4096] else ">"
    line = indent(markup.text, last.start)
    return Change(last.end, last.end, f'{line}<meta name="pravka" content="{told}"{closing}')
