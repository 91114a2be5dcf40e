"""Finds the shipped data: glyph maps and lexicons.

They lie in the installed package (`pipeline/glyphmaps`, put there when the wheel is built), else, in a clone, in the
root of the repository.
"""

from functools import cache
from pathlib import Path

from pipeline.arrays import ArrayFile, open_arrays
from pipeline.errors import BadData


def roots() -> tuple[Path, Path]:
    """Return the folders that shipped data may lie in."""
    package = Path(__file__).resolve().parent
    return package, package.parent


def data_file(folder: str, *names: str) -> Path:
    """Return the path of a shipped file. Raises BadData if it is not there."""
    for root in roots():
        path = root.joinpath(folder, *names)
        if path.is_file():
            return path
    raise BadData(f"The data file {'/'.join((folder, *names))} is missing", "Install Pravka again")


def data_files(folder: str, suffix: str) -> tuple[Path, ...]:
    """Return the shipped files of a folder whose names end so, sorted."""
    found = (sorted((root / folder).rglob(f"*{suffix}")) for root in roots())
    return tuple(next(filter(None, found), ()))


def package_version(package: str = "pravka") -> str:
    """Return the version of a package, "unknown" where it is not installed (Pravka: runs from a clone as it is)."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


@cache
def arrays(name: str) -> ArrayFile:
    """Open the model file `lexicons/<name>.arrays`."""
    return open_arrays(data_file("lexicons", f"{name}.arrays"))
