"""Whether a bug is wrong everywhere is measured on the hidden tests' own calls, in a real run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.autograder.grading_support import ENV, ROOT
from tests.autograder.validation.support import make_course, validate

pytestmark = pytest.mark.slow

MEASURE = """
import json, sys
import torch
from autograder.course.assignment import find_assignment
from autograder.course.variants import load_variants
from autograder.validation.answers.wrong_numbers import wrong_shares
torch.set_num_threads(1)
assignment = find_assignment("seminar_cnn")
bugs = [variant for variant in load_variants(assignment.folder) if variant.id in sys.argv[1:]]
print(json.dumps(wrong_shares(assignment, bugs, 1)))
from hw_cnn.layers import convolution
assert convolution.conv2d.__module__ == "hw_cnn.layers.convolution", "a bug stands in the reference's place"
"""


def measure(*bugs: str) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, *bugs],
        cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]  # the script prints a dict


def test_shares_of_wrong_numbers() -> None:
    found = measure(
        *("f1_zeros", "f1_always_float64", "f1_needs_bias", "f1_crop_scaled"),
        *("i1_parameters_unused", "i1_squeeze"),
        *("k2_constant", "k2_mean_of_batches", "k3_train_mode"),
        *("d5_always_true", "d5_always_false", "d5_invariance", "d5_wrapped", "d5_in_place"),
    )
    assert found["f1_zeros"] == 1
    assert found["f1_always_float64"] == 0
    assert 0.5 < found["f1_needs_bias"] < 0.95  # most calls have no bias, and are repeated with one of zeros
    assert min(found["f1_crop_scaled"], found["i1_parameters_unused"], found["k2_constant"]) > 0.95
    assert 0 < found["i1_squeeze"] < 0.5
    # One number of each evaluation; the weights that a test gave to the module are no numbers of the module's.
    assert 0 < found["k2_mean_of_batches"] < 0.1
    assert "k3_train_mode" not in found  # trainings are not compared
    # Yes or no: a constant is right half the time, and worth nothing.
    assert found["d5_always_true"] == found["d5_always_false"] == 1
    assert 0.95 < found["d5_invariance"] <= 1
    assert 0 < found["d5_wrapped"] < 0.5
    assert found["d5_in_place"] == 0


def test_a_dear_bug_is_a_problem_unless_it_is_wrong_everywhere(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    manifest = course / "mini" / "assignment.toml"
    text = manifest.read_text(encoding="utf-8")
    for test, points in (("test_top1", 1.7), ("test_topk", 0.2), ("test_permutation", 0.1)):
        before, after = text.split(f'id = "test_j1.py::{test}"\n')
        text = before + f'id = "test_j1.py::{test}"\npoints = {points}\n' + after.split("\n", 1)[1]
    manifest.write_text(text, encoding="utf-8")
    variants = course / "mini" / "wrong" / "variants.toml"
    kept = variants.read_text(encoding="utf-8").replace("at_most = 0", "at_most = 0\nmin_points_lost = 4.0")
    variants.write_text(
        "\n".join(line for line in kept.splitlines() if not line.startswith("min_points_lost")),
        encoding="utf-8",
    )
    done = validate(course, tmp_path / "out")
    problems = [line for line in done.stdout.splitlines() if line.startswith("PROBLEM")]
    assert done.returncode == 1, done.stdout
    assert any(
        "j1_percent costs 1.7 of the 4 points of J1 (42%), at most 35% allowed" in line for line in problems
    )
    # All of its numbers are wrong, and that was measured.
    assert not any("j1_accuracy" in line for line in problems)
