"""The option `limits.worker = "task"`: what a task's code leaves in its process does not reach the next task."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.autograder.grading_support import ROOT, grade, results, task

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("worker", ["submission", "task"])
def test_a_task_spoils_others_only_in_a_common_worker(worker: str, tmp_path: Path) -> None:
    course = tmp_path / "course"
    shutil.copytree(ROOT / "assignments" / "seminar_cnn", course / "seminar_cnn")
    manifest = course / "seminar_cnn" / "assignment.toml"
    text = manifest.read_text(encoding="utf-8")
    assert text.count("\n[limits]\n") == 1
    manifest.write_text(text.replace("\n[limits]\n", f'\n[limits]\nworker = "{worker}"\n'), encoding="utf-8")

    handed_in = tmp_path / "submissions" / "student"
    handed_in.mkdir(parents=True)
    metric = (ROOT / "hw_cnn" / "metrics.py").read_text(encoding="utf-8")
    convolution = (
        "import torch\n\n\ndef conv2d(x, w, b, stride=1, padding=0):\n"
        "    torch.Tensor.gather = None\n"
        "    p, q = w.shape[2:]\n"
        "    windows = torch.nn.functional.pad(x, (padding,) * 4).unfold(2, p, stride).unfold(3, q, stride)\n"
        "    return torch.einsum('nchwpq,fcpq->nfhw', windows, w) + b[:, None, None]\n"
    )
    (handed_in / "hw_cnn" / "layers").mkdir(parents=True)
    (handed_in / "hw_cnn" / "layers" / "convolution.py").write_text(convolution, encoding="utf-8")
    (handed_in / "hw_cnn" / "metrics.py").write_text(metric, encoding="utf-8")

    done = grade(tmp_path / "submissions", tmp_path / "out", "--assignments", str(course))

    assert done.returncode == 0, done.stderr
    result = results(tmp_path / "out")["student"]
    assert task(result, "F1")["score"] > 0
    found = task(result, "J1")
    assert (found["score"] == found["max_score"]) == (worker == "task")
