from typing import Final

import numpy as np
import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st
from laws import undone

from pipeline.document import Corrector
from pipeline.repair.citation import TRIGGER
from pipeline.repair.screen import spans
from pipeline.repair.units import cut_units

HOSTILE: Final[dict[str, list[str]]] = {
    "one long token": ["x" * 100_000],
    "one long token of look-alikes": ["OcTaBaJIncb" * 9_000],
    "one long Cyrillic token": ["слово" * 20_000],
    "one long number": ["1234567890" * 10_000],
    "strokes": ["I" * 5_000],
    "strokes apart": ["I " * 5_000],
    "marks": ["." * 5_000, "-" * 5_000, "«»" * 2_000],
    "combining marks": ["о" + "\u0301" * 5_000, "\u0301" * 100 + " \u0489"],
    "right to left": ["\u202e\u05d0\u05d1\u05d2 KoMHTeT \u0645\u0631\u062d\u0628\u0627 \u202c\u200f"],
    "NUL": ["a\0b\0", "\0" * 50, "KoMH\0TeT"],
    "lone surrogates": ["\ud800 \udfff\ud800 KoMHTeT\udcff"],
    "odd spaces": ["a\u00a0b\u2003c\u200bd\u2028e\x0bf\x0cg\x1ch\x85i\tj"],
    "astral": ["\U0001f600" * 300 + " \U000e0041\U0010ffff 𝐊𝐨𝐦𝐢𝐭𝐞𝐭"],
    "unbalanced brackets": ["[" * 5_000, "]" * 5_000, "([" * 2_000, ")] " * 2_000],
    "brackets apart": ["[ " * 5_000],
    "citations without an end": ["[PTACIIN. ®. 17. Om. 3. JI. 4. JI. 5; " * 100],
    "markers only": ["®. Om. JI. " * 500],
    "numbers only": ["12. 3; 44, 5. " * 700],
    "fonds only": ["®. 1. " * 1_000],
    "many empty lines": [""] * 5_000,
    "many hyphens at line ends": ["co-"] * 400,
    "one letter a line": list("KoMHTeT" * 50),
    "lower case that grows": ["İ" * 60, "ŉẞﬃΐ" * 10],
    "no lines": [],
    "soft hyphens": ["KoMH\u00ad", "TeTa \u00ad \u00ad-"],
    "quantities": ["²³½Ⅻ①٣٤ 4² ٣. ٤. ½"],
}


@pytest.mark.parametrize("lines", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_is_survived(lines: list[str], corrector: Corrector) -> None:
    fixed = corrector.fix_lines(lines)
    assert [line.original for line in fixed.page.lines] == lines
    assert undone(fixed) == lines


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\n\n"])
def test_line_ends_are_kept(ends: str, corrector: Corrector) -> None:
    text = ends.join(["One.", "", "  Two\tand\u2028three.  ", "\ufeff"]) + ends
    assert corrector.fix(text).text == text


def test_spaces_between_repaired_words_are_kept(corrector: Corrector) -> None:
    fixed = corrector.fix_lines(["  CekpeTapb   ry6epHcKoro\tKOMUTeTa  "])
    assert fixed.text == "  Секретарь   губернского\tкомитета  "


TEXT: Final = st.text(st.characters(exclude_characters="\n\r", exclude_categories=()), max_size=40)
LOOKALIKE: Final = st.text("OcTaBJIKMHPxyepo6[].-;, 0139®|/'«»\u00adдЖ", max_size=40)
PIECES: Final = st.lists(
    st.sampled_from(
        [
            "[PTACIIN.",
            "®.",
            "Om.",
            "JI.",
            "[I.",
            "17.",
            "3;",
            "9-11",
            "06.",
            "]",
            "(",
            "KoMHTeT",
            "ry6epHcKoro",
            "o6-",
            "the",
            "и",
            "IV",
        ]
    ),
    max_size=14,
).map(" ".join)
LINES: Final = st.lists(TEXT | LOOKALIKE | PIECES, max_size=4)


@settings(max_examples=60)
@given(LINES)
@example(["KoMH-", "TeT"])
@example(["a\ud800"])
def test_lines_are_kept_and_repair_can_be_undone(corrector: Corrector, lines: list[str]) -> None:
    fixed = corrector.fix_lines(lines)
    assert len(fixed.page.lines) == len(lines)
    assert undone(fixed) == lines
    for line in fixed.page.lines:
        assert [token.text for token in line.tokens] == regex.findall(r"\S+", line.text)
    assert all(0 <= made.confidence <= 1 and made.was != made.is_ for made in fixed.corrections)


@settings(max_examples=40)
@given(LINES)
def test_repairing_twice_changes_nothing_more(corrector: Corrector, lines: list[str]) -> None:
    once = [line.text for line in corrector.fix_lines(lines).page.lines]
    assert [line.text for line in corrector.fix_lines(once).page.lines] == once


@settings(max_examples=30)
@given(LINES)
def test_what_was_repaired_before_does_not_matter(corrector: Corrector, lines: list[str]) -> None:
    first = corrector.fix_lines(lines).text
    corrector.fix_lines(["CekpeTapb ry6epHcKoro KOMUTeTa nognucau npoTokon"])
    assert corrector.fix_lines(lines).text == first


@settings(max_examples=200)
@given(st.text(alphabet="()[]{}.,:;06OoJIFfnHjl®|/'-", min_size=1, max_size=7))
def test_markers_priced_at_once_are_priced_as_one_by_one(corrector: Corrector, text: str) -> None:
    cells = corrector.repairer.shared_decoder("tesseract-eng").finder.cells
    np.testing.assert_allclose(cells.latin_markers(text), cells.stated_markers(text), rtol=0, atol=1e-6)


@settings(max_examples=100)
@given(
    st.lists(st.lists(st.sampled_from(["KoMHTeT", "the", "of", "17.", "ry6-", "xaoc", "и"]), max_size=30), max_size=8)
)
def test_what_is_near_loud_words_is_found_without_asking_all(corrector: Corrector, rows: list[list[str]]) -> None:
    decoder = corrector.repairer.shared_decoder("tesseract-eng")
    lines = [" ".join(row) for row in rows]
    units, found = cut_units(lines), []
    for listens_to_all in (False, True):
        decoder.quiet, decoder.loud = set(), set()
        if listens_to_all:
            decoder.listen({text for row in rows for text in row} | {unit.text for unit in units})
        near = {at for place in decoder.speaking(units) for at in range(place - 12, place + 13)}
        found.append((spans(lines, decoder), near & set(range(len(units)))))
    assert found[0] == found[1]


@settings(max_examples=200)
@given(st.text(alphabet="()[]{}.,:;OoQDFfPpcbdonaI|/'-", min_size=1, max_size=7))
def test_the_marker_of_a_fond_is_told_by_its_forms_alone(corrector: Corrector, text: str) -> None:
    finder = corrector.repairer.shared_decoder("tesseract-eng").finder
    assert finder.looks_like_fond(text) == (finder.seen(text).fond < TRIGGER)


@settings(max_examples=200)
@given(st.text(alphabet="aeTHKМойё", min_size=1, max_size=6))
def test_a_word_without_marks_costs_what_it_costs_among_marks(corrector: Corrector, word: str) -> None:
    keeper = corrector.repairer.keeper
    assert keeper.price_token(word) == keeper.price_token(f"({word},") == keeper.price_piece(word)
