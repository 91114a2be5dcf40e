"""`pravka fix` in real pipes: lines as they come, readers that go away, inputs that fail."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import pytest

from cli import pravka
from pipeline.errors import UsageError

ROOT = Path(__file__).parents[1]
BROKEN = b"KOMHTeT co6paJIca CHOBa.\n"
REPAIRED = "Комитет собрался снова.\n".encode()
GOOD = b"The committee met again.\n"
TIMEOUT = 120

Process = subprocess.Popen[bytes]


@contextmanager
def started(*arguments: str) -> Iterator[Process]:
    command = [sys.executable, "cli.py", "fix", *arguments]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        try:
            yield process
        finally:
            process.kill()


def run(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "cli.py", "fix", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=given, capture_output=True, timeout=TIMEOUT, check=False)


def asked(process: Process, line: bytes) -> bytes:
    """Write a line and read one back, with standard input still open."""
    assert process.stdin and process.stdout
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline()


def test_line_buffered_answers_each_line() -> None:
    with started("--line-buffered") as process:
        assert process.stdin and process.stdout
        for line, answer in ((GOOD, GOOD), (BROKEN, REPAIRED), (b"\n", b"\n"), (b"\xff\r\n", b"\xff\r\n")):
            assert asked(process, line) == answer
        assert process.communicate(b"no end", TIMEOUT) == (b"no end", b"")
        assert process.returncode == 0


def test_records_are_answered_one_by_one() -> None:
    with started("--jsonl", "text") as process:
        for number in range(2):
            record = json.dumps({"id": number, "text": BROKEN.decode()}).encode() + b"\n"
            assert json.loads(asked(process, record))["text"] == REPAIRED.decode()


def test_a_reader_that_goes_away_is_no_error() -> None:
    with started("--line-buffered") as process:
        assert process.stdin and process.stdout and process.stderr
        assert asked(process, GOOD) == GOOD
        process.stdout.close()
        process.stdin.write(GOOD * 9)
        process.stdin.close()
        assert (process.wait(TIMEOUT), process.stderr.read()) == (0, b"")


def test_interrupted() -> None:
    with started("--line-buffered") as process:
        assert asked(process, BROKEN) == REPAIRED
        process.send_signal(signal.SIGINT)
        assert process.stderr
        assert (process.wait(TIMEOUT), process.stderr.read().strip()) == (130, b"pravka: Interrupted.")


def test_line_buffered_diff() -> None:
    with started("--line-buffered", "--diff") as process:
        assert process.stdin and process.stdout
        process.stdin.write(GOOD + BROKEN)
        process.stdin.flush()
        assert [process.stdout.readline() for _ in range(3)] == [b"@@ line 2\n", b"-" + BROKEN, b"+" + REPAIRED]


def test_long_text_is_repaired_in_blocks(tmp_path: Path) -> None:
    """Two blocks: the bytes are those of the input but for the repairs, and the lines are counted through."""
    filler = b"The committee met again and again in the same room.\n\n" * 22_000
    text = tmp_path / "long.txt"
    text.write_bytes(BROKEN + b"\n" + filler + BROKEN)
    table = tmp_path / "changes.tsv"
    done = run("--corrections", table, text)
    assert (done.returncode, done.stdout, done.stderr) == (0, REPAIRED + b"\n" + filler + REPAIRED, b"")
    rows = table.read_text(encoding="utf-8").splitlines()
    assert [row.split("\t")[2] for row in rows] == ["line", *("0",) * 3, *("44002",) * 3]


def test_output_files_are_whole(tmp_path: Path) -> None:
    out = tmp_path / "out.txt"
    assert run("--line-buffered", "-o", out, given=BROKEN).returncode == 0
    assert out.read_bytes() == REPAIRED
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]
    records = tmp_path / "out.jsonl"
    assert run("--jsonl", "text", "-o", records, given=b'{"text":"12"}\nno\n').returncode == 8
    assert records.read_bytes() == b'{"text":"12","text_language":"und","text_quality":1.0}\nno\n'


# ---------------------------------------------------------------- bad input


@pytest.mark.parametrize("options", [(), ("--jsonl", "text")])
def test_inputs_that_cannot_be_read(options: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*options, tmp_path)
    assert (done.returncode, done.stdout) == (4, b"")
    assert str(tmp_path) in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no file that fails when it is read")
def test_read_errors() -> None:
    done = run("/proc/self/mem")
    assert (done.returncode, done.stdout) == (4, b"")
    assert b"Input/output error" in done.stderr


def test_standard_input_that_is_closed() -> None:
    done = subprocess.run(
        [sys.executable, "cli.py", "fix"],
        cwd=ROOT,
        capture_output=True,
        timeout=TIMEOUT,
        check=False,
        preexec_fn=lambda: os.close(0),
    )
    assert (done.returncode, done.stdout) == (4, b"")


def test_bad_records_are_counted() -> None:
    bad = b"no\n" * 30
    done = run("--jsonl", "text", given=b'{"text": "a"}\n' + bad)
    said = done.stderr.decode().splitlines()
    assert done.returncode == 8
    assert done.stdout.endswith(bad)
    assert said[0].startswith("pravka: line 2: ")
    assert "30 of 31" in said[-1]
    assert len(said) == 11
    assert run("--jsonl", "text", given=bad).returncode == 4


@pytest.mark.parametrize(
    "options",
    [
        ("--jsonl", "text", "--json"),
        ("--jsonl", "text", "--diff"),
        ("--jsonl", "text", "--corrections", "a.tsv"),
        ("--jsonl", "text", "--residue", "a.tsv"),
        ("--jsonl", "text", "--layout", "flow"),
        ("--line-buffered", "--json"),
        ("--line-buffered", "--layout", "flow"),
        ("--drop-below", "0.5"),
        ("--jsonl", "text", "--drop-below", "1.5"),
        ("--jsonl", "text", "--drop-below", "nan"),
        ("--jsonl", ""),
    ],
)
def test_options_that_exclude_each_other(options: tuple[str, ...]) -> None:
    with pytest.raises((UsageError, click.UsageError)):
        pravka.main(["fix", *options], standalone_mode=False)
