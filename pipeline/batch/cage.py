"""Runs each piece of work in a process of its own, bounded in time and memory: what goes wrong there stays there.

A keeper is a process that has the models loaded; for each piece of work it forks a child, its cage, which costs some
milliseconds, and ends it and all that it has started, whatever happens. `caged` is a plain function of arguments that
can be pickled, so any executor of `concurrent.futures` may run it: threads here, workers elsewhere. Keepers are started
by name and not by `multiprocessing`, whose processes may not have children where they are daemons themselves.
"""

import ctypes
import gc
import os
import resource
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from tempfile import TemporaryDirectory
from typing import Any, Final, NamedTuple

from pipeline.errors import CannotWrite, InternalFault, PravkaError, ProgramFailed
from pipeline.read import CAGED

MEGABYTE: Final = 1 << 20
TRIES: Final = 2  # of a piece of work whose keeper died: that was not its fault
PARENT_DEATH: Final = 1  # PR_SET_PDEATHSIG of prctl(2)
# What a keeper does first: it finds its modules where this process does, whatever folder it is started in.
START: Final = (
    "import sys; sys.path[:] = {path!r}; from pipeline.batch.cage import keep; keep(int(sys.argv[1]), sys.argv[2])"
)


class Bounds(NamedTuple):
    """What a piece of work may take: seconds, and megabytes besides what its keeper has."""

    seconds: float
    megabytes: int


@dataclass(frozen=True)
class Preparation:
    """What a keeper does once: `function(*arguments)` makes what each piece of work is given first."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...] = ()


class Work(NamedTuple):
    """A piece of work: `function(prepared, *arguments)`."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    bounds: Bounds


