"""Writes citations for reference managers: CSL-JSON, RIS, BibTeX.

What each field means there, and what Zotero shows: docs/citations.md.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Final

from pipeline.cite.reference import Reference, one_line

# What TeX takes for a command, and what it prints instead. Braces go: BibTeX counts them even after a backslash.
TEX: Final = str.maketrans(
    {
        "\\": r"\textbackslash ",
        "{": "(",
        "}": ")",
        "#": r"\#",
        "$": r"\$",
        "%": r"\%",
        "&": r"\&",
        "_": r"\_",
        "~": r"\textasciitilde ",
        "^": r"\textasciicircum ",
    }
)


def csl_of(references: Sequence[Reference]) -> str:
    """Return the citations as CSL-JSON 1.0.2: items of the type manuscript."""
    return json.dumps([csl_item(one) for one in references], ensure_ascii=False, allow_nan=False, indent=1) + "\n"


def csl_item(reference: Reference) -> dict[str, Any]:
    """Return a citation as a CSL item; its single fields are under `custom`."""
    item = {
        "id": reference.key,
        "type": "manuscript",
        "title": reference.title,
        "archive": one_line(reference.archive),
        "archive_location": reference.location,
        "note": reference.note,
    }
    custom = {name: one_line(text) for name, text in reference.citation.fields.items()}
    return {name: value for name, value in item.items() if value} | {"custom": custom}


def ris_of(references: Iterable[Reference]) -> str:
    """Return the citations as RIS: manuscripts, lines ended by CR LF."""
    return "".join(f"{tag}  - {text}\r\n" for one in references for tag, text in ris_lines(one))


def ris_lines(reference: Reference) -> list[tuple[str, str]]:
    """Return the tags of a citation; the location has two: AV is the standard's, AN what Zotero reads."""
    tags = [
        ("TY", "MANSCPT"),
        ("ID", reference.key),
        ("TI", reference.title),
        ("DB", one_line(reference.archive)),
        ("AV", reference.location),
        ("AN", reference.location),
        ("N1", reference.note),
    ]
    return [(tag, text) for tag, text in tags if text] + [("ER", "")]


def bibtex_of(references: Iterable[Reference]) -> str:
    """Return the citations as BibTeX in UTF-8: @misc with the shelfmark as note; styles pass over the other fields."""
    return "\n".join(bibtex_entry(one) for one in references)


def bibtex_entry(reference: Reference) -> str:
    """Return a citation as an entry of BibTeX."""
    fields = {
        "note": reference.title,
        "annote": reference.note,
        "location": reference.location,
        **{name: one_line(text) for name, text in reference.citation.fields.items()},
    }
    lines = [f"  {name} = {{{text.translate(TEX).strip()}}},\n" for name, text in fields.items() if text]
    return f"@misc{{{reference.key},\n{''.join(lines)}}}\n"
