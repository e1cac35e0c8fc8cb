"""Whose submission it is on Gradescope."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.gradescope.metadata import NOBODY, student_of
from autograder.intake.students import safe_student


def written(folder: Path, emails: list[str]) -> Path:
    path = folder / "submission_metadata.json"
    users = [{"email": email, "id": 1, "name": "N", "sid": "12"} for email in emails]
    path.write_text(json.dumps({"id": 1, "users": users, "created_at": "2018-07-01T14:22:32.365935-07:00"}))
    return path


@pytest.mark.parametrize(
    ("emails", "student"),
    [
        (["anna@example.com"], "anna@example.com"),
        ([" Anna@Example.COM "], "anna@example.com"),
        (["vera@example.com", "boris@example.com"], "boris@example.com"),
        (["boris@example.com", "vera@example.com"], "boris@example.com"),
        (["", "vera@example.com"], "vera@example.com"),
    ],
)
def test_a_resubmission_has_the_same_name(tmp_path: Path, emails: list[str], student: str) -> None:
    assert student_of(written(tmp_path, emails)) == (student, "")


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"users": 1}', '{"users": []}', "{}"])
def test_without_a_name_staff_are_told(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "submission_metadata.json"
    if content is not None:
        path.write_text(content)
    student, remark = student_of(path)
    assert student == NOBODY
    assert path.name in remark


@given(emails=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), max_size=4))
def test_the_name_can_always_be_that_of_a_folder(
    tmp_path_factory: pytest.TempPathFactory, emails: list[str]
) -> None:
    student, _ = student_of(written(tmp_path_factory.mktemp("metadata"), emails))
    assert safe_student(student) == student
