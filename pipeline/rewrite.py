"""Repairs a page where an OCR engine left it for another program: its hOCR file, and the text beside that."""

import logging
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Final

from pipeline.document import Corrector, versions
from pipeline.layers import corrected, read_layer
from pipeline.model import Document
from pipeline.write import encoded, text_of, write_whole

LOG: Final = logging.getLogger(__name__)


def rewrite_page(load: Callable[[], Corrector], hocr: Path, text: Path) -> None:
    """Repair the page in an hOCR file, and the text of it; where nothing is to be repaired both stay as they are.

    `load` gives the models. Whatever goes wrong, in it too, the page stays as the OCR engine left it, and a
    warning in the log says why.
    """
    try:
        made = repaired_page(load(), hocr.read_bytes())
        if made:
            for path, content in zip((text, hocr), made, strict=True):
                write_whole(path, content)
    except Exception as error:
        # The user's document is worth more than our repair of it, whatever the fault.
        LOG.warning("Pravka could not repair this page, its text stays as it was read: %s", str(error) or repr(error))
        LOG.debug("Why Pravka could not repair the page", exc_info=True)


def repaired_page(corrector: Corrector, hocr: bytes) -> tuple[bytes, bytes] | None:
    r"""Return the text of a page (UTF-8, \n after each line, an empty line between paragraphs), and its hOCR, repaired.

    None where there is nothing to repair; a page that was not read has an empty file. Raises UnreadableInput.
    """
    if not hocr.strip():
        return None
    layer = read_layer(hocr, "hocr", "hOCR")
    pages = corrector.repair_together(layer.readings(corrector.options.chosen_map))
    # OCRmyPDF fits what a word says into its box; elements split off would lie across the first of them.
    after = corrected(layer, pages, versions(), parted=False)
    if after is None or after == hocr:
        return None
    return encoded(text_of(Document("hOCR", sha256(hocr).hexdigest(), pages, versions()))), after
