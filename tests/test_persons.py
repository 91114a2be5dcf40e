"""The persons that citations name: those that are listed are likelier, and good names stay."""

from typing import Final

import pytest
from laws import parameters

from pipeline.data import data_file
from pipeline.document import Corrector
from pipeline.repair.person import Persons
from pipeline.tables import Row, read_table

COLUMNS: Final = ["label", "kind", "garbled", "expected", "comment"]


@pytest.mark.parametrize("case", parameters("persons.tsv", COLUMNS, ["positive", "negative"]))
def test_a_person_is_read_as_printed_and_stays_so(case: Row, corrector: Corrector) -> None:
    assert corrector.fix(case["garbled"]).text == case["expected"]
    assert corrector.fix(case["expected"]).text == case["expected"]


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
