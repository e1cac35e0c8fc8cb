"""A task that a person marks: what a manifest may say of it, and what of that students may know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autograder.course.manifest import Manifest
from autograder.course.open_tests import open_points
from autograder.course.ownership import AssignmentSymbols
from autograder.course.public import Grader, PublicTask, public_json, public_part
from autograder.course.rows import PLACEHOLDER, without_placeholder
from tests.autograder.manifests import plain, small, text, with_rows, written

FILES = {"hw_cnn/layers/convolution.py": b"", "hw_cnn/training.py": b""}


def public(manifest: Manifest) -> tuple[PublicTask, str]:
    found = public_part(manifest, "en", "small-1", FILES, Grader(python="3.12", packages=()), {"A1": 9.0})
    return found.tasks[-1], public_json(found).decode()


def test_a_written_task_stands_beside_tested_ones() -> None:
    manifest = with_rows()
    assert [task.id for task in manifest.tested] == ["A1", "B1"]
    assert [task.id for task in manifest.written] == ["W"]
    assert manifest.max_score == small().max_score + 5
    assert manifest.closure("W") == ("W",)


def test_students_know_the_sentence_and_the_points_and_nothing_else() -> None:
    task, data = public(with_rows())
    assert task.is_written
    assert [(row.id, row.points, row.sentence.en) for row in task.rows] == [
        ("filter", 3, "What is asked of filter."),
        ("input", 2, "What is asked of input."),
    ]
    assert (task.symbols, task.test_file, task.properties, task.open_points) == ((), "", (), None)
    assert "Secret" not in data
    assert "rubric" not in data


def test_a_written_task_is_no_business_of_editions_and_open_tests() -> None:
    assert AssignmentSymbols.of(with_rows()) == AssignmentSymbols.of(small())
    assert open_points(with_rows(), []) == {"A1": 0, "B1": 0}


def without(name: str) -> Callable[[dict[str, Any]], None]:
    return lambda task: task["rows"][0].pop(name)


def with_more(**more: object) -> Callable[[dict[str, Any]], None]:
    return lambda task: task.update(more)


def in_row(number: int, **more: object) -> Callable[[dict[str, Any]], None]:
    return lambda task: task["rows"][number].update(more)


TEST = {"id": "test_w.py::test_it", "points": 5, "core": True, "sentence": text("core")}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (with_more(symbols=["hw_cnn.metrics:topk_error"]), "task W has rows.* no symbols; remove them"),
        (with_more(symbols=["hw_cnn.metrics:topk_error"], tests=[TEST]), "no symbols and no tests"),
        (with_more(forbidden=["torch.nn.Conv2d"]), "no forbidden"),
        (with_more(rows=[]), "task W has no symbols and no tests: students write symbols.*or it has rows"),
        (with_more(points=6), "its rows add up to 5 points, the task has 6"),
        (in_row(1, id="filter"), "row 'filter' appears more than once"),
        (in_row(1, id="test"), "cannot be named 'test'"),
        (in_row(1, id="Input"), "String should match pattern"),
        (in_row(1, points=0), "greater than 0"),
        (without("rubric"), "rubric"),
        (without("answer"), "answer"),
        (in_row(0, sentence={"ru": "а"}), "sentence.en"),
    ],
)
def test_a_wrong_manifest_is_told_what_is_wrong(change: Callable[[dict[str, Any]], None], words: str) -> None:
    task = written()
    change(task)
    data = plain()
    with pytest.raises(ValidationError, match=words):
        Manifest.model_validate({**data, "tasks": [*data["tasks"], task]})


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        (PLACEHOLDER.ru, ""),
        (PLACEHOLDER.en, ""),
        (f"  \n{PLACEHOLDER.en}\n ", ""),
        ("", ""),
        (f"{PLACEHOLDER.en}\n\nIt is an edge.", "It is an edge."),
        (f"It is an edge.\n{PLACEHOLDER.ru}", "It is an edge."),
        ("I wrote: *Write here*", "I wrote: *Write here*"),
        ("YOUR ANSWER HERE", ""),  # nbgrader's own
    ],
)
def test_the_placeholder_is_no_answer(cell: str, answer: str) -> None:
    assert without_placeholder(cell) == answer


@given(st.text())
def test_what_is_left_of_a_cell_is_left_again(cell: str) -> None:
    once = without_placeholder(cell)
    assert without_placeholder(once) == once
    assert once == once.strip()
