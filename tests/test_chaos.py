"""A batch is killed and hindered at some of the points where it touches the disk, and run again: the same bytes.

`python benchmarks/chaos.py` tries them all, and with `--strace` SQLite's own.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_batch_survives_kills_and_faults() -> None:
    command = [sys.executable, "benchmarks/chaos.py", "--most", "13", "--every", "6"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    points, _, rest = done.stdout.splitlines()[-1].partition(" points ")
    assert int(points) > 60
    assert rest.endswith(" 0 bad")
