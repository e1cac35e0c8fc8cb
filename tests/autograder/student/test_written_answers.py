"""A task that a person marks, at a student's: `check` and `submit` say which answers are written, and judge none."""

from __future__ import annotations

import json
from pathlib import Path

from autograder.course.public import load_public
from autograder.student.words import open_line, written_lines
from tests.autograder.student.support import LIGHT, run, write

BY_HAND = "W: a person reads and marks the answers (10 points), this task has no tests"


def say(bundle: Path, **texts: str) -> None:
    """Write answers into the saved notebook."""
    path = bundle / "seminar_cnn.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        row = cell["id"].removeprefix("W-")
        if row in texts and cell["id"] == f"W-{row}":
            cell["source"] = [texts[row]]
    path.write_text(json.dumps(notebook), encoding="utf-8")


def test_check_says_which_answers_are_written(bundle: Path) -> None:
    say(bundle, filter="An edge.")
    done = run(bundle, "check", "W", code=LIGHT)
    assert done.returncode == 1, done.stderr
    assert done.stdout.split("\n") == [
        BY_HAND,
        "  + filter: written (8 characters)",
        "  - mistake: not written yet (cell W-mistake)",
        "  - input: not written yet (cell W-input)",
        "  read from seminar_cnn.ipynb as it is saved: if an answer is newer, save the notebook",
        "Not written yet: W.",
        "",
    ]
    say(bundle, filter="An edge.", mistake="A loop.", input="Two channels.")
    done = run(bundle, "check", "w", code=LIGHT)
    assert done.returncode == 0, done.stdout
    assert "Not written" not in done.stdout
    assert "Complete" not in done.stdout, "nobody has read it yet"


def test_a_task_without_tests_is_none_of_those_that_pass(bundle: Path, sources: dict[str, str]) -> None:
    write(bundle, {"J1": sources["J1"]})
    say(bundle, filter="An edge.", mistake="A loop.", input="Two channels.")
    done = run(bundle, "check", "J1", "W")
    assert done.returncode == 0, done.stderr
    assert "Complete: 1 of 1 tasks." in done.stdout
    assert f"\n{BY_HAND}\n  + filter: written" in done.stdout


def test_the_sum_of_open_points_leaves_out_what_a_person_gives(bundle: Path) -> None:
    public = load_public(bundle)
    first, written = public.task("B1"), public.task("W")
    (line,) = open_line([first.model_copy(update={"open_points": 4.0}), written], "en")
    assert line == (
        "Open tests: 4 of 4 points; they catch all mistakes that we planted; others may cost points. "
        "A person gives 10 points more (W). This is not your mark."
    )
    first = first.model_copy(update={"open_points": 2.0})
    assert open_line([first, written], "ru") == [
        "Открытые тесты: 2 из 4 баллов; скрытые проверяют больше. Ещё 10 баллов (W) ставит человек. "
        "Это не ваша оценка."
    ]
    assert open_line([written], "en") == []
    assert "person" not in open_line([first], "en")[0]


def test_the_words_in_russian(bundle: Path) -> None:
    task = load_public(bundle).task("W")
    assert written_lines(task, {"filter": "Край."}, None, "ru") == [
        "W: ответы читает и оценивает человек (10 баллов), тестов у этого задания нет",
        "  + filter: написано (5 знаков)",
        "  - mistake: ещё не написано (ячейка W-mistake)",
        "  - input: ещё не написано (ячейка W-input)",
        "  здесь нет сохранённой тетради, а ответы читаются только из неё",
    ]


KERNEL = """
import hw_cnn
print(hw_cnn.check("W"))
try:
    hw_cnn.hint("W")
except Exception as error:
    print(type(error))
"""


def test_check_in_a_cell_tells_what_is_saved_and_fails_nothing(bundle: Path) -> None:
    say(bundle, input="Two channels.")
    done = run(bundle, code=KERNEL)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{BY_HAND}\n  - filter: not written yet (cell W-filter)\n")
    assert "  + input: written (13 characters)" in done.stdout
    assert "\nNone\nThere are no hints for W.\n" in done.stdout
    (bundle / "seminar_cnn.ipynb").write_text("{")
    done = run(bundle, code=KERNEL)
    assert done.returncode == 0, done.stderr
    assert "not a Jupyter notebook" in done.stdout


def test_the_receipt_says_which_answers_are_written(bundle: Path) -> None:
    say(bundle, filter="An edge.", input="Two channels.")
    done = run(bundle, "submit", code=LIGHT)
    assert done.returncode == 0, done.stderr
    found = done.stdout.split("Solutions found:\n")[1]
    assert (
        f"  {BY_HAND}\n    + filter: written (8 characters)\n    - mistake: not written yet (cell W-mistake)\n"
        "    + input: written (13 characters)\n"
    ) in found
    others = ", ".join(task.id for task in load_public(bundle).tasks if task.id != "W")
    assert f"  ! not written: {others}, W\n" in found
    say(bundle, mistake="A loop.")
    done = run(bundle, "submit", code=LIGHT)
    assert f"  ! not written: {others}\n" in done.stdout
