"""Which code of a submission belongs to a task."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.manifest import Task
from autograder.intake.students import Upload
from autograder.intake.submission import read_submission
from autograder.similarity.code import code_of, given
from tests.autograder.similarity.made_class import assignment

CHOSEN = assignment()
TASK: Task = CHOSEN.manifest.task("F3")
NAME = TASK.tops[0].name
OTHERS = frozenset(symbol.name for task in CHOSEN.manifest.tested for symbol in task.tops) - {NAME}


def code(folder: Path, **files: str) -> list[str]:
    work = folder / "anna"
    for name, text in files.items():
        path = work / name.replace("__", "/").replace("_py", ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    submission = read_submission(Upload("anna", work), CHOSEN.manifest, CHOSEN.edition)
    return [piece.text for piece in code_of(submission, TASK, OTHERS, "en")]


def test_own_helpers_and_tables_belong_to_it_and_other_tasks_do_not(tmp_path: Path) -> None:
    main = f"def {NAME}(g, x, w):\n    return first(g) + im2col(x, SIZE)"
    helpers = ["def first(g):\n    return second(g)", "def second(g):\n    return g", "SIZE = 3"]
    unused = "def unused():\n    return 1"
    other = "def im2col(x, k):\n    return first(x)"
    text = "\n".join(["import torch", *helpers, unused, other, main])
    assert code(tmp_path, solution_py=text) == [main, helpers[2], helpers[0], helpers[1]]


def test_an_own_module_belongs_to_it(tmp_path: Path) -> None:
    main = f"def {NAME}(g):\n    return slow(g)"
    helper = "def slow(g):\n    return g"
    found = code(tmp_path, solution_py=f"from tools import slow\n{main}\n", tools_py=f"import os\n{helper}\n")
    assert found == [main, helper]


def test_the_package_file_counts_where_nothing_else_does(tmp_path: Path) -> None:
    path = TASK.tops[0].file
    whole = CHOSEN.edition[path].decode() + "\ndef mine(g):\n    return g\n"
    start = whole.index(f"def {NAME}")
    stop = whole.index("raise NotImplementedError", start)
    line = whole[stop:].split("\n")[0]
    text = whole[:stop] + "return mine(g)" + whole[stop + len(line) :]
    found = code(tmp_path, **{path.replace("/", "__").replace(".py", "_py"): text})
    assert any(one.startswith(f"def {NAME}") and "return mine(g)" in one for one in found)
    assert "def mine(g):\n    return g" in found


@pytest.mark.parametrize("text", ["", "x = 1\n", f"def {NAME}(:\n"])
def test_what_is_not_written_or_is_no_python_is_not_compared(tmp_path: Path, text: str) -> None:
    assert code(tmp_path, solution_py=text) == []


def test_what_everybody_was_given_holds_the_stub_the_handout_and_the_public_tests() -> None:
    texts = "\n".join(given(CHOSEN))
    assert f"def {NAME}(" in texts
    assert "raise NotImplementedError" in texts
    handout = (CHOSEN.folder / "handout.py").read_text(encoding="utf-8")
    called = next(line for line in handout.split("\n") if line.startswith(("image = ", "photo = ", "x = ")))
    assert called in texts
    public = next((CHOSEN.folder / "public").glob("test_*.py")).read_text(encoding="utf-8")
    assert public[public.index("def test_") :].split("\n")[0] in texts
