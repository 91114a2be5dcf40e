"""What a result depends on besides its input: versions and options, as a text that is the same for the same result."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from pipeline import data
from pipeline.errors import BadData, ProgramFailed
from pipeline.options import BatchOptions, Options
from pipeline.source import PAGED, Source

# Packages that have a say in what a page says.
PACKAGES: Final = ("numpy", "opencv-python-headless", "pillow", "pypdfium2")
MODELS: Final = ("rus", "rus-context", "rus-company", "rus-forms", "latin")
TABLES: Final = ("glyphmaps", "lexicons")


class Setting(NamedTuple):
    """What the readings of a document depend on, what its outputs do, and what its failure: JSON."""

    reading: str
    output: str
    failure: str


def settings_of(sources: Sequence[Source], options: Options, batch: BatchOptions) -> Mapping[bool, Setting]:
    """Return the setting of documents that are read page by page (True), and that of others.

    Raises BadData if a user's list cannot be read, MissingProgram or ProgramFailed if Tesseract does not answer.
    """
    return {paged: setting(paged, options, batch) for paged in {source.kind in PAGED for source in sources}}


def setting(paged: bool, options: Options, batch: BatchOptions) -> Setting:
    """Return the setting of documents of pages, or of others."""
    versions = {**data_versions(), **(page_versions() if paged else {})}
    reading = {"versions": versions, "options": chosen(options, written=False)}
    output = {"versions": versions, "options": chosen(options, written=True), "formats": sorted(set(batch.formats))}
    failure = {**output, "limits": {**limits(options), "page_memory": batch.page_memory}}
    return Setting(*(json.dumps(one, sort_keys=True) for one in (reading, output, failure)))


def chosen(options: Options, written: bool) -> dict[str, Any]:
    """Return the options that a result depends on, of files their hashes; with those of how text is written or not."""
    return {
        one.name: hash_of(getattr(options, one.name)) if one.metadata.get("table") else getattr(options, one.name)
        for one in fields(options)
        if not one.metadata.get("limit") and (written or not one.metadata.get("written"))
    }


def limits(options: Options) -> dict[str, Any]:
    """Return the options that decide whether there is a result; of a password, whether there is one."""
    chosen = {one.name: getattr(options, one.name) for one in fields(options) if one.metadata.get("limit")}
    return {**chosen, "password": bool(options.password), "debug": ""}


def hash_of(path: str) -> str:
    """Return the SHA-256 of a file's bytes, "" for no file. Raises BadData."""
    try:
        return sha256(Path(path).read_bytes()).hexdigest() if path else ""
    except OSError as error:
        raise BadData(f"{path} cannot be read ({error.strerror})", "Check the name") from error


@cache
def data_versions() -> dict[str, str]:
    """Return the versions of the program and of its data. Raises BadData."""
    models = {name: data.arrays(name).sha256[:12] for name in MODELS}
    tables = sha256()
    for path in (path for folder in TABLES for path in data.data_files(folder, ".tsv")):
        tables.update(hash_of(str(path)).encode())
    return {"pravka": data.package_version(), **models, "tables": tables.hexdigest()[:12]}


@cache
def page_versions() -> dict[str, str]:
    """Return the versions of what pages are read with. Raises MissingProgram, ProgramFailed."""
    from pipeline.read import model_hashes, tesseract_version

    packages = {name: data.package_version(name) for name in PACKAGES}
    try:
        program = tesseract_version()
    except ProgramFailed:  # one that reads pages, but does not tell its version
        program = ""
    return {"tesseract": program, **packages, **model_hashes()}
