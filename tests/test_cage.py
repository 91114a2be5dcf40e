"""Work in cages: whatever goes wrong in one stays there, is told, and leaves nothing behind."""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from pipeline.batch import cage
from pipeline.batch.cage import KEEPERS, Bounds, Preparation, caged
from pipeline.errors import BadData, CannotWrite, PravkaError, ProgramFailed, UnreadableInput

BOUNDS: Final = Bounds(60.0, 400)
PATIENCE: Final = 60.0  # seconds within which what is waited for happens


# ---------------------------------------------------------------- work of all kinds


def prepared(folder: str = "") -> str:
    if folder:
        with open(f"{folder}/keepers", "a") as file:
            file.write(f"{os.getpid()}\n")
    return folder


def refused() -> None:
    raise BadData("The model is broken", "Get another")


def crashed() -> None:
    os.abort()


def failed() -> None:
    raise ZeroDivisionError


def added(_: str, one: int, other: int) -> int:
    return one + other


def read_wrong(_: str) -> None:
    raise UnreadableInput("It is torn", "Mend it")


def unexpected(_: str) -> None:
    raise LookupError("Nobody expected that")


def segfault(_: str) -> None:
    ctypes.string_at(0)


def exited(_: str) -> None:
    os._exit(5)


def system_exit(_: str) -> None:
    raise SystemExit(3)


def aborted(_: str) -> None:
    os.abort()


def killed(_: str) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def endless(_: str) -> None:
    while True:
        pass


def deaf(_: str) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
        signal.signal(number, signal.SIG_IGN)
    time.sleep(1000)


def big_array(_: str) -> None:
    np.ones(1 << 30, np.uint8)


def growing(_: str) -> None:
    lists = []
    while True:
        lists.append(" " * 1_000_000)


def unpicklable(_: str) -> Callable[[], None]:
    return lambda: None


def half_said(_: str) -> bytes:
    """Die while the outcome is being told: more is said than a pipe holds."""
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGKILL)).start()
    return b" " * 300_000_000


def with_children(_: str, folder: str, end: str) -> str:
    """Start a child and a grandchild, both deaf, and end in one of many ways."""
    script = "trap '' TERM HUP INT; sleep 1000 & echo $! >> $0/alive; echo $$ >> $0/alive; wait"
    subprocess.Popen(["sh", "-c", script, folder], stdout=subprocess.DEVNULL)
    wait_for(lambda: Path(folder, "alive").exists() and len(Path(folder, "alive").read_text().split()) == 2)
    if end == "hangs":
        time.sleep(1000)
    if end == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def untidy(_: str) -> str:
    import tempfile

    path = tempfile.mkdtemp()
    Path(path, "left").touch()
    return path


def kills_keeper(folder: str, times: int) -> int:
    """Kill the keeper as often as told, and return how many tried."""
    with open(f"{folder}/tries", "a") as file:
        file.write("x")
    tries = len(Path(folder, "tries").read_text())
    if tries <= times:
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(1000)
    return tries


