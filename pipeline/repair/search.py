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
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP
from pipeline.compiled import njit
from pipeline.repair.beam import collect, search, search_all
from pipeline.repair.channel import FAR, MARK, MARKS, UPPER, Options
from pipeline.repair.channel import character as printed_character
from pipeline.repair.context import LanguageModel
from pipeline.repair.letters import CYRILLIC
from pipeline.repair.lexicon import NAME, NO_FORMS, Forms, Lexicon
from pipeline.repair.prices import look_forward, prepare
from pipeline.repair.states import (
    ABBREVIATION,
    BATCH,
    BUCKETS,
    CAPACITY,
    CAPITALS,
    DEFAULT,
    ENDS,
    KEPT,
    LEAD,
    LEVELS,
    LONGEST,
    LONGEST_PRINTED,
    LOWER,
    NEVER,
    NUMBER,
    NUMBERED,
    OPEN,
    PAIR,
    SMALL,
    SPACE,
    STATE,
    TITLE,
    Answers,
    Outlook,
    Space,
    Tables,
    Weights,
)
from pipeline.repair.units import NOT

# What a rare form costs, and its title case and capitals: of a usual word, and of a name. In tenths of a nat.
RARE: Final = 175
RARE_TITLE: Final = np.array([40, 1], np.uint8)
RARE_CAPITALS: Final = np.array([60, 60], np.uint8)
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
