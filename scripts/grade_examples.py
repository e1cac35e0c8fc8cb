"""`make grade`: grade the sample class; where nothing contains a student's code, its harmless part only.

A machine of tier C (macOS, an old Linux kernel, another processor, a very closed container) still shows what the
grader does. The samples that `examples/expected.toml` calls hostile are left out there, and the last line says so.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from autograder.doctor.advice import advise, read_machine
from autograder.sandbox.host.probe import Protection, probe

ROOT = Path(__file__).parent.parent
AUTOGRADER = Path(sys.executable).parent / "autograder"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--submissions", type=Path, default=ROOT / "examples" / "submissions")
    parser.add_argument("--out", default="grades")
    arguments = parser.parse_args()
    protection = probe()
    if protection.tier != "C":
        return grade(arguments.submissions, arguments.out)
    hostile = hostile_samples(ROOT / "examples" / "expected.toml")
    left = sorted(path for path in arguments.submissions.iterdir() if student(path) in hostile)
    with tempfile.TemporaryDirectory(prefix="sample-class-") as folder:
        harmless = Path(folder) / "submissions"
        names = {path.name for path in left}
        shutil.copytree(arguments.submissions, harmless, ignore=lambda _, found: names.intersection(found))
        code = grade(harmless, arguments.out, "--trusted-code")
    print(left_out([student(path) for path in left], protection))
    return code


def student(path: Path) -> str:
    """Whose folder or zip it is."""
    return path.name.removesuffix(".zip")


def hostile_samples(expected: Path) -> set[str]:
    """Names of the students whose code must not run without protection."""
    table = tomllib.loads(expected.read_text(encoding="utf-8"))
    return {student for student, entry in table.items() if entry.get("hostile", False)}


def grade(submissions: Path, out: str, *more: str) -> int:
    """Run the command that a teaching assistant would run, and show it."""
    command = [str(AUTOGRADER), "grade", "seminar_cnn", str(submissions), "--out", out, *more]
    print("+", *command, flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def left_out(hostile: list[str], protection: Protection) -> str:
    """One line: what was not graded, why, and how to get protection."""
    advice = advise(protection, read_machine())
    way = f"{advice.command or advice.note}; " if advice is not None else ""
    return (
        f"Left out: {', '.join(hostile)}. These samples are hostile, and nothing contains a student's code on this "
        f"machine (tier C). To get protection: {way}`{AUTOGRADER} doctor` says more."
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
