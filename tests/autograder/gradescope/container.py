"""Gradescope's container as its documentation describes it, in a folder of this machine."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT
from tests.machines import needs_user_namespaces

TOP = {
    "score", "execution_time", "output", "output_format", "test_output_format", "test_name_format", "visibility",
    "stdout_visibility", "extra_data", "tests",
}  # fmt: skip
TEST = {
    "score", "max_score", "status", "name", "name_format", "number", "output", "output_format", "tags", "visibility",
    "extra_data",
}  # fmt: skip
VISIBILITY = {"hidden", "after_due_date", "after_published", "visible"}
EMAIL = "Anna@Example.com"


def bundle(folder: Path, assignment: str, *more: str) -> Path:
    """The zip, made in `folder`, where `assignments` may lie."""
    out = folder / "ag.zip"
    done = subprocess.run(
        [AUTOGRADER, "bundle-gradescope", assignment, "--out", out, "--lang", "en", *more],
        cwd=folder, env=ENV, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return out


def built(home: Path, archive: Path) -> Path:
    """What the platform makes of the zip; in place of setup.sh the packages of this environment."""
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(home / "source")
    runner = home / "run_autograder"
    runner.write_bytes((home / "source" / "run_autograder").read_bytes())
    runner.chmod(0o755)
    (home / "venv").symlink_to(Path(sys.prefix))
    (home / "results").mkdir()
    return home


def hand_in(home: Path, files: dict[str, bytes | str], emails: tuple[str, ...] = (EMAIL,)) -> None:
    """What the harness puts there for a submission."""
    put(home / "submission", files)
    users = [{"email": email, "id": number, "name": "N"} for number, email in enumerate(emails)]
    metadata = {"id": 7, "submission_method": "upload", "users": users, "previous_submissions": []}
    (home / "submission_metadata.json").write_text(json.dumps(metadata))


def put(folder: Path, files: dict[str, bytes | str]) -> None:
    """Files by their paths below `folder`."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())


def run(home: Path, machine: str = "plain") -> subprocess.CompletedProcess[str]:
    """As on that machine (`tests.machines`), by whoever runs the tests."""
    if machine != "plain":
        needs_user_namespaces()
    return subprocess.run(
        [sys.executable, "-m", "tests.machines", machine, home / "run_autograder"],
        cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def results(home: Path) -> dict[str, Any]:
    """What was written, held against the specification."""
    data = json.loads((home / "results" / "results.json").read_text(encoding="utf-8"))
    assert set(data) <= TOP
    assert data["visibility"] in VISIBILITY
    assert data["stdout_visibility"] == "hidden"
    assert {data["output_format"], data["test_output_format"], data["test_name_format"]} == {"text"}
    assert "score" in data or data["tests"]
    for test in data["tests"]:
        assert set(test) <= TEST
        assert test["visibility"] in VISIBILITY - {"hidden"}, "a hidden test hides the total from students"
        assert test.get("status", "passed") in ("passed", "failed")
        assert ("score" in test) == ("score" in data)
        assert "\r" not in test["output"]
        assert test["output_format"] == "text"
    return dict(data)
