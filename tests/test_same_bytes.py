"""The true program gives the same bytes: killed with `kill -9` while it works and started again, wherever it runs."""

import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest
from batches import outputs_in, request
from PIL import Image
from test_reading import HEIGHT, WIDTH, installed

from pipeline.batch import clean_all
from pipeline.write import PART

ROOT: Final = Path(__file__).parent.parent
BROKEN: Final = "He BepHYJIM ropofckoMy KoMMTeTY HuuerO.\n"
PAGES: Final = 3
# What happens in a run: the plan, three documents without pages and one of three: opened, its pages read, finished.
EVENTS: Final = 1 + 3 * 2 + 1 + PAGES + 1
PATIENCE: Final = 60.0  # seconds, after which a test fails


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Texts and a document of pages, and the environment with a Tesseract that reads the same on every page."""
    folder = tmp_path_factory.mktemp("killed")
    environment = installed(folder / "bin", "say(['Комитет', 'собрался', 'снова.'], 95)")
    (folder / "in" / "below").mkdir(parents=True)
    for name in ("a.txt", "b.txt", "below/c.txt"):
        (folder / "in" / name).write_text(BROKEN * 20, encoding="utf-8")
    sheet = Image.new("L", (WIDTH, HEIGHT), 255)
    sheet.save(folder / "in" / "book.tif", save_all=True, append_images=[sheet] * (PAGES - 1))
    return folder, environment


def started(
    library: tuple[Path, dict[str, str]],
    out: Path,
    log: Path,
    *more: str,
    where: Path = ROOT,
    stderr: int = subprocess.DEVNULL,
    other: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.Popen[bytes]:
    folder, environment = library
    command = [sys.executable, str(ROOT / "cli.py"), "clean", str(folder / "in"), "--include", "text", "-o", str(out)]
    return subprocess.Popen(
        [*command, "--jobs", "2", "--log-json", str(log), *more],
        cwd=where,
        env={**environment, **other},
        stderr=stderr,
    )


class Terminal:
    """A terminal: a program writes to its `end`, and what it `said` is known afterwards."""

    def __enter__(self) -> "Terminal":
        self.own, self.end = pty.openpty()
        self.parts: list[bytes] = []
        self.listener = threading.Thread(target=self.listen)
        self.listener.start()
        return self

    def listen(self) -> None:
        with suppress(OSError):  # nobody is at the other end any more
            while part := os.read(self.own, 65536):
                self.parts.append(part)

    def __exit__(self, *_: object) -> None:
        os.close(self.end)
        self.listener.join()
        os.close(self.own)

    @property
    def said(self) -> str:
        return b"".join(self.parts).decode()


def whole_outputs_in(out: Path) -> dict[str, bytes]:
    """The outputs below a folder where a run was killed; the next run sweeps away what was being written."""
    return {name: data for name, data in outputs_in(out).items() if not name.endswith(PART)}


def lines_in(log: Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def processes_of(folder: Path) -> list[str]:
    """The processes that run and have a folder in their environment."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            is_ours = entry.name.isdigit() and os.fsencode(folder) in (entry / "environ").read_bytes()
            if is_ours and (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z":
                found.append(entry.name)
        except OSError:
            continue
    return found


@pytest.fixture(scope="module")
def left_alone(library: tuple[Path, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    out, log = tmp_path_factory.mktemp("alone") / "out", library[0] / "alone.jsonl"
    assert started(library, out, log).wait(PATIENCE * 2) == 0
    assert lines_in(log) == EVENTS
    return outputs_in(out)


@pytest.mark.parametrize("events", [0, 1, 3, EVENTS // 2, EVENTS - 2])
def test_a_killed_run_goes_on_to_the_same_bytes(
    events: int, library: tuple[Path, dict[str, str]], left_alone: dict[str, bytes], tmp_path: Path
) -> None:
    out, log = tmp_path / "out", tmp_path / "log.jsonl"
    run = started(library, out, log)
    until = time.monotonic() + PATIENCE
    while run.poll() is None and lines_in(log) < events and time.monotonic() < until:
        time.sleep(0.005)
    run.send_signal(signal.SIGKILL)
    run.wait()
    while processes_of(library[0]) and time.monotonic() < until:
        time.sleep(0.02)
    assert not processes_of(library[0])
    assert whole_outputs_in(out).items() <= left_alone.items()
    assert started(library, out, log).wait(PATIENCE) == 0
    assert outputs_in(out) == left_alone
    assert not list((library[0] / "bin" / "tmp").glob("pravka-*"))


@pytest.mark.parametrize(
    "signals", [[signal.SIGINT], [signal.SIGINT, signal.SIGINT], [signal.SIGTERM], [signal.SIGHUP]]
)
def test_an_interrupted_run_says_how_to_go_on_and_does(
    signals: tuple[signal.Signals, ...],
    library: tuple[Path, dict[str, str]],
    left_alone: dict[str, bytes],
    tmp_path: Path,
) -> None:
    out, log = tmp_path / "out", tmp_path / "log.jsonl"
    with Terminal() as terminal:
        run = started(library, out, log, stderr=terminal.end, other={"TERM": "xterm", "COLUMNS": "200"})
        until = time.monotonic() + PATIENCE
        while run.poll() is None and lines_in(log) < EVENTS // 2 and time.monotonic() < until:
            time.sleep(0.005)
        for number in signals:
            run.send_signal(number)
            time.sleep(0.05)
        assert run.wait(PATIENCE) == 130
    assert " of 4 documents, " in terminal.said  # the bar
    assert "Interrupted: " in terminal.said and "it goes on from there" in terminal.said
    assert "Traceback" not in terminal.said
    assert not processes_of(library[0])
    assert outputs_in(out).items() <= left_alone.items()
    assert started(library, out, log).wait(PATIENCE) == 0
    assert outputs_in(out) == left_alone
    assert not list((library[0] / "bin" / "tmp").glob("pravka-*"))


def test_what_a_parent_ignores_ends_nothing(
    library: tuple[Path, dict[str, str]], left_alone: dict[str, bytes], tmp_path: Path
) -> None:
    """As `nohup pravka clean` when the terminal is closed."""
    out, log = tmp_path / "out", tmp_path / "log.jsonl"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run = started(library, out, log)
    finally:
        signal.signal(signal.SIGHUP, before)
    until = time.monotonic() + PATIENCE
    while run.poll() is None and lines_in(log) < EVENTS // 2 and time.monotonic() < until:
        time.sleep(0.005)
    run.send_signal(signal.SIGHUP)
    assert run.wait(PATIENCE) == 0
    assert outputs_in(out) == left_alone


@pytest.mark.parametrize(
    ("jobs", "surroundings"),
    [
        ("1", {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "Asia/Vladivostok"}),
        ("3", {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "America/New_York"}),
    ],
)
def test_surroundings_change_nothing(
    jobs: str,
    surroundings: dict[str, str],
    library: tuple[Path, dict[str, str]],
    left_alone: dict[str, bytes],
    tmp_path: Path,
) -> None:
    run = started(library, tmp_path / "out", tmp_path / "log", "--jobs", jobs, where=tmp_path, other=surroundings)
    assert run.wait(PATIENCE) == 0
    assert outputs_in(tmp_path / "out") == left_alone


def test_processes_of_others_may_do_the_work(
    library: tuple[Path, dict[str, str]],
    left_alone: dict[str, bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder, environment = library
    for name in ("PATH", "TMPDIR"):
        monkeypatch.setenv(name, environment[name])
    asked = request(folder / "in", tmp_path / "out", include="text")
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:
        assert [event for event in clean_all(asked, pool) if getattr(event, "error", None)] == []
    assert outputs_in(tmp_path / "out") == left_alone
