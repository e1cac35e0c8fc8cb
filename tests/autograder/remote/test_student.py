"""The `student` object: values, options, handles, deadlines, and what a test sees when a worker dies or lies."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
import torch

from autograder.remote.failures import StudentCrashed, StudentError, StudentTimeout
from autograder.remote.session import Transport
from autograder.remote.student import Handle, Student
from autograder.wire.errors import WorkerCrashed
from autograder.wire.frames import Arrays, Message
from autograder.wire.reasons import Reason
from tests.autograder.remote.support import SYMBOLS, tensors
from tests.autograder.sandbox_support import LIMITS, Lab

pytest_plugins = ["tests.autograder.sandbox_support"]


def test_a_call_gives_a_value(student: Student) -> None:
    x, w = tensors((3, 2), (2, 4))
    torch.testing.assert_close(student.conv(x, w, scale=3), 3 * x @ w)


def test_options_give_a_result(student: Student) -> None:
    x, w, upstream = tensors((3, 2), (2, 4), (3, 4))
    for layout in ("contiguous", "permuted", "strided"):
        asked = student.conv.options(requires_grad=(1,), layout=layout, seed=1, upstream=upstream)
        result = asked(x, w)
        torch.testing.assert_close(result.out, x @ w)
        torch.testing.assert_close(result.grads[0], x.T @ upstream)
        assert (result.dtype, result.device) == (torch.float64, "cpu")
        assert torch.equal(result.inputs_after[0], x)
        assert 0 < result.seconds < 2
    only = student.conv.options(want=("dtype",))(x, w)
    assert (only.out, only.grads, only.inputs_after, only.dtype) == (None, None, None, torch.float64)


def test_vjp_takes_the_floating_tensors(student: Student) -> None:
    x, w, upstream = tensors((3, 2), (2, 4), (3, 4))
    out, grads = student.vjp("conv", (x, w), upstream, kwargs={"scale": 2})
    torch.testing.assert_close(out, 2 * x @ w)
    torch.testing.assert_close(grads[0], 2 * upstream @ w.T)
    torch.testing.assert_close(grads[1], 2 * x.T @ upstream)


def test_the_names_by_which_a_function_takes_its_arguments(student: Student) -> None:
    assert student.keywords("conv") == ["x", "w", "bias", "scale"]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"layout": "sideways"}, "sideways"),
        ({"want": ("score",)}, "score"),
        ({"want": ("grads",)}, "requires_grad is empty"),
        ({"requires_grad": (0,)}, "upstream"),
    ],
)
def test_wrong_options_are_the_tests_mistake(student: Student, options: dict[str, Any], match: str) -> None:
    with pytest.raises(ValueError, match=match):
        student.conv.options(**options)


def test_only_task_symbols_are_attributes(student: Student) -> None:
    with pytest.raises(AttributeError, match="no task symbol"):
        student.os  # noqa: B018 -- the access itself is tested
    with pytest.raises(TypeError, match="object cannot be sent"):
        student.conv(object())


def test_objects_are_handles(student: Student) -> None:
    (x,) = tensors((3, 2))
    net = student.Net(width=2)
    assert isinstance(net, Handle)
    assert repr(net) == "Handle(Net)"
    state = student.state_dict(net)
    student.load_checkpoint(net, {f"model.{name}": value for name, value in state.items()})
    with pytest.raises(StudentError, match="Missing key"):
        student.load_checkpoint(net, {"other": x})
    expected = x @ state["layer.weight"].T + state["layer.bias"]
    torch.testing.assert_close(net(x), expected)
    torch.testing.assert_close(net.call("twice", x), 2 * expected)
    result = net.method("twice").options(requires_grad=(0,), upstream=torch.ones_like(x))(x)
    torch.testing.assert_close(result.grads[0], 2 * torch.ones_like(x) @ state["layer.weight"])
    assert net.get("width") == 2
    assert net.get("layer.weight").shape == (2, 2)
    assert student.module_table(net) == [("", "Net", 6), ("layer", "Linear", 6)]
    layers, given, came, last = student.layer_calls(net, x)
    assert layers == [("layer", "Linear")]
    torch.testing.assert_close([given[0], came[0]], [x, last])
    student.set_mode(net, False)
    assert student.mode(net) is False
    out, grads = student.vjp(net, (x,), torch.ones_like(x))
    torch.testing.assert_close(out, expected)
    assert len(grads) == 1
    with pytest.raises(StudentError, match="AttributeError"):
        net.get("no.such")


def test_a_handle_ends_with_its_test(student: Student) -> None:
    net = student.Net()
    student.free_handles()
    with pytest.raises(RuntimeError, match="of an earlier test"):
        net.get("width")


def test_exceptions_of_the_student(student: Student) -> None:
    with pytest.raises(StudentError) as caught:
        student.fail()
    assert caught.value.kind == "ValueError"
    assert 'File "<cell F1>"' in caught.value.text
    assert caught.value.text.endswith("ValueError: mine")
    with pytest.raises(StudentError) as caught:
        student.unwritten()
    assert caught.value.kind == "NotImplementedError"
    with pytest.raises(StudentError, match="not handed in"):
        student.missing()


def test_a_dead_worker_is_replaced_and_its_handles_are_dead(student: Student) -> None:
    net = student.Net()
    with pytest.raises(StudentCrashed, match="status 3"):
        student.leave(3)
    with pytest.raises(StudentCrashed, match="has ended"):
        net.get("width")
    assert student.Net().get("width") == 2


def test_a_call_ends_at_its_limit(student: Student) -> None:
    with pytest.raises(StudentTimeout, match=r"within 0\.2 s"):
        student.sleep.options(call_s=0.2)(30)
    assert student.Net().get("width") == 2


def test_a_test_ends_at_its_limit(student: Student) -> None:
    student.begin_test(0.3)
    with pytest.raises(StudentTimeout):
        student.sleep(30)
    with pytest.raises(StudentTimeout, match="this test is used up"):
        student.sleep(0)
    student.free_handles()
    student.begin_test()
    student.sleep(0)


def test_a_submission_ends_at_its_limit(lab: Lab) -> None:
    limits = LIMITS.model_copy(update={"submission_s": 0.01})
    student = Student(lambda: lab().worker, SYMBOLS, limits)
    time.sleep(0.02)
    student.begin_test()
    with pytest.raises(StudentTimeout, match="whole submission is used up"):
        student.sleep(0)


def test_renewing_takes_a_new_worker(student: Student) -> None:
    first = student.Net()
    student.renew()
    with pytest.raises(StudentCrashed):
        first.get("width")
    assert student.Net().get("width") == 2


class Scripted:
    """A transport whose worker answers whatever it likes."""

    def __init__(self, reply: Message, arrays: Arrays | None = None) -> None:
        self.reply, self.arrays, self.closed = reply, arrays or {}, False

    def request(self, *_: Any, **__: Any) -> tuple[Message, Arrays]:
        if self.closed:
            raise WorkerCrashed(Reason("closed"))
        return self.reply, self.arrays

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"ok": 1, "values": {}},
        {"ok": True},
        {"ok": True, "values": {"out": ["tensor", "absent"]}},
        {"ok": True, "values": {"out": ["tensor", ["a"]]}},
        {"ok": True, "values": {"out": ["handle", "1", "x"]}},
        {"ok": True, "values": {"out": {"__class__": "x"}}},
        {"ok": True, "values": {"out": ["dict", [[["list", []], 1]]]}},
        {"ok": True, "values": {"grads": ["list", ["text"]]}},
        {"ok": True, "values": {"inputs_after": 3}},
        {"ok": False, "error": "text"},
    ],
)
def test_an_answer_that_makes_no_sense_is_a_crash(reply: Message) -> None:
    made: list[Transport] = []

    def connect() -> Transport:
        made.append(Scripted(reply))
        return made[-1]

    student = Student(connect, SYMBOLS, LIMITS)
    for _ in range(2):
        with pytest.raises(StudentCrashed, match="cannot be read"):
            student.conv(1, 2)
    assert len(made) == 2


def test_a_driver_that_lies_about_its_type_is_a_crash() -> None:
    reply = {"ok": True, "values": {"out": "text"}}
    handle = {"ok": True, "values": {"out": ["handle", 1, "Net"]}}
    for ask in (
        lambda s, net: s.predict(net, torch.ones(1)),
        lambda s, net: s.state_dict(net),
        lambda s, net: s.mode(net),
        lambda s, net: s.evaluate(net, torch.ones(1), torch.ones(1)),
        lambda s, net: s.module_table(net),
        lambda s, net: s.layer_calls(net, torch.ones(1)),
        lambda s, net: s.train_steps(net, 1, (torch.ones(1), torch.ones(1))),
    ):
        scripted = Scripted(handle)
        student = Student(lambda scripted=scripted: scripted, SYMBOLS, LIMITS)
        net = student.Net()
        scripted.reply = reply
        with pytest.raises(StudentCrashed, match="was expected"):
            ask(student, net)


def test_text_of_a_worker_is_cleaned() -> None:
    error = {"type": "Va\x1b[31mlue", "text": "a\x1b[2Jb\x00c"}
    student = Student(lambda: Scripted({"ok": False, "error": error}), SYMBOLS, LIMITS)
    with pytest.raises(StudentError) as caught:
        student.fail()
    assert (caught.value.kind, caught.value.text) == ("Value", "abc")


def test_a_checkpoint_is_read_in_the_worker(lab: Lab) -> None:
    from safetensors.torch import save

    state = {"weight": torch.arange(3.0)}
    limits = LIMITS
    student = Student(lambda: lab().worker, SYMBOLS, limits, checkpoint=save(state))
    student.begin_test()
    found = student.checkpoint()
    assert found is not None
    assert torch.equal(found["weight"], state["weight"])
    assert Student(lambda: lab().worker, SYMBOLS, limits).checkpoint() is None
    broken = Student(lambda: lab().worker, SYMBOLS, limits, checkpoint=b"\x80\x04nonsense")
    with pytest.raises(StudentError):
        broken.checkpoint()
    for one in (student, broken):
        one.close()


def test_numpy_arrays_cross_as_arrays(student: Student) -> None:
    x = np.arange(6.0).reshape(3, 2)
    out = student.conv(x, np.eye(2))
    assert isinstance(out, np.ndarray)
    np.testing.assert_array_equal(out, x)
