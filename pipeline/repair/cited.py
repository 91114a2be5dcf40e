"""What a citation makes of its units: parts as the grammar has them, persons as the lexicons know them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.repair.citation import notes_around, text_of
from pipeline.repair.confidence import calibrated
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.marks import Found, Part
from pipeline.repair.person import Choice, closed
from pipeline.repair.repaired import DOUBT
from pipeline.repair.slots import Hypothesis, spread
from pipeline.repair.units import Unit
from pipeline.repair.verdicts import SHOWN, Verdict


def cited_units(citations: Iterable[Found]) -> set[int]:
    """Return the places of the units that are parts of citations."""
    return {part.unit for found in citations for part in found.parts}


def named(choice: Choice, names: Sequence[Hypothesis], unit: Unit) -> Verdict:
    """Return the verdict of a person: its likeliest name, and what else it may be called."""
    likeliest = [bracketed(names[number], unit) for number in choice.numbers[:SHOWN]]
    others = tuple(zip((one.text for one in likeliest), choice.shares, strict=False))
    best = likeliest[0] if likeliest[0].reason == "kept" else replace(likeliest[0], reason="person")
    return Verdict(best, choice.shares[0], 1.0, others)


def cited_verdicts(
    found: Found, units: Sequence[Unit], persons: Mapping[int, Verdict]
) -> Iterator[tuple[int, Verdict]]:
    """Yield (place, verdict) for the units of a citation: its parts as the grammar has them, a person by its name."""
    posterior = 1.0 / (1.0 + math.exp(-min(found.margin, 50.0)))
    texts: dict[int, str] = defaultdict(str)
    for part in found.parts:
        texts[part.unit] += " " * part.apart + part.text
    for place, said in texts.items():
        unit = units[place]
        reading = text_of(unit)
        before, behind = notes_around(reading)
        text = before + said + behind
        reason = "kept" if text in (unit.text, unit.hyphenated) else "citation"
        cited = Verdict(Hypothesis(text, 0.0, True, reason, spread(text, reading), reading), 1.0, 1.0, ())
        person = persons.get(place, cited)
        best = cited.best if person.best.reason == "kept" else person.best
        yield place, replace(person, best=best, posterior=person.posterior * posterior)


def is_as_read(found: Found) -> bool:
    """Return whether the parts of a citation say just what was read."""
    return all(part.text == part.read for part in found.parts)


def is_cyrillic(text: str) -> bool:
    """Return whether all letters of a text are Cyrillic."""
    return all(map(CYRILLIC_LETTER.match, filter(str.isalpha, text)))


def with_opening(name: Hypothesis, text: str) -> Hypothesis:
    """Return a name with the square bracket before it that it was read with."""
    lead = text[: len(text) - len(text.lstrip("["))]
    said = lead + name.text.lstrip("[")
    return replace(name, text=said, places=spread(said, text), reading=text) if lead else name


def with_persons(found: Found, persons: Mapping[int, Verdict]) -> Found:
    """Return a citation with the persons as they were decoded."""
    parts = [
        with_person(part, persons[part.unit]) if part.role == "person" and part.unit in persons else part
        for part in found.parts
    ]
    return replace(found, parts=tuple(parts))


def with_person(part: Part, person: Verdict) -> Part:
    """Return a part with its person, and, where that one is in doubt, with the next likely name."""
    text = part.text if person.best.reason == "kept" else person.best.text
    sure = calibrated(person.posterior, person.best.reason)
    other = person.others[1][0] if sure < DOUBT else ""
    return part._replace(text=text, uncertain=sure < DOUBT, other=other, sure=sure)


def bracketed(name: Hypothesis, unit: Unit) -> Hypothesis:
    """Return the name of a person in parentheses: OCR may have taken the opening one for a part of the letter."""
    if name.reason == "kept" or (not unit.text.rstrip(".,;:]").endswith((")", "}")) and "(" not in name.text):
        return name
    text = closed(name.text if "(" in name.text else "(" + name.text)
    return replace(name, text=text, places=spread(text, name.reading))


def closed_as(name: Hypothesis, cited: str) -> Hypothesis:
    """Return the name of a person with the bracket that its citation, in which it is `cited`, was closed with."""
    if name.reason == "kept" or "]" in name.text or "]" not in cited:
        return name
    text = name.text.rstrip(".") + cited[cited.index("]") :]
    return replace(name, text=text, places=spread(text, name.reading))
