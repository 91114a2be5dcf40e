"""What the search asks of the channel and of the lexicon: prices, and the least that is still to be paid."""

from typing import Any

import numpy as np

from pipeline.arrays import STEP
from pipeline.compiled import inlined, lean, njit
from pipeline.repair.channel import DIGIT, FAR, HYPHEN, LONGEST_READ, MARK, UNREAD, UPPER
from pipeline.repair.letters import RUSSIAN_CODES
from pipeline.repair.states import (
    AFTER,
    BEYOND,
    CAPITALS,
    CONTEXT,
    ENDS,
    FIRST,
    LEAD,
    LETTERS,
    LOWER,
    NEVER,
    NUMBER,
    NUMBERED,
    OPEN,
    RUSSIAN_LETTERS,
    TITLE,
    TRAIL,
    Reading,
)
from pipeline.repair.units import MAYBE, NOT, SURELY

# ---------------------------------------------------------------- the channel's side


@njit(cache=True)
def prepare(options: Any, text: Any, cut: int = 0) -> Any:  # pragma: no cover
    """Return what could stand behind each stretch of a reading, given as identities of its characters.

    No stretch goes on over `cut`, where a line ended: no letter is printed half there and half on the next line.
    """
    length = len(text)
    node = np.full((length, LONGEST_READ), -1, np.int32)
    mark = np.zeros(length, np.int32)
    for i in range(length):
        mark[i] = options.marks[text[i]]
        at = 0
        for size in range(min(LONGEST_READ, (cut if i < cut else length) - i)):
            at = options.below[at, text[i + size]] if text[i + size] else 0
            if at == 0:
                break
            if options.least[at] < FAR:
                node[i, size] = at
        if node[i, 0] < 0:
            node[i, 0] = UNREAD
    return Reading(length, node, mark)


@lean
def pair_price(options: Any, node: int, first: int, second: int) -> float:  # pragma: no cover
    """Return the cost of two letters having been read as the string of a node."""
    for pair in range(options.pair_starts[node], options.pair_starts[node + 1]):
        if options.first[pair] == first and options.second[pair] == second:
            return options.pair_cost[pair]
    return float(FAR)


@inlined
def bits(word: Any) -> Any:  # pragma: no cover
    """Return how many bits of a 64-bit number are set."""
    word = word - ((word >> np.uint64(1)) & np.uint64(0x5555555555555555))
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((word * np.uint64(0x0101010101010101)) >> np.uint64(56))


@inlined
def capital_price(price: float, lower: float, weights: Any) -> float:  # pragma: no cover
    """Return the cost of a capital inside a word, given that of the small letter.

    Where both look alike but for their size, a reading has all letters of a word large or none: after the first, each
    further letter says little that the others did not.
    """
    if 0.0 < lower - price < weights.alike:
        return lower - min(lower - price, weights.repeated)
    return price


