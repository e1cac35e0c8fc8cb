"""The rules by which a bug is named, on a reference of a few lines and bugs of one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.errors import GraderError
from autograder.grading.diagnosis import MAX_NAMED, Diagnostician, Seen
from autograder.remote.failures import StudentTimeout
from autograder.remote.student import Student
from autograder.remote.transcript import Transcript, Turn
from autograder.wire.reasons import Reason
from tests.autograder.grading.planted_course import (
    MODULE,
    REFERENCE,
    Course,
    call,
    function,
    manifest,
    variant,
)

X = torch.tensor([1.0, 2.0, 3.0])
RIGHT = "return 2 * x"


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    (tmp_path / f"{MODULE}.py").write_text(REFERENCE, encoding="utf-8")
    (tmp_path / "wrong").mkdir()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield Course(tmp_path, manifest())
    sys.modules.pop(MODULE, None)


def named(diagnostician: Diagnostician, *seen: Seen, task: str = "A1") -> list[str]:
    return [found.bug for found in diagnostician.explain(task, seen, "en")]


def test_a_bug_that_answers_like_the_student_is_named(make: Course) -> None:
    diagnostician = make(a1_plus="return x + 2", a1_minus="return -x")
    assert named(diagnostician, make.seen("return 2 + x", call(X))) == ["a1_plus"]
    assert named(diagnostician, make.seen("return 0 - x", call(X))) == ["a1_minus"]
    assert named(diagnostician, make.seen("return 7 * x", call(X))) == []
    assert named(diagnostician, make.seen("return x + 2", call(X), failed=False)) == []
    assert named(diagnostician) == []


def test_a_right_answer_is_explained_by_no_bug_even_where_the_test_failed(make: Course) -> None:
    assert named(make(a1_same=RIGHT), make.seen("return x + x", call(X))) == []


@pytest.mark.parametrize(("lang", "message"), [("ru", "ошибка a1_plus"), ("en", "mistake a1_plus")])
def test_the_message_is_in_the_language_asked(make: Course, lang: Any, message: str) -> None:
    seen = make.seen("return x + 2", call(X))
    (found,) = make(a1_plus="return x + 2").explain("A1", [seen], lang)
    assert found.message == message


@pytest.mark.parametrize("failed", [True, False])
def test_every_answer_of_every_test_must_agree_where_the_student_is_right_too(
    make: Course, failed: bool
) -> None:
    """`return 2 * abs(x)` is right wherever x is positive."""
    diagnostician = make(a1_abs="return 2 * abs(x)")
    wrong = make.seen("return 2 * abs(x)", call(X), call(-X))
    assert named(diagnostician, wrong) == ["a1_abs"]
    right_elsewhere = make.seen("return 2 * abs(x) if len(x) == 3 else 2 * x", call(-X[:2]), failed=failed)
    assert named(diagnostician, wrong, right_elsewhere) == []
    wrong_otherwise = make.seen("return 5 * x", call(-X[:2]), failed=failed)
    assert named(diagnostician, wrong, wrong_otherwise) == []
    assert named(diagnostician, wrong, make.seen(RIGHT, call(X[:1]), failed=False)) == ["a1_abs"]


def test_a_failed_test_in_which_no_answer_differs_is_explained_by_no_bug(make: Course) -> None:
    diagnostician = make(a1_plus="return x + 2")
    wrong = make.seen("return x + 2", call(X))
    assert named(diagnostician, wrong, make.seen(RIGHT, call(X[1:2]))) == []
    assert named(diagnostician, wrong, Seen(True, Transcript())) == []
    assert named(diagnostician, wrong, Seen(False, Transcript())) == ["a1_plus"]


def test_two_bugs_that_nothing_tells_apart_are_both_named_and_of_three_none(make: Course) -> None:
    assert MAX_NAMED == 2
    bugs = {"a1_c": "return x + 2", "a1_a": "return 2 + x", "a1_b": "return x + 1 + 1"}
    seen = make.seen("return x + 2", call(X))
    assert named(make(a1_c=bugs["a1_c"], a1_a=bugs["a1_a"]), seen) == ["a1_c", "a1_a"]
    assert named(make(**bugs), seen) == []


def test_the_bug_that_agrees_elsewhere_as_well_is_the_one(make: Course) -> None:
    diagnostician = make(a1_zero="return 0 * x", a1_half="return 0 * x if len(x) == 3 else 2 * x")
    assert named(diagnostician, make.seen("return 0 * x", call(X))) == ["a1_zero", "a1_half"]
    assert named(diagnostician, make.seen("return 0 * x", call(X), call(X[:2]))) == ["a1_zero"]
    half = "return 0 * x if len(x) == 3 else 2 * x"
    assert named(diagnostician, make.seen(half, call(X), call(X[:2]))) == ["a1_half"]


def test_a_constant_is_a_misconception_only_where_the_bug_is_constant_too(make: Course) -> None:
    diagnostician = make(a1_first="return x[0]", a1_one="return torch.tensor(1.0)")
    ones = make.seen("return torch.tensor(1.0)", call(X))
    assert named(diagnostician, ones) == ["a1_first", "a1_one"]
    assert named(diagnostician, ones, make.seen("return torch.tensor(1.0)", call(X[1:]))) == ["a1_one"]


def test_a_mistake_has_one_name_in_all_its_spellings(make: Course) -> None:
    diagnostician = make(a1_cut="return x[:2]", a1_cut__none="return None", a1_cut__list="return x.tolist()")
    assert named(diagnostician, make.seen("return x.tolist()", call(X))) == ["a1_cut"]
    assert named(diagnostician, make.seen("return None", call(X))) == ["a1_cut"]
    assert named(diagnostician, make.seen("return x[:1]", call(X))) == []
    both = make(a1_cut="return x[:2]", a1_cut__again="return x[:-1]", a1_cut__anew="return x[0:2]")
    assert named(both, make.seen("return x[:2]", call(X))) == ["a1_cut"]


def test_only_bugs_of_the_task_count_and_no_correct_variant_and_none_without_a_file(make: Course) -> None:
    make.plant(a1_plus="return x + 2", b1_plus=function("return x + 2", "other"), a1_ok="return x + 2")
    variants = [
        variant("a1_lost"), variant("a1_ok", kind="correct"), variant("b1_plus", task="B1"), variant("a1_plus"),
    ]  # fmt: skip
    diagnostician = Diagnostician(make.folder, make.manifest, variants)
    assert named(diagnostician, make.seen("return x + 2", call(X))) == ["a1_plus"]
    other = make.seen(function("return x + 2", "other"), lambda student: student.other(X), task="B1")
    assert named(diagnostician, other, task="B1") == ["b1_plus"]


BOOM = "raise RuntimeError('element 0 of tensors does not require grad')"


@pytest.mark.parametrize(
    ("bug", "student", "is_named"),
    [
        (BOOM, BOOM, True),
        (BOOM, "raise RuntimeError('another reason')", False),
        (BOOM, "raise ValueError('element 0 of tensors does not require grad')", False),
        (BOOM, "return x", False),
        ("return x", BOOM, False),
        ("return x.no_such", "return x.no_such", True),
        ("return x.no_such", "return x.none_such", False),
    ],
)
def test_an_exception_is_compared_by_type_and_words(
    make: Course, bug: str, student: str, is_named: bool
) -> None:
    assert named(make(a1_bug=bug), make.seen(student, call(X))) == ["a1_bug"] * is_named


@pytest.mark.parametrize(
    ("refusal", "is_named"), [("raise ValueError('9 at most')", True), ("raise TypeError('k')", False)]
)
@pytest.mark.parametrize("failed", [True, False])
def test_the_words_of_an_exception_that_is_asked_for_are_free(
    make: Course, refusal: str, is_named: bool, failed: bool
) -> None:
    body = "if settings.get('k', 0) > 9: {}\n    return x + 2\n"
    diagnostician = make(a1_plus=function(body.format("raise ValueError('k is too large')")))
    student = function(body.format(refusal))
    wrong, refused = make.seen(student, call(X)), make.seen(student, call(X), call(X, k=10), failed=failed)
    assert named(diagnostician, wrong, refused) == ["a1_plus"] * is_named


def test_what_gave_no_answer_in_time_is_explained_by_no_bug(make: Course) -> None:
    seen = make.seen("return x + 2", call(X))
    late = Turn("symbol", "answer", None, (X,), {}, None, StudentTimeout(Reason("test time")))
    seen.transcript.turns.append(late)
    assert named(make(a1_plus="return x + 2"), seen) == []


def asked(want: tuple[str, ...], **options: Any) -> Any:
    return lambda student: student.answer.options(want=want, **options)(X)


# What is recorded of a call beside its output tells these apart.
@pytest.mark.parametrize(
    ("ask", "body"),
    [
        (asked(("out", "grads"), requires_grad=(0,), upstream=torch.ones(3)), "return 2 * x.detach()"),
        (
            asked(("out", "grads"), requires_grad=(0,), upstream=X),
            "return 2 * x.detach() + 3 * (x - x.detach())",
        ),
        (asked(("out", "inputs_after")), "x += 1; return 2 * x - 2"),
        (call(X.double() / 3), "return (2 * x.float()).double()"),
        (call(X), "return 2 * x.double()"),
        (call(X), "return (2 * x).tolist()"),
        (
            lambda student: student.answer.options(layout="permuted")(torch.ones(2, 3)),
            "return 2 * x.view(-1)",
        ),
        (lambda student: student.answer.options(seed=3)(X), "return 2 * x + torch.rand(3)"),
    ],
)
def test_gradients_inputs_types_layout_and_seed_are_compared(make: Course, ask: Any, body: str) -> None:
    diagnostician = make(a1_bug=body, a1_else="return 2.5 * x", a1_same=RIGHT)
    assert named(diagnostician, make.seen(body, ask)) == ["a1_bug"]


def test_each_bug_gets_the_inputs_as_they_were(make: Course) -> None:
    change = "x += 5; rest[0].append(1); return x"
    diagnostician = make(a1_one=change, a1_two=change, a1_three="return x + 2 + len(rest[0])")
    assert named(diagnostician, make.seen("return x + 3", call(X, [0]))) == ["a1_three"]


def test_a_bug_that_warns_or_cannot_be_called_so_disturbs_nobody(make: Course) -> None:
    warns = "import warnings; warnings.warn('loud'); return x + 2"
    diagnostician = make(a1_empty="x = 1\n", a1_none="import torch\ndef answer(): pass\n", a1_warns=warns)
    assert named(diagnostician, make.seen("return x + 2", call(X))) == ["a1_warns"]


def test_a_bug_that_cannot_be_loaded_is_told(make: Course) -> None:
    diagnostician = make(a1_bug="\ndef answer(x: return")
    with pytest.raises(GraderError, match=r"a1_bug\.py cannot be loaded"):
        named(diagnostician, make.seen("return x + 2", call(X)))


def test_the_reference_is_in_its_place_again(make: Course) -> None:
    diagnostician = make(a1_plus="return x + 2", a1_net="import torch\nNet = torch.nn.Identity\n")
    module = __import__(MODULE)
    before = (module.answer, module.Net)
    assert named(diagnostician, make.seen("return x + 2", call(X))) == ["a1_plus"]
    assert (module.answer, module.Net) == before


def test_nothing_is_imported_where_nothing_is_to_be_explained(make: Course) -> None:
    passed = Seen(False, make.seen("return x + 2", call(X)).transcript)
    sys.modules.pop(MODULE)
    assert named(make(a1_plus="return x + 2"), passed) == []
    assert MODULE not in sys.modules


# Objects: a network under other names, in another order, without activation.
NET = """
import torch
from torch import nn

