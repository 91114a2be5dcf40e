"""What is done with hyphens at line ends."""

import pytest
from laws import parameters

from pipeline.document import Corrector
from pipeline.tables import Row

COLUMNS = ["kind", "label", "line", "following", "expected", "comment"]


@pytest.mark.parametrize("case", parameters("hyphens.tsv", COLUMNS, ["synthetic", "negative", "known-failure"]))
def test_hyphens(case: Row, corrector: Corrector) -> None:
    assert corrector.hyphens.ending(case["line"], case["following"]) == case["expected"]


def test_the_document_teaches(corrector: Corrector) -> None:
    ending = corrector.hyphens.ending
    assert ending("и по-", "видимому", {"по-видимому"}) == "hyphen"
    assert ending("the twenty-", "five", {"twentyfive"}) == "broken"


def test_a_text_flows(corrector: Corrector) -> None:
    lines = ["Комиссия осматривала склады и мельницы гу-", "бернии и отослала отчёт."]
    assert [line.ending for line in corrector.fix_lines(lines).page.lines] == ["broken", "line"]
