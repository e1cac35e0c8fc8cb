"""What an example shows: the first call that the reference answers otherwise, in words and small grids."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.course.manifest import load_manifest
from autograder.grading.examples.example import References, example_of
from autograder.remote.failures import StudentError
from autograder.remote.records import CallRecord
from autograder.results.grade import Example
from autograder.testing import Difference

SEMINAR = Path(__file__).parents[4] / "assignments" / "seminar_cnn"
REFERENCES = References(load_manifest(SEMINAR))
X = torch.arange(9.0).reshape(1, 1, 3, 3)
KERNEL = torch.tensor([[[[1.0, 0.0], [0.0, -1.0]]]])


def record(out: Any = None, **more: Any) -> CallRecord:
    values = {"name": "conv2d", "args": (X, KERNEL, None), "kwargs": {"stride": 1}, "options": {}, **more}
    return CallRecord(**values, out=out)


def right() -> Tensor:
    return F.conv2d(X, KERNEL)


def grids(example: Example | None) -> dict[str, list[list[Any]]]:
    """Title -> the rows of its first part."""
    assert example is not None
    return {grid.title("en"): [list(row) for row in grid.parts[0].rows] for grid in example.arrays}


def test_a_call_with_what_came_back_and_what_is_right() -> None:
    example = example_of(AssertionError(), [record(right()), record(-right())], REFERENCES, "en")
    assert example is not None
    assert example.call == "conv2d(x, weight, bias=None, stride=1)"
    assert example.got == "[[[[4, 4],\n   [4, 4]]]] (float32)"
    assert example.expected == "[[[[-4, -4],\n   [-4, -4]]]] (float32)"
    assert grids(example) == {
        "x": [[0, 1, 2], [3, 4, 5], [6, 7, 8]],
        "weight": [[1, 0], [0, -1]],
        "got": [[4, 4], [4, 4]],
        "expected": [[-4, -4], [-4, -4]],
    }
    assert [grid.num_marked for grid in example.arrays] == [0, 0, 4, 4]


def test_an_error_with_its_text_and_what_is_right() -> None:
    failed = record(failure=StudentError("Traceback...\nValueError: mine", "ValueError"))
    example = example_of(failed.failure, [failed], REFERENCES, "en")
    assert example is not None
    assert (example.error, example.got) == ("Traceback...\nValueError: mine", "")
    assert example.expected.startswith("[[[[-4, -4]")
    assert list(grids(example)) == ["x", "weight", "expected"]


def failing(text: str, at: tuple[str, int] = ("solution.py", 3)) -> CallRecord:
    return record(failure=StudentError(text, text.rpartition("\n")[2].split(":")[0], at=at))


SLIP = (
    'Traceback:\n  File "solution.py", line 3, in f\n    return torch.stack(out)\nRuntimeError: an empty list'
)
RAISED = 'Traceback:\n  File "solution.py", line 3, in f\n    raise ValueError("no")\nValueError: no'


def test_an_exception_that_comes_of_a_wrong_answer_shows_that_answer() -> None:
    short = record(right()[..., :1])
    failed = failing(SLIP)
    for lang, said in (("en", "no error here yet, but the answer is wrong"), ("ru", "ошибки здесь ещё нет")):
        example = example_of(failed.failure, [record(right()), short, failed], REFERENCES, lang)  # type: ignore[arg-type]
        assert example is not None
        assert example.call.startswith(f"conv2d(x, weight, bias=None, stride=1)  # {said}")
        assert (example.error, example.got) == ("", "[[[[-4],\n   [-4]]]] (float32)")


def test_an_exception_is_shown_where_nothing_before_it_was_wrong() -> None:
    short, failed, refused = record(right()[..., :1]), failing(SLIP), failing(RAISED)
    for calls in ([failed], [record(right()), failed, short], [record(X, name="pool2d"), failed]):
        example = example_of(failed.failure, calls, REFERENCES, "en")
        assert example is not None
        assert example.error.startswith(SLIP)
        assert "#" not in example.call
    example = example_of(refused.failure, [short, refused], REFERENCES, "en")
    assert example is not None
    assert example.error == RAISED, "the student's own refusal says what is wrong"


def test_the_call_of_an_example_stands_as_the_student_can_call_it() -> None:
    class Starred:
        def keywords(self, name: str) -> list[str]:
            return ["x", "w"]

    references = References(load_manifest(SEMINAR), Starred())  # type: ignore[arg-type]
    assert references.call_in_words(record(), "en") == "conv2d(x, weight, None, stride=1)"


def test_an_error_that_is_asked_for() -> None:
    wrong = record(right(), args=(X, KERNEL.repeat(1, 2, 1, 1), None))
    example = example_of(AssertionError(), [wrong], REFERENCES, "ru")
    assert example is not None
    assert (example.got, example.expected) == ("исключения нет", "исключение ValueError")


def test_a_gradient() -> None:
    upstream = torch.ones(1, 1, 2, 2)
    options = {"requires_grad": (0,), "upstream": upstream}
    example = example_of(AssertionError(), [record(right(), options=options, grads=(X,))], REFERENCES, "en")
    assert example is not None
    assert example.got.startswith("gradient: [[[[0, 1, 2]")
    assert example.expected.startswith("gradient: [[[[1, 1, 0]")
    assert list(grids(example)) == [
        "x",
        "weight",
        "gradient of the output",
        "got: gradient of x",
        "expected: gradient of x",
    ]
    for grads in ((), (None,)):
        example_of(AssertionError(), [record(right(), options=options, grads=grads)], REFERENCES, "en")


def test_without_a_call_what_the_test_compared() -> None:
    pair = (torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0]))
    example = example_of(Difference("values", "loss", pair=pair), [], REFERENCES, "en")
    assert example is not None
    assert (example.call, example.got, example.expected) == ("", "[1, 2] (float32)", "[1, 3] (float32)")
    assert grids(example) == {"got": [[1, 2]], "expected": [[1, 3]]}
    titled = example_of(Difference("values", "потери / the loss", pair=pair), [], REFERENCES, "en")
    assert grids(titled) == {"got: the loss": [[1, 2]], "expected: the loss": [[1, 3]]}
    error = StudentError("TypeError: mine", "TypeError")
    assert example_of(error, [], REFERENCES, "en") == Example(error="TypeError: mine")


@pytest.mark.parametrize(
    "failure", [None, AssertionError("text"), ValueError("text"), Difference("shape", "x")]
)
def test_where_there_is_nothing_to_show(failure: BaseException | None) -> None:
    assert example_of(failure, [record(right())], REFERENCES, "en") is None
    assert example_of(failure, [record(right(), name="SeminarCNN")], REFERENCES, "en") is None


def test_the_call_on_which_the_test_failed_comes_before_others() -> None:
    """Where a property is missing that was the last call, in a comparison the one that gave the value."""
    first, second = record(right() + 1), record(right() + 2)
    assert grids(example_of(AssertionError(), [first, second], REFERENCES, "en"))["got"] == [
        [-2, -2],
        [-2, -2],
    ]
    compared = Difference("values", "output", pair=(right() + 1, right()))
    assert grids(example_of(compared, [second, first], REFERENCES, "en"))["got"] == [[-3, -3], [-3, -3]]
    error = StudentError("ValueError: mine", "ValueError")
    found = example_of(error, [first, record(failure=error)], REFERENCES, "en")
    assert found is not None
    assert found.error == "ValueError: mine"


def test_an_input_that_was_changed_is_shown_before_and_after() -> None:
    changed = record(right(), inputs_after=(X + 1, KERNEL, None))
    failure = Difference("values", "x after the call", pair=(X + 1, X))
    example = example_of(failure, [record(right()), changed], REFERENCES, "en")
    assert example is not None
    assert example.call.endswith("  # the function has changed its input x")
    assert grids(example) == {
        "got: x after the call": [[1, 2, 3], [4, 5, 6], [7, 8, 9]],
        "expected: x after the call": [[0, 1, 2], [3, 4, 5], [6, 7, 8]],
    }


def test_of_lazy_layers_and_what_is_not_written_the_verdict_says_enough() -> None:
    for kind in ("LazyLayersError", "NotImplementedError"):
        assert example_of(StudentError(f"{kind}: text", kind), [], REFERENCES, "en") is None
    advised = example_of(
        StudentError("IndexError: index 3 is out of bounds", "IndexError"), [], REFERENCES, "en"
    )
    assert advised is not None
    assert advised.error.endswith("see how many places there are, and where counting begins.")


def refused() -> CallRecord:
    """Shapes do not fit, and nothing was raised."""
    return record(right(), args=(X, KERNEL.repeat(1, 2, 1, 1), None))


def test_of_a_refusal_the_call_that_should_be_refused_comes_first() -> None:
    wrong = record(-right())
    for calls in ([refused(), wrong], [wrong, refused()]):
        example = example_of(AssertionError(), calls, REFERENCES, "en", of_refusal=True)
        assert example is not None
        assert (example.got, example.expected) == ("no exception", "an exception, ValueError")
        assert "#" not in example.call


def test_of_a_refusal_an_ordinary_call_says_that_it_is_one() -> None:
    kept = record(
        args=(X, KERNEL.repeat(1, 2, 1, 1), None), failure=StudentError("ValueError: no", "ValueError")
    )
    for lang, said in (("en", "no exception is asked for here"), ("ru", "здесь исключения быть не должно")):
        example = example_of(AssertionError(), [kept, record(-right())], REFERENCES, lang, of_refusal=True)  # type: ignore[arg-type]
        assert example is not None
        assert said in example.call
    plain = example_of(AssertionError(), [kept, record(-right())], REFERENCES, "en")
    assert plain is not None
    assert "#" not in plain.call


def test_an_array_is_told_from_a_tensor() -> None:
    example = example_of(AssertionError(), [record(right().numpy())], REFERENCES, "en")
    assert example is not None
    assert example.got.startswith("numpy.ndarray: [[[[-4")
    assert [grid.kind for grid in example.arrays[-2:]] == [
        "numpy.ndarray (1, 1, 2, 2) float32",
        "torch.Tensor (1, 1, 2, 2) float32",
    ]


def test_a_test_may_say_how_its_calls_are_drawn() -> None:
    def illustrate(x: Tensor, weight: Tensor, bias: None, *, stride: int) -> tuple[str, dict[str, Any]]:
        return "заметка / a note", {"картинка / image": x[0, 0] + stride}

    module = ModuleType("test_of_f1")
    module.illustrate_conv2d = illustrate  # type: ignore[attr-defined]
    example = example_of(AssertionError(), [record(-right())], REFERENCES.of_test(module), "en")
    assert example is not None
    assert example.call == "conv2d(x, weight, bias=None, stride=1)  # a note"
    assert grids(example)["image"] == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert "weight" not in grids(example)
    assert torch.equal(X[0, 0], torch.arange(9.0).reshape(3, 3)), "the record is what it was"
