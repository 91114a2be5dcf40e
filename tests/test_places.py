"""Boxes of words that repairs joined or parted."""

import pytest

from pipeline.model import Box, ReadLine, ReadWord
from pipeline.record import to_line
from pipeline.repair.edits import Edit

LINE = ReadLine("r oдy JI.9 end", (
    ReadWord("r", Box(0, 10, 10, 30)),
    ReadWord("oдy", Box(20, 8, 50, 32)),
    ReadWord("JI.9", Box(60, 10, 100, 30)),
    ReadWord("end", Box(110, 10, 140, 30)),
))  # fmt: skip


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ((), {"r": Box(0, 10, 10, 30), "oдy": Box(20, 8, 50, 32), "end": Box(110, 10, 140, 30)}),
        ((Edit(0, 5, "году", "lexicon", 0.9),), {"году": Box(0, 8, 50, 32), "JI.9": Box(60, 10, 100, 30)}),
        (
            (Edit(6, 10, "Л. 9", "citation", 0.9),),
            {"Л.": Box(60, 10, 80, 30), "9": Box(90, 10, 100, 30), "end": Box(110, 10, 140, 30)},
        ),
        ((Edit(3, 5, "ду", "lexicon", 0.9),), {"oду": Box(20, 8, 50, 32)}),
        ((Edit(1, 3, "го", "lexicon", 0.9),), {"rгодy": Box(0, 8, 50, 32), "JI.9": Box(60, 10, 100, 30)}),
    ],
)
def test_words_have_their_own_boxes(edits: tuple[Edit, ...], expected: dict[str, Box]) -> None:
    boxes = {token.text: token.box for token in to_line(LINE, edits, (), "p1l1").tokens}
    assert {text: boxes.get(text) for text in expected} == expected
