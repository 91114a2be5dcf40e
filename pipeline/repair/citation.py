"""Finds the archival citations among units and decodes them whole.

Where two markers stand near each other with numbers behind them, the cells around are parsed by the grammar
(`repair.grammar`). Every cell (a unit, the pieces of one like `JI.137`, several units that name one archive) may have
any role or be ordinary text; what it costs in each the channel says (`repair.cells`, `repair.naming`).
"""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from operator import itemgetter
from typing import Final, NamedTuple

import numpy as np
import regex

from pipeline.repair.cells import (
    DASH,
    LAST_PERSON,
    LAST_PERSON_TEXT,
    LONGEST_MARKER,
    REMEMBERED,
    SENTENCE_MARKS,
    SURE_NUMBER,
    TRAILING,
    Cells,
    Row,
    bare,
    number_cost,
    text_number_cost,
)
from pipeline.repair.channel import FAR
from pipeline.repair.grammar import (
    COUNT,
    MARKERS,
    OTHER,
    ROLES,
    SEPARATOR_CLASS,
    TEXT,
    Edges,
    name_of,
    parse,
    state_of,
    states_of,
    steps,
)
from pipeline.repair.letters import CYRILLIC_LETTER
from pipeline.repair.marks import (
    BEFORE_NUMBERS,
    Found,
    Part,
    bracketed,
    marked,
    with_small_fonds,
    with_usual_leaves,
    with_usual_spaces,
)
from pipeline.repair.naming import MOST_WORDS, OPENING, Name, Naming, Phrase, opening
from pipeline.repair.person import NO_PERSONS, Persons
from pipeline.repair.units import Unit

