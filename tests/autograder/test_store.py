"""Results on disk: whole or not at all, readable again, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.result import Grade
from autograder.spec import UsageError
from autograder.store import Store, StoreError, guard_formula, scores_csv, write_atomically
from tests.autograder.manifests import small


def make_grade(student: str = "anna") -> Grade:
    return Grade.model_validate(
        {
            "student": student,
            "assignment": "small",
            "lang": "en",
            "score": 7.5,
            "max_score": 14,
            "status": "graded",
            "needs_staff": False,
            "tasks": [
                {"id": "A1", "title": "t", "score": 7.5, "max_score": 10, "source": "cell A1", "tests": []}
            ],
            "seconds": 0.1,
            "sandbox": {"tier": "C: files not hidden"},
            "device": "cpu",
            "salt_id": "00",
            "submission_sha256": "00",
            "grader_sha256": "00",
            "environment_sha256": "00",
            "started_at": datetime.now(UTC),
        }
    )


def test_a_grade_survives_the_disk(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare()
    grade = make_grade()
    store.save(grade)
    assert store.load("anna") == grade
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["anna.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b"\xff"])
def test_an_unreadable_result_is_graded_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "anna.json").write_bytes(content)
    assert Store(tmp_path).load("anna") is None


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_atomically(path, b"old")
    blocked = tmp_path / "scores.csv" / "below"
    with pytest.raises(StoreError, match="cannot write"):
        write_atomically(blocked, b"new")
    assert path.read_bytes() == b"old"


def test_out_must_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="is a file; name a folder"):
        Store(tmp_path / "out").prepare()


def test_scores_have_fixed_columns_then_tasks() -> None:
    rows = list(csv.reader(io.StringIO(scores_csv(small(), [make_grade()]))))
    assert rows == [
        ["student", "assignment", "score", "max_score", "percent", "status", "A1", "B1"],
        ["anna", "small", "7.5", "14", "53.6", "graded", "7.5", ""],
    ]


@given(st.text(min_size=1))
def test_no_name_starts_a_formula(name: str) -> None:
    assert not guard_formula(name).startswith(("=", "+", "-", "@", "\t", "\r"))
    assert guard_formula(name).removeprefix("'") == name.removeprefix("'")
