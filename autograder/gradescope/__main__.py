"""`python -m autograder.gradescope /autograder`, which `run_autograder` of the zip calls."""

from __future__ import annotations

import sys
from pathlib import Path

from autograder.gradescope.running import run

if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
