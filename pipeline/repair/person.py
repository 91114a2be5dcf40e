"""Whose paper it is: the name in parentheses behind the leaves of a citation.

Such a name has a capital and stands in the nominative; the same few people come again and again in one document.
Costs are in nats.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import regex

from pipeline.repair.channel import FAR, Options, symbol
from pipeline.repair.latin import EDGES
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.match import forms_of, match_costs

NAME: Final = regex.compile(r"^\P{L}*\p{Lu}[\p{Ll}’'-]+(-\p{Lu}\p{Ll}+)?\P{L}*$")
# Endings that only other cases of surnames have, and those of a woman's name or of a man's in the genitive.
OBLIQUE: Final = regex.compile(r"(([оеё]в|[иы]н)(у|ым|ых|ыми|е)|[сц]к(ого|ому|им|ом|их|ими))\P{L}*$")
GENITIVE: Final = regex.compile(r"([оеё]в|[иы]н)[аой]{1,2}\P{L}*$")
OBLIQUE_COST: Final = 6.0
GENITIVE_COST: Final = 2.0
# Endings of surnames, in the nominative; what a name without costs. By judgement: seven in eight persons have one, and
# one in five of the words that may be meant.
SURNAME: Final = regex.compile(r"([оеё]в|[иы]н|[сц]к(ий|ой)|ко|[уюа]к|[иы]ч|ян|дзе|швили|[иы]х)\P{L}*$")
UNLIKE_SURNAME: Final = 3.0
CLOSERS: Final = regex.compile(r"([)\]}|]+)([.,;:]*)$")
# How much a name gains that stands elsewhere in the document; more often, more.
KNOWN: Final = 2.0

# A listed person, besides its own cost. By judgement: six in ten of the persons cited are listed, and six in ten of
# those are the 50 that cost nothing of their own.
LISTED: Final = 5.0
# So many of the listed names are weighed.
NEAREST: Final = 3

Candidates = Sequence[tuple[str, float]]


class Persons:
    """Persons that are known by name; `priced` are (surname, how much rarer in nats than the commonest)."""

    def __init__(self, priced: Sequence[tuple[str, float]]) -> None:
        known = [(name, LISTED + cost) for name, cost in priced if all(map(symbol, name))]
        self.forms = forms_of(known)

    def named(self, token: str, options: Options) -> list[tuple[str, float]]:
        """Return the likeliest listed names behind a token, with the marks around it, and their costs."""
        lead, core, trail = EDGES.match(token).groups()
        costs = match_costs(core, self.forms, options)
        nearest = np.argsort(costs, kind="stable")[:NEAREST].tolist()
        return [(lead + self.forms.texts[place] + trail, float(costs[place])) for place in nearest]


NO_PERSONS: Final = Persons(())


def name_cost(text: str) -> float:
    """Return how little a Cyrillic text is like the name of a person as citations print it."""
    if not CYRILLIC_LETTER.search(text):
        return 0.0
    if not NAME.match(text):
        return float(FAR)
    return OBLIQUE_COST * bool(OBLIQUE.search(text)) + GENITIVE_COST * bool(GENITIVE.search(text))


class Choice(NamedTuple):
    """The candidates of a place, by number: one for each name, the likeliest first, and the share of each."""

    numbers: tuple[int, ...]
    shares: tuple[float, ...]


def surname_cost(text: str) -> float:
    """Return what it costs a word that is not known as a name that it does not end as surnames do."""
    return 0.0 if SURNAME.search(text) else UNLIKE_SURNAME


def chosen(candidates: Mapping[int, Candidates]) -> dict[int, Choice]:
    """Return how likely the candidates of each place are; names that come more than once are likelier."""
    priced = {
        place: [(core(text), cost + name_cost(text)) for text, cost in found] for place, found in candidates.items()
    }
    best = {place: min(found, key=lambda one: one[1]) for place, found in priced.items() if found}
    seen = Counter(name for name, cost in best.values() if cost < FAR)
    done = {}
    for place, found in priced.items():
        own = best[place][0] if place in best else ""
        gains = [(name, cost - gain(seen[name] - (name == own))) for name, cost in found]
        if min((cost for _, cost in gains), default=float(FAR)) < FAR / 2:
            done[place] = choice(gains)
    return done


def choice(priced: Candidates) -> Choice:
    """Return the candidates by their likelihood; of those with one name only the likeliest counts."""
    first: dict[str, int] = {}
    for number in sorted(range(len(priced)), key=lambda number: priced[number][1]):
        first.setdefault(priced[number][0], number)
    numbers = tuple(first.values())
    weights = [math.exp(priced[numbers[0]][1] - priced[number][1]) for number in numbers]
    return Choice(numbers, tuple(weight / sum(weights) for weight in weights))


def gain(count: int) -> float:
    """Return how much likelier a name is that stands so often elsewhere."""
    return KNOWN + math.log(count) if count > 0 else 0.0


def closed(text: str) -> str:
    """Return a name whose parenthesis OCR closed with another bracket, or twice, with it closed as it is printed."""
    match = CLOSERS.search(text)
    if not match or "(" not in text or match[1] in (")", ")]"):
        return text
    return str(text[: match.start()] + ")" + "]" * (len(match[1]) > 1 or match[1] in "]|") + match[2])


def has_marks(name: str, read: str) -> bool:
    """Return whether a name has the parentheses and brackets it was read with: none of them is a part of a letter."""
    return (read[0] != "(" or name[0] == "(") and closers(name) >= closers(read)


def closers(text: str) -> int:
    """Return how many closing brackets stand at the end of a text."""
    match = CLOSERS.search(text)
    return len(match[1]) if match else 0


def core(text: str) -> str:
    """Return a name without the marks around it."""
    return str(regex.sub(r"^\P{L}+|\P{L}+$", "", text))
