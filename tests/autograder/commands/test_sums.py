"""One-line sums below the table of a run."""

from __future__ import annotations

from pathlib import Path

from autograder.commands.sums import others_line, sum_line, without_submission
from autograder.results.grade import Grade
from tests.autograder.manifests import small
from tests.autograder.results.support import make_grade, with_all


def of(student: str, status: str) -> Grade:
    return make_grade(student).model_copy(update={"status": status})


def test_a_class_in_one_line() -> None:
    grades = [
        of("a", "graded"),
        of("b", "rejected"),
        of("c", "graded"),
        of("d", "missing"),
        of("e", "timeout"),
    ]
    assert sum_line(with_all(small(), grades)) == "graded 2, timeout 1, missing 1, rejected 1"


def test_what_else_the_folder_holds() -> None:
    assert others_line([], Path("grades")) == ""
    others = with_all(small(), [of("a", "graded"), of("b", "missing")])
    assert others_line(others, Path("grades")) == (
        "grades also holds 2 more (graded 1, missing 1): scores.csv and the report have all of them"
    )


def test_whose_upload_is_gone_is_named_and_who_never_had_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "anna").mkdir()
    grades = [of("anna", "graded"), of("boris", "graded"), of("carl", "missing")]
    line = without_submission(grades, tmp_path, "small")
    assert f"Without a submission in {tmp_path} now: boris. Their results are kept" in line
    assert without_submission(grades[:1], tmp_path, "small") == ""
