"""Tells a hyphen that a line end made from one that belongs to its word."""

from collections.abc import Collection
from typing import Final

import regex

from pipeline.model import Ending
from pipeline.repair.latin import Latin
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.lexicon import Forms, Lexicon

# Marks that only line ends make.
SOFT: Final = frozenset("\u00ad\u00ac")
# What stands at a line's end before its hyphen or dash, and what the next line begins with.
LAST: Final = regex.compile(r"(\S*?)([-\u2010\u2011\u00ad\u00ac\u2013\u2014])$")
FIRST: Final = regex.compile(r"^\S+")
TAIL: Final = regex.compile(r"[\p{L}\p{M}’']+$")
HEAD: Final = regex.compile(r"^[\p{L}\p{M}’']+")
DASHES: Final = frozenset("\u2013\u2014")
# So much rarer than the rarer of its parts, in nats, a word may be that a line end broke; word lists have compounds
# whose hyphen was lost too, but these are rarer.
RARER: Final = 4.0
# What a word costs that only the rare forms have.
RARE: Final = 18.0
TENTH: Final = 0.1  # costs of the lexicon are in tenths of a nat


class Hyphens:
    """Decides how a word goes on over a line end, with the words that are known in either script."""

    def __init__(self, lexicon: Lexicon, forms: Forms, latin: Latin) -> None:
        self.lexicon = lexicon
        self.forms = forms
        self.latin = latin

    def ending(self, line: str, following: str, seen: Collection[str] = ()) -> Ending:
        """Return how a line goes on in the next one of its paragraph; `seen` has the document's own words, small.

        Joined if the joined word is known, or the two parts are not words; numbers, ranges and compounds keep the mark.
        """
        found, after = LAST.search(line), FIRST.search(following)
        if not found or not after or not found[1]:
            return "space"
        tail, head = TAIL.search(found[1]), HEAD.search(after[0])
        if tail and head and found[2] in SOFT:
            return "broken"
        if found[2] in DASHES:
            return "hyphen" if found[1][-1].isdigit() and after[0][0].isdigit() else "space"
        if not tail or not head:
            return "hyphen"
        return "broken" if self.is_broken(tail[0], head[0], seen) else "hyphen"

    def is_broken(self, tail: str, head: str, seen: Collection[str]) -> bool:
        """Return whether two parts are one word without a hyphen."""
        if head[0].isupper() and not tail.isupper():
            return False
        parts = tail.lower(), head.lower()
        joined, compound = "".join(parts), "-".join(parts)
        if (joined in seen) != (compound in seen):
            return joined in seen
        whole, first, second = self.cost(joined), *map(self.cost, parts)
        if first is None or second is None:
            return True
        return whole is not None and whole <= max(first, second) + RARER

    def cost(self, word: str) -> float | None:
        """Return the cost of a small word in nats, None if it is not known."""
        if not CYRILLIC_LETTER.match(word):
            return self.latin.listed_cost(word.replace("’", "'"))
        number = self.lexicon.find(word)
        if number >= 0:
            return TENTH * float(self.lexicon.cost[number])
        return RARE if self.forms.has(word) else None
