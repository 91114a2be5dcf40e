"""The beam of the search: states that print letters, marks and words, and the candidates that they end in."""

from typing import Any

import numpy as np

from pipeline.arrays import STEP
from pipeline.compiled import inlined, lean, njit
from pipeline.repair.channel import DIGIT, FAR, HYPHEN, LONGEST_READ, MARK, UPPER
from pipeline.repair.context import INITIAL, ONE_DIGIT, UNKNOWN
from pipeline.repair.letters import RUSSIAN_CODES
from pipeline.repair.prices import (
    ahead_of,
    bits,
    capital_price,
    case_cost,
    child,
    children,
    first_child,
    in_word,
    letters_below,
    look_ahead,
    look_forward,
    lower_cost,
    next_phase,
    prepare,
    skip_price,
    spelling,
    word_at,
)
from pipeline.repair.states import (
    AFTER,
    BEYOND,
    BUCKETS,
    CAPACITY,
    CAPITALS,
    CASES,
    CONTEXT,
    FAR_ABOVE,
    FULL_STOP,
    KEPT,
    LEAD,
    LEVELS,
    LONGEST_PRINTED,
    LOWER,
    NOTHING,
    NUMBER,
    OPEN,
    PAIR,
    SMALL,
    SPACE,
    TITLE,
    TRAIL,
    UNUSUAL,
)
from pipeline.repair.units import NOT

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
