"""Makes the language model: counts pairs of words and of their grammatical classes in running text.

The registers weigh as the recipe of the lexicon says, tempered: a register's words count as the square root of its
weight per word, so that a small one is heard and a large one still teaches its pairs. pymorphy3 is needed here
(`pip install pravka[learn]`).
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP, pack
from pipeline.errors import UnreadableInput
from pipeline.learn.counts import open_text
from pipeline.learn.lexicon import Recipe, dictionary_tags, tempered
from pipeline.repair.context import (
    BREAK,
    CLASS_SHARE,
    ENDING,
    LEAST_CLASS,
    LEAST_PAIR,
    SPECIALS,
    scrambled,
    symbols_of,
)
from pipeline.repair.letters import RUSSIAN, RUSSIAN_CODES
from pipeline.repair.lexicon import Lexicon
from pipeline.repair.units import SENTENCE_END

# So many of the commonest words are classes of their own; rarer classes than this are one with the nearest.
OWN_CLASSES: Final = 1000
RAREST_CLASS: Final = 2.0e-6
# Absolute discount of a pair of classes or words seen n times: this much of one of the n.
TEXTS: Final = frozenset((".txt", ".xz"))
DISCOUNT: Final = 0.75
PAIRS: Final = 3_000_000
BUCKETS: Final = 1 << 19
CASES: Final = ("nomn", "gent", "datv", "accs", "ablt", "loct", "voct")
OLD_CASES: Final = {"gen1": "gent", "gen2": "gent", "loc1": "loct", "loc2": "loct", "acc2": "accs"}
FEATURES: Final[Mapping[str, Sequence[str]]] = {
    "NOUN": (*CASES, "sing", "plur", "masc", "femn", "neut"),
    "ADJF": (*CASES, "sing", "plur", "masc", "femn", "neut"),
    "ADJS": ("sing", "plur", "masc", "femn", "neut"),
    "NUMR": CASES,
    "NPRO": (*CASES, "sing", "plur"),
    "VERB": ("past", "pres", "futr", "impr", "sing", "plur", "masc", "femn", "neut", "1per", "2per", "3per"),
}
LIKE: Final = {"PRTF": "ADJF", "PRTS": "ADJS"}
NAMES: Final = {"Name": "person", "Surn": "person", "Patr": "person", "Geox": "place"}

Counts = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64], npt.NDArray[np.int64]]


class Classes(NamedTuple):
    """The class of each symbol, how many classes there are (`side`), and the class of an unknown word by its ending."""

    of: npt.NDArray[np.int64]
    side: int
    ending: npt.NDArray[np.uint16]


def reading_of(tag: str) -> str:
    """Return what of an OpenCorpora tag the neighbours of a word care about."""
    marks = [OLD_CASES.get(mark, mark) for mark in tag.replace(" ", ",").split(",")]
    part = LIKE.get(marks[0], marks[0])
    name = next((NAMES[mark] for mark in marks if mark in NAMES), "") if part == "NOUN" else ""
    return " ".join([part, name, *(mark for mark in FEATURES.get(part, ()) if mark in marks)])


def readings_of_words() -> dict[str, set[str]]:
    """Return the grammatical readings of every word of the dictionary."""
    readings: dict[str, set[str]] = defaultdict(set)
    known: dict[str, str] = {}
    for word, tag in dictionary_tags():
        if tag not in known:
            known[tag] = reading_of(tag)
        readings[word].add(known[tag])
    return readings


def classes_of(words: Sequence[str], shares: npt.NDArray[np.float64]) -> Classes:
    """Return the classes: the commonest words by themselves, the others by their readings or else their ending."""
    readings = readings_of_words()
    own = set(np.argsort(-shares, kind="stable")[:OWN_CLASSES].tolist())
    named = {
        place: word if place in own else " | ".join(sorted(readings[word]))
        for place, word in enumerate(words)
        if place in own or word in readings
    }
    mass: dict[str, float] = defaultdict(float)
    for place, name in named.items():
        mass[name] += shares[place]
    kept = sorted(name for name, share in mass.items() if share >= RAREST_CLASS)
    number = {name: place for place, name in enumerate(kept)}
    endings: dict[str, dict[int, float]] = defaultdict(lambda: defaultdict(float))
    for place, name in named.items():
        if name in number and place not in own:
            for size in range(ENDING + 1):
                endings[words[place][len(words[place]) - size :]][number[name]] += math.sqrt(shares[place])
    usual = {ending: max(seen, key=lambda kind: seen[kind]) for ending, seen in endings.items()}
    of = [
        number[named[place]] if named.get(place) in number else by_ending(word, usual)
        for place, word in enumerate(words)
    ]
    of += range(len(kept), len(kept) + SPECIALS)
    return Classes(np.array(of), len(kept) + SPECIALS, ending_table(usual))


def by_ending(word: str, usual: Mapping[str, int]) -> int:
    """Return the usual class of the longest known ending of a word; "" is an ending of all."""
    return next(
        usual[word[start:]] for start in range(max(0, len(word) - ENDING), len(word) + 1) if word[start:] in usual
    )


def ending_table(usual: Mapping[str, int]) -> npt.NDArray[np.uint16]:
    """Return the class of every ending of up to three letters: its own, else that of its own ending."""
    letters = ["", *RUSSIAN]
    table = np.full((RUSSIAN_CODES,) * ENDING, usual[""], dtype=np.uint16)
    for number, letter in enumerate(letters):
        table[:, :, number] = usual.get(letter, usual[""])
    for size in range(2, ENDING + 1):
        for ending, kind in usual.items():
            if len(ending) == size:
                own = tuple(letters.index(letter) for letter in ending)
                table[(slice(None),) * (ENDING - size) + own] = kind
    return table.ravel()


class Symbols:
    """Turns text into symbols. Remembers the tokens it has seen."""

    def __init__(self, words: Sequence[str]) -> None:
        self.index = {word: number for number, word in enumerate(words)}
        self.seen: dict[str, list[int]] = {}

    def find(self, word: str) -> int:
        """Return the number of a word, -1 if there is none."""
        return self.index.get(word, -1)

    def of_token(self, token: str) -> list[int]:
        """Return the symbols of a token, and a break where it ends a sentence."""
        found = self.seen.get(token)
        if found is None:
            found = symbols_of(token, self.find, len(self.index))
            if SENTENCE_END.search(token):
                found.append(len(self.index) + BREAK)
            self.seen[token] = found
        return found

    def of_lines(self, lines: Iterator[str]) -> npt.NDArray[np.int32]:
        """Return the symbols of all lines; a line is a paragraph."""
        stop = (len(self.index) + BREAK,)
        tokens = chain.from_iterable((*line.split(), "") for line in lines)
        return np.fromiter(
            chain(stop, chain.from_iterable(self.of_token(token) if token else stop for token in tokens)), np.int32
        )


def source_symbols(
    folders: Sequence[Path], recipe: Recipe, words: Sequence[str]
) -> list[tuple[npt.NDArray[np.int32], float]]:
    """Return the symbols of each source of running text, and the weight of one of its words."""
    symbols = Symbols(words)
    found = [
        (symbols.of_lines(chain.from_iterable(map(open_text, files))), weight)
        for files, weight in sources_in(folders, recipe)
    ]
    weights = tempered([weight for _, weight in found], [len(read) for read, _ in found])
    return [(read, weight) for (read, _), weight in zip(found, weights, strict=True)]


def sources_in(folders: Sequence[Path], recipe: Recipe) -> Iterator[tuple[list[Path], float]]:
    """Yield the files of each source of the recipe that the folders have, and of the others together, with weights.

    Raises UnreadableInput if there is no text at all.
    """
    texts = {path for folder in folders for path in folder.rglob("*") if path.suffix in TEXTS and path.is_file()}
    if not texts:
        raise UnreadableInput(
            f"There is no text in {', '.join(map(str, folders))}", "Name folders with .txt or .txt.xz files"
        )
    weights = [source["weight"] for source in recipe.sources if "files" in source]
    for source in recipe.sources:
        own = sorted(path for path in texts if any(path.match(pattern) for pattern in source.get("files", ())))
        texts.difference_update(own)
        if own:
            yield own, source["weight"]
    if texts:
        yield sorted(texts), max(weights, default=1.0)


def count_pairs(sources: Sequence[tuple[npt.NDArray[Any], float]], side: int) -> Counts:
    """Return the pairs of neighbours (first * side + second), their weighted counts, and how often they were seen."""
    keys = np.concatenate([read[:-1].astype(np.int64) * side + read[1:] for read, _ in sources])
    weights = np.concatenate([np.full(len(read) - 1, weight, np.float32) for read, weight in sources])
    order = np.argsort(keys, kind="stable")
    keys, weights = keys[order], weights[order]
    starts = np.flatnonzero(np.r_[True, keys[1:] != keys[:-1]])
    return keys[starts], np.add.reduceat(weights, starts, dtype=np.float64), np.diff(np.r_[starts, len(keys)])


def discounted(counts: Counts, side: int) -> npt.NDArray[np.float64]:
    """Return for each pair its share of what follows its first half, less the discount."""
    keys, weights, times = counts
    totals = np.bincount(keys // side, weights, minlength=side)
    return np.asarray(weights * (1 - DISCOUNT / times) / totals[keys // side])


def class_lifts(
    sources: Sequence[tuple[npt.NDArray[Any], float]], classes: Classes, chance: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Return P(class | class before) / P(class), a row for each class before."""
    side = classes.side
    counts = count_pairs([(classes.of[read], weight) for read, weight in sources], side)
    seen = np.bincount(counts[0] % side, counts[1], minlength=side)
    own = np.bincount(classes.of, chance, minlength=side)
    own = (own / own.sum() + seen / seen.sum()) / 2
    table = np.zeros((side, side))
    table.ravel()[counts[0]] = discounted(counts, side)
    return np.asarray(table / own + (1 - table.sum(axis=1, keepdims=True)))


