"""What layout promises: reading order, roles, paragraphs and text, on pages set in the test itself (no Tesseract)."""

import json
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import CASES
from layout_pages import Sheet, page_of

from pipeline.layout import across, for_repair, joined, laid_out, linked, plain, texts_of
from pipeline.model import Citation, Line, Page, Reading, ReadLine, Role
from pipeline.options import Options

PAGES = json.loads((CASES / "layout.json").read_text(encoding="utf-8"))
FLOW = Options(layout="flow")


def told(sheet: Sheet, lines: tuple[ReadLine, ...]) -> str:
    """Lines as the cases say them: role and paragraph, `/` where the line stays one, the numbers of the set lines."""
    place = {id(one.word): number for number, line in enumerate(sheet.lines) for one in line}
    return " ".join(
        f"{initials(line.role)}{line.paragraph}{'/' * (line.ending == 'line')}:"
        + "+".join(map(str, dict.fromkeys(place[id(word)] for word in line.words)))
        for line in lines
        if line.text
    )


def initials(role: str) -> str:
    return "".join(part[0] for part in role.split("-"))


@pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for case in PAGES])
def test_pages(case: dict[str, Any]) -> None:
    sheet = page_of(case["page"])
    assert told(sheet, laid_out(sheet.words)) == case["expected"]


@pytest.mark.parametrize("case", [pytest.param(case, id=case["label"]) for case in PAGES])
def test_the_order_of_the_words_is_of_no_account(case: dict[str, Any]) -> None:
    words = page_of(case["page"]).words
    assert laid_out(random.Random(1).sample(words, len(words))) == laid_out(words)


def test_there_are_as_many_negatives_as_others() -> None:
    kinds = [case["kind"] for case in PAGES]
    assert set(kinds) == {"synthetic", "negative"}
    assert 2 * kinds.count("negative") >= len(kinds) - 3


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    """Pages of words anywhere, in any lines, blocks and sizes."""
    sheet = Sheet()
    texts = st.text(st.characters(codec="utf-8", exclude_categories=["Z", "C"]), min_size=1, max_size=9)
    for _ in range(draw(st.integers(0, 12))):
        text = " ".join(draw(st.lists(texts, min_size=1, max_size=5)))
        left, baseline = draw(st.integers(0, 1500)), draw(st.integers(100, 900))
        sheet.line(
            text, left, baseline, size=draw(st.sampled_from([20, 40, 41, 80])), block=draw(st.sampled_from("ab"))
        )
    return sheet


@given(sheets())
def test_no_word_is_lost_or_doubled(sheet: Sheet) -> None:
    lines = laid_out(sheet.words)
    assert sorted(id(word) for line in lines for word in line.words) == sorted(id(one.word) for one in sheet.words)
    assert all(line.text == " ".join(word.text for word in line.words) for line in lines)
    assert all(bool(line.text) == bool(line.paragraph) for line in lines)


@given(sheets())
def test_what_flows_has_the_same_letters(sheet: Sheet) -> None:
    page = page_of_lines(laid_out(sheet.words))
    by_lines, flowing = (texts_of([page], options)[0] for options in (Options(), FLOW))
    assert sorted("".join(by_lines.split())) == sorted("".join(flowing.split()))


def test_a_page_without_words_has_no_lines() -> None:
    assert laid_out([]) == ()


# ---------------------------------------------------------------- several pages


def page_of_lines(lines: tuple[ReadLine, ...], number: int = 1) -> Page:
    return Page(
        number,
        tuple(
            Line(one.text, one.text, (), one.box, one.role, one.paragraph, one.continues, one.ending) for one in lines
        ),
    )


