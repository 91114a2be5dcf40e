"""Stretches of a line to read again, and what their words say as parts of citations."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple

import regex

from pipeline.model import Box, ReadLine, ReadWord
from pipeline.repair.cells import LIKE_NUMBER, SURE_NUMBER
from pipeline.repair.marks import LEVEL_ENDS
from pipeline.repair.sentence import CYRILLIC_ONLY
from pipeline.repair.units import Unit
from pipeline.repair.verdicts import Verdict

# Names in citations are words as any.
NAMES: Final = frozenset(("person", "person-last", "author"))
# Parts of citations that say what was read, each as sure as this, are not read again: of 421 such stretches of six
# seeds another reading changed none (of 596 as sure as 0.85, one).
CLEAR: Final = 0.9
# So many words that nobody doubts are read along, rather than starting anew behind them.
BRIDGE: Final = 2
LATIN: Final = regex.compile(r"\p{Latin}")
Language = Literal["rus", "eng", "ukr", "Cyrillic"]


class Said(NamedTuple):
    """What a word says as a part of a citation, its role there, and what was read.

    `usual` is the mark that most such parts of the page end with. All are empty where it is in no citation.
    `in_russian` says that it stands among Russian words, `rare` that nothing but its rarity speaks against a Cyrillic
    word; `half` is the first half of the word that it goes on with.
    """

    role: str = ""
    text: str = ""
    usual: str = ""
    read: str = ""
    in_russian: bool = False
    rare: bool = False
    half: str = ""


class Stretch(NamedTuple):
    """Words of a line that are doubted, by their numbers, and the language they seem to be in."""

    line: int
    words: Mapping[int, Said]
    language: Language

    def place(self, line: ReadLine) -> Box:
        """Return where the stretch and a word on either side lie on the clean page: at an edge letters are misread.

        Raises ValueError if its words have no places.
        """
        around = line.words[max(0, min(self.words) - 1) : max(self.words) + 2]
        return Box.around(word.place for word in around if word.place)


class Again(NamedTuple):
    """A stretch and its words as they were read again."""

    stretch: Stretch
    words: tuple[ReadWord, ...]


def is_clear(stretch: Stretch, line: ReadLine) -> bool:
    """Return whether a stretch is of a citation only, and both the grammar and the reader were sure of all of it."""
    return all(
        is_usual(said) and (line.words[number].confidence or 0.0) >= CLEAR for number, said in stretch.words.items()
    )


def is_usual(said: Said) -> bool:
    """Return whether a part of a citation is what was read, none of its letters Latin, with the mark of such parts."""
    as_read = said.role and said.text == said.read and not LATIN.search(said.text)
    is_marked = said.role not in LEVEL_ENDS or said.text[-1] == said.usual
    return bool(as_read) and is_marked and not is_spelled_number(said)


def is_spelled_number(said: Said) -> bool:
    """Return whether a number of a citation was read with letters for digits: `Зба` for `36а`."""
    return bool(LIKE_NUMBER.match(said.read)) and not SURE_NUMBER.match(said.read) and said.role.endswith("-number")


def usual_marks(roles: Mapping[int, str], verdicts: Sequence[Verdict]) -> dict[str, str]:
    """Return the character that most parts of each role end with."""
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    for place, role in roles.items():
        ends[role][verdicts[place].best.text[-1:]] += 1
    return {role: counts.most_common(1)[0][0] for role, counts in ends.items()}


def sayings(unit: Unit, verdict: Verdict, role: str, usual: Mapping[str, str]) -> list[Said]:
    """Return what the pieces of a unit say as parts of a citation."""
    if not role:
        half = unit.text[: unit.cut]
        return [Said(), Said(half=half if CYRILLIC_ONLY.match(half) else "")][: len(unit.pieces)]
    if not unit.cut:
        return [Said(role, verdict.best.text, usual[role], unit.text)]
    return [Said(role, text, usual[role], text) for text in (unit.text[: unit.cut], unit.text[unit.cut :])]


def cut(language: Language, line: int, words: Iterable[tuple[Language, int, int, Said]]) -> Iterator[Stretch]:
    """Yield the stretches that the doubted words of a line make, near ones together."""
    near: dict[int, Said] = {}
    for *_, number, said in words:
        if near and number - max(near) > BRIDGE + 1:
            yield Stretch(line, near, language)
            near = {}
        near[number] = said
    yield Stretch(line, near, language)
