from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.repair.edits import Edit, apply, compose, shifted

TEXT = st.text(alphabet="abcДж ", max_size=12)


@st.composite
def edits_of(draw: st.DrawFn, line: str) -> list[Edit]:
    """Edits of a line, in order: each replaces at least one character, and none overlaps another."""
    cuts = sorted(draw(st.sets(st.integers(0, len(line)), max_size=8)))
    spans = [span for span in pairwise(cuts) if draw(st.booleans())]
    return [
        Edit(
            start,
            end,
            draw(st.text(alphabet="xyЯ ", max_size=4)),
            draw(st.sampled_from(["lexicon", "spelled"])),
            draw(st.floats(0, 1)),
        )
        for start, end in spans
    ]


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit]]:
    line = draw(TEXT)
    return line, draw(edits_of(line))


@st.composite
def twice_edited(draw: st.DrawFn) -> tuple[str, list[Edit], list[Edit]]:
    line, first = draw(edited())
    return line, first, draw(edits_of(apply(line, first)))


def edit(start: int, end: int, text: str) -> Edit:
    return Edit(start, end, text, "lexicon", 1.0)


@given(edited())
def test_edits_stand_where_shifted_says(case: tuple[str, list[Edit]]) -> None:
    line, edits = case
    text = apply(line, edits)
    assert [text[start:end] for start, end in shifted(edits)] == [made.text for made in edits]


@given(edited())
def test_edits_can_be_undone(case: tuple[str, list[Edit]]) -> None:
    line, edits = case
    undo = [
        edit(start, end, line[made.start : made.end]) for made, (start, end) in zip(edits, shifted(edits), strict=True)
    ]
    assert apply(apply(line, edits), undo) == line


@given(twice_edited())
@example(("abc", [edit(0, 1, "")], [edit(0, 1, "x")]))
@example(("abc", [edit(1, 2, "")], [edit(0, 1, "x")]))
@example(("abc", [edit(0, 1, ""), edit(1, 2, "")], [edit(0, 1, "")]))
def test_two_rounds_are_one(case: tuple[str, list[Edit], list[Edit]]) -> None:
    line, first, second = case
    both = compose(line, first, second)
    assert apply(line, both) == apply(apply(line, first), second)


@given(twice_edited())
def test_composed_edits_are_in_order_and_change_something(case: tuple[str, list[Edit], list[Edit]]) -> None:
    line, first, second = case
    both = compose(line, first, second)
    assert all(0 <= made.start <= made.end <= len(line) for made in both)
    assert all(one.end <= two.start for one, two in pairwise(both))
    assert all(line[made.start : made.end] != made.text for made in both)


@given(edited())
def test_nothing_is_neutral(case: tuple[str, list[Edit]]) -> None:
    line, edits = case
    changing = [made for made in edits if line[made.start : made.end] != made.text]
    assert apply(line, compose(line, edits, [])) == apply(line, edits) == apply(line, compose(line, [], changing))
    assert compose(line, [], []) == []


def test_taking_an_edit_back_leaves_none() -> None:
    assert compose("a b c", [edit(2, 3, "xyz")], [edit(2, 5, "b")]) == []


def test_the_later_round_gives_the_reason() -> None:
    later = Edit(0, 2, "д", "spelled", 0.4, (("д", 0.4), ("л", 0.3)))
    assert compose("a", [edit(0, 1, "xy")], [later]) == [Edit(0, 1, "д", "spelled", 0.4, later.candidates)]