def book(heads: list[str], numbers: list[str], goes_on: bool = True) -> list[Reading | None]:
    """Pages with a head and a number each, and one paragraph that goes on from page to page where it may."""
    pages: list[Reading | None] = []
    for page, (head, number) in enumerate(zip(heads, numbers, strict=True)):
        sheet = Sheet()
        sheet.drawn = 5 * page
        if head:
            sheet.line(head, 300, 200)
        sheet.prose(4, 100, 400, 1200, goes_on=goes_on and page > 0)
        sheet.prose(4, 100, 624, 1200, open=goes_on)
        if number:
            sheet.line(number, 650, 1000)
        pages.append(Reading(laid_out(sheet.words), "", 1400, 1100))
    return pages


def roles(reading: Reading | None) -> list[str]:
    return [line.role for line in reading.lines if line.text] if reading else []


def test_heads_that_come_again_are_running_heads() -> None:
    heads = ["Мельницы уезда", "Глава первая", "Мельницы уезла", "Глава первая"]
    found = across(book(heads, [""] * 4))
    assert [roles(page)[0] for page in found] == ["running-head"] * 4


def test_heads_that_do_not_come_again_stay() -> None:
    heads = ["Мельницы уезда", "Снабжение города", "Письма учителя", "Весенний паводок"]
    pages = book(heads, [""] * 4)
    assert [roles(page) for page in across(pages)] == [roles(page) for page in pages]


def test_a_head_with_a_citation_is_no_running_head() -> None:
    found = across(book(["См. Ф. 17. Оп. 3. Д. 5"] * 3, [""] * 3))
    assert {role for page in found for role in roles(page)} == {"body"}


def test_numbers_of_four_digits_that_count_are_page_numbers() -> None:
    found = across(book([""] * 4, ["1917", "1918", "1919", "1920"]))
    assert [roles(page)[-1] for page in found] == ["page-number"] * 4


def test_years_that_do_not_count_are_no_page_numbers() -> None:
    found = across(book([""] * 4, ["1917", "1905", "1921", "1861"]))
    assert {role for page in found for role in roles(page)} == {"body"}


def test_a_paragraph_goes_on_over_a_page_break() -> None:
    first, second = across(book([""] * 2, ["11", "12"]))
    assert first and second
    assert [line.continues for line in first.lines if line.text] == [False] * 9
    assert [line.continues for line in second.lines if line.text] == [True] * 4 + [False] * 5
    texts = texts_of([page_of_lines(page.lines, number) for number, page in enumerate((first, second))], FLOW)
    assert [text.count("\n\n") for text in texts] == [2, 1]


def test_nothing_goes_on_from_a_page_that_failed_or_ended() -> None:
    first, _, third = across([*book([""], [""]), None, *book(["", ""], ["", ""])[1:]])
    assert first and third and not any(line.continues for line in third.lines)
    assert not any(
        line.continues for page in across(book([""] * 3, [""] * 3, goes_on=False)) if page for line in page.lines
    )


def test_the_pages_of_a_spread_count_their_paragraphs_on() -> None:
    left, right = (page.lines for page in book(["", ""], ["", ""]) if page)
    lines = joined([left, right])
    assert [line.paragraph for line in lines if line.text] == [1] * 4 + [2] * 4 + [2] * 4 + [3] * 4
    assert joined([left, ()]) == left
    assert joined([]) == ()


# ---------------------------------------------------------------- the order of repair


def test_a_word_that_a_footnote_parts_is_whole_for_the_repair() -> None:
    case = next(case for case in PAGES if "behind a footnote" in case["label"])
    lines = laid_out(page_of(case["page"]).words)
    order = for_repair(lines)
    places = [place for place in order if place is not None]
    assert sorted(places) == [place for place, line in enumerate(lines) if line.text]
    numbers = [lines[place].paragraph if place is not None else 0 for place in order]
    assert [number for number, before in zip(numbers, [0, *numbers], strict=False) if number != before and number] == [
        3, 1, 2, 4,
    ]  # fmt: skip


def test_lines_that_nothing_parts_stay_in_order() -> None:
    for lines in (plain(["One", "two.", "", "Three"]), (ReadLine("a"), ReadLine(""), ReadLine("b", role="footnote"))):
        assert for_repair(lines) == list(range(len(lines)))


