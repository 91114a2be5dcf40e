"""The formats that a document is written in."""

from collections.abc import Sequence
from typing import Final

from pipeline.errors import UsageError
from pipeline.layers import Layer, alto_of, hocr_of
from pipeline.model import Document
from pipeline.options import Options
from pipeline.outputs import MADE, made
from pipeline.source import OUTPUTS, USUAL, Source, Text
from pipeline.write import Content, corrections_tsv, encoded, json_of, raw_of, text_of

# Formats that a document gets anew, where it was not given in them.
PRINTED: Final = {"hocr": hocr_of, "alto": alto_of}


def check_formats(formats: Sequence[str]) -> None:
    """Raise UsageError for a format that nobody writes."""
    unknown = [name for name in formats if name not in OUTPUTS]
    if unknown:
        raise UsageError(f"There is no format {', '.join(unknown)}", f"Choose from {', '.join(OUTPUTS)}")


def formats_of(source: Source, formats: Sequence[str]) -> Sequence[str]:
    """Return the formats to write of a source: those asked for, else the usual ones of its kind."""
    return formats or ((source.kind, *USUAL) if source.kind in PRINTED else USUAL)


def content(
    document: Document, format_name: str, source: Source, given: "Text | Layer | None", options: Options
) -> Content:
    """Return a document in a format; layers, and texts by lines, come back as they were given."""
    from pipeline.document import given_back

    own = "txt" if isinstance(given, Text) else given.kind if given else ""
    if given and format_name == own and (own != "txt" or options.layout == "lines"):
        return given_back(document, given)
    if format_name in PRINTED:
        return PRINTED[format_name](document)
    if format_name in MADE:
        return made(document, format_name, source, options)
    if format_name == "raw":
        return given.to_bytes() if isinstance(given, Text) else encoded(raw_of(document))
    makers = {"txt": lambda one: text_of(one, options), "json": json_of, "tsv": corrections_tsv}
    return encoded(makers[format_name](document))
