"""What the grammar makes of the forms of citations, of lines without one, and of hostile ones."""

import math
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from laws import CASES, cases, parameters, undone

from pipeline.document import Corrector, Fixed
from pipeline.errors import BadData
from pipeline.options import Options
from pipeline.repair.archives import Archives, archives_of
from pipeline.repair.citation import AFTER, BEFORE, CELLS, Cell, Finder
from pipeline.repair.grammar import ENDS, GRAMMAR, MARKERS, ROLES
from pipeline.repair.units import cut_units
from pipeline.tables import Row, read_table

COLUMNS: Final = ["label", "kind", "lines", "expected", "parts"]
NOTHING: Final = read_table(CASES / "no_citations.tsv", ("line", "source"))
ARCHIVES: Final = Path(__file__).parent.parent / "lexicons" / "archives.tsv"


def said(fixed: Fixed) -> str:
    """The parts of the citations as the table writes them."""
    return " / ".join(
        " ".join(f"{part.role}:{part.text}" + f"?{part.other}" * part.uncertain for part in citing.parts)
        for citing in fixed.repaired.citations
    )


@pytest.fixture(scope="module")
def finder(corrector: Corrector) -> Finder:
    return corrector.repairer.shared_decoder("tesseract-eng").finder


@pytest.mark.parametrize("case", parameters("citation_forms.tsv", COLUMNS, ["positive", "known-failure"]))
def test_forms(case: Row, corrector: Corrector) -> None:
    fixed = corrector.fix_lines(case["lines"].split("|"))
    assert "|".join(fixed.lines) == case["expected"]
    assert said(fixed) == case["parts"]


@pytest.mark.parametrize("case", cases("citation_forms.tsv", COLUMNS, ["positive"]), ids=lambda case: case["label"])
def test_what_is_right_stays_byte_for_byte(case: Row, corrector: Corrector) -> None:
    lines = case["expected"].split("|")
    assert list(corrector.fix_lines(lines).lines) == lines


@pytest.mark.parametrize("case", NOTHING, ids=lambda case: case["line"])
def test_no_citation_is_invented(case: Row, corrector: Corrector) -> None:
    fixed = corrector.fix_lines([case["line"]])
    assert not fixed.repaired.citations
    assert fixed.text == case["line"]


def test_there_are_enough_lines_without_citations() -> None:
    assert len({case["line"] for case in NOTHING}) >= 200


NUMBERS: Final = st.integers(1, 9_999)
RANGES: Final = st.tuples(NUMBERS, NUMBERS).map(lambda pair: f"{pair[0]}–{pair[1]}") | NUMBERS.map(str)


@settings(max_examples=60)
@given(st.sampled_from(["ГАРФ", "РГАСПИ", "ДАКО", "ГЮЗО"]), NUMBERS, NUMBERS, NUMBERS, st.lists(RANGES, min_size=1))
def test_right_citations_stay_whatever_their_numbers(
    corrector: Corrector, archive: str, fond: int, opis: int, delo: int, leaves: list[str]
) -> None:
    line = f"[{archive}. Ф. {fond}. Оп. {opis}. Д. {delo}. Л. {', '.join(leaves)}]"
    assert corrector.fix_lines([line]).text == line


@settings(max_examples=60)
@given(NUMBERS, NUMBERS, NUMBERS, st.lists(RANGES, min_size=1, max_size=4))
@example(100, 100, 100, ["1"])
def test_digits_of_garbled_citations_stay(
    corrector: Corrector, fond: int, opis: int, delo: int, leaves: list[str]
) -> None:
    line = f"[TAP®. ®. {fond}. On. {opis}. J]. {delo}. JI. {', '.join(leaves)}]"
    fixed = corrector.fix_lines([line])
    assert fixed.text == f"[ГАРФ. Ф. {fond}. Оп. {opis}. Д. {delo}. Л. {', '.join(leaves)}]"
    assert undone(fixed) == [line]


