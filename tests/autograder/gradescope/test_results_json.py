"""The model of results.json refuses what the platform refuses."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from autograder.gradescope.results_json import PlatformTest, Results

RIGHT = PlatformTest(name="F1", score=1.0, max_score=2.0)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"score": -1.0},
        {"score": float("nan")},
        {"score": float("inf")},
        {"score": 1.0, "visibility": "after_midnight"},
        {"score": 1.0, "output": "two\r\nlines"},
        {"score": 1.0, "output_format": "rtf"},
        {"score": 1.0, "leaderboard": [{"name": "Accuracy", "value": 0.9}]},
        {"tests": [{"name": "neither a score nor a status"}]},
        {"tests": [{"name": "F1", "score": 1.0, "status": "skipped"}]},
    ],
)
def test_what_is_not_documented_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Results.model_validate(wrong)


def test_what_is_not_said_is_left_out() -> None:
    told = json.loads(Results(score=1.0, tests=(RIGHT,)).to_json())
    assert "status" not in told["tests"][0]
    assert told["tests"][0]["score"] == 1.0
    untold = json.loads(Results(tests=(PlatformTest(name="x", status="failed"),)).to_json())
    assert "score" not in untold
    assert "score" not in untold["tests"][0]


def test_text_of_students_is_never_read_as_html() -> None:
    told = json.loads(Results(score=0.0, output="<b>").to_json())
    assert {told["output_format"], told["test_output_format"], told["test_name_format"]} == {"text"}
