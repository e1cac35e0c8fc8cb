"""`validate` says yes to a sound assignment and names what is wrong with an unsound one, in real runs."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT

pytestmark = pytest.mark.slow

SOURCE = ROOT / "assignments" / "seminar_cnn"
HANDOUT = """# %% [markdown] lang="ru"
# # {{title}}
# {{properties:J1}}

# %% [markdown] lang="en"
# # {{title}}
# {{properties:J1}}

# %% task="J1"
"""


def make_course(tmp_path: Path) -> Path:
    """A course of one assignment, `mini`, that holds the task J1 of the homework alone."""
    folder = tmp_path / "course" / "mini"
    for part in ("hidden", "public", "wrong"):
        (folder / part).mkdir(parents=True)
    for part in ("hidden", "public"):
        shutil.copy(SOURCE / part / "test_j1.py", folder / part)
    manifest = (SOURCE / "assignment.toml").read_text(encoding="utf-8")
    head, *tasks = manifest.split("[[tasks]]\n")
    (task,) = (text for text in tasks if text.startswith('id = "J1"'))
    head = head.replace('name = "seminar_cnn"', 'name = "mini"')
    (folder / "assignment.toml").write_text(f"{head}[[tasks]]\n{task}", encoding="utf-8")
    variants = (SOURCE / "wrong" / "variants.toml").read_text(encoding="utf-8").split("[[variants]]\n")[1:]
    chosen = [text for text in variants if text.startswith('id = "j1_')]
    (folder / "wrong" / "variants.toml").write_text(
        "".join(f"[[variants]]\n{text}\n" for text in chosen), encoding="utf-8"
    )
    for path in (SOURCE / "wrong").glob("j1_*.py"):
        shutil.copy(path, folder / "wrong")
    (folder / "handout.py").write_text(HANDOUT, encoding="utf-8")
    return folder.parent


def validate(course: Path, out: Path) -> subprocess.CompletedProcess[str]:
    command = [AUTOGRADER, "validate", "mini", "--quick", "--assignments", course, "--out", out]
    return subprocess.run(
        command, cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300, check=False
    )


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


def test_a_sound_assignment_passes_and_its_reports_are_written(tmp_path: Path) -> None:
    done = validate(make_course(tmp_path), tmp_path / "out")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROBLEM" not in done.stdout
    assert (
        "reference 4 of 4, stub 0, 12 of 12 planted bugs caught, 2 correct variants, 2 salts" in done.stdout
    )
    with (tmp_path / "out" / "mini" / "kill_matrix.csv").open(newline="") as stream:
        rows = {row["variant"]: row for row in csv.DictReader(stream)}
    assert rows["j1_ascending"]["test_j1.py::test_top1"] == "x"
    assert rows["j1_default_ks"]["test_j1.py::test_top1"] == "."
    for name, row in rows.items():
        marks = {value for column, value in row.items() if column.startswith("test_")}
        assert ("x" in marks) == (row["kind"] == "bug"), name
    with (tmp_path / "out" / "mini" / "price_list.csv").open(newline="", encoding="utf-8") as stream:
        prices = {row["bug"]: float(row["points_lost"]) for row in csv.DictReader(stream)}
    assert prices["j1_default_ks"] == 0.25
    assert len(prices) == 12


def test_everything_that_is_wrong_is_named(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    folder = course / "mini"

    def blind(text: str) -> str:
        """`test_class_zero` can no longer fail."""
        start = text.index("def test_class_zero(")
        end = text.find("\ndef ", start)
        return text[:start] + "def test_class_zero(rng, student):\n    student.topk_error\n\n" + text[end:]

    edit(folder / "hidden" / "test_j1.py", blind)
    edit(folder / "handout.py", lambda text: text.replace("# {{properties:J1}}\n", "#\n", 1))

    def call_it_correct(text: str) -> str:
        before, after = text.split('id = "j1_ascending"\n')
        return before + 'id = "j1_ascending"\n' + after.replace('kind = "bug"', 'kind = "correct"', 1)

    edit(folder / "wrong" / "variants.toml", call_it_correct)
    done = validate(course, tmp_path / "out")
    assert done.returncode == 1
    problems = [line for line in done.stdout.splitlines() if line.startswith("PROBLEM")]
    assert any("the planted bug j1_class_zero survives" in line for line in problems)
    assert any("the ru handout does not say what test_j1.py::test_top1 checks" in line for line in problems)
    assert not any("the en handout" in line for line in problems)
    assert any("j1_ascending (correct variant of J1) loses points" in line for line in problems)
    assert "note: test_j1.py::test_class_zero kills no planted bug" in done.stdout


def test_a_variant_without_its_file_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (course / "mini" / "wrong" / "j1_ascending.py").unlink()
    done = validate(course, tmp_path / "out")
    assert done.returncode == 2
    assert "'j1_ascending', but j1_ascending.py is missing" in done.stderr


def test_a_file_of_no_variant_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (course / "mini" / "wrong" / "j1_forgotten.py").write_text("def topk_error(scores, labels, ks): ...\n")
    done = validate(course, tmp_path / "out")
    assert done.returncode == 2
    assert "j1_forgotten.py is no file of a variant: list it in variants.toml, or remove it" in done.stderr


def test_a_variant_that_is_no_python_is_refused(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (course / "mini" / "wrong" / "j1_ascending.py").write_text("def topk_error(:\n")
    done = validate(course, tmp_path / "out")
    assert done.returncode == 2
    assert "j1_ascending.py, line 1: this is not valid Python" in done.stderr
