"""The citation grammar as one of the readings: finds archival citations and decodes them whole.

`РГАСПИ. Ф. 17. Оп. 3. Д. 337; Д. 339. Л. 4, 342` is a path through the roles archive, fond, opis, delo, leaf and the
numbers after each (GOST R 7.0.5-2008, section 11). Every cell (a token, or the two halves of one like `JI.125`) may
have any role; the channel says how well the role's printed forms explain what was read, the grammar which role may
follow which, and the path must beat the reading of the same cells as ordinary text. Digits stay as they were read.
Costs are in nats.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

import regex

from pipeline.repair.channel import FAR, Options
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.match import best_match, forms_of
from pipeline.repair.units import Unit

# How the roles follow each other: role -> {next role: cost}. A number has the role of its marker with "-number".
GRAMMAR: Final[Mapping[str, Mapping[str, float]]] = {
    "text": {"text": 0.0, "archive": 6.0, "fond": 8.0},
    "archive": {"archive": 2.0, "fond": 0.0},
    "fond": {"fond-number": 0.0},
    "fond-number": {"opis": 0.1, "delo": 2.5},
    "opis": {"opis-number": 0.0},
    "opis-number": {"delo": 0.1, "opis-number": 6.0, "text": 4.0},
    "delo": {"delo-number": 0.0, "unit": 0.5},
    "unit": {"delo-number": 0.0},
    "delo-number": {
        "leaf": 0.2,
        "delo": 2.0,
        "delo-number": 3.0,
        "opis": 3.5,
        "fond": 2.5,
        "archive": 3.0,
        "text": 1.5,
    },
    "leaf": {"leaf-number": 0.0},
    "leaf-number": {
        "leaf-number": 0.7,
        "verso": 1.5,
        "delo": 1.0,
        "opis": 3.0,
        "fond": 1.0,
        "archive": 1.5,
        "person": 1.5,
        "text": 0.5,
    },
    "verso": {"leaf-number": 0.7, "delo": 1.0, "opis": 3.0, "fond": 1.0, "archive": 1.5, "person": 1.5, "text": 0.5},
    "person": {"delo": 1.0, "opis": 3.0, "fond": 1.0, "archive": 1.5, "text": 0.5},
}
MARKERS: Final = ("fond", "opis", "delo", "unit", "leaf", "verso")
ENDS: Final = frozenset(("text", "delo-number", "leaf-number", "verso", "person"))
SURE_NUMBER: Final = regex.compile(r"^[(\[]?(\p{L}{1,2}-?)?\d+\p{Ll}{0,2}([–—-]\d+\p{Ll}?)?[.,;:)\]]*$")
LIKE_NUMBER: Final = regex.compile(r"^[(\[]?[\dlIOoБбЗзSB|]{1,5}([–—-][\dlIOoБбЗзSB|]{1,5})?[.,;:)\]]*$")
PERSON: Final = regex.compile(r"^\(\P{N}{3,}\)[.,;:\])]*$")
GLUED: Final = regex.compile(r"^([^\d\s]\P{N}{0,3}\d?[.,])(\d[\d–—-]*[.,;:\])]*)$")
# A letter before a fond's number is Cyrillic, whatever it was read as.
FOND_LETTER: Final = regex.compile(r"^([PRРHНПN])(-?\d)")
FOND_LETTERS: Final = {"P": "Р", "R": "Р", "H": "Н", "N": "П"}
# The word of a verso, then what closes the citation.
VERSO: Final = regex.compile(r"^(.*?\.?)([\]),;:.]*)$")
# In the place of a marker anything as short as one may be one, at this cost.
SHORT: Final = 4
GARBLED_MARKER: Final = 10.0
# A number of two digits is nobody's marker.
# What Latin text abbreviates: f., op., Bd., K.
ORDINARY: Final = regex.compile(r"^[(\[]?[A-Za-z]?[a-z]{0,4}[.,]?$")
MANY_DIGITS: Final = regex.compile(r"\d\P{L}*\d|^\P{L}*\d[^\].)]*$")
OPENING_COST: Final = 2.0
RANGE_COST: Final = 4.0
RANGE: Final = regex.compile(r"\d[–—-]\d")
KNOWN_ARCHIVE: Final = 4.5
UNKNOWN_ARCHIVE: Final = 8.0
CYRILLIC_NAME: Final = regex.compile(r"^[(\[]?\p{Cyrillic}*\p{Lu}\p{Cyrillic}*[.,]?$")
LIKE_NUMBER_COST: Final = 5.0
TEXT_NUMBER: Final = 3.5
DIGIT_COST: Final = 2.3
LEADING_ZERO: Final = 4.0
PERSON_COST: Final = 8.0
# A fond's marker that costs more than this does not make anyone look for a citation.
TRIGGER: Final = 9.0
LONGEST_MARKER: Final = 8
BEFORE: Final = 4
AFTER: Final = 60


class Cell(NamedTuple):
    """A stretch of a unit that can have one role."""

    text: str
    unit: int
    cost: float


@dataclass(frozen=True)
class Part:
    """A decoded cell: its role, what it says now, and whether a character of a number had to be guessed."""

    role: str
    text: str
    unit: int
    uncertain: bool = False
    was_digits: bool = False
    read: str = ""


@dataclass(frozen=True)
class Found:
    """A run of citations: its parts in order, and how much likelier (nats) it is than ordinary text."""

    parts: tuple[Part, ...]
    margin: float
    known_archive: bool


def cells_of(units: Sequence[Unit], text_costs: Sequence[float], price: Callable[[str], float]) -> list[Cell]:
    """Return the cells of the units, with their costs as ordinary text."""
    cells: list[Cell] = []
    for number, (unit, cost) in enumerate(zip(units, text_costs, strict=True)):
        glued = GLUED.match(unit.text)
        if glued and not unit.cut:
            cells.extend(Cell(text, number, min(price(text), cost)) for text in glued.groups())
        else:
            cells.append(Cell(unit.text, number, cost))
    return cells


class Grammar:
    """The markers and the archives as forms.

    `options` are those of the glyph map, `latin` those of the map of the model's Latin half.
    """

    def __init__(
        self, terms: Sequence[tuple[str, str, float]], archives: Sequence[str], options: Options, latin: Options
    ) -> None:
        self.options = options
        self.latin = latin
        self.forms = {
            capital: {
                role: forms_of(
                    [
                        (form, cost)
                        for own, form, cost in terms
                        if own == role and (role in ("unit", "verso") or form[0].isupper() == capital)
                    ]
                )
                for role in MARKERS
            }
            for capital in (True, False)
        }
        words = sorted({word for archive in archives for word in archive.split()})
        self.archive_words = frozenset(words)
        self.archives = forms_of(
            [(word + end, KNOWN_ARCHIVE + own) for word in words for end, own in ((".", 0.0), (",", 1.5), ("", 1.0))]
        )
        self.match = lru_cache(maxsize=1 << 14)(self.match_marker)
        self.archive = lru_cache(maxsize=1 << 12)(self.match_archive)

    def channel(self, text: str) -> Options:
        """Return what misread a text: a model of two scripts takes each word for one of them."""
        return self.options if CYRILLIC_LETTER.search(text) else self.latin

    def match_marker(self, text: str, role: str, capital: bool) -> tuple[str, float]:
        """Return how a reading would print if it had the role, and the cost."""
        forms = self.forms[capital][role]
        if MANY_DIGITS.search(text) and role != "verso":
            return text, float(FAR)
        if role == "verso":
            core, tail = VERSO.match(text).groups()
            form, cost = best_match(core, forms, self.channel(core))
            return form + tail, cost
        form, cost = best_match(text, forms, self.channel(text))
        if len(text) <= SHORT and text.endswith(".") and not text[0].isalnum():
            cost = min(cost, GARBLED_MARKER)
        bare = text.lstrip("[(")
        if role == "fond" and bare != text and bare:
            other, dear = best_match(bare, forms, self.channel(bare))
            if dear + OPENING_COST < cost:
                return text[: len(text) - len(bare)] + other, dear + OPENING_COST
        return form, cost

    def match_archive(self, text: str) -> tuple[str, float]:
        """Return the archive that a reading names, and the cost: a listed one, or letter by letter."""
        found = ("", float(FAR))
        for lead in {0, int(text[:1] in "[(")}:
            form, cost = best_match(text[lead:], self.archives, self.channel(text))
            if cost < found[1]:
                found = (text[:lead] + form, cost)
        return found


def number_cost(text: str) -> float:
    """Return the cost of a cell being a number."""
    digits = DIGIT_COST * min(4, sum(character.isdigit() for character in text))
    if SURE_NUMBER.match(text):
        return digits + LEADING_ZERO * text.startswith("0")
    return digits + LIKE_NUMBER_COST if LIKE_NUMBER.match(text) else float(FAR)


def text_number_cost(text: str) -> float:
    """Return the cost of a number that belongs to no citation."""
    return number_cost(text) + TEXT_NUMBER


def separator_cost(before: str, role: str, following: str) -> float:
    """Return what the mark between two cells says against the step from `role` to `following`."""
    last = before[-1:]
    if role not in ENDS and not role.endswith("-number"):
        return 0.0
    if role == "text":
        return 0.0
    if last in ")]" and role != "person" and following not in ("text", "archive"):
        return 8.0
    if following == "leaf-number" and role in ("leaf-number", "verso"):
        return {",": 0.0, ";": 5.0, ".": 3.0}.get(last, 4.0)
    if following == "verso":
        return 0.0 if last.isalnum() else 3.0
    if following == "person":
        return 0.0 if last not in ",;" else 3.0
    if following == "text":
        return {"]": 0.0, ")": 0.0, ";": 0.5, ".": 1.0, ",": 2.0}.get(last, 2.5)
    if role in ("fond-number", "opis-number") or following == "leaf":
        return 0.0 if last in ".," else 2.0
    return {";": 0.0, ".": 1.0, ",": 2.0}.get(last, 4.0)


class Finder:
    """Finds citations in units.

    `spell` reads a token as capitals that no list has: (text, cost); `price` is the cost of a token as ordinary text.
    """

    def __init__(
        self, grammar: Grammar, spell: Callable[[str], tuple[str, float]], price: Callable[[str], float]
    ) -> None:
        self.grammar = grammar
        self.price = price
        self.spell = lru_cache(maxsize=1 << 12)(spell)

    def find(self, units: Sequence[Unit], text_costs: Sequence[float]) -> list[Found]:
        """Return the citations among the units; `text_costs` are the costs of each unit as ordinary text."""
        cells = cells_of(units, text_costs, self.price)
        triggers = list(self.triggers(cells))
        archives = {place for trigger in triggers for place in range(trigger - BEFORE, trigger)}
        found = []
        for start, end in windows(cells, triggers):
            near = {place - start for place in archives if start <= place < end}
            paths = [self.best_path(cells[start:end], near, capital) for capital in (True, False)]
            found += min(paths, key=lambda path: path[0])[1]
        return found

    def triggers(self, cells: Sequence[Cell]) -> Iterator[int]:
        """Yield the places where a fond's marker may stand: something before two numbers with a marker between."""
        for place in range(len(cells) - 3):
            text, numbers = cells[place].text, (cells[place + 1].text, cells[place + 3].text)
            if len(text) < LONGEST_MARKER and max(map(number_cost, numbers)) < FAR and self.may_be_fond(text):
                yield place

    def may_be_fond(self, text: str) -> bool:
        """Return whether a cell is near enough to the marker of a fond."""
        return min(self.grammar.match(text, "fond", capital)[1] for capital in (True, False)) < TRIGGER

    def emission(self, cell: Cell, role: str, capital: bool) -> tuple[str, float]:
        """Return what a cell says in a role, and the cost."""
        if role == "text":
            return cell.text, text_number_cost(cell.text) if SURE_NUMBER.match(cell.text) else cell.cost
        if role == "archive" and CYRILLIC_NAME.match(cell.text):
            return cell.text, KNOWN_ARCHIVE if cell.text.strip(
                "[(.,"
            ) in self.grammar.archive_words else UNKNOWN_ARCHIVE
        if role == "archive":
            known = self.grammar.archive(cell.text)
            spelled = self.spell(cell.text)
            return known if known[1] <= spelled[1] else spelled
        if role == "person":
            return cell.text, PERSON_COST if PERSON.match(cell.text) else float(FAR)
        if role.endswith("-number"):
            price = RANGE_COST if role != "leaf-number" and RANGE.search(cell.text) else 0.0
            return fond_number(cell.text) if role == "fond-number" else cell.text, number_cost(cell.text) + price
        return self.grammar.match(cell.text, role, capital)

    def best_path(self, cells: Sequence[Cell], archives: Set[int], capital: bool) -> tuple[float, list[Found]]:
        """Return the cost of the best roles for the cells, and the citations; archives stand only in some places."""
        costs: dict[str, float] = {"text": 0.0}
        steps: list[dict[str, tuple[str, str, float]]] = []
        for place, cell in enumerate(cells):
            before = cells[place - 1].text if place else ""
            arriving = arrivals(costs, before)
            step: dict[str, tuple[str, str, float]] = {}
            costs = {}
            for role, (price, origin) in arriving.items():
                if role == "archive" and place not in archives:
                    continue
                text, own = self.emission(cell, role, capital)
                if own < FAR:
                    costs[role] = price + own
                    step[role] = (origin, text, own)
            steps.append(step)
        ends = {role: cost for role, cost in costs.items() if role in ENDS}
        if not ends:
            return float(FAR), []
        role = min(ends, key=lambda end: ends[end])
        return ends[role], list(self.split(cells, trace(steps, role)))

    def split(self, cells: Sequence[Cell], path: Sequence[tuple[str, str, float]]) -> Iterator[Found]:
        """Yield the runs of cells that are citations."""
        parts: list[Part] = []
        margin = 0.0
        for cell, (role, text, own) in zip([*cells, Cell("", -1, 0.0)], [*path, ("text", "", 0.0)], strict=True):
            if role == "text":
                if speaks_for_itself(parts):
                    yield Found(tuple(parts), margin, self.is_known(parts))
                parts, margin = [], 0.0
                continue
            uncertain = role.endswith("-number") and not SURE_NUMBER.match(cell.text)
            if role == "archive" and parts and parts[-1].role == "archive":
                parts[-1] = replace(parts[-1], text=parts[-1].text.rstrip(".,"))
            parts.append(Part(role, text, cell.unit, uncertain, any(map(str.isdigit, cell.text)), cell.text))
            margin += (text_number_cost(cell.text) if SURE_NUMBER.match(cell.text) else cell.cost) - own

    def is_known(self, parts: Sequence[Part]) -> bool:
        """Return whether every archive among the parts is a listed one."""
        return all(part.text.strip("[(.,") in self.grammar.archive_words for part in parts if part.role == "archive")


