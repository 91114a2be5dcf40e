"""Makes the graph of rare forms: whatever OpenCorpora's dictionary has and the lexicon has not.

Millions of forms that hardly ever occur need no cost of their own, only to be known: a trie whose equal branches are
one (a minimal acyclic automaton, Daciuk et al. 2000) holds them in a few megabytes. pymorphy3 is needed only here.
"""

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from pipeline.arrays import pack
from pipeline.learn.lexicon import NAME_TAGS, dictionary_forms
from pipeline.learn.trie import Arrays, build_trie
from pipeline.repair.lexicon import NAME, WORD, Lexicon

SHORTEST: Final = 4
# Misspelt and distorted words.
WRONG_TAGS: Final = ("Erro", "Dist")

Branch = tuple[tuple[int, int, int], ...]


def rare_forms(lexicon: Lexicon) -> dict[str, int]:
    """Return the forms that the lexicon has not, each with whether it is a WORD or a NAME."""
    kinds: dict[str, int] = {}
    for form, _, tag in dictionary_forms():
        if len(form) >= SHORTEST and not any(wrong in tag for wrong in WRONG_TAGS):
            kind = NAME if any(name in tag for name in NAME_TAGS) else WORD
            kinds[form] = min(kind, kinds.get(form, kind))
    common = set(lexicon.all_words())
    return {form: kind for form, kind in kinds.items() if form not in common}


def build_graph(kinds: Mapping[str, int]) -> Arrays:
    """Return the graph of words: an edge a row, the first one leads to the root.

    `letter` of each edge; `ends`, what ends with it (0, WORD or NAME); `first` and `count`, the edges that go on.
    """
    words = sorted(kinds)
    trie = build_trie(words, np.zeros(len(words), np.uint8))
    ends = trie["ends"]
    ends[ends > 0] = [kinds[words[place]] for place in trie["order"]]
    branches = list(distinct_branches(trie, ends))
    starts = np.cumsum([1, *map(len, branches)])
    edges = [(0, 0, len(branches) - 1), *(edge for branch in branches for edge in branch)]
    letter, end, target = np.array(edges).T
    return {
        "letter": letter.astype(np.uint8),
        "ends": end.astype(np.uint8),
        "first": starts[target].astype(np.int32),
        "count": np.array([len(branch) for branch in branches])[target].astype(np.uint8),
    }


def distinct_branches(trie: Arrays, ends: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> Iterator[Branch]:
    """Yield each different branch of a trie once, that of the root last.

    A branch is (letter, what ends with it, number of the branch that goes on) for each of its edges.
    """
    letter, first, kind = trie["letter"].tolist(), trie["first"].tolist(), ends.tolist()
    number: dict[Branch, int] = {}
    branch_of = [0] * len(letter)
    for node in range(len(letter) - 1, -1, -1):
        branch = tuple((letter[at], kind[at], branch_of[at]) for at in range(first[node], first[node + 1]))
        if branch not in number:
            number[branch] = len(number)
            yield branch
        branch_of[node] = number[branch]


def build_forms(lexicon: Lexicon) -> bytes:
    """Return the bytes of the graph of the forms that a lexicon has not."""
    kinds = rare_forms(lexicon)
    header = {
        "language": "rus",
        "version": "1",
        "licence": "CC BY-SA 3.0",
        "kind": "forms",
        "source": "OpenCorpora dictionary through pymorphy3-dicts-ru",
        "made_by": "pravka learn forms",
        "words": len(kinds),
    }
    return pack(header, build_graph(kinds))
