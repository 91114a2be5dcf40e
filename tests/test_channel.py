import math
from functools import reduce
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from laws import CASES
from tiny import map_of, table_of

from pipeline import data
from pipeline.document import MODELS, Corrector
from pipeline.errors import BadData
from pipeline.learn.align import learn_channel
from pipeline.learn.glyphmap import first_answers, glyph_map_text, shuffled, words_only
from pipeline.repair.adapt import FIRMNESS, adapted, segments
from pipeline.repair.channel import (
    ENLARGED_COST,
    FAR,
    ITSELF_COST,
    LONGEST_READ,
    MARK,
    MARKS,
    PAIR_SHARE,
    RAREST,
    SHAPED_COST,
    UNKNOWN_COST,
    UNREAD,
    UPPER,
    NodeTree,
    Options,
    Row,
    character,
    characters_of,
    parse_glyph_map,
    read_glyph_map,
    rows_of,
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


def node_of(options: Options, read: str) -> int:
    """The node of a string in the tree of a map, -1 where the map never saw it begin so."""
    node = 0
    for one in read:
        node = int(options.below[node, options.identity[ord(one)]])
        if node == 0:
            return -1
    return node


def price(options: Options, printed: str, read: str) -> float:
    """The cost of printed letters having been read so, FAR if the map has it not."""
    node = node_of(options, read)
    if node < 0:
        return float(FAR)
    first, *second = map(symbol, printed)
    if not second:
        return float(options.single[node, first])
    rows = range(options.pair_starts[node], options.pair_starts[node + 1])
    found = [row for row in rows if (options.first[row], options.second[row]) == (first, second[0])]
    return float(options.pair_cost[found[0]]) if found else float(FAR)


def test_options_turn_the_map_round() -> None:
    options = parse_glyph_map("tiny", GOOD).options
    assert price(options, "д", "n") == pytest.approx(-math.log((1 - PAIR_SHARE) * 0.5))
    assert price(options, "д", "N") == pytest.approx(price(options, "д", "n") + ENLARGED_COST)
    assert price(options, "д", "") == pytest.approx(-math.log((1 - PAIR_SHARE) * 0.1))
    assert price(options, "ор", "q") == pytest.approx(-math.log(PAIR_SHARE))
    assert price(options, "о", "") == price(options, "о", "q") == price(options, "ро", "q") == FAR
    assert price(options, "о", "о") == pytest.approx(ITSELF_COST)
    assert node_of(options, "z") == -1


PRINTED: Final = st.text("аорДд", min_size=1, max_size=2)
READ: Final = st.text("abT1|а", max_size=LONGEST_READ)
SMALL_MAP: Final = st.dictionaries(st.tuples(PRINTED, READ), st.floats(1e-3, 1.0), min_size=1, max_size=12)


@given(SMALL_MAP)
def test_options_say_what_each_row_costs(shares: dict[tuple[str, str], float]) -> None:
    glyph_map = map_of([(*row, share) for row, share in shares.items()])
    table, options = table_of(glyph_map.confusions), glyph_map.options
    letters = {letter for printed, _ in table for letter in printed}
    for printed in letters | {printed for printed, _ in table}:
        for read in {read for _, read in table}:
            assert price(options, printed, read) == pytest.approx(table.get((printed, read), FAR), abs=1e-4)
    assert {character(code) for code in np.flatnonzero(options.single[UNREAD] < FAR).tolist()} == letters
    assert options.least[UNREAD] == pytest.approx(UNKNOWN_COST)


@given(SMALL_MAP)
def test_the_arrays_of_options_agree(shares: dict[tuple[str, str], float]) -> None:
    options = map_of([(*row, share) for row, share in shares.items()]).options
    for node, costs in enumerate(options.single):
        rows = slice(options.pair_starts[node], options.pair_starts[node + 1])
        for case, letters in zip((costs[:UPPER], costs[UPPER:]), options.letters[node], strict=True):
            assert bits(letters) == set(np.flatnonzero(case < FAR).tolist())
        assert bits(options.pair_letters[node]) == {code % UPPER for code in options.first[rows].tolist()}
        assert list(options.pair_cost[rows]) == sorted(options.pair_cost[rows])
        assert options.least[node] == min([*costs, *options.pair_cost[rows]])


def bits(number: int) -> set[int]:
    return {place for place in range(64) if int(number) >> place & 1}


@pytest.mark.parametrize(
    ("printed", "read", "share"),
    [("д", "n", RAREST / 2), ("д.", "n", 0.5), ("4", "q", 0.5), ("дL", "q", 0.5), ("д", "\U0001f600", 0.5)],
)
def test_rows_that_the_search_cannot_use(printed: str, read: str, share: float) -> None:
    assert rows_of(map_of([(printed, read, share)]).confusions) == []


@given(st.lists(READ, max_size=12))
def test_each_string_has_a_node_of_its_own(strings: list[str]) -> None:
    identity, marks = characters_of([Row(read, (1,), 0, 0.0) for read in strings])
    known = sorted({*MARKS, *"".join(strings)})
    assert sorted(identity[[ord(one) for one in known]]) == list(range(1, len(known) + 1))
    assert np.count_nonzero(identity) == len(known)
    assert [marks[identity[ord(one)]] for one in known] == [symbol(one) if one in MARKS else 0 for one in known]
    tree = NodeTree(identity)
    nodes = {read: tree.find(read) for read in strings}
    assert len(set(nodes.values())) == len(nodes)
    assert UNREAD not in nodes.values()
    table = tree.table()
    for read, node in nodes.items():
        assert tree.find(read) == node
        assert reduce(lambda at, one: int(table[at, identity[ord(one)]]), read, 0) == node


# ---------------------------------------------------------------- what a document teaches


@pytest.mark.parametrize(
    ("text", "places", "reading", "expected"),
    [
        ("дом", (0, 1, 2), "noM", [("д", "n"), ("о", "o"), ("м", "M")]),
        ("город", (0, 1, 1, 2, 3), "rqon", [("г", "r"), ("ор", "q"), ("о", "o"), ("д", "n")]),
        ("щи", (0, 3), "ul,u", [("щ", "ul,"), ("и", "u")]),
        ("", (), "", []),
    ],
)
def test_letters_that_begin_at_one_place_belong_together(
    text: str, places: tuple[int, ...], reading: str, expected: list[tuple[str, str]]
) -> None:
    assert list(segments(text, places, reading)) == expected


def test_without_lessons_the_costs_stay() -> None:
    glyph_map = parse_glyph_map("tiny", GOOD)
    after = adapted(glyph_map, [])
    for name in Options._fields:
        np.testing.assert_allclose(getattr(glyph_map.options, name), getattr(after, name), rtol=1e-6)


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_confusion_that_a_document_shows_gets_likelier(often: int, otherwise: int) -> None:
    glyph_map = parse_glyph_map("tiny", GOOD)
    options = adapted(glyph_map, [("д", (0,), "n")] * often + [("д", (0,), "z")] * otherwise)
    learned = (often + FIRMNESS * 0.5) / (often + otherwise + FIRMNESS)
    assert price(options, "д", "n") == pytest.approx(-math.log((1 - PAIR_SHARE) * learned), abs=1e-4)
    assert price(options, "ор", "q") == pytest.approx(-math.log(PAIR_SHARE))


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


@pytest.mark.parametrize(("read", "shaped"), [("IJ", "1J"), ("lI", "11"), ("o", "0"), ("Oo", "00")])
def test_strokes_and_rings_may_be_read_as_digits(read: str, shaped: str) -> None:
    known, more = map_of([("ц", read, 0.5)]), map_of([("ц", read, 0.5), ("ц", shaped, 0.1)])
    costs = [min(one.extra for one in rows_of(own.confusions) if one.read == shaped) for own in (known, more)]
    assert costs == [SHAPED_COST, 0.0]
