"""The marks, brackets and spaces of citations: what stands between their parts as print has it, where OCR lost it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, NamedTuple

import regex

from pipeline.repair.cells import DIGITS_READ
from pipeline.repair.grammar import ANEW, MARKERS
from pipeline.repair.naming import opening

# Levels whose marks are alike in a run, and what follows them; so many times more are nearly all.
LEVEL_ENDS: Final = ("archive", "fond-number", "opis-number", "delo-number")
LEVELS_BELOW: Final = ("fond", "opis", "delo", "leaf")
BEFORE_NUMBERS: Final = frozenset(MARKERS) - {"verso"}
FILE_ENDS: Final = ("leaf-number", "verso", "range", "person")
# What Cyrillic text has not, and what OCR makes of it.
MISREAD: Final = regex.compile(r"\p{Latin}|[®©@&¢§$€£¥|]")
# A marker in the other case than more others than these was misread; so are several, of so many times more.
MOST_MARKERS: Final = 3
FEWER: Final = 6
MISREAD_MARKS: Final = ".,:"
CLOSED_BEHIND: Final = regex.compile(r"[^\[]*[\]}|]")
SEVERAL_MARKS: Final = regex.compile(r"[.,:]{2,};$")
APART: Final = regex.compile(r"^[\]|}][.,;:]*$")
ABBREVIATED: Final = regex.compile(r"^[(\[]?\p{L}{1,3}\.$")
BARE_MARKER: Final = regex.compile(r"^[(\[]?\p{L}{1,3}$")
MOST: Final = 2
# The markers of one leaf and of several, in small letters.
LEAVES: Final = ("л.", "лл.")
RANGE: Final = regex.compile(r"\d[–—-]\d")
# What Ф is read as, and ф never.
LARGE_FOND: Final = "®©"
# What a closing square bracket is read as.
CLOSING: Final = str.maketrans(")}", "]]")
# A comma that closes nothing: the full stop of a verso.
CLOSED_COMMA: Final = regex.compile(r",(?=\])")
BAR: Final = regex.compile(r"\|[.,;:]?$")


class Part(NamedTuple):
    """A decoded cell, or the share of it that one unit has.

    `role`, what it says now, and the unit; `uncertain` says that a character of a number, or a person, had to be
    guessed, `other` is what it may say else; `read` is what was read; `apart` says that a space belongs before it.
    `sure` is how likely a person is right, in a citation that is.
    """

    role: str
    text: str
    unit: int
    uncertain: bool = False
    read: str = ""
    other: str = ""
    apart: bool = False
    sure: float = 1.0


@dataclass(frozen=True)
class Found:
    """A run of citations: its parts in order, and how much likelier (nats) it is than ordinary text."""

    parts: tuple[Part, ...]
    margin: float


def marked(parts: Sequence[Part], rereads: bool) -> tuple[Part, ...]:
    """Return the parts of a run with the marks, brackets and spaces that belong to them.

    What was read as it is printed stays as it is: unless a marker of the run was misread, or a model read it that can
    read Cyrillic (`rereads`), and loses marks like any. Without Latin letters and strange signs it surely was.
    """
    if not rereads and not any(MISREAD.search(part.read) for part in parts):
        return tuple(doubted([as_read(part) for part in parts]))
    done = spaced(inner(with_large_fonds(parts)), rereads)
    if rereads or any(part.text != part.read for part in done if part.role in MARKERS):
        done = separated(consistent(with_lost_markers(unopened(done))))
    else:
        done = [as_read(part) if part.other == part.read else part for part in done]
    done = doubted(done)
    return tuple(balanced(cased(even(parenthesised(done))) if rereads else done))


def as_read(part: Part) -> Part:
    """Return a part that says what was read; what it was thought to say is what it may say else."""
    return part._replace(text=part.read, other=part.text if part.other == part.read else part.other)


def spaced(parts: Sequence[Part], rereads: bool) -> list[Part]:
    """Return the parts; what OCR glued together stands apart where most of its kind in the run do.

    That is a number behind its marker, and what begins behind a number. What was read as it is printed stays as it is,
    unless the reader can read Cyrillic (`rereads`).
    """
    steps = list(pairwise(parts))
    if all(one.unit != other.unit for one, other in steps):
        return list(parts)
    kinds = [(one.role in BEFORE_NUMBERS, other.role in BEFORE_NUMBERS, other.role == "range") for one, other in steps]
    count = Counter((kind, one.unit != other.unit) for kind, (one, other) in zip(kinds, steps, strict=True))
    done = list(parts[:1])
    for kind, (one, other) in zip(kinds, steps, strict=True):
        apart = one.unit == other.unit and count[kind, True] > count[kind, False]
        done.append(other._replace(apart=True) if apart and (rereads or one.text != one.read) else other)
    return done


def with_lost_markers(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run, the numbers of files that OCR lost the marker of with that of the file before."""
    done: list[Part] = []
    usual = [Part("delo", "д." if usual_mark(parts) == "," else "Д.", 0)]
    before = ""
    for part in parts:
        if part.role == "delo-number" and before in (*FILE_ENDS, "opis-number"):
            done += [marker._replace(unit=part.unit, read="", apart=marker.role == "unit") for marker in usual]
            part = part._replace(apart=True, uncertain=True)
        if part.role == "delo":
            usual = []
        if part.role in ("delo", "unit"):
            usual.append(part)
        done.append(part)
        before = part.role
    return done


