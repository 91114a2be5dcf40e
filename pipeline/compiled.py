"""Numba, told where to keep compiled code before it is imported.

Beside the sources that fails for a package that is read-only; a user without a writable home gets a temporary folder.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from stat import S_ISDIR
from typing import Any, TypeVar, cast


def cache_folder() -> str:
    """Return a writable folder for compiled code: of the user, else a temporary one."""
    try:
        folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pravka"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return str(folder)
    except (OSError, RuntimeError):
        folder = Path(tempfile.gettempdir()) / f"pravka-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        return str(folder) if is_own(folder) else tempfile.mkdtemp(prefix="pravka-")


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
