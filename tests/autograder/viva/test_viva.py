"""Questions on a submission, with the answers that its own code gives in a sandboxed worker."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import UsageError
from autograder.grading.again.workers import workers_of
from autograder.grading.judge import Workers
from autograder.intake.students import Upload
from autograder.text import LANGS, Lang
from autograder.viva.asking import Question, questions, require_probes, running, seeded
from autograder.viva.page import render
from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT

CONV = """import torch
import torch.nn.functional as F


def conv2d(x, w, bias=None, stride=1, padding=0):
    # <script> of mine
    windows = torch.zeros(2, 3, 7)
    return x[:, :, ::stride[0], ::stride[1]] * 2 if isinstance(stride, tuple) else x * 2
"""
TALL = CONV.replace("::stride[1]", "::stride[0]")
POOL = """def pool2d(x, kernel_size, stride=None, padding=0, mode="max"):
    out = []
    for row in x:
        out.append(row)
    return x + 10
"""
FAILS = CONV.replace("    windows", "    raise RuntimeError\n    windows")


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return find_assignment("seminar_cnn", ROOT / "assignments", "C1,F1,G1")


@pytest.fixture(scope="module")
def workers(assignment: Assignment) -> Iterator[Workers]:
    with workers_of(assignment, ()) as made:
        yield made


def ask(
    workers: Workers, assignment: Assignment, folder: Path, text: str, name: str = "solution.py"
) -> list[Question]:
    path = folder / "anna" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    submission = workers.reader.read(Upload("anna", folder / "anna"))
    manifest = assignment.manifest
    return questions(
        lambda one: running(workers, one, manifest), submission, manifest, seeded((submission.digest,))
    )


@pytest.mark.parametrize("name", ["solution.py", "hw_cnn/layers/convolution.py"])
def test_answers_are_those_of_the_students_own_code(
    workers: Workers, assignment: Assignment, tmp_path: Path, name: str
) -> None:
    variable, row, stride = ask(workers, assignment, tmp_path, CONV, name)
    assert variable.answer.en == "(2, 3, 7)"
    assert "windows" in variable.text.en
    assert variable.code.split("\n")[variable.marked[0] - 1].strip().startswith("windows =")
    ((_, x), _) = row.shown
    assert (
        row.answer.en
        == " ".join(f"{2 * value:g}" for value in x.flatten().tolist()) + " (shape (1, 1, 1, 5))"
    )
    (changes,) = [option[0] for option in stride.options if "stride (1, 2)" in option]
    (alone,) = [option[0] for option in stride.options if "stride (1, 3)" in option]
    # This one takes every third column of an image of 2x2: 2 rows and 1 column, or 1 row and 2 columns.
    assert stride.answer.en == ", ".join(sorted((changes, alone)))


def test_of_a_right_solution_one_of_the_three_calls_changes(
    workers: Workers, assignment: Assignment, tmp_path: Path
) -> None:
    right = (ROOT / "hw_cnn" / "layers" / "convolution.py").read_text(encoding="utf-8")
    _, row, stride = ask(workers, assignment, tmp_path, right, "hw_cnn/layers/convolution.py")
    (changes,) = [option[0] for option in stride.options if "stride (1, 2)" in option]
    assert stride.answer.en == changes
    (_, x), (_, w) = row.shown
    expected = torch.nn.functional.conv1d(x[None], w[None]).flatten().tolist()
    assert row.answer.en == " ".join(f"{value:g}" for value in expected) + " (shape (1, 1, 1, 3))"


def test_a_pair_that_is_read_once_is_asked_as_it_is(
    workers: Workers, assignment: Assignment, tmp_path: Path
) -> None:
    """The answer is what the code does, right or wrong."""
    stride = ask(workers, assignment, tmp_path, TALL)[-1]
    answers = [option[0] for option in stride.options if "stride (2, 2)" not in option]
    assert stride.answer.en == ", ".join(sorted(answers))


def test_questions_are_spread_over_the_functions_that_are_written(
    workers: Workers, assignment: Assignment, tmp_path: Path
) -> None:
    asked = ask(workers, assignment, tmp_path, CONV + "\n\n" + POOL)
    assert {one.function for one in asked} == {"conv2d", "pool2d"}
    # `out` of pool2d is a list, so it has no shape.
    assert asked[0].function == "conv2d"


def test_the_same_submission_has_the_same_questions(
    workers: Workers, assignment: Assignment, tmp_path: Path
) -> None:
    first, second = (ask(workers, assignment, tmp_path / name, CONV) for name in "ab")
    assert [(one.text, one.answer) for one in first] == [(one.text, one.answer) for one in second]


@pytest.mark.parametrize("text", [FAILS, "x = 1\n", "conv2d = print\n"])
def test_where_nothing_runs_that_is_said(
    workers: Workers, assignment: Assignment, tmp_path: Path, text: str
) -> None:
    with pytest.raises(UsageError, match="anna wrote no function that can be asked about and runs"):
        ask(workers, assignment, tmp_path, text)


def test_an_assignment_of_other_functions_is_named() -> None:
    for name, tasks in (("convolution", None), ("seminar_cnn", "B1,J1")):
        manifest = find_assignment(name, ROOT / "assignments", tasks).manifest
        with pytest.raises(
            UsageError, match=rf"{name} has no task that viva can ask about; .* conv1d_lecture"
        ):
            require_probes(manifest)


def test_the_page_has_code_and_answers_apart_and_escapes_both(
    workers: Workers, assignment: Assignment, tmp_path: Path
) -> None:
    asked = ask(workers, assignment, tmp_path, CONV)
    for lang in LANGS:
        page = render(assignment.manifest, "<b>", asked, lang)
        sheet, answers = page.split('<section class="answers">')
        assert "(2, 3, 7)</li>" not in sheet
        assert "(2, 3, 7)</li>" in answers
        assert "<script>" not in page
        assert "&lt;script&gt; of mine" in sheet
        assert "<mark>    windows = torch.zeros(2, 3, 7)</mark>" in sheet
        assert asked[0].text.get(lang).split(":")[0] in sheet


def run(*args: object) -> subprocess.CompletedProcess[str]:
    command = [AUTOGRADER, *map(str, args)]
    return subprocess.run(
        command, cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
def test_the_command_finds_what_was_graded(tmp_path: Path) -> None:
    path = tmp_path / "class" / "anna" / "solution.py"
    path.parent.mkdir(parents=True)
    path.write_text(CONV, encoding="utf-8")
    out = tmp_path / "out"
    graded = run("grade", "seminar_cnn", tmp_path / "class", "--out", out, "--tasks", "F1", "--lang", "en")
    assert graded.returncode == 0, graded.stderr
    first = run("viva", out, "anna")
    assert first.returncode == 0, first.stderr
    assert "3 questions for anna" in first.stdout
    assert "1. (2, 3, 7)" in first.stdout
    assert "has changed" not in first.stdout
    assert "Questions on your code" in (out / "viva" / "anna.html").read_text(encoding="utf-8")
    # The class was moved, and anna went on working.
    (tmp_path / "class").rename(tmp_path / "moved")
    (tmp_path / "moved" / "anna" / "solution.py").write_text(CONV.replace("7)", "8)"), encoding="utf-8")
    lost = run("viva", out, "anna")
    assert lost.returncode == 2
    assert "is not a folder" in lost.stderr
    again = run("viva", out, "anna", "--submissions", tmp_path / "moved", "--lang", "ru")
    assert "1. (2, 3, 8)" in again.stdout
    assert "the submission has changed since it was graded" in again.stdout
    assert "Вопросы по вашему коду" in (out / "viva" / "anna.html").read_text(encoding="utf-8")
    assert "running the student's code..." in first.stderr
    assert "running" not in lost.stderr
    nobody = run("viva", out, "ana")
    assert nobody.returncode == 2
    assert "running" not in nobody.stderr
    assert "holds no result of 'ana'; did you mean 'anna'?" in nobody.stderr


def test_a_folder_that_is_no_grade_is_named(tmp_path: Path) -> None:
    result = run("viva", tmp_path, "anna")
    assert result.returncode == 2
    assert "running" not in result.stderr
    assert "give the folder that was --out of `autograder grade`" in result.stderr


@pytest.mark.parametrize("lang", LANGS)
def test_a_helper_is_shown_beneath_the_function_that_needs_it(
    workers: Workers, assignment: Assignment, tmp_path: Path, lang: Lang
) -> None:
    helper = "def _twice(x):\n    # <b> of mine\n    return x * 2"
    text = CONV.replace("* 2 if", "+ 0 if").replace("else x * 2", "else _twice(x)")
    asked = ask(workers, assignment, tmp_path, f"{helper}\n\n\n{text}")
    assert {one.helpers for one in asked} == {(helper,)}
    page = render(assignment.manifest, "anna", asked, lang)
    assert page.count("def _twice(x):") == 1
    assert page.index("def conv2d(x") < page.index("def _twice(x):") < page.index('class="answers"')
    assert "&lt;b&gt; of mine" in page
