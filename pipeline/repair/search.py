"""The search: a beam through the trie of the lexicon, from what was read to what may have been printed.

A state is (place in the reading, node of the trie, phase); it is ranked by what the channel and the finished words cost
so far, plus the least cost of any word below the node in the case of the phase, plus the least that the channel asks
for the rest of the reading (Brill and Moore 2000; the look-ahead is that of A* search). A narrow beam finds one answer
first; whatever cannot come near it is then left out of the wide one. Besides the words of the lexicon, the same search
spells new words by their letters: nodes from OPEN on are contexts of three letters.

Costs are in nats. The compiled functions take named tuples of arrays, made once.
"""

from codecs import charmap_decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP
from pipeline.compiled import inlined, lean, njit
from pipeline.repair.channel import DIGIT, FAR, HYPHEN, LONGEST_READ, MARK, MARKS, UNREAD, UPPER, Options
from pipeline.repair.channel import character as printed_character
from pipeline.repair.context import INITIAL, ONE_DIGIT, UNKNOWN, LanguageModel
from pipeline.repair.letters import CYRILLIC, RUSSIAN_CODES
from pipeline.repair.lexicon import NAME, NO_FORMS, Forms, Lexicon
from pipeline.repair.units import MAYBE, NOT, SURELY

# Phases of a state: before a word; in a word by the case of its letters; after it; after a mark; in a number.
LEAD, LOWER, FIRST, TITLE, CAPITALS, TRAIL, AFTER, NUMBER = range(8)
CASES: Final = 4
# Actions besides printing a letter (its code) or two (first + second * PAIR).
NOTHING: Final = 0
SPACE: Final = 255
PAIR: Final = 256

# FAR as compiled code takes it: a number of 64 bits.
BEYOND: Final = float(FAR)
OPEN: Final = 1 << 28
CONTEXT: Final = RUSSIAN_CODES**3
# Where in the words of a node its parts begin.
LETTERS: Final = np.uint64((1 << 48) - 1)
RUSSIAN_LETTERS: Final = np.uint64((1 << RUSSIAN_CODES) - 2)
ENDS, NUMBERED = 56, 32
FULL_STOP: Final = MARK + MARKS.index(".")
LONGEST: Final = 48
LONGEST_PRINTED: Final = 64
CAPACITY: Final = 4096
BUCKETS: Final = 8192
# Ranks are told apart in so many levels; those so many nats above the least are all the same.
LEVELS: Final = 512
FAR_ABOVE: Final = 100.0
# So many readings are searched in one call, and so many candidates kept of each.
BATCH: Final = 256
KEPT: Final = 16
# Rare forms and new words are at most so many of them each.
UNUSUAL: Final = 3
# What a mark costs beside a word that was never seen there.
NEVER: Final = 9.5


# What a rare form costs, and its title case and capitals: of a usual word, and of a name. In tenths of a nat.
RARE: Final = 175
RARE_TITLE: Final = np.array([40, 1], np.uint8)
RARE_CAPITALS: Final = np.array([60, 60], np.uint8)


# What a word in small letters costs inside a sentence, by what its title case and its capitals do.
SMALL: Final = -np.log(np.maximum(1.0 - np.add.outer(*[np.exp(-STEP * np.arange(256))] * 2), 1e-3))


class Tables(NamedTuple):
    """The lexicon and the costs of marks, as the search reads them.

    What the search asks of a node stands together, for the memory is what it waits for: `nodes[n]` has a bit for each
    letter below n and whether a word ends here (bit ENDS); then the first node below and, from bit NUMBERED on, the
    number of the word. `ahead[n]` is the least that a word below n costs, by the phase of the state that is there: in
    any case (LEAD), or in that of the phase, inside a sentence.

    The rare forms stand behind the lexicon, from node `rare` on; all their words have one of two numbers, behind the
    `words` of the lexicon: usual ones, and names.
    """

    words: int
    rare: int
    letter: npt.NDArray[np.uint8]
    nodes: npt.NDArray[np.uint64]
    ahead: npt.NDArray[np.uint8]
    cost: npt.NDArray[np.uint8]
    title: npt.NDArray[np.uint8]
    capitals: npt.NDArray[np.uint8]
    ngrams: npt.NDArray[np.uint8]
    leading: npt.NDArray[np.float32]
    trailing: npt.NDArray[np.float32]
    class_of: npt.NDArray[np.uint16]
    ending: npt.NDArray[np.uint16]


class Reading(NamedTuple):
    """One reading: the node of the map for each stretch of it, and the marks in it.

    `node[i, b]` is that of the b + 1 characters from place i, -1 where the map has none; `mark[i]` is the code of the
    mark or digit at i, 0 for none.
    """

    length: int
    node: npt.NDArray[np.int32]
    mark: npt.NDArray[np.int32]


# What the search asks of a state stands together, for the memory is what it waits for.
STATE: Final = np.dtype(
    [
        ("cost", "f4"),
        ("ahead", "f4"),
        ("node", "i4"),
        ("phase", "i2"),
        ("level", "i2"),
        ("parent", "i4"),
        ("action", "i4"),
        ("slot", "i8"),
    ]
)


class Outlook(NamedTuple):
    """What words cost at least, by the phase of a state, where a sentence starts or not.

    A word of the lexicon costs what `ahead` of the tables has for the phase `column`, and `extra`; a new one `fresh`.
    """

    column: npt.NDArray[np.int64]
    extra: npt.NDArray[np.float64]
    fresh: npt.NDArray[np.float64]


