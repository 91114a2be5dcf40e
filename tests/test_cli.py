"""The command as a user runs it: real processes, their exit codes, their bytes."""

import json
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from rapidfuzz.distance import Levenshtein

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
HEAVY = {"numba", "cv2", "PIL", "pypdfium2", "pytesseract", "lxml", "pikepdf", "img2pdf", "docx"}
BROKEN = "KOMHTeT co6paJIca CHOBa.\n"
REPAIRED = "Комитет собрался снова.\n"
GOOD = "The committee met again. Комитет собрался снова.\n"
COLUMNS = "document\tpage\tline\tstart\tend\twas\tis\treason\tconfidence\tstatus"
TIMEOUT = 120

Done = subprocess.CompletedProcess[bytes]


def pravka(
    *arguments: str | Path, given: bytes = b"", env: Mapping[str, str] | None = None, python: Sequence[str] = ()
) -> Done:
    command = [sys.executable, *python, "cli.py", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, input=given, env=env, capture_output=True, timeout=TIMEOUT, check=False)


def without_programs(folder: Path) -> dict[str, str]:
    folder.mkdir()
    return {"PATH": str(folder)}


@pytest.fixture
def good(tmp_path: Path) -> Path:
    file = tmp_path / "good.txt"
    file.write_text(GOOD, encoding="utf-8")
    return file


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    file = tmp_path / "broken.txt"
    file.write_text(BROKEN, encoding="utf-8")
    return file


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("arguments", [(), ("clean",), ("fix",), ("cite",), ("explain",), ("garble",)])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    done = pravka(*arguments, "--help", python=("-X", "importtime"))
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines() if "|" in line}
    assert done.returncode == 0
    assert b"Usage:" in done.stdout
    assert "click" in imported
    assert not {name.partition(".")[0] for name in imported} & HEAVY


# ---------------------------------------------------------------- exit codes


def fails(done: Done, code: int, *said: str) -> None:
    """Check an exit code, a clean standard output and what is said in one readable message."""
    error = done.stderr.decode()
    assert done.returncode == code, error
    assert done.stdout == b""
    assert "Traceback" not in error
    assert "Internal error" not in error
    for words in said:
        assert words in error


def test_missing_file(tmp_path: Path) -> None:
    missing = tmp_path / "missing.txt"
    fails(pravka("clean", missing, "-o", tmp_path / "out"), 4, "missing.txt")
    fails(pravka("fix", missing), 4, "missing.txt")


def test_fix_of_a_folder(tmp_path: Path) -> None:
    fails(pravka("fix", tmp_path), 4, str(tmp_path))


