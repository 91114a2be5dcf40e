from pathlib import Path
from typing import Final

import pytest

from pipeline.data import data_file
from pipeline.document import Corrector
from pipeline.errors import BadData
from pipeline.options import Options
from pipeline.repair.archives import archives_of

SHIPPED: Final = data_file("lexicons", "archives.tsv")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "own.tsv"


def test_the_shipped_list() -> None:
    archives = archives_of([SHIPPED])
    assert archives.count("РГАСПИ") == archives.count("RGASPI") == 1
    assert archives.count("ГА РФ") == archives.count("ГАРФ") == archives.count("GA RF") == 1
    assert archives.count("ГАСО") == 4
    assert archives.count("ШБГКД") == 0


def test_own_archives_are_known_besides(file: Path) -> None:
    file.write_text("abbreviation\tromanised\nШБГКД\tShBGKD\nГАРФ\t\n", encoding="utf-8")
    archives = archives_of([SHIPPED, file])
    assert (archives.count("ШБГКД"), archives.count("ShBGKD")) == (1, 1)
    assert archives.count("ГАРФ") == 2
    assert archives.count("ГАСО") == archives_of([SHIPPED, SHIPPED]).count("ГАСО") == 4
    assert archives.count("РГАСПИ") == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no column abbreviation"),
        ("ШБГКД\n".encode(), "no column abbreviation"),
        ("abbreviation\tplaec\nШБГКД\t\n".encode(), "column plaec"),
        ("# own\nabbreviation\tplace\nШБГКД\n".encode(), "line 3"),
        ("abbreviation\tplace\nШБГКД\t\n \tМосква\n".encode(), "line 3"),
        (b"abbreviation\n\xff\n", "cannot be read"),
    ],
)
def test_a_bad_file_is_told_with_its_line(content: bytes, said: str, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(BadData, match=said) as caught:
        Corrector.load("rus", Options(archives=str(file)))
    assert caught.value.exit_code == 9