@lean
def least_in_word(options: Any, weights: Any, node: int, phase: int) -> float:  # pragma: no cover
    """Return the least cost of letters having been read as a node in a word of small ones, or of capitals, or any."""
    if phase == FIRST:
        return float(options.least[node])
    least, case = BEYOND, UPPER if phase == CAPITALS else 0
    letters = options.letters[node, case // UPPER]
    while letters:
        bit = letters & (~letters + np.uint64(1))
        letters ^= bit
        code = bits(bit - np.uint64(1))
        price = options.single[node, code + case]
        least = min(least, capital_price(price, options.single[node, code], weights) if case else price)
    for pair in range(options.pair_starts[node], options.pair_starts[node + 1]):
        if options.first[pair] & UPPER == case and options.second[pair] & UPPER == case:
            return float(min(least, options.pair_cost[pair]))
    return least


@inlined
def rest_in_word(
    options: Any, reading: Any, weights: Any, rest: Any, phase: int, i: int, stray: float
) -> float:  # pragma: no cover
    """Return the least cost of a reading from place i on that goes on there inside a word in letters of one case."""
    least = stray + rest[i + 1, phase]
    for size in range(min(LONGEST_READ, reading.length - i)):
        node = reading.node[i, size]
        if node >= 0:
            least = min(least, least_in_word(options, weights, node, phase) + rest[i + size + 1, phase])
    return least


@inlined
def rest_with_mark(tables: Any, weights: Any, rest: Any, phase: int, i: int, mark: int) -> float:  # pragma: no cover
    """Return the least cost of a reading from place i on in a phase outside words, the mark or digit there being it."""
    if mark == HYPHEN and (phase == TRAIL or phase == NUMBER):
        return weights.hyphen + rest[i + 1, LEAD]
    if mark >= DIGIT:
        return weights.digit + rest[i + 1, NUMBER] if phase == LEAD or phase == NUMBER else BEYOND
    if not mark:
        return BEYOND
    if phase == LEAD:
        return tables.leading[mark - MARK] + rest[i + 1, LEAD]
    return tables.trailing[mark - MARK] + rest[i + 1, AFTER]


@inlined
def skip_price(tables: Any, weights: Any, mark: int) -> float:  # pragma: no cover
    """Return what it costs that a character stands for nothing; `mark` is the mark that it is before a word, or 0.

    A mark before a word is rather there than not, but for those that never are.
    """
    price = weights.stray
    if MARK <= mark < DIGIT:
        leading = tables.leading[mark - MARK]
        price = max(price, leading + weights.no_mark) if leading < NEVER else min(price, NEVER - weights.odd_mark)
    return price


@lean
def look_forward(tables: Any, options: Any, reading: Any, weights: Any, rest: Any) -> None:  # pragma: no cover
    """Write what the rest of a reading costs at least from each place on, by the phase of the state there.

    A word that begins small goes on so; where it ends there are marks, or another word.
    """
    stray = min(weights.stray, weights.swapped)
    rest[reading.length] = 0.0
    for i in range(reading.length - 1, -1, -1):
        for phase in (TRAIL, AFTER, NUMBER, LEAD):
            rest[i, phase] = rest_with_mark(tables, weights, rest, phase, i, reading.mark[i])
        rest[i, LOWER] = min(rest_in_word(options, reading, weights, rest, LOWER, i, stray), rest[i, TRAIL])
        rest[i, CAPITALS] = min(rest_in_word(options, reading, weights, rest, CAPITALS, i, stray), rest[i, TRAIL])
        lead = min(rest_in_word(options, reading, weights, rest, FIRST, i, stray), rest[i, LOWER], rest[i, CAPITALS])
        skipped = min(skip_price(tables, weights, reading.mark[i]), weights.swapped) + rest[i + 1, LEAD]
        rest[i, LEAD] = min(rest[i, LEAD], lead, skipped)
        rest[i, TRAIL] = min(rest[i, TRAIL], weights.missing_space + rest[i, LEAD])
        rest[i, AFTER] = min(rest[i, AFTER], weights.joined + rest[i, LEAD])
        rest[i, LOWER] = min(rest[i, LOWER], rest[i, TRAIL])
        rest[i, CAPITALS] = min(rest[i, CAPITALS], rest[i, TRAIL])
        rest[i, TITLE] = rest[i, LOWER]
        rest[i, FIRST] = min(rest[i, LOWER], rest[i, CAPITALS])


# ---------------------------------------------------------------- the lexicon's side


@inlined
def child(tables: Any, node: int, code: int) -> int:  # pragma: no cover
    """Return the child of a node by a letter, -1 if there is none."""
    if node >= OPEN:
        return OPEN + (node - OPEN) % (CONTEXT // RUSSIAN_CODES) * RUSSIAN_CODES + code if code < RUSSIAN_CODES else -1
    below = tables.nodes[node, 0]
    bit = np.uint64(1) << np.uint64(code)
    return first_child(tables, node) + bits(below & (bit - np.uint64(1))) if below & bit else -1


@inlined
def letters_below(tables: Any, node: int) -> Any:  # pragma: no cover
    """Return a bit for the code of each letter that may follow a node."""
    return tables.nodes[node, 0] & LETTERS if node < OPEN else RUSSIAN_LETTERS


@inlined
def first_child(tables: Any, node: int) -> Any:  # pragma: no cover
    """Return the first node below a node."""
    return np.int64(tables.nodes[node, 1] & np.uint64(0xFFFFFFFF))


@inlined
def children(tables: Any, node: int) -> int:  # pragma: no cover
    """Return how many nodes there are below a node."""
    return bits(tables.nodes[node, 0] & LETTERS)


@inlined
def word_at(tables: Any, node: int) -> Any:  # pragma: no cover
    """Return the number of the word that ends at a node, -1 if none does."""
    if tables.nodes[node, 0] >> np.uint64(ENDS) & np.uint64(1):
        return np.int64(tables.nodes[node, 1] >> np.uint64(NUMBERED))
    return -1


@inlined
def spelling(tables: Any, node: int, code: int) -> float:  # pragma: no cover
    """Return what a letter costs by itself: nothing in the lexicon, whose words pay at their end."""
    if node < OPEN:
        return 0.0
    context = node - OPEN
    side = RUSSIAN_CODES
    return STEP * tables.ngrams[context // (side * side), context // side % side, context % side, code]


@inlined
def ahead_of(tables: Any, space: Any, node: int, phase: int) -> float:  # pragma: no cover
    """Return the least that the word of a state will cost, with its case."""
    outlook = space.outlook
    if node >= OPEN:
        return outlook.fresh[phase]
    return STEP * tables.ahead[node, outlook.column[phase]] + outlook.extra[phase]


@inlined
def next_phase(phase: int, is_upper: bool) -> int:  # pragma: no cover
    """Return the phase after a letter, -1 where no usual case pattern allows it."""
    if phase == LEAD:
        return FIRST if is_upper else LOWER
    if is_upper:
        return CAPITALS if phase == FIRST or phase == CAPITALS else -1
    if phase == LOWER:
        return LOWER
    return TITLE if phase == FIRST or phase == TITLE else -1


@inlined
def in_word(phase: int) -> int:  # pragma: no cover
    """Return the phase that a letter leads to from a phase, or the one that has no more to come than any of these."""
    return FIRST if phase == LEAD else phase


@inlined
def lower_cost(weights: Any, initial: int) -> float:  # pragma: no cover
    """Return what a small letter costs because a sentence starts, or may start, with it."""
    return weights.initial_lower if initial == SURELY else weights.maybe_lower if initial == MAYBE else 0.0


@inlined
def case_cost(title: float, capitals: float, phase: int, weights: Any, initial: int) -> float:  # pragma: no cover
    """Return the cost of the case of a finished word that has these costs inside a sentence."""
    if phase == LOWER:
        return -np.log(max(1.0 - np.exp(-title) - np.exp(-capitals), 1e-3)) + lower_cost(weights, initial)
    if phase == CAPITALS:
        return min(capitals, weights.dearest_case)
    return min(title, 0.1 if initial == SURELY else weights.maybe_title if initial == MAYBE else weights.dearest_case)


@lean
def look_ahead(outlook: Any, weights: Any, initial: int, compound: bool) -> None:  # pragma: no cover
    """Write what words cost at least where a sentence starts or not: there a title costs next to nothing.

    The further words of a compound start no sentence.
    """
    further = NOT if compound else initial
    for phase in range(LOWER, CAPITALS + 1):
        inside = initial == NOT or phase == LOWER or phase == CAPITALS
        outlook.column[phase] = phase if inside else LEAD
        case = case_cost(weights.unknown_title, weights.unknown_capitals, phase, weights, initial)
        case = min(case, case_cost(weights.unknown_title, weights.unknown_capitals, phase, weights, further))
        outlook.fresh[phase] = weights.unknown_word + case
    outlook.fresh[FIRST] = min(outlook.fresh[TITLE], outlook.fresh[CAPITALS])
    outlook.fresh[LEAD] = min(outlook.fresh[FIRST], outlook.fresh[LOWER])
    outlook.extra[LOWER] = lower_cost(weights, further)
