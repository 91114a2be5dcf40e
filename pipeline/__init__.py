"""Pravka: brings back Russian text that OCR broke.

from pipeline import Corrector
fixed = Corrector.load("rus").fix(text)
fixed.text, fixed.corrections, fixed.citations
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.document import Corrector

__all__ = ["Corrector"]


def __getattr__(name: str) -> Any:
    """Import `Corrector` when it is asked for: it brings numba, which a `--help` need not wait for."""
    if name != "Corrector":
        raise AttributeError(name)
    from pipeline.document import Corrector

    return Corrector
