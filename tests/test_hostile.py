"""Hostile files: each ends in a clear error that names it, or is read like any other; nothing else is harmed."""

import cProfile
import errno
import json
import os
import pstats
import re
import subprocess
import sys
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from stat import S_ISREG
from typing import Any, Final

import pytest
from hostile import (
    ALL,
    BAIT,
    ENDLESS,
    IMAGES,
    MARKUP,
    PDFS,
    SMALL,
    TEXTS,
    Hostile,
    abbyy,
    abbyy_page,
    alto,
    filled,
    many_pages,
    packed,
    png,
    string,
    tiff,
)

from pipeline.batch.ledger import read
from pipeline.data import package_version
from pipeline.document import Corrector, repair_source
from pipeline.errors import BadData, CannotWrite, PravkaError, UnreadableInput, UsageError
from pipeline.options import Options
from pipeline.source import Found, Limits, Source, find_documents, page_count, refuse_collisions
from pipeline.write import write_inside

ROOT: Final = Path(__file__).parents[1]


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


# ---------------------------------------------------------------- through the command, beside good files

BROKEN: Final = "KOMHTeT co6paJIca CHOBa.\n"
REPAIRED: Final = "Комитет собрался снова.\n"
ODD_NAMES: Final = (
    b"two words.txt",
    b"line\nend.txt",
    b"tab\there.txt",
    b"-rf.txt",
    b"--help.txt",
    "страница ё.txt".encode(),
    "и\u0306.txt".encode(),
    "й.txt".encode(),
    b"wrong\xff\xfe.txt",
    b"\x1b[31mred\x07.txt",
    b"A.txt",
    b"a.txt",
    b"%s$(x)`x`;x.txt",
)


def state(folder: Path) -> dict[bytes, tuple[int, str]]:
    """The times and hashes of all files below a folder."""
    found = {}
    for root, _, names in os.walk(os.fsencode(folder)):
        for path in (os.path.join(root, name) for name in names):
            if S_ISREG(os.lstat(path).st_mode):
                found[path] = (os.lstat(path).st_mtime_ns, sha256(Path(os.fsdecode(path)).read_bytes()).hexdigest())
    return found


def pravka(*arguments: str | Path) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "cli.py", "clean", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, timeout=240, check=False)


def test_a_batch_with_hostile_files_does_the_good_ones(tmp_path: Path) -> None:
    scans, out = tmp_path / "scans", tmp_path / "out"
    chosen = [*IMAGES[::4], *PDFS[::4], *MARKUP[::4], *TEXTS[::4], ENDLESS[0]]
    for case in chosen:
        path = scans / case.name.replace(".", "-") / case.name
        path.parent.mkdir(parents=True)
        path.write_bytes(case.make())
    (scans / "names").mkdir()
    for name in ODD_NAMES:
        Path(os.fsdecode(os.path.join(os.fsencode(scans / "names"), name))).write_text(BROKEN, encoding="utf-8")
    os.mkfifo(scans / "pipe.png")
    (scans / "loop").symlink_to(scans)
    (scans / "self.png").symlink_to("self.png")
    (scans / "gone.png").symlink_to("nowhere.png")
    before = state(tmp_path)
    log = tmp_path / "log.jsonl"
    options = ("--include", "*", "--keep-extension", "--page-timeout", "15", "--read-once", "--log-json", log)
    done = pravka(scans, "-o", out, *options)
    said = done.stderr.decode()
    told = log.read_text(encoding="utf-8").splitlines()
    assert done.returncode == 8, said
    assert done.stdout == b""
    assert "Traceback" not in said and "Internal error" not in said
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", said)
    for case in chosen:
        folder = case.name.replace(".", "-")
        assert (out / folder / f"{case.name}.txt").exists() == (not case.said), case.name
        assert (out / folder / f"{case.name}.json").exists() == (not case.said), case.name
        assert not case.said or any(case.name in line and case.said in line for line in told), case.name
    for name in ODD_NAMES:
        made = os.path.join(os.fsencode(out / "names"), name + b".txt")
        assert Path(os.fsdecode(made)).read_text(encoding="utf-8") == REPAIRED, name
    events = [json.loads(line) for line in told]
    assert all(event["document"] for event in events if event["event"] != "planned")
    refused = {Path(event["document"]).name for event in events if event["event"] == "refused"}
    assert refused >= {"pipe.png", "self.png", "gone.png"}
    after = state(tmp_path)
    assert {path: after[path] for path in before} == before
    assert all(path.startswith(os.fsencode(out)) for path in after.keys() - before.keys() - {os.fsencode(log)})
    assert not [path for path in after if path.endswith(b".part")]


