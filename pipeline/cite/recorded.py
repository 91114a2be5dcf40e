"""Reads the citations back from the JSON that Pravka wrote of a document."""

import json
from pathlib import Path
from typing import Any, Final

from pipeline.cite.fields import FIELDS
from pipeline.cite.reference import Found
from pipeline.errors import UnreadableInput
from pipeline.model import Box, Citation, Leaf
from pipeline.source import blamed_on, shown

# The record that is written and can be read: `pipeline/document.schema.json`.
SCHEMA: Final = {"name": "pravka-document", "version": 3}


def is_record(path: Path) -> bool:
    """Return whether a file should be such a record, by its name."""
    return path.suffix.lower() == ".json"


def recorded(path: Path) -> list[Found]:
    """Return the citations that a record has, under the name of the document that it is of. Raises UnreadableInput."""
    with blamed_on(path, "file"):
        content = path.read_bytes()
    try:
        record = json.loads(content)
        if record["schema"] != SCHEMA:
            raise ValueError(record["schema"])
        name = str(record["source"]["name"])
        # No bytes stand behind some lone surrogates: no file has such a name.
        name.encode("utf-8", "surrogateescape")
        return [
            Found(name, int(page["number"]), to_citation(one)) for page in record["pages"] for one in page["citations"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableInput(
            f"{shown(path)} is not a record that this version of Pravka wrote", "Make it with `pravka clean`"
        ) from error


def to_citation(record: Any) -> Citation:
    """Return a citation from its record. Raises ValueError, LookupError, TypeError or AttributeError if it is none."""
    confidence = record["confidence"]
    return Citation(
        text=str(record["text"]),
        raw=str(record["raw"]),
        fields=texts(record["fields"]),
        line=int(record["line"]),
        end_line=int(record["end_line"]),
        confidence=None if confidence is None else float(confidence),
        flags=tuple(map(str, record["flags"])),
        markers=texts(record["markers"]),
        leaves=tuple(Leaf(**leaf) for leaf in record["leaves"]),
        others=texts(record["others"]),
        nearest=tuple(map(str, record["nearest"])),
        boxes=tuple(Box(*map(int, sides)) for sides in record["boxes"]),
    )


def texts(record: Any) -> dict[str, str]:
    """Return the texts of fields, in the order of fields."""
    return {name: str(record[name]) for name in FIELDS if name in record}
