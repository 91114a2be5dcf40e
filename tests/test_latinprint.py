from typing import Final

import numpy as np
import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st
from laws import cases, parameters

from pipeline.document import Corrector
from pipeline.learn.english import EnglishSampler, roman
from pipeline.learn.latinprint import in_strokes, taken_shares
from pipeline.options import Options
from pipeline.repair.edits import apply
from pipeline.repair.latinprint import NUMERAL, LatinPrint
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "garbled", "expected", "comment"]
KINDS: Final = ["positive", "negative", "known-failure"]
MODEL: Final = "tesseract-rus+eng"
CYRILLIC: Final = regex.compile(r"\p{Cyrillic}")


@pytest.fixture
def latin_print(corrector: Corrector) -> LatinPrint:
    return corrector.repairer.latin_prints[MODEL]


def repaired(corrector: Corrector, text: str, model: str = MODEL) -> str:
    lines = text.split(" / ")
    edits = corrector.repairer.repair(lines, model).edits
    return " / ".join(apply(line, made) for line, made in zip(lines, edits, strict=True))


@pytest.mark.parametrize("case", parameters("latin.tsv", COLUMNS, KINDS))
def test_a_reading_becomes_what_was_printed_and_stays_so(case: Row, corrector: Corrector) -> None:
    assert repaired(corrector, case["garbled"]) == case["expected"]
    assert repaired(corrector, case["expected"]) == case["expected"]


@pytest.mark.parametrize(
    "text",
    [
        "The harvest of that year was а surprise to the district, and so was the price of rye оп Monday.",
        "В начале ХХ века город быстро вырос, и в ХХ веке он стал портом.",
        "Тhe committee was closed, а новый комитет открыли в сентябре того же года.",
        "The word революция was printed in red, and so was мир in the next line.",
    ],
)
def test_text_of_unknown_origin_without_visible_damage_stays(text: str, corrector: Corrector) -> None:
    assert corrector.fix(text).text == text


def test_the_option_says_who_read_a_text(corrector: Corrector) -> None:
    told = Corrector(corrector.repairer, Options(glyph_map=MODEL))
    text = "The harvest of that year was а surprise to the whole district."
    fixed = told.fix(text)
    assert fixed.text == text.replace("а", "a")
    assert [(one.was, one.is_, one.reason) for one in fixed.corrections] == [("а", "a", "latin")]


def test_negatives_are_as_many_as_positives() -> None:
    assert len(cases("latin.tsv", COLUMNS, ["negative"])) >= len(cases("latin.tsv", COLUMNS, ["positive"]))


@given(st.text('абвгдежзийклмнопрстуфхцчшщъыьэюяАВСЕНОРТХУШП15!-.,«»"abcXVI', max_size=16))
def test_what_stands_behind_a_reading_is_latin_cheapest_first_and_placed(corrector: Corrector, reading: str) -> None:
    latin_print = corrector.repairer.latin_prints[MODEL]
    for found in (latin_print.words(reading), latin_print.numerals(reading)):
        assert [one.cost for one in found] == sorted(one.cost for one in found)
        for one in found:
            assert CYRILLIC.search(reading) and not CYRILLIC.search(one.text)
            assert len(one.places) == len(one.text)
            assert list(one.places) == sorted(one.places)
            assert all(0 <= place <= len(reading) for place in one.places)


@pytest.mark.parametrize("number", range(1, 40))
def test_every_numeral_has_the_grammar_of_numerals(number: int) -> None:
    assert NUMERAL.fullmatch(roman(number)) and NUMERAL.fullmatch(f"{roman(number)}–{roman(40 - number)}")


@pytest.mark.parametrize("text", ["IIII", "VV", "XXXX", "IXI", "", "-", "X-", "-X", "XIIX", "C", "XL"])
def test_what_is_no_numeral_below_forty_is_none(text: str) -> None:
    assert not NUMERAL.fullmatch(text)


@pytest.mark.parametrize("reading", ["В.", "Х.", "Ш.", "И", "У,", "XIX", "революция", "1917"])
def test_no_numeral_stands_behind_initials_latin_and_words(latin_print: LatinPrint, reading: str) -> None:
    assert latin_print.numerals(reading) == ()


def test_strokes_are_letters_only_in_numerals() -> None:
    assert [in_strokes(one) for one in ("XVIII", "II–VII,", "VIIIth", "SKIING", "III")] == [
        "XVⅢ",
        "Ⅱ–VⅡ,",
        "VIIIth",
        "SKIING",
        "Ⅲ",
    ]


def test_shares_are_of_the_words_of_each_length_but_numerals() -> None:
    pairs = [("a", "а"), ("a", "a"), ("XX", "ХХ"), ("com-", "сот-"), ("the", "the"), ("1917", "1917")]
    assert list(taken_shares(pairs)) == pytest.approx([1.5 / 3, 0.5, 1.5 / 3, 0.5, 0.5, 0.5])


def test_pages_have_the_words_given_and_the_same_seed_gives_the_same_page() -> None:
    sampler = EnglishSampler.of({"harvest": 0.5, "committee": 0.3, "straße": 0.2})
    one, two = (sampler.page(np.random.default_rng(3), 12, 60) for _ in range(2))
    assert one == two and len(one) == 12
    assert any(line.endswith("-") for line in one)
    assert "harvest" in " ".join(one) and "straße" not in " ".join(one).lower()
