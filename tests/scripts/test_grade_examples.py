"""`make grade` on machines with and without protection: the main job is done, and what was left out is said."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from autograder.sandbox.host.probe import probe
from tests.autograder.grading_support import results
from tests.machines import ENV, ROOT, as_on

SCRIPT = ROOT / "scripts" / "grade_examples.py"
EXPECTED = tomllib.loads((ROOT / "examples" / "expected.toml").read_text(encoding="utf-8"))
HOSTILE = {student for student, entry in EXPECTED.items() if entry.get("hostile", False)}


@pytest.fixture
def submissions(tmp_path: Path) -> Path:
    """Three of the class: one honest folder, one honest zip, one that leaves by os._exit(0)."""
    folder = tmp_path / "submissions"
    folder.mkdir()
    for name in ("stub", "quits_with_success"):
        shutil.copytree(ROOT / "examples" / "submissions" / name, folder / name)
    shutil.copy2(ROOT / "examples" / "submissions" / "not_a_zip.zip", folder)
    return folder


def arguments(submissions: Path, out: Path) -> list[str | Path]:
    return [sys.executable, SCRIPT, "--submissions", submissions, "--out", out]


def test_hostile_samples_are_declared_and_the_others_do_the_main_job() -> None:
    assert {"quits_with_success", "memory_bomb", "patched_allclose"} == HOSTILE
    assert {"reference_notebook", "stub", "wrong_flipped_kernel", "zip_from_windows"} <= set(
        EXPECTED
    ) - HOSTILE


@pytest.mark.slow
def test_without_protection_the_harmless_part_is_graded(submissions: Path, tmp_path: Path) -> None:
    done = as_on("nothing", arguments(submissions, tmp_path / "grades"))
    assert done.returncode == 0, done.stderr
    found = results(tmp_path / "grades")
    assert set(found) == {"stub", "not_a_zip"}
    assert found["stub"]["sandbox"]["tier"].startswith("C")
    last = done.stdout.splitlines()[-1]
    assert last.startswith("Left out: quits_with_success. ")
    assert "To get protection: " in last
    assert "doctor` says more." in last
    assert (submissions / "quits_with_success").is_dir(), "the class itself stays as it is"
    again = as_on("nothing", arguments(submissions, tmp_path / "grades"))
    assert again.stderr.count("(unchanged)") == 1, "the copy is the same submission"


@pytest.mark.slow
@pytest.mark.nightly
def test_with_protection_everything_is_graded(submissions: Path, tmp_path: Path) -> None:
    if probe().tier == "C":
        pytest.skip("this machine has no protection")
    command = arguments(submissions, tmp_path / "grades")
    done = subprocess.run(command, env=ENV, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert set(results(tmp_path / "grades")) == {"stub", "not_a_zip", "quits_with_success"}
    assert "Left out" not in done.stdout
    assert "--trusted-code" not in done.stdout
