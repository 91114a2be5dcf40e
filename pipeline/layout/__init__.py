"""What a page's lines are to each other: columns, reading order, paragraphs, and what is no body text.

`laid_out` orders the words of one page, `joined` those of a spread, `across` looks over the pages of a document,
`plain` finds paragraphs in text without a page; `for_repair` is the order to repair lines in, `linked` tells the
hyphens at line ends apart, `texts_of` writes text line by line or as it flows, `paragraphs_of` gives its paragraphs.
"""

from pipeline.layout.across import across, joined
from pipeline.layout.flow import MARKS, Paragraph, linked, paragraphs_of, texts_of, treatment
from pipeline.layout.order import for_repair
from pipeline.layout.page import laid_out
from pipeline.layout.plain import plain

__all__ = [
    "MARKS",
    "Paragraph",
    "across",
    "for_repair",
    "joined",
    "laid_out",
    "linked",
    "paragraphs_of",
    "plain",
    "texts_of",
    "treatment",
]