# A marker and its number without a space between, or a number and the word of its verso, or two levels.
MARKED: Final = r"((?!\d{2,}\])[^\s.,;:]{1,4}[.,]{1,2}|\.)"
NUMBER: Final = r"(?:(?:\p{Lu}|[РP]\.|[IT1l\]\[]{1,2}(?=-))-?)?\d[\dЗзЭбБ–—-]*(?:[-/]?\p{L}|/\d{1,4}\p{Ll}?)?"
GLUED: Final = regex.compile(rf"^{MARKED}({NUMBER}{TRAILING})$")
GLUED_NUMBER: Final = regex.compile(r"^(\d+\p{Ll}?[.,;])(\p{L}{1,3}\.)$")
GLUED_VERSO: Final = regex.compile(rf"^(\d+(?:[–—-]\d+)?)((?:об|o6|o[bб]|зв){TRAILING})$")
# A range that begins on a back, or with the words of both.
VERSO: Final = r"(?:[oо0][6bб]|зв)"
GLUED_RANGE: Final = regex.compile(rf"^(\d+)?({VERSO}\.?)([–—-]\d+{TRAILING})({VERSO}{TRAILING})?$")
GLUED_LEVELS: Final = regex.compile(rf"^(?:{MARKED}({NUMBER}[.,;]))+{MARKED}({NUMBER}{TRAILING})$")
GLUES: Final = (GLUED, GLUED_RANGE, GLUED_VERSO, GLUED_NUMBER, GLUED_LEVELS)
# Marks that may stand behind a closing bracket.
AROUND: Final = ".,;:" + SENTENCE_MARKS
# Into so many cells a unit may be cut.
CELLS: Final = 12
# What names no archive: words in small letters, and what is as short as a letter.
SMALL: Final = regex.compile(r"^(\p{Ll}+\P{L}*|.)$")
# What romanised citations and Latin text abbreviate: f., op., ll., Bd., K.
ORDINARY: Final = regex.compile(r"^[(\[]?([A-Za-z]|[Ff]ond|[Oo]p|[Oo]pis|[Dd]elo|ll|ob|ed|khr|no|nos|vol)?[.,:]?$")
# Numerals of rulers and wars.
NUMERAL: Final = regex.compile(r"^[IVX]{2,}[.,;]?$")
ARTICLE: Final = regex.compile("^(?:[Tt]he|an?)$")
BEHIND_ARTICLE: Final = 14.0
# A marker is well explained that costs less; the page numbers of books say nothing.
EXPLAINED: Final = 6.0
WHOLE_BRACKET: Final = regex.compile(r"^\[\p{L}[^\[\]]+\]$")
# Signs that are nobody's letters say nothing.
STRANGE: Final = regex.compile(r"[\p{L}\p{N}®©@&¢§$|/\[\]]|^\.$")
LETTERED: Final = regex.compile(r"[\p{L}®©@&¢§$]")
# Two markers that cost more than this together make nobody look for a citation; neither does one like this.
PAIR_TRIGGER: Final = 20.0
TRIGGER: Final = 9.0
AGAIN_TRIGGER: Final = 12.0
# So far apart may two markers be, in tokens; so many tokens around them are parsed.
NEAR: Final = 4
BEFORE: Final = 8
# What a closing bracket behind a number or a full stop is read as; no such citation is printed with these.
MISREAD_BRACKET: Final = regex.compile(rf"(?<=[\p{{N}}.])(?:\}}|\]\|)(?=[.,;:{SENTENCE_MARKS}]*$)")
# The number or sign of a note before a name, and behind a bracket.
NOTE: Final = r"[*†⁰¹²³⁴-⁹]"
NOTED: Final = regex.compile(
    rf"^(?P<before>\d{{1,3}}(?=[(\[]?[А-ЯЁ]\p{{Cyrillic}})|(?:{NOTE}|['‘’\"“])+(?=[(\[]?\p{{L}}{{2}}))?"
    rf".*?(?P<behind>(?<=[\])][.,;:]?)\d{{1,3}}|{NOTE}+)?$",
    regex.DOTALL,
)
# The number of a note, what stands before it, and what begins its text.
NOTE_NUMBER: Final = regex.compile(r"^[1-9]\d{0,2}[.)]$")
COMPLETE: Final = regex.compile(r"(?:\d\p{Ll}?|[\])]|^(?:[оo][6бb]|зв|же|xe))\.?[»”]?$")
ARCHIVE: Final = regex.compile(r"^[\[(]?[А-ЯЁ]{3,}\P{L}*$|^Там$")
ENTRY: Final = regex.compile(r"^[\[(«]*(?:\p{Lu}\p{Cyrillic}|\p{Lu}[\p{Latin}\d®©@&]{2})")
# Two leaves of a list whose comma was read as a full stop.
LEAF_BEFORE: Final = regex.compile(r"^(?:\d{1,3}[–—-])?(\d{1,3})\p{Ll}?\.$")
LEAF_BEHIND: Final = regex.compile(rf"^(\d{{1,3}})\p{{Ll}}?(?:[.,:;)\]]{TRAILING}|\(.*)$")
# A bracket that a citation leaves open is closed within so many tokens, or OCR lost that.
BEHIND: Final = 30
AFTER: Final = 60
# So soon behind a marker one speaks, if it is that of a citation.
CLOSE: Final = 16
# Where so many tokens may be markers, they are those of a citation.
MANY: Final = 6
# The number of a fond, an opis or a file that was read as two; no fond and no opis is a list, and files count up.
TORN: Final = regex.compile(r"^(?P<first>\d{1,3}) (?P<second>\d{1,3})\p{Ll}?[.,;:)\]]+$")
TORN_DIGITS: Final = 4
TORN_COST: Final = 5.0
TORN_LEVELS: Final = states_of(("fond-number", "opis-number"))
TORN_FILES: Final = states_of(("delo-number",))
# So many markers that speak are surely those of a citation, whatever is glued to its numbers.
SURELY_CITES: Final = 3
# A name that costs nothing.
ANYBODY: Final = Name(("",), 0.0)
# What a citation names from the archive down.
ALL_LEVELS: Final = ("archive", "fond", "opis", "delo", "leaf")
# Roles of what stands in the brackets beside the citations.
BIBLIOGRAPHY: Final = frozenset(("author", "page", "page-number"))


class Cell(NamedTuple):
    """An edge of the reading: its text, from which place to which, its row, and its name if it may name an archive.

    Unit n lies between the places CELLS * n and CELLS * (n + 1); a glued one is cut evenly between. A number that was
    read as two has a name too: what its two units say.
    """

    text: str
    start: int
    end: int
    row: Row
    cost: float
    name: Name | None = None


