"""The plugin of OCRmyPDF: a page that Tesseract left is repaired, or stays as it was; the options; a real run."""

import logging
import os
import re
import shutil
import subprocess
import sys
from argparse import ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from layerpages import DATA, VERSIONS, Edit, hocr_page, layer_of, repaired
from lxml import etree

from pipeline.document import Corrector
from pipeline.errors import BadData
from pipeline.layers import corrected
from pipeline.rewrite import repaired_page, rewrite_page

ROOT = Path(__file__).parents[1]
# Threads of Tesseract that wait for each other on a busy machine outlast OCRmyPDF's patience.
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_THREAD_LIMIT": "1"}
RECORDED = (DATA / "layers" / "tesseract.hocr").read_bytes()
READ = "what Tesseract wrote"
BROKEN = "The minutes of that year [OP PHB. ®. 55. On. 8. Д. 146. Л. 24 06.] show а commission."
REPAIRED = "The minutes of that year [ОР РНБ. Ф. 55. Оп. 8. Д. 146. Л. 24 об.] show a commission."
RUSSIAN = "Рабочие бумажной фабрики потребовали повысить расценки"


def hocr_of(*lines: str) -> bytes:
    return hocr_page([line.split() for line in lines]).encode()


def words(hocr: bytes) -> list[Any]:
    return list(etree.fromstring(hocr).iterfind(".//{*}span[@class='ocrx_word']"))


def said(hocr: bytes) -> list[str]:
    return ["".join(word.itertext()) for word in words(hocr)]


def place(word: Any) -> tuple[str, str]:
    return word.get("id"), word.get("title")


@pytest.fixture
def left(tmp_path: Path) -> tuple[Path, Path]:
    """What an OCR engine left of a page: hOCR and text."""
    hocr, text = tmp_path / "ocr_hocr.hocr", tmp_path / "ocr_hocr.txt"
    hocr.write_bytes(RECORDED)
    text.write_text(READ, encoding="utf-8")
    return hocr, text


# ---------------------------------------------------------------- a page


def test_a_page_is_repaired_at_its_places(corrector: Corrector, left: tuple[Path, Path]) -> None:
    hocr, text = left
    rewrite_page(lambda: corrector, hocr, text)
    before, after = words(RECORDED), words(hocr.read_bytes())
    assert list(map(place, after)) == list(map(place, before))
    assert [word.get("data-original", "".join(word.itertext())) for word in after] == said(RECORDED)
    assert any(word.get("data-original") for word in after)


def test_the_text_says_what_the_words_say(corrector: Corrector, left: tuple[Path, Path]) -> None:
    hocr, text = left
    rewrite_page(lambda: corrector, hocr, text)
    written = text.read_text(encoding="utf-8")
    assert written.split() == " ".join(said(hocr.read_bytes())).split()
    assert written.endswith("\n") and "\n\n" in written and "\f" not in written


def test_lines_and_paragraphs_stay(corrector: Corrector) -> None:
    made = repaired_page(corrector, hocr_of(BROKEN, "An English line.", BROKEN))
    assert made is not None
    assert made[0].decode() == f"{REPAIRED}\nAn English line.\n{REPAIRED}\n"
    assert " ".join(said(made[1])) == f"{REPAIRED} An English line. {REPAIRED}"


SPLIT = [Edit(0, 1, "Посевы зерновых"), Edit(2, 4, "уездный"), Edit(4, 5, "и в городе")]


def split_page() -> bytes:
    """A page on which words became several, and several one."""
    layer = layer_of(RECORDED, "hocr")
    lines = sum(bool(line.holders) for line in layer.pages[0].lines)
    after = corrected(layer, repaired(layer, [SPLIT, *[[]] * (lines - 1)]), VERSIONS, parted=False)
    assert after is not None
    return after


def test_a_word_that_became_several_stays_in_its_box() -> None:
    before, after = words(RECORDED), words(split_page())
    assert list(map(place, after)) == list(map(place, before))
    assert said(split_page())[:6] == ["Посевы зерновых", "ypooKas:", "уездный", "", "и в городе", "XeOHbIi"]


UNCHANGED = {
    "a page that Tesseract gave up": b"",
    "white space": b" \n",
    "a page without words": hocr_of(),
    "English": hocr_of("The committee met twice in the spring of that year.", "Nobody kept the minutes."),
    "Russian": hocr_of(f"{RUSSIAN}.", "Осенью комиссия проверила склады."),
    "both": hocr_of("The newspaper Рабочая газета was closed [ГАРФ. Ф. 17. Оп. 165. Л. 12 об.]."),
    "German": hocr_of("Der Ausschuss trat im Frühjahr zweimal zusammen."),
    "numbers": hocr_of("1921-1927 3,14 06 17/2", "IV. XVIII"),
}


