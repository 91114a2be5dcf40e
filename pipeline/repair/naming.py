"""Reads the names of archives: listed ones as a whole, others letter by letter, by the evidence of their letters."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import regex

from pipeline.arrays import STEP
from pipeline.repair.archives import Archive, Archives, unspaced
from pipeline.repair.channel import FAR, Options, symbol
from pipeline.repair.grammar import GRAMMAR
from pipeline.repair.letters import CODE, CYRILLIC_LETTER, HOMOGLYPHS, RUSSIAN, RUSSIAN_CODES
from pipeline.repair.match import STRAY, forms_of, match_costs

# A listed archive, besides its own cost; one that is not listed, in Cyrillic.
LISTED: Final = 4.0
UNLISTED: Final = 8.0
# A name that was read in Latin letters is a listed one, rather than the same letters in Cyrillic, that costs this more.
REREAD: Final = 0.5
# A token that is the second half of a name that was read with a space in it.
PARTED: Final = 2.0
# A word of a listed name, or some capitals, behind a name that is not listed.
PLACE: Final = 3.0
OTHER_PLACE: Final = 4.0
# What is an archive itself (`UK. ГАРФ.` is no ЦК ГАРФ), or longer than places are, is so much less likely.
NO_PLACE: Final = 12.0
LONGEST_PLACE: Final = 4
BEHIND: Final = GRAMMAR["archive"]["place"]
# One word of a listed name alone.
ONE_WORD: Final = 3.0
# What was read in Cyrillic is as it was read, unless a listed name is so much likelier: of 1,700 that were read right
# none was, of 40 misread ones every fourth.
SURER: Final = 2.5
# Nor is it one of a letter more or fewer: of those that may be, too many were printed.
MISREAD: Final = LISTED + STRAY
# Of 31 listed names that cost more than this a letter, behind what a reader of Cyrillic read, none was printed.
DEAREST_LETTER: Final = 3.5
# A name that the Latin half of a model read as the English model alone would, though it was not seen to.
AS_ENGLISH: Final = 1.0
# A bracket that would be part of a letter.
EATEN_BRACKET: Final = 3.0
# How much what follows fewer letters counts, for each letter that follows the same ones (Witten & Bell 1991): the names
# that nobody listed come back best, whether they are left out of the list or never were in it.
MIXED: Final = 8.0
# One that nobody listed gains this: its full stop is priced like that of a word.
SPELLED: Final = -2.5
# A document cites the same archives again and again: how many citations its own list needs to be heard.
HEARD: Final = 5.0
UNHEARD: Final = 12.0
# The mark behind a name when it was read so, when another was, and when none was; one inside a name.
MARK_COSTS: Final[Mapping[str, Mapping[str, float]]] = {
    ".": {".": 0.0, ",": 2.5, "": 4.0},
    ",": {".": 2.5, ",": 0.5, "": 4.5},
    "": {".": 3.0, ",": 4.5, "": 1.0},
}
INNER_MARK: Final = 3.0
MOST_WORDS: Final = 3
# Behind words of so many letters OCR loses spaces.
SHORT_WORD: Final = 2
OPENING: Final = "[({"
EDGES: Final = "[({|.,;:})]"
CYRILLIC_NAME: Final = regex.compile(r"^[(\[{|]?\p{Cyrillic}*\p{Lu}\p{Cyrillic}*[.,]?$")
# A name in parentheses, behind what it abbreviates.
CLOSED_NAME: Final = regex.compile(r"^(.*)\)([.,]?)$")
# A capital and the same letter small, in either order: one letter that was read twice.
TWICE: Final = regex.compile(r"(\p{Lu})(?=\p{Ll})(?i:\1)|(\p{Ll})(?=\p{Lu})(?i:\2)")
# Capitals that are what they look like in either script: of 105 such names that were read in Latin letters, 90 were.
ALIKE: Final = frozenset("ABCEHKMOPXY")
# What Ц and Г at the beginning of such a name are read as.
INITIALS: Final = {
    "Ц": regex.compile(r"^([(\[{]?)(?:Щ|ЦП(?=[ГД])|П(?=Д\p{L}|НТ))"),
    "Г": regex.compile(r"^([(\[{]?)Т(?=А)"),
}
ACRONYM: Final = regex.compile(r"\p{Lu}.*\p{Lu}")

Words = tuple[str, ...]
# The name of an archive: the tokens as read, and what they say.
Phrase = tuple[Words, Words]
Spell = Callable[[str], tuple[str, float]]
LetterCosts = npt.NDArray[np.uint8]


class Name(NamedTuple):
    """The words that some tokens say as the name of an archive, one for each token, and the cost."""

    words: tuple[str, ...]
    cost: float


NOBODY: Final = Name((), float(FAR))


class Channels(NamedTuple):
    """How names are misread, by the script they were read in: a model of two scripts takes each for one of them.

    In Latin letters it may also misread them as `english` says, the model of that language alone.
    """

    cyrillic: Options
    latin: Options
    english: Options | None = None

    def of(self, text: str) -> Options:
        """Return what misread a text: the map of the script that most of its letters are in."""
        letters = [letter for letter in text if letter.isalpha()]
        return self.cyrillic if 2 * sum(map(is_cyrillic, letters)) > len(letters) else self.latin


def is_cyrillic(letter: str) -> bool:
    """Return whether a letter is Cyrillic."""
    return bool(CYRILLIC_LETTER.match(letter))


class Names(NamedTuple):
    """The listed names of so many words: their places among the words of all names, a row each, and their costs."""

    places: npt.NDArray[np.int64]
    cost: npt.NDArray[np.float64]


class Naming:
    """Reads names of archives; `spell` reads a token as capitals that no list has: (text, cost).

    `letters` is what their letters cost (see `letter_costs`). `rereads` says that a model which can read Cyrillic has
    read the text: what it read so may still be misread.
    """

    def __init__(
        self, archives: Archives, channels: Channels, spell: Spell, letters: LetterCosts, rereads: bool = False
    ) -> None:
        known = [one for one in archives.listed if all(map(symbol, one.abbreviation.replace(" ", "")))]
        self.listed = frozenset(one.abbreviation for one in archives.listed)
        self.alike: dict[str, list[str]] = defaultdict(list)
        for name in sorted(self.listed):
            for spelled in {name, name.replace(" ", "")}:
                self.alike[sizeless(spelled)].append(name)
        self.channels = channels
        self.letters = letters
        self.rereads = rereads
        self.words = sorted({word for one in known for word in one.abbreviation.split()})
        self.known_words = frozenset(self.words)
        self.forms = forms_of([(word, 0.0) for word in self.words])
        self.names = names_of(known, self.words)
        self.behind = frozenset(word for one in known for word in one.abbreviation.split()[1:])
        self.never_behind = np.array([word not in self.behind for word in self.words])
        self.spell = lru_cache(maxsize=1 << 12)(spell)
        self.costs = lru_cache(maxsize=1 << 12)(self.word_costs)
        self.name = lru_cache(maxsize=1 << 12)(self.named)
        self.place = lru_cache(maxsize=1 << 12)(self.placed)

    def word_costs(self, core: str) -> npt.NDArray[np.float64]:
        """Return the cost of each known word behind what was read."""
        channel = self.channels.of(core)
        costs = match_costs(core, self.forms, channel)
        if channel is not self.channels.latin or self.channels.english is None:
            return costs
        return np.minimum(costs, match_costs(core, self.forms, self.channels.english) + AS_ENGLISH)

    def named(self, tokens: tuple[str, ...], inside: bool) -> Name:
        """Return the name that some tokens say, the likeliest of the listed ones and those that nobody listed.

        `inside` says that they stand inside brackets: another opening one must be part of a letter.
        """
        if closed := CLOSED_NAME.match(tokens[-1]):
            name = self.named((*tokens[:-1], closed[1] + closed[2]), inside)
            end = name.words[-1:] and (name.words[-1].rstrip(".,") + ")" + closed[2],)
            return Name((*name.words[:-1], *end), name.cost)
        letters = tuple(map(in_cyrillic, tokens)) if self.rereads else tokens
        if all(map(CYRILLIC_NAME.match, letters)):
            printed = tuple(map(abbreviated, letters)) if self.rereads and not self.is_listed(letters) else letters
            stated = self.stated(printed)
            return self.reread(tokens, stated) if self.rereads and stated.cost > LISTED else stated
        found = NOBODY
        for lead in {0, int(tokens[0][:1] in OPENING and not inside)}:
            bare = (tokens[0][lead:], *tokens[1:])
            best = min(self.candidates(bare), key=lambda name: name.cost, default=NOBODY)
            cost = best.cost + EATEN_BRACKET * (not lead and not inside and tokens[0][:1] in OPENING)
            if cost < found.cost:
                found = Name((tokens[0][:lead] + best.words[0], *best.words[1:]), cost)
        return found

    def stated(self, tokens: tuple[str, ...]) -> Name:
        """Return a name that is in Cyrillic already, as it stands."""
        if " ".join(tokens).strip(EDGES) in self.listed:
            return Name(tokens, LISTED)
        return Name(tokens, UNLISTED) if len(tokens) == 1 and ACRONYM.search(tokens[0]) else NOBODY

    def reread(self, tokens: tuple[str, ...], stated: Name) -> Name:
        """Return the name behind tokens that OCR read: as it is `stated` in Cyrillic, or a listed one it is taken for.

        Letters of the same shape and different size are taken for each other, or read twice (`ДАЛУуО` for `ДАЛуО`);
        spaces are lost. Otherwise a name in Cyrillic is what was read, unless that is hardly a name (`ПДАГОУ`).
        """
        lead, last = opening(tokens[0]), tokens[-1]
        joined = " ".join(stated.words or tokens).strip(EDGES)
        alike = self.alike.get(sizeless(joined), ())
        if len(alike) == 1 and len(tokens) in (1, len(alike[0].split())) and not is_respaced(joined, alike[0]):
            said = f"{lead}{alike[0]}{last[len(last.rstrip(EDGES)) :]}"
            return Name((said,) if len(tokens) == 1 else tuple(said.split()), LISTED)
        listed = self.listed_name((tokens[0][len(lead) :], *tokens[1:]))
        if not listed.words or listed.cost > self.most(tokens, stated):
            return stated
        return Name((lead + listed.words[0], *listed.words[1:]), listed.cost)

    def most(self, tokens: Sequence[str], stated: Name) -> float:
        """Return what a listed name may cost at most, to be believed rather than what was read."""
        if not any(map(CYRILLIC_LETTER.search, tokens)):
            return stated.cost + REREAD
        cost = self.spelled_cost(tokens)
        return min(cost - SURER, MISREAD) if len(tokens) == 1 else cost

    def is_whole(self, tokens: Sequence[str], name: Name) -> bool:
        """Return whether tokens in Cyrillic were found likelier to be a listed name than one with a place behind it."""
        is_cyrillic_name = all(CYRILLIC_NAME.match(in_cyrillic(token)) for token in tokens)
        return self.rereads and is_cyrillic_name and self.is_listed(name.words)

    def spelled_cost(self, tokens: Sequence[str]) -> float:
        """Return the cost of tokens as a name that nobody listed, all letters as they were read."""
        first, *others = (in_cyrillic(token).strip(EDGES) for token in tokens)
        places = (PLACE if word in self.known_words else spelling_cost(word, self.letters) for word in others)
        marks = INNER_MARK * sum(bool(cut(token)[1]) for token in tokens[:-1])
        return spelling_cost(first, self.letters) + SPELLED + sum(places) + BEHIND * len(others) + marks

    def candidates(self, tokens: tuple[str, ...]) -> list[Name]:
        """Return what some tokens without an opening bracket may name."""
        found = [self.listed_name(tokens)]
        if len(tokens) == 1 and tokens[0]:
            word, cost = self.known_word(tokens[0])
            found.append(Name((word,), cost + LISTED + ONE_WORD))
        whole = "".join(tokens)
        if len(tokens) <= 2 and whole:
            text, cost = self.spell(whole)
            words = (text, *[""] * (len(tokens) - 1))
            parted = PARTED * (len(tokens) - 1)
            found.append(Name(words, cost + SPELLED + parted) if text else NOBODY)
            if parted:
                one = self.listed_name((whole,))
                found.append(Name((*one.words, ""), one.cost + parted) if one.words else NOBODY)
        return found

    def listed_name(self, tokens: tuple[str, ...]) -> Name:
        """Return the listed name of as many words that explains the tokens best."""
        names = self.names.get(len(tokens))
        if names is None or not all(tokens):
            return NOBODY
        costs = names.cost.copy()
        for number, token in enumerate(tokens):
            core, mark = cut(token)
            costs += self.costs(core)[names.places[:, number]]
            costs += INNER_MARK * bool(mark) if number + 1 < len(tokens) else 0.0
        best = int(costs.argmin())
        mark, dear = likeliest_mark(tokens[-1])
        words = [self.words[place] for place in names.places[best]]
        if self.rereads and costs[best] > DEAREST_LETTER * sum(map(len, words)):
            return NOBODY
        return Name((*words[:-1], words[-1] + mark), float(costs[best]) + dear)

    def known_word(self, token: str, behind: bool = False) -> tuple[str, float]:
        """Return the word of listed names (of those `behind` their first ones) that explains a token best; the cost."""
        costs = self.costs(cut(token)[0])
        costs = np.where(self.never_behind, float(FAR), costs) if behind else costs
        best = int(costs.argmin())
        mark, dear = likeliest_mark(token)
        return self.words[best] + mark, float(costs[best]) + dear

    def placed(self, token: str) -> Name:
        """Return what a token says behind the name of an archive that is not listed: `РТ`, `СПб`."""
        core = token.strip(EDGES)
        if CYRILLIC_NAME.match(token) and (core in self.known_words or core.isupper()):
            return Name((token,), self.place_cost(core))
        word, cost = self.known_word(token, behind=True)
        text, dear = self.spell(token)
        spelled = Name((text,), dear + SPELLED + self.place_cost(text.strip(EDGES)))
        return min(Name((word,), cost + PLACE), spelled, key=lambda name: name.cost)

    def place_cost(self, core: str) -> float:
        """Return the cost of a word behind the name of an archive: of an archive, or of many letters, it is dear."""
        if core in self.behind:
            return PLACE
        return OTHER_PLACE + NO_PLACE * (core in self.known_words or len(core) > LONGEST_PLACE)

    def is_listed(self, words: Sequence[str]) -> bool:
        """Return whether the words of a name are listed."""
        return " ".join(filter(None, words)).strip(EDGES) in self.listed

    def agreed(self, phrases: Sequence[Phrase]) -> list[Phrase]:
        """Return names as read and said, said as the document says them elsewhere where that explains them better."""
        counts = Counter(bare(said) for _, said in phrases)
        if len(phrases) < 2 or len(counts) < 2:
            return list(phrases)
        words = sorted({word for name in counts for word in name if all(map(symbol, word))})
        forms = forms_of([(word, 0.0) for word in words])
        costs: dict[str, dict[str, float]] = {}
        for token in {token for read, _ in phrases for token in read}:
            own = match_costs(cut(token)[0], forms, self.channels.of(token))
            costs[token] = dict(zip(words, own.tolist(), strict=True))
        return [self.likeliest(phrase, counts, costs) for phrase in phrases]

    def likeliest(self, phrase: Phrase, counts: Counter[Words], costs: Mapping[str, Mapping[str, float]]) -> Phrase:
        """Return the name that the document's counts make the likeliest for what was read."""
        read, said = phrase
        own = bare(said)
        letters = tuple(map(in_cyrillic, read)) if self.rereads else read
        if all(map(CYRILLIC_NAME.match, letters)) or len(own) != len(read) or not all(own):
            return phrase
        total = sum(counts.values()) - 1

        def price(name: Words) -> float:
            prior = LISTED if " ".join(name) in self.listed else min(UNHEARD, self.spelled_cost(name))
            share = (counts[name] - (name == own) + HEARD * math.exp(-prior)) / (total + HEARD)
            return sum(costs[token].get(word, float(FAR)) for token, word in zip(read, name, strict=True)) - math.log(
                share
            )

        best = min((name for name in counts if len(name) == len(read)), key=price)
        if best == own:
            return phrase
        lead = opening(said[0])
        end = said[-1][len(said[-1].rstrip(EDGES)) :]
        return read, (lead + best[0], *best[1:-1], best[-1] + end) if len(best) > 1 else (lead + best[0] + end,)


