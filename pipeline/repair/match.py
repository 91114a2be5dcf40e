"""The cost of one given printed string behind a reading: for the closed sets of the citation grammar."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.compiled import lean, njit
from pipeline.repair.channel import FAR, LONGEST_READ, MARK, Options, symbol
from pipeline.repair.prices import pair_price, prepare
from pipeline.repair.search import identities
from pipeline.repair.states import LONGEST

# What no confusion explains, in nats: a character too many (an opening bracket is rather half of a letter), a letter
# read as any other, a letter or a mark lost, one mark read as another.
STRAY: Final = 8.0
STRAY_BRACKET: Final = 7.0
BRACKET: Final = symbol("[")
SUBSTITUTED: Final = 9.5
LOST: Final = 8.0
LOST_MARK: Final = 3.0
OTHER_MARK: Final = 2.5


@lean
def unit_prices(
    options: Any, reading: Any, codes: Any, i: int, k: int, j: int
) -> tuple[float, float]:  # pragma: no cover
    """Return the costs of the printed characters k, and k with k + 1, having been read as those from i to j."""
    alone, together = float(FAR), float(FAR)
    node = reading.node[i, j - i - 1]
    if codes[k] < MARK:
        if node >= 0:
            alone = options.single[node, codes[k]]
        if j == i + 1:
            alone = min(alone, SUBSTITUTED)
    elif j == i + 1 and reading.mark[i]:
        alone = 0.0 if reading.mark[i] == codes[k] else OTHER_MARK
    if node >= 0 and k + 1 < len(codes):
        together = pair_price(options, node, codes[k], codes[k + 1])
    return alone, together


@lean
def alignment_cost(options: Any, reading: Any, codes: Any, cost: Any) -> float:  # pragma: no cover
    """Return the least cost of the printed `codes` having been read as this reading; `cost` is room to work in."""
    length, count = reading.length, len(codes)
    cost[: length + 1, : count + 3] = FAR
    cost[0, 0] = 0.0
    for i in range(length + 1):
        for k in range(count + 1):
            here = cost[i, k]
            if here >= FAR:
                continue
            if k < count:
                lost = LOST_MARK if codes[k] >= MARK else min(options.single[0, codes[k]], LOST)
                cost[i, k + 1] = min(cost[i, k + 1], here + lost)
            if i < length:
                stray = STRAY_BRACKET if reading.mark[i] == BRACKET else STRAY
                cost[i + 1, k] = min(cost[i + 1, k], here + stray)
            for j in range(i + 1, min(i + LONGEST_READ, length) + 1):
                if k < count:
                    alone, together = unit_prices(options, reading, codes, i, k, j)
                    cost[j, k + 1] = min(cost[j, k + 1], here + alone)
                    cost[j, k + 2] = min(cost[j, k + 2], here + together)
    return float(cost[length, count])


@njit(cache=True)
def alignment_costs(options: Any, text: Any, codes: Any, starts: Any, own: Any) -> Any:  # pragma: no cover
    """Return the cost of each of many printed strings behind one reading."""
    reading = prepare(options, text)
    costs = np.empty(len(own))
    room = np.empty((len(text) + 1, LONGEST + 3))
    for form in range(len(own)):
        costs[form] = own[form] + alignment_cost(options, reading, codes[starts[form] : starts[form + 1]], room)
    return costs


class Forms(NamedTuple):
    """Printed strings with their own costs; the codes of string n are `codes[starts[n]:starts[n + 1]]`."""

    texts: tuple[str, ...]
    codes: npt.NDArray[np.int32]
    starts: npt.NDArray[np.int64]
    own: npt.NDArray[np.float64]


def forms_of(priced: Sequence[tuple[str, float]]) -> Forms:
    """Return strings and their costs as forms. Raises ValueError for a character that the channel does not know."""
    texts = tuple(text for text, _ in priced)
    codes = np.array([symbol(character) for text in texts for character in text], dtype=np.int32)
    if not codes.all():
        raise ValueError(texts)
    return Forms(texts, codes, np.cumsum([0, *map(len, texts)]), np.array([own for _, own in priced], dtype=np.float64))


def match_costs(text: str, forms: Forms, options: Options) -> npt.NDArray[np.float64]:
    """Return the cost of each of the forms behind a reading; FAR where it is too long, or empty."""
    if not forms.texts or not 0 < len(text) <= LONGEST:
        return np.full(len(forms.texts), FAR, np.float64)
    return np.asarray(alignment_costs(options, identities(text, options), forms.codes, forms.starts, forms.own))


def best_match(text: str, forms: Forms, options: Options) -> tuple[str, float]:
    """Return which of the forms explains a reading best, and the cost."""
    if not forms.texts:
        return "", float(FAR)
    costs = match_costs(text, forms, options)
    best = int(np.argmin(costs))
    return forms.texts[best], float(costs[best])
