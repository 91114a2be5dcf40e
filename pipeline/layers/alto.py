"""ALTO (Library of Congress, versions 1 to 4): reads it, and puts corrected words back into it.

https://www.loc.gov/standards/alto/ . `CONTENT` becomes the corrected word, `ALTERNATIVE` has what was read, `WC` and
`CC` stay the OCR's and `CS`, correction by hand, is never touched. A processing step says what changed the file.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from string import ascii_lowercase
from typing import Any, Final

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
from pipeline.layers.markup import Change, Markup, Tag, children, escaped, indent, local, open_markup
from pipeline.model import Box
from pipeline.source import DEFAULT_LIMITS, Limits

RESOLUTIONS: Final = {"mm10": 254, "inch1200": 1200}  # dpi at which a unit of measurement is a pixel
HYPHENS: Final = "-\u00ad\u2010\u00ac"
LANGUAGES: Final = {"en": "eng", "ru": "rus"}
PURPOSE: Final = "original reading; repaired by pravka, reason {}, confidence {:.4f}"
MARKS: Final = re.compile(r"^\W+|\W+$")


def read_alto(data: bytes, name: str, limits: Limits = DEFAULT_LIMITS) -> Layer:
    """Read an ALTO file; `name` is for errors. Raises UnreadableInput."""
    markup = open_markup(data, name, limits)
    numbers = {element: place for place, element in enumerate(strings(markup.root))}
    unit = "".join(markup.root.xpath("//*[local-name()='MeasurementUnit']/text()")[:1]).strip()
    pages = [to_page(page, numbers, RESOLUTIONS.get(unit, 0)) for page in markup.root.iter("{*}Page")]
    return Layer("alto", tuple(pages), glyph_map(markup.root), markup)


def strings(root: Any) -> list[Any]:
    """Return all String elements, in order."""
    return list(root.iter("{*}String"))


def glyph_map(root: Any) -> str:
    """Return the glyph map of the OCR program that an ALTO file names, "" if it does not tell enough."""
    engine = "".join(root.xpath("//*[local-name()='softwareName']/text()")[:1]).strip()
    languages = {text[:3].lower() for text in root.xpath("//@LANG | //@language")}
    return glyph_map_of(engine, {LANGUAGES.get(language[:2], language) for language in languages})


def to_page(page: Any, numbers: Mapping[Any, int], dpi: int) -> LayerPage:
    """Return a page; lines outside blocks are none."""
    blocks = [
        [to_layer_line(line, numbers) for line in children(block, "TextLine")] for block in page.iter("{*}TextBlock")
    ]
    return LayerPage(paragraphs(blocks), size(page.get("WIDTH")), size(page.get("HEIGHT")), dpi)


def to_layer_line(line: Any, numbers: Mapping[Any, int]) -> LayerLine:
    """Return a line with its words."""
    return to_line(
        (
            Element(numbers[string], said(string), box_of(string), share(number(string.get("WC"))))
            for string in children(line, "String")
        ),
        box_of(line),
    )


def said(string: Any) -> str:
    """Return what a String says, with the hyphen that the line ends with."""
    content = str(string.get("CONTENT", ""))
    return content + "-" if has_hyphen(string, content) else content


def has_hyphen(string: Any, content: str) -> bool:
    """Return whether the hyphen of a line end stands in an element of its own after a String."""
    following = next((one for one in string.itersiblings() if local(one) in ("String", "HYP")), None)
    return following is not None and local(following) == "HYP" and bool(content) and content[-1] not in HYPHENS


def box_of(element: Any) -> Box | None:
    """Return the box of an element."""
    left, top, width, height = (number(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return to_box((left, top, left + width, top + height))


# ---------------------------------------------------------------- writing


def alto_with(markup: Markup, changed: Mapping[int, NewText], versions: Mapping[str, str]) -> bytes:
    """Return the bytes of an ALTO file with what became of its Strings, and a note of what changed them."""
    if not changed:
        return markup.data
    elements = strings(markup.root)
    tags = [tag for tag in markup.tags() if tag.name in ("alto", "Description", "OCRProcessing", "String", "Shape")]
    starts = [place for place, tag in enumerate(tags) if tag.name == "String" and not tag.is_end]
    names = {str(name) for name in markup.root.xpath("//@ID")}
    contents = [contents_of(element, changed.get(place)) for place, element in enumerate(elements)]
    changes = [note(markup, tags, versions, names)]
    for place in sorted(changed):
        changes += string_changes(tags, starts[place], elements[place], contents[place], changed[place], names)
    changes += substitutions([tags[start] for start in starts], elements, contents, changed)
    return markup.changed(changes)


def contents_of(string: Any, new: NewText | None) -> tuple[str, ...]:
    """Return the words that a String, and those that are split off it, hold, without the hyphen of the line end."""
    content = str(string.get("CONTENT", ""))
    if new is None:
        return (content,)
    words = new.words or ("",)
    cut = has_hyphen(string, content) and words[-1][-1:] == "-"
    return (*words[:-1], words[-1][:-1] if cut else words[-1])


def string_changes(
    tags: Sequence[Tag], start: int, string: Any, words: Sequence[str], new: NewText, names: set[str]
) -> Iterator[Change]:
    """Yield the changes of a String, whose start tag is at `start` among `tags`; `names` are the IDs in use."""
    tag = tags[start]
    yield Change(*tag.value("CONTENT"), escaped(words[0]))
    purpose = PURPOSE.format(new.reason, new.confidence)
    original = escaped(str(string.get("CONTENT")))
    alternative = f'<{tag.prefix}ALTERNATIVE PURPOSE="{purpose}">{original}</{tag.prefix}ALTERNATIVE>'
    more = "".join(split_off(tag, string, words, names))
    if tag.is_empty:
        yield Change(tag.end - 2, tag.end, f">{alternative}</{tag.prefix}String>{more}")
        return
    last = next(place for place in range(start, len(tags)) if tags[place].name == "String" and tags[place].is_end)
    end = tags[last]
    shapes = [one for one in tags[start + 1 : last] if one.name == "Shape" and (one.is_end or one.is_empty)]
    own = shapes[0].end if shapes and len(children(string, "Shape")) else tag.end
    yield Change(own, own, alternative)
    if more:
        yield Change(end.end, end.end, more)


def split_off(tag: Tag, string: Any, words: Sequence[str], names: set[str]) -> Iterator[str]:
    """Yield the Strings, a space before each, for the words after the first: each with its share of the width."""
    name, left, width = string.get("ID"), number(string.get("HPOS")), number(string.get("WIDTH"))
    letters, done = sum(map(len, words)), len(words[0])
    for place, word in enumerate(words[1:], start=1):
        attributes = {key: string.get(key) for key in ("VPOS", "HEIGHT", "STYLEREFS", "WC") if string.get(key)}
        if left == left and width == width:
            attributes["HPOS"] = f"{left + width * done / letters:.0f}"
            attributes["WIDTH"] = f"{width * len(word) / letters:.0f}"
        identity = {"ID": free_name(f"{name}_{ascii_lowercase[min(place, 25)]}", names)} if name else {}
        told = "".join(f' {key}="{escaped(value)}"' for key, value in {**identity, **attributes}.items())
        yield f'<{tag.prefix}SP/><{tag.prefix}String{told} CONTENT="{escaped(word)}"/>'
        done += len(word)


def substitutions(
    tags: Sequence[Tag], elements: Sequence[Any], contents: Sequence[Sequence[str]], changed: Mapping[int, NewText]
) -> Iterator[Change]:
    """Yield the changes of the whole words (`SUBS_CONTENT`) that the halves at line ends have beside them."""
    for place, (first, second) in enumerate(pairwise(elements)):
        is_pair = (first.get("SUBS_TYPE"), second.get("SUBS_TYPE")) == ("HypPart1", "HypPart2")
        if is_pair and not changed.keys().isdisjoint((place, place + 1)):
            whole = contents[place][-1].rstrip(HYPHENS) + contents[place + 1][0]
            for tag, element in ((tags[place], first), (tags[place + 1], second)):
                if old := element.get("SUBS_CONTENT"):
                    is_bare = old == MARKS.sub("", old)
                    yield Change(*tag.value("SUBS_CONTENT"), escaped(MARKS.sub("", whole) if is_bare else whole))


def note(markup: Markup, tags: Sequence[Tag], versions: Mapping[str, str], names: set[str]) -> Change:
    """Return the insertion of the processing step; a file without a description gets a comment."""
    described = [tag for tag in tags if tag.name == "Description" and tag.is_end]
    processed = [tag for tag in tags if tag.name == "OCRProcessing" and tag.is_end]
    settings = "; ".join(f"{name} {value}" for name, value in versions.items())
    if not described:
        root = next(tag for tag in tags if tag.name == "alto")
        return Change(root.end, root.end, f"<!-- Russian text repaired: {escaped(settings).replace('--', '- -')} -->")
    is_new = "ns-v4" in markup.root.tag
    target = processed[-1] if processed and not is_new else described[-1]
    step = step_of(target.prefix, versions, settings, is_new)
    name = free_name("pravka", names)
    opened = target.prefix
    if is_new:
        step = f'<{opened}Processing ID="{name}">{step}</{opened}Processing>'
    else:
        step = f"<{opened}postProcessingStep>{step}</{opened}postProcessingStep>"
        if not processed:
            step = f'<{opened}OCRProcessing ID="{name}"><{opened}ocrProcessingStep/>{step}</{opened}OCRProcessing>'
    space = indent(markup.text, target.start)
    return Change(target.start, target.start, ("\t" if space else "") + step + space)


def step_of(prefix: str, versions: Mapping[str, str], settings: str, is_new: bool) -> str:
    """Return what a processing step holds; the category is of version 4."""
    category = f"<{prefix}processingCategory>contentModification</{prefix}processingCategory>" if is_new else ""
    return (
        f"{category}<{prefix}processingStepDescription>Russian text repaired</{prefix}processingStepDescription>"
        f"<{prefix}processingStepSettings>{escaped(settings)}</{prefix}processingStepSettings>"
        f"<{prefix}processingSoftware><{prefix}softwareName>pravka</{prefix}softwareName>"
        f"<{prefix}softwareVersion>{escaped(versions['pravka'])}</{prefix}softwareVersion></{prefix}processingSoftware>"
    )
