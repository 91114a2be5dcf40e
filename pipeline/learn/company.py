"""Learns which company words keep, from running text: the network of `repair.company`.

For every word of the text the network learns to tell it from words drawn at random by their frequency, the same for all
words of a batch (noise-contrastive estimation: Gutmann and Hyvärinen 2012; Mnih and Kavukcuoglu 2013): then the product
of the vectors is the logarithm of P(word | neighbours) / P(word). The vectors of lemmas, of which a batch sees few,
move by AdaGrad (Duchi, Hazan and Singer 2011), all else by Adam (Kingma and Ba 2015). The registers weigh as in
`learn.language_model`. pymorphy3 tells the lemmas (`pip install pravka[learn]`).
"""

import math
from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP, pack
from pipeline.compiled import njit
from pipeline.learn.counts import open_text
from pipeline.learn.language_model import sources_in
from pipeline.learn.lexicon import Recipe, dictionary_forms
from pipeline.repair.company import NO_STEM, PLACE, REACH, SIZE, WIDTH
from pipeline.repair.context import BREAK, PIECE, SPECIALS, LanguageModel, symbols_of
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.search import phase_of
from pipeline.repair.states import CAPITALS, LEAD, LOWER, TITLE
from pipeline.repair.units import NOT, QUOTES, SENTENCE_END, SURELY, after

# So many lemmas have a vector, the commonest; the others have that of their class alone.
STEMS: Final = 65_000
# So many words are learned from, drawn at random, in batches of so many.
PLACES: Final = 60_000_000
BATCH: Final = 1024
# Words drawn at random, which all words of a batch are told from.
STRANGERS: Final = 1024
# How far the vectors of lemmas, and all else, move at first; at the end, this share of it.
LEMMA_RATE: Final = 0.05
# What the squares of the gradients of a lemma add to: the vectors of rare ones stay near what their class says.
STIFFNESS: Final = 1e-4
RATE: Final = 2e-3
SLOWEST: Final = 0.01
# What Adam remembers of gradients and of their squares, and what keeps its steps finite.
MOMENTUM: Final = 0.9
MEMORY: Final = 0.999
LEAST: Final = 1e-8
# How much the case of a word counts beside the word.
CASE: Final = 3.0
# A register's words count as this power of its weight per word.
TEMPER: Final = 0.65
CHANCES: Final = 1 << 20
STEEPEST: Final = 15.0
# So many batches are one step of what is told.
ROUND: Final = 32
# How many numbers are known around a word.
AROUND: Final = 2 * REACH * PLACE
STEM_TABLES: Final = ("seen_stem", "said_stem")


class Text(NamedTuple):
    """Running text: symbols, the phases that the case of words leaves them in, and what the case can teach.

    `inside[t]` says that word t stands inside a sentence, where its case is its own.
    """

    symbol: npt.NDArray[np.int32]
    phase: npt.NDArray[np.int8]
    inside: npt.NDArray[np.bool_]


class Model(NamedTuple):
    """What is learned (see `repair.company.Vectors`); the last row of the stems is that of words without one."""

    seen_stem: npt.NDArray[np.float32]
    said_stem: npt.NDArray[np.float32]
    seen_class: npt.NDArray[np.float32]
    said_class: npt.NDArray[np.float32]
    level: npt.NDArray[np.float32]
    near: npt.NDArray[np.float32]
    inner: npt.NDArray[np.float32]
    inner_bias: npt.NDArray[np.float32]
    outer: npt.NDArray[np.float32]
    outer_bias: npt.NDArray[np.float32]


class Words(NamedTuple):
    """What is known of symbols beforehand: row of the lemma, class, the odds of a capital; `drawn` are strangers."""

    stem_of: npt.NDArray[np.uint16]
    class_of: npt.NDArray[np.uint16]
    odds: npt.NDArray[np.float32]
    drawn: npt.NDArray[np.int32]


