from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import cases

from pipeline.document import Corrector
from pipeline.model import Line, Page, Status, Token
from pipeline.record import language_of
from pipeline.residue import Residue, residue
from pipeline.write import residue_tsv

DOUBT: Final = (("это", 0.5), ("3TO", 0.3), ("то", 0.2))


def token(text: str, status: Status = "kept", candidates: tuple[tuple[str, float], ...] = ()) -> Token:
    return Token("t", text, text, language_of(text), status, candidates=candidates)


def doubted(text: str, candidates: tuple[tuple[str, float], ...] = ()) -> Token:
    return token(text, "doubtful-kept", candidates)


def page(*tokens: Token) -> Page:
    text = " ".join(one.text for one in tokens)
    return Page(1, (Line(text, text, tokens),))


def left(*tokens: Token) -> list[str]:
    return [one.token for one in residue([page(*tokens)]) for _ in range(one.count)]


@pytest.mark.parametrize("word", ["Koмитет", "комитeт,", "«Комитeта"])
def test_mixed_words_are_left(word: str) -> None:
    assert left(token("The"), token(word), token("met")) == [word]


@pytest.mark.parametrize("word", ["USB-порт", "комитет", "X–Й", "B12", "1960s", "McDonald", "xne6"])
def test_these_words_are_not_mixed(word: str) -> None:
    assert left(token("The"), token(word), token("met")) == []


@pytest.mark.parametrize("word", ["pa6oTa", "3TO,", "6onbweBuKu", "«3TO"])
def test_digits_inside_words_are_left_between_russian_ones(word: str) -> None:
    he, went = token("Он", "repaired"), token("пошёл")
    assert left(he, token(word), went) == [word]
    assert left(he, token("—"), token(word), token("1917"), went) == [word]
    assert left(he, token(word), token("went")) == left(token("He"), token(word), went) == left(token(word), went) == []


@pytest.mark.parametrize("word", ["1960s", "B12", "20th", "1917", "Latin", "§5"])
def test_these_have_no_digit_inside(word: str) -> None:
    assert left(token("Он"), token(word), token("пошёл")) == []


def test_doubt_counts_beside_russian_and_beside_what_looks_broken() -> None:
    assert left(token("Он"), doubted("Tak"), token("he")) == ["Tak"]
    assert left(token("he"), doubted("4"), token("дом")) == ["4"]
    assert sorted(left(token("the"), doubted("3TO"), doubted("He"), doubted("Tak"))) == ["3TO", "He", "Tak"]
    assert left(token("the"), doubted("Tak"), token("he"), token("Он")) == []


def test_repaired_tokens_are_not_left() -> None:
    assert left(token("Он"), token("pa6oTa", "doubtful-repaired"), token("пошёл")) == []


def test_counts_and_the_best_candidates_of_all_pages() -> None:
    one = page(token("Он"), doubted("3TO", DOUBT), doubted("Tak", (("так", 0.4),)))
    two = page(token("Он"), doubted("3TO", (("Это", 0.6), ("это", 0.1))))
    assert residue([one, Page(2, error="too large"), two]) == (
        Residue("3TO", 2, (("Это", 0.6), ("это", 0.5), ("то", 0.2))),
        Residue("Tak", 1, (("так", 0.4),)),
    )


def test_the_table() -> None:
    pages = (page(token("Он"), doubted("3TO\\", DOUBT)), page(token("Koмитет")))
    assert residue_tsv(residue(pages)).splitlines() == [
        "count\ttoken\tcandidates",
        "1\t3TO\\\\\tэто 0.50; 3TO 0.30; то 0.20",
        "1\tKoмитет\t",
    ]


@given(st.lists(st.tuples(st.text("abcXYZ'.-", min_size=1, max_size=8), st.booleans()), max_size=12))
def test_words_of_letters_among_their_like_are_never_left(words: list[tuple[str, bool]]) -> None:
    assert left(*(doubted(text) if doubt else token(text) for text, doubt in words)) == []


def test_clean_text_leaves_nothing(corrector: Corrector) -> None:
    rows = cases("repair.tsv", ["label", "kind", "garbled", "expected", "comment"], ["negative"])
    for row in rows:
        assert residue([corrector.fix(row["garbled"]).page]) == (), row["label"]