def test_empty_folder(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    fails(pravka("clean", empty, "-o", tmp_path / "out"), 6, "no image")


def test_empty_image(tmp_path: Path) -> None:
    image = tmp_path / "page.png"
    image.touch()
    fails(pravka("clean", image, "-o", tmp_path / "out"), 4, "page.png", "0 bytes")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--nonsense",),
        ("--format", "odt"),
        ("--format", ""),
        ("--jobs", "0"),
        ("--min-confidence", "1.5"),
        ("--min-confidence", "nan"),
        ("--lang", "eng"),
    ],
)
def test_wrong_options(options: tuple[str, ...], good: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fails(pravka("clean", good, "-o", out, *options), 2)
    assert not out.exists()


def test_json_and_diff_exclude_each_other(good: Path) -> None:
    fails(pravka("fix", good, "--json", "--diff"), 2, "--json", "--diff")


def test_without_tesseract_no_images(tmp_path: Path) -> None:
    env = without_programs(tmp_path / "bin")
    fails(pravka("clean", SAMPLES / "page-4.jpg", "-o", tmp_path / "out", env=env), 3, "apt-get install tesseract-ocr")


def test_without_tesseract_texts(good: Path, tmp_path: Path) -> None:
    env = without_programs(tmp_path / "bin")
    assert pravka("clean", good, "-o", tmp_path / "out", env=env).returncode == 0
    assert (tmp_path / "out" / "good.txt").read_text(encoding="utf-8") == GOOD


def test_doctor_without_tesseract(tmp_path: Path) -> None:
    done = pravka("doctor", env=without_programs(tmp_path / "bin"))
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 3
    assert any(line.startswith("FAIL") and "apt-get install" in line for line in lines)
    assert any(line.startswith("ok") and "lexicon" in line for line in lines)


@pytest.mark.tesseract
def test_doctor() -> None:
    done = pravka("doctor")
    assert done.returncode == 0, done.stdout.decode()
    assert b"FAIL" not in done.stdout


def test_output_is_a_file(good: Path, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_bytes(b"mine")
    fails(pravka("clean", good, "-o", taken), 5, "cannot be written")
    fails(pravka("fix", good, "-o", taken / "result.txt"), 5, "cannot be written")
    assert taken.read_bytes() == b"mine"


def test_some_failed(good: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    fails(pravka("clean", good, tmp_path / "missing.txt", "-o", out), 8, "missing.txt")
    assert (out / "good.txt").read_text(encoding="utf-8") == GOOD


def test_missing_lexicon(good: Path, tmp_path: Path) -> None:
    missing = tmp_path / "names.txt"
    fails(pravka("fix", good, "--lexicon", missing), 9, "names.txt")
    fails(pravka("clean", good, "-o", tmp_path / "out", "--lexicon", missing), 9, "names.txt")


# ---------------------------------------------------------------- fix


KEPT = {
    "CRLF": "Комитет собрался снова.\r\nThe committee met again.\r\n".encode(),
    "BOM": b"\xef\xbb\xbf" + GOOD.encode(),
    "no last line end": GOOD.rstrip().encode(),
    "wrong UTF-8": b"The committee \xff\xfe met again \xc3\n",
    "NUL": b"The committee\x00 met again.\n\x00",
    "mixed ends and spaces": "  Комитет\t собрался \r\n\n\r  \nснова.\r".encode(),
    "other line ends": "Комитет\x0b\x0c\x85\u2028собрался\n".encode(),
    "empty": b"",
}


def test_fix_keeps_bytes(tmp_path: Path) -> None:
    for name, content in KEPT.items():
        file = tmp_path / "kept.txt"
        file.write_bytes(content)
        done = pravka("fix", file)
        assert (done.returncode, done.stdout, done.stderr) == (0, content, b""), name


def test_fix_reads_standard_input_and_writes_only_the_result() -> None:
    for arguments in ("fix",), ("fix", "-"), ("fix", "-", "-o", "-"):
        done = pravka(*arguments, given=BROKEN.encode())
        assert (done.returncode, done.stdout.decode(), done.stderr) == (0, REPAIRED, b"")


def test_fix_writes_files(broken: Path, tmp_path: Path) -> None:
    out, table = tmp_path / "result.txt", tmp_path / "changes.tsv"
    done = pravka("fix", broken, "-o", out, "--corrections", table)
    assert (done.returncode, done.stdout) == (0, b"")
    assert out.read_text(encoding="utf-8") == REPAIRED
    header, *rows = table.read_text(encoding="utf-8").splitlines()
    assert header == COLUMNS
    assert [row.split("\t")[5:7] for row in rows] == [
        list(pair) for pair in zip(BROKEN.split(), REPAIRED.split(), strict=True)
    ]
    assert broken.read_text(encoding="utf-8") == BROKEN


def test_fix_diff(broken: Path) -> None:
    done = pravka("fix", "--diff", broken)
    assert (done.returncode, done.stdout.decode()) == (0, f"@@ line 1\n-{BROKEN}+{REPAIRED}")
    assert pravka("fix", "--diff", given=GOOD.encode()).stdout == b""


def test_fix_json() -> None:
    done = pravka("fix", "--json", given=BROKEN.encode() + b"\x00 \xff\n")
    record = json.loads(done.stdout.decode("utf-8"))
    assert done.returncode == 0
    assert record["schema"]["name"] == "pravka-document"
    assert record["pages"][0]["lines"][0]["text"] == REPAIRED.strip()
    assert len(record["pages"][0]["corrections"]) == len(BROKEN.split())


def test_min_confidence(broken: Path) -> None:
    assert pravka("fix", broken, "--min-confidence", "1").stdout.decode() == BROKEN


def test_closed_pipe(tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    file.write_text(GOOD * 4000, encoding="utf-8")
    with subprocess.Popen(
        [sys.executable, "cli.py", "fix", str(file)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(TIMEOUT), said) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_full_standard_output(broken: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [sys.executable, "cli.py", "fix", str(broken)],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=TIMEOUT,
            check=False,
        )
    assert done.returncode == 5
    assert b"Internal error" not in done.stderr


def test_message_is_one_line(tmp_path: Path) -> None:
    done = pravka("fix", tmp_path / "two\nlines.txt")
    assert done.returncode == 4
    assert done.stderr.count(b"\n") == 1


def test_fix_residue(tmp_path: Path) -> None:
    table = tmp_path / "left.tsv"
    hopeless = GOOD + "Комитет ЪqЪzЪ собрался снова, ЪqЪzЪ собрался.\n"
    done = pravka("fix", "--residue", table, given=hopeless.encode())
    assert (done.returncode, done.stdout.decode()) == (0, hopeless)
    assert table.read_text(encoding="utf-8") == "count\ttoken\tcandidates\n2\tЪqЪzЪ\t\n"
    fails(pravka("fix", "--residue", table / "below.tsv", given=GOOD.encode()), 5, "cannot be written")


# ---------------------------------------------------------------- explain, garble


def test_explain() -> None:
    done = pravka("explain", "co6paJIca", "committee", "[x]")
    said = done.stdout.decode()
    assert (done.returncode, done.stderr) == (0, b"")
    assert all(words in said for words in ("co6paJIca ->", "committee stays as it is", "[x]", "6 -> б", "posterior"))


def test_explain_json() -> None:
    done = pravka("explain", "--json", "co6paJIca", "KOMHTeT", "--context", BROKEN, "--glyph-map", "tesseract-eng")
    assert (done.returncode, done.stderr) == (0, b"")
    one, two = json.loads(done.stdout.decode())
    assert (one["word"], one["text"], one["why"], one["before"]) == ("co6paJIca", "собрался", "lexicon", "Комитет")
    assert (two["word"], two["text"]) == ("KOMHTeT", "Комитет")
    best = one["candidates"][0]
    assert best["cost"] == pytest.approx(best["prior"] + best["case"] + best["channel"], abs=1e-3)
    assert ["6", "б"] in best["path"]


def test_explain_refuses() -> None:
    for arguments, said in (
        (("explain", "комитет", "--context", BROKEN), "комитет is no word of the context"),
        (("explain", "two words"), "two words is not one word"),
    ):
        done = pravka(*arguments)
        fails(done, 2, said)
        assert done.stderr.count(b"\n") == 1


def test_garble() -> None:
    done = pravka("garble", "-n", "3", "дом")
    rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert (done.returncode, done.stderr, len(rows)) == (0, b"", 3)
    assert all(re.fullmatch(r"0\.0*[1-9]\d\d", share) for _, share in rows)
    several = pravka("garble", "-n", "1", "дом", "Дом", "--glyph-map", "tesseract-rus+eng").stdout.decode()
    assert re.fullmatch(r"# дом\nдом\t0\.\d{3}\n# Дом\nДом\t0\.\d{3}\n", several)


def test_garble_json() -> None:
    (record,) = json.loads(pravka("garble", "-n", "2", "--json", "дом").stdout.decode())
    assert record["word"] == "дом"
    assert [set(reading) for reading in record["readings"]] == [{"text", "probability"}] * 2


def test_garble_refuses() -> None:
    done = pravka("garble", "дом", "house")
    fails(done, 2, "house has no Cyrillic letter")
    assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("arguments", [("explain", "x"), ("garble", "дом")])
def test_unknown_glyph_map(arguments: tuple[str, ...]) -> None:
    done = pravka(*arguments, "--glyph-map", "nonsense")
    fails(done, 2)
    (error,) = [line for line in done.stderr.decode().splitlines() if line.startswith("Error:")]
    assert "'nonsense' is not one of 'tesseract-eng', 'tesseract-rus+eng'" in error


# ---------------------------------------------------------------- clean


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_jobs_change_nothing(good: Path, broken: Path, tmp_path: Path) -> None:
    results = []
    for jobs in "1", "2":
        out = tmp_path / jobs
        done = pravka("clean", good, broken, "-o", out, "--jobs", jobs, "--format", "txt,json,tsv")
        assert (done.returncode, done.stdout) == (0, b"")
        results.append(contents(out))
    assert results[0] == results[1]
    assert len(results[0]) == 6
    assert results[0]["broken.txt"].decode() == REPAIRED


@pytest.mark.tesseract
def test_clean_page(tmp_path: Path) -> None:
    done = pravka("clean", SAMPLES / "page-4.jpg", "-o", tmp_path, "--format", "txt,json,tsv")
    assert (done.returncode, done.stdout) == (0, b"")
    written = {name: content.decode("utf-8") for name, content in contents(tmp_path).items()}
    assert set(written) == {"page-4.txt", "page-4.json", "page-4.corrections.tsv"}
    (page,) = json.loads(written["page-4.json"])["pages"]
    header, *rows = written["page-4.corrections.tsv"].splitlines()
    assert written["page-4.txt"].splitlines() == [line["text"] for line in page["lines"]]
    assert written["page-4.txt"].endswith("\n")
    assert header == COLUMNS
    assert len(rows) == len(page["corrections"])
    truth = collapsed((SAMPLES / "truth" / "page-4.txt").read_text(encoding="utf-8"))
    assert Levenshtein.distance(collapsed(written["page-4.txt"]), truth) / len(truth) < 0.03


def collapsed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


# ---------------------------------------------------------------- cite


CITED = """The decision is known [РГАСПИ. Ф. 17. Оп. 3. Д. 412; Д. 415. Л. 4, 118]. Others
say so too [ШБГКД. Ф. Р-5446. Оп. 12. Д. 77. Л. 5–7 об., 12]; GARF, f. 1235, op. 1, d. 16.
"""


@pytest.fixture
def cited(tmp_path: Path) -> Path:
    file = tmp_path / "cited.txt"
    file.write_text(CITED, encoding="utf-8")
    return file


def cited_in(done: Done) -> list[dict[str, Any]]:
    assert (done.returncode, done.stderr) == (0, b"")
    return list(json.loads(done.stdout)["citations"])


def test_cite(cited: Path, good: Path) -> None:
    other = cited.parent / "below" / cited.name
    other.parent.mkdir()
    other.write_bytes(cited.read_bytes())
    found = cited_in(pravka("cite", cited, good, other, "--romanise", "ala-lc"))
    keys = ["rgaspi-17-3-412", "rgaspi-17-3-415", "shbgkd-r5446-12-77", "garf-1235-1-16"]
    assert [one["key"] for one in found] == [*keys, *(f"{key}-2" for key in keys)]
    assert found[1]["shelfmark"] == "РГАСПИ. Ф. 17. Оп. 3. Д. 415. Л. 4, 118"
    assert found[1]["romanised"] == "RGASPI. F. 17. Op. 3. D. 415. L. 4, 118"
    assert found[2]["flags"] == ["unknown-archive"]
    assert found[2]["leaves"][0] == {"first": "5", "first_verso": False, "last": "7", "last_verso": True}
    assert found[3]["flags"] == ["romanised"]


def test_cite_where_nothing_is_cited(good: Path) -> None:
    assert cited_in(pravka("cite", good)) == []


def test_cite_writes_a_file(cited: Path, tmp_path: Path) -> None:
    out = tmp_path / "new" / "archives.ris"
    done = pravka("cite", cited, "--format", "ris", "-o", out)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert out.read_bytes().count(b"TY  - ") == 4
    assert list(out.parent.iterdir()) == [out]


def test_cite_knows_own_archives(cited: Path, tmp_path: Path) -> None:
    table = tmp_path / "own.tsv"
    table.write_text("abbreviation\nШБГКД\n", encoding="utf-8")
    assert cited_in(pravka("cite", cited, "--archives", table))[2]["flags"] == []
    table.write_text("abbreviation\tplace\nШБГКД\n", encoding="utf-8")
    fails(pravka("cite", cited, "--archives", table), 9, "own.tsv", "line 2")


def test_cite_of_records(cited: Path, tmp_path: Path) -> None:
    pravka("clean", cited, "-o", tmp_path / "out")
    (record,) = (tmp_path / "out").glob("*.json")
    given = pravka("cite", cited, record, "--format", "wiki").stdout.splitlines()
    assert len(given) == 8
    assert given[:4] == given[4:]


def test_cite_refuses(cited: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.json"
    other.write_text("{}", encoding="utf-8")
    fails(pravka("cite", other), 4, "other.json", "pravka clean")
    fails(pravka("cite", tmp_path / "missing.txt"), 4, "missing.txt")
    fails(pravka("cite", cited, "--format", "docx"), 2)
    fails(pravka("cite", cited, "-o", cited), 2, "input and output")
    fails(pravka("cite", cited, "-o", cited / "below.json"), 5, "cannot be written")
    assert cited.read_text(encoding="utf-8") == CITED


def test_cite_gives_what_it_can(cited: Path, tmp_path: Path) -> None:
    done = pravka("cite", cited, tmp_path / "missing.txt")
    assert done.returncode == 8
    assert len(json.loads(done.stdout)["citations"]) == 4
    assert b"missing.txt" in done.stderr


@pytest.mark.tesseract
def test_cite_of_a_page() -> None:
    found = cited_in(pravka("cite", SAMPLES / "page-1.png"))
    truth = collapsed((SAMPLES / "truth" / "page-1.txt").read_text(encoding="utf-8"))
    assert found
    for one in found:
        assert one["text"].replace("-", "–") in truth.replace("-", "–")
        (left, top, right, bottom) = one["boxes"][0]
        assert right - left > 5 * (bottom - top) > 0
