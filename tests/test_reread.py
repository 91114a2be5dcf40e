"""Citations that a model of two scripts read: even what looks good may be misread, and most of it is not."""

from typing import Final

import numpy as np
import pytest
from laws import parameters

from pipeline.document import Corrector
from pipeline.learn.archives import NAME, NameSampler, bare_pair
from pipeline.repair.edits import apply
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "garbled", "expected", "comment"]
MODEL: Final = "tesseract-rus+eng"


def repaired(corrector: Corrector, text: str, model: str) -> str:
    lines = text.split(" / ")
    edits = corrector.repairer.repair(lines, model).edits
    return " / ".join(apply(line, made) for line, made in zip(lines, edits, strict=True))


@pytest.mark.parametrize("case", parameters("reread.tsv", COLUMNS, ["positive", "negative", "known-failure"]))
def test_a_reading_becomes_what_was_printed_and_stays_so(case: Row, corrector: Corrector) -> None:
    assert repaired(corrector, case["garbled"], MODEL) == case["expected"]
    assert repaired(corrector, case["expected"], MODEL) == case["expected"]


@pytest.mark.parametrize("case", parameters("reread.tsv", COLUMNS, ["positive", "negative", "known-failure"]))
def test_good_text_of_unknown_origin_stays(case: Row, corrector: Corrector) -> None:
    assert repaired(corrector, case["expected"], "") == case["expected"]


def test_names_to_learn_from_have_capitals_and_no_more_marks_than_printed() -> None:
    page = NameSampler(("ГАРФ", "ЦДАВО України")).page(np.random.default_rng(1), 20, 70, False)
    names = [token for line in page for token in line.split() if NAME.search(token)]
    assert len(names) > 100
    assert all(set(name) - set("[.,") == set(filter(str.isalpha, name)) for name in names)


@pytest.mark.parametrize(
    ("printed", "read", "pair"),
    [
        ("[ГАРФ.", "[TAP®.", ("ГАРФ", "TAP®")),
        ("[ГАРФ.", "TAP®,", ("ГАРФ", "TAP®,")),
        ("ГАРФ,", "(TAP®,", ("ГАРФ", "(TAP®")),
        ("[ЦДАВО", "[", ("ЦДАВО", "[")),
    ],
)
def test_a_pair_is_learned_without_the_marks_around_it(printed: str, read: str, pair: tuple[str, str]) -> None:
    assert bare_pair(printed, read) == pair


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ("[II JMHUTO. ®. 437. On. 27. J]. 9. JI. 23].", "[ЦДНИТО. Ф. 437. Оп. 27. Д. 9. Л. 23]."),
        ("[IIOA PAH. ®. 7. On. 2. J]. 45. JI. 5].", "[ПФА РАН. Ф. 7. Оп. 2. Д. 45. Л. 5]."),
    ],
)
def test_a_name_read_with_a_space_is_no_other_name_of_the_document(read: str, said: str, corrector: Corrector) -> None:
    other = "as before [IIOA PAH. ®. 241. On. 54. J]. 1045. JI. 5]."
    assert repaired(corrector, f"{other} / {read}", "tesseract-eng").split(" / ")[1] == said


def test_a_short_name_that_nobody_listed_is_no_other_name_of_the_document(corrector: Corrector) -> None:
    text = "[ГАРО. Ф. 31. Оп. 5. Д. 50. Л. 3; {}. Ф. 312. Оп. 58. Д. 503. Л. 35]"
    assert repaired(corrector, text.format("TAO"), MODEL) == text.format("ГАО")
