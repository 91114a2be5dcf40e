"""Romanised citations: found with their fields, left as they are, and nothing else taken for one."""

import json
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import cases, parameters

from pipeline.cite import Lines, citations, romanised
from pipeline.data import data_file
from pipeline.document import Corrector
from pipeline.model import Citation, ReadLine
from pipeline.repair.archives import Archive, Archives, archives_of
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "text", "records", "fields", "comment"]
KINDS: Final = ["positive", "negative"]


@pytest.fixture(scope="module")
def archives() -> Archives:
    return archives_of([data_file("lexicons", "archives.tsv")])


def lines_of(case: Row) -> list[str]:
    return case["text"].split(r"\n")


def records(lines: list[str], archives: Archives) -> list[Citation]:
    read = Lines([ReadLine(line) for line in lines], [()] * len(lines))
    return list(citations(romanised(lines, archives), read, archives))


@pytest.mark.parametrize("case", parameters("romanised_citations.tsv", COLUMNS, KINDS))
def test_romanised_citations_of_lines(case: Row, archives: Archives) -> None:
    found = records(lines_of(case), archives)
    assert len(found) == int(case["records"])
    if found:
        assert dict(found[0].fields) == json.loads(case["fields"])
    for record in found:
        assert "romanised" in record.flags
        assert record.raw in " ".join(lines_of(case))
        assert record.confidence is None


def test_the_text_stays_and_nothing_else_is_found_in_it(corrector: Corrector) -> None:
    rows = cases("romanised_citations.tsv", COLUMNS, KINDS)
    lines = [line for case in rows for line in (*lines_of(case), "")]
    fixed = corrector.fix_lines(lines)
    assert list(fixed.lines) == lines
    assert all("romanised" in record.flags for record in fixed.citations)
    assert len(fixed.citations) == sum(int(case["records"]) for case in rows)


def test_nothing_is_cited_again_where_no_archive_was_before(archives: Archives) -> None:
    assert not records(["Ibid., l. 7; ibid., d. 5, l. 8."], archives)


def test_flags(archives: Archives) -> None:
    lines = ["XQZA, f. 21, op. 6, d. 93; GASO, f. 88, op. 5, d. 61.", "", "f. 17, op. 3, d. 412"]
    assert [record.flags[0] for record in records(lines, archives)] == [
        "unknown-archive",
        "ambiguous-archive",
        "incomplete",
    ]


def test_beside_cyrillic_ones(corrector: Corrector) -> None:
    lines = ["See GARF, f. 1, op. 2, d. 3 and [ГАРФ. Ф. 21. Оп. 6. Д. 93. Л. 12].", "Then RGVA, f. 9, op. 29, d. 101."]
    found = corrector.fix_lines(lines).citations
    assert [record.fields["archive"] for record in found] == ["GARF", "ГАРФ", "RGVA"]


def test_many_in_one_line(archives: Archives) -> None:
    assert len(records(["GARF, f. 1, op. 2, d. 3, l. 4; " * 10_000], archives)) == 10_000
    assert len(records(["GARF, f. 1, op. 2, d. 3, " + "l. 4; d. 3, " * 10_000], archives)) >= 10_000


@pytest.mark.parametrize(
    "text",
    [
        "GARF, " * 20_000,
        "A" * 100_000 + ", f. 1",
        "f. " * 50_000,
        "f. 1" + "\n" * 50_000 + "op. 2",
        "f. 1, op. 2, " * 20_000,
        "f. 1, op. 2, d. " + "1, " * 50_000,
        "f. 1, op. 2, d. 3, l. " + "1-2ob., " * 20_000,
        "f. " + "1" * 100_000,
    ],
)
def test_hostile_text_comes_to_an_end(text: str, archives: Archives) -> None:
    assert len(records(text.split("\n"), archives)) < 40


PIECES: Final = ["GARF", "XQZA", "f.", "F.", "op.", "d.", "ll.", "l.", "1", "12a", "5-7", "ob.", ", ", "; ", ". ", " "]


@given(st.lists(st.sampled_from([*PIECES, "-", "\n"]), max_size=40).map("".join))
def test_parts_are_where_they_say(text: str) -> None:
    lines = text.split("\n")
    for run in romanised(lines, Archives((Archive("ГАРФ", romanised="GARF"),))):
        for part in run.parts:
            stretches = [lines[piece.line][piece.start : piece.end] for piece in part.pieces]
            assert "".join(part.text.split()) in "".join("".join(stretches).split()) or "-" in "".join(stretches)
