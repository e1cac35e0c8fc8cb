"""Which assignments stand beside one another: in its folder, in the course that is named, and never ours twice."""

from __future__ import annotations

from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment

ROOT = Path(__file__).parents[3]
MANIFEST = """schema = 1
name = "{name}"
version = "1"
title = {{ru = "Проба", en = "Trial"}}
budget_minutes = 60
[[tasks]]
id = "A1"
title = {{ru = "Задача", en = "Task"}}
symbols = ["hw_cnn.metrics:topk_error"]
points = 4
minutes = 20
[[tasks.tests]]
id = "test_a1.py::test_all"
points = 4
core = true
sentence = {{ru = "Верно.", en = "Right."}}
"""


def add(course: Path, name: str) -> Path:
    folder = course / name
    folder.mkdir(parents=True)
    (folder / "assignment.toml").write_text(MANIFEST.format(name=name))
    return folder


def neighbours(found: Assignment) -> list[str]:
    return [one.name for one in found.neighbours]


def test_neighbours_stand_in_the_same_folder_and_in_the_named_course(tmp_path: Path) -> None:
    chosen = add(tmp_path / "here", "chosen")
    for course, name in (("here", "near"), ("there", "far"), ("there", "chosen"), ("elsewhere", "unseen")):
        add(tmp_path / course, name)
    assert neighbours(find_assignment(str(chosen))) == ["near"]
    assert neighbours(find_assignment("chosen", tmp_path / "here")) == ["near"]
    found = find_assignment(str(chosen), tmp_path / "there")
    assert found.folder == chosen
    assert neighbours(found) == ["near", "chosen", "far"]


def test_ours_are_no_neighbours_of_a_course_elsewhere(tmp_path: Path) -> None:
    """They count in any case, and leave their symbols to the course; as neighbours they would contradict it."""
    found = find_assignment(str(add(tmp_path, "chosen")), ROOT / "assignments")
    assert neighbours(found) == []
    assert {one.name for one in found.emptied} == {
        "chosen", "seminar_cnn", "convolution", "architectures", "inside_and_transfer",
    }  # fmt: skip
    ours = find_assignment(str(ROOT / "assignments" / "seminar_cnn"), ROOT / "assignments")
    assert neighbours(ours) == ["architectures", "convolution", "inside_and_transfer"]
