"""Writes a Word document: the text in paragraphs, doubtful words highlighted and commented, footnotes at the end.

Italics and sizes of print are not known and not made up. The same document gives the same bytes.
"""

import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, BinaryIO, Final

import regex

from pipeline.layout import MARKS, Paragraph, paragraphs_of, treatment
from pipeline.model import Correction, Document, Ending, Line, Page, Role, Token
from pipeline.options import Options
from pipeline.outputs.words import REASONS, printable
from pipeline.source import shown

TOKEN: Final = regex.compile(r"\S+")
AUTHOR, INITIALS = "Pravka", "P"
LONG_AGO: Final = datetime(1980, 1, 1, tzinfo=UTC)  # the first that zip can say: files tell no time of their making
STYLES: Final[Mapping[Role, str]] = {"heading": "Heading 2", "caption": "Caption"}
JOINTS: Final[Mapping[Ending, str]] = {"space": " ", "broken": "", "hyphen": "", "line": "\n"}
LEGEND: Final = (
    ("repaired, doubtful", "YELLOW"),
    ("left as it was read, doubtful", "TURQUOISE"),
)
COLOURS: Final = {"doubtful-repaired": "YELLOW", "doubtful-kept": "TURQUOISE"}


def docx_of(document: Document, options: Options) -> Callable[[BinaryIO], None]:
    """Return what writes a document into a file as DOCX; running heads and footnotes as the options say."""

    def write(file: BinaryIO) -> None:
        """Write the file."""
        made = io.BytesIO()
        word_of(document, options).save(made)
        made.seek(0)
        repack(made, file)

    return write


def word_of(document: Document, options: Options) -> Any:
    """Return a document as one of python-docx."""
    import docx

    word: Any = docx.Document()
    describe(word, document)
    reasons = corrections_of(document.pages)
    if any(token.status in COLOURS for page in document.pages for line in page.lines for token in line.tokens):
        add_legend(word)
    notes: list[Paragraph] = []
    for number, paragraphs in enumerate(paragraphs_of(document.pages, options)):
        if document.pages[number].error:
            word.add_paragraph().add_run(printable(document.pages[number].error)).italic = True
        for paragraph in paragraphs:
            if paragraph.role == "footnote":
                notes.append(paragraph)
            else:
                fill(word, word.add_paragraph(style=STYLES.get(paragraph.role)), paragraph, reasons, options)
    if notes:
        word.add_heading("Footnotes", level=1)
    for paragraph in notes:
        fill(word, word.add_paragraph(), paragraph, reasons, options)
    return word


def describe(word: Any, document: Document) -> None:
    """Give a document its properties; none of them tells when it was made."""
    properties = word.core_properties
    properties.title = printable(shown(document.source))
    properties.author = properties.last_modified_by = AUTHOR
    properties.comments = ""
    properties.created = properties.modified = LONG_AGO.replace(tzinfo=None)


def add_legend(word: Any) -> None:
    """Tell what the colours mean."""
    from docx.enum.text import WD_COLOR_INDEX

    paragraph = word.add_paragraph()
    for text, colour in LEGEND:
        paragraph.add_run(text).font.highlight_color = getattr(WD_COLOR_INDEX, colour)
        paragraph.add_run("  ")


# ---------------------------------------------------------------- paragraphs


def fill(word: Any, made: Any, paragraph: Paragraph, reasons: "Reasons", options: Options) -> None:
    """Put the text of a paragraph into one of python-docx, words of doubt highlighted and commented."""
    if treatment(paragraph.role, options) == "mark" and paragraph.role in MARKS:
        made.add_run(MARKS[paragraph.role])
    plain = ""
    for text, token in pieces(paragraph.lines):
        if token is None:
            plain += text
            continue
        add_text(made, plain)
        plain = ""
        add_doubtful(word, made, text, token, reasons.get(token.id))
    add_text(made, plain)


def pieces(lines: Sequence[Line]) -> Iterator[tuple[str, Token | None]]:
    """Yield the text of lines, words joined, as stretches; those of one doubtful word with the token of it."""
    for number, line in enumerate(lines):
        is_last = number == len(lines) - 1
        found = list(TOKEN.finditer(line.text))
        last = found[0].start() if found else 0
        for place, (token, one) in enumerate(zip(line.tokens, found, strict=False)):
            is_broken = not is_last and line.ending == "broken" and place == len(found) - 1
            text = one.group()[:-1] if is_broken else one.group()
            yield line.text[last : one.start()], None
            yield text, token if token.status in COLOURS else None
            last = one.end()
        if not is_last:
            yield JOINTS[line.ending], None


def add_text(made: Any, text: str) -> None:
    """Add plain text to a paragraph of python-docx; a line end breaks the line."""
    if text:
        made.add_run(printable(text))


def add_doubtful(word: Any, made: Any, text: str, token: Token, correction: Correction | None) -> None:
    """Add a doubtful word to a paragraph of python-docx, with its colour and a comment."""
    from docx.enum.text import WD_COLOR_INDEX

    run = made.add_run(printable(text))
    run.font.highlight_color = getattr(WD_COLOR_INDEX, COLOURS[token.status])
    comment = word.add_comment(run, text=printable(comment_of(token, correction)), author=AUTHOR, initials=INITIALS)
    comment._comment_elm.date = LONG_AGO  # python-docx dates it now


def comment_of(token: Token, correction: Correction | None) -> str:
    """Return what a comment tells of a doubtful word."""
    told = []
    if correction:
        reason = REASONS.get(correction.reason, correction.reason)
        told.append(f"Read as {token.original}; {reason}; confidence {correction.confidence:.2f}.")
    if token.candidates:
        told.append("May be: " + "; ".join(f"{text} {share:.2f}" for text, share in token.candidates) + ".")
    return " ".join(told) or "Doubtful."


Reasons = Mapping[str, Correction]


def corrections_of(pages: Sequence[Page]) -> dict[str, Correction]:
    """Return the corrections that made tokens, by the names of these."""
    found: dict[str, Correction] = {}
    for page in pages:
        for correction in page.corrections:
            line = page.lines[correction.line]
            for token, one in zip(line.tokens, TOKEN.finditer(line.text), strict=False):
                if one.start() < correction.new_end and correction.new_start < one.end():
                    found[token.id] = correction
    return found


def repack(made: BinaryIO, file: BinaryIO) -> None:
    """Write a zip again with one time for all that is in it."""
    with zipfile.ZipFile(made) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type, entry.create_system = zipfile.ZIP_DEFLATED, 0
            new.writestr(entry, old.read(name))
