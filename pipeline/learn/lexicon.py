"""Makes a lexicon: words with their frequency and their usual case, from counted texts, wordfreq and OpenCorpora.

The recipe (`lexicons/rus.toml`) names the sources and their weights. wordfreq and pymorphy3 are needed only here
(`pip install pravka[learn]`).
"""

import hashlib
import math
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.arrays import STEP, pack
from pipeline.errors import BadData, UnreadableInput
from pipeline.learn.counts import WordCounts, count_files
from pipeline.learn.trie import build_trie
from pipeline.repair.letters import CODE, RUSSIAN, RUSSIAN_CODES

LONGEST: Final = 32
NAME_TAGS: Final = ("Name", "Surn", "Patr", "Geox", "Orgn", "Trad")
LETTERS: Final = frozenset(RUSSIAN)
# Case is believed as if two more words had been seen in lower case.
CASE_PRIOR: Final = 2.0
NGRAM: Final = 4
EDGES: Final = 16
LONGEST_NUMBER: Final = 8


@dataclass(frozen=True)
class Recipe:
    """A parsed recipe file: sources in order, the settings of morphology, and the text itself for the header."""

    sources: tuple[Mapping[str, Any], ...]
    morphology: Mapping[str, float]
    facts: Mapping[str, str]
    sha256: str

    def header(self, kind: str) -> dict[str, Any]:
        """Return what the header of a file states that `pravka learn KIND` makes by this recipe."""
        return {
            **self.facts,
            "kind": kind,
            "sources": [{key: source[key] for key in ("name", "weight", "licence")} for source in self.sources],
            "made_by": f"pravka learn {kind}",
            "recipe_sha256": self.sha256,
        }


def read_recipe(path: Path) -> Recipe:
    """Read a recipe. Raises BadData if it is no such file."""
    try:
        text = path.read_bytes()
        parsed = tomllib.loads(text.decode())
        facts = {key: parsed[key] for key in ("language", "version", "licence")}
        return Recipe(tuple(parsed["source"]), parsed["morphology"], facts, hashlib.sha256(text).hexdigest())
    except (OSError, ValueError, KeyError) as error:
        raise BadData(f"{path} is not a recipe for a lexicon", "Compare it with lexicons/rus.toml") from error


def is_word(word: str) -> bool:
    """Return whether a lower-case word can stand in the lexicon."""
    return len(word) <= LONGEST and LETTERS.issuperset(word)


def source_files(folder: Path, source: Mapping[str, Any]) -> list[Path]:
    """Return the files of a source. Raises UnreadableInput if there is none."""
    files = sorted(path for pattern in source["files"] for path in folder.glob(pattern))
    if not files:
        raise UnreadableInput(
            f"{folder} has no file that matches {source['files']}",
            "Name the folder of the texts, or take the source out of the recipe",
        )
    return files


def word_shares(counts: WordCounts) -> dict[str, float]:
    """Return the share of each lower-case word among the words of one source."""
    lower: Counter[str] = Counter()
    for cased in (counts.inside, counts.initial):
        for word, count in cased.items():
            if is_word(word.lower()):
                lower[word.lower()] += count
    total = lower.total()
    return {word: count / total for word, count in lower.items()}


def package_shares(package: str) -> dict[str, float]:
    """Return the shares of the words in the large Russian list of wordfreq."""
    if package != "wordfreq":
        raise BadData(f"The recipe names the package {package}", "Only wordfreq is known")
    import wordfreq

    return {word: share for word, share in wordfreq.get_frequency_dict("ru", "large").items() if is_word(word)}


def dictionary_forms() -> Iterator[tuple[str, tuple[int, str], str]]:
    """Yield (form, lemma key, tag) for every form in OpenCorpora's dictionary."""
    import pymorphy3

    dictionary = pymorphy3.MorphAnalyzer().dictionary
    paradigms: dict[int, list[Any]] = {}
    for form, (paradigm, place) in dictionary.words.items():
        if paradigm not in paradigms:
            paradigms[paradigm] = dictionary.build_paradigm_info(paradigm)
        prefix, tag, suffix = paradigms[paradigm][place]
        if is_word(form):
            yield form, (paradigm, form[len(prefix) : len(form) - len(suffix)]), str(tag)