class Batch(NamedTuple):
    """Words with what stands around them, a row each, and the strangers.

    `capital` says of each neighbour whether it has a capital, and whether only capitals; `title` of the word whether it
    has one, and `inside` whether that can be learned from.
    """

    near: npt.NDArray[np.int32]
    capital: npt.NDArray[np.float32]
    word: npt.NDArray[np.int32]
    title: npt.NDArray[np.bool_]
    inside: npt.NDArray[np.bool_]
    strangers: npt.NDArray[np.int32]


class Told(NamedTuple):
    """What the network says of a batch: what is seen, all that is known around each word, the layer, what it wants."""

    seen: npt.NDArray[np.float32]
    around: npt.NDArray[np.float32]
    hidden: npt.NDArray[np.float32]
    wanted: npt.NDArray[np.float32]


class Slopes(NamedTuple):
    """The gradients of a batch, and its loss.

    Those of the layers go by their names; `seen` are of the vectors seen, `said` and `level` of words and strangers.
    """

    layers: dict[str, npt.NDArray[np.float32]]
    seen: npt.NDArray[np.float32]
    said: npt.NDArray[np.float32]
    level: npt.NDArray[np.float32]
    loss: float


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


def beginning(stems: int, classes: int) -> Model:
    """Return a model that has learned nothing."""
    random = np.random.default_rng(1)

    def drawn(rows: int, columns: int, deviation: float) -> npt.NDArray[np.float32]:
        return (deviation * random.standard_normal((rows, columns))).astype(np.float32)

    def zeros(*shape: int) -> npt.NDArray[np.float32]:
        return np.zeros(shape, np.float32)

    seen_stem = drawn(stems + 1, SIZE, 0.06 / SIZE**0.5)
    seen_stem[stems] = 0.0
    return Model(
        seen_stem=seen_stem,
        said_stem=zeros(stems + 1, SIZE),
        seen_class=drawn(classes, SIZE, 0.17 / SIZE**0.5),
        said_class=zeros(classes, SIZE),
        level=zeros(classes, 1),
        near=np.hstack([1 + drawn(2 * REACH, SIZE, 0.15), zeros(2 * REACH, SIZE)]),
        inner=drawn(AROUND, WIDTH, 0.6 / AROUND**0.5),
        inner_bias=zeros(WIDTH),
        outer=drawn(WIDTH, 2 * SIZE, 0.05),
        outer_bias=zeros(2 * SIZE),
    )


def draw(texts: Sequence[tuple[Text, float]], words: Words, random: np.random.Generator) -> Batch:
    """Return a batch of words drawn from texts by their shares."""
    sizes = random.multinomial(BATCH, [share for _, share in texts])
    parts = [
        (text, random.integers(REACH, len(text.symbol) - REACH, size))
        for (text, _), size in zip(texts, sizes, strict=True)
    ]
    offsets = np.r_[-REACH:0, 1 : REACH + 1]
    phases = np.concatenate([text.phase[places[:, None] + offsets] for text, places in parts])
    return Batch(
        np.concatenate([text.symbol[places[:, None] + offsets] for text, places in parts]),
        np.stack([phases == TITLE, phases == CAPITALS], axis=2).astype(np.float32),
        np.concatenate([text.symbol[places] for text, places in parts]),
        np.concatenate([text.phase[places] == TITLE for text, places in parts]),
        np.concatenate([text.inside[places] for text, places in parts]),
        words.drawn[random.integers(0, len(words.drawn), STRANGERS)],
    )


def vectors_of(stems: Any, classes: Any, symbols: Any, words: Words) -> npt.NDArray[np.float32]:
    """Return the vectors of symbols."""
    return np.asarray(stems[rows_of(symbols, words, stems)] + classes[words.class_of[symbols]])


def rows_of(symbols: Any, words: Words, stems: Any) -> npt.NDArray[np.int64]:
    """Return the rows of symbols in a table of stems."""
    return np.minimum(words.stem_of[symbols], len(stems) - 1).astype(np.int64)


