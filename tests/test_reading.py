"""Tesseract as it may behave: real processes of a program of that name that crashes, hangs and prints nonsense."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import ProgramFailed
from pipeline.model import Box
from pipeline.read import installed_languages
from pipeline.reading import read_image
from pipeline.scan import Grey

ROOT = Path(__file__).parents[1]
WIDTH, HEIGHT = 300, 200  # of the pages; a wider one makes the program misbehave
TIMEOUT: Final = 3.0  # seconds that a page may take; a fake that behaves takes a tenth of that

# What the program does with a page that is wider than WIDTH by so much, and what is told of it.
FAULTS: Final[tuple[tuple[str, str, str], ...]] = (
    ("hangs, deaf to SIGTERM, and so does its child", "hang()", "took more than 3 s"),
    ("crashes", "os.kill(os.getpid(), signal.SIGSEGV)", "failed with status -11"),
    ("fails", "sys.exit(3)", "failed with status 3"),
    ("prints bytes that are no text", r"os.write(1, bytes(range(256)))", "could not be passed to Tesseract or back"),
    (
        "prints other text",
        "print('Segmentation fault', chr(7) * 999)",
        "printed what cannot be read (Segmentation fault",
    ),
    ("prints a broken table", "print(HEAD + '5\\t1\\tone')", "printed what cannot be read"),
    ("prints nothing", "pass", "printed what cannot be read"),
    ("closes its output and hangs", "os.close(1); os.close(2); hang()", "took more than 3 s"),
)

FAKE: Final = """#!{python} -S
import os, signal, struct, subprocess, sys, time
HEAD = "level\\tpage_num\\tblock_num\\tpar_num\\tline_num\\tword_num\\tleft\\ttop\\twidth\\theight\\tconf\\ttext\\n"

def hang():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen(["sleep", "1000"])
    with open({alive!r}, "a") as file:
        file.write(f"{{os.getpid()}} {{child.pid}} ")
    time.sleep(1000)

def say(words, confidence):
    global HEAD
    for number, word in enumerate(words):
        HEAD += "\\t".join(map(str, (5, 1, 1, 1, 1, number, 20 + 60 * number, 90, 50, 12, confidence, word))) + "\\n"
    print(HEAD)

if "--list-langs" in sys.argv:
    print("List of available languages (4):\\n" + "\\n".join({packs!r}))
    sys.exit()
picture = open(sys.argv[1]).readline().strip()
with open(picture, "rb") as file:
    width, height = struct.unpack("<II", file.read(26)[18:])
{body}
"""


def installed(folder: Path, body: str, packs: tuple[str, ...] = ("eng", "osd", "rus", "ukr")) -> dict[str, str]:
    """Put a program `tesseract` that behaves as told into a folder; return the environment in which it is found."""
    folder.mkdir()
    (folder / "tmp").mkdir()
    program = folder / "tesseract"
    alive = str(folder / "alive")
    program.write_text(FAKE.format(python=sys.executable, alive=alive, packs=packs, body=body), encoding="utf-8")
    program.chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "TMPDIR": str(folder / "tmp")}


def is_running(process: int) -> bool:
    """Tell whether a process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_one_bad_page_never_stops_the_others(tmp_path: Path) -> None:
    body = [f"fault = width - {WIDTH}"]
    body += [f"if fault == {number}: {fault}; sys.exit()" for number, (_, fault, _) in enumerate(FAULTS, start=1)]
    environment = installed(tmp_path / "bin", "\n".join([*body, "say(['Комитет', 'собрался', 'снова.'], 95)"]))
    sizes = [WIDTH, *range(WIDTH + 1, WIDTH + 1 + len(FAULTS)), WIDTH]
    first, *others = [Image.new("L", (width, HEIGHT), 255) for width in sizes]
    first.save(tmp_path / "book.tif", save_all=True, append_images=others)
    first.save(tmp_path / "page.png")
    command = [sys.executable, "cli.py", "clean", str(tmp_path / "book.tif"), str(tmp_path / "page.png")]
    options = ["-o", str(tmp_path / "out"), "--page-timeout", str(TIMEOUT), "--jobs", "1"]
    done = subprocess.run(
        [*command, *options], cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False
    )

    error = done.stderr.decode()
    assert done.returncode == 8, error
    assert "Traceback" not in error
    assert f"{len(FAULTS)} of its pages failed" in error
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        ".pravka",
        "book.json",
        "book.txt",
        "page.json",
        "page.txt",
    ]
    good = "Комитет собрался снова.\n"
    assert (tmp_path / "out" / "page.txt").read_text(encoding="utf-8") == good
    pages = (tmp_path / "out" / "book.txt").read_text(encoding="utf-8").split("\f")
    assert pages == [good, *[""] * len(FAULTS), good]
    told = [page.get("error", "") for page in json.loads((tmp_path / "out" / "book.json").read_bytes())["pages"]]
    assert not told[0] and not told[-1]
    for (fault, _, expected), said in zip(FAULTS, told[1:-1], strict=True):
        assert expected in said, fault
        assert "\n" not in said and len(said) < 300
    assert not list((tmp_path / "bin" / "tmp").iterdir())
    started = (tmp_path / "bin" / "alive").read_text(encoding="utf-8").split()
    assert len(started) == 4
    assert not any(is_running(int(process)) for process in started)


