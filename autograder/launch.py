"""What the console script `autograder` starts: Ctrl-C while the commands are still being loaded shows no traceback."""

from __future__ import annotations

import sys

STOPPED = 130


def main() -> None:
    """Load the command line and run it; exit code 130 where it is stopped before that."""
    try:
        from autograder.cli import main as run
    except KeyboardInterrupt:
        print("autograder: stopped before it began; nothing was changed", file=sys.stderr)
        sys.exit(STOPPED)
    run()