def told_of(model: Model, words: Words, batch: Batch) -> Told:
    """Return what the network says of a batch."""
    seen = vectors_of(model.seen_stem, model.seen_class, batch.near, words)
    around = np.concatenate([seen, batch.capital], axis=2).reshape(len(batch.near), -1)
    hidden = np.maximum(around @ model.inner + model.inner_bias, np.float32(0))
    straight = np.hstack([np.einsum("pks,ks->ps", seen, half) for half in halves(model.near)])
    return Told(seen, around, hidden, hidden @ model.outer + model.outer_bias + straight)


def halves(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return what of a table is for the word, and what for its case."""
    return table[:, :SIZE], table[:, SIZE:]


def logistic(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the logistic function."""
    return np.asarray(np.float32(1) / (np.float32(1) + np.exp(-np.clip(values, -STEEPEST, STEEPEST))))


def slopes_of(model: Model, words: Words, batch: Batch) -> Slopes:
    """Return the gradients of a batch, and its loss in nats a word.

    Of the case only the network learns: the vectors of words are what the words want.
    """
    told = told_of(model, words, batch)
    word = vectors_of(model.said_stem, model.said_class, batch.word, words)
    strangers = vectors_of(model.said_stem, model.said_class, batch.strangers, words)
    wanted, capital = halves(told.wanted)
    level, other_level = (
        model.level[words.class_of[symbols], 0] - np.float32(math.log(STRANGERS))
        for symbols in (batch.word, batch.strangers)
    )
    here = logistic((wanted * word).sum(axis=1) + level)[:, None]
    others = logistic(wanted @ strangers.T + other_level)
    loss = -np.log(here).mean() - np.log1p(-others).sum(axis=1).mean()
    size = np.float32(len(here))
    here, others = (here - 1) / size, others / size
    title = logistic((capital * word).sum(axis=1) + words.odds[batch.word])
    case = (np.float32(CASE) / size * (title - batch.title) * batch.inside)[:, None]
    pull = np.hstack([here * word + others @ strangers, case * word])
    layers, seen = passed_on(model, told, pull)
    said = np.concatenate([here * wanted, others.T @ wanted])
    return Slopes(layers, seen, said, np.concatenate([here, others.sum(axis=0)[:, None]]), float(loss))


def passed_on(
    model: Model, told: Told, pull: npt.NDArray[np.float32]
) -> tuple[dict[str, npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
    """Return the gradients of the layers by their names, and of the vectors seen, given those of the wanted ones."""
    hidden = (pull @ model.outer.T) * (told.hidden > 0)
    seen = (hidden @ model.inner.T).reshape(*told.seen.shape[:2], PLACE)[:, :, :SIZE]
    for half, near in zip(halves(pull), halves(model.near), strict=True):
        seen = seen + half[:, None, :] * near
    layers = {
        "near": np.hstack([np.einsum("pks,ps->ks", told.seen, half) for half in halves(pull)]),
        "inner": told.around.T @ hidden,
        "inner_bias": hidden.sum(axis=0),
        "outer": told.hidden.T @ pull,
        "outer_bias": pull.sum(axis=0),
    }
    return layers, np.asarray(seen.reshape(-1, SIZE), np.float32)


@njit(cache=True)
def add_rows(total: Any, rows: Any, slopes: Any) -> None:  # pragma: no cover
    """Add each of some slopes to a row of a total."""
    for one in range(len(rows)):
        for axis in range(total.shape[1]):
            total[rows[one], axis] += slopes[one, axis]


def sums(shape: Sequence[int], rows: Any, slopes: Any) -> npt.NDArray[np.float32]:
    """Return the sums of the slopes of each row of a table of this shape."""
    total = np.zeros(shape, np.float32)
    add_rows(total, rows, slopes)
    return total


class Descent:
    """Moves the tables of a model, in place, against their gradients."""

    def __init__(self, model: Model, words: Words) -> None:
        self.model = model
        self.words = words
        self.steps = 0
        tables = model._asdict().items()
        # Of the stems the sums of squares, of all else the mean square and the mean of the gradients.
        self.moved = {name: np.full_like(table, STIFFNESS * (name in STEM_TABLES)) for name, table in tables}
        self.mean = {name: np.zeros_like(table) for name, table in tables if name not in STEM_TABLES}

    def learn(self, batch: Batch, speed: float) -> float:
        """Learn from a batch, at a share of the full rate; return the loss in nats a word."""
        slopes = slopes_of(self.model, self.words, batch)
        self.steps += 1
        for name, slope in slopes.layers.items():
            self.move(name, slope, speed)
        symbols = np.concatenate([batch.word, batch.strangers])
        self.move_classes("level", symbols, slopes.level, speed)
        for side, those, own in (("seen", batch.near.ravel(), slopes.seen), ("said", symbols, slopes.said)):
            self.move_classes(f"{side}_class", those, own, speed)
            self.move_stems(f"{side}_stem", those, own, speed)
        return slopes.loss

    def move_classes(self, name: str, symbols: Any, slopes: npt.NDArray[np.float32], speed: float) -> None:
        """Move the rows of a table of classes that symbols have."""
        rows = len(getattr(self.model, name))
        self.move(name, sums((rows, slopes.shape[1]), self.words.class_of[symbols], slopes), speed)

    def move(self, name: str, slope: npt.NDArray[np.float32], speed: float) -> None:
        """Move a table by Adam."""
        mean, square = self.mean[name], self.moved[name]
        mean += np.float32(1 - MOMENTUM) * (slope - mean)
        square += np.float32(1 - MEMORY) * (slope * slope - square)
        rate = RATE * speed * math.sqrt(1 - MEMORY**self.steps) / (1 - MOMENTUM**self.steps)
        table = getattr(self.model, name)
        table -= np.float32(rate) * mean / (np.sqrt(square) + np.float32(LEAST))

    def move_stems(self, name: str, symbols: Any, slopes: npt.NDArray[np.float32], speed: float) -> None:
        """Move the rows of a table of stems that symbols have, by AdaGrad; words without a stem stay without."""
        table, moved = getattr(self.model, name), self.moved[name]
        rows, places = np.unique(rows_of(symbols, self.words, table), return_inverse=True)
        slope = sums((len(rows), SIZE), places, slopes)
        slope[rows == len(table) - 1] = 0.0
        moved[rows] += slope * slope
        table[rows] -= np.float32(LEMMA_RATE * speed) * slope / np.sqrt(moved[rows])


def learned(
    texts: Sequence[tuple[Text, float]], words: Words, stems: int, places: int, tell: Callable[[int, float], None]
) -> Model:
    """Return the model that texts teach, drawn by their shares; `tell` hears of places done, with their mean loss."""
    random = np.random.default_rng(1)
    model = beginning(stems, int(words.class_of.max()) + 1)
    descent = Descent(model, words)
    losses = []
    for done in range(0, places, BATCH):
        losses.append(descent.learn(draw(texts, words, random), max(SLOWEST, 1.0 - done / places)))
        if len(losses) == ROUND or done + BATCH >= places:
            tell(BATCH * len(losses), float(np.mean(losses)))
            losses.clear()
    return model


# ---------------------------------------------------------------- the file


def scaled(table: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Return the rows of a table as bytes, and what each is to be multiplied by."""
    scale = np.maximum(np.abs(table).max(axis=1), 1e-6) / 127
    return np.round(table / scale[:, None]).astype(np.int8), scale.astype(np.float32)


def arrays_of(model: Model, words: Words) -> Iterator[tuple[str, npt.NDArray[Any]]]:
    """Yield the arrays of the file by their names (`repair.company.Vectors`)."""
    yield "stem_of", words.stem_of
    for side in ("seen", "said"):
        rows, scale = scaled(getattr(model, f"{side}_stem")[:-1])
        yield f"{side}_stem", rows
        yield f"{side}_scale", scale
    for name in ("seen_class", "said_class", "inner", "outer"):
        yield name, getattr(model, name).astype(np.float16)
    yield "level", model.level[:, 0]
    for name in ("near", "inner_bias", "outer_bias"):
        yield name, getattr(model, name)


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
