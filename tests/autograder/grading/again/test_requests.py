"""What a test asked a student beside what it asked the reference: what differs, by how much, and how it is written."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.grading.again.replay import requests_of
from autograder.grading.again.replayed import Replayed, Request
from autograder.grading.examples.example import References
from autograder.remote.failures import StudentError
from autograder.remote.transcript import Kept, Kind, Turn
from tests.autograder.manifests import small

NAMES = References(small())
X, W = torch.arange(12.0).reshape(1, 1, 3, 4), torch.ones(1, 1, 2, 2)


def turn(answer: Any, *args: Any, kind: Kind = "symbol", name: str = "conv2d", **kwargs: Any) -> Turn:
    options = kwargs.pop("options", None)
    said = answer if isinstance(answer, StudentError) else {"out": answer}
    return Turn(kind, name, kwargs.pop("owner", None), args or (X, W), kwargs, options, said)


def only(got: Turn, expected: Turn) -> Request:
    (request,) = requests_of([got], [expected], NAMES)
    return request


def test_a_wrong_answer_stands_beside_the_right_one_and_their_difference() -> None:
    request = only(
        turn(torch.tensor([[1.0, 5.0]]), X, W, stride=2), turn(torch.tensor([[1.0, 2.0]]), X, W, stride=2)
    )
    assert (request.call, request.differs, request.size) == ("conv2d(x, weight, stride=2)", True, 3)
    assert [grid.name for grid in request.inputs] == ["x", "weight"]
    assert [(grid.role, grid.parts[0].rows, grid.parts[0].marked) for grid in request.answers] == [
        ("got", ((1.0, 5.0),), ((0, 1),)),
        ("expected", ((1.0, 2.0),), ((0, 1),)),
    ]
    (difference,) = request.difference
    assert (difference.parts[0].rows, difference.parts[0].marked) == (((0.0, 3.0),), ((0, 1),))


def test_a_right_answer_has_no_difference() -> None:
    request = only(turn(X), turn(X + 1e-7))
    assert (request.differs, request.difference, request.size) == (False, (), None)
    assert [grid.role for grid in request.answers] == ["got", "expected"]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (X.double(), X),
        (X.to(torch.complex64), X),
        (X > 3, X),
        (torch.full((2,), float("nan")), torch.zeros(2)),
        (X[0], X),
        (torch.zeros(0), torch.zeros(2)),
        (3.5, X),
        (None, X),
        ({"loss": X}, {"loss": X + 1}),
        ("text", 4),
        (Kept(0), X),
    ],
)
def test_whatever_comes_back_is_told(got: object, expected: object) -> None:
    request = only(turn(got), turn(expected))
    assert request.differs is True
    assert request.answers or (request.got and request.expected)


def test_an_exception_stands_beside_what_was_expected() -> None:
    request = only(turn(StudentError("boom\x1b[2J", "ValueError")), turn(X))
    assert request.got == "ValueError: boom"
    assert [grid.role for grid in request.answers] == ["expected"]
    both = only(turn(StudentError("boom", "ValueError")), turn(StudentError("no", "TypeError")))
    assert (both.differs, both.expected) == (True, "TypeError: no")


def test_what_the_reference_was_not_asked_is_not_compared() -> None:
    """A test may ask on from what it was answered; then nothing that hangs on it can be compared."""
    asked = [
        turn(Kept(0), kind="symbol", name="SeminarCNN"),
        turn(X, kind="driver", name="set_parameters", module=Kept(0), values={"a": X}),
        turn(X, kind="driver", name="predict", module=Kept(0)),
        turn(X),
    ]
    right = [
        asked[0],
        turn(X, kind="driver", name="set_parameters", module=Kept(0), values={"b": W}),
        *asked[2:],
    ]
    found = requests_of(asked, right, NAMES)
    assert [request.differs for request in found] == [False, None, None, False]
    assert "values={'a': tensor of shape (1, 1, 3, 4), float32}" in found[1].call
    assert "module=object 0" in found[1].call
    assert [request.differs for request in requests_of(asked, asked[:1], NAMES)] == [False, None, None, None]


def test_a_call_is_one_line_whatever_a_student_named() -> None:
    request = only(
        turn(X, "a\nb\x1b[2J", Kept(2), options={"requires_grad": (0,), "want": ("out",)}), turn(X)
    )
    assert "\n" not in request.call
    assert "\x1b" not in request.call
    assert request.call.endswith("# {'requires_grad': (0,)}")


def test_the_first_wrong_request_is_shown_else_the_last() -> None:
    def replayed(*differs: bool | None) -> Replayed:
        found = tuple(Request(str(place), one) for place, one in enumerate(differs))
        return Replayed("anna", "test", "", found, is_whole=True, changed=False)

    assert replayed(False, None, True, True).shown == Request("2", True)
    assert replayed(False, None).shown == Request("1", None)
    assert replayed().shown is None


def test_tensors_are_left_as_they_are() -> None:
    got: Tensor = torch.tensor([1.0, 2.0])
    only(turn(got), turn(torch.tensor([1.0, 3.0])))
    assert got.tolist() == [1, 2]
