"""Further salts: what chance decides comes to light in forks, and the names are those that a grading gives."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.grading_support import ENV, ROOT

pytestmark = pytest.mark.slow

ASK = """
import json, sys
from pathlib import Path
import torch
from autograder.course.assignment import find_assignment
from autograder.results.grade import TaskResult
from autograder.validation.further_salts import Work, further_rounds
from autograder.validation.problems import Verdicts
from tests.autograder.results.support import make_grade
torch.set_num_threads(1)
assignment = find_assignment("seminar_cnn")
manifest = assignment.manifest
sources, numbers = json.loads(sys.argv[1])
chosen, grades = {}, {}
for student, (task, source) in sources.items():
    chosen[student] = frozenset(t.id for t in manifest.task(task).tests if not t.trains)
    empty = TaskResult(id=task, title="", score=0, max_score=0, source="", tests=())
    grades[student] = make_grade(student).model_copy(update={"tasks": (empty,)})
weights = assignment.checkpoint
works = {s: Work(t, Path(source) if source else None, weights) for s, (t, source) in sources.items()}
told = []
for verdicts in further_rounds(assignment, Verdicts(grades, chosen), chosen, works, numbers, 2):
    told.append({
        student: {
            "lost": [t.id.partition("::test_")[2] for t in grade.tasks[0].tests if t.points < t.max_points],
            "named": [one.bug for one in grade.tasks[0].diagnosis],
            "reason": grade.reason,
            "salt": grade.salt_id,
        }
        for student, grade in verdicts.grades.items()
    })
print(json.dumps(told))
from hw_cnn import metrics
assert metrics.topk_error.__module__ == "hw_cnn.metrics", "what a fork has changed is nobody else's"
"""
TOP = """
def topk_error(logits, targets, ks=(1, 5)):
    if any(k > logits.shape[1] for k in ks):
        raise ValueError("too few classes")
    {first}
    order = logits.argsort(dim=1, descending=True)
    return {{k: (order[:, :k] != targets[:, None]).all(1).double().mean().item() for k in ks}}
"""


def ask(tmp_path: Path, solutions: dict[str, tuple[str, str]], numbers: list[int]) -> list[dict[str, Any]]:
    """For each salt what everybody lost, and what was named; an empty solution is the reference."""
    sources = {}
    for name, (task, source) in solutions.items():
        path = tmp_path / f"{name}.py"
        path.write_text(source, encoding="utf-8")
        sources[name] = (task, str(path) if source else "")
    done = subprocess.run(
        [sys.executable, "-c", ASK, json.dumps([sources, numbers])],
        cwd=ROOT, env={**ENV, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return told


def test_each_salt_asks_anew_and_names_what_a_grading_names(tmp_path: Path) -> None:
    wrong = ROOT / "assignments" / "seminar_cnn" / "wrong"
    seldom = "logits = logits.clone(); logits[0, 0] += 100.0 * (int(logits[0, 0] * 1e4) % 7 == 0)"
    told = ask(
        tmp_path,
        {
            "reference": ("F1", ""),
            "right": ("J1", TOP.format(first="")),
            "seldom": ("J1", TOP.format(first=seldom)),
            "flipped": ("F1", (wrong / "f1_flipped.py").read_text(encoding="utf-8")),
            "percent": ("J1", (wrong / "j1_percent.py").read_text(encoding="utf-8")),
            "network": ("I1", (wrong / "i1_softmax.py").read_text(encoding="utf-8")),
        },
        [*range(1, 9)],
    )
    assert len(told) == 8
    for salt in told:
        assert not any(one["reason"] for one in salt.values())
        assert salt["reference"]["lost"] == salt["right"]["lost"] == []
        assert salt["reference"]["named"] == salt["right"]["named"] == []
        assert salt["flipped"]["named"] == ["f1_flipped"]
        assert salt["percent"]["named"] == ["j1_percent"]
        assert salt["network"]["named"] == ["i1_softmax"]
        assert salt["flipped"]["lost"]
    lost = [bool(salt["seldom"]["lost"]) for salt in told]
    assert any(lost), "what one salt spares another catches"
    assert len({salt["flipped"]["salt"] for salt in told}) == 8


def test_a_solution_that_ends_its_process_is_told(tmp_path: Path) -> None:
    ends = TOP.format(first="import os; os._exit(7)")
    (told,) = ask(tmp_path, {"ends": ("J1", ends), "right": ("J1", TOP.format(first=""))}, [3])
    assert told["ends"]["reason"] == (
        "J1 with further salts: the judge stopped with exit code 7; the lines above say where"
    )
    assert told["right"]["lost"] == []
    assert told["right"]["reason"] == ""