@pytest.mark.parametrize("name", sorted(UNCHANGED))
def test_what_needs_no_repair_stays(name: str, corrector: Corrector, left: tuple[Path, Path]) -> None:
    hocr, text = left
    hocr.write_bytes(UNCHANGED[name])
    rewrite_page(lambda: corrector, hocr, text)
    assert hocr.read_bytes() == UNCHANGED[name]
    assert text.read_text(encoding="utf-8") == READ


# ---------------------------------------------------------------- whatever goes wrong

HARMFUL = {
    "cut off": RECORDED[: len(RECORDED) // 2],
    "no hOCR": b"Segmentation fault",
    "no XML": RECORDED.replace(b"</span>", b"<span>"),
    "a DTD of its own": RECORDED.replace(b"<html ", b'<!DOCTYPE html [<!ENTITY a "b">]><html ', 1),
    "another encoding": RECORDED.decode().encode("utf-16"),
    "bytes": bytes(range(256)),
}


@pytest.mark.parametrize("name", sorted(HARMFUL))
def test_a_broken_page_stays_as_it_was(
    name: str, corrector: Corrector, left: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    hocr, text = left
    hocr.write_bytes(HARMFUL[name])
    if name == "another encoding":
        hocr.write_bytes(HARMFUL[name][:-1])
    before = hocr.read_bytes()
    rewrite_page(lambda: corrector, hocr, text)
    assert (hocr.read_bytes(), text.read_text(encoding="utf-8")) == (before, READ)
    assert "could not repair this page" in warned(caplog)


@pytest.mark.parametrize("error", [BadData("The lexicon is gone", "Get it"), RuntimeError("no"), MemoryError()])
def test_a_failing_repair_loses_no_page(
    error: Exception, left: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    class Failing:
        options = SimpleNamespace(chosen_map="")

        def repair_together(self, readings: object) -> None:
            raise error

    def load() -> Corrector:
        raise error

    hocr, text = left
    for broken in (load, Failing):
        rewrite_page(broken, hocr, text)  # type: ignore[arg-type]
        assert (hocr.read_bytes(), text.read_text(encoding="utf-8")) == (RECORDED, READ)
        assert (str(error) or repr(error)) in warned(caplog)
        caplog.clear()


def test_a_text_that_cannot_be_written_loses_no_page(
    corrector: Corrector, left: tuple[Path, Path], caplog: pytest.LogCaptureFixture
) -> None:
    hocr, text = left
    text.unlink()
    text.mkdir()
    rewrite_page(lambda: corrector, hocr, text)
    assert hocr.read_bytes() == RECORDED
    assert "cannot be written" in warned(caplog)
    assert sorted(path.name for path in hocr.parent.iterdir()) == ["ocr_hocr.hocr", "ocr_hocr.txt"]


def warned(caplog: pytest.LogCaptureFixture) -> str:
    """The one warning that was logged."""
    (record,) = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert record.levelno == logging.WARNING
    return record.getMessage()


# ---------------------------------------------------------------- the plugin


@pytest.fixture
def plugin() -> Any:
    pytest.importorskip("ocrmypdf")
    from pipeline import ocrmypdf

    return ocrmypdf


def given(**more: object) -> SimpleNamespace:
    """The options of OCRmyPDF."""
    return SimpleNamespace(**{"ocr_engine": "auto", "languages": ["rus", "eng"], "pdf_renderer": "auto", **more})


@pytest.mark.parametrize(
    ("options", "repairs"),
    [
        (given(), True),
        (given(languages=["rus"]), True),
        (given(ocr_engine="tesseract"), True),
        (given(languages=["deu", "rus"]), True),
        (given(languages=["eng"]), False),
        (given(languages=["ukr", "eng"]), False),
        (given(ocr_engine="none"), False),
        (None, False),
    ],
)
def test_only_russian_is_repaired(plugin: Any, options: SimpleNamespace | None, repairs: bool) -> None:
    assert bool(plugin.get_ocr_engine(options)) == repairs


def test_options_are_those_of_pravka(plugin: Any) -> None:
    parser = ArgumentParser()
    plugin.add_options(parser)
    asked = parser.parse_args(["--pravka-min-confidence", "0.5", "--pravka-lexicon", "own.txt"])
    options = plugin.asked(given(**vars(asked)))
    assert (options.min_confidence, options.lexicon, options.archives) == (0.5, "own.txt", "")
    assert options.glyph_map == "tesseract-rus+eng"
    assert plugin.asked(given(languages=["rus", "deu"])) == type(options)()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"pdf_renderer": "sandwich"}, "sandwich"),
        ({"pravka_min_confidence": 1.5}, "--pravka-min-confidence must be from 0.0 to 1.0"),
        ({"pravka_min_confidence": float("nan")}, "--pravka-min-confidence must be from 0.0 to 1.0"),
        ({"pravka_lexicon": "missing.txt"}, "missing.txt cannot be read"),
        ({"pravka_archives": "missing.tsv"}, "missing.tsv cannot be read"),
    ],
)
def test_what_cannot_be_done_is_refused_first(plugin: Any, options: dict[str, Any], told: str) -> None:
    with pytest.raises(plugin.BadArgsError, match=re.escape(told)):
        plugin.check_options(given(**options))


