"""Finds the page images of a document: its own, or those that a text layer was read from."""

import os
from dataclasses import replace
from typing import Final

from pipeline.errors import UsageError
from pipeline.source import LAYERS, Source, kind_by_name, shown

PICTURED: Final = ("image", "pdf")


def with_picture(source: Source) -> Source:
    """Return a text layer as the image or PDF of the same name beside it, if there is one; others as they are."""
    if source.kind not in LAYERS:
        return source
    for entry in sorted(os.scandir(source.path.parent), key=lambda one: one.name):
        kind = kind_by_name(entry.name)
        if kind in PICTURED and os.path.splitext(entry.name)[0] == os.path.basename(source.bare) and entry.is_file():
            return replace(source, path=source.path.with_name(entry.name), kind=kind)
    return source


def has_picture(source: Source) -> bool:
    """Tell whether a source is an image or a PDF."""
    return source.kind in PICTURED


def refuse_without_picture(source: Source) -> None:
    """Raise UsageError for a document that no picture of its pages is found of."""
    if not has_picture(with_picture(source)):
        raise UsageError(
            f"{shown(source.path)} has no page images to lay text under",
            "Put the image or PDF of the same name beside it, or leave pdf out of --format",
        )