class Net(nn.Module):
    def __init__(self, width=2):
        super().__init__()
        self.{last} = nn.Linear(width, 3)
        self.{first} = nn.Linear(3, width)
    def forward(self, x):
        return self.{last}({activation}(self.{first}(x)))
"""
PLAIN = NET.format(first="first", last="last", activation="")
OWN_NAMES = NET.format(first="b", last="a", activation="")
SIGMOID = NET.format(first="b", last="a", activation="torch.sigmoid")
OWN_RIGHT = NET.format(first="b", last="a", activation="torch.relu")
ABS = NET.format(first="first", last="last", activation="abs")


def values_of(width: int) -> Any:
    """A test of the network's values: parameters are read, set in the student's own order, and asked for."""

    def ask(student: Student) -> None:
        net = student.Net(width=width)
        generator = torch.Generator().manual_seed(width)
        state = student.parameters(net)
        student.set_parameters(
            net, {name: torch.randn(value.shape, generator=generator) for name, value in state.items()}
        )
        student.predict(net, torch.randn(5, 3, generator=generator))

    return ask


@pytest.mark.parametrize("width", [2, 3])
@pytest.mark.parametrize(
    ("student", "bugs"), [(PLAIN, ["a1_plain"]), (OWN_NAMES, ["a1_plain"]), (ABS, ["a1_abs"]), (SIGMOID, [])]
)
def test_a_network_is_compared_by_what_it_computes_whatever_its_layers_are_called(
    make: Course, student: str, bugs: list[str], width: int
) -> None:
    diagnostician = make(a1_plain=PLAIN, a1_abs=ABS, a1_answer="return x + 2")
    assert named(diagnostician, make.seen(student, values_of(width))) == bugs


def test_a_right_network_of_other_names_is_explained_by_no_bug(make: Course) -> None:
    diagnostician = make(a1_plain=PLAIN, a1_renamed=OWN_RIGHT)
    assert named(diagnostician, make.seen(OWN_RIGHT, values_of(4))) == []


def test_a_network_of_other_shapes_is_explained_by_the_bug_that_has_them(make: Course) -> None:
    wide = PLAIN.replace("width=2):", "width=2):\n        width = 7")
    diagnostician = make(a1_plain=PLAIN, a1_wide=wide)
    assert named(diagnostician, make.seen(wide.replace("first", "f"), values_of(2))) == ["a1_wide"]


def test_numbers_that_no_test_has_set_do_not_count(make: Course) -> None:
    def ask(student: Student) -> None:
        net = student.Net()
        student.predict(net, torch.ones(2, 3))
        values_of(2)(student)

    assert named(make(a1_plain=PLAIN), make.seen(PLAIN, ask)) == ["a1_plain"]


def test_steps_of_an_optimiser_are_compared_by_the_numbers_that_were_set(make: Course) -> None:
    def steps(student: Student) -> None:
        net = student.Net()
        values_of(2)(student)
        state = {name: torch.ones_like(value) for name, value in student.state_dict(net).items()}
        student.load_state_dict(net, state)
        student.optimizer_steps(net, [state])
        student.state_dict(net)

    optimizer = (
        "\n    def configure_optimizers(self):\n        return torch.optim.SGD(self.parameters(), lr={})\n"
    )
    slow, fast = (PLAIN + optimizer.format(lr) for lr in (0.1, 0.5))
    diagnostician = make(a1_slow=slow, a1_fast=fast)
    assert named(diagnostician, make.seen(OWN_NAMES + optimizer.format(0.5), steps)) == ["a1_fast"]