def caged(preparation: Preparation, bounds: Bounds, function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what `function(prepared, *arguments)` returns in a cage, or the PravkaError that it ended with.

    A cage over its bounds, or that crashed, is a ProgramFailed; an exception nobody expected is an InternalFault.
    Raises the PravkaError of a preparation that failed: no other work would do better.
    """
    for _ in range(TRIES):
        keeper = KEEPERS.take(preparation)
        try:
            outcome = keeper.outcome(Work(function, arguments, bounds))
        except (EOFError, OSError):
            KEEPERS.drop(keeper)
            continue
        KEEPERS.give_back(keeper)
        return outcome
    return ProgramFailed("The process that it was done in died", "See whether the machine has memory enough")


# ---------------------------------------------------------------- on this side


class Keeper:
    """A keeper, seen from the process that started it. Raises EOFError or OSError where it has died."""

    def __init__(self, preparation: Preparation) -> None:
        self.preparation = preparation
        self.is_ready = False
        self.folder = os.path.join(tempfile.gettempdir(), f"pravka-{secrets.token_hex(8)}")
        self.connection, theirs = Pipe()
        with theirs:
            try:
                self.process = started(theirs, self.folder)
            except OSError:
                self.connection.close()
                raise

    def prepare(self) -> None:
        """Wait until the keeper is ready. Raises the PravkaError that its preparation ended with."""
        self.connection.send(self.preparation)
        failed = self.connection.recv()
        if failed:
            raise failed
        self.is_ready = True

    def outcome(self, work: Work) -> Any:
        """Return what came of a piece of work."""
        self.connection.send(work)
        return self.connection.recv()

    def hang_up(self) -> None:
        """Make the keeper end its cage and itself, whoever is waiting for it; one that has no cage yet is killed."""
        with suppress(OSError), socket.socket(fileno=os.dup(self.connection.fileno())) as both:
            both.shutdown(socket.SHUT_RDWR)
        if not self.is_ready:
            self.process.kill()

    def end(self) -> None:
        """Make the keeper end, wait until it has, and remove its temporary files."""
        self.hang_up()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Keepers:
    """The keepers of this process: those at work, and those that wait for it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.all: list[Keeper] = []
        self.idle: list[Keeper] = []
        self.closed = False

    def take(self, preparation: Preparation) -> Keeper:
        """Return a keeper that is ready. Raises a PravkaError if it does not start, or its preparation failed."""
        with self.lock:
            fitting = next((keeper for keeper in self.idle if keeper.preparation == preparation), None)
            if fitting:
                self.idle.remove(fitting)
                return fitting
            if self.closed:
                raise ProgramFailed("The run has ended", "")
            keeper = keeper_of(preparation)
            self.all.append(keeper)
        try:
            keeper.prepare()
        except PravkaError:
            self.drop(keeper)
            raise
        except (EOFError, OSError) as error:
            self.drop(keeper)
            raise not_started() from error
        return keeper

    def give_back(self, keeper: Keeper) -> None:
        """Let a keeper wait for other work."""
        with self.lock:
            self.idle.append(keeper)

    def drop(self, keeper: Keeper) -> None:
        """End a keeper."""
        with self.lock, suppress(ValueError):
            self.all.remove(keeper)
        keeper.end()

    def open(self) -> None:
        """Allow keepers to be started."""
        self.closed = False

    def end(self) -> None:
        """End all keepers, and with them the work in their cages; no other is started until `open`."""
        with self.lock:
            self.closed = True
            self.idle.clear()
            keepers, self.all = self.all, []
        for keeper in keepers:  # all of them, before somebody loses patience
            keeper.hang_up()
        for keeper in keepers:
            keeper.end()


def started(connection: Connection, folder: str) -> subprocess.Popen[bytes]:
    """Start a process that keeps at the other end of a connection, with a folder for its temporary files."""
    return subprocess.Popen(
        [sys.executable, "-c", START.format(path=sys.path), str(connection.fileno()), folder],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("PRAVKA_DEBUG") else subprocess.DEVNULL,
        env={**os.environ, CAGED: "1", "OMP_THREAD_LIMIT": "1"},
        pass_fds=[connection.fileno()],
        start_new_session=True,
    )


def keeper_of(preparation: Preparation) -> Keeper:
    """Start a keeper. Raises ProgramFailed."""
    try:
        return Keeper(preparation)
    except OSError as error:
        raise not_started() from error


def not_started() -> ProgramFailed:
    """Return what to tell about a keeper that does not start."""
    remedy = "See whether the machine has memory and room for temporary files, and what PRAVKA_DEBUG=1 shows"
    return ProgramFailed("A worker does not start", remedy)


KEEPERS: Final = Keepers()


# ---------------------------------------------------------------- on the keeper's side


def keep(number: int, folder: str) -> None:
    """Do the work that comes through the connection of this file number, each piece in a cage, until it is closed.

    Temporary files are in a folder, made here, so that there is none that nobody would remove. Raises OSError.
    """
    connection = Connection(number)
    os.mkdir(folder, 0o700)
    tempfile.tempdir = folder
    try:
        serve(connection)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def serve(connection: Connection) -> None:
    """Do the work that comes through a connection, each piece in a cage, until it is closed."""
    with suppress(EOFError, OSError):
        preparation: Preparation = connection.recv()
        try:
            prepared = preparation.function(*preparation.arguments)
        except PravkaError as error:
            connection.send(error)
            return
        connection.send(None)
        gc.collect()
        gc.freeze()
        while True:
            connection.send(emptied(prepared, connection.recv(), connection))


def emptied(prepared: Any, work: Work, connection: Connection) -> Any:
    """Do a piece of work with a folder for its temporary files, which are gone afterwards, whatever happened."""
    try:
        folder = TemporaryDirectory(prefix="pravka-", ignore_cleanup_errors=True)
    except OSError as error:
        problem = f"The temporary directory cannot be written ({error.strerror})"
        return CannotWrite(problem, "Free some space there, or set TMPDIR to another")
    with folder:
        return kept(prepared, work, connection, folder.name)


def kept(prepared: Any, work: Work, connection: Connection, folder: str) -> Any:
    """Do a piece of work in a cage and return what came of it. Raises EOFError when nobody waits for it any more."""
    reader, writer = Pipe(duplex=False)
    child = os.fork()
    if child == 0:
        connection.close()
        tempfile.tempdir = folder
        be_caged(prepared, work, writer)
    writer.close()
    try:
        ready = wait([reader, connection], work.bounds.seconds)
        if connection in ready:
            raise EOFError
        if reader in ready:
            with suppress(EOFError, OSError):  # it died before it said something, or while it did
                return reader.recv()
    finally:
        reader.close()
        status = ended(child)
    if not ready:
        return ProgramFailed(f"It took more than {work.bounds.seconds:g} s", "Allow it more time with --page-timeout")
    return died(status)


def ended(child: int) -> int:
    """End a cage with all its processes, and return its status as waitpid gives it."""
    for end in os.killpg, os.kill:
        with suppress(ProcessLookupError):
            end(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def died(status: int) -> ProgramFailed:
    """Return what to tell of a cage that ended without a word."""
    name = signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else f"status {os.WEXITSTATUS(status)}"
    remedy = "See whether the file is intact, or allow more memory with --page-memory"
    return ProgramFailed(f"The process that it was done in died ({name})", remedy)


def be_caged(prepared: Any, work: Work, writer: Connection) -> None:
    """Do a piece of work in this process, tell what came of it, and end."""
    try:
        os.setsid()
        bound(work.bounds)
        writer.send(outcome_of(prepared, work))
    finally:
        os._exit(0)


def bound(bounds: Bounds) -> None:
    """Limit the memory of this process, write no image of it when it crashes, and let it end with its keeper."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":  # others do not bound the address space, nor tell its size
        return
    most = size_of_this() + bounds.megabytes * MEGABYTE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    ctypes.CDLL(None).prctl(PARENT_DEATH, signal.SIGKILL)


def size_of_this() -> int:
    """Return the size of the address space of this process in bytes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def outcome_of(prepared: Any, work: Work) -> Any:
    """Return what a piece of work returns, or the PravkaError that it ended with."""
    try:
        return work.function(prepared, *work.arguments)
    except PravkaError as error:
        return error
    except MemoryError:
        problem = f"It needs more than {work.bounds.megabytes} MB of memory"
        return ProgramFailed(problem, "Scan it at a lower resolution, or allow more with --page-memory")
    except Exception as error:
        if os.environ.get("PRAVKA_DEBUG"):
            import traceback

            traceback.print_exc()
        return InternalFault.of(error)