# ---------------------------------------------------------------- help


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    until = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def processes_in(folder: Path, name: str) -> list[int]:
    return [int(number) for number in (folder / name).read_text().split()]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder, with one in it for temporary files of which none is left."""
    folder = tmp_path_factory.mktemp("cages")
    (folder / "tmp").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tempfile, "tempdir", str(folder / "tmp"))
        patch.setenv("TMPDIR", str(folder / "tmp"))
        yield folder
        KEEPERS.end()
        KEEPERS.open()
    assert not list((folder / "tmp").iterdir())
    assert not any(map(is_running, processes_in(folder, "keepers")))


@pytest.fixture
def keepers(place: Path) -> Iterator[Preparation]:
    """Keepers, started once, unless a test ends them; what one test has noted is not there in the next."""
    for name in ("alive", "tries"):
        (place / name).unlink(missing_ok=True)
    yield Preparation(prepared, (str(place),))
    assert not list((place / "tmp").glob("*/*"))


def told(outcome: Any) -> str:
    assert isinstance(outcome, PravkaError)
    assert outcome.remedy
    return f"{type(outcome).__name__}: {outcome.problem}"


# ---------------------------------------------------------------- how work ends

ENDS: Final[list[tuple[Callable[..., Any], str]]] = [
    (read_wrong, "UnreadableInput: It is torn"),
    (unexpected, "InternalFault: Internal error: LookupError: Nobody expected that"),
    (segfault, "ProgramFailed: The process that it was done in died (SIGSEGV)"),
    (exited, "ProgramFailed: The process that it was done in died (status 5)"),
    (system_exit, "ProgramFailed: The process that it was done in died (status 0)"),
    (aborted, "ProgramFailed: The process that it was done in died (SIGABRT)"),
    (killed, "ProgramFailed: The process that it was done in died (SIGKILL)"),
    (big_array, "ProgramFailed: It needs more than 400 MB of memory"),
    (growing, "ProgramFailed: It needs more than 400 MB of memory"),
    (unpicklable, "ProgramFailed: The process that it was done in died (status 0)"),
]


def test_whatever_goes_wrong_is_told_and_the_keeper_goes_on(keepers: Preparation, place: Path) -> None:
    for function, expected in ENDS:
        assert told(caged(keepers, BOUNDS, function)) == expected
        assert caged(keepers, BOUNDS, added, 2, 3) == 5
    assert len(KEEPERS.all) == 1


@pytest.mark.parametrize("function", [endless, deaf])
def test_what_takes_too_long_is_ended(function: Callable[..., Any], keepers: Preparation) -> None:
    assert told(caged(keepers, Bounds(0.2, 400), function)) == "ProgramFailed: It took more than 0.2 s"
    assert caged(keepers, BOUNDS, added, 2, 3) == 5


def test_an_outcome_that_is_broken_off_is_told(keepers: Preparation) -> None:
    said = caged(keepers, Bounds(60.0, 2000), half_said)
    assert isinstance(said, bytes) or told(said).endswith("died (SIGKILL)")
    assert caged(keepers, BOUNDS, added, 2, 3) == 5


@pytest.mark.parametrize(("end", "seconds"), [("returns", 60.0), ("dies", 60.0), ("hangs", 1.0)])
def test_no_child_of_work_is_left(end: str, seconds: float, keepers: Preparation, place: Path) -> None:
    outcome = caged(keepers, Bounds(seconds, 400), with_children, str(place), end)
    assert outcome == "done" if end == "returns" else isinstance(outcome, ProgramFailed)
    for process in processes_in(place, "alive"):
        wait_for(lambda process=process: not is_running(process))  # type: ignore[misc]


def test_temporary_files_go_with_the_work(keepers: Preparation, place: Path) -> None:
    folder = caged(keepers, BOUNDS, untidy)
    assert folder.startswith(str(place / "tmp"))
    assert not os.path.exists(folder)


def test_without_a_temporary_folder_it_is_told(keepers: Preparation, place: Path) -> None:
    assert caged(keepers, BOUNDS, added, 2, 3) == 5
    (own,) = (place / "tmp").iterdir()
    own.rmdir()
    outcome = caged(keepers, BOUNDS, added, 2, 3)
    assert isinstance(outcome, CannotWrite)
    assert "temporary directory" in outcome.problem
    own.mkdir()
    assert caged(keepers, BOUNDS, added, 2, 3) == 5


# ---------------------------------------------------------------- how keepers end


def test_work_whose_keeper_is_killed_is_tried_once_more(keepers: Preparation, place: Path) -> None:
    before = len(processes_in(place, "keepers"))
    assert caged(keepers, BOUNDS, kills_keeper, 1) == 2
    assert len(processes_in(place, "keepers")) == before + 1


def test_work_that_kills_all_keepers_is_given_up(keepers: Preparation, place: Path) -> None:
    assert "died" in told(caged(keepers, BOUNDS, kills_keeper, 99))
    assert (place / "tries").read_text() == "xx"
    assert caged(keepers, BOUNDS, added, 2, 3) == 5


@pytest.mark.parametrize(
    ("function", "kind", "said"),
    [(refused, BadData, "broken"), (crashed, ProgramFailed, "does not start"), (failed, ProgramFailed, "not start")],
)
def test_a_preparation_that_fails_is_raised(
    function: Callable[[], None], kind: type[PravkaError], said: str, keepers: Preparation
) -> None:
    with pytest.raises(kind, match=said):
        caged(Preparation(function), BOUNDS, added, 2, 3)
    assert all(keeper.is_ready for keeper in KEEPERS.all)


def test_a_machine_that_starts_no_process_is_told(keepers: Preparation, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", full)
    with pytest.raises(ProgramFailed, match="does not start"):
        caged(Preparation(added), BOUNDS, added, 2, 3)
    assert not [keeper for keeper in KEEPERS.all if keeper.preparation == Preparation(added)]


def test_a_keeper_is_used_again_for_the_same_preparation_only(keepers: Preparation, place: Path) -> None:
    for preparation in (keepers, Preparation(prepared, (str(place),)), Preparation(prepared), Preparation(prepared)):
        assert caged(preparation, BOUNDS, added, 2, 3) == 5
    assert [keeper.preparation for keeper in KEEPERS.all] == [keepers, Preparation(prepared)]


def test_when_the_run_ends_so_does_the_work(keepers: Preparation, place: Path) -> None:
    outcomes: list[Any] = []

    def work() -> None:
        try:
            outcomes.append(caged(keepers, BOUNDS, with_children, str(place), "hangs"))
        except PravkaError as error:
            outcomes.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    wait_for(lambda: (place / "alive").exists() and len(processes_in(place, "alive")) == 2)
    KEEPERS.end()
    thread.join(PATIENCE)
    KEEPERS.open()
    assert isinstance(outcomes[0], ProgramFailed)
    assert "ended" in outcomes[0].problem
    for process in processes_in(place, "alive"):
        wait_for(lambda process=process: not is_running(process))  # type: ignore[misc]


# What starts work that hangs, says so, and is killed.
KILLED: Final = """
import sys
from test_cage import BOUNDS, Preparation, caged, prepared, with_children
if __name__ == "__main__":
    caged(Preparation(prepared, (sys.argv[1],)), BOUNDS, with_children, sys.argv[1], "hangs")
"""


@pytest.mark.parametrize("killed", ["the whole", "the keeper"])
def test_nothing_is_left_of_what_is_killed(killed: str, keepers: Preparation, place: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(place)], env=environment)
    wait_for(lambda: (place / "alive").exists() and len(processes_in(place, "alive")) == 2)
    if killed == "the keeper":  # the work is done again by another, until the whole is killed
        before = len(processes_in(place, "keepers"))
        os.kill(processes_in(place, "keepers")[-1], signal.SIGKILL)
        wait_for(lambda: len(processes_in(place, "keepers")) > before)
    process.kill()
    process.wait()
    wait_for(lambda: not any(map(is_running, processes_in(place, "keepers")[-2:])))
    if killed == "the keeper":  # who started them knows no more of them
        for left in processes_in(place, "alive"):
            os.kill(left, signal.SIGKILL)
    wait_for(lambda: not any(map(is_running, processes_in(place, "alive"))))


def test_the_memory_of_a_keeper_does_not_count(keepers: Preparation) -> None:
    assert cage.size_of_this() > 1_000_000
    assert caged(keepers, Bounds(60.0, 50), added, 2, 3) == 5
