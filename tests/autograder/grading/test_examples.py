"""The sample class, graded by the real command: every score and status is as declared beside it."""

from __future__ import annotations

import filecmp
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.host import tiers
from autograder.sandbox.host.probe import probe
from tests.autograder.grading_support import ENV, ROOT, grade, results, scores

EXAMPLES = ROOT / "examples"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((EXAMPLES / "expected.toml").read_text(encoding="utf-8"))

pytestmark = pytest.mark.slow


BY_HAND = ("X2", "W")


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("grades")
    done = grade(EXAMPLES / "submissions", folder)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    for student in EXPECTED:
        assert student in done.stdout
    return folder


def test_every_submission_has_an_expectation_and_a_result(out: Path) -> None:
    handed_in = {path.name.removesuffix(".zip") for path in (EXAMPLES / "submissions").iterdir()}
    assert handed_in == set(EXPECTED) == set(results(out)) == set(scores(out))
    assert len(handed_in) >= 12


@pytest.mark.parametrize("student", EXPECTED)
def test_the_result_is_as_declared(out: Path, student: str) -> None:
    result, row, expected = results(out)[student], scores(out)[student], EXPECTED[student]
    assert result["status"] == expected["status"]
    assert row["status"] == ("awaiting W" if expected.get("awaits_marks", False) else expected["status"])
    assert result["needs_staff"] is False
    got = {found["id"]: found["score"] for found in result["tasks"]}
    for task, points in expected.get("tasks", {}).items():
        low, high = points if isinstance(points, list) else (points, points)
        assert low <= got[task] <= high, f"{task}: {got[task]}"
    unnamed = {task: points for task, points in got.items() if task not in expected.get("tasks", {})}
    assert all(points == 0 for points in unnamed.values()), unnamed
    assert result["score"] == pytest.approx(sum(got.values()))
    assert float(row["score"]) == result["score"]
    assert [row[task] for task in BY_HAND] == ["–", "–"], "nobody has marked"
    assert {task: 0 if task in BY_HAND else float(row[task]) for task in got} == got
    answers = [found["answers"] for found in result["tasks"] if found["id"] in BY_HAND]
    assert any(answers) is expected.get("awaits_marks", False)
    for text in expected.get("says", []):
        said = [result["reason"], *result["notes"]]
        tests = [test for found in result["tasks"] for test in found["tests"]]
        said += [test["message"] for test in tests]
        said += [test["example"]["error"] for test in tests if test["example"]]
        assert any(text in line for line in said), said
    named = [found["bug"] for found_task in result["tasks"] for found in found_task["diagnosis"]]
    assert named == ([expected["diagnosis"]] if "diagnosis" in expected else named)


def test_a_checkpoint_is_marked_and_an_accuracy_has_its_interval(out: Path) -> None:
    measured = results(out)["reference_notebook"]["thresholds"]
    glyphs, accuracy, checkpoint = [one for one in measured if one["id"].startswith("test_k3.py::")]
    assert glyphs["low"] < glyphs["high"] < glyphs["value"]
    assert "may have seen the test images" in checkpoint["note"]
    for found in (accuracy, checkpoint):
        low, high = found["interval"]
        assert low < found["value"] < high


def test_the_tier_is_told_truthfully(out: Path) -> None:
    for result in results(out).values():
        assert result["sandbox"]["tier"] == tiers.shown(probe().tier)
        assert result["sandbox"]["gaps"] == list(probe().gaps)
        assert "no new privileges" in result["sandbox"]["layers"]


def test_no_result_shows_what_hidden_tests_compare(out: Path) -> None:
    paths = list((out / "results").glob("*.json"))
    assert len(paths) == len(EXPECTED)
    for path in paths:
        text = path.read_text(encoding="utf-8")
        for secret in ("assert_close", "expected (", "tensor(", "hidden/"):
            assert secret not in text, f"{path.name} shows {secret!r}"


def test_a_second_run_grades_nothing_again(out: Path) -> None:
    before = results(out)
    done = grade(EXAMPLES / "submissions", out)
    assert done.returncode == 0
    after = results(out)
    rejected = {student for student, found in before.items() if found["status"] == "rejected"}
    for student in set(before) - rejected:
        assert after[student] == before[student]
        assert f"{student}:" in done.stderr
    assert done.stderr.count("(unchanged)") == len(before) - len(rejected)


def test_the_class_is_what_its_script_builds(tmp_path: Path) -> None:
    script = ROOT / "scripts" / "build_examples.py"
    subprocess.run([sys.executable, script, "--out", tmp_path / "built"], cwd=ROOT, env=ENV, check=True)
    assert_same(tmp_path / "built", EXAMPLES / "submissions")


def assert_same(one: Path, other: Path) -> None:
    names = {path.relative_to(one) for path in one.rglob("*") if path.is_file()}
    assert names == {path.relative_to(other) for path in other.rglob("*") if path.is_file()}
    for name in names:
        assert filecmp.cmp(one / name, other / name, shallow=False), f"run `make examples`: {name} differs"
