from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import cases, parameters

from pipeline.document import Corrector
from pipeline.repair.names import GUESS_COST, NAME_COST, Names
from pipeline.repair.romanised import FORMS, MOST, Romanised, inflected
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "word", "form", "comment"]
KINDS: Final = ["positive", "negative", "known-failure"]


def romanised_of(corrector: Corrector) -> Romanised:
    assert corrector.repairer.romanised
    return corrector.repairer.romanised


@pytest.mark.parametrize("case", parameters("romanised.tsv", COLUMNS, KINDS))
def test_a_romanised_name_gives_its_cyrillic_forms(case: Row, corrector: Corrector) -> None:
    found = romanised_of(corrector).names([f"The word {case['word']}, and more."])
    assert (case["form"] in found) == (case["kind"] != "negative")


def test_negatives_are_as_many_as_positives() -> None:
    assert len(cases("romanised.tsv", COLUMNS, ["negative"])) >= len(cases("romanised.tsv", COLUMNS, ["positive"]))


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("садовский", {"садовского", "садовскому", "садовским", "садовская", "садовские"}),
        ("жуков", {"жукова", "жукову", "жуковым", "жукове", "жуковы"}),
        ("юрченко", {"юрченко"}),
        ("тарасюк", {"тарасюка", "тарасюком"}),
        ("гоголь", {"гоголя", "гоголю", "гоголем"}),
        ("соловей", {"соловей", "соловея"}),
    ],
)
def test_surnames_are_declined(name: str, forms: set[str]) -> None:
    assert forms <= set(inflected(name))


@given(st.text("ABCKSTYZabcdeghiklmnorstuvyz’ ", max_size=60))
def test_any_text_gives_few_forms_of_cyrillic_letters(corrector: Corrector, text: str) -> None:
    romanised = romanised_of(corrector)
    assert all(form.replace("-", "").isalpha() and not form.isascii() for form in romanised.names([text]))
    assert len(romanised.back(text.lower())) <= FORMS


def test_the_names_of_a_long_document_are_bounded(corrector: Corrector) -> None:
    romanised = romanised_of(corrector)
    syllables = ("dro", "gri", "zhe", "kla", "mu", "pre", "sto", "vy", "chu", "lo")
    names = [f"{one}{two}{three}v".capitalize() for one in syllables for two in syllables for three in syllables]
    assert len(romanised.names(names)) <= MOST * FORMS * 10


def test_a_guess_is_dearer_than_a_name(corrector: Corrector) -> None:
    options = corrector.repairer.maps["tesseract-eng"].options
    known = Names(["Дромов"], options).near("дромов", "Дромов")
    guessed = Names([], options, ["Дромов"]).near("дромов", "Дромов")
    assert known and guessed and guessed[0] == known[0] == "Дромов"
    assert guessed[1] - known[1] == pytest.approx(GUESS_COST - NAME_COST)


# Invented names, rendered and read by tesseract -l eng.
ENGLISH: Final = "In the autumn Zvakhskii wrote to Khumorin about the reform of the schools."
RUSSIAN: Final = (
    "Halleuatana B ra3ete. B nucbMe 3Baxckui coobllal O pellieHuu KomutTeTa. BMecte c",
    "mpoum0 croKomHo. 3amucKka XyMopiHa O WIKOJIaxX COXpaHMNacb B apxMmBe. OceHbrIo",
    "CekpeTapb BcTpeTMUI 3BaxXcKOro Ha Bok3ale.",
)


def test_the_english_half_names_who_stands_in_the_russian_half(corrector: Corrector) -> None:
    fixed = corrector.fix("\n".join([ENGLISH, "", *RUSSIAN]))
    assert fixed.lines[0] == ENGLISH
    assert all(name in fixed.text for name in ("Звахский", "Хуморина", "Звахского"))
    assert {one.reason for one in fixed.corrections if one.is_.startswith(("Звахск", "Хуморин"))} == {"name"}


def test_without_it_nobody_is_named(corrector: Corrector) -> None:
    fixed = corrector.fix("\n".join(RUSSIAN))
    assert "Звахск" not in fixed.text and "Хуморин" not in fixed.text


@pytest.mark.parametrize("english", ["The Zvakhskii papers and the Khumorin papers were sold.", ENGLISH])
def test_names_alone_change_nothing(english: str, corrector: Corrector) -> None:
    assert corrector.fix(english).text == english