HOSTILE: Final = {
    "many in one paragraph": "[TAP®. ®. 61. On. 3. J. 218. JI. 5]; ",
    "never closed": "[TAP®. ®. 61. On. 3. J. 218. JI. 5; ",
    "deep brackets": "[[[((TAP®. ®. 61. On. [[3. J. 218. ((JI. 5; ",
    "only markers and numbers": "®. 1. ",
    "leaves without an end": "JI. 5, 6, 7, 8, ",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_the_work_grows_as_the_text_does(text: str, finder: Finder, monkeypatch: pytest.MonkeyPatch) -> None:
    def cells(times: int) -> int:
        seen: list[int] = []
        path = Finder.path

        def counted(self: Finder, found: Sequence[Cell], length: int) -> list[tuple[Cell, int]]:
            seen.append(len(found))
            return path(self, found, length)

        monkeypatch.setattr(Finder, "path", counted)
        units = cut_units([text * times])
        finder.find(units, [9.0] * len(units))
        monkeypatch.setattr(Finder, "path", path)
        return sum(seen)

    few, many = cells(100), cells(1_000)
    assert many <= 10 * few + 10 * (BEFORE + AFTER)


def test_ten_thousand_citations_in_one_paragraph(finder: Finder) -> None:
    units = cut_units(["[TAP®. ®. 61. On. 3. J. 218. JI. 5]; " * 10_000])
    assert len(finder.find(units, [9.0] * len(units))) == 10_000


def test_the_grammar_leads_from_everywhere_to_an_end() -> None:
    for state in GRAMMAR:
        reached, ahead = set(), {state}
        while ahead:
            reached |= ahead
            ahead = {after for one in ahead for after in GRAMMAR[one]} - reached
        assert reached & (ENDS - {"text"}) or state == "text"
    assert set(ROLES) <= set(GRAMMAR)
    assert set(MARKERS) <= set(GRAMMAR)


def test_an_abbreviation_of_several_archives_is_ambiguous() -> None:
    archives = archives_of([ARCHIVES])
    assert archives.flags("ГАТО") == ("ambiguous-archive",)
    assert archives.flags("ГАРФ") == ()
    assert archives.flags("ГЮЗО") == ("unknown-archive",)


@settings(max_examples=40)
@given(
    name=st.text("абвгдеиклмнопрсухчш", min_size=4, max_size=9).map(str.capitalize),
    end=st.sampled_from(["]", "; Д. 8]"]),
)
def test_persons_of_right_citations_stay_however_rare(name: str, end: str, corrector: Corrector) -> None:
    text = f"[РГВА. Ф. 9. Оп. 29. Д. 101. Л. 7 ({name}){end}"
    assert corrector.fix(text).text == text


def test_a_person_that_a_line_end_broke_is_whole(corrector: Corrector) -> None:
    (record,) = corrector.fix_lines(["[PPAHM. ®. 3. On. 22. J. 150. JI. 61 (Tpy6-", "uuxos)]"]).citations
    assert record.fields["person"] == "Трубников"


def test_archives_that_were_read_are_flagged(corrector: Corrector) -> None:
    lines = ["[TACHO. ®. 4895. On. 67. J. 1869. JI. 239]", "", "[TAKO. ®. 357. On. 65. J. 2069. JI. 189]"]
    flags = [record.flags for record in corrector.fix_lines(lines).citations]
    assert flags == [("unknown-archive",), ("ambiguous-archive",)]


@pytest.mark.parametrize(("said", "listed"), [("ТАРФ", "ГАРФ"), ("РГАСПН", "РГАСПИ"), ("ЦГАНПД СПб", "ЦГАИПД СПб")])
def test_the_nearest_names_are_proposed(said: str, listed: str) -> None:
    near = archives_of([ARCHIVES]).nearest(said, limit=5)
    assert listed in [name for name, _ in near]
    assert near == sorted(near, key=lambda one: (-one[1], one[0]))
    assert all(0 <= likeness <= 1 for _, likeness in near)


def test_nothing_is_near_a_word_of_another_kind() -> None:
    assert archives_of([ARCHIVES]).nearest("щъюэ") == []
    assert Archives(()).nearest("ГАРФ") == []


def test_archives_of_the_user(tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text("abbreviation\tname\nМЮЗ\tМузей\n", encoding="utf-8")
    line = ["[MO3. ®. 21. On. 6. J]. 93. JI. 12]"]
    known = Corrector.load("rus", Options(archives=str(own))).fix_lines(line)
    assert known.text == "[МЮЗ. Ф. 21. Оп. 6. Д. 93. Л. 12]"
    assert [record.flags for record in known.citations] == [()]


@pytest.mark.parametrize("text", ["name\nМузей\n", "abbreviation\tcost\nМЮЗ\tmuch\n", "abbreviation\n \n"])
def test_a_broken_list_of_archives_is_refused(text: str, tmp_path: Path) -> None:
    own = tmp_path / "own.tsv"
    own.write_text(text, encoding="utf-8")
    with pytest.raises(BadData):
        archives_of([own])


def test_the_parse_is_the_best_of_all_paths(finder: Finder) -> None:
    """Against a slow search through all paths of a short citation."""
    units = cut_units(["TAP®. ®. 61. On. 3. J. 5."])
    texts = [unit.text for unit in units]
    cells = [*finder.cells_of(texts, [9.0] * len(texts), (), 0, len(texts)), *finder.names(texts, 0, 1)]
    cells.sort(key=lambda cell: (cell.start, cell.end))
    best = finder.path(cells, len(texts))
    steps = finder.steps
    allowed = {
        (int(before), int(after), mark): float(steps.cost[mark, number])
        for number, (before, after) in enumerate(zip(steps.before, steps.after, strict=True))
        for mark in range(len(steps.cost))
    }
    marks = {cell.end: ".,;)]".find(cell.text[-1]) if cell.text[-1] in ".,;)]" else 5 for cell in cells}

    def cost(path: list[tuple[Cell, int]]) -> float:
        own = sum(float(cell.row[state]) if state else cell.cost for cell, state in path)
        return own + sum(allowed[one[1], other[1], marks[one[0].end]] for one, other in pairwise(path))

    reached: dict[tuple[int, int], float] = {(0, 0): 0.0}
    for cell in cells:
        for (place, state), so_far in list(reached.items()):
            for after in range(cell.row.size):
                step = allowed.get((state, after, marks.get(place, 5)))
                own = cell.cost if after == 0 else float(cell.row[after])
                if place == cell.start and step is not None and own < 1e8:
                    key = (cell.end, after)
                    reached[key] = min(reached.get(key, math.inf), so_far + step + own)
    least = min(total for (place, state), total in reached.items() if place == CELLS * len(texts) and steps.ends[state])
    first = allowed[0, best[0][1], 5]
    assert np.isclose(cost(best) + first, least, atol=1e-3)
