import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import CASES

from pipeline import data
from pipeline.document import MODELS, Corrector
from pipeline.errors import BadData
from pipeline.learn.align import learn_channel
from pipeline.learn.glyphmap import first_answers, glyph_map_text, shuffled, words_only
from pipeline.repair.channel import (
    FAR,
    LONGEST_READ,
    MARK,
    MARKS,
    UNKNOWN_COST,
    UPPER,
    character,
    parse_glyph_map,
    read_glyph_map,
    symbol,
)
from pipeline.repair.letters import CYRILLIC
from pipeline.tables import read_table

FACTS = "# licence: CC0\n# made_by: hand: by me\n"
GOOD = FACTS + "printed\tread\tcount\tprobability\nд\tn\t5\t0.5\nд\t\t1\t0.1\nор\tq\t2.5\t1\n"


def test_a_map_is_parsed() -> None:
    found = parse_glyph_map("tiny", GOOD)
    assert found.facts == {"licence": "CC0", "made_by": "hand: by me"}
    assert [(row.printed, row.read, row.count, row.probability) for row in found.confusions] == [
        ("д", "n", 5.0, 0.5),
        ("д", "", 1.0, 0.1),
        ("ор", "q", 2.5, 1.0),
    ]
    assert not found.is_faithful


@pytest.mark.parametrize(
    "row",
    [
        "д\tn\t5",
        "д\tn\t5\t0.5\tmore",
        "д n 5 0.5",
        "\tn\t5\t0.5",
        "дор\tn\t5\t0.5",
        "д\tnnnnn\t5\t0.5",
        "д\tn\tmany\t0.5",
        "д\tn\t5\t0",
        "д\tn\t5\t-0.5",
        "д\tn\t5\t1.5",
        "д\tn\t5\tnan",
        "д\tn\t5\thalf",
    ],
)
def test_a_wrong_row_is_named(row: str) -> None:
    with pytest.raises(BadData, match="The glyph map tiny is wrong in line 7") as caught:
        parse_glyph_map("tiny", GOOD + row + "\n")
    assert caught.value.exit_code == 9
    assert "tabs" in caught.value.remedy


@pytest.mark.parametrize("text", ["", "\n", "# licence: CC0\n", "printed\tread\tcount\tprobability\n"])
def test_an_empty_map_is_refused(text: str) -> None:
    with pytest.raises(BadData, match="tiny is empty"):
        parse_glyph_map("tiny", text)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "odd.tsv").write_bytes(b"\xff\xfe")
    for name in ("odd.tsv", "missing.tsv", "."):
        with pytest.raises(BadData, match="cannot be read"):
            read_glyph_map(tmp_path / name)


@pytest.mark.parametrize("model", MODELS)
def test_the_shipped_maps(model: str) -> None:
    found = read_glyph_map(data.data_file("glyphmaps", model, "rus.tsv"))
    assert found.facts["licence"]
    assert found.is_faithful == (model == "tesseract-rus+eng")
    sums: dict[str, float] = {}
    for row in found.confusions:
        sums[row.printed] = sums.get(row.printed, 0.0) + row.probability
    assert all(total < 1.001 for total in sums.values())
    for letter in CYRILLIC[:33]:
        assert sums[letter] > 0.5


@given(st.sampled_from(CYRILLIC + CYRILLIC.upper() + MARKS))
def test_codes_name_characters(one: str) -> None:
    assert character(symbol(one)) == one
    assert (symbol(one) >= MARK) == (one in MARKS)
    assert (UPPER < symbol(one) < MARK) == (one in CYRILLIC.upper())


@given(st.characters(exclude_characters=CYRILLIC + CYRILLIC.upper() + MARKS))
def test_other_characters_have_no_code(one: str) -> None:
    assert symbol(one) == 0


def test_options_turn_the_map_round() -> None:
    options = parse_glyph_map("tiny", GOOD).options
    codes, costs = options.singles[options.at["n"].singles]
    assert [character(int(code)) for code in codes] == ["д"]
    assert costs[0] == pytest.approx(-math.log(0.96 * 0.5))
    enlarged = options.singles[options.at["N"].singles][1]
    assert enlarged[0] == pytest.approx(costs[0] + 2.5)
    start, size = options.at["q"].pairs
    assert (size, character(int(options.first[start])), character(int(options.second[start]))) == (1, "о", "р")
    assert options.pair_cost[start] == pytest.approx(-math.log(0.04))
    assert options.deletion[symbol("д")] == pytest.approx(-math.log(0.096))
    assert options.deletion[symbol("о")] == FAR
    assert "д" in options.at
    assert costs[0] < UNKNOWN_COST


# ---------------------------------------------------------------- learning


def garble(word: str, random: np.random.Generator) -> str:
    """Read д as n (70 %) or J| (30 %), ы as bl, everything else as itself."""
    return "".join({"д": "n" if random.random() < 0.7 else "J|", "ы": "bl"}.get(letter, letter) for letter in word)


def synthetic(count: int) -> list[tuple[str, str]]:
    random = np.random.default_rng(11)
    words = ["".join(random.choice(list("абвдеоырк"), size=random.integers(2, 9))) for _ in range(count)]
    return [(word, garble(word, random)) for word in words]


def test_learning_recovers_a_known_confusion() -> None:
    units = {(unit.printed, unit.read): unit.probability for unit in learn_channel(synthetic(1500))}
    assert units["д", "n"] == pytest.approx(0.7, abs=0.05)
    assert units["д", "J|"] == pytest.approx(0.3, abs=0.05)
    assert units["ы", "bl"] > 0.95
    assert units["а", "а"] > 0.95
    assert max((share for (printed, _), share in units.items() if len(printed) == 2), default=0.0) <= 1


def test_what_was_learned_can_be_written_and_read() -> None:
    units = learn_channel(synthetic(300), least_count=1.0)
    again = parse_glyph_map("again", glyph_map_text(units, {"licence": "CC0"}))
    assert len(again.confusions) == len(units)
    best = max((row for row in again.confusions if row.printed == "д"), key=lambda row: row.probability)
    assert best.read == "n"
    assert all(len(row.read) <= LONGEST_READ for row in again.confusions)


# ---------------------------------------------------------------- what the map knows


def test_the_map_knows_something_and_its_shuffling_nothing(corrector: Corrector) -> None:
    pairs = [(row["printed"], row["read"]) for row in read_table(CASES / "words.tsv", ("printed", "read"))]
    glyph_map = corrector.repairer.maps["tesseract-eng"]
    assert len(pairs) >= 40
    assert first_answers(glyph_map, corrector.repairer.searcher, pairs) >= 0.6
    assert first_answers(shuffled(glyph_map), corrector.repairer.searcher, pairs) < 0.1


def test_shuffling_keeps_the_rows_but_their_readings() -> None:
    glyph_map = parse_glyph_map("tiny", GOOD)
    other = shuffled(glyph_map)
    assert sorted(row.read for row in other.confusions) == sorted(row.read for row in glyph_map.confusions)
    assert [(row.printed, row.probability) for row in other.confusions] == [
        (row.printed, row.probability) for row in glyph_map.confusions
    ]
    assert shuffled(glyph_map) == other


def test_only_words_are_measured() -> None:
    assert list(words_only([("Ф.", "®."), ("он", "oH"), ("дом", "oM"), ("1931", "1931")])) == [("дом", "oM")]