def inner(parts: Sequence[Part]) -> list[Part]:
    """Return the parts; a word inside the name of an archive that had to be read has no mark behind it."""
    done = list(parts)
    for number, (part, following) in enumerate(pairwise(parts)):
        if part.role == following.role == "archive" and following.text and part.text != part.read:
            done[number] = part._replace(text=part.text.rstrip(".,"))
    return done


def unopened(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run, no bracket before the marker behind the name of an archive: it was half of Ф."""
    before = ["", *(part.role for part in parts)]
    return [
        part._replace(text=part.text[len(opening(part.text)) :]) if role == "archive" and part.role == "fond" else part
        for role, part in zip(before, parts, strict=False)
    ]


def with_large_fonds(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run; behind a full stop the sign that only Ф is read as was one (`®. 17, оп. 3`)."""
    before = ["", *(part.text for part in parts)]
    return [
        part._replace(text=part.text.capitalize())
        if part.role == "fond" and part.read[0] in LARGE_FOND and text.endswith(".")
        else part
        for text, part in zip(before, parts, strict=False)
    ]


def consistent(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run that OCR misread, the marks between its levels alike where nearly all are.

    Markers in small letters have commas before them, those with capitals full stops: most of such marks are enough, and
    those stay (`РГАЭ. Ф. 21, оп. 6, д. 93`).
    """
    levels = [
        number
        for number, (part, following) in enumerate(pairwise(parts))
        if part.role in LEVEL_ENDS and following.role in LEVELS_BELOW and part.text.endswith((".", ","))
    ]
    ends = Counter(parts[number].text[-1] for number in levels)
    usual = usual_mark(parts)
    # In small print most commas may be read as full stops, the one behind a name seldom is, no level's always.
    begins_small = any(parts[number].role == "archive" and parts[number].text[-1] == "," for number in levels)
    marks = {(parts[number].role, parts[number].text[-1]) for number in levels}
    differs = len(marks) > len({role for role, _ in marks})
    done = list(parts)
    for number in levels:
        other = "." if done[number].text[-1] == "," else ","
        most = 1 if other == usual and done[number].role != "archive" else MOST
        most = 0 if other == usual == "," and (begins_small or differs) else most
        if ends[other] >= most * (len(levels) - ends[other]) and not is_marked_so(parts[number : number + 2]):
            done[number] = done[number]._replace(text=done[number].text[:-1] + other)
    return done


def is_marked_so(pair: Sequence[Part]) -> bool:
    """Return whether the mark before a marker goes with its case."""
    return pair[0].text[-1] == ("," if pair[1].text.islower() else ".")


def usual_mark(parts: Sequence[Part]) -> str:
    """Return the mark that belongs between the levels of a run by the case of its markers; "" if they differ."""
    cases = {part.text.islower() for part in parts if part.role in LEVELS_BELOW}
    return "" if len(cases) != 1 else "," if True in cases else "."


def separated(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run that OCR misread, the marks between them as the grammar has them.

    No citation has a colon: before another file, or anything above one, it was a semicolon; so was a full stop or a
    comma where most have one (the full stop of a verso is its own), and a comma behind a person where full stops part
    the levels. Leaves of a list have commas between them, no semicolons where these are between files. An abbreviation
    has its full stop.
    """
    ends = [
        part.text[-1]
        for part, following in pairwise(parts)
        if part.role in FILE_ENDS and following.role in ANEW and not (part.role == "verso" and part.text[-1] == ".")
    ]
    semicolons = 2 * ends.count(";") > len(ends) > 0
    stops = usual_mark(parts) == "."
    abbreviates = any(ABBREVIATED.match(part.text) for part in parts if part.role in LEVELS_BELOW)
    done: list[Part] = []
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        text = part.text
        if part.role in LEVELS_BELOW and abbreviates and BARE_MARKER.match(text):
            text += "."
        elif part.role == "author" and following is not None and following.text.islower():
            text = text.rstrip(".") + "," * text.endswith(".")
        elif part.role == "again" and following is not None and following.text[:1].isupper():
            text = text.replace(",", ".")
        elif following is not None:
            misread = MISREAD_MARKS if semicolons else ":," if stops and part.role == "person" else ":"
            text = separate(text, part.role, following.role, misread)
        if part.role == "verso":
            text = CLOSED_COMMA.sub(".", text)
        done.append(part._replace(text=text))
    return done


def separate(text: str, role: str, following: str, misread: str) -> str:
    """Return the text of a part with the mark that belongs before what follows; `misread` are those for semicolons."""
    core = text.rstrip(MISREAD_MARKS)
    if role == "person" and following in ANEW and text.endswith(";"):
        return text.rstrip(MISREAD_MARKS + ";") + ";"
    if role == "verso" and following == "person":
        return core.rstrip(".") + "."
    if role == "verso" and SEVERAL_MARKS.search(text):
        return text.rstrip(MISREAD_MARKS + ";") + ".;"
    if role in FILE_ENDS and following in ANEW and text[-1] in misread:
        return core.rstrip(".") + "." * (role == "verso") + ";"
    if role == following == "leaf-number":
        wrong = ".;" if misread == MISREAD_MARKS else "."
        return text.rstrip(wrong) + "," if text[-1] in wrong or text[-1].isalnum() else text
    return text[:-1] + ";" if text.endswith(":") and following in ANEW else text


def even(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run that a model of two scripts read, with the marks that it lost.

    So it does in small print. Where all other levels have the same mark, that one was there; files have semicolons
    between them.
    """
    ends = [
        number
        for number, (part, following) in enumerate(pairwise(parts))
        if part.role in LEVEL_ENDS and following.role in LEVELS_BELOW and part.text
    ]
    marks = {parts[number].text[-1] for number in ends} & set(".,")
    done = list(parts)
    for number in ends:
        if len(marks) == 1 and parts[number].text[-1].isalnum():
            done[number] = parts[number]._replace(text=parts[number].text + min(marks))
    for number, (part, following) in enumerate(pairwise(parts)):
        if part.role in FILE_ENDS and following.role in LEVELS_BELOW and part.text[-1:].isalnum():
            done[number] = part._replace(text=part.text + ";")
    return done


def parenthesised(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run, persons with the opening parenthesis that OCR lost; inside a run no bracket closes."""
    before = ["", *(part.role for part in parts)]
    done = [
        part._replace(text="(" + part.text)
        if part.role == "person" != role and ")" in part.text and part.text[0].isalpha()
        else part
        for role, part in zip(before, parts, strict=False)
    ]
    inner = [part._replace(text=part.text.replace(")]", ")")) if part.role == "person" else part for part in done[:-1]]
    return inner + done[-1:]


def cased(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run that a model of two scripts read, the few odd markers in the case of the many others.

    Those of fonds and their parts may have the only capitals.
    """
    places = [number for number, part in enumerate(parts) if part.role in LEVELS_BELOW]
    small = [number for number in places if parts[number].text.islower()]
    large = [number for number in places if number not in small and parts[number].role in ("delo", "leaf")]
    odd, usual = (large, small) if len(small) > len(large) else (small, places)
    odd = [number for number in odd if number == 0 or not is_marked_so(parts[number - 1 : number + 1])]
    done = list(parts)
    if len(usual) > MOST_MARKERS and len(odd) <= max(1, len(places) // FEWER):
        for number in odd:
            text = parts[number].text
            done[number] = parts[number]._replace(text=text.capitalize() if text.islower() else text.lower())
    return done


def doubted(parts: Sequence[Part]) -> list[Part]:
    """Return the parts, numbers uncertain whose last digit may be the mark that is missing behind them."""
    done: list[Part] = []
    for part, following in zip(parts, [*parts[1:], None], strict=True):
        missing = part.text[-1:].isdigit() and len(part.text) > 1 and part.role.endswith("-number")
        if missing and following is not None and following.role in ("fond", "opis", "delo", "leaf"):
            part = part._replace(uncertain=True, other=part.other or part.text[:-1].translate(DIGITS_READ) + ";")
        done.append(part)
    return done


def balanced(parts: Sequence[Part]) -> list[Part]:
    """Return the parts of a run, square brackets around it on both sides where one of them says so."""
    done = list(parts)
    text = "".join(part.text for part in parts)
    first, last = parts[0].text, parts[-1].text
    lead = opening(first)
    closed = "]" in last and text.count("]") == 1
    if lead == "{" and "}" in last and "[" not in text and "]" not in text:
        done[0] = done[0]._replace(text="[" + first[1:])
        done[-1] = done[-1]._replace(text=done[-1].text.replace("}", "]"))
    elif lead not in ("", "[") and closed and text.count("(") > text.count(")") - ("{" in lead):
        done[0] = done[0]._replace(text="[" + first[len(lead) :])
    elif lead == "[" and "]" not in text and BAR.search(last):
        done[-1] = done[-1]._replace(text=last.replace("|", "]"))
    elif lead == "[" and "]" not in text and ("}" in last or text.count(")") > text.count("(")):
        done[-1] = done[-1]._replace(text=last.translate(CLOSING))
    return done


def bracketed(found: Found, before: str, behind: Sequence[str], following: tuple[int, str] | None) -> Found:
    """Return a citation with the bracket that is missing at one of its ends, where the other one has one.

    `before` is what was read before it, `behind` the tokens after it, `following` the next unit and what that says.
    """
    done = opened(found, before)
    return closed_behind(closed_apart(done, *following) if following else done, behind)


def opened(found: Found, before: str) -> Found:
    """Return a citation whose bracket is closed and was not opened `before` either, with it opened.

    One behind a semicolon goes on from another, which has the bracket. Щ is what `[Ц` is read as.
    """
    said = "".join(part.text for part in found.parts)
    first = found.parts[0]
    if first.role != "archive" or "]" not in said[-3:] or "[" in said or before.count("[") > before.count("]"):
        return found
    if before.endswith(";"):
        return found
    name = "Ц" + first.text[1:] if first.text.startswith("Щ") else first.text.lstrip("({|")
    return replace(found, parts=(first._replace(text="[" + name), *found.parts[1:]))


def closed_apart(found: Found, unit: int, text: str) -> Found:
    """Return a citation with the closing bracket that was read behind a space: `text` of the unit that follows."""
    said = "".join(part.text for part in found.parts)
    if not APART.match(text) or "[" not in said or "]" in said:
        return found
    last = found.parts[-1]
    whole = last._replace(text=f"{last.text}]{text[1:]}")
    return replace(found, parts=(*found.parts[:-1], whole, last._replace(text="", unit=unit, read=text)))


def closed_behind(found: Found, behind: Sequence[str]) -> Found:
    """Return a citation whose bracket nothing closes, nor anything `behind` it, with it closed at the sentence end."""
    said = "".join(part.text for part in found.parts)
    last = found.parts[-1]
    if not said.startswith("[") or "]" in said or last.role not in FILE_ENDS or last.text[-1:] != ".":
        return found
    if CLOSED_BEHIND.match("".join(behind)):
        return found
    stop = "." * (last.role != "verso")
    return replace(found, parts=(*found.parts[:-1], last._replace(text=last.text.removesuffix(stop) + "]" + stop)))


def with_small_fonds(found: Sequence[Found]) -> list[Found]:
    """Return the citations of a document; `Ф.` was `ф.` where all other markers are small and most of these are too.

    A model of two scripts takes the one for the other, which only differs in size.
    """
    among_small = [
        (number, place)
        for number, one in enumerate(found)
        if any(part.role in LEVELS_BELOW[1:] for part in one.parts)
        and all(part.text.islower() for part in one.parts if part.role in LEVELS_BELOW[1:])
        for place, part in enumerate(one.parts)
        if part.role == "fond"
    ]
    small = sum(found[number].parts[place].text.islower() for number, place in among_small)
    done = [list(one.parts) for one in found]
    for number, place in among_small:
        if 2 * small > len(among_small):
            done[number][place] = done[number][place]._replace(text=done[number][place].text.lower())
    return [replace(one, parts=tuple(parts)) for one, parts in zip(found, done, strict=True)]


def with_usual_leaves(found: Sequence[Found]) -> list[Found]:
    """Return the citations of a document; a misread marker of leaves is as most are.

    That is `л.` before one and `лл.` before more in most: what was read for them is of any length.
    """
    leaves = [
        (number, place, has_more(one.parts[place + 1 : place + 3]))
        for number, one in enumerate(found)
        for place, part in enumerate(one.parts)
        if part.role == "leaf" and part.text.lower() in LEAVES
    ]
    counts = Counter((more, found[number].parts[place].text.lower()) for number, place, more in leaves)
    done = [list(one.parts) for one in found]
    for number, place, more in leaves:
        part = done[number][place]
        usual = max(LEAVES, key=lambda text: counts[more, text])
        if part.text != part.read and counts[more, usual] > MOST * counts[more, part.text.lower()]:
            done[number][place] = part._replace(text=usual.capitalize() if part.text[0].isupper() else usual)
    return [replace(one, parts=tuple(parts)) for one, parts in zip(found, done, strict=True)]


def with_usual_spaces(found: Found, lines: Sequence[tuple[int, int]], rereads: bool) -> Found:
    """Return a citation without the spaces between markers and their numbers where most of its markers have none.

    `lines` are those in which each unit begins and ends: what a line end parts stays apart. So does what was read as it
    is printed, unless the reader can read Cyrillic (`rereads`).
    """
    steps = [
        number
        for number, (one, other) in enumerate(pairwise(found.parts))
        if one.role in BEFORE_NUMBERS - {"page"} and other.role.endswith("-number")
    ]
    apart = [number for number in steps if found.parts[number].unit != found.parts[number + 1].unit]
    if 2 * len(apart) >= len(steps):
        return found
    shared = Counter(part.unit for part in found.parts)
    done: list[Part] = list(found.parts)
    for number in reversed(apart):
        marker, own = done[number : number + 2]
        misread = rereads or marker.text != marker.read
        alone = shared[own.unit] == 1 and any(map(str.isdigit, own.text))
        if misread and alone and lines[marker.unit][1] == lines[own.unit][0]:
            done[number + 1 : number + 2] = [own._replace(unit=marker.unit), own._replace(text="")]
    return replace(found, parts=tuple(done))


def has_more(parts: Sequence[Part]) -> bool:
    """Return whether the parts behind a marker of leaves are more than one: a range, or two of a list."""
    numbers = [part.text for part in parts if part.role in ("leaf-number", "range")]
    return len(numbers) > 1 or any(map(RANGE.search, numbers))
