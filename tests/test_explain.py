import math
from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.document import MODELS, Corrector
from pipeline.errors import UsageError
from pipeline.explain import WHY, Explanation, explain
from pipeline.options import Options
from pipeline.repair.units import cut_units
from pipeline.repair.verdicts import SHOWN

LINE: Final = "Mectuble ra3eTbl HaneyvatTasiu peub HAPKOMA MOsIHOCTbIO."
ENGLISH: Final = "The committee met again in the capital."
READ: Final = st.text("abeghHKMmnopTuyIJl36|.,-", min_size=1, max_size=14)


def only(corrector: Corrector, word: str, context: str = "", glyph_map: str = "tesseract-eng") -> Explanation:
    (explanation,) = explain(corrector, [word], context, glyph_map)
    return explanation


def check(explanation: Explanation) -> None:
    """What holds for every explanation."""
    assert explanation.why in WHY
    assert 0 <= explanation.russian <= 1
    assert 0 <= explanation.posterior <= 1
    assert len(explanation.candidates) <= SHOWN
    order = [(-one.posterior, one.cost) for one in explanation.candidates]
    assert order == sorted(order)
    assert sum(one.posterior for one in explanation.candidates) <= explanation.russian + 1e-6
    for one in explanation.candidates:
        assert one.prior + one.case + one.channel == pytest.approx(one.cost)
        assert one.channel > -0.01
        assert math.isfinite(one.lift)
        assert "".join(printed for _, printed in one.path) == one.text


def test_a_broken_word_is_explained(corrector: Corrector) -> None:
    explanation = only(corrector, "KoMMTeTa", "He BepHyJIM ropofckoro KoMMTeTa")
    best = explanation.candidates[0]
    check(explanation)
    assert (explanation.word, explanation.why, best.reason) == ("KoMMTeTa", "lexicon", "lexicon")
    assert explanation.text == best.text
    assert best.text.lower() == "комитета"
    assert explanation.russian > 0.9
    assert best.cost < explanation.latin_cost < explanation.russian_cost
    assert min(best.prior, best.channel) > 0
    assert best.path[-1] == ("a", "а")
    assert "".join(read for read, _ in best.path) == "KoMMTeTa"


def test_words_in_their_line_are_as_the_repairer_has_them(corrector: Corrector) -> None:
    words = LINE.split()
    decoded = corrector.repairer.shared_decoder("tesseract-eng").decode(cut_units([LINE]), {})
    found = explain(corrector, words, LINE)
    assert [one.word for one in found] == words
    for explanation, verdict in zip(found, decoded.verdicts, strict=True):
        check(explanation)
        assert (explanation.text, explanation.posterior) == (verdict.best.text, verdict.posterior)
        assert explanation.russian == verdict.russian
    assert [one.before for one in found] == ["", *(one.text for one in found[:-1])]


def test_the_order_is_that_of_the_words(corrector: Corrector) -> None:
    found = explain(corrector, ["peub", "ra3eTbl", "peub"], LINE)
    assert [one.word for one in found] == ["peub", "ra3eTbl", "peub"]
    assert found[0] == found[2]


def test_good_russian_stays(corrector: Corrector) -> None:
    for model in MODELS:
        explanation = only(corrector, "Комитет", glyph_map=model)
        assert (explanation.text, explanation.why, explanation.candidates) == ("Комитет", "good-russian", ())


@pytest.mark.parametrize(("word", "why"), [("committee", "plain"), ("***", "no-candidate"), ("x" * 60, "no-candidate")])
def test_what_has_no_candidates(word: str, why: str, corrector: Corrector) -> None:
    explanation = only(corrector, word)
    assert (explanation.text, explanation.why, explanation.candidates) == (word, why, ())


def test_a_name_in_english_is_likelier_latin(corrector: Corrector) -> None:
    line = "Mr. Ordzhonikidze met Verkhneudinskikh, who was of the KoMMTeT in the capital."
    explanation = only(corrector, "Verkhneudinskikh,", line)
    check(explanation)
    assert (explanation.text, explanation.why, explanation.before) == ("Verkhneudinskikh,", "latin-likelier", "met")
    assert explanation.candidates
    assert explanation.russian < 0.5


def test_less_sure_than_the_certainty_asked(corrector: Corrector) -> None:
    strict = Corrector(corrector.repairer, replace(Options(), min_confidence=1.0))
    explanation = only(strict, "6onbweBuKu")
    assert explanation.posterior < 1
    assert (explanation.text, explanation.why) == ("6onbweBuKu", "unsure")


def test_a_citation_is_decided_by_its_grammar(corrector: Corrector) -> None:
    line = "See [РГАСПИ. Ф. 17. Оп. 3. Д. 5. Л. 12]."
    explanation = only(corrector, "17.", line, "tesseract-rus+eng")
    assert (explanation.text, explanation.why) == ("17.", "citation")


@pytest.mark.parametrize("words", [["comm"], ["The", "committee", "capital"], [""], ["met again"]])
def test_a_word_that_is_not_in_the_line_is_refused(words: list[str], corrector: Corrector) -> None:
    with pytest.raises(UsageError, match="is no word of the context"):
        explain(corrector, words, ENGLISH)


@pytest.mark.parametrize("word", ["", " ", "He Oblio", "He\n"])
def test_what_is_not_one_word_is_refused(word: str, corrector: Corrector) -> None:
    with pytest.raises(UsageError, match="is not one word"):
        explain(corrector, [word])


@settings(max_examples=40)
@given(st.lists(READ, min_size=1, max_size=6))
def test_any_line_can_be_explained(corrector: Corrector, words: list[str]) -> None:
    for explanation in explain(corrector, words, " ".join(words)):
        check(explanation)
        assert explanation.text == explanation.word or explanation.why in ("lexicon", "spelled", "name", "citation")
