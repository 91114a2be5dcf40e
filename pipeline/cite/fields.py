"""Turns the citations that a grammar found into records: one a delo, with what it inherits from the left."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import regex

from pipeline.cite.leaves import leaves_of
from pipeline.model import Box, Citation, ReadLine
from pipeline.repair.archives import Archives
from pipeline.repair.edits import Edit, apply
from pipeline.repair.repaired import CitedPart, Citing
from pipeline.repair.units import TOKEN, Piece

FIELDS: Final = ("archive", "fond", "opis", "box", "delo", "leaves", "person")
# The role of a part -> the field that it says something of.
MARKS: Final = {"fond": "fond", "opis": "opis", "delo": "delo", "unit": "delo", "volume": "delo", "leaf": "leaves"}
VALUES: Final = {
    "archive": "archive",
    "fond-number": "fond",
    "opis-number": "opis",
    "delo-number": "delo",
    "volume-number": "delo",
    "leaf-number": "leaves",
    "verso": "leaves",
    "range": "leaves",
    "and": "leaves",
    "person": "person",
}
# A field of the left begins a record anew, and what stands to the right of it is not inherited.
OPENS: Final = ("archive", "fond", "opis", "box", "delo")
RANKS: Final = {name: rank for rank, name in enumerate(FIELDS)}
# The role of `Там же`: it stands for the fields of the citation before.
AGAIN: Final = "again"
# The role of what may stand between levels.
DASH: Final = "dash"
EDGES: Final = regex.compile(r"^[\[(«„“”\"]+|[\])(.,;:»“”’\"'!?…]+$")
# The space that a range's end, a value of its own, has before it.
TORN_RANGE: Final = regex.compile(r" (?=[–—-]\d)")
# Words that keep their full stop at the end of a value.
SHORTENED: Final = regex.compile(r"(?:об|зв|доп|ob|zv|dop)$")
# Delo markers of what holds files (a box or folder), and of what is a part of an opis or a file (volume, part, book).
BOX: Final = regex.compile(r"^(?:к|кор|карт|картон|п|папка|короб|k|kart|karton|papka)\.?$", regex.IGNORECASE)
PART: Final = regex.compile(r"^(?:т|ч|кн|t|ch|kn)\.?$", regex.IGNORECASE)


@dataclass(frozen=True)
class Lines:
    """The lines that citations were found in: as read, with their words, and the edits that repair each."""

    read: Sequence[ReadLine]
    edits: Sequence[Sequence[Edit]]

    @cached_property
    def edit_starts(self) -> list[list[int]]:
        """Where the edits of each line start."""
        return [[edit.start for edit in made] for made in self.edits]

    @cached_property
    def word_starts(self) -> list[list[int]]:
        """Where the words of each line start."""
        return [[match.start() for match in TOKEN.finditer(line.text)] if line.words else [] for line in self.read]


@dataclass(frozen=True)
class Entry:
    """A marker with the values after it, or values without: the name of the field, and the parts that say so."""

    name: str
    marker: str = ""
    values: tuple[str, ...] = ()
    parts: tuple[CitedPart, ...] = ()


def citations(
    found: Sequence[Citing], lines: Lines, archives: Archives, before: Citation | None = None
) -> Iterator[Citation]:
    """Yield the records of the citations found in `lines`; `before` is what a `Там же` at the very start refers to."""
    for citing in found:
        inherited: Citation | None = None
        for entries in records(merged(to_entries(citing.parts))):
            is_again = entries[0].name == AGAIN
            before = inherited = record(citing, entries, before if is_again else inherited, lines, archives)
            yield before


# ---------------------------------------------------------------- parts to entries


def to_entries(parts: Sequence[CitedPart]) -> list[Entry]:
    """Return the parts of a run as fields with their markers; a list of dela is one entry for each."""
    entries: list[Entry] = []
    for part in (part for part in parts if part.role != DASH):
        name = MARKS.get(part.role) or VALUES.get(part.role) or part.role
        last = entries[-1] if entries and entries[-1].name == name else None
        if part.role in MARKS:
            if last and not last.values:
                entries[-1] = replace(last, marker=f"{last.marker} {marker(part)}", parts=(*last.parts, part))
            else:
                entries.append(Entry(name, marker(part), (), (part,)))
        elif last and not (name == "delo" and last.values and has_number(part)):
            entries[-1] = replace(last, values=(*last.values, value(part)), parts=(*last.parts, part))
        else:
            entries.append(Entry(name, last.marker if last else "", (value(part),), (part,)))
    return entries


def has_number(part: CitedPart) -> bool:
    """Return whether there is a digit in a part: a number of its own, and no word that belongs to the one before."""
    return any(map(str.isdigit, part.text))


def marker(part: CitedPart) -> str:
    """Return a marker as printed, without the marks around it."""
    return part.text.strip("[(,;: ")


def value(part: CitedPart) -> str:
    """Return the text of a part; of a person what stands in the parentheses."""
    if part.role != "person":
        return part.text
    return part.text[part.text.find("(") + 1 : part.text.rfind(")") if ")" in part.text else len(part.text)]


def bare(text: str) -> str:
    """Return the value of a field without the marks around it."""
    core = str(EDGES.sub("", EDGES.sub("", text)))
    return f"{core}." if SHORTENED.search(core) and text[text.find(core) + len(core) :].startswith(".") else core


def merged(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries with volumes and parts joined to what they are of, and boxes told from files.

    `Оп. 69, т. 2. Д. 5`: the volume is of the opis. `Д. 5. Т. 2`: of the file. `К. 3. Ед. хр. 5`: a file in a box.
    """
    done: list[Entry] = []
    for place, entry in enumerate(entries):
        last = done[-1] if done else None
        following = entries[place + 1] if place + 1 < len(entries) else None
        holds = following is not None and is_within(following, entry)
        if entry.name == "delo" and PART.match(entry.marker) and last and has_part(last, holds):
            values = (*last.values[:-1], f"{bare(last.values[-1])}, {entry.marker}", *entry.values)
            done[-1] = replace(last, values=values, parts=last.parts + entry.parts)
        elif entry.name == "delo" and BOX.match(entry.marker) and holds:
            done.append(replace(entry, name="box"))
        else:
            done.append(entry)
    return done


