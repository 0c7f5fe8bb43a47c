"""``python -m benchmarks``."""

from __future__ import annotations

import signal
import sys

from benchmarks.command_line import main

if __name__ == "__main__":
    # Asked to end, it ends the build that runs and removes what was built, as at an interrupt.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