def test_a_blank_page_is_no_error(tmp_path: Path) -> None:
    environment = installed(tmp_path / "bin", "say([], 0)")
    sheet = Image.new("L", (WIDTH, HEIGHT), 255)
    sheet.save(tmp_path / "blank.tif", save_all=True, append_images=[sheet])
    command = [sys.executable, "cli.py", "clean", str(tmp_path / "blank.tif"), "-o", str(tmp_path / "out")]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert (tmp_path / "out" / "blank.txt").read_bytes() == b"\f"
    pages = json.loads((tmp_path / "out" / "blank.json").read_bytes())["pages"]
    assert [(page["lines"], page.get("error")) for page in pages] == [([], None), ([], None)]


def test_a_page_longer_than_tesseract_takes_is_told_as_such(fake: Callable[..., Path]) -> None:
    fake(0)
    with pytest.raises(ProgramFailed, match="too long: Tesseract takes 32767 pixels"):
        read_image(np.full((32_768, 31), 255, np.uint8), "rus+eng")


# ---------------------------------------------------------------- pages that stand the wrong way

# The mark of the page is at the left top if it stands upright; the fake reads surely then.
SEES: Final = """
sys.path[:0] = {path!r}
from PIL import Image
page = Image.open(picture)
upright = page.getpixel((12, 12)) < 128 and width == {width}
with open({calls!r}, "a") as file:
    file.write("osd " if "--psm" in sys.argv else "read ")
if "--psm" in sys.argv:
    print("Page number: 0\\nOrientation in degrees: 0\\nRotate: {rotate}\\n") if {rotate} >= 0 else sys.exit(1)
elif {upright}:
    say(["Комитет", "собрался", "снова"], 95)
else:
    say(["ьдлаоьдлао", "ваожщшыао", "жщываоа"], 25)
"""


def marked(turns: int) -> Grey:
    """A page with a mark at its left top, turned counter-clockwise by quarter `turns`."""
    page = np.full((HEIGHT, WIDTH), 255, np.uint8)
    page[8:16, 8:16] = 0
    return np.ascontiguousarray(np.rot90(page, turns))


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    def install(rotate: int, upright: str = "upright", packs: tuple[str, ...] = ("eng", "osd", "rus")) -> Path:
        calls = tmp_path / "calls"
        body = SEES.format(path=sys.path, width=WIDTH, calls=str(calls), rotate=rotate, upright=upright)
        monkeypatch.setenv("PATH", installed(tmp_path / "bin", body, packs)["PATH"])
        return calls

    return install


GIVEN: Final = [
    # turned by, what the OSD says, the packs, rotation, what is run
    (0, 0, ("eng", "osd", "rus"), 0, "read"),
    (2, 180, ("eng", "osd", "rus"), 180, "read osd read"),
    (1, 90, ("eng", "osd", "rus"), 270, "read osd read"),
    (3, 270, ("eng", "osd", "rus"), 90, "read osd read"),
    (2, -1, ("eng", "osd", "rus"), 180, "read osd read read read"),
    (1, 0, ("eng", "rus"), 270, "read read read read"),
    (2, 0, ("eng", "osd", "rus"), 0, "read osd"),  # unreadable, but upright as far as can be told
]


@pytest.mark.parametrize(("turns", "rotate", "packs", "rotation", "calls"), GIVEN)
def test_pages_that_stand_the_wrong_way_are_turned(
    turns: int, rotate: int, packs: tuple[str, ...], rotation: int, calls: str, fake: Callable[..., Path]
) -> None:
    called = fake(rotate, packs=packs)
    reading = read_image(marked(turns), "rus+eng")
    assert reading.rotation == rotation
    assert called.read_text(encoding="utf-8").split() == calls.split()
    assert reading.lines[0].text.startswith("Комитет") == (calls != "read osd")
    assert (reading.width, reading.height) == ((HEIGHT, WIDTH) if turns % 2 else (WIDTH, HEIGHT))


BOXES: Final = [
    (0, Box(20, 90, 70, 102)),
    (1, Box(90, 230, 102, 280)),
    (2, Box(230, 98, 280, 110)),
    (3, Box(98, 20, 110, 70)),
]


@pytest.mark.parametrize(("turns", "box"), BOXES)
def test_boxes_of_turned_pages_are_of_the_page_as_given(turns: int, box: Box, fake: Callable[..., Path]) -> None:
    fake(90 * turns)
    assert read_image(marked(turns), "rus+eng").lines[0].words[0].box == box


def test_a_page_that_is_no_better_turned_stays(fake: Callable[..., Path]) -> None:
    fake(-1, upright="False")
    assert read_image(marked(0), "rus+eng").rotation == 0


@pytest.mark.parametrize("words", [[], ["8"], ["17", "24.5", "—", "|"], ["ЪЖ", "ао"]])
def test_pages_with_hardly_a_letter_are_not_turned(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = f"open({str(tmp_path / 'calls')!r}, 'a').write('x')"
    body = f"if '0' in sys.argv: sys.exit(1)\nif '6' not in sys.argv: {record}\nsay({words!r}, 9)"
    monkeypatch.setenv("PATH", installed(tmp_path / "bin", body)["PATH"])
    assert read_image(marked(0), "rus+eng").rotation == 0
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "x"


def test_a_hanging_osd_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = "if '--psm' in sys.argv: hang()\nsay(['ьдлаолваожщшжщываоыаывалф'], 9)"
    monkeypatch.setenv("PATH", installed(tmp_path / "bin", body)["PATH"])
    before = time.monotonic()
    with pytest.raises(ProgramFailed, match="did not end within 1 s"):
        read_image(marked(0), "rus+eng", 1.0)
    assert time.monotonic() - before < 60


def test_packs_of_every_name_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library that we ask otherwise knows packs of three small letters only."""
    packs = ("Cyrillic", "eng", "chi_sim", "rus")
    monkeypatch.setenv("PATH", installed(tmp_path / "bin", "", packs)["PATH"])
    assert installed_languages() == set(packs)
