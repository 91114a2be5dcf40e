"""Compiled code is kept apart for each version of the sources that it was made of."""

import os
import time
from pathlib import Path

import pytest
import regex

import pipeline
from pipeline import compiled

PACKAGE = Path(pipeline.__file__).parent
IMPORTED = regex.compile(r"^from pipeline\.([\w.]+) import", regex.MULTILINE)


def imported(name: str) -> set[str]:
    """Return the modules of the package that one of its modules imports from, as `repair/search`."""
    source = (PACKAGE / f"{name}.py").read_text(encoding="utf-8")
    return {found.replace(".", "/") for found in IMPORTED.findall(source)}


def test_every_source_of_compiled_code_tells_versions_apart() -> None:
    names = [path.relative_to(PACKAGE).with_suffix("").as_posix() for path in PACKAGE.rglob("*.py")]
    wanted = {name for name in names if "compiled" in imported(name)}
    reached: set[str] = set()
    while wanted:
        reached |= wanted
        below = {source for name in wanted for source in imported(name)}
        # What learning takes from its own modules is no part of compiled code.
        wanted = {source for source in below if not source.startswith("learn/")} - reached
    assert reached == set(compiled.SOURCES)


def test_a_changed_source_has_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = compiled.version_folder(tmp_path)
    assert compiled.version_folder(tmp_path) == first
    monkeypatch.setattr(compiled, "SOURCES", compiled.SOURCES[1:])
    assert compiled.version_folder(tmp_path) != first


def test_versions_out_of_use_go_when_a_new_one_comes(tmp_path: Path) -> None:
    for name, days in (("old", 8), ("used", 6)):
        (tmp_path / name / "repair").mkdir(parents=True)
        unused = time.time() - days * 86_400
        os.utime(tmp_path / name, (unused, unused))
    kept = compiled.version_folder(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"used", kept.name}
