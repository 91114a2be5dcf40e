"""One file format for the models: a line of JSON, then arrays that are mapped into memory.

    {"format": "pravka-arrays-1", "header": {}, "arrays": [{name, dtype, shape, offset}], "sha256": ""} and a newline,
    padding to a multiple of 64 bytes, then the arrays, each at a multiple of 64 bytes (offsets count from the first)

The header states source, licence, version and how the file was made.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pipeline.errors import BadData

FORMAT: Final = "pravka-arrays-1"
ALIGNMENT: Final = 64
# Models store costs as bytes in steps of this many nats: they reach 25.5.
STEP: Final = 0.1


@dataclass(frozen=True)
class ArrayFile:
    """What a file holds: its header, and its arrays by name (read-only, backed by the file)."""

    path: Path
    header: Mapping[str, Any]
    arrays: Mapping[str, npt.NDArray[Any]]
    sha256: str


def aligned(position: int) -> int:
    """Return the first multiple of ALIGNMENT that is not below `position`."""
    return -(-position // ALIGNMENT) * ALIGNMENT


def pack(header: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Return the bytes of a file that holds `header` and `arrays`."""
    body = bytearray()
    entries = []
    for name, array in arrays.items():
        body.extend(bytes(aligned(len(body)) - len(body)))
        entries.append({"name": name, "dtype": array.dtype.str, "shape": list(array.shape), "offset": len(body)})
        body.extend(np.ascontiguousarray(array).tobytes())
    head = {"format": FORMAT, "header": dict(header), "arrays": entries, "sha256": hashlib.sha256(body).hexdigest()}
    line = json.dumps(head, ensure_ascii=False).encode() + b"\n"
    return line + bytes(aligned(len(line)) - len(line)) + bytes(body)


def open_arrays(path: Path) -> ArrayFile:
    """Map the file at `path` into memory. Raises BadData if it is missing, cut short or of another format."""
    try:
        with path.open("rb") as file:
            line = file.readline(1 << 20)
        head = json.loads(line)
        if head["format"] != FORMAT:
            raise ValueError(head["format"])
        data = np.memmap(path, dtype=np.uint8, mode="r", offset=aligned(len(line)))
        arrays = {entry["name"]: view(data, entry) for entry in head["arrays"]}
        return ArrayFile(path, head["header"], arrays, head["sha256"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadData(
            f"{path} is not a model file of this version",
            f"Install Pravka again, or make the file again with `pravka learn` ({type(error).__name__})",
        ) from error


def view(data: npt.NDArray[np.uint8], entry: Mapping[str, Any]) -> npt.NDArray[Any]:
    """Return the array that `entry` describes, as a view of `data`. Raises ValueError if the file is too short."""
    dtype = np.dtype(entry["dtype"])
    size = int(np.prod(entry["shape"])) * dtype.itemsize
    part = data[entry["offset"] : entry["offset"] + size]
    if len(part) != size:
        raise ValueError(entry["name"])
    return np.asarray(np.asarray(part).view(dtype).reshape(entry["shape"]))


def is_intact(file: ArrayFile) -> bool:
    """Return whether the bytes of the arrays are still those that were written."""
    with file.path.open("rb") as opened:
        opened.seek(aligned(len(opened.readline())))
        return hashlib.file_digest(opened, "sha256").hexdigest() == file.sha256