class Seen(NamedTuple):
    """What there is to know of a token: its row, and its pieces where it may be several cells.

    `number` is what it costs as a number of ordinary text, `least` what numbers glued to markers cost there, and a name
    whose parenthesis ends a bracket, `markers` as the markers of levels, as many as are glued in it, `fond` as that of
    a fond, `head` as one that may stand behind a name; `speaks`: it may be a marker that speaks for a citation.
    """

    row: Row
    pieces: tuple[tuple[str, Row], ...]
    number: float | None
    least: float
    markers: tuple[float, ...]
    fond: float
    head: float
    speaks: bool

    def as_text(self, cost: float) -> float:
        """Return what the token costs as ordinary text, by what it costs there as a word."""
        return max(cost, self.least) if self.number is None else self.number


class Finder:
    """Finds citations in units."""

    def __init__(self, cells: Cells, naming: Naming, persons: Persons = NO_PERSONS) -> None:
        self.cells = cells
        self.naming = naming
        self.persons = persons
        self.steps = steps()
        self.seen = lru_cache(REMEMBERED)(self.look)
        self.latin_fond = lru_cache(REMEMBERED)(cells.latin_fond)
        self.is_number = lru_cache(REMEMBERED)(lambda text: number_cost(text) < FAR)

    def find(self, units: Sequence[Unit], text_costs: Sequence[float]) -> list[Found]:
        """Return the citations among the units; `text_costs` are the costs of each unit as ordinary text."""
        texts = [without_notes(text_of(unit)) for unit in units]
        notes = {place for place in range(1, len(units)) if self.begins_note(units, texts, place)}
        if self.naming.rereads:
            texts = with_commas(list(map(with_bracket, texts)), notes)
        pairs = list(self.pairs(texts))
        found: list[Found] = []
        for start, end in windows(len(texts), self.triggers(texts, pairs)):
            spoken = list(self.speaking(texts[start:end]))
            if not spoken:
                continue
            places = dict.fromkeys(place for place, _ in pairs if start <= place < end)
            heads = [place for place in places if self.may_head(texts[place])]
            cells = self.cells_of(texts, text_costs, notes, start, end)
            hoped = [cell for head in heads for cell in any_names(texts, start, head)]
            # Most of what is looked at is ordinary text, whatever archive its tokens might name.
            if len(spoken) < MANY and all(state == TEXT for _, state in self.path(cells + hoped, end - start)):
                continue
            names = [cell for head in heads for cell in self.names(texts, start, head)]
            found += self.citations(self.path(cells + names, end - start), start, texts, text_costs)
        lines = [(unit.pieces[0].line, unit.pieces[-1].line) for unit in units] if found else []
        return [with_usual_spaces(one, lines, self.naming.rereads) for one in self.agreed(found)]

    def agreed(self, found: Sequence[Found]) -> list[Found]:
        """Return the citations with the names of archives and the markers of leaves as the whole document has them."""
        places = [(number, span) for number, one in enumerate(found) for span in archive_spans(one.parts)]
        phrases = [phrase_of(found[number].parts[first:last]) for number, (first, last) in places]
        parts = [list(one.parts) for one in found]
        for (number, (first, last)), (_, said) in zip(places, self.naming.agreed(phrases), strict=True):
            for place, word in zip(range(first, last), said, strict=True):
                parts[number][place] = parts[number][place]._replace(text=word)
        done = with_usual_leaves([replace(one, parts=tuple(own)) for one, own in zip(found, parts, strict=True)])
        return with_small_fonds(done) if self.naming.rereads else done

    # ------------------------------------------------------------ where to look

    def pairs(self, texts: Sequence[str]) -> Iterator[tuple[int, float]]:
        """Yield (place, cost) of the tokens that may be markers with a number behind them, or with it glued to them."""
        numbers = [*map(self.is_number, texts), False, False]
        for place, text in enumerate(texts):
            # One word may stand between (`Ед. хр.`).
            before_number = len(text) < LONGEST_MARKER and (numbers[place + 1] or numbers[place + 2])
            if before_number or (not text.isalpha() and (GLUED.match(text) or GLUED_LEVELS.match(text))):
                for cost in self.seen(text).markers:
                    if cost < PAIR_TRIGGER:
                        yield place, cost

    def look(self, text: str) -> Seen:
        """Return what there is to know of a token before it is parsed."""
        glued = next(filter(None, (glue.match(text) for glue in GLUES)), None)
        pieces = tuple((piece, self.cells.row(piece)) for piece in pieces_of(glued)) if glued else ()
        markers = [row for _, row in pieces[::2]] if pieces else [self.cells.row(text)]
        return Seen(
            self.cells.row(text),
            pieces,
            text_number_cost(text) if SURE_NUMBER.match(text) else None,
            LAST_PERSON_TEXT * bool(LAST_PERSON.match(text))
            + sum(text_number_cost(piece) for piece, _ in pieces if SURE_NUMBER.match(piece)),
            tuple(float(marker[LEVELS].min()) for marker in markers),
            float(markers[0][FONDS].min()),
            float(markers[0][HEADS].min()),
            any(speaks(cell, float(row[SPEAKING].min())) for cell, row in ((text, self.cells.row(text)), *pieces)),
        )

    def triggers(self, texts: Sequence[str], pairs: Sequence[tuple[int, float]]) -> Iterator[int]:
        """Yield the places around which there may be citations: two markers near each other, or `Там же`."""
        for number, (place, cost) in enumerate(pairs):
            near = (dear for other, dear in pairs[number + 1 : number + 1 + NEAR] if other - place <= NEAR)
            if cost + min(near, default=float(FAR)) < PAIR_TRIGGER:
                yield place
        marked = {place for place, _ in pairs}
        for place in sorted(marked):
            if place >= 2 and self.says_again(texts[place - 2 : place]):
                yield place - 2

    def is_worth(self, texts: Sequence[str]) -> bool:
        """Return whether some tokens may cite: two markers are near each other, and one that speaks."""
        triggers = self.triggers(texts, list(self.pairs(texts)))
        return any(text for place in triggers for text in self.speaking(texts[max(0, place - BEFORE) : place + CLOSE]))

    def speaking(self, texts: Sequence[str]) -> Iterator[str]:
        """Yield the tokens that may be markers that speak for a citation: without one there is none."""
        short = (text for text in texts if len(text) < LONGEST_MARKER or not text.isalpha())
        return (text for text in short if self.seen(text).speaks)

    def says_again(self, pair: Sequence[str]) -> bool:
        """Return whether two tokens may say `Там же`."""
        if len(pair) < 2 or max(map(len, pair)) >= LONGEST_MARKER:
            return False
        costs = [
            [float(self.cells.row(text)[state_of(name, capital)]) for capital in (True, False)]
            for text, name in zip(pair, ("again", "same"), strict=True)
        ]
        return min(map(sum, zip(*costs, strict=True))) < AGAIN_TRIGGER

    def may_head(self, text: str) -> bool:
        """Return whether a token may be the marker behind the name of an archive, of a fond or a file."""
        return bool(self.seen(text).head < FAR)

    def looks_like_fond(self, text: str) -> bool:
        """Return whether a token is near enough to the marker of a fond to be looked at for it alone."""
        if text.isascii() and not any(map(str.isdigit, text)):
            return self.latin_fond(text) < TRIGGER
        return self.seen(text).fond < TRIGGER

    # ------------------------------------------------------------ the cells

    def begins_note(self, units: Sequence[Unit], texts: Sequence[str], place: int) -> bool:
        """Return whether a number is that of a note: behind a citation, it begins a line (`2. Там же`) or a sentence.

        In a line the name of an archive follows it, in Cyrillic capitals.
        """
        if not NOTE_NUMBER.match(texts[place]) or not COMPLETE.search(texts[place - 1]) or place + 1 == len(texts):
            return False
        following = texts[place + 1]
        if units[place].pieces[0].start > 0:
            return bool(ARCHIVE.match(following))
        is_marker = bare(following.strip("[(«")) in self.cells.markers.cyrillic
        return bool(ENTRY.match(following)) and (not is_marker or self.says_again(texts[place + 1 : place + 3]))

    def cells_of(
        self, texts: Sequence[str], text_costs: Sequence[float], notes: Container[int], start: int, end: int
    ) -> list[Cell]:
        """Return the cells of a window of units, but for the names of archives; `notes` are the numbers of notes."""
        cells: list[Cell] = []
        for place in range(start, end):
            text, at = texts[place], CELLS * (place - start)
            seen = self.seen(text)
            if place in notes:
                cells.append(Cell(text, at, at + CELLS, np.full_like(seen.row, FAR), 0.0))
                continue
            cells.append(Cell(text, at, at + CELLS, seen.row, seen.as_text(text_costs[place])))
            if seen.pieces:
                cells.extend(cut_evenly(seen.pieces, at))
            if place + 1 < end and DASH.match(text):
                cells.append(self.dashed(texts[place + 1], at))
            if self.naming.rereads and place + 1 < end and (torn := TORN.match(f"{text} {texts[place + 1]}")):
                cells.append(self.whole(torn, at))
        return cells

    def whole(self, torn: "regex.Match[str]", at: int) -> Cell:
        """Return the cell at a place of a number that was read as two."""
        text = torn[0].replace(" ", "")
        row = np.full(COUNT, FAR, np.float32)
        if len(torn["first"] + torn["second"]) <= TORN_DIGITS:
            files = TORN_FILES if int(torn["first"]) > int(torn["second"]) else []
            states = [*TORN_LEVELS, *files]
            row[states] = self.cells.row(text)[states] + TORN_COST
        return Cell(text, at, at + 2 * CELLS, row, float(FAR), Name((text, ""), 0.0))

    def dashed(self, text: str, at: int) -> Cell:
        """Return the cell of a dash at a place and of the marker of a level, which the next token begins with."""
        pieces = self.seen(text).pieces or ((text, self.seen(text).row),)
        marker, row = pieces[0]
        own = np.full_like(row, FAR)
        own[LEVELS] = row[LEVELS]
        return Cell(marker, at, at + CELLS + CELLS // len(pieces), own, float(FAR))

    def names(self, texts: Sequence[str], start: int, head: int) -> Iterator[Cell]:
        """Yield the cells that may name an archive before the marker of a fond or a file, or the dash before that."""
        head, sizes = named_before(texts, start, head)
        for size in sizes:
            name = self.name(texts, head - size, size)
            cost = name.cost + BEHIND_ARTICLE * is_behind_article(texts, head - size)
            yield named(name._replace(cost=cost), "archive", head - size - start)
        if 2 in sizes and not self.naming.is_whole(texts[head - 2 : head], self.name(texts, head - 2, 2)):
            yield named(self.name(texts, head - 2, 1), "archive", head - 2 - start)
            yield named(self.naming.place(texts[head - 1]), "place", head - 1 - start)

    def name(self, texts: Sequence[str], place: int, size: int) -> Name:
        """Return the name that some tokens from a place on say; after a semicolon they stand inside brackets."""
        inside = place > 0 and texts[place - 1].endswith(";")
        return self.naming.name(tuple(texts[place : place + size]), inside)

    def path(self, cells: Sequence[Cell], length: int) -> list[tuple[Cell, int]]:
        """Return the cells of the best path with their states; `length` is that of the window in units."""
        cells = sorted(cells, key=itemgetter(1, 2))
        separator = np.full(CELLS * length + 1, OTHER, np.int8)
        for cell in cells:
            separator[cell.end] = separator[cell.end] if cell.name else separator_class(cell.text)
        rows: dict[int, int] = {}
        own = [rows.setdefault(id(cell.row), len(rows)) for cell in cells]
        table = {number: cell.row for number, cell in zip(own, cells, strict=True)}
        edges = Edges(
            np.array([cell.start for cell in cells], np.int32),
            np.array([cell.end for cell in cells], np.int32),
            np.array(own, np.int32),
            np.array([cell.cost for cell in cells], np.float32),
            separator,
        )
        path, states = parse(self.steps, edges, np.stack([table[number] for number in range(len(table))]))
        return [(cells[edge], state) for edge, state in zip(path[::-1].tolist(), states[::-1].tolist(), strict=True)]

    # ------------------------------------------------------------ what was found

    def citations(
        self, path: Sequence[tuple[Cell, int]], start: int, texts: Sequence[str], text_costs: Sequence[float]
    ) -> Iterator[Found]:
        """Yield the runs of cells that are citations; a closing bracket ends one."""
        run: list[tuple[Cell, int]] = []
        for (cell, state), (_, coming) in pairwise([*path, (None, TEXT), (None, TEXT)]):
            if state != TEXT and cell is not None:
                run.append((cell, state))
                inside = name_of(state) in BEFORE_NUMBERS or cell.end % CELLS
                if inside or not cell.text.rstrip(AROUND).endswith("]") or (coming != TEXT and is_unclosed(cell.text)):
                    continue
            if run:
                found = self.found(run, start, texts, text_costs)
                found = self.closed(found, (start + cell.start // CELLS, cell.text) if cell else None, texts)
                spans = archive_spans(found.parts)
                named = any(self.naming.is_listed([part.text for part in found.parts[a:b]]) for a, b in spans)
                if found.margin > 0.0 and speaks_for_itself(run, named):
                    yield found
                run = []

    def closed(self, found: Found, following: tuple[int, str] | None, texts: Sequence[str]) -> Found:
        """Return a citation with a bracket that OCR lost; `following` is the next unit. Good text has what it has."""
        first, last = found.parts[0].unit, found.parts[-1].unit
        if not self.naming.rereads and any(map(CYRILLIC_LETTER.search, texts[first : last + 1])):
            return found
        return bracketed(found, "".join(texts[max(0, first - BEFORE) : first]), texts[last + 1 :][:BEHIND], following)

    def found(
        self, run: Sequence[tuple[Cell, int]], start: int, texts: Sequence[str], text_costs: Sequence[float]
    ) -> Found:
        """Return a run of cells as citations."""
        parts = [part for cell, state in run for part in self.parts(cell, state, start, texts)]
        margin = -sum(float(cell.row[state]) for cell, state in run)
        margin += sum(self.seen(texts[unit]).as_text(text_costs[unit]) for unit in {part.unit for part in parts})
        return Found(marked(parts, self.naming.rereads), margin)

    def parts(self, cell: Cell, state: int, start: int, texts: Sequence[str]) -> Iterator[Part]:
        """Yield the parts of a cell, one for each of its units."""
        role = ROLES.get(name_of(state), name_of(state))
        first = start + cell.start // CELLS
        if cell.name:
            read = texts[first : first + len(cell.name.words)]
            other = " ".join(read) if role.endswith("-number") else ""
            for number, (word, own) in enumerate(zip(cell.name.words, read, strict=True)):
                yield Part(role, word, first + number, bool(other), own, other)
        else:
            if cell.end > CELLS * (cell.start // CELLS + 1):
                yield Part("dash", texts[first], first, read=texts[first])
                first += 1
            said = self.cells.printed(cell.text, state)
            yield Part(role, said.text, first, said.uncertain, cell.text, said.other)


LEVELS: Final = states_of(("fond", "opis", "delo", "leaf"))
SPEAKING: Final = states_of(name for name in MARKERS if name != "page")
FONDS: Final = states_of(("fond",))
HEADS: Final = states_of(("fond", "delo"))


def text_of(unit: Unit) -> str:
    """Return what a unit says as a cell: the hyphen between two numbers is no line end's."""
    return unit.hyphenated if any(map(str.isdigit, unit.text)) else unit.text


def notes_around(text: str) -> tuple[str, str]:
    """Return the mark of a note that is glued to a token, before its name or behind its bracket; "" where is none."""
    match = NOTED.match(text)
    return match["before"] or "", match["behind"] or ""


@lru_cache(REMEMBERED)
def without_notes(text: str) -> str:
    """Return a token without the marks of notes that are glued to it."""
    before, behind = notes_around(text)
    return text[len(before) : len(text) - len(behind)]


def with_commas(texts: Sequence[str], notes: Container[int]) -> list[str]:
    """Return the tokens; a full stop between two leaves (`Л. 134. 170.`) is a comma.

    The second is the higher one, has a mark of its own, and is not the number of a note.
    """
    done = list(texts)
    for place, (text, following, behind) in enumerate(zip(texts, texts[1:], [*texts[2:], ""], strict=False)):
        person = behind[:1] == "("
        leaf, other = LEAF_BEFORE.match(text), LEAF_BEHIND.match(following + "(" * person)
        if leaf and other and int(leaf[1]) < int(other[1]) and place + 1 not in notes:
            done[place] = text[:-1] + ","
    return done


def with_bracket(text: str) -> str:
    """Return a token of a scan, its closing bracket right that was read as a curly one or with a bar behind it."""
    return str(MISREAD_BRACKET.sub("]", text))


def is_unclosed(text: str) -> bool:
    """Return whether a text has a parenthesis that only a square bracket closes, which then was one."""
    return "(" in text and ")" not in text


def separator_class(text: str) -> int:
    """Return the class of the mark at the end of a cell: a closing bracket is one whatever stands behind it."""
    core = text.rstrip(AROUND)
    return SEPARATOR_CLASS.get(core[-1:] if core.endswith("]") else text[-1:], OTHER)


def name_sizes(texts: Sequence[str], start: int, fond: int) -> Iterator[int]:
    """Yield how many tokens before the marker of a fond may name an archive: none reaches over a bracket."""
    for size in range(1, min(MOST_WORDS, fond - start) + 1):
        token = texts[fond - size]
        # A whole bracket before the marker of a fond is none: it ends on the right half of a letter (J] of Д).
        if not may_name(token) or (size > 1 and token[-1:] in ";)]" and not WHOLE_BRACKET.match(token)):
            return
        yield size
        if token[:1] in OPENING:
            return


def named_before(texts: Sequence[str], start: int, head: int) -> tuple[int, list[int]]:
    """Return where names of archives before the marker of a fond or a file end, and of how many tokens they may be."""
    head -= head > start and bool(DASH.match(texts[head - 1]))
    return head, list(name_sizes(texts, start, head))


def any_names(texts: Sequence[str], start: int, head: int) -> Iterator[Cell]:
    """Yield the cells that may name an archive before the marker of a fond or a file, as if they cost nothing."""
    head, sizes = named_before(texts, start, head)
    for size in sizes:
        yield named(Name(("",) * size, 0.0), "archive", head - size - start)
    if 2 in sizes:
        yield named(ANYBODY, "archive", head - 2 - start)
        yield named(ANYBODY, "place", head - 1 - start)


def may_name(token: str) -> bool:
    """Return whether a token may be a word of an archive's name: it has letters, or signs, no fewer than digits."""
    digits = sum(map(str.isdigit, token))
    marks = sum(token.count(mark) for mark in ".,;:()-–—")
    return len(token) - digits - marks >= max(2, digits) and not SMALL.match(token) and not NUMERAL.match(token)


def is_behind_article(texts: Sequence[str], place: int) -> bool:
    """Return whether a token without Cyrillic letters has an article before it: it is English (`the KGB.`)."""
    return place > 0 and bool(ARTICLE.match(texts[place - 1])) and not CYRILLIC_LETTER.search(texts[place])


def pieces_of(glued: "regex.Match[str]") -> list[str]:
    """Return the pieces of a token that several cells are glued together in, in their order."""
    spans = sorted(span for group in range(1, glued.re.groups + 1) for span in glued.spans(group))
    return [glued.string[start:end] for start, end in spans if end > start]


def cut_evenly(pieces: Sequence[tuple[str, Row]], at: int) -> Iterator[Cell]:
    """Yield the cells of a unit at a place that several are glued together in."""
    places = [at + CELLS * number // len(pieces) for number in range(len(pieces) + 1)]
    for (first, end), (piece, row) in zip(pairwise(places), pieces, strict=True):
        yield Cell(piece, first, end, row, float(FAR))


def named(name: Name, state: str, place: int) -> Cell:
    """Return the cell of a name from a place of a window on."""
    text, row = name_row(name, state)
    return Cell(text, CELLS * place, CELLS * (place + max(1, len(name.words))), row, float(FAR), name)


@lru_cache(REMEMBERED)
def name_row(name: Name, state: str) -> tuple[str, Row]:
    """Return the text of a name and its costs: it may be in one state only."""
    row = np.full(COUNT, FAR, np.float32)
    row[states_of((state,))] = name.cost
    return " ".join(name.words), row


def windows(count: int, triggers: Iterable[int]) -> list[tuple[int, int]]:
    """Return stretches of units around the triggers, those that touch made one."""
    found: list[tuple[int, int]] = []
    for place in sorted(triggers):
        start, end = max(0, place - BEFORE), min(count, place + AFTER)
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def speaks_for_itself(run: Sequence[tuple[Cell, int]], named: bool) -> bool:
    """Return whether a run of cells is a citation by its own markers.

    At least two are no digits (numbers alone make no citation), and two are well explained and nothing that Latin
    text writes, or one is where a listed archive is `named`: `f. 17, op. 3` is romanised, `K. 3, T. 7` no citation.
    Where all levels stand in brackets, one such marker is enough. Only listed archives have files without a fond, whose
    marker speaks for itself.
    """
    markers = [(cell.text, float(cell.row[state])) for cell, state in run if state in SPEAKING]
    strange = sum(speaks(text, cost) for text, cost in markers)
    if not all(named and speaks(cell.text, float(cell.row[state])) for cell, state in files_without_fond(run)):
        return False
    if sum(is_lettered(text) and speaks(text, cost) for text, cost in markers) < SURELY_CITES and not is_glued_so(run):
        return False
    if strange and is_whole(run):
        return True
    return sum(is_lettered(text) for text, _ in markers) >= 2 and strange + named >= 2


def is_glued_so(run: Sequence[tuple[Cell, int]]) -> bool:
    """Return whether markers of digits are glued to numbers (`0.1271`) only where one of letters is (`Оп.76`)."""
    glued = [cell.text for cell, state in run if state in SPEAKING and cell.end % CELLS]
    return all(not any(map(str.isdigit, text)) for text in glued) or any(map(is_lettered, glued))


def is_lettered(text: str) -> bool:
    """Return whether a marker was read with letters or signs that these are read as, and no digits.

    Full stops, / and brackets alone stand in any text.
    """
    return bool(LETTERED.search(text)) and not any(map(str.isdigit, text))


def files_without_fond(run: Sequence[tuple[Cell, int]]) -> Iterator[tuple[Cell, int]]:
    """Yield the markers of files directly behind the name of an archive, with their states."""
    for (_, before), (cell, state) in pairwise(run):
        if name_of(state) == "delo" and name_of(before) in ("archive", "place"):
            yield cell, state


def is_whole(run: Sequence[tuple[Cell, int]]) -> bool:
    """Return whether a run of cells in brackets has all levels, each with the next one below it."""
    first = dict.fromkeys(name_of(state) for _, state in run if name_of(state) in ALL_LEVELS)
    return tuple(first) == ALL_LEVELS and run[0][0].text[0] == "[" and run[-1][0].text.rstrip(AROUND)[-1:] == "]"


def speaks(text: str, cost: float) -> bool:
    """Return whether a marker is well explained, and nothing that Latin text writes."""
    return cost < EXPLAINED and bool(STRANGE.search(text)) and not ORDINARY.match(text)


def phrase_of(parts: Sequence[Part]) -> Phrase:
    """Return the name that parts say, and what was read for it, without the bracket before it."""
    read, said = [part.read for part in parts], tuple(part.text for part in parts)
    return (read[0][len(opening(said[0])) :], *read[1:]), said


def archive_spans(parts: Sequence[Part]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of parts that name an archive: the first, and one past the last."""
    first = None
    for number, part in enumerate([*parts, None]):
        if part is not None and part.role == "archive":
            first = number if first is None else first
        elif first is not None:
            yield first, number
            first = None