class Space(NamedTuple):
    """The states of one search: rows are places, of which the first `size` states are in use.

    `table` finds a state by its node and phase: what a slot says is true if that state knows of the slot, so nothing
    has to be cleared (the sparse set of Briggs and Torczon 1993).

    `outlook` says what the words of this search cost at least (see `Outlook`), `rest` what the reading does from each
    place on, by the phase of a state there. `bounds` are the rank of the first state, the highest that any may have,
    and the levels of rank to a nat. The states of a place that are pursued are the best ones, about as many as
    `beam[0]`: `within` of them, up to the level `highest` and the rank `cutoff`; `counts` are those of each level.
    """

    table: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    states: npt.NDArray[Any]
    outlook: Outlook
    rest: npt.NDArray[np.float32]
    bounds: npt.NDArray[np.float64]
    beam: npt.NDArray[np.int32]
    counts: npt.NDArray[np.int32]
    within: npt.NDArray[np.int32]
    highest: npt.NDArray[np.int32]
    cutoff: npt.NDArray[np.float64]


class Weights(NamedTuple):
    """What the search believes beside the map and the lexicon. Costs in nats; beams in states, `width` in nats."""

    narrow: int = 8
    beam: int = 80
    # For rare forms and new words.
    unusual_beam: int = 40
    width: float = 4.0
    # Nearly all answers cost no more than this above the least that the channel asks.
    usual: float = 22.0
    hyphen: float = 4.0
    joined: float = 3.5
    # What no confusion explains: a character too many, a letter lost.
    stray: float = 9.5
    lost: float = 8.5
    # A letter read as any character at all, where nothing else explains a word well.
    swapped: float = 9.5
    # A mark before a word stands for nothing at so much more than it costs there.
    no_mark: float = 0.5
    # At so much less, where such a mark never stands before words: it is a part of a letter (`/jOM` = дом).
    odd_mark: float = 1.0
    # A word's first letter is lost less easily.
    lost_first: float = 1.0
    missing_space: float = 13.0
    unknown_word: float = 5.5
    unknown_title: float = 0.8
    unknown_capitals: float = 4.0
    dearest_case: float = 8.0
    # Capital and small letter look alike when their costs differ by less; then a further letter counts this much.
    alike: float = 3.5
    repeated: float = 0.3
    digit: float = 2.3
    number: float = 3.5
    # Case where a sentence starts, and where one may.
    initial_lower: float = 4.0
    maybe_lower: float = 0.7
    maybe_title: float = 0.8
    # A known word explains a reading well when it costs no more than this and this times the length.
    well_above: float = 9.0
    well_rate: float = 1.6


DEFAULT: Final = Weights()
# Without the moves that no confusion explains.
STRICT: Final = DEFAULT._replace(stray=float(FAR), lost=float(FAR), swapped=float(FAR))
# For abbreviations: capitals that no lexicon has are what is expected.
ABBREVIATION: Final = STRICT._replace(unknown_title=9.0, unknown_capitals=0.05, unknown_word=0.0, alike=0.0)


class Answers(NamedTuple):
    """The candidates of some readings, the likeliest first: row r has `found[r]` of them.

    `first`, `last` are the symbols of the first and the last word of each (see `repair.context`) with their classes,
    `phase` is that in which the first word ends, by its case: LEAD if it has no letters;
    `codes[r, k, :size[r, k]]` is its text, `places` where in the reading each character begins.
    """

    found: npt.NDArray[np.int32]
    cost: npt.NDArray[np.float32]
    known: npt.NDArray[np.bool_]
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    first_class: npt.NDArray[np.int32]
    last_class: npt.NDArray[np.int32]
    phase: npt.NDArray[np.int8]
    size: npt.NDArray[np.int32]
    codes: npt.NDArray[np.uint8]
    places: npt.NDArray[np.uint8]


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


# ---------------------------------------------------------------- the states


@inlined
def is_complete(phase: int) -> bool:  # pragma: no cover
    """Return whether a reading may end in a phase."""
    return phase == TRAIL or phase == AFTER or phase == NUMBER


@inlined
def count_in(space: Any, place: int, state: Any) -> None:  # pragma: no cover
    """Count a state in; where they are more than the beam, those of the highest level are no longer pursued."""
    if is_complete(state.phase):
        return
    space.counts[place, state.level] += 1
    space.within[place] += 1
    while space.within[place] > space.beam[0] and space.highest[place] > 0:
        space.within[place] -= space.counts[place, space.highest[place]]
        space.cutoff[place] = space.bounds[0] + space.highest[place] / space.bounds[2]
        space.highest[place] -= 1


@inlined
def count_out(space: Any, place: int, state: Any) -> None:  # pragma: no cover
    """Count a state out that was counted in."""
    if not is_complete(state.phase) and state.level <= space.highest[place]:
        space.counts[place, state.level] -= 1
        space.within[place] -= 1


