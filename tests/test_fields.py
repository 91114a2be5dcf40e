"""Records of citations: from the parts that a grammar told."""

import json
from collections.abc import Sequence
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import parameters

from pipeline.cite import FIELDS, Lines, citations
from pipeline.cite.leaves import leaves_of
from pipeline.model import Box, Citation, ReadLine, ReadWord
from pipeline.repair.archives import Archive, Archives
from pipeline.repair.edits import Edit
from pipeline.repair.repaired import CitedPart, Citing
from pipeline.repair.units import Piece
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "parts", "records", "comment"]
LISTED: Final = ("РГАСПИ", "ГАРФ", "РГАЭ", "РГАНИ", "РГВИА", "ЦГАИПД", "ЦГАИПД СПб", "ОР РГБ", "ДАВО", "ГАСО", "ГАСО")
ARCHIVES: Final = Archives(tuple(map(Archive, LISTED)))
STATED: Final = {"archive": "РГАНИ", "fond": "3", "opis": "22", "delo": "150", "leaves": "61"}
BEFORE: Final = Citation("", "", STATED, 0, 0, 0.9, (), {"fond": "Ф."})


def citing(parts: Sequence[tuple[str, str]], uncertain: str = "", line: int = 0) -> tuple[Citing, str]:
    """A run of parts with single spaces between them, and the line that they make."""
    made, start = [], 0
    for role, text in parts:
        made.append(CitedPart(role, text, (Piece(line, start, start + len(text)),), text == uncertain))
        start += len(text) + 1
    return Citing(tuple(made), 20.0), " ".join(text for _, text in parts)


def records(parts: Sequence[tuple[str, str]], uncertain: str = "") -> list[Citation]:
    run, line = citing(parts, uncertain)
    return list(citations([run], Lines([ReadLine(line)], [()]), ARCHIVES, BEFORE))


def tokens(text: str) -> list[tuple[str, str]]:
    """Parts of a citation in the usual order, their roles by their place."""
    roles = ("archive", "fond", "fond-number", "opis", "opis-number", "delo", "delo-number", "leaf", "leaf-number")
    return list(zip(roles, text.split(), strict=False))


@pytest.mark.parametrize("case", parameters("fields.tsv", COLUMNS, ["positive", "negative"]))
def test_fields_of_parts(case: Row) -> None:
    found = records([(role, text) for role, text in json.loads(case["parts"])])
    assert [dict(record.fields) for record in found] == json.loads(case["records"])


@pytest.mark.parametrize(
    ("text", "flags"),
    [
        ("ГАРФ. Ф. 1. Оп. 2. Д. 3.", ()),
        ("ГАСО. Ф. 1. Оп. 2. Д. 3.", ("ambiguous-archive",)),
        ("ШБГКД. Ф. 1. Оп. 2. Д. 3.", ("unknown-archive",)),
        ("ГАРФ. Ф. 1. Оп. 2.", ("incomplete",)),
    ],
)
def test_flags(text: str, flags: tuple[str, ...]) -> None:
    assert records(tokens(text))[0].flags == flags


@pytest.mark.parametrize(("text", "near"), [("ГАРХ. Ф. 1. Оп. 2. Д. 3.", True), ("ГАРФ. Ф. 1. Оп. 2. Д. 3.", False)])
def test_an_unknown_archive_has_listed_ones_near_it(text: str, near: bool) -> None:
    (record,) = records(tokens(text))
    assert ("unknown-archive" in record.flags, bool(record.nearest)) == (near, near)
    assert set(record.nearest) <= {archive.abbreviation for archive in ARCHIVES.listed}


def test_flags_of_doubt_and_of_again() -> None:
    (doubted,) = records(tokens("ГАРФ. Ф. l0. Оп. 2. Д. 3."), uncertain="l0.")
    (again,) = records([("again", "Там"), ("again", "же."), ("leaf", "Л."), ("leaf-number", "5")])
    assert (doubted.flags, again.flags) == (("uncertain",), ("again",))
    assert (again.fields["fond"], again.markers) == ("3", {"fond": "Ф.", "leaves": "Л."})


def test_other_readings_are_told_and_inherited() -> None:
    parts = tokens("ГАРФ. Ф. l0. Оп. 2. Д. 3. Л. 4;")
    run, line = citing([*parts, ("delo", "Д."), ("delo-number", "5.")])
    doubted = [part._replace(uncertain=True, other="10.") if part.text == "l0." else part for part in run.parts]
    lines = Lines([ReadLine(line)], [()])
    one, two = citations([Citing(tuple(doubted), 9.0)], lines, ARCHIVES)
    assert (one.fields["fond"], one.others, one.flags) == ("l0", {"fond": "10"}, ("uncertain",))
    assert (two.fields["fond"], two.others, two.flags) == ("l0", {"fond": "10"}, ("uncertain",))


def test_markers_are_inherited_too() -> None:
    text = "ДАВО. Ф. 1. Оп. 2. Спр. 3;"
    found = records([*tokens(text), ("delo-number", "4.")])
    assert [record.markers["delo"] for record in found] == ["Спр.", "Спр."]
    assert found[1].markers["fond"] == "Ф."