def steps_of(lifts: npt.NDArray[np.float64], least: float) -> npt.NDArray[np.uint8]:
    """Return the logarithms of lifts as steps from the least."""
    with np.errstate(divide="ignore"):
        return np.clip(np.round((np.log(lifts) - least) / STEP), 0, 255).astype(np.uint8)


def word_pairs(
    counts: Counts, chance: npt.NDArray[np.float64], by_class: npt.NDArray[np.float64], classes: Classes
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of the word pairs that change most (Stolcke 1998), and of what is left for all others."""
    side = len(classes.of)
    keys, shares = counts[0], discounted(counts, side)
    first, second = np.divmod(keys, side)
    lifts = shares / chance[second]
    left = 1 - np.bincount(first, shares, minlength=side)
    without = CLASS_SHARE * by_class[classes.of[first], classes.of[second]] + (1 - CLASS_SHARE) * left[first]
    gain = counts[1] * np.log1p((1 - CLASS_SHARE) * lifts / without)
    kept = np.sort(np.argpartition(-gain, PAIRS)[:PAIRS]) if len(gain) > PAIRS else np.arange(len(gain))
    backing = 1 - np.bincount(first[kept], shares[kept], minlength=side)
    hashes = scrambled(keys[kept].astype(np.uint64))
    own = (hashes >> np.uint64(32)) % np.uint64(BUCKETS)
    order = np.argsort(own, kind="stable")
    return {
        "backing_step": np.clip(np.round(-np.log(np.maximum(backing, 1e-6)) / STEP), 0, 255).astype(np.uint8),
        "bucket": np.searchsorted(own[order], np.arange(BUCKETS + 1, dtype=np.uint64)).astype(np.int32),
        "fingerprint": (hashes[order] & np.uint64(0xFFFF)).astype(np.uint16),
        "pair_step": steps_of(lifts[kept][order], LEAST_PAIR),
    }


def build_language_model(folders: Sequence[Path], recipe: Recipe, lexicon: Lexicon) -> bytes:
    """Return the bytes of the model that the texts in some folders teach, weighted as a recipe says.

    Arrays: `class_of` (of each symbol), `class_step` (lift of a class after a class), `ending` (class of an unknown
    word), `backing_step` (the share of P(w) after each symbol), and `bucket`, `fingerprint`, `pair_step` of the pairs.
    """
    words = list(lexicon.all_words())
    sources = source_symbols(folders, recipe, words)
    classes = classes_of(words, np.exp(-STEP * lexicon.cost.astype(np.float64)))
    chance = chances(sources, lexicon)
    by_class = class_lifts(sources, classes, chance)
    arrays: dict[str, npt.NDArray[Any]] = {
        "class_of": classes.of.astype(np.uint16),
        "class_step": steps_of(by_class, LEAST_CLASS),
        "ending": classes.ending,
        **word_pairs(count_pairs(sources, len(classes.of)), chance, by_class, classes),
    }
    header = {
        **recipe.header("language-model"),
        "words": len(words),
        "read": sum(len(read) for read, _ in sources),
    }
    return pack(header, arrays)


def chances(sources: Sequence[tuple[npt.NDArray[np.int32], float]], lexicon: Lexicon) -> npt.NDArray[np.float64]:
    """Return P(symbol): the lexicon's for its words, what was counted for the others."""
    own = np.exp(-STEP * lexicon.cost.astype(np.float64))
    side = len(own) + SPECIALS
    seen = sum((weight * np.bincount(read, minlength=side) for read, weight in sources), np.zeros(side))
    others = np.maximum(seen[len(own) :], 1.0) / seen.sum()
    return np.asarray(np.r_[own / own.sum() * (1 - others.sum()), others])
