"""Makes a scanned page fit for OCR; it works on grey arrays (height x width, 0 black to 255 white) and knows no files.

`clean` decides from the page what it needs and tells how each pixel came from the page as given.
"""

from pipeline.scan.page import SMALLEST, CleanPage, Watch, clean, turned, unwatched
from pipeline.scan.placement import Grey

__all__ = ["SMALLEST", "CleanPage", "Grey", "Watch", "clean", "turned", "unwatched"]
