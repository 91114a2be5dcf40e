"""Word documents: paragraphs with words joined, doubt marked, the same bytes each time."""

import io
import zipfile
from typing import Any

import docx
from docx.enum.text import WD_COLOR_INDEX

from pipeline.model import Correction, Document, Line, Page, Token
from pipeline.options import Options
from pipeline.outputs.docx import docx_of

HOSTILE = "a\x00\x0c\ud800<w:p>"


def line(text: str, paragraph: int = 1, **more: Any) -> Line:
    tokens = tuple(Token(f"{text}{place}", own, own, "ru", "kept") for place, own in enumerate(text.split()))
    return Line(text, text, tokens, paragraph=paragraph, **more)


DOUBTFUL = Line(
    "или было так",
    "или 6bIJI0 mak",
    (
        Token("1", "или", "или", "ru", "kept"),
        Token("2", "было", "6bIJI0", "ru", "doubtful-repaired", candidates=(("было", 0.6), ("быль", 0.3))),
        Token("3", "так", "mak", "ru", "repaired"),
    ),
    paragraph=2,
)
PAGE = Page(
    1,
    (
        line("Колонтитул 5", 9, role="running-head"),
        line("Глава первая", 8, role="heading"),
        line("Комиссия осмот-", ending="broken"),
        line("рела северо-", ending="hyphen"),
        line("западный склад."),
        DOUBTFUL,
        line("1 Опись склада.", 7, role="footnote"),
        line(HOSTILE, 6),
    ),
    (Correction(5, 4, 10, 4, 8, "6bIJI0", "было", "lexicon", 0.6),),
)
DOCUMENT = Document("a<b>.png", "", (PAGE,))


def made(options: Options | None = None) -> bytes:
    target = io.BytesIO()
    docx_of(DOCUMENT, options or Options())(target)
    return target.getvalue()


def test_paragraphs_headings_and_footnotes() -> None:
    word = docx.Document(io.BytesIO(made(Options(running_heads="drop"))))
    texts = [(one.style.name if one.style else "", one.text) for one in word.paragraphs[1:]]
    assert texts == [
        ("Heading 2", "Глава первая"),
        ("Normal", "Комиссия осмотрела северо-западный склад."),
        ("Normal", "или было так"),
        ("Normal", "a\ufffd\ufffd\ufffd<w:p>"),
        ("Heading 1", "Footnotes"),
        ("Normal", "1 Опись склада."),
    ]


def test_running_heads_as_they_are_chosen() -> None:
    kept, marked = (docx.Document(io.BytesIO(made(Options(running_heads=one)))) for one in ("keep", "mark"))
    assert kept.paragraphs[1].text == "Колонтитул 5"
    assert marked.paragraphs[1].text == "[running head] Колонтитул 5"


def test_doubtful_words_are_marked_and_no_others() -> None:
    word = docx.Document(io.BytesIO(made()))
    marked = [run for one in word.paragraphs[1:] for run in one.runs if run.font.highlight_color is not None]
    assert [(run.text, run.font.highlight_color) for run in marked] == [("было", WD_COLOR_INDEX.YELLOW)]
    (comment,) = word.comments
    assert comment.text == ("Read as 6bIJI0; a word of the lexicon; confidence 0.60. May be: было 0.60; быль 0.30.")


def test_without_doubt_there_is_no_legend() -> None:
    target = io.BytesIO()
    docx_of(Document("a.png", "", (Page(1, (line("Всё ясно."),)),)), Options())(target)
    assert [one.text for one in docx.Document(target).paragraphs] == ["Всё ясно."]


def test_it_tells_no_time() -> None:
    assert made() == made()
    with zipfile.ZipFile(io.BytesIO(made())) as archive:
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        comments = archive.read("word/comments.xml").decode()
    assert "1980-01-01" in comments
