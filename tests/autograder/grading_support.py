"""Run the real command on real folders, for the end-to-end tests."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
AUTOGRADER = Path(sys.executable).parent / "autograder"
ENV = {**os.environ, "OMP_NUM_THREADS": "1", "PYTEST_ADDOPTS": "-p nowhere"}
"""What this machine asks of pytest would end every run of the hidden tests, if it reached them."""


def command(submissions: Path, out: Path, *more: str) -> list[str]:
    return [
        str(AUTOGRADER),
        "grade",
        "seminar_cnn",
        str(submissions),
        "--out",
        str(out),
        "--lang",
        "en",
        *more,
    ]


def grade(submissions: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(submissions, out, *more),
        cwd=ROOT,
        env=ENV,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


def results(out: Path) -> dict[str, dict[str, Any]]:
    files = sorted((out / "results").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}


def scores(out: Path) -> dict[str, dict[str, str]]:
    with (out / "scores.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: row for row in csv.DictReader(stream)}


def task(result: dict[str, Any], task_id: str) -> dict[str, Any]:
    return next(found for found in result["tasks"] if found["id"] == task_id)


def hand_in(folder: Path, student: str, **files: str) -> None:
    """`solution="..."` becomes solution.py."""
    target = folder / student
    target.mkdir(parents=True)
    for name, content in files.items():
        (target / f"{name}.py").write_text(content, encoding="utf-8")
