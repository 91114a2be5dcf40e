"""The recipe for JSON lines: one string of each record is repaired, its language and quality are told beside it.

A record is edited where it stands: the string is replaced if it was repaired, and two members are added at the end of
its object. Every other byte stays as it was. Records are independent of each other.
"""

import json
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final, NamedTuple

from pipeline.document import Corrector
from pipeline.language import language_of
from pipeline.quality import Judge, Words, read_ratios
from pipeline.stream import BLOCK, Input, blocks
from pipeline.write import LONE_SURROGATE

# Bytes; a longer line is passed through as it is.
LONGEST: Final = 1 << 24
BLANK: Final = " \t\r\n"
BOM: Final = "\ufeff"
DECIMALS: Final = 4


class Record(NamedTuple):
    """A line: its number (from 1), its bytes as they are to be written, and why it is as it was, "" if it was read."""

    line: int
    content: bytes
    problem: str = ""


class BadRecord(Exception):
    """Why a line is passed through as it is."""


class Member(NamedTuple):
    """A member of a JSON object: its name, what is between it and its value, the value and where that stands."""

    name: str
    colon: str
    value: Any
    start: int
    end: int


def refused(constant: str) -> None:
    """Refuse NaN and the infinities, which are no JSON."""
    raise BadRecord(f"{constant} is no JSON")


# Numbers stay text: they are written as they were, however long they are.
DECODER: Final = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=refused)


class Records:
    """Repairs the string `field` (`a.b`: b in a) of each record of an input; counts the `good` and the `bad`.

    Records of a quality below `least` are left out; bad lines are passed through as they are, empty ones too.
    """

    def __init__(self, corrector: Corrector, given: Input, field: str, least: float = 0.0) -> None:
        self.corrector = corrector
        self.given = given
        self.path = tuple(field.split("."))
        self.least = least
        self.judge = Judge(corrector.repairer.searcher, corrector.repairer.keeper.latin, read_ratios())
        self.good = self.bad = 0

    def __iter__(self) -> Iterator[Record]:
        """Yield what became of each line; one that is too long comes in pieces. Raises UnreadableInput."""
        number = 0
        while line := self.given.line(LONGEST):
            number += 1
            if is_cut(line):
                yield from self.passed(number, line)
            elif not line.strip():
                yield Record(number, line)
            else:
                yield self.repaired(number, line)

    def passed(self, number: int, line: bytes) -> Iterator[Record]:
        """Yield the pieces of a line that is too long."""
        self.bad += 1
        yield Record(number, line, f"it is longer than {LONGEST >> 20} MB")
        while is_cut(line) and (line := self.given.line(LONGEST)):
            yield Record(number, line)

    def repaired(self, number: int, line: bytes) -> Record:
        """Return what became of a line."""
        try:
            content = self.with_repair(line.decode())
        except (ValueError, RecursionError, BadRecord) as error:
            self.bad += 1
            return Record(number, line, reason_of(error))
        self.good += 1
        return Record(number, content.encode())

    def with_repair(self, line: str) -> str:
        """Return a line with its field repaired and judged, "" if its quality is too low.

        Raises BadRecord, ValueError or RecursionError if it has no such field.
        """
        members, field = found(line, self.path)
        text = field.value
        repaired, quality = self.repair(text)
        if quality < self.least:
            return ""
        added = {f"{field.name}_language": language_of(repaired), f"{field.name}_quality": quality}
        if taken := [member.name for member in members if member.name in added]:
            raise BadRecord(f"it has {taken[0]} already")
        return edited(line, members[-1], field, repaired, added)

    def repair(self, text: str) -> tuple[str, float]:
        """Return a repaired text and its quality. Raises BadRecord where a character is half of one."""
        if LONE_SURROGATE.search(text):
            raise BadRecord("its text has half a surrogate pair")
        done: list[str] = []
        words: list[Words] = []
        for part in parts_of(text):
            fixed = self.corrector.fix(part)
            done.append(fixed.text)
            words.append(self.judge.words([line.text for line in fixed.reading.lines], fixed.repaired))
        return "".join(done), round(self.judge.quality(words), DECIMALS)


def is_cut(line: bytes) -> bool:
    """Return whether a line goes on behind what was read of it."""
    return len(line) == LONGEST and not line.endswith(b"\n")


def parts_of(text: str) -> Iterator[str]:
    """Yield a text in the blocks that a stream of it would have."""
    if len(text) <= BLOCK // 4:  # no character has more than four bytes
        yield text
        return
    for block, _ in blocks(Input("", BytesIO(text.encode())), BLOCK):
        yield block.decode()


def reason_of(error: Exception) -> str:
    """Return why a line is bad, for its reader."""
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 at byte {error.start}"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if isinstance(error, json.JSONDecodeError):
        return f"it is no JSON at character {error.pos}: {error.msg}"
    return str(error)


def found(line: str, path: Sequence[str]) -> tuple[list[Member], Member]:
    """Return the members of the object that has a field, and the field, a string. Raises BadRecord or ValueError."""
    members, end = members_of(line, after_blanks(line, line.startswith(BOM)))
    if after_blanks(line, end) < len(line):
        raise BadRecord("something stands behind its object")
    for depth, name in enumerate(path, start=1):
        named = [member for member in members if member.name == name]
        if len(named) != 1:
            raise BadRecord(f"it has {name} twice" if named else f"it has no {name}")
        if depth < len(path):
            members, _ = members_of(line, named[0].start, f"its {name}")
    if not isinstance(named[0].value, str) or line[named[0].start] != '"':
        raise BadRecord(f"its {name} is no text")
    return members, named[0]


def members_of(line: str, start: int, what: str = "it") -> tuple[list[Member], int]:
    """Return the members of the object that begins at a place, and where it ends. Raises BadRecord or ValueError."""
    if line[start : start + 1] != "{":
        raise BadRecord(f"{what} is no object")
    members: list[Member] = []
    at = after_blanks(line, start + 1)
    while line[at : at + 1] != "}" or members:
        if line[at : at + 1] != '"':
            raise json.JSONDecodeError("a name is missing", line, at)
        name, after = DECODER.raw_decode(line, at)
        colon = after_blanks(line, after)
        at = after_blanks(line, colon + 1)
        if line[colon : colon + 1] != ":":
            raise json.JSONDecodeError("a colon is missing", line, colon)
        value, end = DECODER.raw_decode(line, at)
        members.append(Member(name, line[after:at], value, at, end))
        at = after_blanks(line, end)
        if line[at : at + 1] == "}":
            break
        if line[at : at + 1] != ",":
            raise json.JSONDecodeError("a comma is missing", line, at)
        at = after_blanks(line, at + 1)
    return members, at + 1


def after_blanks(line: str, at: int) -> int:
    """Return the next place that holds no blank."""
    while at < len(line) and line[at] in BLANK:
        at += 1
    return at


def edited(line: str, last: Member, field: Member, repaired: str, added: dict[str, Any]) -> str:
    """Return a line with a repaired field and more members after the last of its object, spelled as the line is."""
    is_escaped = line.isascii() and "\\u" in line
    comma = ", " if last.colon.endswith(" ") else ","
    more = "".join(f"{comma}{json.dumps(name)}{last.colon}{json.dumps(value)}" for name, value in added.items())
    text = line[field.start : field.end]
    if repaired != field.value:
        text = json.dumps(repaired, ensure_ascii=is_escaped)
    return line[: field.start] + text + line[field.end : last.end] + more + line[last.end :]
