"""Writes the text of pages, line by line or in paragraphs with words joined."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from pipeline.model import Ending, Line, Page, Role
from pipeline.options import Options

# How a line that is marked begins.
MARKS: Final[dict[Role, str]] = {
    "running-head": "[running head] ",
    "page-number": "[page number] ",
    "footnote": "[footnote] ",
}
JOINTS: Final[dict[Ending, str]] = {"space": " ", "broken": "", "hyphen": "", "line": "\n"}
HEADS: Final = ("running-head", "page-number")
ASIDE: Final = ("running-head", "page-number", "footnote")


@dataclass
class Paragraph:
    """A paragraph: the page that it begins on (from 0), its role and its lines."""

    page: int
    role: Role
    lines: list[Line]

    @property
    def text(self) -> str:
        """The text, words joined; lines that stay lines of their own have a line end between."""
        parts = [joint(line) for line in self.lines[:-1]]
        return "".join(parts) + self.lines[-1].text.strip()


def joint(line: Line) -> str:
    """Return the text of a line with what joins the next line of its paragraph to it."""
    text = line.text.strip()
    return (text[:-1] if line.ending == "broken" else text) + JOINTS[line.ending]


def linked(pages: Sequence[Page], decide: Callable[[str, str], Ending]) -> tuple[Page, ...]:
    """Return the pages of a document with what `decide` tells of each line that another of its paragraph follows."""
    endings: dict[tuple[int, int], Ending] = {}
    for chain in chains(pages):
        for (page, place), (below_page, below_place) in pairwise(chain):
            line, below = pages[page].lines[place], pages[below_page].lines[below_place]
            if line.ending == "space":
                endings[page, place] = decide(line.text, below.text)
    return tuple(with_endings(page, number, endings) for number, page in enumerate(pages))


def with_endings(page: Page, number: int, endings: dict[tuple[int, int], Ending]) -> Page:
    """Return a page with these endings of its lines."""
    lines = (
        replace(line, ending=endings[number, place]) if endings.get((number, place), "space") != "space" else line
        for place, line in enumerate(page.lines)
    )
    return replace(page, lines=tuple(lines))


def chains(pages: Sequence[Page]) -> list[list[tuple[int, int]]]:
    """Return the paragraphs of a document, each as the places (page, line) of its lines, in the order of their starts.

    Where paragraphs are not known, runs of lines without an empty one between are paragraphs.
    """
    found: list[list[tuple[int, int]]] = []
    last: list[tuple[int, int]] | None = None  # the last paragraph of body
    for number, page in enumerate(pages):
        own: dict[int, list[tuple[int, int]]] = {}
        runs = 0
        for place, line in enumerate(page.lines):
            if not line.text.strip():
                runs -= 1
                continue
            key = line.paragraph or runs
            if key not in own:
                own[key] = last if line.continues and last is not None else []
                found += [own[key]] if not own[key] else []
            own[key].append((number, place))
            last = own[key] if line.role == "body" else last
    return found


def texts_of(pages: Sequence[Page], options: Options) -> list[str]:
    r"""Return the text of each page, each line with \n behind it; a page that failed is empty.

    In flow a paragraph is one line, an empty one between paragraphs; it stands on the page that it begins on, and the
    footnotes of a page stand behind its paragraphs.
    """
    return flowing(pages, options) if options.layout == "flow" else [by_lines(page, options) for page in pages]


def treatment(role: Role, options: Options) -> str:
    """Return what is to be done with lines of a role: keep, mark or drop."""
    if role in HEADS:
        return options.running_heads
    return options.footnotes if role == "footnote" else "keep"


def cited_lines(page: Page) -> set[int]:
    """Return the numbers of the lines that a citation stands in."""
    return {place for one in page.citations for place in range(one.line, one.end_line + 1)}


def is_dropped(line: Line, place: int, page: Page, options: Options) -> bool:
    """Return whether a line is left out of the text; a head with a citation in it never is: it may be none."""
    cited = line.role in HEADS and place in cited_lines(page)
    return treatment(line.role, options) == "drop" and not cited


# ---------------------------------------------------------------- line by line


def by_lines(page: Page, options: Options) -> str:
    """Return the text of a page line by line; where lines are dropped, the empty lines around them go too."""
    if page.error:
        return ""
    kept = [line for place, line in enumerate(page.lines) if not is_dropped(line, place, page, options)]
    lines = kept if len(kept) == len(page.lines) else list(without_gaps(kept))
    return "".join(marked(line.text, line.role, options) + "\n" for line in lines)


def without_gaps(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield lines without the empty ones that parted nothing: at the ends, two together, or within a paragraph."""
    before: Line | None = None
    blank: Line | None = None
    for line in lines:
        if not line.text:
            blank = line
            continue
        if blank and before and (before.paragraph != line.paragraph or not line.paragraph):
            yield blank
        yield line
        before, blank = line, None


def marked(text: str, role: Role, options: Options) -> str:
    """Return a text with the mark of its role before it, where marks are asked for and there is text."""
    return MARKS[role] + text if text and role in ASIDE and treatment(role, options) == "mark" else text


# ---------------------------------------------------------------- as it flows


def flowing(pages: Sequence[Page], options: Options) -> list[str]:
    """Return the text of each page in paragraphs."""
    return [
        "\n".join(marked(one.text, one.role, options) + "\n" for one in own) for own in paragraphs_of(pages, options)
    ]


def paragraphs_of(pages: Sequence[Page], options: Options) -> list[list[Paragraph]]:
    """Return the paragraphs that begin on each page, in their order, without the lines that are dropped."""
    paragraphs = [to_paragraph(chain, pages, options) for chain in chains(pages)]
    return [in_order(paragraphs, number) for number in range(len(pages))]


def to_paragraph(chain: Sequence[tuple[int, int]], pages: Sequence[Page], options: Options) -> Paragraph:
    """Return a paragraph without the lines that are dropped."""
    first, place = chain[0]
    kept = [(number, at) for number, at in chain if not is_dropped(pages[number].lines[at], at, pages[number], options)]
    return Paragraph(first, pages[first].lines[place].role, [pages[number].lines[at] for number, at in kept])


def in_order(paragraphs: Sequence[Paragraph], page: int) -> list[Paragraph]:
    """Return the paragraphs that begin on a page, footnotes behind the others."""
    own = [one for one in paragraphs if one.page == page and one.lines]
    return sorted(own, key=lambda one: one.role == "footnote")