# ---------------------------------------------------------------- limits and names


@pytest.mark.parametrize(
    ("name", "data", "limits", "said"),
    [
        ("a.png", png(*SMALL), Limits(max_bytes=10), "--max-bytes"),
        ("a.txt", b"x" * 11, Limits(max_text=10), "--max-text 11"),
        ("a.txt", b"x" * 11, Limits(max_bytes=10), "--max-bytes 11"),
        ("a.xml", alto(string()), Limits(max_layer=10), "--max-layer"),
        ("a.pdf", many_pages(3), Limits(max_pages=2), "3 pages, more than the limit of 2"),
        ("a.tif", tiff(3), Limits(max_pages=2), "more than 2 pages"),
        ("a.gz", packed(iter([abbyy(abbyy_page("K" * 900) * 2)])), Limits(max_bytes=20_000), "--max-bytes"),
        ("a.gz", packed(iter([abbyy(abbyy_page("K" * 900))])), Limits(max_layer=20_000), "--max-layer"),
    ],
)
def test_limits_name_file_number_and_option(
    name: str, data: bytes, limits: Limits, said: str, corrector: Corrector, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    options = Options(**{one: getattr(limits, one) for one in ("max_bytes", "max_pages", "max_text", "max_layer")})
    with pytest.raises(UnreadableInput) as caught:
        found = find_documents([path], limits=limits)
        repair_source(Corrector(corrector.repairer, options), (found.sources or refused(found))[0])
    assert said in str(caught.value) and name in str(caught.value)


def refused(found: Found) -> tuple[Source, ...]:
    raise found.errors[0]


@pytest.mark.parametrize("limits", [Limits(max_pages=3), Limits(max_bytes=1000)])
def test_what_is_just_within_a_limit_is_read(limits: Limits, tmp_path: Path) -> None:
    (tmp_path / "a.tif").write_bytes(tiff(3))
    (source,) = find_documents([tmp_path], limits=limits).sources
    assert page_count(source, limits) == 3


@pytest.mark.parametrize(("keep", "names"), [(True, {"p.png.txt", "p.jpg.txt", "p.png.json", "p.jpg.json"})])
def test_the_extension_keeps_names_apart(keep: bool, names: set[str], tmp_path: Path) -> None:
    for name in ("p.png", "p.jpg"):
        (tmp_path / name).write_bytes(png(*SMALL))
    with pytest.raises(UsageError, match=r"p\.jpg and .*p\.png would both write p\.txt.*--keep-extension"):
        find_documents([tmp_path])
    found = find_documents([tmp_path], keep_suffix=keep)
    assert {name for source in found.sources for name in source.outputs(("txt", "json"))} == names


def test_the_raw_text_of_one_may_be_the_text_of_another(tmp_path: Path) -> None:
    for name in ("p.png", "p.raw.png"):
        (tmp_path / name).write_bytes(png(*SMALL))
    assert len(find_documents([tmp_path]).sources) == 2
    with pytest.raises(UsageError, match=r"would both write p\.raw\.txt"):
        find_documents([tmp_path], formats=("txt", "raw"))


@pytest.mark.parametrize(("one", "other", "alike"), [("P1", "p1", True), ("й", "и\u0306", True), ("p1", "p2", False)])
def test_names_that_some_file_systems_take_for_one(one: str, other: str, alike: bool) -> None:
    sources = [Source(Path(f"{name}.png"), Path(f"{name}.png"), "image") for name in (one, other)]
    refuse_collisions(sources)
    if alike:
        with pytest.raises(UsageError, match="would both write"):
            refuse_collisions(sources, folds=True)
    else:
        refuse_collisions(sources, folds=True)


def test_a_name_too_long_for_an_output_is_told_before_any_work(tmp_path: Path) -> None:
    for name in ("x" * 251 + ".png", "я" * 125 + ".png"):
        (tmp_path / name).write_bytes(png(*SMALL))
    found = find_documents([tmp_path], tmp_path / "out")
    assert [error.exit_code for error in found.errors] == [5]
    assert "256 bytes" in str(found.errors[0])
    assert len(found.sources) == 1
    assert len(find_documents([tmp_path], tmp_path / "out", formats=("txt",)).sources) == 2


def test_links_in_the_output_folder_lead_nowhere(tmp_path: Path) -> None:
    scans, out, away = tmp_path / "scans", tmp_path / "out", tmp_path / "away"
    for folder in (scans / "a" / "b", out, away):
        folder.mkdir(parents=True)
    (scans / "a" / "b" / "p.txt").write_text(BROKEN, encoding="utf-8")
    (scans / "q.txt").write_text(BROKEN, encoding="utf-8")
    (away / "mine.txt").write_text("mine", encoding="utf-8")
    (out / "a").symlink_to(away)
    (out / "q.txt").symlink_to(away / "mine.txt")
    done = pravka(scans, "-o", out, "--include", "text")
    assert (done.returncode, b"leads out" in done.stderr) == (8, True)
    assert [path.name for path in away.iterdir()] == ["mine.txt"]
    assert (away / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert not (out / "q.txt").is_symlink()
    assert (out / "q.txt").read_text(encoding="utf-8") == REPAIRED


def test_a_file_that_became_something_else_is_refused(corrector: Corrector, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    (source,) = find_documents([path]).sources
    path.unlink()
    with pytest.raises(UnreadableInput, match="cannot be opened"):
        repair_source(corrector, source)
    os.mkfifo(path)
    with pytest.raises(UnreadableInput, match="is not a file"):
        repair_source(corrector, source)


@pytest.mark.parametrize("name", ["garbled", "citations", "fonds", "romanised"])
def test_work_grows_no_faster_than_a_line(name: str, hasty: Corrector) -> None:
    """Calls, not seconds: four times as long a line takes less than six times as many."""
    counts = []
    for size in (2_000, 8_000):
        hasty.fix(BAIT[name] * 20)
        profile = cProfile.Profile()
        profile.runcall(hasty.fix, filled(size, BAIT[name]).decode())
        counts.append(pstats.Stats(profile).total_calls)  # type: ignore[attr-defined]
    assert counts[1] < 6 * counts[0], counts


def test_a_link_to_itself_in_the_output_folder_stops_only_what_is_below(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "below").symlink_to("below")
    with pytest.raises(CannotWrite, match="in each other's way"):
        write_inside(out, out / "below" / "p.txt", b"")
    write_inside(out, out / "p.txt", b"")


def test_an_output_folder_that_nobody_may_look_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.txt").write_text(BROKEN, encoding="utf-8")
    out = tmp_path / "out"
    look = os.stat

    def barred(path: Any, **how: Any) -> os.stat_result:
        if str(path).startswith(str(out)):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, **how)

    monkeypatch.setattr(os, "stat", barred)
    monkeypatch.setattr(os, "lstat", partial(barred, follow_symlinks=False))
    assert len(find_documents([tmp_path / "p.txt"], out).sources) == 1
    with pytest.raises(UnreadableInput, match="Permission denied"), read(out):
        pass


def test_a_version_that_cannot_be_read_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    package_version.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(Path, "read_text", barred_file)
        with pytest.raises(BadData, match="The version of click cannot be read"):
            package_version("click")
    assert package_version("click")[0].isdigit()
    assert package_version("nobody-has-this") == "unknown"


def barred_file(path: Path, *_: Any, **__: Any) -> str:
    raise PermissionError(errno.EACCES, "Permission denied", str(path))
