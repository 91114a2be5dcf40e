"""What was read of a page is kept exactly, and what is not whole is read again."""

import gzip
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.batch import readings
from pipeline.batch.readings import forget, keep, kept, key_of, path_of, record_of
from pipeline.model import Box, Reading, ReadLine, ReadWord

KEY: Final = "ab" * 32
READING: Final = Reading(
    (ReadLine("Комитет.", (ReadWord("Комитет.", Box(1, 2, 3, 4), 0.1, Box(5, 6, 7, 8)),), Box(1, 2, 3, 4)),),
    "map",
    9,
    8,
)

TEXTS: Final = st.text(st.characters(exclude_categories=()), max_size=9)
SIDES: Final = st.integers(-(2**40), 2**40)
BOXES: Final = st.none() | st.builds(Box, SIDES, SIDES, SIDES, SIDES)
NUMBERS: Final = st.floats(allow_nan=False)
WORDS: Final = st.builds(ReadWord, TEXTS, BOXES, st.none() | NUMBERS, BOXES)
ROLES: Final = st.sampled_from(["body", "heading", "footnote"])
LINES: Final = st.builds(
    ReadLine, TEXTS, st.lists(WORDS, max_size=3).map(tuple), BOXES, ROLES, SIDES, st.booleans(),
    st.sampled_from(["space", "broken", "hyphen", "line"]),
)  # fmt: skip
READINGS: Final = st.builds(Reading, st.lists(LINES, max_size=3).map(tuple), TEXTS, SIDES, SIDES, SIDES, NUMBERS)


@given(READINGS)
def test_a_reading_comes_back_exactly(tmp_path_factory: pytest.TempPathFactory, reading: Reading) -> None:
    out = tmp_path_factory.getbasetemp()
    keep(out, KEY, reading)
    back = kept(out, KEY)
    assert back == reading
    assert repr(back) == repr(reading)


@given(READINGS)
def test_the_same_reading_is_kept_as_the_same_bytes(tmp_path_factory: pytest.TempPathFactory, reading: Reading) -> None:
    out = tmp_path_factory.getbasetemp()
    keep(out, KEY, reading)
    first = path_of(out, KEY).read_bytes()
    keep(out, KEY, kept(out, KEY) or READING)
    assert path_of(out, KEY).read_bytes() == first


class Trap:
    """What does harm when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return (exec, ("raise AssertionError('unpickled')",))


def packed(value: object) -> bytes:
    return gzip.compress(json.dumps(value).encode())


WHOLE: Final = gzip.compress(json.dumps(record_of(READING)).encode())
SPOILT: Final[dict[str, bytes]] = {
    "empty": b"",
    "cut off": WHOLE[:-9],
    "cut off early": WHOLE[:5],
    "a bit flipped": WHOLE[:30] + bytes([WHOLE[30] ^ 4]) + WHOLE[31:],
    "not packed": json.dumps(record_of(READING)).encode(),
    "no JSON": gzip.compress(b"\x80\x04nonsense"),
    "pickled": pickle.dumps(Trap()),
    "pickled and packed": gzip.compress(pickle.dumps(Trap())),
    "deep": gzip.compress(b"[" * 200_000),
    "another thing": packed([1, 2, 3]),
    "a text": packed("lines"),
    "nothing": packed(None),
    "without its size": packed({"lines": [], "glyph_map": ""}),
    "with a short size": packed({"lines": [], "glyph_map": "", "size": [1, 2]}),
    "with other lines": packed({**record_of(READING), "lines": ["text"]}),
    "with lines of no parts": packed({**record_of(READING), "lines": [7]}),
    "with another box": packed(
        {**record_of(READING), "lines": [["a", [["a", [1, 2], None, None]], None, "body", 0, 0, ""]]}
    ),
}


@pytest.mark.parametrize("data", SPOILT.values(), ids=SPOILT)
def test_what_is_not_whole_counts_as_not_there(data: bytes, tmp_path: Path) -> None:
    keep(tmp_path, KEY, READING)
    path_of(tmp_path, KEY).write_bytes(data)
    assert kept(tmp_path, KEY) is None
    keep(tmp_path, KEY, READING)
    assert kept(tmp_path, KEY) == READING


def test_a_folder_in_its_place_counts_as_not_there(tmp_path: Path) -> None:
    path_of(tmp_path, KEY).mkdir(parents=True)
    assert kept(tmp_path, KEY) is None
    forget(tmp_path, KEY)
    forget(tmp_path, "cd" * 32)
    assert path_of(tmp_path, KEY).is_dir()


def test_the_key_depends_on_everything() -> None:
    keys = {key_of(*of) for of in [("a", 1, "{}"), ("b", 1, "{}"), ("a", 2, "{}"), ("a", 1, "{ }"), ("a 1", 1, "{}")]}
    assert len(keys) == 5
    assert key_of("a", 1, "{}") == key_of("a", 1, "{}")


def test_another_form_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = key_of("a", 1, "{}")
    monkeypatch.setattr(readings, "FORM", readings.FORM + 1)
    assert key_of("a", 1, "{}") != before
