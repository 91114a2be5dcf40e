"""Citations: from the parts that a grammar found to records, and records in the formats that bibliographies read."""

from pipeline.cite.bibliography import bibtex_of, csl_of, ris_of
from pipeline.cite.fields import FIELDS, Lines, citations
from pipeline.cite.markup import tei_of, wiki_of
from pipeline.cite.recorded import SCHEMA, is_record, recorded
from pipeline.cite.reference import Found, Reference, one_line, references
from pipeline.cite.romanised import romanised, spared

__all__ = [
    "FIELDS",
    "SCHEMA",
    "Found",
    "Lines",
    "Reference",
    "bibtex_of",
    "citations",
    "csl_of",
    "is_record",
    "one_line",
    "recorded",
    "references",
    "ris_of",
    "romanised",
    "spared",
    "tei_of",
    "wiki_of",
]
