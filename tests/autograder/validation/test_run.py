"""`validate` says yes to a sound assignment and writes its reports, in a real run."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from autograder.course.manifest import load_manifest
from autograder.course.open_tests import known_open_points
from tests.autograder.validation.support import make_course, validate

pytestmark = pytest.mark.slow


OTHERS = {
    "j1_k_ignored.py": """# k is not used
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("too few classes")
    return {k: (logits.argmax(1) != targets).double().mean().item() for k in ks}
""",
    "j1_hits.py": """# the share of hits
# named: j1_accuracy
def topk_error(logits, targets, ks=(1, 5)):
    for k in ks:
        if k > logits.shape[1]:
            raise ValueError(f"k (={k}) is larger than the number of classes")
    return {k: (logits.topk(k).indices == targets[:, None]).any(1).double().mean().item() for k in ks}
""",
}


def test_a_sound_assignment_passes_and_its_reports_are_written(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    others = course / "mini" / "wrong" / "other"
    others.mkdir()
    for name, source in OTHERS.items():
        (others / name).write_text(source)
    done = validate(course, tmp_path / "out", "--store-open")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROBLEM" not in done.stdout
    # The public tests catch all of its bugs, so that each hidden test that catches some is open.
    assert "mini: open tests 4 of 4 points (J1 4 of 4)\n" in done.stdout
    points = known_open_points(course / "mini", load_manifest(course / "mini"))
    assert points == {"J1": 4}
    with (tmp_path / "out" / "mini" / "public_kill_matrix.csv").open(newline="") as stream:
        bugs = [row for row in csv.DictReader(stream) if row["kind"] == "bug"]
    assert bugs
    assert {list(row.values()).count("x") for row in bugs} == {1}, (
        "the first failure ends a bug's public tests"
    )
    assert (
        "reference 4 of 4, stub 0, 19 of 19 planted bugs caught, 3 correct variants, 2 salts" in done.stdout
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
    assert len(prices) == 19
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
    with (tmp_path / "out" / "mini" / "diagnosis.csv").open(newline="", encoding="utf-8") as stream:
        names = {row["submission"]: row for row in csv.DictReader(stream)}
    assert len(names) == 3 + 19 + 3 + 2
    assert [names["j1_ascending"][key] for key in ("kind", "salts", "failed", "named", "recall")] == [
        "bug", "1", "1", "1", "1.000",
    ]  # fmt: skip
    assert [names["j1_ok_topk"][key] for key in ("kind", "salts", "failed", "recall")] == [
        "correct",
        "2",
        "0",
        "",
    ]
    assert [names["other-j1_hits"][key] for key in ("kind", "named", "missed")] == ["spelling", "1", "0"]
    assert names["other-j1_k_ignored"]["kind"] == "other"
    assert not any(row["untrue_names"] for row in names.values())
    assert "mini: untrue names for 0 of 5 right solutions, 0 of 19 planted bugs" in done.stdout
