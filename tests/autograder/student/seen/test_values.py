"""What a failed public test saw: the call, inputs, got and expected, found among the recorded calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.course.manifest import load_manifest
from autograder.grids.html import STYLE
from autograder.grids.tensors import pair
from autograder.remote.failures import StudentCrashed, StudentError
from autograder.remote.records import CallRecord, Made
from autograder.student import public_tests
from autograder.student.seen.values import NOTHING_SEEN, SeenValues, seen_values
from autograder.testing import Difference, Illustrated, assert_close
from autograder.wire.reasons import Reason

MANIFEST = load_manifest(Path(__file__).parents[4] / "assignments" / "seminar_cnn")
SYMBOLS = [symbol for task in MANIFEST.tasks for symbol in task.tops]
X, KERNEL = torch.ones(1, 1, 2, 2), torch.ones(1, 1, 1, 1)


def record(out: Any = None, **more: Any) -> CallRecord:
    values = {"name": "conv2d", "args": (X, KERNEL), "kwargs": {"stride": 2}, "options": {}, **more}
    return CallRecord(**values, out=out)


def seen(error: BaseException, *calls: CallRecord) -> SeenValues:
    return seen_values(error, calls, SYMBOLS, "en")


def titles(values: SeenValues) -> list[str]:
    return [grid.title("en") for grid in values.grids]


def difference(got: Tensor, expected: Tensor) -> Difference:
    with pytest.raises(Difference) as caught:
        assert_close(got, expected)
    return caught.value


def test_a_wrong_value_with_the_call_that_gave_it() -> None:
    values = seen(difference(X * 3, X), record(X), record(X * 3, kwargs={"padding": 1}), record(X * 2))
    assert values.call == "conv2d(x, weight, padding=1)"
    assert titles(values) == ["x", "weight", "got", "expected"]
    assert values.lines("en")[0] == values.call
    assert values.lines("en")[-1] == "What stands in square brackets differs."


@pytest.mark.parametrize("expected", [torch.ones(1, 1), X.double()])
def test_another_shape_or_dtype(expected: Tensor) -> None:
    values = seen(difference(X, expected), record(X))
    assert titles(values) == ["x", "weight", "got", "expected"]
    assert values.grids[2].other


def test_a_wrong_gradient() -> None:
    options = {"requires_grad": (1,), "upstream": X}
    values = seen(difference(KERNEL * 3, KERNEL), record(X, options=options, grads=(KERNEL * 3,)))
    assert titles(values) == [
        "x", "weight", "gradient of the output", "got: gradient of weight", "expected: gradient of weight",
    ]  # fmt: skip


def test_one_of_several_tensors_that_a_call_gave() -> None:
    values = seen(difference(X * 3, X), record((KERNEL, X * 3)))
    assert titles(values) == ["x", "weight", "got", "expected"]


def test_what_no_call_gave_stands_alone() -> None:
    assert seen(difference(X * 3, X), record(X)) == seen(difference(X * 3, X))
    assert titles(seen(difference(X * 3, X))) == ["got", "expected"]


def test_a_plain_assertion_shows_the_last_call() -> None:
    values = seen(AssertionError("top-1"), record(X), record({1: 0.5, 2: 0.25}, kwargs={}))
    assert values.call == "conv2d(x, weight)"
    assert titles(values) == ["x", "weight", "got"]


def test_an_error_shows_what_went_in() -> None:
    error = StudentError("IndexError: x", "IndexError")
    values = seen(error, record(failure=error))
    assert titles(values) == ["x", "weight"]
    assert seen(error, record(X)) == NOTHING_SEEN, "it came from elsewhere"


@pytest.mark.parametrize(
    "error",
    [
        StudentError("NotImplementedError: task F1", "NotImplementedError"),
        StudentCrashed(Reason("exit", {"code": 3})),
        Difference("type", "x", found="int"),
        ValueError("broken test"),
    ],
)
def test_where_there_is_nothing_to_show(error: Any) -> None:
    values = seen(error, record(failure=error if isinstance(error, StudentError) else None))
    assert values == NOTHING_SEEN
    assert (values.lines("en"), values.html("en")) == ([], "")


def test_an_assertion_before_any_call() -> None:
    assert seen(AssertionError()) == NOTHING_SEEN


def test_names_of_arguments_that_cannot_be_told() -> None:
    values = seen(AssertionError(), record(X, name="unknown"))
    assert titles(values) == ["[0]", "[1]", "got"]


def test_the_html_brings_its_style() -> None:
    page = seen(difference(X * 3, X), record(X * 3)).html("ru")
    assert page.startswith(f"<style>{STYLE}</style>")
    assert "conv2d(x, weight, stride=2)" in page
    assert page.count("<mark>") == 8


def test_the_report_shows_them_below_the_reason_once() -> None:
    values = seen(difference(X * 3, X), record(X * 3))
    outcomes = [public_tests.PublicOutcome(name, "wrong", values=values) for name in ("a", "b")]
    lines = public_tests.report("F1", outcomes, "used: f", "en")
    assert lines[2:4] == ["      wrong", "      conv2d(x, weight, stride=2)"]
    assert lines.count("      conv2d(x, weight, stride=2)") == 1
    assert lines[-2:] == ["  - b: failed, for the same reason", "  used: f"]


def test_one_sentence_about_other_values_is_told_again() -> None:
    values = [seen(difference(X * factor, X), record(X * factor)) for factor in (3, 5)]
    outcomes = [
        public_tests.PublicOutcome(name, "wrong", values=one) for name, one in zip("ab", values, strict=True)
    ]
    lines = public_tests.report("F1", outcomes, "used: f", "en")
    assert lines.count("      wrong") == lines.count("      conv2d(x, weight, stride=2)") == 2


def test_an_input_that_was_changed_is_named() -> None:
    changed = record(X, inputs_after=(X + 1, KERNEL))
    values = seen(difference(X + 1, X), changed)
    assert values.call == "conv2d(x, weight, stride=2)  # the function has changed its input x"
    assert titles(values) == ["got: x after the call", "expected: x after the call"]


def test_a_sentence_with_what_went_in_and_what_came_out() -> None:
    given = {"логиты / logits": torch.zeros(3, 2), "верные классы / labels": torch.tensor([1, 0, 1])}
    error = Illustrated("потери / the loss", given, (0.5, 0.25))
    assert titles(seen(error, record(X))) == ["logits", "labels", "got", "expected"]
    assert [grid.num_marked for grid in seen(error).grids] == [0, 0, 1, 1]
    assert [grid.title("ru") for grid in seen_values(error, [], SYMBOLS, "ru").grids][:1] == ["логиты"]
    assert public_tests.explain(error, "en") == ("the loss", False)


def test_a_number_that_the_sentence_names_has_no_grid() -> None:
    for out in (285, torch.tensor(285), 285.0):
        assert titles(seen(AssertionError("f(2): 285, expected 260"), record(out))) == ["x", "weight"]
    for said, out in (("f(2): 1285, expected 260", 285), ("wrong", 285), ("2.5", 2), ("True", True)):
        assert titles(seen(AssertionError(said), record(out)))[2:] == ([] if out is True else ["got"])


def test_what_a_made_object_is_stands_in_quotation_marks() -> None:
    made = Made("network", {}, "свёртка, отличие 0.01 / convolution, off by 0.01")
    call = record(0, name="check_equivariant", args=(made, X, (2, 0)), kwargs={})
    said = [seen_values(AssertionError(), [call], SYMBOLS, lang).call for lang in ("ru", "en")]
    assert said == [
        "check_equivariant(f=«свёртка, отличие 0,01», x=x, shift=(2, 0))",
        'check_equivariant(f="convolution, off by 0.01", x=x, shift=(2, 0))',
    ]
    assert Made("loader", {}).said("ru") == "loader"


def test_a_note_stands_below_the_call() -> None:
    values = SeenValues("f(x)", pair(X, X * 2), "there should be <no> error here")
    assert values.lines("en")[:2] == ["f(x)", "there should be <no> error here"]
    page = values.html("en")
    assert page.index("f(x)") < page.index("there should be &lt;no&gt; error here") < page.index("got")
    assert SeenValues(note="alone").lines("en") == ["alone"]
    assert "alone" in SeenValues(note="alone").html("en")
