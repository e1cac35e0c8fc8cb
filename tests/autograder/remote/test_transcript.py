"""What a test asks is kept request by request, and can be asked of other code in the same words."""

from __future__ import annotations

import pytest
import torch

from autograder.remote import transcript as transcript_module
from autograder.remote.failures import StudentError
from autograder.remote.repeating import repeat
from autograder.remote.student import Student
from autograder.remote.transcript import Kept, Turn
from tests.autograder.remote.support import tensors

pytest_plugins = ["tests.autograder.sandbox_support"]


def test_calls_are_kept_with_their_inputs_as_they_were(student: Student) -> None:
    x, w = tensors((3, 2), (2, 4))
    before = x.clone()
    out = student.conv(x, w, scale=2)
    x.zero_()
    (turn,) = student.transcript.turns
    assert (turn.kind, turn.name, turn.owner, turn.kwargs, turn.options) == (
        "symbol",
        "conv",
        None,
        {"scale": 2},
        None,
    )
    assert torch.equal(turn.args[0], before)
    assert not isinstance(turn.answer, StudentError)
    assert torch.equal(turn.answer["out"], out)
    assert turn.is_in_double
    assert not student.transcript.asks_for_objects


def test_an_exception_is_an_answer_with_its_words(student: Student) -> None:
    with pytest.raises(StudentError):
        student.fail()
    (turn,) = student.transcript.turns
    assert isinstance(turn.answer, StudentError)
    assert (turn.answer.kind, turn.answer.message) == ("ValueError", "mine")


def test_objects_methods_and_drivers_are_kept_in_one_conversation(student: Student) -> None:
    net = student.Net(width=2)
    state = student.state_dict(net)
    student.load_state_dict(net, {name: torch.ones_like(value) for name, value in state.items()})
    net.call("twice", torch.ones(1, 2, dtype=torch.float64))
    net(torch.ones(1, 2, dtype=torch.float64))
    transcript = student.transcript
    assert [(turn.kind, turn.name, turn.owner) for turn in transcript.turns] == [
        ("symbol", "Net", None), ("driver", "state_dict", None), ("driver", "load_state_dict", None),
        ("object", "twice", Kept(0)), ("object", "", Kept(0)),
    ]  # fmt: skip
    assert transcript.turns[0].answer == {"out": Kept(0), "inputs_after": None, "grads": None}
    assert transcript.turns[1].kwargs == {"module": Kept(0)}
    assert transcript.asks_for_objects


def test_a_conversation_can_be_repeated(student: Student) -> None:
    net = student.Net()
    student.load_state_dict(net, {"layer.weight": torch.ones(2, 2), "layer.bias": torch.ones(2)})
    asked = net.method("twice").options(requires_grad=(0,), upstream=torch.ones(1, 2), want=("out", "grads"))
    asked(torch.ones(1, 2, dtype=torch.float64))
    turns = list(student.transcript.turns)
    student.begin_test()
    objects: dict[Kept, object] = {}
    answers = []
    for turn in turns:
        answers.append(repeat(student, turn, objects))
        objects.setdefault(Kept(0), answers[0]["out"] if isinstance(answers[0], dict) else None)
    assert isinstance(answers[-1], dict)
    assert torch.equal(answers[-1]["out"], torch.full((1, 2), 6.0, dtype=torch.float64))
    assert torch.equal(answers[-1]["grads"][0], torch.full((1, 2), 4.0, dtype=torch.float64))


def test_what_is_asked_of_an_object_that_is_not_there_is_an_error(student: Student) -> None:
    for turn in (
        Turn("object", "twice", Kept(0), (), {}, None, {}),
        Turn("driver", "state_dict", None, (), {"module": Kept(1)}, None, {}),
    ):
        answer = repeat(student, turn, {})
        assert isinstance(answer, StudentError)
        assert answer.kind == "TypeError"


def test_the_next_test_begins_anew(student: Student) -> None:
    student.conv(*tensors((3, 2), (2, 4)))
    student.begin_test()
    assert student.transcript.turns == []


@pytest.mark.parametrize(("name", "limit", "kept"), [("MAX_TURNS", 2, 2), ("MAX_BYTES", 300, 2)])
def test_what_has_no_room_ends_the_transcript(
    student: Student, monkeypatch: pytest.MonkeyPatch, name: str, limit: int, kept: int
) -> None:
    monkeypatch.setattr(transcript_module, name, limit)
    x, w = tensors((3, 2), (2, 2))
    for _ in range(4):
        student.conv(x, w)
    assert len(student.transcript.turns) == kept
    assert not student.transcript.is_whole


def test_nothing_is_kept_after_recording_is_stopped(student: Student) -> None:
    student.stop_recording()
    student.conv(*tensors((3, 2), (2, 4)))
    student.Net()
    assert (student.transcript.turns, student.calls) == ([], [])
