"""Numba, told where to keep compiled code before it is imported.

Beside the sources that fails for a package that is read-only; a user without a writable home gets a temporary folder.
Numba knows a function by its file and line alone, and neither sees that a constant or a function of another module
changed nor survives an index that an interrupted run left pointing to older code: so each version of the sources has a
folder of its own.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from stat import S_ISDIR
from typing import Any, TypeVar, cast

# What is compiled, and what it takes constants from.
SOURCES = (
    "arrays",
    "compiled",
    "errors",
    "learn/align",
    "learn/company",
    "repair/chain",
    "repair/channel",
    "repair/company",
    "repair/context",
    "repair/grammar",
    "repair/letters",
    "repair/lexicon",
    "repair/match",
    "repair/beam",
    "repair/prices",
    "repair/search",
    "repair/states",
    "repair/units",
)
KEPT_UNUSED = 7 * 86_400  # seconds


def cache_folder() -> str:
    """Return a writable folder for the code compiled from these sources: of the user, else a temporary one."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pravka"
        return str(version_folder(folder))
    except (OSError, RuntimeError):
        folder = Path(tempfile.gettempdir()) / f"pravka-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(version_folder(folder)) if is_own(folder) else tempfile.mkdtemp(prefix="pravka-")


def version_folder(cache: Path) -> Path:
    """Return the folder of these sources below a cache, made if need be; others unused for a week go.

    Raises OSError where nothing can be written.
    """
    root = Path(__file__).parent
    digest = sha256(b"".join((root / f"{name}.py").read_bytes() for name in SOURCES))
    folder = cache / digest.hexdigest()[:16]
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        sweep(cache, time.time() - KEPT_UNUSED)
    os.utime(folder)
    with tempfile.TemporaryFile(dir=folder):
        return folder


def sweep(cache: Path, since: float) -> None:
    """Remove the folders of a cache that no run has used since a time, in seconds of the epoch."""
    for folder in cache.iterdir():
        if folder.is_dir() and folder.stat().st_mtime < since:
            shutil.rmtree(folder, ignore_errors=True)


def is_own(folder: Path) -> bool:
    """Tell whether a folder is this user's alone: Numba runs what it finds there, and others may make one first."""
    status = folder.lstat()
    return S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & 0o077


os.environ.setdefault("NUMBA_CACHE_DIR", cache_folder())

from numba import njit  # noqa: E402

Function = TypeVar("Function", bound=Callable[..., Any])


def lean(function: Function) -> Function:
    """Compile a function that makes no arrays, without counting references.

    Numba counts them at every call that passes a tuple of arrays; in the search that took nine tenths of the time.
    """
    return cast(Function, njit(cache=True, _nrt=False)(function))  # type: ignore[call-overload]


def inlined(function: Function) -> Function:
    """Compile such a function into its callers: passing named tuples of arrays costs more than what it does."""
    return cast(Function, njit(cache=True, _nrt=False, forceinline=True)(function))  # type: ignore[call-overload]


__all__ = ["inlined", "lean", "njit"]
