"""Writes citations as markup: TEI `msIdentifier`, and Wikipedia's template `cite Russian archive`."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import regex

from pipeline.cite.reference import Reference, one_line
from pipeline.model import Leaf

TEI: Final = "http://www.tei-c.org/ns/1.0"
XML_ID: Final = "{http://www.w3.org/XML/1998/namespace}id"
# Characters that XML 1.0 cannot hold, even escaped.
NOT_XML: Final = regex.compile(r"[\ufffe\uffff\x00-\x08\x0b\x0c\x0e-\x1f]")
UNIT: Final = regex.compile(r"^(?:ед\. ?хр|ed\. ?khr)\.?$", regex.IGNORECASE)
SEVERAL: Final = regex.compile(r"\d\D+\d")
# What would end a parameter of a template or begin something else.
WIKI: Final = str.maketrans({"|": "{{!}}", "{": "&#123;", "}": "&#125;", "[": "&#91;", "]": "&#93;", "<": "&lt;"})


def tei_of(references: Sequence[Reference]) -> str:
    """Return the citations as TEI P5: a `listBibl` of `msDesc`, each with an `msIdentifier` and its leaves."""
    root = Element("listBibl", {"xmlns": TEI})
    for reference in references:
        add_description(root, reference)
    indent(root)
    return tostring(root, encoding="unicode") + "\n"


def add_description(root: Element, reference: Reference) -> None:
    """Add a `msDesc` for a citation."""
    fields = reference.citation.fields
    description = added(root, "msDesc", "", {XML_ID: reference.key})
    identifier = added(description, "msIdentifier")
    if reference.archive:
        added(identifier, "repository", reference.archive)
    for name in ("fond", "opis", "box"):
        if name in fields:
            added(identifier, "collection", fields[name], {"type": name})
    if "delo" in fields:
        added(identifier, "idno", fields["delo"], {"type": "delo"})
    if reference.romanised:
        added(added(identifier, "altIdentifier", "", {"type": "romanised"}), "idno", reference.romanised)
    about = added(description, "p")
    for leaf in reference.citation.leaves:
        added(about, "locus", "", locus(leaf))
    if "person" in fields:
        added(about, "persName", fields["person"])
    added(about, "note", reference.note)


def added(parent: Element, name: str, text: str = "", attributes: Mapping[str, str] = MappingProxyType({})) -> Element:
    """Add an element with text and attributes."""
    child = SubElement(parent, name, dict(attributes))
    child.text = NOT_XML.sub("\ufffd", one_line(text)) or None
    return child


def locus(leaf: Leaf) -> dict[str, str]:
    """Return the attributes of a TEI `locus`; the back of a leaf is `7v`."""
    return {"from": leaf.first + "v" * leaf.first_verso, "to": leaf.last + "v" * leaf.last_verso}


def wiki_of(references: Iterable[Reference]) -> str:
    """Return the citations as Wikipedia's template, one a line."""
    return "".join(f"{{{{cite Russian archive{template(reference)}}}}}\n" for reference in references)


def template(reference: Reference) -> str:
    """Return the parameters of the template of a citation."""
    return "".join(f" |{name}={one_line(text).translate(WIKI)}" for name, text in parameters(reference))


def parameters(reference: Reference) -> Iterator[tuple[str, str]]:
    """Yield the parameters that have a value: those of the template's documentation."""
    fields, markers = reference.citation.fields, reference.citation.markers
    names = {
        "archive": "institution",
        "fond": "fond",
        "opis": "opis",
        "box": "box",
        "delo": "unit" if UNIT.match(markers.get("delo", "")) else "delo",
        "leaves": "pages" if SEVERAL.search(fields.get("leaves", "")) else "page",
        "person": "note",
    }
    yield from ((names[name], text) for name, text in fields.items())