def is_within(inner: Entry, outer: Entry) -> bool:
    """Return whether an entry is of a file with another marker than the one before it, and no list parts the two."""
    return inner.name == "delo" and inner.marker != outer.marker and not ends_item(outer)


def has_part(entry: Entry, holds: bool) -> bool:
    """Return whether a volume after an entry is a part of it: of an opis only if that volume `holds` files."""
    if not entry.values or ends_item(entry):
        return False
    return (entry.name == "opis" and holds) or (entry.name == "delo" and not PART.match(entry.marker))


def ends_item(entry: Entry) -> bool:
    """Return whether a semicolon ends an entry."""
    return bool(entry.values) and entry.values[-1].endswith(";")


# ---------------------------------------------------------------- entries to records


def records(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut the entries of a run before each that says anew what has been said, or what stands to the left of that."""
    current: list[Entry] = []
    said = -1
    for entry in entries:
        rank = RANKS.get(entry.name, -1)
        if current and (entry.name == AGAIN or (entry.name in OPENS and rank <= said)):
            yield current
            current, said = [], -1
        current.append(entry)
        said = max(said, rank)
    if current:
        yield current


def record(
    citing: Citing, entries: Sequence[Entry], origin: Citation | None, lines: Lines, archives: Archives
) -> Citation:
    """Return one record, which inherits from `origin`."""
    pieces = sorted({piece for entry in entries for part in entry.parts for piece in part.pieces}, key=place_of)
    own = stated(entries)
    marks = {entry.name: entry.marker for entry in entries if entry.name in own and entry.marker}
    left = OPENS[: min((RANKS[name] for name in own), default=len(OPENS))]
    fields = joined(own, left, origin.fields if origin else {})
    others = joined(read_else(entries, own), left, origin.others if origin else {})
    text, raw, boxes = stretches(pieces, lines)
    flags = tuple(flags_of(citing, entries, fields, others, archives))
    near = archives.nearest(fields["archive"]) if "unknown-archive" in flags else []
    return Citation(
        text=trimmed(text),
        raw=raw,
        fields=fields,
        line=pieces[0].line,
        end_line=pieces[-1].line,
        confidence=None if citing.romanised else certainty(citing, entries),
        flags=flags,
        markers=joined(marks, left, origin.markers if origin else {}),
        leaves=leaves_of(fields.get("leaves", "")),
        boxes=boxes,
        others=others,
        nearest=tuple(name for name, _ in near),
    )


def joined(own: Mapping[str, str], left: Sequence[str], origin: Mapping[str, str]) -> dict[str, str]:
    """Return what a record says itself, and of the fields `left` of that what the record that it inherits from says."""
    said = {**{name: origin[name] for name in left if name in origin}, **own}
    return {name: said[name] for name in FIELDS if name in said}


def stated(entries: Sequence[Entry]) -> dict[str, str]:
    """Return the fields that entries state: as printed, without the marks at the ends."""
    own: dict[str, str] = {}
    for entry in entries:
        if entry.name in FIELDS and entry.values:
            text = TORN_RANGE.sub("", " ".join(entry.values))
            value = text if entry.name == "person" else bare(text)
            own[entry.name] = f"{own[entry.name]}, {value}" if entry.name in own else value
    return own


def read_else(entries: Sequence[Entry], own: Mapping[str, str]) -> dict[str, str]:
    """Return what the fields `own` may say else where a part of them is uncertain."""
    others: dict[str, str] = {}
    for entry in entries:
        for part in entry.parts:
            if part.other and entry.name in own:
                said = others.get(entry.name, own[entry.name])
                others[entry.name] = said.replace(bare(part.text), bare(part.other), 1)
    return others


def certainty(citing: Citing, entries: Sequence[Entry]) -> float:
    """Return how likely a citation and the persons of one record of it are right."""
    persons = math.prod(part.sure for entry in entries for part in entry.parts)
    return persons / (1.0 + math.exp(-min(citing.margin / max(1, len(citing.parts)), 50.0)))


def flags_of(
    citing: Citing,
    entries: Sequence[Entry],
    fields: Mapping[str, str],
    others: Mapping[str, str],
    archives: Archives,
) -> Iterator[str]:
    """Yield what a reader should know of a record before trusting it."""
    if not all(name in fields for name in ("archive", "fond", "delo")):
        yield "incomplete"
    if others or any(part.uncertain for entry in entries for part in entry.parts):
        yield "uncertain"
    if "archive" in fields:
        yield from archives.flags(fields["archive"])
    if entries[0].name == AGAIN:
        yield "again"
    if citing.romanised:
        yield "romanised"


# ---------------------------------------------------------------- where a record stands


def stretches(pieces: Sequence[Piece], lines: Lines) -> tuple[str, str, tuple[Box, ...]]:
    """Return the text now, the text as read, and the box of each line, from the first piece to the last."""
    first, last = pieces[0], pieces[-1]
    whole = [
        Piece(
            line,
            first.start if line == first.line else indent(lines.read[line].text),
            last.end if line == last.line else len(lines.read[line].text.rstrip()),
        )
        for line in sorted({piece.line for piece in pieces})
    ]
    raw = " ".join(lines.read[piece.line].text[piece.start : piece.end] for piece in whole)
    boxes = tuple(box for piece in whole if (box := box_of(piece, lines)))
    return " ".join(now(piece, lines) for piece in whole), raw, boxes


def indent(text: str) -> int:
    """Return where a line begins after the spaces."""
    return len(text) - len(text.lstrip())


def trimmed(text: str) -> str:
    """Return the text of a record without the brackets and marks around it."""
    core = bare(text)
    return f"{core})" if core.count("(") > core.count(")") else core


def now(piece: Piece, lines: Lines) -> str:
    """Return what a stretch of a line, of whole tokens, says after the repair."""
    starts = lines.edit_starts[piece.line]
    made = lines.edits[piece.line][bisect_left(starts, piece.start) : bisect_left(starts, piece.end)]
    text = lines.read[piece.line].text[piece.start : piece.end]
    inside = [edit for edit in made if edit.end <= piece.end]
    return apply(text, [replace(edit, start=edit.start - piece.start, end=edit.end - piece.start) for edit in inside])


def box_of(piece: Piece, lines: Lines) -> Box | None:
    """Return the box around the words of a stretch of a line, None where they have none."""
    starts = lines.word_starts[piece.line]
    first, last = bisect_right(starts, piece.start) - 1, bisect_left(starts, piece.end)
    boxes = [word.box for word in lines.read[piece.line].words[max(0, first) : last] if word.box]
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return Box(min(left), min(top), max(right), max(bottom))


def place_of(piece: Piece) -> tuple[int, int]:
    """Return what pieces are ordered by: line, and start in it."""
    return piece.line, piece.start
