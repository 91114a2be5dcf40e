"""What was left alone though it looks like broken Russian: the work that a repair leaves to its reader."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import regex

from pipeline.model import Page, Token

SHOWN: Final = 5
MIXED: Final = regex.compile(r"\p{Cyrillic}\p{Latin}|\p{Latin}\p{Cyrillic}")
# A digit between letters, or one at the beginning of a word (pa6oTa, 3TO; not 1960s, B12, 20th).
DIGIT_INSIDE: Final = regex.compile(r"\p{L}\p{Nd}+\p{L}|(?<![\p{L}\p{Nd}])\p{Nd}\p{L}{2}")


@dataclass(frozen=True)
class Residue:
    """A token that was left alone `count` times, and what it may have been: (text, highest posterior seen)."""

    token: str
    count: int
    candidates: tuple[tuple[str, float], ...]


class Gathered:
    """Counts what is left alone, page after page."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.candidates: dict[str, dict[str, float]] = defaultdict(dict)

    def add(self, pages: Iterable[Page]) -> None:
        """Count the tokens of pages."""
        for token in (token for page in pages for token in left_alone(page)):
            self.counts[token.text] += 1
            best = self.candidates[token.text]
            for text, share in token.candidates:
                if text != token.text:
                    best[text] = max(share, best.get(text, 0.0))

    def ranked(self) -> tuple[Residue, ...]:
        """Return what was counted, the most frequent first, then by text."""
        ranked = sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))
        return tuple(Residue(token, count, likeliest(self.candidates[token])) for token, count in ranked)


def residue(pages: Iterable[Page]) -> tuple[Residue, ...]:
    """Return the tokens that were left alone though they look broken, the most frequent first, then by text."""
    gathered = Gathered()
    gathered.add(pages)
    return gathered.ranked()


def likeliest(candidates: dict[str, float]) -> tuple[tuple[str, float], ...]:
    """Return the few likeliest candidates, the likeliest first, then by text."""
    return tuple(sorted(candidates.items(), key=lambda item: (-item[1], item[0]))[:SHOWN])


def left_alone(page: Page) -> Iterator[Token]:
    """Yield the tokens of a page that stayed as they were and look like broken Russian.

    - a word that mixes Cyrillic with Latin letters;
    - a run of tokens about which the decoder was in doubt, if it stands beside Russian or one of it looks broken;
    - a word with a digit among its letters that has Russian on both sides.

    What stands beside a token is the nearest token that has letters or is in doubt. So a word of letters in English
    text is never among them: it is not mixed, and neither Russian nor a broken word is near.
    """
    words = [token for line in page.lines for token in line.tokens if token.language != "und" or token.status != "kept"]
    for doubtful, run in groupby(range(len(words)), key=lambda place: words[place].status == "doubtful-kept"):
        places = list(run)
        yield from doubted(words, places) if doubtful else odd(words, places)


def doubted(words: Sequence[Token], places: Sequence[int]) -> list[Token]:
    """Return a run of doubtful tokens, at `places` of `words`, if Russian is beside it or one of it looks broken."""
    tokens = [words[place] for place in places]
    beside = is_russian(words, places[0] - 1) or is_russian(words, places[-1] + 1)
    return tokens if beside or any(looks_broken(token) for token in tokens) else []


def odd(words: Sequence[Token], places: Sequence[int]) -> Iterator[Token]:
    """Yield the kept tokens, of those at `places` of `words`, that mix letters or have a digit among Russian words."""
    for place in places:
        between = is_russian(words, place - 1) and is_russian(words, place + 1)
        token = words[place]
        if token.status == "kept" and (MIXED.search(token.text) or (between and looks_broken(token))):
            yield token


def looks_broken(token: Token) -> bool:
    """Return whether a token mixes Cyrillic with Latin letters, or has a digit where only letters are expected."""
    return bool(MIXED.search(token.text) or DIGIT_INSIDE.search(token.text))


def is_russian(words: Sequence[Token], place: int) -> bool:
    """Return whether there is a token with Cyrillic letters at a place."""
    return 0 <= place < len(words) and words[place].language == "ru"
