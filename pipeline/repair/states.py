"""What the search works on: the lexicon as it reads it, a reading, its states, and the candidates that it finds.

Costs are in nats. Compiled functions take these named tuples of arrays, made once.
"""

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP
from pipeline.repair.channel import FAR, MARK, MARKS
from pipeline.repair.letters import RUSSIAN_CODES

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
# What a mark costs beside a word that was never seen there.
NEVER: Final = 9.5
# Rare forms and new words are at most so many of them each.
UNUSUAL: Final = 3
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