def speaks_for_itself(parts: Sequence[Part]) -> bool:
    """Return whether a run of parts is a citation by its own markers.

    At least two are no digits (numbers alone make no citation), and some were read as what Latin text does not write:
    `f. 17, op. 3, d. 5` is romanised, `K. 3, T. 7, D. 9` is no citation at all.
    """
    markers = [part for part in parts if part.role in MARKERS]
    strange = sum(not ORDINARY.match(part.read) for part in markers)
    return sum(not part.was_digits for part in markers) >= 2 and strange >= min(2, len(markers) // 2)


def fond_number(text: str) -> str:
    """Return a fond's number with its letter in Cyrillic."""
    return str(FOND_LETTER.sub(lambda match: FOND_LETTERS.get(match[1], match[1]) + match[2], text))


def arrivals(costs: Mapping[str, float], before: str) -> dict[str, tuple[float, str]]:
    """Return for each role that can come next the least cost so far and the role before it."""
    best: dict[str, tuple[float, str]] = {}
    for role, cost in costs.items():
        for following, price in GRAMMAR[role].items():
            total = cost + price + separator_cost(before, role, following)
            if following not in best or total < best[following][0]:
                best[following] = (total, role)
    return best


def trace(steps: Sequence[Mapping[str, tuple[str, str, float]]], role: str) -> list[tuple[str, str, float]]:
    """Return (role, text, cost) of each cell on the path that ends in `role`."""
    path = []
    for step in reversed(steps):
        origin, text, own = step[role]
        path.append((role, text, own))
        role = origin
    return path[::-1]


def windows(cells: Sequence[Cell], triggers: Iterable[int]) -> list[tuple[int, int]]:
    """Return stretches of cells around the triggers, those that touch made one."""
    found: list[tuple[int, int]] = []
    for place in triggers:
        start, end = max(0, place - BEFORE), min(len(cells), place + AFTER)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
