"""The rules by which a bug is named, on a reference of three lines and bugs of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.grading.diagnosis import MAX_NAMED, Diagnostician, Seen
from autograder.remote.failures import StudentError
from autograder.remote.records import CallRecord, Made
from tests.autograder.manifests import plain

REFERENCE = """
import torch

def answer(x, *rest, **settings):
    return 2 * x

def other(x):
    return 3 * x

class Net:
    pass
"""
X = torch.tensor([1.0, 2.0, 3.0])


def function(body: str, name: str = "answer") -> str:
    return f"import torch\n\ndef {name}(x, *rest, **settings):\n    {body}\n"


def variant(name: str, task: str = "A1", kind: str = "bug") -> Variant:
    what = {"ru": f"ошибка {name}", "en": f"mistake {name}"}
    return Variant.model_validate({"id": name, "task": task, "kind": kind, "what": what})


@dataclass
class Course:
    """An assignment with this reference in a folder."""

    folder: Path
    manifest: Manifest

    def __call__(self, **bugs: str) -> Diagnostician:
        """Plant bugs: id -> source, or the body of `answer`."""
        for name, text in bugs.items():
            source = text if "\n" in text else function(text)
            (self.folder / "wrong" / f"{name}.py").write_text(source, encoding="utf-8")
        return Diagnostician(self.folder, self.manifest, [variant(name) for name in bugs])


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    (tmp_path / "planted_reference.py").write_text(REFERENCE, encoding="utf-8")
    (tmp_path / "wrong").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    data = plain()
    data["tasks"][0]["symbols"] = ["planted_reference:answer", "planted_reference:Net"]
    data["tasks"][1]["symbols"] = ["planted_reference:other"]
    yield Course(tmp_path, Manifest.model_validate(data))
    sys.modules.pop("planted_reference", None)


def call(out: Any = None, args: tuple[Any, ...] = (X,), name: str = "answer", **more: Any) -> CallRecord:
    kwargs, options = more.pop("kwargs", {}), more.pop("options", {})
    return CallRecord(name, args, kwargs, options, out, **more)


def raised(kind: str, args: tuple[Any, ...] = (X,)) -> CallRecord:
    return call(args=args, failure=StudentError("why", kind))


def failed(*calls: CallRecord) -> Seen:
    return Seen(True, calls)


def passed(*calls: CallRecord) -> Seen:
    return Seen(False, calls)


def named(diagnostician: Diagnostician, *seen: Seen, task: str = "A1") -> list[str]:
    return [found.bug for found in diagnostician.explain(task, seen, "en")]


def test_a_bug_that_gives_the_students_numbers_is_named(make: Course) -> None:
    diagnostician = make(a1_plus="return x + 2", a1_minus="return -x")
    assert named(diagnostician, failed(call(X + 2))) == ["a1_plus"]
    assert named(diagnostician, failed(call(-X))) == ["a1_minus"]
    assert named(diagnostician, failed(call(7 * X))) == []
    assert named(diagnostician, failed(call(2 * X))) == [], "the reference explains nothing"
    assert named(diagnostician, passed(call(X + 2))) == []
    assert named(diagnostician) == []


@pytest.mark.parametrize(("lang", "message"), [("ru", "ошибка a1_plus"), ("en", "mistake a1_plus")])
def test_the_message_is_in_the_language_asked(make: Course, lang: Any, message: str) -> None:
    (found,) = make(a1_plus="return x + 2").explain("A1", [failed(call(X + 2))], lang)
    assert found.message == message


def test_all_calls_of_a_failed_test_must_agree_and_one_must_differ_from_the_reference(
    make: Course,
) -> None:
    """`return 2 * abs(x)` is right wherever x is positive."""
    diagnostician = make(a1_abs="return 2 * abs(x)")
    right, wrong, unlike = call(2 * X), call(2 * X, (-X,)), call(0 * X)
    assert named(diagnostician, failed(right, wrong)) == ["a1_abs"]
    assert named(diagnostician, failed(wrong, right)) == ["a1_abs"]
    assert named(diagnostician, failed(right)) == []
    assert named(diagnostician, failed(right, wrong, unlike)) == []
    assert named(diagnostician, failed(unlike), failed(wrong)) == ["a1_abs"]
    assert named(diagnostician, failed(unlike), passed(wrong)) == []


def test_the_bug_that_explains_most_tests_is_named(make: Course) -> None:
    diagnostician = make(a1_zero="return 0 * x", a1_half="return 0 * x if len(x) == 3 else 7 * x")
    both, seven, zero = call(0 * X), call(7 * X[:2], (X[:2],)), call(0 * X[:2], (X[:2],))
    assert named(diagnostician, failed(both)) == ["a1_zero", "a1_half"]
    assert named(diagnostician, failed(both), failed(seven)) == ["a1_half"]
    assert named(diagnostician, failed(both), failed(zero)) == ["a1_zero"]
    assert named(diagnostician, failed(both), passed(seven)) == ["a1_half"]
    assert named(diagnostician, failed(both), passed(zero)) == ["a1_zero"]
    assert named(diagnostician, failed(both), passed(zero), failed(seven)) == ["a1_zero", "a1_half"]


def test_at_most_two_bugs_are_named_in_the_order_of_the_assignment(make: Course) -> None:
    bugs = dict.fromkeys(("a1_c", "a1_a", "a1_b"), "return x + 2")
    assert MAX_NAMED == 2
    assert named(make(**bugs), failed(call(X + 2))) == ["a1_c", "a1_a"]


def test_only_bugs_of_the_task_count_and_no_correct_variant_and_none_without_a_file(
    make: Course,
) -> None:
    make(a1_plus="return x + 2", b1_plus=function("return x + 2", "other"), a1_ok="return x + 2")
    variants = [
        variant("a1_lost"), variant("a1_ok", kind="correct"), variant("b1_plus", task="B1"), variant("a1_plus"),
    ]  # fmt: skip
    diagnostician = Diagnostician(make.folder, make.manifest, variants)
    assert named(diagnostician, failed(call(X + 2))) == ["a1_plus"]
    assert named(diagnostician, failed(call(X + 2, name="other")), task="B1") == ["b1_plus"]
    assert named(diagnostician, failed(call(X + 2, name="other"))) == [], "a bug of A1 has no `other`"


def test_calls_of_classes_and_of_what_is_no_task_are_left_out(make: Course) -> None:
    diagnostician = make(a1_plus="return x + 2")
    strange = (call(X, name="Net"), call(X, name="helper"))
    assert named(diagnostician, failed(*strange, call(X + 2), *strange)) == ["a1_plus"]
    assert named(diagnostician, failed(*strange)) == []
    assert named(diagnostician, failed(*strange), failed(call(X + 2)), passed(*strange)) == ["a1_plus"]


@pytest.mark.parametrize(
    ("body", "record", "is_named"),
    [
        ("raise ValueError('mine')", raised("ValueError"), True),
        ("raise ValueError('mine')", raised("TypeError"), False),
        ("raise ValueError('mine')", call(X), False),
        ("return x", raised("ValueError"), False),
        ("return x.no_such", raised("AttributeError"), True),
    ],
)
def test_an_exception_is_compared_by_its_type(
    make: Course, body: str, record: CallRecord, is_named: bool
) -> None:
    assert named(make(a1_bug=body), failed(record)) == ["a1_bug"] * is_named


@pytest.mark.parametrize(
    ("bug", "seen", "is_named"),
    [
        ("torch.tensor([1.0])", torch.tensor([1.0]), True),
        ("torch.tensor([1.0])", torch.tensor([1.00005]), True),
        ("torch.tensor([1.0])", torch.tensor([1.0002]), False),
        ("torch.tensor([0.0])", torch.tensor([0.000009]), True),
        ("torch.tensor([0.0])", torch.tensor([0.00002]), False),
        ("torch.tensor([float('nan')])", torch.tensor([float("nan")]), True),
        ("torch.tensor([1.0])", torch.tensor([1.0, 1.0]), False),
        ("torch.ones(2, 1)", torch.ones(2), False),
        ("torch.tensor([1.0])", torch.tensor([1.0], dtype=torch.float64), False),
        ("torch.tensor([1.0], requires_grad=True)", torch.tensor([1.0]), True),
        ("torch.tensor([1.0])", 1.0, False),
        ("1.0", torch.tensor([1.0]), False),
        ("1", 1.0, True),
        ("1.0", 1.0000009, True),
        ("1.0", 0.9999991, True),
        ("1.0", 1.000002, False),
        ("0.0", 1e-6, True),
        ("1.0", 0.999998, False),
        ("1.0", None, False),
        ("None", None, True),
        ("None", 0.0, False),
        ("'text'", "text", False),
        ("[1, 2]", [1, 2], True),
        ("(1, 2)", [1, 2], True),
        ("[1, 2]", (1, 2), True),
        ("[1, 2]", [1, 3], False),
        ("[1, 2]", [3, 2], False),
        ("[1, 2]", [1], False),
        ("[1]", [1, 2], False),
        ("[1]", 1, False),
        ("1", [1], False),
        ("{1: 2.0}", {1: 2}, True),
        ("{1: 2.0}", {1: 3}, False),
        ("{1: 2.0}", {2: 2.0}, False),
        ("{1: 2.0}", {1: 2.0, 2: 2.0}, False),
        ("{1: 2.0, 2: 2.0}", {1: 2.0}, False),
        ("{1: [None, torch.ones(2)]}", {1: (None, torch.ones(2))}, True),
        ("{1: [None, torch.ones(2)]}", {1: (None, torch.zeros(2))}, False),
        ("{0: 1}", [1], False),
        ("[1]", {0: 1}, False),
    ],
)
def test_what_counts_as_the_same_answer(make: Course, bug: str, seen: Any, is_named: bool) -> None:
    assert named(make(a1_bug=f"return {bug}"), failed(call(seen))) == ["a1_bug"] * is_named


# The output may be right and its gradient not: then the gradient alone tells the bugs apart.
SLOPES = {
    "a1_stopped": "return 2 * x.detach() + 0 * x",
    "a1_tripled": "return 2 * x.detach() + 3 * (x - x.detach())",
}
ASKED = {"requires_grad": (0,), "upstream": torch.ones(3)}


def seen_with(gradient: torch.Tensor | None, **more: Any) -> Seen:
    return failed(call(2 * X, grads=(gradient,), **{"options": ASKED, **more}))


@pytest.mark.parametrize(
    ("slope", "bugs"), [(0.0, ["a1_stopped"]), (3.0, ["a1_tripled"]), (2.0, []), (5.0, [])]
)
def test_a_bug_of_the_gradient_is_named_by_it(make: Course, slope: float, bugs: list[str]) -> None:
    assert named(make(**SLOPES), seen_with(torch.full((3,), slope))) == bugs


def test_the_gradient_is_of_what_came_from_above(make: Course) -> None:
    options = {"requires_grad": (0,), "upstream": torch.tensor([1.0, 10.0, 100.0])}
    seen = seen_with(3 * options["upstream"], options=options)
    assert named(make(**SLOPES), seen) == ["a1_tripled"]


def test_an_input_without_a_gradient_has_none(make: Course) -> None:
    options = {"requires_grad": (0, 1), "upstream": torch.ones(3)}
    diagnostician = make(a1_lost="return 2 * x.detach() + 0 * rest[0]", **SLOPES)
    seen = call(2 * X, (X, X), grads=(None, torch.zeros(3)), options=options)
    assert named(diagnostician, failed(seen)) == ["a1_lost"]


def test_only_the_inputs_that_were_asked_for_get_a_gradient(make: Course) -> None:
    diagnostician = make(
        a1_asks="return 2 * x if x.requires_grad or not rest[0].requires_grad else x - 1 + 0 * rest[0]"
    )
    options = {"requires_grad": (1,), "upstream": torch.ones(3)}
    seen = call(X - 1, (X, X), grads=(torch.zeros(3),), options=options)
    assert named(diagnostician, failed(seen)) == ["a1_asks"]


@pytest.mark.parametrize("upstream", [None, torch.ones(3)])
def test_without_a_question_for_gradients_the_output_alone_counts(
    make: Course, upstream: torch.Tensor | None
) -> None:
    diagnostician = make(a1_plus="return x + 2", **SLOPES)
    options = {"upstream": upstream, "requires_grad": () if upstream is not None else (0,)}
    assert named(diagnostician, failed(call(X + 2, options=options))) == ["a1_plus"]
    assert named(diagnostician, failed(call(X + 2, grads=(X,), options=options))) == ["a1_plus"]


def test_gradients_that_were_not_wanted_are_not_compared(make: Course) -> None:
    diagnostician = make(a1_plus="return x + 2")
    assert named(diagnostician, failed(call(X + 2, options=ASKED))) == ["a1_plus"]


def test_a_bug_may_compute_with_gradients_where_none_are_asked_for(make: Course) -> None:
    body = "y = x.clone().requires_grad_(); return torch.autograd.grad((y * y).sum(), y)[0] + 1"
    with torch.no_grad():
        assert named(make(a1_bug=body), failed(call(2 * X + 1))) == ["a1_bug"]


def test_each_bug_gets_the_inputs_as_they_were(make: Course) -> None:
    """The first two change what they are given: tensors, lists and settings."""
    change = "x += 5; rest[0].append(1); settings['s'].append(1); return x"
    see = "return x + len(rest[0]) + len(settings['s'])"
    diagnostician = make(a1_one=change, a1_two=change, a1_three=see)
    record = call(X + 2, (X.clone(), [0]), kwargs={"s": [0]})
    assert named(diagnostician, failed(record)) == ["a1_three"]
    assert named(diagnostician, failed(record), passed(record)) == ["a1_three"]
    assert torch.equal(record.args[0], X)
    assert (record.args[1], record.kwargs) == ([0], {"s": [0]})


def test_a_bug_that_warns_or_cannot_be_called_so_disturbs_nobody(make: Course) -> None:
    warns = "import warnings; warnings.warn('loud'); return x + 2"
    diagnostician = make(a1_empty="x = 1\n", a1_none="import torch\ndef answer(): pass\n", a1_warns=warns)
    assert named(diagnostician, failed(call(X + 2))) == ["a1_warns"]
    assert named(diagnostician, failed(raised("TypeError"))) == ["a1_none"]


def test_an_object_that_a_driver_made_is_made_anew(make: Course) -> None:
    made = Made("get", {"module": torch.zeros(4, 5), "path": "shape"})
    diagnostician = make(a1_bug="return float(rest[0].numel())")
    assert named(diagnostician, failed(call(20.0, (X, made)))) == ["a1_bug"]
    assert named(diagnostician, failed(call(21.0, (X, made)))) == []


def test_a_bug_is_run_as_a_module_of_its_own_with_its_name_and_file(make: Course) -> None:
    body = "if __name__ == 'planted_a1_bug':\n    def answer(x): return x + 2\n"
    assert named(make(a1_bug=body), failed(call(X + 2))) == ["a1_bug"]
    with pytest.raises(SyntaxError) as caught:
        named(make(a1_bug="\ndef answer(x: return"), failed(call(X + 2)))
    assert caught.value.filename == str(make.folder / "wrong" / "a1_bug.py")


def test_a_task_without_bugs_and_calls_that_cannot_be_repeated_explain_nothing(make: Course) -> None:
    diagnostician = make(a1_broken="\nraise RuntimeError('it is not even looked at')")
    assert named(diagnostician, failed(call(X, name="other")), task="B1") == []
    assert named(diagnostician, failed(call(X, name="helper"))) == []


def test_nothing_is_imported_before_a_call_is_to_be_explained(make: Course) -> None:
    diagnostician = make(a1_plus="return x + 2")
    assert named(diagnostician, passed(call(X + 2))) == []
    assert "planted_reference" not in sys.modules
    assert named(diagnostician, failed(call(X + 2))) == ["a1_plus"]
    assert "planted_reference" in sys.modules
