"""Run a command and measure it: ``launcher.py RESULT LOG COMMAND...``.

A program of its own, since the peak memory that the kernel reports of a process counts what its parent had when it
was started (``ru_maxrss`` in getrusage(2)): the parent has to be small.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path


def main(result: str, log: str, *command: str) -> None:
    """Run the command to its end."""
    with open(log, "wb") as output:  # noqa: PTH123 - pathlib opens the same way
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
    measured = {
        "wall": wall,
        "cpu": usage.ru_utime + usage.ru_stime,
        # Of the largest process; Linux counts in KiB, macOS in bytes.
        "memory": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024),
        "status": os.waitstatus_to_exitcode(status),
    }
    Path(result).write_text(json.dumps(measured), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
