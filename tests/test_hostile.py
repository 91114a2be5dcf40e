"""Hostile files: each ends in a clear error that names it, or is read like any other; nothing else is harmed."""

from dataclasses import replace
from pathlib import Path

import pytest
from hostile import ALL, Hostile

from pipeline.document import Corrector, repair_source
from pipeline.errors import PravkaError
from pipeline.options import Options
from pipeline.source import find_documents


@pytest.fixture(scope="module")
def hasty(corrector: Corrector) -> Corrector:
    return Corrector(corrector.repairer, replace(Options(), read_once=True))


def outcome(corrector: Corrector, path: Path) -> str:
    """What is told of a file, "" where it is done."""
    try:
        found = find_documents([path])
        for error in found.errors:
            raise error
        document, _ = repair_source(corrector, found.sources[0])
        return next((page.error for page in document.pages if page.error), "")
    except PravkaError as error:
        assert error.remedy
        return str(error)


@pytest.mark.parametrize("case", ALL, ids=[case.name for case in ALL])
def test_a_hostile_file_is_refused_or_read(case: Hostile, hasty: Corrector, tmp_path: Path) -> None:
    path = tmp_path / case.name
    path.write_bytes(case.make())
    told = outcome(hasty, path)
    assert bool(told) == bool(case.said), told
    assert case.said in told
    assert not told or case.name in told
    assert "\n" not in told
