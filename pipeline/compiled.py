"""Numba, told where to keep compiled code before it is imported.

Beside the sources that fails for a package that is read-only; a user without a writable home gets a temporary folder.
"""

import os
import tempfile
from pathlib import Path


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
        return str(folder)


os.environ.setdefault("NUMBA_CACHE_DIR", cache_folder())

from numba import njit  # noqa: E402

__all__ = ["njit"]