def dictionary_tags() -> Iterator[tuple[str, str]]:
    """Yield (form, tag) for every form in OpenCorpora's dictionary."""
    return ((form, tag) for form, _, tag in dictionary_forms())


def fill_morphology(shares: dict[str, float], settings: Mapping[str, float]) -> tuple[set[str], set[str]]:
    """Add to `shares` the forms that no text showed; return the known words and those that are usually names.

    The share of an unseen form is the share of its lemma, times the mean share of its tag within lemmas of that
    paradigm's part of speech, times `unseen_share`.
    """
    lemmas: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    known, names = set(), set()
    for form, lemma, tag in dictionary_forms():
        lemmas[lemma].append((form, tag))
        known.add(form)
        if any(name in tag for name in NAME_TAGS):
            names.add(form)
    tag_mass: dict[str, float] = defaultdict(float)
    class_mass: dict[str, float] = defaultdict(float)
    lemma_share = {}
    for lemma, forms in lemmas.items():
        distinct = {form for form, _ in forms}
        lemma_share[lemma] = sum(shares.get(form, 0.0) for form in distinct)
        if lemma_share[lemma] >= settings["lemma_floor"]:
            repeats = Counter(form for form, _ in forms)
            for form, tag in forms:
                tag_mass[tag] += shares.get(form, 0.0) / repeats[form]
                class_mass[tag[:4]] += shares.get(form, 0.0) / repeats[form]
    unseen: dict[str, float] = defaultdict(float)
    for lemma, forms in lemmas.items():
        if lemma_share[lemma] >= settings["lemma_floor"]:
            for form, tag in forms:
                if form not in shares:
                    unseen[form] += lemma_share[lemma] * tag_mass[tag] / class_mass[tag[:4]] * settings["unseen_share"]
    shares.update((form, share) for form, share in unseen.items() if share > math.exp(-0.95 * 255 * STEP))
    return known, names


def tempered(weights: Sequence[float], sizes: Sequence[int]) -> list[float]:
    """Return what a word of each source weighs where words are counted together: 1 in the source that weighs least.

    It is the root of the weight per word, so that a small register is heard and a large one still teaches.
    """
    roots = [math.sqrt(weight / size) for weight, size in zip(weights, sizes, strict=True)]
    return [root / min(roots) for root in roots]


def case_shares(
    words: Sequence[str], counts: Sequence[WordCounts], weights: Sequence[float], known: set[str], names: set[str]
) -> npt.NDArray[np.float64]:
    """Return for each word the shares of title case and of capitals inside a sentence, a row a word.

    Before anything was counted, words that no dictionary knows are more likely names than not.
    """
    place = {word: row for row, word in enumerate(words)}
    seen = np.zeros((len(words), 3))
    for source, weight in zip(counts, tempered(weights, [source.tokens for source in counts]), strict=True):
        for word, count in source.inside.items():
            row = place.get(word.lower())
            if row is not None:
                seen[row, 0 if word.islower() else 2 if word.isupper() and len(word) > 1 else 1] += weight * count
    seen[:, 0] += [0.2 if word in names else CASE_PRIOR if word in known else 0.8 for word in words]
    seen[:, 1] += [CASE_PRIOR if word in names else 0.02 if word in known else 1.2 for word in words]
    seen[:, 2] += 0.002
    return np.asarray(seen[:, 1:] / seen.sum(axis=1, keepdims=True))


