"""Learns which company words keep, from running text: the vectors of `repair.company`.

For every word of the text the model learns to tell it from words drawn at random by their frequency (noise-contrastive
estimation: Gutmann and Hyvärinen 2012; Mnih and Kavukcuoglu 2013): then the product of the vectors is the logarithm of
P(word | neighbours) / P(word). Rows move by AdaGrad (Duchi, Hazan and Singer 2011), a rate a row. The registers weigh
as in `learn.language_model`. pymorphy3 tells the lemmas (`pip install pravka[learn]`).
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP, pack
from pipeline.compiled import inlined, lean
from pipeline.learn.counts import open_text
from pipeline.learn.language_model import sources_in
from pipeline.learn.lexicon import Recipe, dictionary_forms
from pipeline.repair.company import NO_STEM, REACH, SIZE
from pipeline.repair.context import BREAK, PIECE, SPECIALS, LanguageModel, symbols_of
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.search import LEAD, LOWER, TITLE, phase_of
from pipeline.repair.units import NOT, QUOTES, SENTENCE_END, SURELY, after

# So many lemmas have a vector, the commonest; the others have that of their class alone.
STEMS: Final = 65_000
# So many words are learned from, in stretches of text drawn at random, of so many words.
PLACES: Final = 120_000_000
ROUND: Final = 1 << 18
STRETCH: Final = 512
# Words drawn at random for each word of the text.
STRANGERS: Final = 8
RATE: Final = 0.05
# The weights of the places move more slowly than what they weigh.
SLOWER: Final = 0.3
# A register's words count as this power of its weight per word.
TEMPER: Final = 0.65
CHANCES: Final = 1 << 24
STEEPEST: Final = 20.0
# Gradients smaller than this are let be.
FLAT: Final = 1e-4


class Text(NamedTuple):
    """Running text: symbols, the phases that the case of words leaves them in, and what the case can teach.

    `inside[t]` says that word t stands inside a sentence, where its case is its own.
    """

    symbol: npt.NDArray[np.int32]
    phase: npt.NDArray[np.int8]
    inside: npt.NDArray[np.bool_]


class Model(NamedTuple):
    """What is learned (see `repair.company.Vectors`); `title_all` is what all rows of `title_class` have in common."""

    seen_stem: npt.NDArray[np.float32]
    seen_class: npt.NDArray[np.float32]
    said_stem: npt.NDArray[np.float32]
    said_class: npt.NDArray[np.float32]
    level: npt.NDArray[np.float32]
    near: npt.NDArray[np.float32]
    title_class: npt.NDArray[np.float32]
    title_all: npt.NDArray[np.float32]
    title_level: npt.NDArray[np.float32]
    title_near: npt.NDArray[np.float32]
    beside: npt.NDArray[np.float32]


class Words(NamedTuple):
    """What is known of symbols beforehand: row of the lemma, class, the odds of a capital; `drawn` are strangers."""

    stem_of: npt.NDArray[np.uint16]
    class_of: npt.NDArray[np.uint16]
    odds: npt.NDArray[np.float32]
    drawn: npt.NDArray[np.int32]


class Room(NamedTuple):
    """Room to work in: vectors of the neighbours, their sums for the word and for its case, what pulls at the sums."""

    seen: npt.NDArray[np.float32]
    around: npt.NDArray[np.float32]
    title: npt.NDArray[np.float32]
    pull: npt.NDArray[np.float32]
    title_pull: npt.NDArray[np.float32]
    whole: npt.NDArray[np.float32]


# ---------------------------------------------------------------- text


class Cased:
    """Turns text into symbols with their case. Remembers the tokens it has seen."""

    def __init__(self, find: Callable[[str], int], words: int) -> None:
        self.find = find
        self.words = words
        self.seen: dict[str, tuple[tuple[int, int], ...]] = {}

    def of_token(self, token: str) -> tuple[tuple[int, int], ...]:
        """Return (symbol, phase) of the words in a token."""
        found = self.seen.get(token)
        if found is None:
            symbols = symbols_of(token, self.find, self.words)
            phases = map(phase_of, PIECE.findall(token))
            found = tuple((one, case if one < self.words else LEAD) for one, case in zip(symbols, phases, strict=True))
            self.seen[token] = found
        return found

    def of_lines(self, lines: Iterable[str]) -> Text:
        """Return the text of all lines; a line is a paragraph, and sentences end with a break."""
        symbols, phases, inside = array("i"), array("b"), array("b")

        def say(symbol: int, phase: int, own: bool) -> None:
            symbols.append(symbol)
            phases.append(phase)
            inside.append(own)

        for line in lines:
            say(self.words + BREAK, LEAD, False)
            initial = SURELY
            for token in line.split():
                for place, (symbol, phase) in enumerate(self.of_token(token)):
                    own = place > 0 or (initial == NOT and token[0] not in QUOTES)
                    say(symbol, phase, own and phase in (LOWER, TITLE))
                initial = after(token)
                if SENTENCE_END.search(token):
                    say(self.words + BREAK, LEAD, False)
        return Text(np.array(symbols, np.int32), np.array(phases, np.int8), np.array(inside, np.bool_))


def texts_of(folders: Sequence[Path], recipe: Recipe, cased: Cased) -> list[tuple[Text, float]]:
    """Return the text of each source, and the share of what is learned that is drawn from it."""
    found = [
        (cased.of_lines(chain.from_iterable(map(open_text, files))), weight)
        for files, weight in sources_in(folders, recipe)
    ]
    sizes = np.array([len(text.symbol) for text, _ in found], np.float64)
    shares = sizes * (np.array([weight for _, weight in found]) / sizes) ** TEMPER
    return [(text, float(share)) for (text, _), share in zip(found, shares / shares.sum(), strict=True)]


def lemmas_of(words: Sequence[str], shares: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """Return a number for the lemma of each word: of several the commonest, of an unknown word one of its own."""
    index = {word: number for number, word in enumerate(words)}
    forms: dict[tuple[int, str], set[int]] = defaultdict(set)
    for form, lemma, _ in dictionary_forms():
        if form in index:
            forms[lemma].add(index[form])
    found = len(forms) + np.arange(len(words))
    heaviest = np.zeros(len(words))
    for number, own in enumerate(forms.values()):
        places = np.array(sorted(own))
        heavier = places[heaviest[places] < shares[places].sum()]
        found[heavier], heaviest[heavier] = number, shares[places].sum()
    return found


def words_of(lexicon: Lexicon, model: LanguageModel, counts: npt.NDArray[np.float64]) -> Words:
    """Return what is known of the symbols; `counts` says how often each was met."""
    own = np.exp(-STEP * lexicon.cost.astype(np.float64))
    lemmas = lemmas_of(list(lexicon.all_words()), own)
    lemmas = np.r_[lemmas, lemmas.max() + 1 + np.arange(SPECIALS)]
    met = np.bincount(lemmas, counts)
    rows = np.full(len(met), NO_STEM, np.uint16)
    rows[np.argsort(-met, kind="stable")[:STEMS]] = np.arange(min(STEMS, len(met)))
    title = np.clip(np.exp(-STEP * lexicon.title.astype(np.float64)), 1e-6, 1 - 1e-4)
    sums = np.cumsum(counts) / counts.sum()
    drawn = np.searchsorted(sums, (np.arange(CHANCES) + 0.5) / CHANCES).astype(np.int32)
    odds = np.r_[np.log(title / (1 - title)), np.zeros(SPECIALS)].astype(np.float32)
    return Words(rows[lemmas], np.asarray(model.lifts.class_of), odds, drawn)


# ---------------------------------------------------------------- learning


@inlined
def empty(vector: Any) -> None:  # pragma: no cover
    """Make a vector zero."""
    for axis in range(SIZE):
        vector[axis] = 0.0


@inlined
def logistic(value: float) -> float:  # pragma: no cover
    """Return the logistic function."""
    return 1.0 / (1.0 + np.exp(-min(max(value, -STEEPEST), STEEPEST)))


@inlined
def descend(table: Any, moved: Any, row: int, slope: Any, vector: Any, rate: float) -> None:  # pragma: no cover
    """Move a row against its gradient, `slope` times a vector."""
    square = np.float32(0.0)
    for axis in range(SIZE):
        square += vector[axis] * vector[axis]
    moved[row] += slope * slope * square / SIZE
    length = np.float32(rate * slope / np.sqrt(moved[row]))
    for axis in range(SIZE):
        table[row, axis] -= length * vector[axis]


@inlined
def descend_by(table: Any, moved: Any, row: int, column: int, slope: Any, rate: float) -> None:  # pragma: no cover
    """Move one number of a row against its gradient."""
    moved[row] += slope * slope
    table[row, column] -= rate * slope / np.sqrt(moved[row])


@inlined
def look_around(model: Any, words: Any, text: Any, place: int, room: Any) -> None:  # pragma: no cover
    """Write what is seen around a place, and its sums."""
    empty(room.around)
    empty(room.title)
    for k in range(2 * REACH):
        symbol = text.symbol[place - REACH + k + (k >= REACH)]
        kind, stem = words.class_of[symbol], words.stem_of[symbol]
        for axis in range(SIZE):
            seen = model.seen_class[kind, axis]
            if stem != NO_STEM:
                seen += model.seen_stem[stem, axis]
            room.seen[k, axis] = seen
            room.around[axis] += model.near[k, axis] * seen
            room.title[axis] += model.title_near[k, axis] * seen


@inlined
def tell_word(
    model: Any, moved: Any, words: Any, symbol: int, is_there: bool, room: Any, rate: float
) -> float:  # pragma: no cover
    """Learn from a word that stands among its neighbours, or from a stranger; return the loss in nats."""
    kind, stem = words.class_of[symbol], words.stem_of[symbol]
    product = model.level[kind, 0]
    for axis in range(SIZE):
        room.whole[axis] = model.said_class[kind, axis]
        if stem != NO_STEM:
            room.whole[axis] += model.said_stem[stem, axis]
        product += room.around[axis] * room.whole[axis]
    chance = logistic(product - np.log(STRANGERS))
    slope = np.float32(chance - is_there)
    if abs(slope) > FLAT:
        for axis in range(SIZE):
            room.pull[axis] += slope * room.whole[axis]
        descend_by(model.level, moved.level, kind, 0, slope, rate)
        descend(model.said_class, moved.said_class, kind, slope, room.around, rate)
        if stem != NO_STEM:
            descend(model.said_stem, moved.said_stem, stem, slope, room.around, rate)
    return -np.log(max(chance if is_there else 1.0 - chance, 1e-9))


@inlined
def tell_case(
    model: Any, moved: Any, words: Any, text: Any, place: int, room: Any, rate: float
) -> None:  # pragma: no cover
    """Learn from the case of a word inside a sentence."""
    symbol = text.symbol[place]
    kind = words.class_of[symbol]
    odds = words.odds[symbol] + model.title_level[kind, 0]
    for k in range(2 * REACH):
        phase = text.phase[place - REACH + k + (k >= REACH)]
        if phase >= TITLE:
            odds += model.beside[k, phase - TITLE]
    for axis in range(SIZE):
        room.whole[axis] = model.title_class[kind, axis] + model.title_all[0, axis]
        odds += room.title[axis] * room.whole[axis]
    slope = np.float32(logistic(odds) - (text.phase[place] == TITLE))
    if abs(slope) <= FLAT:
        return
    for axis in range(SIZE):
        room.title_pull[axis] = slope * room.whole[axis]
    descend_by(model.title_level, moved.title_level, kind, 0, slope, rate)
    descend(model.title_class, moved.title_class, kind, slope, room.title, rate)
    descend(model.title_all, moved.title_all, 0, slope, room.title, rate)
    for k in range(2 * REACH):
        phase = text.phase[place - REACH + k + (k >= REACH)]
        if phase >= TITLE:
            descend_by(model.beside, moved.beside, k, phase - TITLE, slope, rate)


@inlined
def pass_on(
    model: Any, moved: Any, words: Any, text: Any, place: int, room: Any, rate: float
) -> None:  # pragma: no cover
    """Move what was seen around a place, and the weights of the places, as the sums are pulled."""
    for k in range(2 * REACH):
        symbol = text.symbol[place - REACH + k + (k >= REACH)]
        stem = words.stem_of[symbol]
        for axis in range(SIZE):
            seen = room.pull[axis] * model.near[k, axis] + room.title_pull[axis] * model.title_near[k, axis]
            room.whole[axis], room.around[axis] = seen, room.pull[axis] * room.seen[k, axis]
            room.title[axis] = room.title_pull[axis] * room.seen[k, axis]
        descend(model.seen_class, moved.seen_class, words.class_of[symbol], 1.0, room.whole, rate)
        if stem != NO_STEM:
            descend(model.seen_stem, moved.seen_stem, stem, 1.0, room.whole, rate)
        descend(model.near, moved.near, k, 1.0, room.around, SLOWER * rate)
        descend(model.title_near, moved.title_near, k, 1.0, room.title, SLOWER * rate)


@lean
def learn_places(
    model: Any, moved: Any, words: Any, text: Any, room: Any, seed: int, rate: float
) -> float:  # pragma: no cover
    """Learn from ROUND places of a text, in stretches drawn at random; return the mean loss in nats."""
    np.random.seed(seed)
    loss, start = 0.0, 0
    for number in range(ROUND):
        if number % STRETCH == 0:
            start = np.random.randint(REACH, max(REACH + 1, len(text.symbol) - STRETCH - REACH))
        place = start + number % STRETCH
        if place >= len(text.symbol) - REACH:
            continue
        look_around(model, words, text, place, room)
        empty(room.pull)
        empty(room.title_pull)
        for other in range(STRANGERS + 1):
            symbol = text.symbol[place] if other == 0 else words.drawn[np.random.randint(0, len(words.drawn))]
            loss += tell_word(model, moved, words, symbol, other == 0, room, rate)
        if text.inside[place]:
            tell_case(model, moved, words, text, place, room, rate)
        pass_on(model, moved, words, text, place, room, rate)
    return loss / ROUND


def beginning(stems: int, classes: int) -> Model:
    """Return a model that has learned nothing: every product is 0."""
    random = np.random.default_rng(1)

    def drawn(rows: int, width: float, mean: float = 0.0) -> npt.NDArray[np.float32]:
        return (mean + width * (random.random((rows, SIZE)) - 0.5)).astype(np.float32)

    def zeros(rows: int, columns: int = SIZE) -> npt.NDArray[np.float32]:
        return np.zeros((rows, columns), np.float32)

    places = 2 * REACH
    return Model(
        seen_stem=drawn(stems, 0.2 / SIZE**0.5),
        seen_class=drawn(classes, 0.6 / SIZE**0.5),
        said_stem=zeros(stems),
        said_class=zeros(classes),
        level=zeros(classes, 1),
        near=drawn(places, 0.5, 1.0),
        title_class=zeros(classes),
        title_all=zeros(1),
        title_level=zeros(classes, 1),
        title_near=drawn(places, 0.5, 1.0),
        beside=zeros(places, 2),
    )


def empty_room() -> Room:
    """Return room for one place."""
    return Room(np.zeros((2 * REACH, SIZE), np.float32), *(np.zeros(SIZE, np.float32) for _ in range(5)))


def learned(
    texts: Sequence[tuple[Text, float]], words: Words, stems: int, places: int, tell: Callable[[int, float], None]
) -> Model:
    """Return the model that texts teach, drawn by their shares; `tell` hears of places done, with their mean loss."""
    random = np.random.default_rng(1)
    model = beginning(stems, int(words.class_of.max()) + 1)
    moved = Model(*(np.full(len(table), 1e-6, np.float32) for table in model))
    room = empty_room()
    for seed, done in enumerate(range(0, places, ROUND)):
        text = texts[random.choice(len(texts), p=[share for _, share in texts])][0]
        rate = RATE * max(0.05, 1.0 - done / places)
        tell(min(ROUND, places - done), learn_places(model, moved, words, text, room, seed, rate))
    return model


# ---------------------------------------------------------------- the file


def scaled(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return the rows of a table as bytes, and what each is to be multiplied by."""
    scale = np.maximum(np.abs(table).max(axis=1), 1e-6) / 127
    return np.round(table / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def arrays_of(model: Model, words: Words) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the arrays of the file by their names (`repair.company.Vectors`)."""
    yield "stem_of", words.stem_of
    for name in ("seen", "said"):
        rows, scale = scaled(getattr(model, f"{name}_stem"))
        yield f"{name}_stem", rows
        yield f"{name}_scale", scale
        yield f"{name}_class", getattr(model, f"{name}_class").astype(np.float16)
    yield "level", model.level[:, 0]
    yield "near", model.near
    yield "title_class", (model.title_class + model.title_all).astype(np.float16)
    yield "title_level", model.title_level[:, 0]
    yield "title_near", model.title_near
    yield "beside", model.beside


def build_company(
    folders: Sequence[Path],
    recipe: Recipe,
    lexicon: Lexicon,
    model: LanguageModel,
    tell: Callable[[int, float], None] = lambda places, loss: None,
) -> bytes:
    """Return the bytes of the model that the texts in some folders teach, weighted as a recipe says.

    `tell` hears how many places were learned from, and the mean loss, in nats.
    """
    numbers = {word: number for number, word in enumerate(lexicon.all_words())}
    texts = texts_of(folders, recipe, Cased(lambda word: numbers.get(word, -1), len(numbers)))
    side = len(numbers) + SPECIALS
    counts = np.zeros(side)
    for text, share in texts:
        counts += share / len(text.symbol) * np.bincount(text.symbol, minlength=side)
    words = words_of(lexicon, model, counts)
    stems = int(words.stem_of[words.stem_of != NO_STEM].max()) + 1
    made = learned(texts, words, stems, PLACES, tell)
    header = {
        **recipe.header("company"),
        "lemmas": "OpenCorpora dictionary through pymorphy3-dicts-ru (CC BY-SA 3.0)",
        "words": len(numbers),
        "read": sum(len(text.symbol) for text, _ in texts),
        "places": PLACES,
    }
    return pack(header, dict(arrays_of(made, words)))
