"""JSON lines: one field repaired and judged, every other byte as it was, bad lines passed through."""

import json
import sys
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import records
from pipeline.document import Corrector
from pipeline.records import Record, Records
from pipeline.stream import Input

BROKEN = "KOMHTeT co6paJIca CHOBa."
REPAIRED = "Комитет собрался снова."
GOOD = "The committee met again."


def run(corrector: Corrector, data: bytes, field: str = "text", least: float = 0.0) -> tuple[list[Record], Records]:
    made = Records(corrector, Input("a.jsonl", BytesIO(data)), field, least)
    return list(made), made


def one(corrector: Corrector, line: str, field: str = "text") -> str:
    [record], _ = run(corrector, line.encode("utf-8", "surrogatepass"), field)
    assert not record.problem
    return record.content.decode()


# ---------------------------------------------------------------- what stays


KEPT = {
    "numbers": '{"a": 1.50, "b": 1E+400, "c": -0, "d": ' + "9" * 5000 + ', "text": "%s"@}',
    "order and double names": '{"z": 1, "text": "%s", "a": 2, "z": 3@}',
    "blanks": ' {\t"text" :  "%s" , "a" : [ 1,2 ]@  } \r\n',
    "escapes": '{"a": "\\u0416\\/\\n", "text": "%s"@}\n',
    "half a surrogate pair elsewhere": '{"a": "\\ud800", "text": "%s"@}',
    "compact": '{"text":"%s","a":{}@}\n',
    "byte order mark": '\ufeff{"text": "%s"@}\n',
    "a name of the same letters": '{"\\u0074ext": "%s"@}',
}


@pytest.mark.parametrize("form", KEPT.values(), ids=KEPT.keys())
def test_everything_else_stays(corrector: Corrector, form: str) -> None:
    before, after = form.replace("@", "").replace("%s", GOOD), form.replace("%s", GOOD)
    done = one(corrector, before)
    start, end = after.split("@")
    assert done.startswith(start)
    assert done.endswith(end)
    added = done[len(start) : len(done) - len(end)]
    assert json.loads("{" + added.strip(" ,") + "}") == {"text_language": "en", "text_quality": 1.0}
    repaired = one(corrector, form.replace("@", "").replace("%s", BROKEN))
    assert json.loads(repaired.lstrip("\ufeff"), parse_int=str)["text"] == REPAIRED


def test_a_repaired_record_is_spelled_as_it_was(corrector: Corrector) -> None:
    assert REPAIRED in one(corrector, f'{{"a": "ж", "text": "{BROKEN}"}}')
    escaped = one(corrector, f'{{"a": "\\u0436", "text": "{BROKEN}"}}')
    assert escaped.isascii()
    assert json.loads(escaped)["text"] == REPAIRED


def test_a_field_within(corrector: Corrector) -> None:
    done = one(corrector, f'{{"doc": {{"a": 1, "body": "{BROKEN}", "z": 2}}, "body": "{BROKEN}"}}', "doc.body")
    record = json.loads(done)
    assert record["body"] == BROKEN
    assert list(record["doc"]) == ["a", "body", "z", "body_language", "body_quality"]
    assert record["doc"]["body"] == REPAIRED


@pytest.mark.parametrize("text", ["", " \n\t", "12 345", "один\r\nдва\u2028три\x00", "\ufeffword", "😀 слово"])
def test_good_text_stays(corrector: Corrector, text: str) -> None:
    line = json.dumps({"text": text}, ensure_ascii=False)
    assert one(corrector, line).startswith(line[:-1])


@given(
    st.dictionaries(
        st.text(max_size=5).filter(lambda name: not name.startswith("text")),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=9), st.lists, max_leaves=5),
        max_size=4,
    ),
    st.booleans(),
)
def test_any_record(corrector: Corrector, record: dict[str, Any], ascii_only: bool) -> None:
    whole = {**record, "text": GOOD, "after": record}
    line = json.dumps(whole, ensure_ascii=ascii_only)
    done = one(corrector, line)
    assert done.startswith(line[:-1])
    assert json.loads(done) == {**whole, "text_language": "en", "text_quality": 1.0}


# ---------------------------------------------------------------- bad lines