def sizeless(name: str) -> str:
    """Return a name in small letters, those that stand there twice, large and small, once; `іо` is read as one."""
    return str(TWICE.sub(r"\1\2", name)).lower().replace("іо", "ю")


def is_respaced(one: str, other: str) -> bool:
    """Return whether two names in capitals are the same but for their spaces: seldom one that is lost.

    OCR loses that between short words (`АПРК`); `ГАСПИКО` and `ГАСПИ КО` are both printed.
    """
    is_long = len(other.split()[0]) > SHORT_WORD
    return is_long and one != other and one.isupper() and unspaced(one) == unspaced(other)


def spelling_cost(word: str, letters: LetterCosts) -> float:
    """Return what the letters of a word cost in an abbreviation that nobody listed; Ukrainian ones cost as any."""
    codes = [0, 0, 0, *(CODE.get(letter, 0) if letter in RUSSIAN else 0 for letter in word.lower())]
    return float(sum(STEP * letters[tuple(codes[end - 3 : end + 1])] for end in range(3, len(codes))))


def in_cyrillic(token: str) -> str:
    """Return a token that a model of two scripts read, in Cyrillic if all its letters can be.

    A capital T alone says nothing: Г is read so. Small letters of their own say too little.
    """
    letters = {letter for letter in token if letter.isalpha() and not CYRILLIC_LETTER.match(letter)}
    mixed = bool(CYRILLIC_LETTER.search(token))
    alike = letters <= (ALIKE | {"T"} if mixed else ALIKE) and (letters or "®" in token)
    return token.replace("®", "Ф").translate(HOMOGLYPHS) if alike else token


