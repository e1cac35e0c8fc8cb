"""`validate` says yes to a sound assignment and writes its reports, in a real run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.course.manifest import load_manifest
from autograder.course.open_tests import known_open_points
from tests.autograder.validation.support import make_course, validate

pytestmark = pytest.mark.slow


def test_a_sound_assignment_passes_and_its_reports_are_written(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    done = validate(course, tmp_path / "out", "--store-open")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROBLEM" not in done.stdout
    # The public tests catch all of its bugs, so that each hidden test that catches some is open.
    assert "mini: open tests 4 of 4 points (J1 4 of 4)\n" in done.stdout
    points = known_open_points(course / "mini", load_manifest(course / "mini"))
    assert points == {"J1": 4}
    assert (tmp_path / "out" / "mini" / "public_kill_matrix.csv").is_file()
    assert (
        "reference 4 of 4, stub 0, 16 of 16 planted bugs caught, 3 correct variants, 2 salts" in done.stdout
    )
    with (tmp_path / "out" / "mini" / "kill_matrix.csv").open(newline="") as stream:
        rows = {row["variant"]: row for row in csv.DictReader(stream)}
    assert rows["j1_ascending"]["test_j1.py::test_top1"] == "x"
    assert rows["j1_default_ks"]["test_j1.py::test_top1"] == "."
    for name, row in rows.items():
        marks = {value for column, value in row.items() if column.startswith("test_")}
        assert ("x" in marks) == (row["kind"] == "bug"), name
    with (tmp_path / "out" / "mini" / "price_list.csv").open(newline="", encoding="utf-8") as stream:
        prices = {row["bug"]: row for row in csv.DictReader(stream)}
    assert len(prices) == 16
    slip, lesson, constant = (prices[name] for name in ("j1_default_ks", "j1_threshold", "j1_constant"))
    assert [slip[key] for key in ("points_lost", "share", "lesson", "wrong_numbers")] == [
        "0.35",
        "0.0875",
        "",
        "",
    ]
    assert [lesson[key] for key in ("points_lost", "share", "lesson")] == ["2", "0.5000", "yes"]
    # It may cost all four points because this was measured, not because somebody says so.
    assert [constant[key] for key in ("points_lost", "share")] == ["4", "1.0000"]
    assert float(constant["wrong_numbers"]) >= 0.95
    assert "of its numbers are wrong" in done.stdout