BAD = {
    "no JSON": b"text",
    "no object": b'["text"]',
    "cut off": b'{"text": "a',
    "two objects": b'{"text": "a"} {"text": "b"}',
    "no comma": b'{"text": "a" "b": 1}',
    "no colon": b'{"text" "a"}',
    "a comma too many": b'{"text": "a",}',
    "a comma alone": b"{,}",
    "a name without quotes": b'{text: "a"}',
    "field missing": b'{"other": "a"}',
    "empty object": b"{}",
    "field twice": b'{"text": "a", "text": "b"}',
    "no string": b'{"text": 12}',
    "null": b'{"text": null}',
    "NaN": b'{"a": NaN, "text": "a"}',
    "infinite": b'{"a": [-Infinity], "text": "a"}',
    "half a surrogate pair": b'{"text": "a \\ud83d b"}',
    "not UTF-8": b'{"text": "a \xff"}',
    "control character": b'{"text": "a\x01"}',
    "deep": b'{"a": ' + b"[" * 200_000 + b"]" * 200_000 + b', "text": "a"}',
    "judged already": b'{"text": "a", "text_quality": 1}',
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b""])
def test_a_bad_line_is_passed_through(corrector: Corrector, line: bytes, end: bytes) -> None:
    good = b'{"text": "a"}\n'
    found, made = run(corrector, good + line + end, least=0.9)
    assert [record.line for record in found] == [1, 2]
    assert found[1].content == line + end
    assert found[1].problem and "\n" not in found[1].problem
    assert (made.good, made.bad) == (1, 1)


def test_a_path_into_a_string(corrector: Corrector) -> None:
    [record], _ = run(corrector, b'{"a": "b"}', "a.b")
    assert record == Record(1, b'{"a": "b"}', "its a is no object")


def test_empty_lines_are_no_records(corrector: Corrector) -> None:
    found, made = run(corrector, b'\n{"text": "a"}\n  \r\n')
    assert [record.content for record in found][::2] == [b"\n", b"  \r\n"]
    assert (made.good, made.bad) == (1, 0)


def test_a_line_that_is_too_long(corrector: Corrector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "LONGEST", 64)
    good = b'{"text": "a"}\n'
    for long in (b'{"text": "' + b"a" * 200 + b'"}\n', b"a" * 128 + b"\n", b"a" * 64 + b"\n"):
        found, made = run(corrector, good + long + good)
        assert b"".join(record.content for record in found)[: -len(found[-1].content)].endswith(b"}\n" + long)
        assert [record.line for record in found if record.problem] == [2]
        assert (found[-1].line, made.good, made.bad) == (3, 2, 1)


def test_a_long_text_is_repaired_in_blocks(corrector: Corrector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BLOCK", 200)
    text = (BROKEN + "\n\n") * 20
    record = json.loads(one(corrector, json.dumps({"text": text})))
    assert record["text"] == (REPAIRED + "\n\n") * 20
    assert 0.5 < record["text_quality"] < 1


# ---------------------------------------------------------------- dropping, independence


def test_drop_below(corrector: Corrector) -> None:
    lines = [
        json.dumps({"text": text}).encode() + b"\n" for text in (GOOD, "XJQ1wv r0kbIqz pl7hOl [l1|bI qwx|zzkr", GOOD)
    ]
    found, made = run(corrector, b"".join(lines), least=0.8)
    assert [bool(record.content) for record in found] == [True, False, True]
    assert made.good == 3
    assert all(record.content for record in run(corrector, b"".join(lines))[0])


TEXTS = [BROKEN, GOOD, REPAIRED, "He 6bIJIO", "He", "Das Komitee tagte gestern.", "а fascinating book", "12", ""]


@given(st.lists(st.sampled_from(TEXTS), min_size=1, max_size=6).flatmap(st.permutations))
def test_records_are_independent(corrector: Corrector, texts: list[str]) -> None:
    lines = [json.dumps({"text": text}).encode() + b"\n" for text in texts]
    together = [record.content for record in run(corrector, b"".join(lines))[0]]
    assert together == [run(corrector, line)[0][0].content for line in lines]


def test_depth_does_not_depend_on_the_stack(corrector: Corrector) -> None:
    """A record nested as deep as Python can follow is good or bad, never a crash."""
    for depth in (10, sys.getrecursionlimit() - 200, sys.getrecursionlimit(), 10 * sys.getrecursionlimit()):
        line = b'{"a": ' + b"[" * depth + b"]" * depth + b', "text": "a"}\n'
        _, made = run(corrector, line)
        assert made.good + made.bad == 1
