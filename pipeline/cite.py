"""Turns the citations that the grammar found into records: one a delo, with what it inherits from the left."""

import math
from collections.abc import Iterator, Sequence
from typing import Final

import regex

from pipeline.model import Citation
from pipeline.repair.repairer import CitedPart, Citing

FIELDS: Final = ("archive", "fond", "opis", "delo", "leaves", "person")
FIELD_OF: Final = {
    "archive": "archive",
    "fond-number": "fond",
    "opis-number": "opis",
    "delo-number": "delo",
    "leaf-number": "leaves",
    "verso": "leaves",
    "person": "person",
}
# A field of the left begins a record anew, and what stands to the right of it is not inherited.
OPENS: Final = ("archive", "fond", "opis", "delo")
EDGES: Final = regex.compile(r"^[\[(]+|[\])(.,;:]+$")


def bare(text: str) -> str:
    """Return the value of a part without the marks around it."""
    core = EDGES.sub("", EDGES.sub("", text))
    return f"{core}." if core.endswith("об") else str(core)


def citations(found: Sequence[Citing], originals: Sequence[str], repaired: Sequence[str]) -> Iterator[Citation]:
    """Yield the records of the citations found in lines that were `originals` and are `repaired` now."""
    for citing in found:
        inherited: dict[str, str] = {}
        for parts in records(citing.parts):
            fields = with_fields(inherited, parts)
            yield record(citing, parts, fields, originals)
            inherited = {field: value for field, value in fields.items() if field in OPENS}


def records(parts: Sequence[CitedPart]) -> Iterator[list[CitedPart]]:
    """Cut the parts of a run before each marker or archive that begins a new record."""
    current: list[CitedPart] = []
    complete = False
    for part in parts:
        opens = part.role in ("archive", "fond", "opis", "delo")
        if opens and complete:
            yield current
            current, complete = [], False
        current.append(part)
        complete = complete or part.role in ("delo-number", "leaf-number", "verso", "person")
    if current:
        yield current


def with_fields(inherited: dict[str, str], parts: Sequence[CitedPart]) -> dict[str, str]:
    """Return the fields that parts state, beside those inherited that stand further left."""
    own: dict[str, str] = {}
    for part in parts:
        field = FIELD_OF.get(part.role)
        if field:
            value = bare(part.text)
            separator = ", " if field in own and part.role.endswith("-number") else " "
            own[field] = f"{own[field]}{separator}{value}" if field in own else value
    first = min((OPENS.index(field) for field in own if field in OPENS), default=len(OPENS))
    kept = {field: value for field, value in inherited.items() if OPENS.index(field) < first}
    return {field: (kept | own)[field] for field in FIELDS if field in kept | own}


def record(citing: Citing, parts: Sequence[CitedPart], fields: dict[str, str], originals: Sequence[str]) -> Citation:
    """Return one record."""
    flags = []
    if not all(field in fields for field in ("archive", "fond", "delo")):
        flags.append("incomplete")
    if any(part.uncertain for part in parts):
        flags.append("uncertain")
    if not citing.known_archive:
        flags.append("unknown-archive")
    raw = " ".join(originals[part.line][part.start : part.end] for part in distinct(parts))
    confidence = 1.0 / (1.0 + math.exp(-min(citing.margin / max(1, len(citing.parts)), 50.0)))
    return Citation(
        text=" ".join(part.text for part in parts),
        raw=raw,
        fields=fields,
        line=parts[0].line,
        end_line=parts[-1].line,
        confidence=confidence,
        flags=tuple(flags),
    )


def distinct(parts: Sequence[CitedPart]) -> list[CitedPart]:
    """Return the parts without those that share a token with the one before."""
    return [
        part
        for number, part in enumerate(parts)
        if number == 0 or (part.line, part.start) != (parts[number - 1].line, parts[number - 1].start)
    ]
