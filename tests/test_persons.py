"""The persons that citations name: those that are listed are likelier, and good names stay."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import parameters

from pipeline.data import data_file
from pipeline.document import Corrector
from pipeline.model import Reading, ReadLine
from pipeline.options import Options
from pipeline.repair.person import Persons, chosen, core
from pipeline.repair.repaired import DOUBT
from pipeline.tables import Row, read_table

DOUBTED: Final = ["label", "kind", "name", "person", "other"]
COLUMNS: Final = ["label", "kind", "garbled", "expected", "comment"]


@pytest.mark.parametrize("case", parameters("persons.tsv", COLUMNS, ["positive", "negative"]))
def test_a_person_is_read_as_printed_and_stays_so(case: Row, corrector: Corrector) -> None:
    assert corrector.fix(case["garbled"]).text == case["expected"]
    assert corrector.fix(case["expected"]).text == case["expected"]


@pytest.mark.parametrize(
    "case", parameters("doubted_persons.tsv", ["label", "kind", "name", "person", "other"], ["doubted", "sure"])
)
def test_a_person_in_doubt_is_flagged_with_the_next_likely_name(case: Row, corrector: Corrector) -> None:
    found = corrector.fix(f"and so on [РГАСПИ. ®. 17. On. 3. JI. 337. JI. 4, 342 ({case['name']})]. In the same year")
    (cited,) = found.citations
    assert cited.fields["person"] == case["person"]
    assert cited.others.get("person", "") == case["other"]
    assert ("uncertain" in cited.flags) == (case["kind"] == "doubted")
    assert (cited.confidence is not None and cited.confidence < DOUBT) == (case["kind"] == "doubted")


def test_a_person_less_sure_than_asked_stays_as_read(corrector: Corrector) -> None:
    line = "[PTACIIM. ®. 17. On. 3. JI. 337. JI. 4 (Muxom); JI. 338. JI. 5 (Yuuepun)]"
    repaired = Corrector.load("rus", Options(min_confidence=0.8)).repair(Reading((ReadLine(line),), "tesseract-eng"))
    assert repaired.lines[0].text == "[РГАСПИ. Ф. 17. Оп. 3. Д. 337. Л. 4 (Muxom); Д. 338. Л. 5 (Чичерин)]"


@given(st.lists(st.tuples(st.sampled_from(["Киров", "(Киров)", "Рыков);", "лист"]), st.floats(0.0, 60.0)), min_size=1))
def test_the_shares_of_names_are_a_distribution_over_different_names(found: list[tuple[str, float]]) -> None:
    for choice in chosen({0: found}).values():
        names = [core(found[number][0]) for number in choice.numbers]
        assert sorted(names) == sorted({core(text) for text, _ in found})
        assert sum(choice.shares) == pytest.approx(1.0)
        assert list(choice.shares) == sorted(choice.shares, reverse=True)


def test_the_nearest_names_come_first_with_the_marks_around_them(corrector: Corrector) -> None:
    options = corrector.repairer.maps["tesseract-eng"].options
    found = Persons([("Киров", 0.0), ("Жуков", 0.0), ("Трубецкой", 2.0)]).named("(Kupos);", options)
    assert [name for name, _ in found] == ["(Киров);", "(Жуков);", "(Трубецкой);"]
    assert [cost for _, cost in found] == sorted(cost for _, cost in found)


def test_the_list_has_each_surname_once_as_it_is_cited() -> None:
    rows = read_table(data_file("lexicons", "persons.tsv"), ("surname", "known for", "cost"))
    names = [row["surname"] for row in rows]
    assert len(names) == len(set(names)) > 900
    assert all(name[0].isupper() and all("а" <= one.lower() <= "я" or one in "ё-" for one in name) for name in names)
