"""Hints as students meet them: one more at each call in a kernel, by number on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.course.public import load_public
from tests.autograder.student.kernel.support import kernel
from tests.autograder.student.support import LIGHT, run


def steps_of(bundle: Path, task: str) -> tuple[str, ...]:
    return load_public(bundle).task(task).hints


def test_a_kernel_shows_one_more_at_each_call_and_remembers_by_task(bundle: Path) -> None:
    first, second, third = steps_of(bundle, "F1")
    with kernel(bundle) as running:
        said = [
            running.run("", f"import hw_cnn\nhw_cnn.hint({task!r})")
            for task in ("F1", "f1", "G1", "F1", "F1")
        ]
        wrong = running.run("", "hw_cnn.hint('Z9')")
        shown = running.shown[0]
    assert [text.count("F1, hint") for text in said] == [1, 2, 0, 3, 3]
    assert first in said[0]
    assert second not in said[0]
    assert 'The next one: hw_cnn.hint("F1")' in said[1]
    assert steps_of(bundle, "G1")[0] in said[2]
    assert third in said[3]
    assert "That was the last hint." in said[3]
    assert said[3] == said[4]
    assert shown["text/markdown"].startswith("**F1, hint 1 of 3.** Begin")
    assert (
        wrong == "UsageError: there is no task Z9 in seminar_cnn; its tasks are "
        "B1, C1, D2, F1, F5, D4, D5, G1, G2, I1, K2, J1, K3, X1, X2, W\n"
    )


def test_the_command_shows_the_hint_that_was_asked_for(bundle: Path) -> None:
    steps = steps_of(bundle, "J1")
    done = run(bundle, "hint", "j1", code=LIGHT)
    assert done.returncode == 0, done.stderr
    assert " ".join(done.stdout.split()).startswith(f"J1, hint 1 of 3: {steps[0]}")
    assert done.stdout.endswith("The next one: hw-cnn hint J1 2\n")
    done = run(bundle, "hint", "J1", "3", code=LIGHT)
    assert steps[2] in " ".join(done.stdout.split())
    assert "That was the last hint." in done.stdout
    assert not [path for path in bundle.rglob("*") if "hint" in path.name and path.suffix == ".json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("J1", "4"), "There is no such hint: 4. J1 has 3, numbered from 1 to 3."),
        (("J1", "0"), "There is no such hint: 0."),
        (("J1", "two"), "There is no such hint: two."),
        (("Z9",), "there is no task Z9 in seminar_cnn"),
        ((), "Usage: hw-cnn hint TASK [NUMBER]"),
        (("J1", "1", "2"), "Usage: hw-cnn hint TASK [NUMBER]"),
    ],
)
def test_wrong_usage_of_the_command(bundle: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(bundle, "hint", *arguments, code=LIGHT)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_task_without_hints_says_so_and_a_failed_check_does_not_point_at_them(bundle: Path) -> None:
    path = bundle / "assignment.json"
    public = json.loads(path.read_text(encoding="utf-8"))
    for task in public["tasks"]:
        task["hints"] = []
    path.write_text(json.dumps(public), encoding="utf-8")
    done = run(bundle, "hint", "J1", code=LIGHT)
    assert (done.returncode, done.stdout) == (0, "There are no hints for J1.\n")
    done = run(
        bundle,
        code="def topk_error(*a, **k): return {}\nimport hw_cnn\nhw_cnn.hint('J1')\nhw_cnn.check('J1')",
    )
    assert "There are no hints for J1." in done.stdout
    assert "J1: not everything passes, details above" in done.stderr