@inlined
def add(
    space: Any,
    place: int,
    node: int,
    phase: int,
    cost: float,
    ahead: float,
    parent: int,
    action: int,
) -> None:  # pragma: no cover
    """Put a state into its place, unless the same state is there at a lower cost, or it is too dear to be pursued.

    Complete ones are kept however many: the reading may end with them.
    """
    rank = cost + ahead + space.rest[place, phase]
    if rank > (space.bounds[1] if is_complete(phase) else space.cutoff[place]):
        return
    level = max(0, min(int((rank - space.bounds[0]) * space.bounds[2]), LEVELS - 1))
    size = space.size[place]
    slot = (int(node) * 31 + int(phase) * 1021) % BUCKETS
    while space.table[place, slot] < size and space.states[place, space.table[place, slot]].slot == slot:
        same = space.states[place, space.table[place, slot]]
        if same.node == node and same.phase == phase:
            if same.cost > cost:
                count_out(space, place, same)
                same.cost, same.parent, same.action, same.level = cost, parent, action, level
                count_in(space, place, same)
            return
        slot = (slot + 1) % BUCKETS
    if size < CAPACITY:
        space.size[place], space.table[place, slot] = size + 1, size
        new = space.states[place, size]
        new.cost, new.ahead, new.node, new.phase, new.level = cost, ahead, node, phase, level
        new.parent, new.action, new.slot = parent, action, slot
        count_in(space, place, new)


@inlined
def step(
    tables: Any, space: Any, j: int, below: int, phase: int, cost: float, parent: int, action: int
) -> None:  # pragma: no cover
    """Print the letter that leads to a node, up to place j of the reading; `phase` and `cost` are those after it."""
    add(space, j, below, phase, cost, ahead_of(tables, space, below, phase), parent, action)