# ---------------------------------------------------------------- text


LONG = "the committee had visited every mill and store"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([LONG, LONG, "before winter."], f"{LONG} {LONG} before winter.\n"),
        ([LONG, "before winter.", "", f"  {LONG}"], f"{LONG} before winter.\n\n{LONG}\n"),
        (
            [f"  The mill {LONG}", f"{LONG}ed to", f"  At last {LONG}"],
            f"The mill {LONG} {LONG}ed to\n\nAt last {LONG}\n",
        ),
        (["The wheel is still", "The miller sleeps", "The river does not know", "The winter keeps"], None),
        (["Kama     1913     332", "Vyatka   1921     308", "Samara   1926     424"], None),
        (["• mills on the river", "• stores at the pier", "• weights and scales"], None),
        (["A paragraph on one line. " * 9, "Another one. " * 14, "And the last of them. " * 3], None),
        ([], ""),
        (["", ""], ""),
    ],
    ids=["joined", "empty line", "indent", "verse", "table", "list", "never wrapped", "nothing", "blank"],
)
def test_plain_text_flows(lines: list[str], expected: str | None) -> None:
    read = plain(lines)
    assert [line.text for line in read] == lines
    text = texts_of([page_of_lines(read)], FLOW)[0]
    assert text == ("\n".join(line.strip() for line in lines) + "\n" if expected is None else expected)


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=60), max_size=12))
def test_plain_text_keeps_its_lines_and_letters(lines: list[str]) -> None:
    read = plain(lines)
    assert [line.text for line in read] == lines
    page = page_of_lines(read)
    assert texts_of([page], Options()) == ["".join(f"{line}\n" for line in lines)]
    assert "".join(texts_of([page], FLOW)[0].split()) == "".join("".join(lines).split())


def noted_page() -> Page:
    """A page with a head, a note within a paragraph, a number, and a citation in none of them."""
    rows: list[tuple[str, Role, int]] = [
        ("Head", "running-head", 1),
        ("", "body", 0),
        ("The com-", "body", 2),
        ("", "body", 0),
        ("1 A note", "footnote", 3),
        ("", "body", 0),
        ("mittee met.", "body", 2),
        ("", "body", 0),
        ("7", "page-number", 4),
    ]
    return Page(1, tuple(Line(text, text, (), None, role, number) for text, role, number in rows))


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (Options(), "Head\n\nThe com-\n\n1 A note\n\nmittee met.\n\n7\n"),
        (Options(running_heads="drop"), "The com-\n\n1 A note\n\nmittee met.\n"),
        (Options(running_heads="drop", footnotes="drop"), "The com-\nmittee met.\n"),
        (
            Options(running_heads="mark", footnotes="mark"),
            "[running head] Head\n\nThe com-\n\n[footnote] 1 A note\n\nmittee met.\n\n[page number] 7\n",
        ),
        (FLOW, "Head\n\nThe committee met.\n\n7\n\n1 A note\n"),
        (replace(FLOW, running_heads="drop", footnotes="mark"), "The committee met.\n\n[footnote] 1 A note\n"),
    ],
)
def test_heads_and_notes_are_kept_marked_or_dropped(options: Options, expected: str) -> None:
    pages = linked([noted_page()], lambda line, _: "broken" if line.endswith("-") else "space")
    assert texts_of(pages, options) == [expected]


def test_a_head_with_a_citation_in_it_is_never_dropped() -> None:
    cited = replace(noted_page(), citations=(Citation("Head", "Head", {}, 0, 0, 0.9),))
    assert texts_of([cited], Options(running_heads="drop"))[0].startswith("Head\n")


def test_a_page_that_failed_is_empty() -> None:
    failed = Page(1, error="no")
    assert texts_of([failed, noted_page()], Options())[0] == ""
    assert texts_of([failed, noted_page()], FLOW)[0] == ""
