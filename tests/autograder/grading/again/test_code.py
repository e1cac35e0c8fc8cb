"""The code of a task as people read it."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.symbol import Symbol
from autograder.grading.again.code import definitions, pieces
from autograder.intake.students import Upload
from autograder.intake.submission import read_submission
from tests.autograder.manifests import small

CONV = Symbol.parse("hw_cnn.layers.convolution:conv2d")
EDITION = {
    "hw_cnn/layers/convolution.py": b"def conv2d(x):\n    raise NotImplementedError('task A1')\n",
    "hw_cnn/training.py": b"def train_seminar():\n    raise NotImplementedError('task B1')\n",
}


def test_whole_lines_with_comments_and_decorators() -> None:
    source = "x = 1\n@cache\ndef f(a):\n    return a  # why\n\nclass f:\n    y = 2\n"
    assert list(definitions(source, "f")) == [
        (2, "@cache\ndef f(a):\n    return a  # why"),
        (6, "class f:\n    y = 2"),
    ]
    assert list(definitions(source, "g")) == []


@pytest.mark.parametrize("source", ["def f(:", "\0", "(" * 500])
def test_what_is_no_python_holds_no_definition(source: str) -> None:
    assert list(definitions(source, "f")) == []


@pytest.mark.parametrize("name", ["solution.py", "hw_cnn/layers/convolution.py"])
def test_the_definition_that_counts_and_where_it_stands(tmp_path: Path, name: str) -> None:
    path = tmp_path / "anna" / name
    path.parent.mkdir(parents=True)
    path.write_text("import torch\n\n\ndef conv2d(x):\n    # mine\n    return x\n")
    submission = read_submission(Upload("anna", tmp_path / "anna"), small(), EDITION)
    (piece,) = pieces(submission, (CONV,), "en")
    assert (piece.place, piece.line, piece.text) == (name, 4, "def conv2d(x):\n    # mine\n    return x")
    assert pieces(submission, (Symbol.parse("hw_cnn.training:train_seminar"),), "en") == []
