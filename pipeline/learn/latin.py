"""Makes the model of clean text in Latin letters from the word lists of wordfreq (`pip install pravka[learn]`)."""

import math
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import regex

from pipeline.arrays import pack
from pipeline.errors import BadData
from pipeline.learn.lexicon import interpolate, quantise
from pipeline.repair.latin import NGRAM, SIDE, letter_codes, word_hash

WORD: Final = regex.compile(r"[\p{Latin}'’]*\p{Latin}[\p{Latin}'’]*")


RUSSIAN_WORD: Final = regex.compile("[а-яё]{3,}")
# ALA-LC without ties and diacritics, and the usual way of newspapers (BGN/PCGN simplified).
PLAIN: Final = dict(zip("абвгдезиклмнопрстуфыэ", "abvgdeziklmnoprstufye", strict=True)) | {
    "ж": "zh",
    "х": "kh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
}
LIBRARY: Final = str.maketrans(PLAIN | {"й": "i", "ю": "iu", "я": "ia", "ё": "e"})
PRESS: Final = str.maketrans(PLAIN | {"й": "y", "ю": "yu", "я": "ya", "ё": "yo"})


def word_shares(path: Path) -> tuple[dict[str, float], dict[str, str]]:
    """Return the weighted shares of the words that a recipe names, and its facts. Raises BadData."""
    import wordfreq

    try:
        recipe = tomllib.loads(path.read_text(encoding="utf-8"))
        shares: dict[str, float] = defaultdict(float)
        for source in recipe["source"]:
            listed = wordfreq.get_frequency_dict(source["language"], "best")
            for word, share in islice(latin_forms(listed, source.get("romanised", False)), source["words"]):
                shares[word] += source["weight"] * share
        return dict(shares), {key: recipe[key] for key in ("version", "licence")}
    except (OSError, ValueError, KeyError) as error:
        raise BadData(f"{path} is not a recipe for the Latin model", "Compare it with lexicons/latin.toml") from error


def latin_forms(listed: Mapping[str, float], romanised: bool) -> Iterator[tuple[str, float]]:
    """Yield the words of a list in Latin letters, with their shares; Russian ones are romanised in both usual ways."""
    for word, share in listed.items():
        if not romanised and WORD.fullmatch(word):
            yield word, share
        elif romanised and RUSSIAN_WORD.fullmatch(word):
            yield from ((word.translate(table), share / 2) for table in (LIBRARY, PRESS))


def build_latin(path: Path) -> bytes:
    """Return the bytes of the model that the recipe at `path` makes."""
    shares, facts = word_shares(path)
    hashes = np.array([word_hash(word) for word in shares], dtype=np.uint64)
    order = np.argsort(hashes)
    total = sum(shares.values())
    counts = np.zeros((SIDE,) * NGRAM)
    for word, share in shares.items():
        codes = [0, 0, 0, *letter_codes(word), 0]
        for start in range(len(codes) - NGRAM + 1):
            counts[tuple(codes[start : start + NGRAM])] += 1.0 + math.log1p(share * 1e8)
    arrays: dict[str, npt.NDArray[Any]] = {
        "hashes": hashes[order],
        "cost": quantise(np.array(list(shares.values())) / total)[order],
        "ngrams": quantise(interpolate(counts)),
    }
    header = {
        **facts,
        "kind": "latin",
        "source": "wordfreq 3.1 word lists",
        "made_by": "pravka learn latin",
        "words": len(shares),
    }
    return pack(header, arrays)
