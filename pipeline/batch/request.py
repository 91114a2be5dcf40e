"""What a run is asked for: kept in the ledger, so that one can see later what a rerun would do."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.batch.formats import check_formats
from pipeline.batch.plan import Known, Planned, Reason, plan
from pipeline.batch.settings import Setting, settings_of
from pipeline.errors import BadData, PravkaError
from pipeline.options import BatchOptions, Options
from pipeline.source import Found, find_documents


@dataclass(frozen=True)
class Request:
    """Documents to be cleaned, where to write the results, and how."""

    inputs: tuple[Path, ...]
    out: Path
    options: Options = field(default_factory=Options)
    batch: BatchOptions = field(default_factory=BatchOptions)


class Plan(NamedTuple):
    """What is to be done with each document, what results depend on, and an error for each input that is none."""

    documents: tuple[Planned, ...]
    settings: Mapping[bool, Setting]
    errors: tuple[PravkaError, ...]

    @property
    def reasons(self) -> Counter[Reason]:
        """How many documents are to be done, or are not, for each reason."""
        return Counter(one.reason for one in self.documents)


def sought(request: Request) -> Found:
    """Return the documents that a request is about, and an error for each input that is none.

    Raises UsageError for unknown formats and colliding outputs.
    """
    formats = request.batch.formats
    check_formats(formats)
    return find_documents(
        request.inputs,
        request.out,
        include=request.batch.included,
        formats=formats,
        keep_suffix=request.batch.keep_extension,
        limits=request.options.limits,
    )


def planned(request: Request, found: Found, known: Known) -> Plan:
    """Return what a run would do with the documents found, with what the ledger has known of them; it changes nothing.

    Raises BadData, MissingProgram.
    """
    settings = settings_of(found.sources, request.options, request.batch)
    documents = tuple(plan(found.sources, request.out, known, settings, request.batch.redo))
    return Plan(documents, settings, found.errors)


def record_of(request: Request) -> dict[str, Any]:
    """Return a request as JSON objects, all paths absolute, without the password."""
    options = {**asdict(request.options), "password": ""}
    for name in (one.name for one in fields(Options) if one.metadata.get("path")):
        options[name] = options[name] and os.path.abspath(options[name])
    inputs = [os.path.abspath(path) for path in request.inputs]
    return {"inputs": inputs, "options": options, "batch": asdict(request.batch)}


def request_of(record: Mapping[str, Any], out: Path) -> Request:
    """Return the request that a record is of. Raises BadData if an option of it is not known here."""
    try:
        options, batch = Options(**record["options"]), BatchOptions(**record["batch"])
        return Request(tuple(map(Path, record["inputs"])), out, options, batch)
    except (KeyError, TypeError) as error:
        raise BadData(f"The last run asked for what this version does not know ({error})", "Run it again") from error
