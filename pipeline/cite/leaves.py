"""Reads the leaves of a citation: `5–7 об., 12` is a range that ends on a back (verso), and a leaf."""

from typing import Final

import regex

from pipeline.model import Leaf

VERSO: Final = r"\s?(?:об|зв|ob|zv)\b\.?"
NUMBER: Final = rf"(\d{{1,6}}(?:(?!{VERSO})\p{{L}})?(?!\p{{L}}|\d)|\d{{1,6}}(?={VERSO}))"
# A leaf; or a range, or a leaf with its back (`19 и об.`).
LEAF: Final = regex.compile(rf"{NUMBER}({VERSO})?+(?:\s?[–—-]\s?{NUMBER}({VERSO})?+|\s(?:и|та|i|and)({VERSO}))?+")


def leaves_of(text: str) -> tuple[Leaf, ...]:
    """Return the leaves that a list of them names, in its order; what is no leaf is passed over."""
    return tuple(to_leaf(*match.groups()) for match in LEAF.finditer(text))


def to_leaf(
    first: str, first_verso: str | None, last: str | None, last_verso: str | None, and_verso: str | None
) -> Leaf:
    """Return a leaf or a range from what was matched."""
    if last is None:
        return Leaf(first, bool(first_verso), first, bool(first_verso or and_verso))
    return Leaf(first, bool(first_verso), last, bool(last_verso or and_verso))
