"""Edits of one line: applying them, undoing them, and two rounds of them made one."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Edit:
    """The old text from `start` to `end` becomes `text`; why, and how surely."""

    start: int
    end: int
    text: str
    reason: str
    confidence: float
    candidates: tuple[tuple[str, float], ...] = ()


def apply(line: str, edits: Sequence[Edit]) -> str:
    """Return the line with its edits (in order, not overlapping) made."""
    parts, done = [], 0
    for edit in edits:
        parts += [line[done : edit.start], edit.text]
        done = edit.end
    return "".join(parts) + line[done:]


def shifted(edits: Sequence[Edit]) -> list[tuple[int, int]]:
    """Return where each edit's text stands in the new line."""
    places, shift = [], 0
    for edit in edits:
        start = edit.start + shift
        places.append((start, start + len(edit.text)))
        shift += len(edit.text) - (edit.end - edit.start)
    return places


def compose(line: str, first: Sequence[Edit], second: Sequence[Edit]) -> list[Edit]:
    """Return edits of `line` that do what `first` and then `second` (edits of its result) do.

    Edits that touch become one; one that ends in the text it began with is dropped.
    """
    middle = apply(line, first)
    old = [(*place, edit) for place, edit in zip(shifted(first), first, strict=True)]
    groups = grouped(
        [(start, end, edit) for start, end, edit in old], [(edit.start, edit.end, edit) for edit in second]
    )
    composed, shift = [], 0
    for start, end, olds, news in groups:
        inner = sum((edit.end - edit.start) - len(edit.text) for edit in olds)
        text = apply(middle[start:end], [Edit(new.start - start, new.end - start, new.text, "", 0.0) for new in news])
        last = (news or olds)[-1]
        edit = Edit(start + shift, end + shift + inner, text, last.reason, last.confidence, last.candidates)
        shift += inner
        if line[edit.start : edit.end] != text:
            composed.append(edit)
    return composed


def grouped(
    olds: Sequence[tuple[int, int, Edit]], news: Sequence[tuple[int, int, Edit]]
) -> list[tuple[int, int, list[Edit], list[Edit]]]:
    """Return (start, end, old edits, new edits) of the stretches of the middle text that edits cover together."""
    tagged = sorted(
        [(start, end, 0, edit) for start, end, edit in olds] + [(start, end, 1, edit) for start, end, edit in news],
        key=lambda item: item[:3],
    )
    groups: list[tuple[int, int, list[Edit], list[Edit]]] = []
    for start, end, kind, edit in tagged:
        if not groups or start >= max(groups[-1][1], groups[-1][0] + 1):
            groups.append((start, end, [], []))
        first, last, *lists = groups[-1]
        lists[kind].append(edit)
        groups[-1] = (first, max(last, end), lists[0], lists[1])
    return groups
