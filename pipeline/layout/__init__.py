"""What a page's lines are to each other: columns, reading order, paragraphs, and what is no body text.

`laid_out` orders the words of one page; `across` looks over the pages of a document.
"""

from pipeline.layout.page import laid_out

__all__ = ["laid_out"]
