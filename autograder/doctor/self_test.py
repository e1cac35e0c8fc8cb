"""`autograder doctor --self-test`: the attack suite of the repository, run on this machine."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
from xml.etree import ElementTree

from autograder.errors import GraderError, UsageError

ATTACKS = Path(__file__).resolve().parents[2] / "tests" / "attacks"
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Verdict:
    """How many checks of the suite held, failed (an attack got through, or its proof is void), or were skipped."""

    held: int
    failed: int
    skipped: int

    def __str__(self) -> str:
        return f"self-test: {self.held} checks held, {self.failed} failed, {self.skipped} skipped"


def run_attacks(output: TextIO, folder: Path = ATTACKS) -> Verdict:
    """Run the suite; pytest's own lines go to `output` as they come.

    Raises: UsageError when the suite is not there, GraderError when it cannot be run or tried nothing.
    """
    if not folder.is_dir():
        raise UsageError(
            f"--self-test: there is no attack suite at {folder}; it is part of the repository, not of the installed "
            "package: run the command from a clone that is installed with `pip install -e .`"
        )
    with tempfile.TemporaryDirectory() as name:
        report = Path(name) / "report.xml"
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "--no-header",
            "--tb=short",
            "-p",
            "no:cacheprovider",
        ]
        command += [f"--junitxml={report}", str(folder)]
        environment = {"OMP_NUM_THREADS": "1", **os.environ}
        code = subprocess.run(
            command, cwd=folder.parents[2], env=environment, stdout=output, check=False
        ).returncode
        if code not in (PASSED, FAILED) or not report.is_file():
            raise GraderError(
                f"--self-test: pytest could not run the suite (exit code {code}); see its lines above"
            )
        verdict = read_report(report)
    if code == FAILED and verdict.failed == 0:
        raise GraderError("--self-test: pytest reports a failure without naming a test; see its lines above")
    if verdict.held + verdict.failed == 0:
        raise GraderError(
            f"--self-test: no attack could be tried on this machine ({verdict.skipped} skipped)"
        )
    return verdict


def read_report(path: Path) -> Verdict:
    """Count the outcomes in pytest's JUnit report."""
    root = ElementTree.parse(path).getroot()
    suites = [root] if root.tag == "testsuite" else root.findall("testsuite")
    total, bad, skipped = (
        sum(int(suite.get(name, "0")) for suite in suites for name in names)
        for names in (("tests",), ("failures", "errors"), ("skipped",))
    )
    return Verdict(total - bad - skipped, bad, skipped)
