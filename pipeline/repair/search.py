"""The search: a beam through the trie of the lexicon, from what was read to what may have been printed.

A state is (place in the reading, node of the trie, phase); its cost is what the channel and the finished words cost so
far; states of one place are compared by that plus the least cost of any word below the node (Brill and Moore 2000;
the look-ahead is that of A* search). Besides the words of the lexicon, the same search spells new words by their
letters: nodes from OPEN on are contexts of three letters.

Costs are in nats. The compiled functions take named tuples of arrays, made once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP
from pipeline.compiled import njit
from pipeline.repair.channel import DIGIT, FAR, HYPHEN, LONGEST_READ, MARK, MARKS, UNKNOWN_COST, UPPER, Options
from pipeline.repair.channel import character as printed_character
from pipeline.repair.letters import RUSSIAN_CODES
from pipeline.repair.lexicon import Lexicon

# Phases of a state: before a word; in a word by the case of its letters; after it; after a mark; in a number.
LEAD, LOWER, FIRST, TITLE, CAPITALS, TRAIL, AFTER, NUMBER = range(8)
# Actions besides printing a letter (its code) or two (first + second * PAIR).
NOTHING: Final = 0
SPACE: Final = -1
PAIR: Final = 256

OPEN: Final = 1 << 28
CONTEXT: Final = RUSSIAN_CODES**3
LONGEST: Final = 48
CAPACITY: Final = 2048
BUCKETS: Final = 4096


class Tables(NamedTuple):
    """The lexicon and the costs of marks, as the search reads them."""

    letter: npt.NDArray[np.uint8]
    first: npt.NDArray[np.int32]
    best: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.uint8]
    number: npt.NDArray[np.int32]
    cost: npt.NDArray[np.uint8]
    title: npt.NDArray[np.uint8]
    capitals: npt.NDArray[np.uint8]
    ngrams: npt.NDArray[np.uint8]
    leading: npt.NDArray[np.float32]
    trailing: npt.NDArray[np.float32]


class Reading(NamedTuple):
    """What could stand behind each stretch of one reading.

    `single[i, b, code]` is the cost of a letter read as the b characters from place i; the pairs of letters for (i, b)
    are `pairs[starts[i, b]:starts[i, b] + sizes[i, b]]`, rows of first, second, with `pair_cost`; `mark[i]` is the code
    of the mark or digit at i, 0 for none.
    """

    length: int
    single: npt.NDArray[np.float32]
    starts: npt.NDArray[np.int32]
    sizes: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]
    second: npt.NDArray[np.int32]
    pair_cost: npt.NDArray[np.float32]
    deletion: npt.NDArray[np.float32]
    mark: npt.NDArray[np.int32]


class Space(NamedTuple):
    """The states of one search: rows are places, `table` finds a state by its node and phase."""

    table: npt.NDArray[np.int32]
    size: npt.NDArray[np.int32]
    floor: npt.NDArray[np.float32]
    cost: npt.NDArray[np.float32]
    ahead: npt.NDArray[np.float32]
    node: npt.NDArray[np.int32]
    phase: npt.NDArray[np.int8]
    parent: npt.NDArray[np.int32]
    action: npt.NDArray[np.int32]


class Weights(NamedTuple):
    """What the search believes beside the map and the lexicon. Costs in nats; `beam` in states, `width` in nats."""

    beam: int = 100
    width: float = 12.0
    hyphen: float = 4.0
    joined: float = 3.5
    # What no confusion explains: a character too many, a letter read as any character, a letter lost.
    stray: float = 7.5
    substituted: float = 9.0
    lost: float = 8.5
    missing_space: float = 8.0
    unknown_word: float = 6.5
    unknown_title: float = 1.5
    unknown_capitals: float = 4.0
    dearest_case: float = 11.0
    # Capital and small letter look alike when their costs differ by less; then a further letter counts this much.
    alike: float = 3.5
    repeated: float = 0.3
    digit: float = 2.3
    number: float = 3.5
    initial_lower: float = 4.0


DEFAULT: Final = Weights()
# Without the moves that no confusion explains: much faster, and enough for most words.
STRICT: Final = DEFAULT._replace(stray=float(FAR), substituted=float(FAR), lost=float(FAR))


# For abbreviations: capitals are what is expected.
ABBREVIATION: Final = STRICT._replace(unknown_title=9.0, unknown_capitals=0.05)
ANY_LETTER: Final = 30


@dataclass(frozen=True)
class Candidate:
    """A way to read a token: the printed text, its cost, and for each character where in the reading it begins."""

    text: str
    cost: float
    places: tuple[int, ...]
    known: bool


@njit(cache=True)
def add(
    space: Any, width: float, place: int, node: int, phase: int, cost: float, ahead: float, parent: int, action: int
) -> None:  # pragma: no cover - compiled
    """Put a state into its place, unless the same state is there at a lower cost or it is too dear."""
    if cost + ahead > space.floor[place] + width:
        return
    slot = (node * 31 + phase * 1021) % BUCKETS
    while space.table[place, slot] >= 0:
        other = space.table[place, slot]
        if space.node[place, other] == node and space.phase[place, other] == phase:
            if space.cost[place, other] > cost:
                space.cost[place, other], space.parent[place, other] = cost, parent
                space.action[place, other] = action
                space.floor[place] = min(space.floor[place], cost + ahead)
            return
        slot = (slot + 1) % BUCKETS
    new = space.size[place]
    if new < CAPACITY:
        space.size[place] += 1
        space.table[place, slot] = new
        space.node[place, new], space.phase[place, new], space.cost[place, new] = node, phase, cost
        space.ahead[place, new], space.parent[place, new], space.action[place, new] = ahead, parent, action
        space.floor[place] = min(space.floor[place], cost + ahead)


@njit(cache=True)
def next_phase(phase: int, is_upper: bool) -> int:  # pragma: no cover - compiled
    """Return the phase after a letter, -1 where no usual case pattern allows it."""
    if phase == LEAD:
        return FIRST if is_upper else LOWER
    if is_upper:
        return CAPITALS if phase == FIRST or phase == CAPITALS else -1
    if phase == LOWER:
        return LOWER
    return TITLE if phase == FIRST or phase == TITLE else -1


@njit(cache=True)
def child(tables: Any, node: int, code: int) -> int:  # pragma: no cover - compiled
    """Return the child of a node by a letter, -1 if there is none."""
    if node >= OPEN:
        return OPEN + ((node - OPEN) * RUSSIAN_CODES + code) % CONTEXT
    for place in range(tables.first[node], tables.first[node + 1]):
        if tables.letter[place] == code:
            return place
    return -1


@njit(cache=True)
def spelling(tables: Any, node: int, code: int) -> float:  # pragma: no cover - compiled
    """Return what a letter costs by itself: nothing in the lexicon, whose words pay at their end."""
    if node < OPEN:
        return 0.0
    context = node - OPEN
    side = RUSSIAN_CODES
    return STEP * tables.ngrams[context // (side * side), context // side % side, context % side, code]


@njit(cache=True)
def ahead_of(tables: Any, node: int) -> float:  # pragma: no cover - compiled
    """Return the least that a word below a node will cost."""
    return STEP * tables.best[node] if node < OPEN else 0.0


@njit(cache=True)
def step(
    tables: Any,
    space: Any,
    weights: Any,
    i: int,
    parent: int,
    node: int,
    phase: int,
    cost: float,
    j: int,
    coded: int,
    action: int,
) -> None:  # pragma: no cover - compiled
    """Print one more letter (`coded`: with its case) from a state, up to place j of the reading."""
    is_upper = coded > UPPER
    code = coded - UPPER if is_upper else coded
    phase = next_phase(phase, is_upper)
    if phase < 0:
        return
    below = child(tables, node, code)
    if below >= 0:
        cost += spelling(tables, node, code)
        add(space, weights.width, j, below, phase, cost, ahead_of(tables, below), i * CAPACITY + parent, action)


@njit(cache=True)
def capital_price(price: float, lower: float, weights: Any) -> float:  # pragma: no cover - compiled
    """Return the cost of a capital inside a word, given that of the small letter.

    Where both look alike but for their size, a reading has all letters of a word large or none: after the first, each
    further letter says little that the others did not.
    """
    if 0.0 < lower - price < weights.alike:
        return lower - min(lower - price, weights.repeated)
    return price


@njit(cache=True)
def print_letters(
    tables: Any, reading: Any, space: Any, weights: Any, i: int, state: int, j: int
) -> None:  # pragma: no cover
    """Try every letter and pair of letters that may have been read as the characters from i to j."""
    node, phase, cost = space.node[i, state], space.phase[i, state], space.cost[i, state]
    is_open = node >= OPEN
    stop = RUSSIAN_CODES if is_open else tables.first[node + 1]
    single = reading.single[i, j - i]
    for place in range(1 if is_open else tables.first[node], stop):
        code = place if is_open else int(tables.letter[place])
        for coded in (code, code + UPPER):
            price = single[coded] if is_open or j > i + 1 else min(single[coded], weights.substituted)
            if coded > UPPER and phase != LEAD:
                price = capital_price(price, single[code], weights)
            if price < FAR:
                step(tables, space, weights, i, state, node, phase, cost + price, j, coded, coded)
    for pair in range(reading.starts[i, j - i], reading.starts[i, j - i] + reading.sizes[i, j - i]):
        one, two = reading.first[pair], reading.second[pair]
        between = next_phase(phase, one > UPPER)
        code = one - UPPER if one > UPPER else one
        below = child(tables, node, code) if between >= 0 else -1
        if below >= 0:
            spelled = cost + reading.pair_cost[pair] + spelling(tables, node, code)
            step(tables, space, weights, i, state, below, between, spelled, j, two, one + two * PAIR)


@njit(cache=True)
def print_mark(
    tables: Any, space: Any, weights: Any, root: int, i: int, state: int, mark: int
) -> None:  # pragma: no cover
    """Take the mark or digit at place i for what it is."""
    node, phase, cost = space.node[i, state], space.phase[i, state], space.cost[i, state]
    parent, width = i * CAPACITY + state, weights.width
    if mark >= DIGIT:
        if phase == LEAD or phase == NUMBER:
            price = weights.digit + (weights.number if phase == LEAD else 0.0)
            add(space, width, i + 1, 0, NUMBER, cost + price, 0.0, parent, mark)
    elif mark == HYPHEN and (phase == TRAIL or phase == NUMBER):
        add(space, width, i + 1, root, LEAD, cost + weights.hyphen, ahead_of(tables, root), parent, mark)
    elif phase == LEAD:
        price = cost + tables.leading[mark - MARK]
        add(space, width, i + 1, root, LEAD, price, ahead_of(tables, root), parent, mark)
    elif phase == TRAIL or phase == AFTER or phase == NUMBER:
        add(space, width, i + 1, node, AFTER, cost + tables.trailing[mark - MARK], 0.0, parent, mark)


@njit(cache=True)
def case_cost(title: float, capitals: float, phase: int, weights: Any, initial: bool) -> float:  # pragma: no cover
    """Return the cost of the case of a finished word that has these costs inside a sentence."""
    if phase == LOWER:
        lower = -np.log(max(1.0 - np.exp(-title) - np.exp(-capitals), 1e-3))
        return lower + (weights.initial_lower if initial else 0.0)
    if phase == CAPITALS:
        return min(capitals, weights.dearest_case)
    return min(title, 0.1 if initial else weights.dearest_case)


@njit(cache=True)
def finish_word(tables: Any, space: Any, weights: Any, initial: bool, i: int, state: int) -> None:  # pragma: no cover
    """End the word of a state where it can end."""
    node, phase, cost = space.node[i, state], space.phase[i, state], space.cost[i, state]
    if node >= OPEN:
        cost += weights.unknown_word + spelling(tables, node, 0)
        cost += case_cost(weights.unknown_title, weights.unknown_capitals, phase, weights, initial)
    elif tables.ends[node]:
        word = tables.number[node]
        cost += STEP * tables.cost[word]
        cost += case_cost(STEP * tables.title[word], STEP * tables.capitals[word], phase, weights, initial)
    else:
        return
    add(space, weights.width, i, node, TRAIL, cost, 0.0, i * CAPACITY + state, NOTHING)


@njit(cache=True)
def drop_letters(tables: Any, reading: Any, space: Any, weights: Any, i: int, state: int) -> None:  # pragma: no cover
    """Suppose that the next letter left no trace."""
    node, phase, cost = space.node[i, state], space.phase[i, state], space.cost[i, state]
    if node >= OPEN or phase == LEAD:
        return
    for place in range(tables.first[node], tables.first[node + 1]):
        coded = int(tables.letter[place]) + (UPPER if phase == CAPITALS else 0)
        price = cost + min(reading.deletion[coded], weights.lost)
        if price < FAR:
            step(tables, space, weights, i, state, node, phase, price, i, coded, coded)


@njit(cache=True)
def skip_character(tables: Any, space: Any, weights: Any, i: int, state: int) -> None:  # pragma: no cover - compiled
    """Suppose that the character at place i stands for nothing. Not for new words: they could be anything."""
    node, phase = space.node[i, state], space.phase[i, state]
    if node < OPEN and phase != LEAD and weights.stray < FAR:
        add(
            space,
            weights.width,
            i + 1,
            node,
            phase,
            space.cost[i, state] + weights.stray,
            space.ahead[i, state],
            i * CAPACITY + state,
            NOTHING,
        )


@njit(cache=True)
def ceiling(space: Any, weights: Any, place: int) -> float:  # pragma: no cover - compiled
    """Return the highest rank that a state of a place may have and still be pursued."""
    size = space.size[place]
    highest = space.floor[place] + weights.width
    if size > weights.beam:
        ranks = space.cost[place, :size] + space.ahead[place, :size]
        highest = min(highest, np.partition(ranks, weights.beam)[weights.beam])
    return highest


@njit(cache=True)
def search(tables: Any, reading: Any, space: Any, weights: Any, root: int, initial: bool) -> None:  # pragma: no cover
    """Fill `space` with the states of a reading. `root` is 0 for words of the lexicon, OPEN for new ones."""
    length = reading.length
    space.table[: length + 1] = -1
    space.size[: length + 1] = 0
    space.floor[: length + 1] = FAR
    add(space, weights.width, 0, root, LEAD, 0.0, ahead_of(tables, root), -1, NOTHING)
    for i in range(length + 1):
        limit = ceiling(space, weights, i)
        for state in range(space.size[i]):
            if space.cost[i, state] + space.ahead[i, state] <= limit and LEAD <= space.phase[i, state] < TRAIL:
                drop_letters(tables, reading, space, weights, i, state)
        for state in range(space.size[i]):
            if space.cost[i, state] + space.ahead[i, state] <= limit and LEAD < space.phase[i, state] < TRAIL:
                finish_word(tables, space, weights, initial, i, state)
        if 0 < i < length:
            leave_words(tables, space, weights, root, i, limit)
        state = 0
        while i < length and state < space.size[i]:
            if space.cost[i, state] + space.ahead[i, state] <= limit:
                expand(tables, reading, space, weights, root, i, state)
            state += 1


@njit(cache=True)
def leave_words(tables: Any, space: Any, weights: Any, root: int, i: int, limit: float) -> None:  # pragma: no cover
    """Begin another word right after one: a lost space, or none, as in initials."""
    for state in range(space.size[i]):
        phase = space.phase[i, state]
        if (phase == TRAIL or phase == AFTER) and space.cost[i, state] + space.ahead[i, state] <= limit:
            price = weights.missing_space if phase == TRAIL else weights.joined
            add(
                space,
                weights.width,
                i,
                root,
                LEAD,
                space.cost[i, state] + price,
                ahead_of(tables, root),
                i * CAPACITY + state,
                SPACE if phase == TRAIL else NOTHING,
            )


@njit(cache=True)
def expand(
    tables: Any, reading: Any, space: Any, weights: Any, root: int, i: int, state: int
) -> None:  # pragma: no cover
    """Go on from one state over the next characters of the reading."""
    if space.phase[i, state] < TRAIL:
        for j in range(i + 1, min(i + LONGEST_READ, reading.length) + 1):
            print_letters(tables, reading, space, weights, i, state, j)
        skip_character(tables, space, weights, i, state)
    if reading.mark[i]:
        print_mark(tables, space, weights, root, i, state, reading.mark[i])


def empty_space() -> Space:
    """Return room for the states of a search."""
    grid = (LONGEST + 1, CAPACITY)
    return Space(
        np.full((LONGEST + 1, BUCKETS), -1, np.int32),
        np.zeros(LONGEST + 1, np.int32),
        np.zeros(LONGEST + 1, np.float32),
        np.zeros(grid, np.float32),
        np.zeros(grid, np.float32),
        np.zeros(grid, np.int32),
        np.zeros(grid, np.int8),
        np.zeros(grid, np.int32),
        np.zeros(grid, np.int32),
    )


def mark_costs(costs: dict[str, float]) -> npt.NDArray[np.float32]:
    """Return the cost of each of `MARKS` beside a word; one that was never counted is dear."""
    return np.array([costs.get(mark, 9.5) for mark in MARKS], dtype=np.float32)


def tables_of(lexicon: Lexicon) -> Tables:
    """Return the tables of a lexicon."""
    arrays = {name: getattr(lexicon, name) for name in Tables._fields[:9]}
    edges = lexicon.header["edges"]
    return Tables(**arrays, leading=mark_costs(edges["leading"]), trailing=mark_costs(edges["trailing"]))


def prepare(text: str, options: Options) -> Reading:
    """Return what could stand behind a reading of at most LONGEST characters."""
    length = len(text)
    single = np.full((length, LONGEST_READ + 1, MARK), FAR, np.float32)
    starts, sizes = np.zeros((length, LONGEST_READ + 1), np.int32), np.zeros((length, LONGEST_READ + 1), np.int32)
    mark = np.zeros(length, np.int32)
    for i in range(length):
        if text[i] in MARKS:
            mark[i] = MARK + MARKS.index(text[i])
        for size in range(1, min(LONGEST_READ, length - i) + 1):
            entry = options.at.get(text[i : i + size])
            if entry is not None:
                codes, costs = options.singles[entry.singles]
                single[i, size, codes] = costs
                starts[i, size], sizes[i, size] = entry.pairs
            elif size == 1:
                single[i, 1, options.letters] = UNKNOWN_COST
    return Reading(
        length, single, starts, sizes, options.first, options.second, options.pair_cost, options.deletion, mark
    )


class Searcher:
    """A lexicon and room for the states of a search. Not shared between threads."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.lexicon = lexicon
        self.tables = tables_of(lexicon)
        self.plain_tables = self.tables._replace(ngrams=np.full_like(self.tables.ngrams, ANY_LETTER))
        self.space = empty_space()

    def candidates(
        self, text: str, options: Options, initial: bool, weights: Weights, known: bool = True
    ) -> list[Candidate]:
        """Return the likeliest printed forms of a reading, the likeliest first.

        `initial` says that a sentence starts here; `known` asks for words of the lexicon, else for new ones.
        """
        if not 0 < len(text) <= LONGEST:
            return []
        search(self.tables, prepare(text, options), self.space, weights, 0 if known else OPEN, initial)
        found: dict[str, Candidate] = {}
        for state in self.finals(len(text)):
            candidate = self.trace(len(text), state, known)
            found.setdefault(candidate.text, candidate)
        return list(found.values())

    def abbreviation(self, text: str, options: Options) -> tuple[str, float]:
        """Return the capitals that a reading may stand for, each letter as likely as the other, and the cost."""
        if not 0 < len(text) <= LONGEST:
            return "", float(FAR)
        search(self.plain_tables, prepare(text, options), self.space, ABBREVIATION, OPEN, False)
        for state in self.finals(len(text)):
            found = self.trace(len(text), state, False)
            core = found.text.strip("[(.,;)]")
            if len(core) > 1 and core.isupper() and core.isalpha():
                return found.text, found.cost
        return "", float(FAR)

    def finals(self, length: int) -> Iterator[int]:
        """Yield the best complete states."""
        size = int(self.space.size[length])
        phases = self.space.phase[length, :size]
        complete = np.flatnonzero((phases == TRAIL) | (phases == AFTER) | (phases == NUMBER))
        order = np.argsort(self.space.cost[length, complete], kind="stable")
        yield from (int(state) for state in complete[order[:10]])

    def trace(self, place: int, state: int, known: bool) -> Candidate:
        """Return the candidate that ends in a state."""
        cost = float(self.space.cost[place, state])
        printed: list[tuple[str, int]] = []
        while True:
            action, parent = int(self.space.action[place, state]), int(self.space.parent[place, state])
            if parent < 0:
                break
            place, state = divmod(parent, CAPACITY)
            if action == SPACE:
                printed.append((" ", place))
            elif action > PAIR:
                printed += [(printed_character(action // PAIR), place), (printed_character(action % PAIR), place)]
            elif action > NOTHING:
                printed.append((printed_character(action), place))
        printed.reverse()
        return Candidate("".join(text for text, _ in printed), cost, tuple(place for _, place in printed), known)
