"""What a cell of a citation may be: how well the printed forms of each state explain what was read.

Digits stay as they were read. Costs are in nats.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import regex

from pipeline.repair.channel import FAR, Options
from pipeline.repair.grammar import COUNT, MARKERS, NUMBERS, STATES, is_capital, name_of, state_of, states_of
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.match import SUBSTITUTED, Forms, forms_of, match_costs
from pipeline.repair.person import closed

Term = tuple[str, str, float]
Row = npt.NDArray[np.float32]

OPENED: Final = regex.compile(r"^([(\[]*)(.*)$", regex.DOTALL)
# Marks behind a cell: those of the citation, and those of the sentence around it.
SENTENCE_MARKS: Final = "»”“’\"'!?…"
TRAILING_MARKS: Final = rf".,;:)\]}}{SENTENCE_MARKS}"
TRAILING: Final = f"[{TRAILING_MARKS}]*"
# The word of a verso, then what closes the citation.
CLOSED: Final = regex.compile(rf"^(.*?\.?)([|{TRAILING_MARKS}]*)$", regex.DOTALL)
SURE_NUMBER: Final = regex.compile(
    r"^[(\[]?(?P<letter>(?:(?![IOОБЗВ]{1,2}\d)\p{Lu}|[РP]\.(?=-?\d)|II|[рп](?=-)|\p{Lu}\p{L}(?=-))[-–—]?)?(?P<digits>\d+)(?P<after>(?!б\p{Ll})\p{Ll}{0,2}|-\p{L}|/(?:\d{1,4}\p{Ll}?|\p{L}{1,2}))(?P<range>[–—-]{1,2}\d+\p{Ll}?)?"
    rf"{TRAILING}$"
)
LIKE_NUMBER: Final = regex.compile(
    r"^(?![|BSGБВЗЭ$][.,;:)\]}]*$)[(\[]?(?:A(?=[\dO]))?[\dlIOoБбЗзЭSBВG|$]{1,5}[аa]?([–—-]{1,2}[\dlIOoБбЗзЭSBВG|$]{1,5})?"
    rf"{TRAILING}$"
)
DIGIT: Final = regex.compile(r"\d")
# What may have been a digit, and which.
DIGITS_READ: Final = str.maketrans("lI|OoОоБбЗзЭSBВG$", "11100006633958865")
# What a marker is read as before digits, and the letters it is read as elsewhere; what that costs.
MARKER_READ: Final = "01"
MARKER_DIGITS: Final = str.maketrans(MARKER_READ, "OI")
AS_DIGITS: Final = 1.0
# A letter beside the number is Cyrillic, whatever it was read as; B may have been an 8.
FOND_LETTER: Final = regex.compile(r"^([(\[]?)([ACEHKMNPRTXY])(\.?[-–—]?\d)")
# What П before the number of a fond is read as in Latin letters.
FOND_PARTY: Final = regex.compile(r"^(?:II|IJ|IT|TI|T1|I1|1I|I\]|1\]|\[\]|ll|I)(?=[-–—]\d)")
# That is half of one, and as good as it, but no more.
HALF_PARTY: Final = regex.compile(r"^[(\[]?I-")
# No fond begins with these digits and a dash; elsewhere they are those of a range.
PARTY_IN_DIGITS: Final = regex.compile(r"^11(?=-\d)")
# One dash of a range that was read as two.
DASHES: Final = regex.compile(r"(?<=\d)[–—-]{2}(?=\d)")
# A 4 is read as A before other digits; only fonds have a letter there.
FOUR: Final = regex.compile(r"^A(?=[\dO])")
FOND_LETTERS: Final = str.maketrans("ACEHKMNPRTXY", "АСЕНКМПРРТХУ")
LAST_LETTER: Final = regex.compile(rf"(?<=[\d/-])([aBbrec])(?={TRAILING}$)")
LAST_LETTERS: Final = {"a": "а", "B": "в", "b": "б", "r": "г", "e": "е", "c": "с"}
PERSON: Final = {
    "person": regex.compile(
        rf"^[({{](?=.*\p{{L}}\P{{L}}?\p{{L}})(?:J\](?=[\p{{L}}\p{{N}}])|[^()\[\]{{}}|]){{3,}}[)\]}}][|{TRAILING_MARKS}]*$"
    ),
    "person-first": regex.compile(r"^[({]\p{L}[^()\[\]]+$"),
    "person-middle": regex.compile(r"^\p{L}[^()\[\];]*$"),
    "person-last": regex.compile(rf"^(?=.*\p{{L}}\P{{L}}?\p{{L}})[^()\[\]]{{3,}}\){TRAILING}$"),
    "author": regex.compile(r"^(?!\p{Lu}{2,4}[,.]$)[(\[]?\p{L}(?!.*\p{N}{2})[^\]()]{2,}[,.]$"),
}
PERSON_COST: Final = 8.0
# A dash alone, and one with the second of two leaves.
DASH: Final = regex.compile(r"^[–—-]$")
RANGE_END: Final = regex.compile(r"^[–—-](?=\d)")
RANGE_DASH_COST: Final = 1.0
# What joins two leaves, or a leaf and its back.
AND: Final = frozenset(("и", "та", "і", "й"))
# What the marker of a file is taken for by a model that can read Cyrillic, and what it was.
MISREAD_FILES: Final = {"Л.": "Д.", "л.": "д."}
MISREAD_FILE: Final = 7.0
# A letter alone is read as any other no more often than books have such abbreviations (T. 45, s. 343).
LETTER_ALONE: Final = regex.compile(r"^[A-Za-zА-ЯЁа-яё][.,]$")
# Nor are two capitals in Cyrillic, which abbreviate something else (ОО. 1905; ФП. 2): but for those that Ф is read as.
CAPITALS: Final = regex.compile(r"^(?!ФО|ХФ)[А-ЯЁ]{2}[.,]?$")
# What references to books and pictures abbreviate is no marker of an archive, whatever stands before it.
REFERENCE: Final = regex.compile(
    r"^(?:[Ff]igs?|[Vv]ols?|[Cc]hs?|[Nn]os?|[Tt]abs?|[Dd]ocs?|[Ff]ols?|[Aa]rts?|[Ss]ecs?|[Aa]pp|[Cc]f|[Ss]er|[Ii]bid|pp|[Сс]тр)[.,:]?$"
)
# A name whose parenthesis ends a bracket: a document that knows the name makes it no cheaper as ordinary text.
LAST_PERSON: Final = regex.compile(rf"^[({{]\p{{Lu}}[\p{{L}}’'-]{{2,}}[)}}]\][.,;:{SENTENCE_MARKS}]*$")
LAST_PERSON_TEXT: Final = 12.0
OPENING_COST: Final = 2.0
# In the place of a marker anything as short as one may be one, at these costs: marks, or letters and digits.
SHORT: Final = 4
GARBLED: Final = 10.0
GARBLED_LETTERS: Final = 12.0
GARBLED_STATES: Final = ("fond", "delo", "leaf")
# Markers that may have an opening bracket before them.
BRACKETED: Final = ("fond", "again")
# Markers whose case says nothing of the others.
CASELESS: Final = ("again", "same", "extra", "unit", "verso", "page")
# A marker in Cyrillic without its own full stop, and one in the other case than its neighbours.
OTHER_MARK: Final = 1.0
OTHER_CASE: Final = 3.0
# What was read in Cyrillic and is as long as a word is no misread marker.
WHOLE_WORD: Final = regex.compile(r"^\p{Cyrillic}{5,}[.,:]?$")
# What no model of Latin letters writes.
RUSSIAN_SIGN: Final = regex.compile(r"\p{Cyrillic}|№")
# Nor is what is as long as this, with all marks around it.
LONGEST_MARKER: Final = 8
# So many digits can a marker have been read as; so many if it is only taken for one because of its place.
MOST_DIGITS: Final = 3
MOST_GARBLED_DIGITS: Final = 2
# What no form explains at a lower cost is no marker.
DEAREST_MARKER: Final = 30.0
# What was read in Cyrillic has one wrong letter, or some that are often taken for the right ones; by any other count of
# letters these only.
DEAREST_SPELLED: Final = 13.0
DEAREST_CYRILLIC: Final = 10.0
# A letter too many in Cyrillic is so much less likely than a wrong one: `Ла.` is Лл.
OTHER_LENGTH: Final = 3.0
# Nor is it a word of `Там же`, which breaks a citation where it is not, at this cost.
DEAREST_AGAIN: Final = 12.0
RANGE_COST: Final = 4.0
LETTER_COST: Final = 5.0
LIKE_NUMBER_COST: Final = 5.0
TEXT_NUMBER: Final = 3.5
# A number that closes a bracket is seldom just a number.
CLOSES: Final = regex.compile(r"^[^\[]*\]")
CLOSING_NUMBER: Final = 4.0
DIGIT_COST: Final = 2.3
LEADING_ZERO: Final = 4.0
REMEMBERED: Final = 1 << 15


class Printed(NamedTuple):
    """What a cell says in a state; where a character of it had to be guessed, what else it may say."""

    text: str
    uncertain: bool = False
    other: str = ""


@dataclass(frozen=True)
class Markers:
    """The forms of the markers by state: those of state s are `forms[first[s]:first[s + 1]]`."""

    forms: Forms
    first: tuple[int, ...]
    cyrillic: frozenset[str]


def markers_of(terms: Sequence[Term]) -> Markers:
    """Return the markers of a table of (state, form, cost)."""
    priced: list[tuple[str, float]] = []
    first = [0]
    for state in range(COUNT):
        name, capital = name_of(state), is_capital(state)
        own = [(form, cost) for term, form, cost in terms if term == name]
        same = [(form, cost) for form, cost in own if form[0].isupper() == capital or not form[0].isalpha()]
        priced += own if name in CASELESS else same
        first.append(len(priced))
    return Markers(forms_of(priced), tuple(first), frozenset(bare(form) for _, form, _ in terms))


def fonds_of(markers: Markers) -> Forms:
    """Return the forms of the marker of a fond."""
    spans = [markers.first[state : state + 2] for state in states_of(("fond",))]
    places = [place for first, last in spans for place in range(first, last)]
    return forms_of([(markers.forms.texts[place], float(markers.forms.own[place])) for place in places])


def bare(marker: str) -> str:
    """Return a marker without its full stop, in small letters."""
    return marker.rstrip(".,:").lower()


def number_cost(text: str) -> float:
    """Return the cost of a cell being a number."""
    text = FOND_PARTY.sub("П", text)
    if not DIGIT.search(text) and not LIKE_NUMBER.match(text):
        return float(FAR)
    digits = DIGIT_COST * min(4, sum(character.isdigit() for character in text))
    if SURE_NUMBER.match(text):
        return digits + LEADING_ZERO * text.startswith("0")
    return digits + LIKE_NUMBER_COST if LIKE_NUMBER.match(text) else float(FAR)


def text_number_cost(text: str) -> float:
    """Return the cost of a number that belongs to no citation."""
    return number_cost(text) + TEXT_NUMBER + CLOSING_NUMBER * bool(CLOSES.search(text))


def lettered(text: str) -> str:
    """Return the number of a fond or a file with the letter before it in Cyrillic."""
    return str(FOND_LETTER.sub(lambda match: match[1] + match[2].translate(FOND_LETTERS) + match[3], text))


def number(text: str, state: str) -> Printed:
    """Return what a number says: its digits as they are, its letters in Cyrillic; those among digits may be digits."""
    read, text = text, FOND_PARTY.sub("П", DASHES.sub("–", text))
    if state != "fond-number" and FOUR.match(text):
        return Printed(FOUR.sub("4", text).translate(DIGITS_READ), True, read)
    if state == "fond-number" and PARTY_IN_DIGITS.match(text):
        return Printed(PARTY_IN_DIGITS.sub("П", text), True, read)
    said = lettered(text) if state in ("fond-number", "delo-number") else text
    said = LAST_LETTER.sub(lambda match: LAST_LETTERS[match[1]], said)
    if SURE_NUMBER.match(text):
        doubt = bool(HALF_PARTY.match(read))
        return Printed(said, doubt, read if doubt else "")
    digits = said.translate(DIGITS_READ)
    return Printed(digits, True, text) if DIGIT.search(text) else Printed(text, True, digits)


class Cells:
    """The costs of cells in all states, remembered by their text.

    `options` are those of the glyph map, `latin` those of the map of the model's Latin half. `rereads` as in `Naming`;
    `trusts` says that the text may well be good: its digits and its Cyrillic letters are what they are.
    """

    def __init__(self, terms: Sequence[Term], options: Options, latin: Options, rereads: bool, trusts: bool) -> None:
        self.options = options
        self.rereads = rereads
        self.trusts = trusts
        self.latin = latin
        self.markers = markers_of(terms)
        self.fonds = fonds_of(self.markers)
        first = np.array(self.markers.first)
        # The states that have forms, and where those of each start.
        self.filled = np.flatnonzero(first[:-1] < first[1:])
        self.starts = first[self.filled]
        self.pages = np.concatenate([np.arange(first[state], first[state + 1]) for state in PAGES])
        self.lengths = np.array([len(bare(form)) for form in self.markers.forms.texts])
        self.row = lru_cache(REMEMBERED)(self.costs)
        self.number_row = lru_cache(REMEMBERED)(self.number_costs)
        self.marker_costs = lru_cache(REMEMBERED)(self.form_costs)
        self.printed = lru_cache(REMEMBERED)(self.print)

    def channel(self, text: str) -> Options:
        """Return what misread a text: a model of two scripts takes each word for one of them."""
        return self.options if CYRILLIC_LETTER.search(text) else self.latin

    def costs(self, text: str) -> Row:
        """Return the cost of a cell in each state, FAR for `text` and where it cannot be."""
        row = self.number_row(number_cost(text), bool(SURE_NUMBER.match(text)), *number_shape(text)).copy()
        if len(text) < LONGEST_MARKER and sum(map(str.isdigit, text)) <= MOST_DIGITS and self.is_like_marker(text):
            self.add_markers(row, text)
        for name, pattern in PERSON.items():
            if pattern.match(text):
                row[states_of((name,))] = PERSON_COST
        if DASH.match(text):
            row[states_of(("range",))] = RANGE_DASH_COST
        elif RANGE_END.match(text):
            row[states_of(("range-end",))] = number_cost(text[1:])
        elif text in AND:
            row[states_of(("and",))] = 0.0
        elif self.rereads and text in MISREAD_FILES:
            row[state_of("misread", text.isupper())] = MISREAD_FILE
        return row

    def number_costs(self, cost: float, sure: bool, letter: bool, is_range: bool) -> Row:
        """Return the costs of a number of some shape in the states of numbers."""
        row = np.full(COUNT, FAR, np.float32)
        if cost < FAR:
            for name in NUMBERS:
                price = RANGE_COST * (is_range and name not in ("leaf-number", "page-number"))
                price += LETTER_COST * (letter and name != "fond-number")
                row[states_of((name,))] = cost + price
        return row

    def is_like_marker(self, text: str) -> bool:
        """Return whether any form of any marker explains a cell at all."""
        core = OPENED.match(text)[2]
        if REFERENCE.match(core):
            return False
        readings = {text, core, CLOSED.match(core)[1]}
        return may_be_garbled(core) or any(self.marker_costs(one).min() < DEAREST_MARKER for one in readings if one)

    def add_markers(self, row: Row, text: str) -> None:
        """Put the costs of a cell as a marker into its row; in good text, digits are none but that of a back."""
        if is_long_number(text):
            return
        found = self.stated_markers(text) if RUSSIAN_SIGN.search(text) else self.latin_markers(text)
        if self.trusts and is_digits(text):
            found = np.where(np.isin(MARKER_STATES, VERSOS), found, FAR)
        row[MARKER_STATES] = np.minimum(row[MARKER_STATES], found)
        row[AGAIN] = np.where(row[AGAIN] < DEAREST_AGAIN, row[AGAIN], FAR)

    def stated_markers(self, text: str) -> npt.NDArray[np.float64]:
        """Return the costs of a cell as the marker of each state."""
        return np.array([self.marker(text, state)[1] for state in MARKER_STATES])

    def latin_markers(self, text: str) -> npt.NDArray[np.float64]:
        """Return the costs of a cell without Cyrillic letters as the marker of each state, as `marker` has them."""
        costs = np.full(COUNT, FAR, np.float64)
        lead, core = OPENED.match(text).groups()
        closed = CLOSED.match(text)[1]
        for states, said in ((LEADING, core), (VERSOS, closed), (OTHERS, text)):
            costs[states] = self.least(said)[states]
        for states, said in ((GARBLED_LEADING, core), (GARBLED_OTHERS, text)):
            costs[states] = np.minimum(costs[states], garbled_cost(said))
        costs[LEADING] += OPENING_COST * bool(lead)
        return costs[MARKER_STATES]

    def least(self, core: str) -> npt.NDArray[np.float64]:
        """Return the least cost of what was read as any form of each state."""
        costs = np.full(COUNT, FAR, np.float64)
        costs[self.filled] = np.minimum.reduceat(self.marker_costs(core), self.starts)
        return costs

    def latin_fond(self, text: str) -> float:
        """Return the cost of a cell without Cyrillic letters as the marker of a fond, by its forms alone."""
        lead, core = OPENED.match(text).groups()
        return float(match_costs(core, self.fonds, self.channel(core)).min()) + OPENING_COST * bool(lead)

    def marker(self, text: str, state: int) -> tuple[str, float]:
        """Return how a cell would print as the marker of a state, and the cost."""
        name = name_of(state)
        lead, core = OPENED.match(text).groups()
        if lead and name not in BRACKETED:
            if lead == "(" and CYRILLIC_LETTER.match(core):
                return text, float(FAR)
            lead, core = "", text
        tail = ""
        if name == "verso":
            core, tail = CLOSED.match(core).groups()
        if RUSSIAN_SIGN.search(core) and bare(core) in self.markers.cyrillic:
            return self.stated(text, core, state)
        if WHOLE_WORD.match(core) or (self.trusts and CYRILLIC_LETTER.search(core)):
            return text, float(FAR)
        if CAPITALS.match(core):
            return text, float(FAR)
        form, cost = self.nearest(core, state)
        if name in GARBLED_STATES and garbled_cost(core) < cost:
            form, cost = self.usual(state), garbled_cost(core)
        return lead + form + tail, cost + OPENING_COST * bool(lead)

    def stated(self, text: str, core: str, state: int) -> tuple[str, float]:
        """Return the text and its cost as a marker that it is in Cyrillic already: it is that one or none.

        Nobody prints another mark than a full stop behind an abbreviation.
        """
        first, last = self.markers.first[state : state + 2]
        same = [place for place in range(first, last) if bare(self.markers.forms.texts[place]) == bare(core)]
        same.sort(key=lambda place: self.markers.forms.texts[place] != core)
        if not same:
            return text, float(FAR)
        form = self.markers.forms.texts[same[0]]
        if core.isupper() and not form.isupper() and len(core) > 2:
            text, core = text.removesuffix(core) + form, form
        elif form[-1] == "." and (core[-1] in ",:" or core.endswith("..")) and len(bare(core)) == len(form) - 1:
            text = text.removesuffix(core) + core.rstrip(".,:") + "."
        cost = OTHER_MARK * (form != core) + OTHER_CASE * (form[0].isupper() != core[0].isupper())
        return text, float(self.markers.forms.own[same[0]]) + cost

    def form_costs(self, core: str) -> npt.NDArray[np.float64]:
        """Return the costs of all forms behind what was read; digits may be the letters that look like them.

        The marker of a page is one letter, however it was read (`NS 19` is none).
        """
        costs = match_costs(core, self.markers.forms, self.channel(core))
        if LETTER_ALONE.match(core):
            costs = np.where(costs < SUBSTITUTED, costs, float(FAR))
        if len(bare(core)) > 1:
            costs[self.pages] = FAR
        letters = core.translate(MARKER_DIGITS)
        if letters == core:
            return costs
        return np.minimum(costs, match_costs(letters, self.markers.forms, self.channel(core)) + AS_DIGITS)

    def nearest(self, core: str, state: int) -> tuple[str, float]:
        """Return the form of a state that explains best what was read, and the cost."""
        first, last = self.markers.first[state : state + 2]
        if first == last:
            return "", float(FAR)
        costs = self.marker_costs(core)[first:last]
        best = int(np.argmin(costs + self.unlike_in_length(core, first, last)))
        form, misread = self.markers.forms.texts[first + best], costs[best] - self.markers.forms.own[first + best]
        dearest = DEAREST_SPELLED if len(bare(core)) == len(bare(form)) else DEAREST_CYRILLIC
        return form, float(FAR) if misread > dearest and CYRILLIC_LETTER.search(core) else float(costs[best])

    def unlike_in_length(self, core: str, first: int, last: int) -> npt.NDArray[np.float64]:
        """Return how much less likely forms of another length than what was read in Cyrillic are: `Ла.` is Лл."""
        others = self.lengths[first:last] != len(bare(core))
        return np.where(others, OTHER_LENGTH * bool(CYRILLIC_LETTER.search(core)), 0.0)

    def usual(self, state: int) -> str:
        """Return the usual form of a state."""
        first, last = self.markers.first[state : state + 2]
        return self.markers.forms.texts[first + int(np.argmin(self.markers.forms.own[first:last]))]

    def print(self, text: str, state: int) -> Printed:
        """Return what a cell says in a state."""
        name = name_of(state)
        if name in NUMBERS:
            return number(text, name)
        if name == "misread":
            return Printed(MISREAD_FILES[text], True, text)
        if name == "range-end":
            end = number(text[1:], name)
            return end._replace(text=text[0] + end.text, other=end.other and text[0] + end.other)
        if name in MARKERS:
            said = self.marker(text, state)[0]
            doubt = name in GARBLED_STATES and said != text and is_digits(text)
            return Printed(said, doubt, text if doubt else "")
        return Printed(closed(text.replace("{", "(")) if name.startswith("person") else text)


def may_be_garbled(core: str) -> bool:
    """Return whether a cell is as short as a marker and not surely anything else."""
    is_short = 0 < len(core) <= SHORT and core[-1] in ".," and not LETTER_ALONE.match(core)
    return is_short and sum(map(str.isdigit, core)) <= MOST_GARBLED_DIGITS and not CYRILLIC_LETTER.search(core)


def garbled_cost(core: str) -> float:
    """Return the cost of a cell as a marker for its place alone; FAR where it cannot be one."""
    if not may_be_garbled(core):
        return float(FAR)
    return GARBLED_LETTERS if core[0].isalnum() else GARBLED


def is_digits(text: str) -> bool:
    """Return whether a text has digits and no letters."""
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def is_long_number(text: str) -> bool:
    """Return whether a text is a number of more digits than a marker is read as, other than `011.`, which is Оп."""
    digits = [one for one in text if one.isdigit()]
    return is_digits(text) and len(digits) > MOST_GARBLED_DIGITS and not set(digits) <= set(MARKER_READ)


def number_shape(text: str) -> tuple[bool, bool]:
    """Return whether a number begins with a letter, and whether it is a range."""
    match = SURE_NUMBER.match(text)
    return (bool(match["letter"]), bool(match["range"])) if match else (False, False)


MARKER_STATES: Final = states_of(MARKERS)
AGAIN: Final = states_of(("again", "same"))
PAGES: Final = states_of(("page",))
# The states of markers behind an opening bracket, and of those before closing marks.
LEADING: Final = states_of(BRACKETED)
VERSOS: Final = states_of(("verso",))
OTHERS: Final = [state for state in MARKER_STATES if state not in (*LEADING, *VERSOS)]
GARBLED_LEADING: Final = [state for state in states_of(GARBLED_STATES) if state in LEADING]
GARBLED_OTHERS: Final = [state for state in states_of(GARBLED_STATES) if state not in LEADING]
assert all(name in STATES for name in MARKERS)
