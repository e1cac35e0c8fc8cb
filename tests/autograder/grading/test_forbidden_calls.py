"""Forbidden calls from end to end: real workers, the command, what students and staff read, and what is restored."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT, grade, hand_in, results, scores, task

START = "import threading, torch, numpy as np, torch.nn.functional as F\nfrom torch import nn\n\n"
LOOPS = """def conv2d(x, weight, bias=None, stride=1, padding=0):
    sy, sx = (stride, stride) if isinstance(stride, int) else stride
    py, px = (padding, padding) if isinstance(padding, int) else padding
    x = F.pad(x, (px, px, py, py))
    p, q = weight.shape[2:]
    {before}
    windows = x.unfold(2, p, sy).unfold(3, q, sx)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight)
    return out if bias is None else out + bias.view(1, -1, 1, 1)
"""
READY = "def conv2d(x, weight, bias=None, stride=1, padding=0):\n    {how}\n"
THREAD = """def work(out, *args):
    out.append(F.conv2d(*args))

def conv2d(x, weight, bias=None, stride=1, padding=0):
    out = []
    thread = threading.Thread(target=work, args=(out, x, weight, bias, stride, padding))
    thread.start()
    thread.join()
    return out[0]
"""
FORBIDDEN = {
    "function": READY.format(how="return F.conv2d(x, weight, bias, stride, padding)"),
    "alias": "conv2d = torch.conv2d\n",
    "inference": READY.format(
        how="with torch.inference_mode(): y = torch.conv2d(x.clone(), weight, bias, stride, padding)\n"
        "    return y.clone()"
    ),
    "thread": THREAD,
    "assertion": LOOPS.format(before="assert F.conv2d(x, weight).shape[0] == x.shape[0]"),
    "numpy": LOOPS.format(before="np.convolve([1.0, 2.0], [1.0])"),
}
LEGAL = {
    "loops": LOOPS.format(before="")
    + "X, W = torch.ones(1, 1, 4, 4), torch.ones(1, 1, 2, 2)\nassert torch.equal(conv2d(X, W), F.conv2d(X, W))\n",
}
NAMED = {"not_run": LOOPS.format(before="layer = nn.Conv2d(1, 1, 1)")}
CODE = "solution.py"
LINES = {"function": 5, "alias": 0, "inference": 5, "thread": 5, "assertion": 9, "numpy": 9}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("forbidden")
    for student, source in (FORBIDDEN | LEGAL | NAMED).items():
        hand_in(folder / "in", student, solution=START + source)
    done = grade(folder / "in", folder / "out")
    assert done.returncode == 0, done.stderr
    return folder / "out"


@pytest.fixture(scope="module")
def found(out: Path) -> dict[str, dict[str, Any]]:
    return results(out)


@pytest.mark.parametrize("student", FORBIDDEN)
def test_the_points_are_withheld_and_the_reason_is_said(
    found: dict[str, dict[str, Any]], student: str
) -> None:
    f1 = task(found[student], "F1")
    assert f1["score"] == 0
    assert f1["withheld"] == sum(test["points"] for test in f1["tests"])
    name = "numpy.convolve" if student == "numpy" else "F.conv2d"
    # Where no line is known, it may have been something else that computes the same.
    where = f"({CODE}, line {LINES[student]})" if LINES[student] else f"or what computes the same ({CODE})"
    assert f"calls {name} {where}," in f1["message"]
    assert found[student]["score"] == 0
    assert found[student]["status"] == "graded"
    assert not found[student]["needs_staff"]
    assert found[student]["staff_notes"] == []


def test_what_would_be_right_is_all_withheld(found: dict[str, dict[str, Any]]) -> None:
    assert {name: task(found[name], "F1")["withheld"] for name in ("function", "thread", "assertion")} == {
        "function": 20, "thread": 20, "assertion": 20,
    }  # fmt: skip


@pytest.mark.parametrize("student", LEGAL)
def test_an_own_comparison_outside_costs_nothing(found: dict[str, dict[str, Any]], student: str) -> None:
    f1 = task(found[student], "F1")
    assert (f1["score"], f1["withheld"], f1["message"]) == (20, 0, "")
    assert (found[student]["notes"], found[student]["staff_notes"]) == ([], [])


def test_what_is_named_and_not_run_is_for_staff_alone(found: dict[str, dict[str, Any]]) -> None:
    assert task(found["not_run"], "F1")["score"] == 20
    assert found["not_run"]["notes"] == []
    assert found["not_run"]["staff_notes"] == [
        "F1: the source names nn.Conv2d (solution.py, line 9), but no call was seen while the task was tested; have a "
        "look"
    ]


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(AUTOGRADER), *arguments], cwd=ROOT, env=ENV, capture_output=True, text=True, check=False
    )


def test_staff_restore_and_a_regrade_keeps_it(out: Path, found: dict[str, dict[str, Any]]) -> None:
    own, of_class = out / "report" / "students" / "assertion.html", out / "report" / "index.html"
    assert "solution calls F.conv2d" in own.read_text(encoding="utf-8")
    said = re.sub(r"<[^>]*>", "", of_class.read_text(encoding="utf-8"))
    assert re.search(r"assertion: F1, 20: F\.conv2d \(solution\.py, line \d+\)", said)
    line = ("restore", str(out), "assertion", "F1", "--by", "M. Ivanova", "--reason", "only <compares>")
    done = command(*line)
    assert done.returncode == 0, done.stderr
    assert "assertion: F1 20 of 20, 20 in all" in done.stdout
    again = command(*line)
    assert again.returncode == 2
    assert "nothing is withheld from assertion in task F1" in again.stderr
    for regraded in (False, True):
        if regraded:
            hand_in(out.parent / "one", "assertion", solution=START + FORBIDDEN["assertion"])
            done = grade(out.parent / "one", out, "--regrade")
            assert done.returncode == 0, done.stderr
        result = json.loads((out / "results" / "assertion.json").read_text(encoding="utf-8"))
        assert (task(result, "F1")["score"], task(result, "F1")["withheld"], result["score"]) == (20, 0, 20)
        (override,) = result["overrides"]
        assert (override["task"], override["points"], override["by"]) == ("F1", 20, "M. Ivanova")
        assert scores(out)["assertion"]["F1"] == "20"
        page = own.read_text(encoding="utf-8")
        assert "only &lt;compares&gt;" in page
        assert "M. Ivanova" not in page, "who has decided stays with staff"
    assert found["assertion"]["overrides"] == []