def abbreviated(token: str) -> str:
    """Return an abbreviation with letters that words begin with: none does with Ь, nor that of an archive with Щ.

    Б and Ц are read so: all of 9 names with one of them were misread, all of 10 that began with ЦПГ, ЦПД, ПД or ПНТ,
    and all of 7 with ТА.
    """
    if not token.isupper():
        return token
    for letter, read in INITIALS.items():
        token = read.sub(rf"\1{letter}", token)
    return token.replace("Ь", "Б")


def cut(token: str) -> tuple[str, str]:
    """Return a token without the mark at its end, and the mark."""
    return (token[:-1], token[-1]) if token[-1:] in (".", ",") else (token, "")


def likeliest_mark(token: str) -> tuple[str, float]:
    """Return the mark that stands behind a name, by what was read, and the cost."""
    costs = MARK_COSTS[cut(token)[1]]
    mark = min(costs, key=lambda one: costs[one])
    return mark, costs[mark]


def opening(text: str) -> str:
    """Return the brackets that a text begins with."""
    return text[: len(text) - len(text.lstrip(OPENING))]


def bare(said: Words) -> Words:
    """Return the words of a name without the marks around them."""
    return tuple(word.strip(EDGES) for word in said)


def letter_costs(archives: Archives) -> LetterCosts:
    """Return what letters cost in abbreviations that nobody listed, by the letters before (see `repair.lexicon`).

    How often they follow two, one or no letters in the listed ones, and any letter, mixed.
    """
    words = sorted({word for one in archives.listed for word in one.abbreviation.lower().split()})
    grams = np.concatenate([triples(word) for word in words])
    shares: npt.NDArray[np.float64] = np.full(RUSSIAN_CODES, 1.0 / RUSSIAN_CODES)
    for length in range(1, grams.shape[1] + 1):
        counts = np.zeros((RUSSIAN_CODES,) * length)
        np.add.at(counts, tuple(grams[:, -length:].T), 1.0)
        others = MIXED * (counts > 0).sum(axis=-1, keepdims=True)
        known = counts.sum(axis=-1, keepdims=True) + others
        shares = np.where(known > 0, (counts + others * shares) / np.maximum(known, 1.0), shares)
    costs = np.minimum(np.rint(-np.log(shares) / STEP), 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(costs, (RUSSIAN_CODES,) * 4))


def triples(word: str) -> npt.NDArray[np.int64]:
    """Return the codes of the letters of a word, and its end, each behind those of the two before."""
    codes = [0, 0, *(CODE[letter] for letter in word if letter in RUSSIAN), 0]
    return np.lib.stride_tricks.sliding_window_view(np.array(codes, np.int64), 3)


def names_of(archives: Sequence[Archive], words: Sequence[str]) -> dict[int, Names]:
    """Return the names by how many words they have."""
    place = {word: number for number, word in enumerate(words)}
    grouped: dict[int, dict[tuple[int, ...], float]] = defaultdict(dict)
    for one in archives:
        key = tuple(place[word] for word in one.abbreviation.split())
        grouped[len(key)][key] = LISTED + one.cost
    return {
        size: Names(np.array(list(found), np.int64), np.array(list(found.values()))) for size, found in grouped.items()
    }
