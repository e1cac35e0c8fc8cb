"""Wrong solutions beside the planted bugs are read from their folder, and refused when they say too little."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment, list_assignments
from autograder.course.variants import Variant, load_variants
from autograder.errors import UsageError
from autograder.text import Text
from autograder.validation.diagnosis.other_mistakes import (
    OtherMistake,
    choose_tests_of_others,
    load_other_mistakes,
    write_other_submissions,
)
from tests.autograder.grading_support import ROOT
from tests.autograder.manifests import small

MANIFEST = small()
BUGS = [
    Variant(id=name, task=task, kind="bug", what=Text(ru="а", en="a"))
    for name, task in (("a_bug", "A1"), ("a_second", "A1"), ("b_bug", "B1"))
]


def load(tmp_path: Path, name: str, source: str) -> list[OtherMistake]:
    folder = tmp_path / "wrong" / "other"
    folder.mkdir(parents=True)
    (folder / name).write_text(source, encoding="utf-8")
    return load_other_mistakes(tmp_path, MANIFEST, BUGS)


def test_a_mistake_says_what_it_is(tmp_path: Path) -> None:
    (found,) = load(tmp_path, "a1_noise.py", "# noise is added\nx = 1\n")
    assert (found.task, found.what, found.named, found.student) == (
        "A1", "noise is added", frozenset(), "other-a1_noise",
    )  # fmt: skip


@pytest.mark.parametrize("line", ["# named: a_bug a_second", "# named: a_bug, a_second"])
def test_a_mistake_may_be_planted_bugs_in_other_words(tmp_path: Path, line: str) -> None:
    (found,) = load(tmp_path, "a1_same.py", f"# the same in a loop\n{line}\nx = 1\n")
    assert found.named == {"a_bug", "a_second"}


def test_an_assignment_needs_none(tmp_path: Path) -> None:
    assert load_other_mistakes(tmp_path, MANIFEST, BUGS) == []


@pytest.mark.parametrize(
    ("name", "source", "reason"),
    [
        ("noise.py", "# noise\nx = 1\n", "its name begins with no task"),
        ("a1_noise.py", "x = 1\n", "say in the first line, in a comment, what is wrong"),
        ("a1_noise.py", "#\nx = 1\n", "say in the first line, in a comment, what is wrong"),
        ("a1_noise.py", "# noise\n# named: b_bug\n", "b_bug is no planted bug of A1"),
        ("a1_noise.py", "# noise\ndef f(:\n", "line 2: this is not valid Python"),
        ("a1_noise.txt", "# noise\n", "is no wrong solution: remove it"),
    ],
)
def test_what_says_too_little_is_refused(tmp_path: Path, name: str, source: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        load(tmp_path, name, source)


def test_each_is_handed_in_beside_the_reference(tmp_path: Path) -> None:
    assignment = find_assignment("seminar_cnn", ROOT / "assignments")
    path = tmp_path / "f1_x.py"
    path.write_text("# x\nx = 1\n")
    mistake = OtherMistake(path, "F1", "x")
    chosen = choose_tests_of_others(assignment.manifest, [mistake], first=True)
    write_other_submissions(assignment, [mistake], tmp_path / "out", chosen)
    folder = tmp_path / "out" / "other-f1_x"
    assert (folder / "solution.py").read_text() == "# x\nx = 1\n"
    assert (folder / "hw_cnn" / "layers" / "convolution.py").is_file()
    assert not (folder / "hw_cnn" / "metrics.py").exists(), "no test of F1 can use it"
    assert (folder / "model.safetensors").read_bytes() == assignment.checkpoint


def test_only_the_own_tests_run_and_trainings_once() -> None:
    manifest = find_assignment("seminar_cnn", ROOT / "assignments").manifest
    mistakes = [OtherMistake(Path(f"{task.lower()}_x.py"), task, "x") for task in ("G1", "K3")]
    first, later = (choose_tests_of_others(manifest, mistakes, first=is_first) for is_first in (True, False))
    assert first == {f"other-{m.path.stem}": {t.id for t in manifest.task(m.task).tests} for m in mistakes}
    assert later == {"other-g1_x": first["other-g1_x"]}


def test_ours_are_enough() -> None:
    found = {}
    for name in list_assignments(None):
        assignment = find_assignment(name, None)
        folder = assignment.folder
        found[name] = load_other_mistakes(folder, assignment.manifest, load_variants(folder))
    unrelated = [one for mistakes in found.values() for one in mistakes if not one.named]
    assert len(unrelated) >= 60
    tasks = find_assignment("seminar_cnn", None).manifest.tested
    assert {one.task for one in found["seminar_cnn"]} == {task.id for task in tasks}
    assert all(found.values())
