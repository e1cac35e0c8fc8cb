"""The self-test counts what held, and a suite that tried nothing is no success."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.doctor.self_test import Verdict, run_attacks
from autograder.errors import GraderError, UsageError
from tests.machines import ROOT


def suite(folder: Path, **tests: str) -> Path:
    """A small attack suite: test name -> body."""
    attacks = folder / "tests" / "attacks"
    attacks.mkdir(parents=True)
    (folder / "pytest.ini").touch()  # nobody else's settings
    lines = ["import pytest"]
    lines += [f"def test_{name}():\n    {body}" for name, body in tests.items()]
    (attacks / "test_small.py").write_text("\n".join(lines) + "\n")
    return attacks


def test_the_self_test_counts(tmp_path: Path) -> None:
    attacks = suite(
        tmp_path, one="pass", two="assert not 'through'", three="pytest.skip('no GPU')", four="pass"
    )
    with (tmp_path / "said").open("w+") as said:
        verdict = run_attacks(said, attacks)
        said.seek(0)
        text = said.read()
    assert verdict == Verdict(held=2, failed=1, skipped=1)
    assert "test_two" in text
    assert str(verdict) == "self-test: 2 checks held, 1 failed, 1 skipped"


@pytest.mark.parametrize("tests", [{}, {"one": "pytest.skip('no kernel')"}, {"one": "return +"}])
def test_a_self_test_that_tried_nothing_is_no_success(tmp_path: Path, tests: dict[str, str]) -> None:
    with (tmp_path / "said").open("w") as said, pytest.raises(GraderError, match="--self-test"):
        run_attacks(said, suite(tmp_path, **tests))


def test_without_the_suite_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no attack suite at .*absent.*clone"):
        run_attacks(sys.stdout, tmp_path / "absent")


def test_an_installed_package_has_no_self_test(tmp_path: Path) -> None:
    # A copy of the package alone stands for a wheel: no tests beside it.
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder")
    code = "import sys; from autograder.cli import main; main(['doctor', '--self-test'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "there is no attack suite" in done.stderr
    assert "Traceback" not in done.stderr
