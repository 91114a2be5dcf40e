"""Finds the Latin print behind a reading with Cyrillic letters.

An OCR model of two languages decides word by word which of its halves saw better; now and then the Russian half wins
over an English word or a Roman numeral, and writes what its letters look like: on as оп, sup- as зир-, XVIII as ХУШ.
The map says how that half reads printed Latin letters; words cost what clean Latin text costs (`repair.latin`),
numerals have a grammar of their own. Costs are in nats.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import product
from typing import Final, NamedTuple

import regex

from pipeline.arrays import STEP
from pipeline.repair.channel import LONGEST_READ, PAIR_SHARE, GlyphMap
from pipeline.repair.latin import SIDE, Keeper, letter_codes
from pipeline.repair.letters import CYRILLIC_LETTER

# Strokes of a Roman numeral that are read as one letter (III as Ш) are one letter of the map.
STROKES: Final = {"III": "Ⅲ", "II": "Ⅱ"}
SPELLED_OUT: Final = str.maketrans({one: strokes for strokes, one in STROKES.items()})
NUMERAL: Final = regex.compile(r"(?=[IVX])X{0,3}(IX|IV|V?I{0,3})([-–—](?=[IVX])X{0,3}(IX|IV|V?I{0,3}))?")
EDGES: Final = regex.compile(r"^([(«„“\"']*)(.*?)([.,;:?)»”\"']*)$")
LETTERS: Final = regex.compile(r"[\p{Latin}ⅡⅢ]+")
WORDS: Final = regex.compile(r"\p{L}+")
ONE_LETTER_WORDS: Final = frozenset("авикосуяАВИКОСУЯ")
# So many beginnings of words are followed, and so many words are given.
BEAM: Final = 16
GIVEN: Final = 4
LONGEST: Final = 24
# A confusion dearer than this explains nothing.
DEAREST: Final = 6.0
# The cheapest word, and that it was taken.
CHEAPEST: Final = 5.5
NO_BOUND: Final = 1000
# What a small letter alone costs, but a: lists of words have them from "I'm" and "don't" (measured in running English).
LONE: Final = 10.5
LONE_LETTER: Final = regex.compile(r"\P{L}*[b-z]\P{L}*")
# What a numeral costs, and each of its letters; half of those in Russian text are taken for Cyrillic (675 of 1,316,
# rendered in 38 fonts).
NUMERAL_COST: Final = 6.0
NUMERAL_RATE: Final = 0.5
NUMERAL_TAKEN: Final = 0.7
# Numerals are short, so what seldom looks like their letters (M as V) would turn abbreviations into them.
DEAREST_STROKE: Final = 3.4


class Printed(NamedTuple):
    """Latin print: its text, its cost with that of having been read so, and where in the reading each letter begins."""

    text: str
    cost: float
    places: tuple[int, ...]
    reading: str


class Behind(NamedTuple):
    """The Latin print that may stand behind a unit: `words` in Latin text, `numerals` in Russian text.

    `quoted` and `spoken` are what the unit costs there if it says what it says.
    """

    words: tuple[Printed, ...]
    numerals: tuple[Printed, ...]
    quoted: float
    spoken: float


NOTHING: Final = Behind((), (), 0.0, 0.0)


class Option(NamedTuple):
    """Letters that may have been printed, their codes (0: no letter), and what it costs that they were read so."""

    text: str
    codes: tuple[int, ...]
    cost: float


class Path(NamedTuple):
    """A beginning of what was printed: the cost of its channel, that of its letters, and the last three of these.

    `lost` says that its last letter was not read at all.
    """

    channel: float
    spelled: float
    text: str
    places: tuple[int, ...]
    codes: tuple[int, int, int]
    lost: bool

    @property
    def total(self) -> float:
        """Both costs."""
        return self.channel + self.spelled


START: Final = Path(0.0, 0.0, "", (), (0, 0, 0), False)


def option(printed: str, cost: float) -> Option:
    """Return an option of the map."""
    text = printed.translate(SPELLED_OUT)
    return Option(text, tuple(letter_codes(one.lower())[0] if one.isalpha() else 0 for one in text), cost)


class LatinPrint:
    """Reads the print behind readings, with the map of Latin letters that one OCR model took for Cyrillic ones."""

    def __init__(self, glyph_map: GlyphMap, keeper: Keeper) -> None:
        self.keeper = keeper
        self.ngrams = keeper.latin.ngrams.tobytes()
        self.taken = tuple(-math.log(float(share)) for share in glyph_map.facts["taken"].split())
        self.options: dict[str, list[Option]] = defaultdict(list)
        for row in glyph_map.confusions:
            cost = -math.log((PAIR_SHARE if len(row.printed) == 2 else 1 - PAIR_SHARE) * row.probability)
            if cost < DEAREST and LETTERS.fullmatch(row.printed):
                self.options[row.read].append(option(row.printed, cost))
        self.numeral_options = {
            read: [one for one in options if set(one.text) <= set("IVX") and one.cost < DEAREST_STROKE]
            for read, options in self.options.items()
        }
        self.numeral_letters = frozenset("IVX-–—").union(*(read for read, own in self.numeral_options.items() if own))
        self.words = lru_cache(maxsize=1 << 14)(self.find_words)
        self.numerals = lru_cache(maxsize=1 << 14)(self.find_numerals)

    def find_words(self, reading: str, bound: int = NO_BOUND) -> tuple[Printed, ...]:
        """Return the likeliest Latin texts behind a reading, the likeliest first; none for one without Cyrillic.

        What costs more than `bound` need not be found.
        """
        lead, core, trail = EDGES.match(reading).groups()
        if len(core) > LONGEST or not CYRILLIC_LETTER.search(core):
            return ()
        paths = self.paths(core, self.options, bound - CHEAPEST)
        found = ((path, self.word_cost(path.text)) for path in paths)
        return best(reading, lead, trail, found)

    def word_cost(self, text: str) -> float:
        """Return what a word costs, and that the Russian half took it."""
        longest = max(map(len, WORDS.findall(text)), default=1)
        own = self.keeper.token_cost(text)
        return self.taken[min(longest, len(self.taken)) - 1] + (max(own, LONE) if LONE_LETTER.fullmatch(text) else own)

    def find_numerals(self, reading: str) -> tuple[Printed, ...]:
        """Return the likeliest Roman numerals (below 40, or two with a dash) behind a reading with Cyrillic letters.

        One letter and a full stop are initials, and some letters are words.
        """
        lead, core, trail = EDGES.match(reading).groups()
        if not self.numeral_letters.issuperset(core) or len(core) > LONGEST or core in ONE_LETTER_WORDS:
            return ()
        if not CYRILLIC_LETTER.search(core) or (len(core) == 1 and trail.startswith(".")):
            return ()
        paths = (path for path in self.paths(core, self.numeral_options) if NUMERAL.fullmatch(path.text))
        found = ((path, NUMERAL_TAKEN + NUMERAL_COST + NUMERAL_RATE * len(path.text)) for path in paths)
        return best(reading, lead, trail, found)

    def paths(self, reading: str, options: dict[str, list[Option]], bound: float = NO_BOUND) -> list[Path]:
        """Return the likeliest ways to cut a reading into printed letters; the channel of none costs over `bound`."""
        reached: list[dict[str, Path]] = [{} for _ in range(len(reading) + 1)]
        reached[0][""] = START
        lost = options.get("", [])
        for place in range(len(reading) + 1):
            paths = sorted(reached[place].values(), key=lambda path: path.total)[:BEAM]
            most = paths[-1].total if len(paths) == BEAM else math.inf
            open_paths = [(path, most - path.total) for path in paths if not path.lost]
            paths += [
                longer(path, one, place, self.ngrams, True)
                for path, room in open_paths
                for one in lost
                if one.cost < room
            ]
            paths = sorted(paths, key=lambda path: path.total)[:BEAM]
            for size in range(1, min(LONGEST_READ, len(reading) - place) + 1):
                there = reached[place + size]
                letters = letters_behind(reading[place : place + size], options)
                for path, one in product(paths, letters):
                    known = there.get(path.text + one.text)
                    if path.channel + one.cost < (bound if known is None else known.channel):
                        there[path.text + one.text] = longer(path, one, place, self.ngrams, False)
        return paths


def letters_behind(read: str, options: Mapping[str, Sequence[Option]]) -> Sequence[Option]:
    """Return the letters that may have been read so; what is not Cyrillic may be what it says."""
    own = options.get(read, ())
    return [*own, option(read, 0.0)] if len(read) == 1 and not CYRILLIC_LETTER.match(read) else own


def longer(path: Path, letters: Option, place: int, ngrams: bytes, lost: bool) -> Path:
    """Return a path with more letters, from a place of the reading on, or that were not read at all."""
    a, b, c = path.codes
    spelled = path.spelled
    for code in letters.codes:
        spelled += STEP * ngrams[((a * SIDE + b) * SIDE + c) * SIDE + code]
        a, b, c = (b, c, code) if code else (0, 0, 0)
    places = path.places + (place,) * len(letters.text)
    return Path(path.channel + letters.cost, spelled, path.text + letters.text, places, (a, b, c), lost)


def best(reading: str, lead: str, trail: str, found: Iterable[tuple[Path, float]]) -> tuple[Printed, ...]:
    """Return the cheapest of the paths through a reading without its marks, with what their texts cost, each once."""
    cheapest: dict[str, Printed] = {}
    for path, price in found:
        text, cost = lead + path.text + trail, path.channel + price
        if text not in cheapest or cost < cheapest[text].cost:
            inner = (len(lead) + place for place in path.places)
            places = (*range(len(lead)), *inner, *range(len(reading) - len(trail), len(reading)))
            cheapest[text] = Printed(text, cost, places, reading)
    return tuple(sorted(cheapest.values(), key=lambda printed: printed.cost)[:GIVEN])
