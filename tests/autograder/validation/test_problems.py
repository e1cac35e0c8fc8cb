"""`validate` names everything that is wrong with an unsound assignment, in a real run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.autograder.validation.support import make_course, validate

pytestmark = pytest.mark.slow


def edit(path: Path, change: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    after = change(before)
    assert after != before
    path.write_text(after, encoding="utf-8")


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
    others = folder / "wrong" / "other"
    others.mkdir()
    percent = (folder / "wrong" / "j1_percent.py").read_text(encoding="utf-8")
    (others / "j1_planted.py").write_text(
        f"# a planted bug that does not say so\n{percent}", encoding="utf-8"
    )
    right = (folder / "wrong" / "j1_ok_topk.py").read_text(encoding="utf-8")
    (others / "j1_right.py").write_text(f"# nothing is wrong\n{right}", encoding="utf-8")
    done = validate(course, tmp_path / "out")
    assert done.returncode == 1
    problems = [line for line in done.stdout.splitlines() if line.startswith("PROBLEM")]
    assert any("the planted bug j1_class_zero survives" in line for line in problems)
    assert any("the ru handout does not say what test_j1.py::test_top1 checks" in line for line in problems)
    assert not any("the en handout" in line for line in problems)
    assert any("j1_ascending (correct variant of J1) loses points" in line for line in problems)
    assert any("other-j1_planted answers as j1_percent does" in line for line in problems)
    assert any("other-j1_right loses no points" in line for line in problems)
    assert "note: test_j1.py::test_class_zero kills no planted bug" in done.stdout


def test_what_chance_takes_from_right_work_is_named(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    folder = course / "mini"

    def unlucky(text: str) -> str:
        head = "def test_top1(rng, student):\n"
        return text.replace(head, f"{head}    assert rng.random() > 0.03, 'bad luck'\n", 1)

    def one_bug(text: str) -> str:
        return next(f"[[variants]]{part}" for part in text.split("[[variants]]") if '"j1_constant"' in part)

    edit(folder / "hidden" / "test_j1.py", unlucky)
    edit(folder / "wrong" / "variants.toml", one_bug)
    for path in (folder / "wrong").glob("*.py"):
        if path.name != "j1_constant.py":
            path.unlink()
    done = validate(course, tmp_path / "out", quick=False)
    assert done.returncode == 1, done.stderr
    (found,) = re.findall(r"PROBLEM: chance .*: (\S+) fails for the reference in (\d+) of (\d+)", done.stdout)
    assert found[0] == "test_j1.py::test_top1"
    assert 0 < int(found[1]) < 40
    assert found[2] == "400"