def quantise(shares: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Return -log of shares in steps of a tenth of a nat."""
    with np.errstate(divide="ignore"):
        return np.clip(np.round(-np.log(shares) / STEP), 0, 255).astype(np.uint8)


def letter_ngrams(shares: Mapping[str, float]) -> npt.NDArray[np.uint8]:
    """Return the costs of a letter after three others, in words as a text makes new ones.

    Each form counts once, a frequent one a little more. Interpolated with the shorter contexts (Witten and Bell 1991);
    code 0 is the edge of a word.
    """
    side = RUSSIAN_CODES
    counts = np.zeros((side,) * NGRAM)
    for word, share in shares.items():
        codes = [0, 0, 0, *(CODE[letter] for letter in word), 0]
        weight = 1.0 + math.log1p(share * 1e8)
        for start in range(len(codes) - NGRAM + 1):
            counts[tuple(codes[start : start + NGRAM])] += weight
    return quantise(interpolate(counts))


def interpolate(counts: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return P(last | the others) by Witten-Bell interpolation with the lower orders."""
    if counts.ndim == 0:
        return np.ones(())
    totals = counts.sum(axis=-1, keepdims=True)
    kinds = (counts > 0).sum(axis=-1, keepdims=True)
    lower = interpolate(counts.sum(axis=0)) if counts.ndim > 1 else np.full(counts.shape, 1.0 / counts.shape[0])
    trust = np.divide(totals, totals + kinds, out=np.zeros_like(totals), where=totals > 0)
    share = np.divide(counts, totals, out=np.zeros_like(counts), where=totals > 0)
    return np.asarray(trust * share + (1 - trust) * lower)


def edge_costs(counts: Sequence[WordCounts], weights: Sequence[float]) -> dict[str, dict[str, float]]:
    """Return the costs in nats, per token, of a mark before and after a word, and of a number of so many digits."""
    total = sum(weights)
    costs = {}
    for kind in ("leading", "trailing", "numbers"):
        shares: dict[str, float] = defaultdict(float)
        for source, weight in zip(counts, weights, strict=True):
            for mark, count in getattr(source, kind).items():
                if not str(mark).isdigit() or (kind == "numbers" and mark <= LONGEST_NUMBER):
                    shares[str(mark)] += weight / total * count / source.tokens
        common = sorted(shares.items(), key=lambda item: -item[1])[:EDGES]
        costs[kind] = {mark: round(-math.log(share), 2) for mark, share in common}
    return costs


def build_lexicon(folder: Path, recipe: Recipe) -> bytes:
    """Return the bytes of the lexicon that `recipe` makes from the texts in `folder`."""
    counts, shares = [], defaultdict[str, float](float)
    for source in recipe.sources:
        if "package" in source:
            part = package_shares(source["package"])
        else:
            counts.append(count_files(source_files(folder, source)))
            part = word_shares(counts[-1])
        for word, share in part.items():
            shares[word] += source["weight"] * share
    return pack_lexicon(dict(shares), counts, recipe)


def pack_lexicon(shares: dict[str, float], counts: Sequence[WordCounts], recipe: Recipe) -> bytes:
    """Return the bytes of the lexicon with these weighted shares of words."""
    known, names = fill_morphology(shares, recipe.morphology)
    floor = recipe.morphology["unknown_floor"]
    kept = {word: share for word, share in shares.items() if word in known or share >= floor}
    total = sum(kept.values())
    words = sorted(kept)
    costs = quantise(np.array([kept[word] / total for word in words]))
    arrays = build_trie(words, costs)
    order = arrays.pop("order")
    weights = [source["weight"] for source in recipe.sources if "files" in source]
    case = quantise(case_shares(words, counts, weights, known, names))[order]
    arrays |= {"cost": costs[order], "title": case[:, 0], "capitals": case[:, 1], "ngrams": letter_ngrams(kept)}
    header = {
        **recipe.header("lexicon"),
        "forms": "OpenCorpora dictionary through pymorphy3-dicts-ru (CC BY-SA 3.0)",
        "words": len(words),
        "edges": edge_costs(counts, weights),
    }
    return pack(header, arrays)
