"""The grammar of archival citations (GOST R 7.0.5-2008, section 11; DSTU 8302:2015) and the parse of cells by it.

`РГАСПИ. Ф. 61. Оп. 3. Д. 218; Д. 220. Л. 4, 91` is a path through states: archive, fond and its number, opis and its
number, and so on, and `text` for what belongs to no citation. A cell is an edge between two places of the reading; the
steps between states cost what GRAMMAR says and what the mark between the cells says. The best path over all edges wins
(Viterbi 1967), in time linear in the edges. Costs are in nats.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.compiled import njit
from pipeline.repair.channel import FAR

# What may come after a file is cited whole, and what that costs.
ANEW: Final[Mapping[str, float]] = {"delo": 1.0, "opis": 3.0, "fond": 1.0, "archive": 1.5, "again": 3.0, "text": 0.5}
# What may come after a leaf.
LEAF_LIST: Final[Mapping[str, float]] = {
    "leaf-number": 0.7,
    "range": 0.7,
    "range-end": 0.7,
    "and": 1.0,
    "person": 1.5,
    "person-first": 4.0,
    "person-last": 8.0,
    "lost-number": 6.0,
    **ANEW,
}
# How the states follow each other: state -> {next state: cost}. A marker's number is its name with "-number".
GRAMMAR: Final[Mapping[str, Mapping[str, float]]] = {
    "text": {"text": 0.0, "archive": 6.0, "fond": 12.0, "again": 8.0, "author": 9.0},
    # A book or an article before the archives of one bracket: `[Осокин, с. 31–32; РГАСПИ. ...]`.
    "author": {"page": 0.5},
    "page": {"page-number": 0.0},
    "page-number": {"archive": 1.0, "fond": 3.0, "author": 3.0},
    # Some archives have no fonds: `ЦА ФСБ РФ. Д. Н-15301. Т. 2. Л. 45`.
    "archive": {"place": 2.0, "fond": 0.0, "delo": 5.0},
    "place": {"fond": 0.0, "delo": 5.0},
    # `Там же`: what stands further left in the citation before.
    "again": {"same": 0.0},
    "same": {"fond": 1.0, "opis": 1.0, "delo": 0.5, "leaf": 0.5},
    "fond": {"fond-number": 0.0},
    "fond-number": {"opis": 0.1, "delo": 2.5},
    "opis": {"opis-number": 0.0},
    "opis-number": {
        "delo": 0.1,
        "extra": 1.5,
        "misread": 3.0,
        "volume": 6.0,
        "opis-number": 6.0,
        "lost-number": 8.0,
        "text": 4.0,
    },
    # The marker of a file taken for that of leaves, and one that was not read at all: leaves follow.
    "misread": {"lost-number": 0.0},
    "lost-number": {"leaf": 0.2},
    "extra": {"delo": 0.1, "volume": 3.0},
    "volume": {"volume-number": 0.0},
    "volume-number": {"delo": 0.1, "leaf": 0.2, "text": 2.0},
    "delo": {"delo-number": 0.0, "unit": 0.1},
    "unit": {"delo-number": 0.0},
    "delo-number": {
        "leaf": 0.2,
        "delo": 2.0,
        "delo-number": 3.0,
        "volume": 3.0,
        "opis": 3.5,
        "fond": 2.5,
        "archive": 3.0,
        "text": 1.5,
    },
    "leaf": {"leaf-number": 0.0},
    "leaf-number": {"verso": 1.5, **LEAF_LIST},
    "verso": LEAF_LIST,
    # A range that is no single token: `31 об.–34`, `31 – 34`.
    "range": {"leaf-number": 0.0},
    # `14 и 15`, `16 и об.`
    "and": {"leaf-number": 1.0, "verso": 0.5},
    "range-end": {"verso": 1.5, **LEAF_LIST},
    "person": ANEW,
    "person-first": {"person-last": 0.0, "person-middle": 2.0},
    "person-middle": {"person-last": 0.0},
    "person-last": ANEW,
}
STATES: Final = tuple(GRAMMAR)
# What a state is called outside the grammar, where that is not its own name.
ROLES: Final[Mapping[str, str]] = {
    "place": "archive",
    "same": "again",
    "extra": "opis-number",
    "range-end": "range",
    "misread": "delo",
    "lost-number": "delo-number",
    "person-first": "person",
    "person-middle": "person",
    "person-last": "person",
}
MARKERS: Final = ("again", "same", "fond", "opis", "extra", "volume", "delo", "unit", "leaf", "verso", "page")
NUMBERS: Final = tuple(state for state in STATES if state.endswith("-number"))
# Where a citation may end.
ENDS: Final = frozenset(
    (
        "text",
        "opis-number",
        "volume-number",
        "delo-number",
        "leaf-number",
        "verso",
        "range-end",
        "person",
        "person-last",
    )
)
# The last character of a cell, as the grammar tells such marks apart; any other is the last class.
SEPARATORS: Final = (".", ",", ";", ")", "]")
OTHER: Final = len(SEPARATORS)
SEPARATOR_CLASS: Final = {mark: number for number, mark in enumerate(SEPARATORS)} | {"}": SEPARATORS.index("]")}
# A citation prints its markers with capitals or without: all states but `text` are there twice.
OWN_STATES: Final = len(STATES) - 1
COUNT: Final = 1 + 2 * OWN_STATES
TEXT: Final = 0


def state_of(name: str, capital: bool) -> int:
    """Return the number of a state where markers have capitals, or have none."""
    place = STATES.index(name)
    return place + OWN_STATES if place and not capital else place


def states_of(names: Iterable[str]) -> list[int]:
    """Return the numbers of some states, where markers have capitals and where they have none."""
    return [state_of(name, capital) for name in names for capital in (True, False)]


def name_of(state: int) -> str:
    """Return the name of a state by its number."""
    return STATES[state - OWN_STATES if state > OWN_STATES else state]


def is_capital(state: int) -> bool:
    """Return whether markers have capitals where this state is."""
    return state <= OWN_STATES


def separator_cost(mark: str, before: str, following: str) -> float:
    """Return what the mark between two cells ("" for none) says against the step between their states."""
    if before not in ENDS and not before.endswith("-number"):
        return 0.0
    if before == "text":
        return 0.0
    if mark in ("]", ")") and not before.startswith("person") and following not in ("text", "archive"):
        return 8.0
    if following in ("range", "range-end", "and"):
        return 0.0 if not mark or (mark == "." and before == "verso") else 6.0
    if following == "leaf-number" and before in ("leaf-number", "verso", "range-end"):
        return {",": 0.0, ";": 5.0, ".": 6.5}.get(mark, 6.0)
    if before == following == "delo-number":
        return {",": 0.5, ";": 0.0, ".": 1.0}.get(mark, 4.0)
    if following in ("verso", "extra"):
        return 0.0 if not mark else 3.0
    if following.startswith("person"):
        return 0.0 if mark not in (",", ";") else 3.0
    if following == "text" and before == "verso" and mark == ".":
        mark = ""  # its own, not that of the sentence
    if following == "text":
        return {"]": 0.0, ")": 0.0, ";": 0.5, ".": 1.0, ",": 2.0}.get(mark, 2.5)
    if before in ("fond-number", "opis-number", "volume-number") or following in ("leaf", "volume"):
        return 0.0 if mark in (".", ",") else 2.0
    return {";": 0.0, ".": 1.0, ",": 2.0}.get(mark, 4.0)


class Steps(NamedTuple):
    """The steps of the grammar: `before`, `after` are states, `cost[s, n]` is that of step n at separator s.

    `ends` has the states where a citation may end.
    """

    before: npt.NDArray[np.int16]
    after: npt.NDArray[np.int16]
    cost: npt.NDArray[np.float32]
    ends: npt.NDArray[np.bool_]


def steps() -> Steps:
    """Return the steps of the grammar, with capitals and without."""
    rows = {
        (state_of(one, capital), state_of(other, capital)): (one, other)
        for capital in (True, False)
        for one, following in GRAMMAR.items()
        for other in following
    }
    marks = [*SEPARATORS, ""]
    cost = [[GRAMMAR[one][other] + separator_cost(mark, one, other) for one, other in rows.values()] for mark in marks]
    before, after = zip(*rows, strict=True)
    ends = np.array([name_of(state) in ENDS for state in range(COUNT)])
    return Steps(np.array(before, np.int16), np.array(after, np.int16), np.array(cost, np.float32), ends)


class Edges(NamedTuple):
    """The cells of a reading, by their starts: from place `start` to `end`; `row` is that of their costs.

    `text` is what a cell costs as text; `separator[p]` is the class of the mark before place p.
    """

    start: npt.NDArray[np.int32]
    end: npt.NDArray[np.int32]
    row: npt.NDArray[np.int32]
    text: npt.NDArray[np.float32]
    separator: npt.NDArray[np.int8]


@njit(cache=True)
def parse(steps: Any, edges: Any, rows: Any) -> Any:  # pragma: no cover
    """Return the edges of the best path through all places, last first, and their states.

    `rows[r, s]` is the cost of a cell of row r in state s.
    """
    places = len(edges.separator)
    cost = np.full((places, COUNT), FAR, np.float32)
    came = np.full((places, COUNT), -1, np.int32)
    origin = np.zeros((places, COUNT), np.int16)
    cost[0, TEXT] = 0.0
    arriving, fro = np.empty(COUNT, np.float32), np.zeros(COUNT, np.int16)
    reached = -1
    for edge in range(len(edges.start)):
        start, end = edges.start[edge], edges.end[edge]
        if start != reached:
            reached = start
            arriving[:] = FAR
            for step in range(len(steps.before)):
                total = cost[start, steps.before[step]] + steps.cost[edges.separator[start], step]
                if total < arriving[steps.after[step]]:
                    arriving[steps.after[step]], fro[steps.after[step]] = total, steps.before[step]
        for state in range(COUNT):
            own = edges.text[edge] if state == TEXT else rows[edges.row[edge], state]
            total = arriving[state] + own
            if total < cost[end, state]:
                cost[end, state], came[end, state], origin[end, state] = total, edge, fro[state]
    return traced(steps, edges, cost, came, origin)


@njit(cache=True)
def traced(steps: Any, edges: Any, cost: Any, came: Any, origin: Any) -> Any:  # pragma: no cover
    """Return the best path into the last place, last edge first."""
    place, state, least = len(edges.separator) - 1, TEXT, np.float32(FAR)
    for end in range(COUNT):
        if steps.ends[end] and cost[place, end] < least:
            state, least = end, cost[place, end]
    path, states = np.empty(len(edges.start), np.int32), np.empty(len(edges.start), np.int16)
    count = 0
    while place > 0 and came[place, state] >= 0:
        edge = came[place, state]
        path[count], states[count] = edge, state
        count += 1
        place, state = edges.start[edge], origin[place, state]
    return path[:count], states[:count]
