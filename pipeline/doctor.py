"""Checks what Pravka needs: Tesseract and its packs, the shipped data, and one page read from beginning to end."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from pipeline import data
from pipeline.arrays import is_intact
from pipeline.errors import BadData, PravkaError, ProgramFailed

PACKS: Final = "rus+eng"
# Packs that Pravka reads some words with where they are there.
MORE_PACKS: Final = {"ukr": "tesseract-ocr-ukr", "Cyrillic": "tesseract-ocr-script-cyrl"}
TEST_TEXT: Final = "In 1921 the committee met again. Комитет собрался снова."


@dataclass(frozen=True)
class Finding:
    """One check: its name, what was found, or the error that says what to do."""

    name: str
    detail: str = ""
    error: PravkaError | None = None


def check() -> Iterator[Finding]:
    """Run every check, the later ones even where an earlier failed."""
    checks: tuple[tuple[str, Callable[[], str]], ...] = (
        ("Tesseract", tesseract),
        ("language packs", packs),
        ("glyph maps", glyph_maps),
        ("lexicon", lambda: model("rus")),
        ("rare forms", lambda: model("rus-forms")),
        ("language model", lambda: model("rus-context")),
        ("company of words", lambda: model("rus-company")),
        ("Latin model", lambda: model("latin")),
        ("text repair", repair_text),
        ("page reading", read_test_page),
    )
    for name, run in checks:
        try:
            yield Finding(name, run())
        except PravkaError as error:
            yield Finding(name, error=error)


def tesseract() -> str:
    """Return the version of Tesseract."""
    from pipeline.read import tesseract_version

    return tesseract_version()


def packs() -> str:
    """Return the language packs that are needed, if they are there, and how to have those that would help."""
    from pipeline.read import installed_languages, require_languages

    require_languages(PACKS)
    missing = [package for pack, package in MORE_PACKS.items() if pack not in installed_languages()]
    return f"{PACKS}; for better readings: apt-get install {' '.join(missing)}" if missing else PACKS


def glyph_maps() -> str:
    """Read every glyph map."""
    from pipeline.document import MODELS, read_map

    return ", ".join(f"{model} ({len(read_map(model, 'rus').confusions)} confusions)" for model in MODELS)


def model(name: str) -> str:
    """Check the bytes of a model file."""
    file = data.arrays(name)
    if not is_intact(file):
        raise BadData(f"{file.path} is damaged", "Install Pravka again")
    return f"{file.header['words']} words, version {file.header['version']}"


def repair_text() -> str:
    """Repair a word."""
    from pipeline.document import Corrector

    fixed = Corrector.load("rus").fix("KOMHTeT co6paJIca CHOBa.").text
    if "омитет" not in fixed:
        raise BadData(
            f"A test word came out as {fixed!r}",
            "Install Pravka again: its glyph map or lexicon is not the shipped one",
        )
    return "ok"


def read_test_page() -> str:
    """Read the bundled picture."""
    import cv2
    import numpy as np

    from pipeline.read import read_words
    from pipeline.scan import clean

    grey = cv2.imread(str(data.data_file("glyphmaps", "doctor.png")), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        raise BadData("The test picture glyphmaps/doctor.png is damaged", "Install Pravka again")
    said = " ".join(one.word.text for part in clean(np.asarray(grey, np.uint8)) for one in read_words(part, PACKS))
    if said != TEST_TEXT:
        raise ProgramFailed(f"The test page was read as {said!r}", "Install tesseract-ocr and tesseract-ocr-rus again")
    return "ok"
