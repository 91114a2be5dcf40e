"""Work for cages that benchmarks/batch.py measures: keepers find it by the name of this module."""

import subprocess
from typing import Any

from pipeline.batch.ledger import PageEntry
from pipeline.batch.work import Begun, Finished, Task


def nothing(_: Any) -> None:
    """Do nothing."""


def read_by_command(_: Any, task: Task) -> Begun:
    """Read a page as GNU parallel does in the benchmark: with one command that writes its text."""
    target = task.out / task.source.stem
    command = ["tesseract", str(task.source.path), str(target), "-l", "eng"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Begun("", 1, finished=Finished("", (f"{task.source.stem}.txt",), (PageEntry(1, "done"),), 0.0))