def test_where_a_record_stands() -> None:
    lines = [
        ReadLine("see [PTACIIN. ®. 17.", words("see [PTACIIN. ®. 17.", 0), Box(0, 0, 90, 10)),
        ReadLine("Оп. 3. Д. 5]. Next", words("Оп. 3. Д. 5]. Next", 20), Box(0, 20, 90, 30)),
    ]
    edits = [(Edit(4, 13, "[РГАСПИ.", "citation", 0.9), Edit(14, 16, "Ф.", "citation", 0.9)), ()]
    places = [(0, 4, 13), (0, 14, 16), (0, 17, 20), (1, 0, 3), (1, 4, 6), (1, 7, 9), (1, 10, 13)]
    parts = tokens("[РГАСПИ. Ф. 17. Оп. 3. Д. 5].")
    cited = [CitedPart(*part, (Piece(*place),), False) for part, place in zip(parts, places, strict=True)]
    (record,) = citations([Citing(tuple(cited), 9.0)], Lines(lines, edits), ARCHIVES)
    assert (record.line, record.end_line) == (0, 1)
    assert record.raw == "[PTACIIN. ®. 17. Оп. 3. Д. 5]."
    assert record.text == "РГАСПИ. Ф. 17. Оп. 3. Д. 5"
    assert record.boxes == (Box(40, 0, 200, 10), Box(0, 20, 130, 30))


def words(text: str, top: int) -> tuple[ReadWord, ...]:
    """Words whose boxes are ten pixels a character."""
    made, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        made.append(ReadWord(word, Box(10 * start, top, 10 * (start + len(word)), top + 10)))
        start += len(word)
    return tuple(made)


def test_a_name_that_a_line_end_broke_has_both_pieces() -> None:
    lines = [ReadLine("in [РГА-"), ReadLine("ЛИ. Ф. 6. Оп. 1. Д. 2]")]
    places = [((0, 3, 8), (1, 0, 3)), ((1, 4, 6),), ((1, 7, 9),), ((1, 10, 13),), ((1, 14, 16),)]
    parts = tokens("[РГАЛИ. Ф. 6. Оп. 1.")
    cited = [
        CitedPart(*part, tuple(Piece(*one) for one in place), False) for part, place in zip(parts, places, strict=True)
    ]
    (record,) = citations([Citing(tuple(cited), 9.0)], Lines(lines, [(), ()]), ARCHIVES)
    assert (record.fields["archive"], record.raw) == ("РГАЛИ", "[РГА- ЛИ. Ф. 6. Оп. 1.")


NUMBERS = st.text("0123456789аб-–.,;]) ", min_size=1, max_size=8).filter(lambda text: not text.isspace())
ROLES = st.sampled_from(["archive", "fond", "fond-number", "opis", "opis-number", "delo", "unit", "delo-number"])
MORE = st.sampled_from(["leaf", "leaf-number", "verso", "person", "again", "something new"])


@given(st.lists(st.tuples(ROLES | MORE, NUMBERS), min_size=1, max_size=12))
def test_any_parts_make_records_in_order(parts: list[tuple[str, str]]) -> None:
    run, line = citing(parts)
    found = list(citations([run], Lines([ReadLine(line)], [()]), ARCHIVES))
    assert " ".join(record.raw for record in found).split() == line.split()
    assert all(list(record.fields) == [name for name in FIELDS if name in record.fields] for record in found)


# ---------------------------------------------------------------- leaves

LEAVES: Final = {
    "4, 118": [("4", False, "4", False), ("118", False, "118", False)],
    "5–7 об., 12": [("5", False, "7", True), ("12", False, "12", False)],
    "42—42 об.": [("42", False, "42", True)],
    "5об.–7об": [("5", True, "7", True)],
    "12а–12б": [("12а", False, "12б", False)],
    "12а об.": [("12а", True, "12а", True)],
    "19 и об., 20": [("19", False, "19", True), ("20", False, "20", False)],
    "5-7ob.": [("5", False, "7", True)],
    "16-19 зв.": [("16", False, "19", True)],
    "11–": [("11", False, "11", False)],
    "123обл, XII": [],
    "": [],
}


@pytest.mark.parametrize("text", LEAVES)
def test_leaves(text: str) -> None:
    assert [tuple(leaf) for leaf in leaves_of(text)] == LEAVES[text]


@given(st.lists(st.tuples(st.integers(1, 99999), st.booleans(), st.integers(0, 99999), st.booleans()), max_size=6))
def test_leaves_that_were_written_are_read(leaves: list[tuple[int, bool, int, bool]]) -> None:
    written = [
        f"{first}{' об.' * verso}" + (f"–{last}{' об.' * last_verso}" if last else "")
        for first, verso, last, last_verso in leaves
    ]
    expected = [
        (str(first), verso, str(last or first), last_verso if last else verso)
        for first, verso, last, last_verso in leaves
    ]
    assert [tuple(leaf) for leaf in leaves_of(", ".join(written))] == expected
