"""`validate` on an assignment with a task that a person marks: it asks of the tests only what tests can give."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.course.variants import load_variants
from autograder.errors import UsageError
from autograder.validation.class_of_variants import check_variants
from autograder.validation.problems import check_release
from tests.autograder.validation.support import SOURCE, make_course, validate

PLACES = "\n".join(f'\n# %% task="W" row="{row}"' for row in ("filter", "mistake", "input"))
KEPT = ("j1_ascending", "j1_ok_topk")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """J1 with one planted bug and one correct variant, and W."""
    course = make_course(tmp_path)
    folder = course / "mini"
    tasks = (SOURCE / "assignment.toml").read_text(encoding="utf-8").split("[[tasks]]\n")
    (written,) = (text for text in tasks if text.startswith('id = "W"'))
    with (folder / "assignment.toml").open("a", encoding="utf-8") as stream:
        stream.write(f"\n[[tasks]]\n{written}")
    handout = (folder / "handout.py").read_text(encoding="utf-8")
    handout = handout.replace("{{properties:J1}}", "{{properties:J1}}\n# {{properties:W}}")
    (folder / "handout.py").write_text(f"{handout}{PLACES}\n", encoding="utf-8")
    listed = folder / "wrong" / "variants.toml"
    variants = listed.read_text(encoding="utf-8").split("[[variants]]\n")[1:]
    chosen = [text for text in variants if text.startswith(tuple(f'id = "{name}"' for name in KEPT))]
    assert len(chosen) == len(KEPT)
    listed.write_text("".join(f"[[variants]]\n{text}" for text in chosen), encoding="utf-8")
    for path in (folder / "wrong").glob("*.py"):
        if path.stem not in KEPT:
            path.unlink()
    return course


@pytest.mark.nightly  # `validate --quick` of seminar_cnn does the same, with W and X2
def test_the_reference_gets_all_that_tests_can_give(course: Path, tmp_path: Path) -> None:
    done = validate(course, tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROBLEM" not in done.stdout
    assert "reference 4 of 4 (10 more are given by hand), stub 0, 1 of 1 planted bugs caught" in done.stdout
    assert "mini: open tests" in done.stdout
    assert not [line for line in done.stdout.split("\n") if line.startswith("W")]


def test_a_sentence_that_the_notebook_does_not_say_is_a_problem(course: Path, tmp_path: Path) -> None:
    handout = course / "mini" / "handout.py"
    assert check_release(find_assignment("mini", course), tmp_path / "bundle") == []
    handout.write_text(handout.read_text(encoding="utf-8").replace("{{properties:W}}", ""), encoding="utf-8")
    problems = check_release(find_assignment("mini", course), tmp_path / "bundle")
    assert sorted(problems) == [
        f"the {lang} handout does not say what W-{row} checks"
        for lang in ("en", "ru")
        for row in ("filter", "input", "mistake")
    ]


def test_a_written_task_has_no_planted_bugs(course: Path) -> None:
    listed = course / "mini" / "wrong" / "variants.toml"
    text = listed.read_text(encoding="utf-8").replace('task = "J1"', 'task = "W"', 1)
    listed.write_text(text, encoding="utf-8")
    found = find_assignment("mini", course)
    with pytest.raises(UsageError, match="the variant 'j1_ascending' is of task W, which has no tests"):
        check_variants(found.manifest, load_variants(found.folder), found.folder)
