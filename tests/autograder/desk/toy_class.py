"""A small assignment of `autograder new`, and a class that is graded with it in seconds."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.autograder.grading_support import AUTOGRADER, ENV, hand_in

RIGHT = "def global_mean(x):\n    return x.mean(dim=(-2, -1))\n"
SUM = "def global_mean(x):\n    # <script>alert(1)</script>\n    return x.sum(dim=(2, 3))\n"


def run(folder: Path, *args: str | Path) -> subprocess.CompletedProcess[str]:
    """The command, where the class lies."""
    return subprocess.run(
        [AUTOGRADER, *args], cwd=folder, env=ENV, capture_output=True, text=True, timeout=300, check=False
    )


def graded(folder: Path) -> Path:
    """anna sums where she should take the mean, boris is right, vera has not written it; the folder of results."""
    (folder / "assignments").mkdir()
    assert run(folder, "new", "toy").returncode == 0
    for student, text in (("anna", SUM), ("boris", RIGHT), ("vera", "x = 1\n")):
        hand_in(folder / "submissions", student, solution=text)
    roster = folder / "roster.csv"
    roster.write_text("student\nanna\nboris\nvera\nzoe\n")
    done = run(folder, "grade", "toy", "submissions", "--out", "out", "--lang", "en", "--roster", roster)
    assert done.returncode == 0, done.stderr
    return folder / "out"
