"""A small valid manifest as plain data, for tests that break it in one place."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from autograder.course.manifest import Manifest


def text(en: str) -> dict[str, str]:
    return {"ru": f"{en} (ru)", "en": en}


_PLAIN: dict[str, Any] = {
    "schema": 1,
    "name": "small",
    "version": "1",
    "title": text("Small"),
    "budget_minutes": 100,
    "tasks": [
        {
            "id": "A1",
            "title": text("First"),
            "symbols": ["hw_cnn.layers.convolution:conv2d"],
            "points": 10,
            "minutes": 30,
            "tests": [
                {"id": "test_a1.py::test_core", "points": 9, "core": True, "sentence": text("core")},
                {"id": "test_a1.py::test_corner", "points": 1, "core": False, "sentence": text("corner")},
            ],
        },
        {
            "id": "B1",
            "title": text("Second"),
            "symbols": ["hw_cnn.training:train_seminar"],
            "points": 4,
            "minutes": 30,
            "depends_on": ["A1"],
            "tests": [
                {
                    "id": "test_b1.py::test_accuracy",
                    "points": 4,
                    "core": True,
                    "sentence": text("accuracy"),
                    "threshold": {"metric": "accuracy", "low": 0.5, "high": 0.9, "provenance": "made up"},
                }
            ],
        },
    ],
}


def plain() -> dict[str, Any]:
    """A fresh copy that a test may change."""
    return deepcopy(_PLAIN)


def written(task: str = "W") -> dict[str, Any]:
    """A task that a person marks, 3 and 2 points."""
    rows = [
        {
            "id": name,
            "points": points,
            "sentence": text(f"What is asked of {name}."),
            "rubric": text(f"Secret rubric of the row {name}, point by point."),
            "answer": text(f"Secret model answer of the row {name}, in full."),
        }
        for name, points in (("filter", 3), ("input", 2))
    ]
    return {"id": task, "title": text("In words"), "points": 5, "minutes": 10, "rows": rows}


def with_rows() -> Manifest:
    """The same manifest and a written task W behind its tasks."""
    data = plain()
    return Manifest.model_validate({**data, "tasks": [*data["tasks"], written()]})


def small() -> Manifest:
    return Manifest.model_validate(plain())