@inlined
def print_letters(
    tables: Any, options: Any, reading: Any, space: Any, weights: Any, i: int, state: int, j: int
) -> None:  # pragma: no cover
    """Try every letter and pair of letters that may have been read as the characters from i to j."""
    read = reading.node[i, j - i - 1]
    node, phase, cost = space.states[i, state].node, space.states[i, state].phase, space.states[i, state].cost
    below_all = letters_below(tables, node)
    for case in (0, UPPER):
        after = next_phase(phase, case > 0)
        room = space.cutoff[j] - cost - space.states[i, state].ahead - space.rest[j, after]
        if after < 0 or room < options.least[read]:
            continue
        letters = below_all & options.letters[read, case // UPPER]
        while letters:
            bit = letters & (~letters + np.uint64(1))
            letters ^= bit
            code = bits(bit - np.uint64(1))
            price = options.single[read, code + case]
            if price <= room:
                if case and phase != LEAD:
                    price = capital_price(price, options.single[read, code], weights)
                below, spelled = child(tables, node, code), cost + spelling(tables, node, code)
                step(tables, space, j, below, after, spelled + price, i * CAPACITY + state, code + case)
    if below_all & options.pair_letters[read]:
        print_pairs(tables, options, reading, space, i, state, j)


@inlined
def print_pairs(
    tables: Any, options: Any, reading: Any, space: Any, i: int, state: int, j: int
) -> None:  # pragma: no cover
    """Try every pair of letters that may have been read as the characters from i to j."""
    read = reading.node[i, j - i - 1]
    node, phase, cost = space.states[i, state].node, space.states[i, state].phase, space.states[i, state].cost
    room = space.cutoff[j] - cost - space.states[i, state].ahead - space.rest[j, in_word(phase)]
    parent = i * CAPACITY + state
    for pair in range(options.pair_starts[read], options.pair_starts[read + 1]):
        if options.pair_cost[pair] > room:
            break
        one, two = int(options.first[pair]), int(options.second[pair])
        code = one - UPPER if one > UPPER else one
        below = child(tables, node, code)
        between = next_phase(phase, one > UPPER) if below >= 0 else -1
        after = next_phase(between, two > UPPER) if between >= 0 else -1
        last = two - UPPER if two > UPPER else two
        end = child(tables, below, last) if after >= 0 else -1
        if end >= 0:
            spelled = cost + spelling(tables, node, code) + spelling(tables, below, last)
            step(tables, space, j, end, after, spelled + options.pair_cost[pair], parent, one + two * PAIR)


@inlined
def print_mark(
    tables: Any, reading: Any, space: Any, weights: Any, root: int, i: int, state: int
) -> None:  # pragma: no cover
    """Take the mark or digit at place i for what it is."""
    node, phase, cost = space.states[i, state].node, space.states[i, state].phase, space.states[i, state].cost
    mark = reading.mark[i]
    parent = i * CAPACITY + state
    if mark >= DIGIT:
        if phase == LEAD or phase == NUMBER:
            price = weights.digit + (weights.number if phase == LEAD else 0.0)
            add(space, i + 1, 0, NUMBER, cost + price, 0.0, parent, mark)
    elif mark == HYPHEN and (phase == TRAIL or phase == NUMBER):
        add(space, i + 1, root, LEAD, cost + weights.hyphen, ahead_of(tables, space, root, LEAD), parent, mark)
    elif phase == LEAD:
        price = cost + tables.leading[mark - MARK]
        add(space, i + 1, root, LEAD, price, ahead_of(tables, space, root, LEAD), parent, mark)
    elif phase == TRAIL or phase == AFTER or phase == NUMBER:
        add(space, i + 1, node, AFTER, cost + tables.trailing[mark - MARK], 0.0, parent, mark)


@lean
def has_hyphen(reading: Any) -> bool:  # pragma: no cover
    """Return whether there is a hyphen in a reading."""
    found = False
    for i in range(reading.length):
        found |= reading.mark[i] == HYPHEN
    return found


@lean
def follows_hyphen(space: Any, place: int, state: int) -> bool:  # pragma: no cover
    """Return whether the word that a state is in stands behind the hyphen of another word: it starts no sentence."""
    while space.states[place, state].phase != LEAD:
        parent = space.states[place, state].parent
        place, state = parent // CAPACITY, parent % CAPACITY
    parent = space.states[place, state].parent
    if parent < 0 or space.states[place, state].action != HYPHEN:
        return False
    return space.states[parent // CAPACITY, parent % CAPACITY].phase > CAPITALS


@inlined
def finish_word(
    tables: Any, reading: Any, space: Any, weights: Any, initial: int, i: int, state: int
) -> None:  # pragma: no cover
    """End the word of a state where it can end."""
    node, phase, cost = space.states[i, state].node, space.states[i, state].phase, space.states[i, state].cost
    word = word_at(tables, node) if node < OPEN else -1
    if word < 0 and node < OPEN:
        return
    starts = NOT if initial != NOT and follows_hyphen(space, i, state) else initial
    if node >= OPEN:
        cost += weights.unknown_word + spelling(tables, node, 0)
        cost += case_cost(weights.unknown_title, weights.unknown_capitals, phase, weights, starts)
    else:
        title, capitals = tables.title[word], tables.capitals[word]
        cost += STEP * tables.cost[word]
        if phase == LOWER:
            cost += SMALL[title, capitals] + lower_cost(weights, starts)
        else:
            cost += case_cost(STEP * title, STEP * capitals, phase, weights, starts)
    # From here on the node only tells words apart, and their cases.
    apart = node * CASES + (phase - LOWER)
    add(space, i, apart, TRAIL, cost, 0.0, i * CAPACITY + state, NOTHING)


@inlined
def drop_letters(tables: Any, options: Any, space: Any, weights: Any, i: int, state: int) -> None:  # pragma: no cover
    """Suppose that the next letter left no trace."""
    node, phase, cost = space.states[i, state].node, space.states[i, state].phase, space.states[i, state].cost
    if node >= OPEN:
        return
    cost += weights.lost_first if phase == LEAD else 0.0
    start = first_child(tables, node)
    for upper in range(phase == CAPITALS, 1 + (phase == LEAD or phase == CAPITALS)):
        after = next_phase(phase, upper > 0)
        room = space.cutoff[i] - cost - space.states[i, state].ahead - space.rest[i, after]
        if room < min(options.least[0], weights.lost):
            continue
        for place in range(start, start + children(tables, node)):
            coded = int(tables.letter[place]) + UPPER * upper
            price = min(options.single[0, coded], weights.lost)
            if price <= room:
                step(tables, space, i, place, after, cost + price, i * CAPACITY + state, coded)


@inlined
def swap_letter(tables: Any, reading: Any, space: Any, weights: Any, i: int, state: int) -> None:  # pragma: no cover
    """Suppose that the character at place i was any letter that the word may go on with."""
    own = space.states[i, state]
    node, phase, cost = own.node, own.phase, own.cost + weights.swapped
    upper = phase == CAPITALS
    after, parent = next_phase(phase, upper), i * CAPACITY + state
    if node >= OPEN or cost + own.ahead + space.rest[i + 1, after] > space.cutoff[i + 1]:
        return
    start = first_child(tables, node)
    for place in range(start, start + children(tables, node)):
        coded = int(tables.letter[place]) + (UPPER if upper else 0)
        step(tables, space, i + 1, place, after, cost, parent, coded)


@inlined
def skip_character(tables: Any, reading: Any, space: Any, weights: Any, i: int, state: int) -> None:  # pragma: no cover
    """Suppose that the character at place i stands for nothing. Not for new words: they could be anything."""
    node, phase, mark = space.states[i, state].node, space.states[i, state].phase, reading.mark[i]
    if node < OPEN and weights.stray < FAR and mark != HYPHEN:
        price = skip_price(tables, weights, mark if phase == LEAD else 0)
        parent, ahead = i * CAPACITY + state, space.states[i, state].ahead
        add(space, i + 1, node, phase, space.states[i, state].cost + price, ahead, parent, NOTHING)


@inlined
def is_pursued(space: Any, place: int, state: int) -> bool:  # pragma: no cover
    """Return whether a state is among the best of its place, about as many as the beam is wide."""
    return space.states[place, state].level <= space.highest[place]


@inlined
def leave_words(tables: Any, reading: Any, space: Any, weights: Any, root: int, i: int) -> None:  # pragma: no cover
    """Begin another word right after one: a lost space, or none, as in initials."""
    for state in range(space.size[i]):
        phase = space.states[i, state].phase
        if (phase == TRAIL or phase == AFTER) and is_pursued(space, i, state):
            cost = space.states[i, state].cost + (weights.missing_space if phase == TRAIL else weights.joined)
            action = SPACE if phase == TRAIL else NOTHING
            add(
                space,
                i,
                root,
                LEAD,
                cost,
                ahead_of(tables, space, root, LEAD),
                i * CAPACITY + state,
                action,
            )


@inlined
def expand(
    tables: Any, options: Any, reading: Any, space: Any, weights: Any, root: int, i: int, state: int
) -> None:  # pragma: no cover
    """Go on from one state over the next characters of the reading."""
    if space.states[i, state].phase < TRAIL:
        for j in range(i + 1, min(i + LONGEST_READ, reading.length) + 1):
            if reading.node[i, j - i - 1] >= 0:
                print_letters(tables, options, reading, space, weights, i, state, j)
        skip_character(tables, reading, space, weights, i, state)
        if weights.swapped < FAR:
            swap_letter(tables, reading, space, weights, i, state)
    if reading.mark[i]:
        print_mark(tables, reading, space, weights, root, i, state)


@inlined
def clear(space: Any, length: int, least: float, beam: int) -> None:  # pragma: no cover
    """Make room for the states of a reading; `least` is the rank of the first one."""
    space.size[: length + 1] = 0
    space.counts[: length + 1] = 0
    space.within[: length + 1] = 0
    space.highest[: length + 1] = LEVELS - 1
    space.cutoff[: length + 1] = space.bounds[1]
    space.beam[0] = beam
    space.bounds[0] = least
    space.bounds[2] = LEVELS / min(max(space.bounds[1] - least, 1.0), FAR_ABOVE)


@lean
def run(
    tables: Any, options: Any, reading: Any, space: Any, weights: Any, root: int, initial: int, beam: int
) -> None:  # pragma: no cover
    """Fill `space` with the states of a reading that a beam reaches."""
    length = reading.length
    clear(space, length, ahead_of(tables, space, root, LEAD) + space.rest[0, LEAD], beam)
    add(space, 0, root, LEAD, 0.0, ahead_of(tables, space, root, LEAD), -1, NOTHING)
    for i in range(length + 1):
        for state in range(space.size[i]):
            if is_pursued(space, i, state) and space.states[i, state].phase < TRAIL:
                drop_letters(tables, options, space, weights, i, state)
        for state in range(space.size[i]):
            if is_pursued(space, i, state) and LEAD < space.states[i, state].phase < TRAIL:
                finish_word(tables, reading, space, weights, initial, i, state)
        if 0 < i < length:
            leave_words(tables, reading, space, weights, root, i)
        state = 0
        while i < length and state < space.size[i]:
            if is_pursued(space, i, state):
                expand(tables, options, reading, space, weights, root, i, state)
            state += 1


@lean
def least_complete(space: Any, length: int) -> float:  # pragma: no cover
    """Return the least cost of a whole reading."""
    least = float(FAR)
    for state in range(space.size[length]):
        if is_complete(space.states[length, state].phase):
            least = min(least, space.states[length, state].cost)
    return least


@lean
def first_bound(
    tables: Any, options: Any, reading: Any, space: Any, weights: Any, root: int, initial: int
) -> float:  # pragma: no cover
    """Return what candidates may cost at most, by what a narrow beam finds first."""
    for bound in (space.rest[0, LEAD] + weights.usual, BEYOND):
        space.bounds[1] = bound
        run(tables, options, reading, space, weights, root, initial, weights.narrow)
        least = least_complete(space, reading.length)
        if least < FAR:
            return least + weights.width
    return float(FAR)


@lean
def search(
    tables: Any, options: Any, reading: Any, space: Any, weights: Any, root: int, initial: int, bound: float
) -> float:  # pragma: no cover
    """Fill `space` with the states of a reading that cost no more than `bound`; return the least cost of all of it.

    `root` is 0 for words of the lexicon, `rare` of the tables for rare forms, OPEN for new words.
    """
    look_ahead(space.outlook, weights, initial, has_hyphen(reading))
    if bound >= FAR:
        bound = first_bound(tables, options, reading, space, weights, root, initial)
    space.bounds[1] = bound
    beam = weights.beam if root == 0 else min(weights.beam, weights.unusual_beam)
    run(tables, options, reading, space, weights, root, initial, beam)
    return least_complete(space, reading.length)


# ---------------------------------------------------------------- the answers


@njit(cache=True)
def trace(space: Any, place: int, state: int, codes: Any, places: Any) -> int:  # pragma: no cover
    """Write the text that ends in a state and its places; return its length, 0 if there is no room for it."""
    size = 0
    while True:
        action, parent = space.states[place, state].action, space.states[place, state].parent
        if parent < 0:
            break
        place, state = parent // CAPACITY, parent % CAPACITY
        if action != NOTHING:
            if size + 2 > LONGEST_PRINTED:
                return 0
            if action > PAIR:
                codes[size], places[size] = action // PAIR, place
                size += 1
            codes[size], places[size] = action % PAIR, place
            size += 1
    codes[:size] = codes[:size][::-1].copy()
    places[:size] = places[:size][::-1].copy()
    return size


@njit(cache=True)
def symbol_at(tables: Any, codes: Any, start: int, size: int) -> Any:  # pragma: no cover
    """Return the symbol and class of the word or number that begins at `start`, and where it ends."""
    words = tables.words
    end = start
    if codes[start] >= DIGIT:
        while end < size and codes[end] >= DIGIT and codes[end] != SPACE:
            end += 1
        symbol = words + ONE_DIGIT + min(end - start, 5) - 1
        return symbol, int(tables.class_of[symbol]), end
    node, ending = 0, 0
    while end < size and codes[end] < MARK:
        code = int(codes[end])
        code = code - UPPER if code > UPPER else code
        node = child(tables, node, code) if node >= 0 else -1
        ending = (ending * RUSSIAN_CODES + (code if code < RUSSIAN_CODES else 0)) % CONTEXT
        end += 1
    if end - start == 1 and codes[start] > UPPER and end < size and codes[end] == FULL_STOP:
        return words + INITIAL, int(tables.class_of[words + INITIAL]), end
    word = word_at(tables, node) if node > 0 else -1
    if word >= 0:
        return word, int(tables.class_of[word]), end
    return words + UNKNOWN, int(tables.ending[ending]), end


@lean
def is_word_start(codes: Any, place: int) -> bool:  # pragma: no cover
    """Return whether a word or number begins at a place."""
    return codes[place] != SPACE and (codes[place] < MARK or codes[place] >= DIGIT)


@lean
def case_at(codes: Any, start: int, end: int) -> int:  # pragma: no cover
    """Return the phase that a word from `start` to `end` ends in, by its case; LEAD for a number."""
    if codes[start] >= MARK:
        return LEAD
    if codes[start] < UPPER:
        return LOWER
    return CAPITALS if end - start > 1 and codes[start + 1] > UPPER else TITLE


@njit(cache=True)
def name_words(tables: Any, answers: Any, row: int, own: int) -> None:  # pragma: no cover
    """Write the symbols of the first and the last word of a candidate, and the case of the first."""
    codes, size = answers.codes[row, own], answers.size[row, own]
    answers.first[row, own], answers.phase[row, own] = -1, LEAD
    place = 0
    while place < size:
        if is_word_start(codes, place):
            start = place
            symbol, kind, place = symbol_at(tables, codes, start, size)
            if answers.first[row, own] < 0:
                answers.first[row, own], answers.first_class[row, own] = symbol, kind
                answers.phase[row, own] = case_at(codes, start, place)
            answers.last[row, own], answers.last_class[row, own] = symbol, kind
        else:
            place += 1


@njit(cache=True)
def same_text(answers: Any, row: int, own: int) -> int:  # pragma: no cover
    """Return the first candidate with the text of this one: itself, if that is new."""
    size = answers.size[row, own]
    for other in range(own):
        if answers.size[row, other] == size and np.all(
            answers.codes[row, other, :size] == answers.codes[row, own, :size]
        ):
            return other
    return own


@njit(cache=True)
def collect(
    tables: Any, space: Any, length: int, known: bool, most: int, answers: Any, row: int
) -> None:  # pragma: no cover
    """Add the best complete states of a search to the candidates of a row, up to `most` of them.

    A text that is there already has the lower of both costs.
    """
    size = space.size[length]
    order = np.argsort(space.states[length, :size].cost)
    most = min(KEPT, answers.found[row] + most)
    for state in order:
        own = answers.found[row]
        if own >= most:
            break
        if not is_complete(space.states[length, state].phase):
            continue
        answers.size[row, own] = trace(space, length, state, answers.codes[row, own], answers.places[row, own])
        if not answers.size[row, own]:
            continue
        cost, same = space.states[length, state].cost, same_text(answers, row, own)
        if same == own:
            answers.cost[row, own], answers.known[row, own] = cost, known
            name_words(tables, answers, row, own)
            answers.found[row] += 1
        elif cost < answers.cost[row, same]:
            answers.cost[row, same] = cost
            answers.places[row, same] = answers.places[row, own]


@njit(cache=True)
def search_all(
    tables: Any,
    options: Any,
    space: Any,
    weights: Any,
    desperate: Any,
    texts: Any,
    starts: Any,
    initial: Any,
    cuts: Any,
    bounds: Any,
    answers: Any,
) -> None:  # pragma: no cover
    """Search many readings: words of the lexicon, and where those fit badly all else.

    That is words with letters that were read as anything at all (`desperate`), rare forms, and then new words.
    """
    for row in range(len(initial)):
        text = texts[starts[row] : starts[row + 1]]
        answers.found[row] = 0
        if not len(text):
            continue
        reading = prepare(options, text, cuts[row])
        look_forward(tables, options, reading, desperate, space.rest)
        least = search(tables, options, reading, space, weights, 0, initial[row], bounds[row])
        well = weights.well_above + weights.well_rate * len(text)
        collect(tables, space, len(text), True, KEPT if least <= well else KEPT - 3 * UNUSUAL, answers, row)
        if least > well and desperate.swapped < FAR:
            bound = min(bounds[row], least + weights.width)
            least = min(least, search(tables, options, reading, space, desperate, 0, initial[row], bound))
            collect(tables, space, len(text), True, UNUSUAL, answers, row)
        for root in (tables.rare, OPEN):
            if least > well:
                bound = min(bounds[row], least + weights.width)
                least = min(least, search(tables, options, reading, space, weights, root, initial[row], bound))
                collect(tables, space, len(text), root != OPEN, UNUSUAL, answers, row)


# ---------------------------------------------------------------- the face


# A candidate, as its columns in `Answers`; a reading's candidates are kept, sorted and copied as one array.
CANDIDATE: Final = np.dtype(
    [
        ("cost", "f4"),
        ("known", "?"),
        ("first", "i4"),
        ("last", "i4"),
        ("first_class", "i4"),
        ("last_class", "i4"),
        ("phase", "i1"),
        ("size", "i4"),
        ("codes", "u1", (LONGEST_PRINTED,)),
        ("places", "u1", (LONGEST_PRINTED,)),
    ]
)


@dataclass(frozen=True)
class Found:
    """The candidates of one reading, the likeliest first, with the columns of `Answers`; `text` spells one out."""

    rows: npt.NDArray[Any]

    @classmethod
    def of(cls, rows: npt.NDArray[Any]) -> "Found":
        """Return candidates in any order as those of a reading."""
        return cls(rows[np.argsort(rows["cost"], kind="stable")]) if len(rows) else NO_CANDIDATES

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def cost(self) -> npt.NDArray[np.float32]:
        """The cost of each candidate."""
        return self.rows["cost"]

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Whether each candidate is of words of the lexicon or rare forms."""
        return self.rows["known"]

    @property
    def symbols(self) -> tuple[npt.NDArray[np.int32], ...]:
        """The symbols of the first and of the last word of each candidate, their classes, and the case of the first."""
        return tuple(self.rows[name] for name in ("first", "last", "first_class", "last_class", "phase"))

    @cached_property
    def texts(self) -> list[str]:
        """The text of each candidate."""
        spelled, _ = charmap_decode(self.rows["codes"].tobytes(), "strict", PRINTED)
        starts = range(0, len(spelled), LONGEST_PRINTED)
        return [spelled[start : start + size] for start, size in zip(starts, self.rows["size"].tolist(), strict=True)]

    def text(self, own: int) -> str:
        """Return the text of a candidate."""
        return self.texts[own]

    def places_of(self, own: int) -> tuple[int, ...]:
        """Return where in the reading each character of a candidate begins."""
        return tuple(self.rows["places"][own, : self.rows["size"][own]].tolist())

    def enlarged(self, more: int) -> "Found":
        """Return the candidates with room for `more` behind them."""
        return Found(np.concatenate([self.rows, np.zeros(more, CANDIDATE)]))

    def lettered(self) -> "Found":
        """Return the candidates that have a letter."""
        if (self.rows["phase"] != LEAD).all():
            return self
        inside = np.arange(LONGEST_PRINTED) < self.rows["size"][:, None]
        kept = (inside & (self.rows["codes"] < MARK)).any(axis=1)
        return self if kept.all() else Found(self.rows[kept])


def phase_of(word: str) -> int:
    """Return the phase in which the search ends a word of this case."""
    if len(word) > 1 and word.isupper():
        return CAPITALS
    return TITLE if word[0].isupper() else LOWER


def printed_characters() -> str:
    """Return the character of each code, NUL where there is none."""
    characters = ["\0"] * PAIR
    for code in range(1, MARK + len(MARKS)):
        if code != UPPER and (code >= MARK or code % UPPER <= len(CYRILLIC)):
            characters[code] = printed_character(code)
    characters[SPACE] = " "
    return "".join(characters)


PRINTED: Final = printed_characters()
NO_CANDIDATES: Final = Found(np.zeros(0, CANDIDATE))


def empty_space() -> Space:
    """Return room for the states of a search."""
    places = LONGEST + 1
    return Space(
        np.zeros((places, BUCKETS), np.int32),
        np.zeros(places, np.int32),
        np.zeros((places, CAPACITY), STATE),
        Outlook(np.zeros(CAPITALS + 1, np.int64), np.zeros(CAPITALS + 1), np.zeros(CAPITALS + 1)),
        np.zeros((places, NUMBER + 1), np.float32),
        np.zeros(3, np.float64),
        np.zeros(1, np.int32),
        np.zeros((places, LEVELS), np.int32),
        np.zeros(places, np.int32),
        np.zeros(places, np.int32),
        np.zeros(places, np.float64),
    )


def answers_in(rows: npt.NDArray[Any]) -> Answers:
    """Return room for the candidates of a batch of readings: the columns of `rows`, with how many are used."""
    assert CANDIDATE.names
    return Answers(np.zeros(BATCH, np.int32), *(rows[name] for name in CANDIDATE.names))


def mark_costs(costs: dict[str, float]) -> npt.NDArray[np.float32]:
    """Return the cost of each of `MARKS` beside a word; one that was never counted is dear."""
    return np.array([costs.get(mark, NEVER) for mark in MARKS], dtype=np.float32)


def nodes_of(lexicon: Lexicon) -> npt.NDArray[np.uint64]:
    """Return what the search asks of each node (see `Tables`)."""
    own = np.uint64(1) << lexicon.letter.astype(np.uint64)
    sums = np.r_[np.uint64(0), np.cumsum(own, dtype=np.uint64)]
    nodes = np.empty((len(own), 2), np.uint64)
    nodes[:, 0] = sums[lexicon.first[1:]] - sums[lexicon.first[:-1]]
    nodes[:, 0] |= lexicon.ends.astype(np.uint64) << np.uint64(ENDS)
    numbers = np.maximum(lexicon.number, 0).astype(np.uint64)
    nodes[:, 1] = lexicon.first[:-1].astype(np.uint64) | numbers << np.uint64(NUMBERED)
    return nodes


def rare_nodes(forms: Forms, start: int, words: int) -> npt.NDArray[np.uint64]:
    """Return what the search asks of each edge of the rare forms, as nodes from `start` on (see `Tables`)."""
    sums = np.r_[np.uint64(0), np.cumsum(np.uint64(1) << forms.letter.astype(np.uint64), dtype=np.uint64)]
    nodes = np.empty((len(forms.letter), 2), np.uint64)
    nodes[:, 0] = sums[forms.first + forms.count] - sums[forms.first]
    nodes[:, 0] |= (forms.ends > 0).astype(np.uint64) << np.uint64(ENDS)
    numbers = (words + (forms.ends == NAME)).astype(np.uint64)
    nodes[:, 1] = (forms.first + start).astype(np.uint64) | numbers << np.uint64(NUMBERED)
    return nodes


def cased(cost: Any, title: Any, capitals: Any) -> npt.NDArray[np.uint8]:
    """Return the least costs of words, by phase (see `Tables`), given their costs and those of their case."""
    lower = SMALL[title, capitals] / STEP
    dearest = DEFAULT.dearest_case / STEP
    first = np.minimum(np.minimum(title, capitals), dearest)
    cases = [np.zeros_like(lower), lower, first, np.minimum(title, dearest), np.minimum(capitals, dearest)]
    return np.stack([np.minimum(cost + case, 255).astype(np.uint8) for case in cases], axis=1)


def ahead_in(lexicon: Lexicon) -> npt.NDArray[np.uint8]:
    """Return the least cost of a word below each node of a lexicon, by phase (see `Tables`)."""
    ahead = np.full((len(lexicon.letter), CAPITALS + 1), 255, np.uint8)
    ahead[lexicon.ends > 0] = cased(lexicon.cost, lexicon.title, lexicon.capitals)
    pull_up(lexicon.first, ahead)
    return ahead


@njit(cache=True)
def pull_up(first: Any, ahead: Any) -> None:  # pragma: no cover
    """Give each node the least of what the nodes below it have; those stand behind it."""
    for node in range(len(ahead) - 1, -1, -1):
        for below in range(first[node], first[node + 1]):
            for phase in range(ahead.shape[1]):
                ahead[node, phase] = min(ahead[node, phase], ahead[below, phase])


RARE_AHEAD: Final = cased(RARE, RARE_TITLE, RARE_CAPITALS).min(axis=0)


def tables_of(lexicon: Lexicon, model: LanguageModel, forms: Forms) -> Tables:
    """Return the tables of a lexicon and the rare forms that it has not."""
    edges = lexicon.header["edges"]
    words, rare = len(lexicon.cost), len(lexicon.letter)
    return Tables(
        words,
        rare,
        np.r_[lexicon.letter, forms.letter],
        np.concatenate([nodes_of(lexicon), rare_nodes(forms, rare, words)]),
        np.concatenate([ahead_in(lexicon), np.tile(RARE_AHEAD, (len(forms.letter), 1))]),
        np.r_[lexicon.cost, np.array([RARE, RARE], np.uint8)],
        np.r_[lexicon.title, RARE_TITLE],
        np.r_[lexicon.capitals, RARE_CAPITALS],
        lexicon.ngrams,
        leading=mark_costs(edges["leading"]),
        trailing=mark_costs(edges["trailing"]),
        class_of=model.lifts.class_of,
        ending=model.ending,
    )


def identities(text: str, options: Options) -> npt.NDArray[np.uint8]:
    """Return the identities of the characters of a text."""
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return options.identity[np.minimum(points, len(options.identity) - 1)]


class Searcher:
    """A lexicon and room for the states of a search. Not shared between threads."""

    def __init__(self, lexicon: Lexicon, model: LanguageModel, forms: Forms = NO_FORMS) -> None:
        self.lexicon = lexicon
        self.forms = forms
        self.tables = tables_of(lexicon, model, forms)
        self.space = empty_space()
        self.rows = np.zeros((BATCH, KEPT), CANDIDATE)
        self.answers = answers_in(self.rows)

    def knows(self, word: str) -> bool:
        """Return whether a lower-case word is in the lexicon or a rare form."""
        return self.lexicon.find(word) >= 0 or self.forms.has(word)

    def find(
        self,
        readings: Sequence[tuple[str, int]],
        options: Options,
        weights: Weights = DEFAULT,
        bounds: Sequence[float] | None = None,
        cuts: Sequence[int] | None = None,
    ) -> list[Found]:
        """Return the likeliest printed forms of readings, each with whether a sentence starts there (`repair.units`).

        Readings longer than LONGEST have none. What costs more than its bound is not looked for. `cuts` says where in
        a reading a line ended, 0 for nowhere.
        """
        found: list[Found] = []
        plain = weights._replace(swapped=float(FAR))
        desperate = weights if weights.beam > weights.narrow else plain
        for start in range(0, len(readings), BATCH):
            batch = [
                (text if len(text) <= LONGEST else "", initial) for text, initial in readings[start : start + BATCH]
            ]
            starts = np.cumsum([0, *(len(text) for text, _ in batch)])
            initial = np.array([flag for _, flag in batch], np.int32)
            limits = np.full(len(batch), FAR) if bounds is None else np.array(bounds[start : start + BATCH], np.float32)
            broken = np.zeros(len(batch), np.int32) if cuts is None else np.array(cuts[start : start + BATCH], np.int32)
            read = (identities("".join(text for text, _ in batch), options), starts, initial, broken, limits)
            search_all(self.tables, options, self.space, plain, desperate, *read, self.answers)
            counts = self.answers.found[: len(batch)].tolist()
            found += [Found.of(row[:count]) for row, count in zip(self.rows, counts, strict=False)]
        return found

    def abbreviation(self, text: str, options: Options, letters: npt.NDArray[np.uint8]) -> tuple[str, float]:
        """Return the capitals that a reading may stand for, and the cost; `letters` is what each costs after three."""
        if not 0 < len(text) <= LONGEST:
            return "", float(FAR)
        tables = self.tables._replace(ngrams=letters)
        reading = prepare(options, identities(text, options))
        look_forward(tables, options, reading, ABBREVIATION, self.space.rest)
        search(tables, options, reading, self.space, ABBREVIATION, OPEN, NOT, float(FAR))
        self.answers.found[0] = 0
        collect(tables, self.space, len(text), False, KEPT, self.answers, 0)
        return next(abbreviations(Found.of(self.rows[0, : self.answers.found[0]])), ("", float(FAR)))


def abbreviations(found: Found) -> Iterator[tuple[str, float]]:
    """Yield the candidates that are all capitals, with their costs."""
    for own in range(len(found)):
        text = found.text(own)
        core = text.strip("[(.,;)]")
        if len(core) > 1 and core.isupper() and core.isalpha():
            yield text, float(found.cost[own])
