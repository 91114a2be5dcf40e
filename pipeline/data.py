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


@cache
def package_version(package: str = "pravka") -> str:
    """Return the version of a package, "unknown" where it is not installed (Pravka: runs from a clone as it is).

    Raises BadData if it is installed, but does not say.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        found: str | None = version(package)  # none where a file cannot be read, whatever its type says
    except PackageNotFoundError:
        return "unknown"
    if not found:
        raise BadData(f"The version of {package} cannot be read", "See whether you may read what is installed")
    return found


@cache
def arrays(name: str) -> ArrayFile:
    """Open the model file `lexicons/<name>.arrays`."""
    return open_arrays(data_file("lexicons", f"{name}.arrays"))
