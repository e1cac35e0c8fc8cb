"""Grades with hidden tests, and folders of them, for tests of what people decide."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from autograder.course.manifest import Manifest
from autograder.results.grade import Grade, TaskResult, TestResult
from autograder.results.store import Store
from autograder.results.totals import total
from tests.autograder.manifests import plain, text, written
from tests.autograder.results.support import make_grade

CORE, SECOND, CORNER, ACCURACY = (
    "test_a1.py::test_core", "test_a1.py::test_second", "test_a1.py::test_corner", "test_b1.py::test_accuracy",
)  # fmt: skip


def manifest_of_tests(*, with_words: bool = False) -> Manifest:
    """A1 has tests of 6, 3 and 1 points, B1 one of 4; W, where asked for, is written."""
    data = plain()
    first = data["tasks"][0]
    first["tests"] = [
        {"id": CORE, "points": 6, "core": True, "sentence": text("core")},
        {"id": SECOND, "points": 3, "core": True, "sentence": text("second")},
        {"id": CORNER, "points": 1, "core": False, "sentence": text("corner")},
    ]
    del data["tasks"][1]["tests"][0]["threshold"]
    data["tasks"] += [written()] if with_words else []
    return Manifest.model_validate(data)


def judged(
    student: str, failed: tuple[str, ...] = (), *, without: tuple[str, ...] = (), **update: Any
) -> Grade:
    """A grade of `manifest_of_tests()`. failed: tests; without: tasks of which nothing was handed in."""
    tasks = []
    for task in manifest_of_tests().tasks:
        results = tuple(
            TestResult(
                id=test.id,
                passed=task.id not in without and test.id not in failed,
                points=0.0 if task.id in without or test.id in failed else test.points,
                max_points=test.points,
                message="",
            )
            for test in task.tests
        )
        tasks.append(
            TaskResult(
                id=task.id,
                title=task.id,
                score=sum(result.points for result in results),
                max_score=task.points,
                source="not written" if task.id in without else f"cell {task.id}",
                tests=results,
            )
        )
    grade = make_grade(student)
    return grade.model_copy(update={"tasks": tuple(tasks), "score": total(tasks), **update})


def a_class(out: Path, *grades: Grade) -> Store:
    """A folder of results, as a run leaves it."""
    store = Store(out)
    for grade in grades:
        store.save(grade)
    store.save_manifest(manifest_of_tests())
    store.save_scores(manifest_of_tests())
    return store