def test_without_russian_nothing_is_refused(plugin: Any, caplog: pytest.LogCaptureFixture) -> None:
    plugin.check_options(given(languages=["eng"], pdf_renderer="sandwich"))
    assert "-l rus+eng" in warned(caplog)


def test_pages_are_repaired_by_one_model_in_threads(plugin: Any, tmp_path: Path, monkeypatch: Any) -> None:
    def generate_hocr(input_file: Path, output_hocr: Path, output_text: Path, options: object) -> None:
        output_hocr.write_bytes(input_file.read_bytes())
        output_text.write_text(READ, encoding="utf-8")

    monkeypatch.setattr(plugin.TesseractOcrEngine, "generate_hocr", staticmethod(generate_hocr))
    pages = [hocr_of(BROKEN), UNCHANGED["English"], b"", hocr_of(BROKEN)] * 2
    plugin.corrector.cache_clear()

    def read(number: int) -> bytes:
        image, hocr, text = (tmp_path / f"{number}.{suffix}" for suffix in ("png", "hocr", "txt"))
        image.write_bytes(pages[number])
        plugin.get_ocr_engine(given()).generate_hocr(image, hocr, text, given())
        return hocr.read_bytes()

    with ThreadPoolExecutor(4) as executor:
        made = list(executor.map(read, range(len(pages))))
    assert made == [made[0], UNCHANGED["English"], b"", made[0]] * 2
    assert " ".join(said(made[0])) == REPAIRED
    assert plugin.corrector.cache_info().currsize == 1


def test_words_that_became_several_are_found_in_their_order(plugin: Any, tmp_path: Path) -> None:
    hocr, out = tmp_path / "page.hocr", tmp_path / "page.pdf"
    hocr.write_bytes(split_page())
    subprocess.run([sys.executable, "-m", "ocrmypdf.hocrtransform", str(hocr), str(out)], check=True)
    found, _ = told_by(out)
    assert found.split()[:8] == ["Посевы", "зерновых", "ypooKas:", "уездный", "и", "в", "городе", "XeOHbIi"]


@pytest.mark.tesseract
def test_a_real_run(plugin: Any, tmp_path: Path) -> None:
    if not shutil.which("tesseract"):
        pytest.skip("Tesseract is not installed")
    from PIL import Image

    page, sidecar, out = tmp_path / "page.png", tmp_path / "out.txt", tmp_path / "out.pdf"
    with Image.open(ROOT / "samples" / "page-1.png") as whole:
        width, height = whole.size
        whole.crop((0, height * 3 // 4, width, height)).save(page)
    asked = ("--plugin", "pipeline.ocrmypdf", "-l", "rus+eng", "--output-type", "pdf", "--sidecar", str(sidecar))
    command = [sys.executable, "-m", "ocrmypdf", *asked, "--image-dpi", "300", str(page), str(out)]
    done = subprocess.run(command, capture_output=True, env=ENVIRONMENT, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"could not repair" not in done.stderr
    text = sidecar.read_text(encoding="utf-8")
    assert "[ГАКО. Ф. Р-838. Оп. 2. Д. 61. Л. 14-15 об.]" in text and " with a stock " in text
    found, creator = told_by(out)
    # Where a word is broken at a line end, pdfium joins it, with a sign of its own.
    assert found.split() == text.replace("-\n", "\ufffe").split()
    assert "Pravka" in creator


def told_by(path: Path) -> tuple[str, str]:
    """The text of the first page of a PDF, and what made the PDF."""
    from pypdfium2 import PdfDocument

    with PdfDocument(path) as pdf:
        return pdf[0].get_textpage().get_text_range(), str(pdf.get_metadata_value("Creator"))
