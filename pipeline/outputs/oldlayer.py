"""Takes invisible text, such as OCR programs lay under scans, out of a PDF page; what is seen is never touched."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Final

from pipeline.outputs.glyphless import stream

INVISIBLE: Final = 3  # the text render mode (PDF 32000-1, table 106)
SHOWING: Final = frozenset({"Tj", "TJ", "'", '"'})
PLACING: Final = frozenset({"Td", "TD", "Tm", "T*"})
# What can stand in a form that draws nothing: text objects, marks of content, the state.
UNSEEN: Final = frozenset(
    {"BT", "ET", "q", "Q", "cm", "gs", "BMC", "BDC", "EMC", "MP", "DP", "Tr", "Tf", "Tz", "Tc", "Tw", "TL", "Ts"}
    | {"g", "G", "rg", "RG", "k", "K", "cs", "CS", "sc", "SC", "scn", "SCN"}
    | {"w", "J", "j", "M", "d", "ri", "i", "BX", "EX"}
)
DEEPEST: Final = 8  # forms in forms

Instruction = Any  # pikepdf's ContentStreamInstruction


def remove_invisible_text(pdf: Any, page: Any) -> None:
    """Take the invisible text out of a page (of pikepdf) and out of the forms on it, if it has any."""
    from pikepdf import Page, parse_content_stream, unparse_content_stream

    forms = invisible_forms(Page(page).obj.get("/Resources"), DEEPEST)
    before = parse_content_stream(page)
    after = list(without_invisible(before, forms))
    if len(after) != len(before):
        page.Contents = stream(pdf, unparse_content_stream(after))


def invisible_forms(resources: Any, deepest: int) -> frozenset[str]:
    """Return the names of the forms in some resources that show nothing but invisible text."""
    from pikepdf import Name, Stream

    things = resources.get("/XObject") if resources is not None else None
    return frozenset(
        name
        for name, thing in (things.items() if things is not None else ())
        if isinstance(thing, Stream) and thing.get("/Subtype") == Name.Form and is_invisible_form(thing, deepest)
    )


def is_invisible_form(form: Any, deepest: int) -> bool:
    """Tell whether a form shows invisible text and nothing else."""
    from pikepdf import parse_content_stream

    if deepest == 0:
        return False
    before = parse_content_stream(form)
    inner = invisible_forms(form.get("/Resources"), deepest - 1)
    after = list(without_invisible(before, inner))
    return len(after) < len(before) and all(str(one.operator) in UNSEEN for one in after)


def without_invisible(instructions: Sequence[Instruction], forms: frozenset[str]) -> Iterator[Instruction]:
    """Yield the instructions of a page without text objects that are invisible all through, and without these forms.

    What they set, and goes on to hold behind them, stays.
    """
    counter = TextObjects()
    for number, run in groupby(instructions, key=counter.number):
        own = list(run)
        if number and is_invisible_text(own, counter.mode_before[number]):
            yield from (one for one in own if str(one.operator) not in SHOWING | PLACING)
        else:
            yield from (one for one in own if not is_form(one, forms))


def is_form(instruction: Instruction, forms: frozenset[str]) -> bool:
    """Tell whether an instruction draws one of these forms."""
    return str(instruction.operator) == "Do" and str(instruction.operands[0]) in forms


class TextObjects:
    """Counts the text objects of a page, and keeps in which render mode each starts."""

    def __init__(self) -> None:
        self.count = 0
        self.inside = False
        self.modes = [0]  # of the state, and of those that were saved
        self.mode_before: dict[int, int] = {}

    def number(self, instruction: Instruction) -> int:
        """Return which text object (from 1) an instruction is in, 0 if in none. Instructions come in order."""
        name = str(instruction.operator)
        if name == "BT":
            self.count, self.inside = self.count + 1, True
            self.mode_before[self.count] = self.modes[-1]
        elif name == "q":
            self.modes.append(self.modes[-1])
        elif name == "Q" and len(self.modes) > 1:
            self.modes.pop()
        elif name == "Tr":
            self.modes[-1] = mode_of(instruction)
        number = self.count if self.inside else -self.count
        self.inside = self.inside and name != "ET"
        return max(number, 0)


def mode_of(instruction: Instruction) -> int:
    """Return the render mode that an instruction sets; a broken one counts as visible."""
    try:
        return int(instruction.operands[0])
    except (LookupError, TypeError, ValueError):
        return 0


def is_invisible_text(instructions: Sequence[Instruction], mode: int) -> bool:
    """Tell whether all text that a text object shows is invisible; `mode` is the one that it starts with."""
    shows = False
    for one in instructions:
        name = str(one.operator)
        if name == "Tr":
            mode = mode_of(one)
        elif name == "Do" or (name in SHOWING and mode != INVISIBLE):
            return False
        shows = shows or name in SHOWING
    return shows
