import json
from typing import Final

import pytest
from laws import cases, parameters, undone

from pipeline.document import Corrector
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "garbled", "expected", "records", "fields", "comment"]
KINDS: Final = ["positive", "negative", "known-failure"]


@pytest.mark.parametrize("case", parameters("citations.tsv", COLUMNS, KINDS))
def test_citations_of_a_line(case: Row, corrector: Corrector) -> None:
    fixed = corrector.fix_lines([case["garbled"]])
    found = fixed.page.citations
    assert fixed.text == case["expected"]
    assert len(found) == int(case["records"])
    if found:
        assert dict(found[0].fields) == json.loads(case["fields"])


@pytest.mark.parametrize("case", [pytest.param(row, id=row["label"]) for row in cases("citations.tsv", COLUMNS, KINDS)])
def test_repairing_a_citation_can_be_undone_and_done_again(case: Row, corrector: Corrector) -> None:
    fixed = corrector.fix_lines([case["garbled"]])
    assert undone(fixed) == [case["garbled"]]
    assert corrector.fix_lines([fixed.text]).text == fixed.text


@pytest.mark.parametrize(
    "case", [pytest.param(row, id=row["label"]) for row in cases("citations.tsv", COLUMNS, ["positive"])]
)
def test_records_say_where_they_stand_and_how_sure_they_are(case: Row, corrector: Corrector) -> None:
    for record in corrector.fix_lines(["Some words.", "", case["garbled"], "And more."]).page.citations:
        assert (record.line, record.end_line) == (2, 2)
        assert record.confidence and 0.5 < record.confidence <= 1
        assert record.raw in case["garbled"]


def test_the_table_is_large_enough() -> None:
    rows = cases("citations.tsv", COLUMNS, KINDS)
    assert sum(row["kind"] == "negative" for row in rows) >= 20
    assert len({row["label"] for row in rows}) == len(rows)
