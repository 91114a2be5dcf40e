"""Second readings: what is read again, and which reading is believed."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import parameters

from pipeline import reading
from pipeline.document import Corrector
from pipeline.model import Box, ReadLine, ReadWord
from pipeline.repair.alongside import aligned, level, parted, passed_over
from pipeline.repair.second import SecondLook, sized, third_digits
from pipeline.repair.stretches import Again, Said, Stretch
from pipeline.scan import clean
from pipeline.tables import Row

COLUMNS: Final = ["label", "kind", "first", "rus", "eng", "expected", "comment"]
KINDS: Final = ["positive", "negative"]
LETTER: Final = 10  # pixels


@pytest.fixture(scope="module")
def look(corrector: Corrector) -> SecondLook:
    return corrector.second_look


def placed(text: str) -> tuple[ReadWord, ...]:
    """Return the words of a line, each as long as its letters."""
    words, at = [], 0
    for word in text.split():
        place = Box(at, 0, at + LETTER * len(word), 3 * LETTER)
        words.append(ReadWord(word, place, 0.9, place))
        at += LETTER * (len(word) + 1)
    return tuple(words)


def laid_over(text: str, words: Sequence[ReadWord]) -> tuple[ReadWord, ...]:
    """Return another reading of consecutive words of a line, at their places: where it fits best."""
    if not text:
        return ()
    said = text.split()
    starts = range(len(words) - len(said) + 1)
    start = max(starts, key=lambda at: sum(a == b.text for a, b in zip(said, words[at:], strict=False)))
    return tuple(ReadWord(one, word.box, 0.9, word.place) for one, word in zip(said, words[start:], strict=False))


@pytest.mark.parametrize("case", parameters("second.tsv", COLUMNS, KINDS))
def test_the_better_reading_is_believed(case: Row, look: SecondLook) -> None:
    words = placed(case["first"])
    line = ReadLine(case["first"], words)
    others = {language: laid_over(case[language], words) for language in ("rus", "eng")}
    doubted = look.suspected([line.text])
    second = [Again(one, others["rus"]) for one in doubted if one.language == "rus"]
    asked = [*(one for one in doubted if one.language == "eng"), *look.disputed([line], second)]
    believed = look.believed(line, [*second, *(Again(one, others["eng"]) for one in asked)])
    assert believed.text == " ".join(word.text for word in believed.words) == case["expected"]


@pytest.mark.parametrize(
    ("first", "again", "expected"),
    [
        ("is а", "isa", ["is", "a"]),
        ("Оп 3 мая", "On3may", ["On", "3", "may"]),
        ("is а", "isla", ["isla"]),
        ("is а", "is a", ["is", "a"]),
        ("слово", "cnoBo", ["cnoBo"]),
        ("T. 9,", "Т.9.", ["Т.", "9,"]),
    ],
)
def test_the_spaces_of_the_first_reading_are_print(first: str, again: str, expected: list[str]) -> None:
    words = parted(placed(first), list(placed(again)))
    assert [word.text for word in words] == expected


UKRAINIAN: Final = (
    "Кожну весну жител! ихали до мста, щоб купити хл1б",
    "на велику дошку, а вчител! пояснювали дтям лтери.",
    "",
)


@pytest.mark.parametrize(
    ("heading", "again", "sure", "expected"),
    [
        ("XTo Bo3uB xni6", "Хто возив хліб", 0.96, "Хто возив хліб"),
        ("CuHz pixKa", "Синя річка", 0.96, "Синя річка"),
        ("The mills of Qwxtown", "Тйе тіііз оі Оухіоші", 0.4, "The mills of Qwxtown"),
        ("Старая мельнинца", "Старая мельнинца", 0.96, "Старая мельнинца"),
        ("The mills of the town", "Тйе тіііз оі ійе іоші", 0.4, "The mills of the town"),
    ],
)
def test_headings_are_ukrainian_if_that_is_surer(
    heading: str, again: str, sure: float, expected: str, look: SecondLook
) -> None:
    lines = [*UKRAINIAN, heading]
    words = placed(heading)
    other = tuple(replace(word, text=one, confidence=sure) for one, word in zip(again.split(), words, strict=True))
    readings = [Again(one, other) for one in look.suspected(lines) if one.line == len(UKRAINIAN)]
    assert all(one.stretch.language == "ukr" for one in readings)
    assert look.believed(ReadLine(heading, words), readings).text == expected


def test_without_ukrainian_text_no_heading_is_read_as_ukrainian(look: SecondLook) -> None:
    assert all(one.language != "ukr" for one in look.suspected(["Old Qwxtown", "", "XTo Bo3uB xni6"]))


@pytest.mark.parametrize(("sure", "expected"), [(0.9, "Эдак"), (0.4, "Inne"), (0.1, "Inne")])
def test_an_unsure_reading_of_a_latin_word_is_not_believed(sure: float, expected: str, look: SecondLook) -> None:
    words = placed("вечером он Inne не делал никогда")
    again = tuple(
        replace(word, text=text, confidence=sure) for text, word in zip(("он", "Эдак", "не"), words[1:4], strict=True)
    )
    line = ReadLine("вечером он Inne не делал никогда", words)
    believed = look.believed(line, [Again(one, again) for one in look.suspected([line.text])])
    assert believed.words[2].text == expected


@pytest.mark.parametrize(
    ("first", "again", "sure", "expected"),
    [
        ("ГОПИО", "ГОПНО", 0.95, "ГОПНО"),
        ("ГОПИО", "ГОПНО", 0.8, "ГОПИО"),
        ("ГОПИТ", "ГОПИГ", 0.8, "ГОПИГ"),
        ("ГОПИТГ", "ГОПИГ", 0.8, "ГОПИГ"),
        ("ГОПИГ", "ГОПИТ", 0.95, "ГОПИГ"),
        ("ГОПИГ", "ГОПИТГ", 0.95, "ГОПИГ"),
        ("ГОТИГ", "ГОГНТ", 0.95, "ГОГНТ"),
    ],
)
def test_of_two_names_in_cyrillic_the_surer_one_is_believed_or_the_one_with_fewer_halves_of_letters(
    first: str, again: str, sure: float, expected: str, look: SecondLook
) -> None:
    line = ReadLine("", placed(f"see [{first}. Ф. 17. Оп. 3. Д. 337. Л. 4] there"))
    others = tuple(replace(word, text=word.text.replace(first, again), confidence=sure) for word in line.words[1:-1])
    line = replace(line, text=" ".join(word.text for word in line.words))
    believed = look.believed(line, [Again(one, others) for one in look.suspected([line.text])])
    assert believed.words[1].text == f"[{expected}."


@pytest.mark.parametrize(
    ("first", "again", "sure", "expected"),
    [
        ("1TAKO.", "1 ГАКО.", 0.8, "1 ГАКО."),
        ("'TAK.", "' ГАК.", 0.6, "' ГАК."),
        ("РГАХКРТ.", "РГАХК РТ.", 0.92, "РГАХК РТ."),
        ("РГАХКРТ.", "РГАХК РТ.", 0.5, "РГАХКРТ."),
        ("РГАХКРТ.", "РГАХК РБ.", 0.92, "РГАХКРТ."),
        ("1TAKO.", "У ГАКО.", 0.9, "1TAKO."),
        ("1TAKO.", "1 3.", 0.9, "1TAKO."),
    ],
)
def test_a_name_is_parted_from_the_mark_of_a_note_and_from_its_place(
    first: str, again: str, sure: float, expected: str, look: SecondLook
) -> None:
    words = placed(f"{first} Ф. 17. Оп. 3. Д. 337. Л. 4")
    start, end = again.split()
    place = words[0].place or Box(0, 0, 0, 0)
    middle = place.left + LETTER * len(start)
    others = (
        ReadWord(start, place, sure, place._replace(right=middle)),
        ReadWord(end, place, sure, place._replace(left=middle)),
    )
    stretch = Stretch(0, {0: Said("archive", first, ".", first)}, "rus")
    believed = look.believed(ReadLine("", words), [Again(stretch, others)])
    assert believed.text == f"{expected} Ф. 17. Оп. 3. Д. 337. Л. 4"


@pytest.mark.parametrize(
    ("first", "certainty", "again", "sure", "expected"),
    [
        ("(Am-", 0.9, "(Ям-", 0.9, "(Ям-"),
        ("(Am-", 0.9, "(Ям-", 0.4, "(Am-"),
        ("(Лапин);", 0.3, "(Лапшин);", 0.93, "(Лапшин);"),
        ("(Лапин);", 0.8, "(Лапшин);", 0.93, "(Лапин);"),
        ("(Лапин);", 0.3, "(Лапшин);", 0.7, "(Лапин);"),
        ("(Lee);", 0.9, "(I ee);", 0.9, "(Lee);"),
    ],
)
def test_a_name_beside_cyrillic_markers_is_in_cyrillic_and_otherwise_the_clearly_surer_one(
    first: str, certainty: float, again: str, sure: float, expected: str, look: SecondLook
) -> None:
    words = list(placed(f"[ГАРФ. Ф. 17. Оп. 3. Д. 337. Л. 4 {first} Д. 8]"))
    words[9] = replace(words[9], confidence=certainty)
    stretch = Stretch(0, {9: Said("person", first, ";", first)}, "rus")
    believed = look.believed(
        ReadLine("", tuple(words)), [Again(stretch, (replace(words[9], text=again, confidence=sure),))]
    )
    assert believed.words[9].text == expected


@pytest.mark.parametrize(
    ("first", "again", "sure", "expected"),
    [
        ("(еп).", "(en).", 0.95, "(en)."),
        ("(еп).", "(en).", 0.85, "(еп)."),
        ("(еп).", "(cnq).", 0.95, "(еп)."),
        ("Тор", "Top", 0.95, "Тор"),
        ("Роот.", "Doom.", 0.95, "Doom."),
        ("Коп", "Kon", 0.95, "Коп"),
    ],
)
def test_a_rare_short_word_among_russian_ones_is_latin_where_a_sure_reading_is_a_known_word_of_other_letters(
    first: str, again: str, sure: float, expected: str, look: SecondLook
) -> None:
    text = f"в этом году команда играла {first} Район образован позже"
    line = ReadLine(text, placed(text))
    (stretch,) = look.suspected([text])
    assert (stretch.language, set(stretch.words)) == ("eng", {5})
    word = replace(line.words[5], text=again, confidence=sure)
    assert look.believed(line, [Again(stretch, (word,))]).words[5].text == expected


@pytest.mark.parametrize(
    ("first", "certainty", "again", "sure", "expected"),
    [
        ("Египте,", 0.88, "Frunze,", 0.92, "Frunze,"),
        ("Египте,", 0.93, "Frunze,", 0.92, "Египте,"),
        ("Египте,", 0.88, "Frunze,", 0.9, "Египте,"),
        ("Египте,", 0.88, "FrunZe,", 0.92, "Египте,"),
        ("Л.", 0.94, "JI.", 0.96, "Л."),
    ],
)
def test_among_english_words_a_reading_beyond_doubt_is_believed(
    first: str, certainty: float, again: str, sure: float, expected: str, look: SecondLook
) -> None:
    words = list(placed(f"appointing Mikhail {first} who was being groomed"))
    words[2] = replace(words[2], confidence=certainty)
    other = replace(words[2], text=again, confidence=sure)
    believed = look.believed(ReadLine("", tuple(words)), [Again(Stretch(0, {2: Said()}, "eng"), (other,))])
    assert believed.words[2].text == expected


@pytest.mark.parametrize(
    ("again", "sure", "expected"),
    [("[ИсАОО.", 0.76, "[ИсАОО."), ("[ИсАОО.", 0.5, "[UcAOO."), ("[ИсАЮО.", 0.76, "[UcAOO.")],
)
def test_a_known_archive_needs_less_to_be_believed_than_another_name(
    again: str, sure: float, expected: str, look: SecondLook
) -> None:
    words = placed("[UcAOO. Ф. 347. Оп. 55. Д. 1812. Л. 95]")
    said = Said("archive", "[ИАОО.", ".", "[UcAOO.")
    other = replace(words[0], text=again, confidence=sure)
    believed = look.believed(ReadLine("", words), [Again(Stretch(0, {0: said}, "rus"), (other,))])
    assert believed.words[0].text == expected


def test_a_third_reading_votes_though_its_boxes_touch_the_next_word() -> None:
    words = placed("Оп. 155. Д. 1422.")
    wide = Box.around(word.place for word in words[1:3] if word.place)
    again = (replace(words[1], text="135.", place=wide), replace(words[2], text="A."))
    stretch = Stretch(0, {1: Said("opis-number", "155.", ".", "155.")}, "eng")
    assert list(third_digits(ReadLine("", words), [Again(stretch, again)])) == [(1, "135")]


ELECTED: Final = {
    # what the grammar made of the first reading, that, the second and the third, with how sure they are: what is taken
    "two of three, the second": ("[МАХЕ.", "[МАХЕ.", 0.8, "[МАХГ.", 0.7, "[МАХГ.", 0.6, "[МАХГ."),
    "two of three, the first": ("[МАХЕ.", "[МАХЕ.", 0.6, "[МАХГ.", 0.9, "МАХЕ", 0.3, "[МАХЕ."),
    "two of three, the first in Latin letters": ("[ГАТО.", "[TATO.", 0.6, "[ПАТО.", 0.9, "[ГАТО.", 0.3, "[TATO."),
    "the third, sure": ("[ЦДГАЛ.", "[ЦДГАЛ.", 0.1, "ЦДЛАЛ.", 0.2, "[ЦДІАЛ.", 0.9, "[ЦДІАЛ."),
    "the third, not sure": ("[ЦДГАЛ.", "[ЦДГАЛ.", 0.1, "[ЦДЛАЛ.", 0.2, "[ЦДІАЛ.", 0.7, "[ЦДЛАЛ."),
    "the third, less sure": ("[МАХЕ.", "[МАХЕ.", 0.9, "[МАХГ.", 0.5, "[МАХК.", 0.85, "[МАХЕ."),
    "the third, no name": ("[ЦДГАЛ.", "[ЦДГАЛ.", 0.1, "[ЦДЛАЛ.", 0.2, "[ЦД1АЛ.", 0.9, "[ЦДЛАЛ."),
    "capitals read as small letters": ("[ЦХДМО", "[I[X/JIO", 0.7, "[Цхдло", 0.6, "ЦХДЛО", 0.4, "[ЦХДЛО"),
    "the middle one": ("[ГАСПИНИР.", "[ГАСПИНИР.", 0.7, "[ГАСПИНЦКР.", 0.6, "[ГАСПИНЦР.", 0.7, "[ГАСПИНЦР."),
    "Г for ТГ": ("[ЦДНИГТГ.", "[ЦДНИГТГ.", 0.4, "[ЦДНИГГГ.", 0.6, "[ЦДНИГТГ.", 0.5, "[ЦДНИГГГ."),
    "surely Latin": ("УК.", "UK.", 0.97, "ОК.", 0.5, "ОК.", 0.8, "UK."),
    "a bracket read as half of a letter": ("[ЦИАСО.", "[ЦИАСО.", 0.8, "ЩИАСО.", 0.9, "ІЦИАСО.", 0.9, "[ЦИАСО."),
}


@pytest.mark.parametrize(
    ("text", "first", "one", "second", "two", "third", "three", "expected"), list(ELECTED.values()), ids=list(ELECTED)
)
def test_where_two_readings_spell_a_name_differently_a_third_one_decides(
    text: str,
    first: str,
    one: float,
    second: str,
    two: float,
    third: str,
    three: float,
    expected: str,
    look: SecondLook,
) -> None:
    words = list(placed(f"{first} Ф. 347. Оп. 55."))
    words[0] = replace(words[0], confidence=one)
    line = ReadLine(" ".join(word.text for word in words), tuple(words))
    again = Again(
        Stretch(0, {0: Said("archive", text, text[-1], first)}, "rus"),
        (replace(words[0], text=second, confidence=two),),
    )
    asked = look.disputed_names([line], [again])
    decisive = [Again(own, (replace(words[0], text=third, confidence=three),)) for own in asked]
    assert len(asked) == 1
    assert look.believed(line, [again, *decisive]).words[0].text == expected


@pytest.mark.parametrize(("packs", "expected"), [(["rus", "Cyrillic"], "[ГОПНО."), (["rus"], "[ГОПИО.")])
def test_the_model_that_decides_names_is_asked_where_it_is_installed(
    packs: list[str], expected: str, look: SecondLook, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = placed("see [ГОПИО. Ф. 17. Оп. 3. Д. 337. Л. 4] there")
    line = ReadLine("", tuple(replace(word, confidence=0.85) for word in words))
    line = replace(line, text=" ".join(word.text for word in line.words))

    def read_again(_: object, places: Sequence[Box], language: str, __: float) -> tuple[tuple[ReadWord, ...], ...]:
        assert language in packs or not places
        others = (replace(word, text=word.text.replace("ГОПИО", "ГОПНО"), confidence=0.8) for word in words)
        return (tuple(others),) * len(places)

    monkeypatch.setattr(reading, "read_again", read_again)
    monkeypatch.setattr(reading, "installed_languages", lambda: frozenset(packs))
    (page,) = clean(np.full((40, 600), 255, np.uint8))
    (read,) = reading.read_doubtful(page, (line,), look, 1.0)
    assert read.words[1].text == expected


def test_one_unsure_word_does_not_take_the_place_of_two(look: SecondLook) -> None:
    words = placed("деревни этой волости J. Н. Ferrand")
    wide = replace(words[4], text="т:", confidence=0.15, place=Box.around(w.place for w in words[3:5] if w.place))
    believed = look.believed(ReadLine("", words), [Again(Stretch(0, {3: Said(in_russian=True)}, "rus"), (wide,))])
    assert [word.text for word in believed.words[3:5]] == ["J.", "Н."]


FOUND: Final = "[ГАРФ. Ф. 17. Оп. 3. Д. 337. Л. 12, 26 (Киров); Д. 8. Л. 4]"


@pytest.mark.parametrize(
    ("lost", "read", "sure", "expected"),
    [
        ((7, 8), {}, 0.93, FOUND),
        ((7, 8), {6: "33"}, 0.93, FOUND),
        ((7, 8), {9: "6"}, 0.93, FOUND),
        ((7, 8), {}, 0.6, FOUND.replace(" Л. 12,", "")),
        ((7, 8), {6: "33"}, 0.6, FOUND.replace("337. Л. 12,", "33")),
        ((7, 8), {6: "353."}, 0.93, FOUND.replace("337. Л. 12,", "353.")),
        ((), {6: "33"}, 0.93, FOUND.replace("337.", "33")),
        ((), {9: "6"}, 0.93, FOUND.replace("26", "6")),
    ],
)
def test_what_was_passed_over_comes_back_where_a_second_reading_is_sure(
    lost: tuple[int, ...], read: dict[int, str], sure: float, expected: str, look: SecondLook
) -> None:
    """So do the digits beside it that were lost with it, and no others: digits are sacred."""
    again = placed(FOUND)
    first = [replace(word, text=read.get(at, word.text)) for at, word in enumerate(again) if at not in lost]
    again = tuple(replace(word, confidence=sure) if at in lost else word for at, word in enumerate(again))
    line = ReadLine(" ".join(word.text for word in first), tuple(first))
    roles = {at: Said("delo-number", word.text, ".", word.text) for at, word in enumerate(first)}
    assert look.believed(line, [Again(Stretch(0, roles, "rus"), again)]).text == expected


def test_what_lies_where_a_later_word_does_was_not_passed_over() -> None:
    number, marker = placed("5677. Оп.")
    wide = replace(number, place=Box(0, 0, 200, 30))
    assert passed_over([wide], [number, marker], [marker]) == []
    assert passed_over([wide], [number, marker], []) == [marker]


def test_words_of_the_lines_above_and_below_are_no_words_of_a_line() -> None:
    line = placed("Д. 337. Л. 4")
    above = [replace(word, place=word.place._replace(top=-40, bottom=-5)) for word in line if word.place]
    lower = [replace(word, place=word.place._replace(top=8, bottom=38)) for word in line if word.place]
    assert level([*above, *lower], line) == tuple(lower)
    assert level(line, [replace(word, place=None) for word in line]) == line


@pytest.mark.parametrize(
    ("first", "sure", "expected"),
    [("арк.", 0.5, "арк."), ("арк.", 0.85, "арк."), ("арк.", 0.97, "mob"), ("гпо.", 0.5, "mob")],
)
def test_an_english_word_that_is_less_sure_does_not_take_the_place_of_a_marker(
    first: str, sure: float, expected: str, look: SecondLook
) -> None:
    line = ReadLine(f"they were the {first} of the town", placed(f"they were the {first} of the town"))
    stretch = Stretch(0, {3: Said()}, "eng")
    again = replace(line.words[3], text="mob", confidence=sure)
    assert look.believed(line, [Again(stretch, (again,))]).words[3].text == expected


@pytest.mark.parametrize(
    ("first", "sure", "again", "in_russian", "expected"),
    [
        ("Кейтгици", 0.45, "Keltriniu", False, "Keltriniu"),
        ("$к}а415,", 0.52, "Skajidis,", False, "Skajidis,"),
        ("Кейтгици", 0.7, "Keltriniu", False, "Кейтгици"),
        ("Кейтгици", 0.45, "KeltriZiniu", False, "Кейтгици"),
        ("КНТ,", 0.45, "KHT,", False, "КНТ,"),
        ("Кейтгици", 0.45, "Keltriniu", True, "Кейтгици"),
        ("Шпаегзо", 0.45, "Undelmo", True, "Шпаегзо"),
        ("шпаег", 0.45, "under", True, "under"),
    ],
)
def test_a_word_that_nobody_was_sure_of_is_latin_where_no_russian_one_is(
    first: str, sure: float, again: str, in_russian: bool, expected: str, look: SecondLook
) -> None:
    words = [replace(word, confidence=sure) for word in placed(f"by {first} was")]
    other = replace(words[1], text=again, confidence=0.1)
    readings = [Again(Stretch(0, {1: Said(in_russian=in_russian)}, "eng"), (other,))]
    assert look.believed(ReadLine(f"by {first} was", tuple(words)), readings).words[1].text == expected


@pytest.mark.parametrize(
    ("first", "again", "sure", "expected"),
    [("В.", "R.", 0.92, "R."), ("В.", "R.", 0.7, "В."), ("В.", "B.", 0.92, "В.")],
)
def test_an_initial_is_the_latin_one_that_it_is_taken_for(
    first: str, again: str, sure: float, expected: str, look: SecondLook
) -> None:
    words = placed(f"See {first} Davies there")
    other = replace(words[1], text=again, confidence=sure)
    readings = [Again(Stretch(0, {1: Said()}, "eng"), (other,))]
    assert look.believed(ReadLine("", words), readings).words[1].text == expected


@pytest.mark.parametrize(
    ("before", "first", "again", "expected"),
    [
        ("весь заброшенный го-", "poxok.", "ПОДОК.", "poxok."),
        ("весь заброшенный го-", "pooK.", "РОДОК.", "родок."),
        ("весь заброшенный ГО-", "POOK.", "РОДОК.", "РОДОК."),
        ("вся старая Web-", "Teka", "тека", "Teka"),
        ("это был военно-", "Mopckuu", "Морской", "морской"),
        ("весь заброшенный го-", "ролок", "родок", "ролок"),
    ],
)
def test_the_second_half_of_a_word_is_judged_by_all_of_it(
    before: str, first: str, again: str, expected: str, look: SecondLook
) -> None:
    words = [replace(word, confidence=0.8) for word in placed(first)]
    other = replace(words[0], text=again, confidence=0.4)
    readings = [Again(one, (other,)) for one in look.suspected([before, first]) if one.line == 1]
    assert look.believed(ReadLine(first, tuple(words)), readings).text == expected


def test_a_third_reading_must_be_better_than_the_second(look: SecondLook) -> None:
    line = ReadLine("Она размещch в баке", placed("Она размещch в баке"))
    word = line.words[1]
    second = replace(word, text="размещалась", confidence=0.97)
    third = replace(word, text="pasmemanacy", confidence=0.4)
    said = {1: Said(in_russian=True)}
    readings = [Again(Stretch(0, said, "rus"), (second,)), Again(Stretch(0, said, "eng"), (third,))]
    assert look.believed(line, readings).words[1].text == "размещалась"


def test_a_word_that_lies_beside_none_does_not_stop_the_others() -> None:
    words = placed("один два три четыре")
    again = [ReadWord(word.text, place=word.place) for word in words]
    _, top, right, bottom = words[1].place or Box(0, 0, 0, 0)
    again[1] = ReadWord("два", place=Box(right + 2, top, right + 6, bottom))
    found = {tuple(numbers): [one.text for one in others] for numbers, others in aligned(words, again)}
    assert found[2,] == ["три"]
    assert found[3,] == ["четыре"]


@pytest.mark.parametrize("text", ["", "Only English words stand in this line.", "Здесь всё по-русски и всё хорошо."])
def test_what_nobody_doubts_is_not_read_again(text: str, look: SecondLook) -> None:
    assert look.suspected([text]) == []


@given(st.lists(st.text("абвxyz12.", min_size=1, max_size=5), max_size=6), st.integers(0, 60))
def test_no_word_is_lost_or_doubled_by_laying_readings_side_by_side(texts: list[str], shift: int) -> None:
    words = placed(" ".join(texts))
    moved = [Box(one.place.left + shift, *one.place[1:]) for one in words if one.place]
    again = tuple(ReadWord(one.text, place=place) for one, place in zip(words, moved, strict=True))
    groups = list(aligned(words, again))
    assert [number for numbers, _ in groups for number in numbers] == list(range(len(words)))
    laid = [id(other) for _, others in groups for other in others]
    assert len(laid) == len(set(laid))


def test_a_line_keeps_its_words_without_another_reading(look: SecondLook) -> None:
    line = ReadLine("see [РГАЭ. ®. 17]", placed("see [РГАЭ. ®. 17]"))
    assert look.believed(line, []) == line
    assert look.believed(line, [Again(one, ()) for one in look.suspected([line.text])]) == line


@pytest.mark.parametrize(
    ("marker", "following", "below", "expected"),
    [
        ("Ф.", "оп.", 2, "ф."),
        ("Ф.", "on.", 2, "ф."),
        ("Ф.", "оп.", 0, "Ф."),
        ("Ф.", "Оп.", 2, "Ф."),
        ("®.", "оп.", 2, "®."),
        ("Л.", "оп.", 2, "Л."),
    ],
)
def test_a_small_marker_of_a_fond_reaches_below_its_number(
    marker: str, following: str, below: int, expected: str
) -> None:
    words = placed(f"[РГАЭ, {marker} 17, {following} 3,")
    box = words[1].place
    assert box
    lower = replace(words[1], place=box._replace(bottom=box.bottom + below))
    assert sized((words[0], lower, *words[2:]), {1})[1].text == expected
    assert sized((words[0], lower, *words[2:]), {2})[1].text == marker


def test_a_citation_that_the_reader_was_sure_of_is_not_read_again(look: SecondLook) -> None:
    words = placed("in the files [РГАЭ. Ф. 17. Оп. 3. Д. 337. Л. 4] of it")
    line = ReadLine(" ".join(word.text for word in words), words)
    assert look.doubted([line]) == []
    for number in range(3, 12):
        unsure = (*words[:number], replace(words[number], confidence=0.8), *words[number + 1 :])
        assert [sorted(one.words) for one in look.doubted([replace(line, words=unsure)])] == [[*range(3, 12)]]


def test_what_the_grammar_changes_is_read_again_however_sure_the_reader_was(look: SecondLook) -> None:
    words = placed("in the files [РГАЭ. ®. 17. On. 3. Д. 337. Л. 4] of it")
    assert look.doubted([ReadLine(" ".join(word.text for word in words), words)])
