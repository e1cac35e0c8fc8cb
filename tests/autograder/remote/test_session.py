"""One line to a worker: what the clocks count, when the worker is replaced, and what crosses the line."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from autograder.remote.failures import StudentCrashed, StudentError, StudentFailure, StudentTimeout
from autograder.remote.session import Home, Remote, Session, student_error
from autograder.wire.errors import ProtocolError, WorkerCrashed, WorkerTimeout
from autograder.wire.frames import Arrays, Message
from autograder.wire.reasons import Reason
from tests.autograder.remote.told_workers import FINE, LIMITS, Line, Seen, Worker, ask, reason_of

# --- The clocks.


def test_the_submission_has_its_time_and_a_test_its_own(line: Line, session: Session) -> None:
    assert session.left_s() == 100
    session.begin_test(20)
    assert session.left_s() == 20
    line.clock.now += 15
    assert session.left_s() == 5
    session.begin_test(20)
    assert session.left_s() == 20
    line.clock.now += 70
    session.begin_test(20)
    assert session.left_s() == 15, "what is left of the submission is less"


def test_an_answer_may_take_what_is_left(line: Line, session: Session) -> None:
    session.begin_test(20)
    for timeout_s, expected in ((2.0, 2.0), (30.0, 20.0)):
        ask(session, timeout_s)
        message, limits = line.workers[0].asked[-1]
        assert message == {"op": "call"}
        assert limits == {"arrays": {}, "timeout_s": expected, "cpu_s": None}
    line.clock.now += 19
    ask(session)
    assert line.workers[0].asked[-1][1]["timeout_s"] == 1


def test_the_time_of_a_test_is_used_up(line: Line, session: Session) -> None:
    session.begin_test(20)
    line.clock.now += 19.5
    ask(session)
    line.clock.now += 0.5
    assert reason_of(StudentTimeout, ask, session) == Reason("test time")
    assert len(line.workers[0].asked) == 1, "the worker is not asked any more"
    assert not line.workers[0].closed, "and lives on for the next test"
    session.begin_test(20)
    assert ask(session) == {"out": 1}


def test_no_time_at_all_is_no_time(line: Line, session: Session) -> None:
    session.begin_test(20)
    assert reason_of(StudentTimeout, ask, session, 0.0) == Reason("test time")
    assert line.workers == []
    assert ask(session, 0.5) == {"out": 1}


@pytest.mark.parametrize("budget_s", [20.0, 100.0, 1000.0])
def test_the_time_of_the_submission_is_used_up(line: Line, session: Session, budget_s: float) -> None:
    line.clock.now += 99
    session.begin_test(budget_s)
    line.clock.now += 1
    assert reason_of(StudentTimeout, ask, session) == Reason("submission time")
    line.clock.now += 50
    assert reason_of(StudentTimeout, ask, session) == Reason("submission time")


def test_both_used_up_at_once_it_is_the_submission(line: Line, session: Session) -> None:
    session.begin_test(100)
    line.clock.now += 100
    assert reason_of(StudentTimeout, ask, session) == Reason("submission time")


def test_a_test_that_ran_out_first_is_named_though_the_submission_has_ended_since(
    line: Line, session: Session
) -> None:
    session.begin_test(20)
    line.clock.now += 120
    assert reason_of(StudentTimeout, ask, session) == Reason("test time")


def test_the_clock_of_a_test_stands_still_while_it_trains(line: Line, session: Session) -> None:
    session.begin_test(20)
    ask(session)
    worker = line.workers[0]
    worker.seconds = 50
    line.clock.now += 5
    assert session.train({"op": "train"}, {}, 40.0, 60.0) == {"out": 1}
    assert worker.asked[-1] == ({"op": "train"}, {"arrays": {}, "timeout_s": 60.0, "cpu_s": 40.0})
    assert session.left_s() == 15
    line.clock.now += 15
    assert reason_of(StudentTimeout, ask, session) == Reason("test time")


def test_the_clock_of_a_test_stands_still_also_while_training_fails(line: Line, session: Session) -> None:
    session.begin_test(20)
    ask(session)
    line.workers[0].seconds, line.workers[0].answer = 50, WorkerTimeout(Reason("late"))
    assert reason_of(StudentTimeout, session.train, {"op": "train"}, {}, 40.0, 60.0) == Reason("late")
    assert session.left_s() == 20


def test_training_does_not_stop_the_clock_of_the_submission(line: Line, session: Session) -> None:
    session.begin_test(20)
    ask(session)
    line.workers[0].seconds = 70
    session.train({"op": "train"}, {}, 40.0, 80.0)
    assert session.left_s() == 20
    session.train({"op": "train"}, {}, 40.0, 80.0)
    assert line.workers[0].asked[-1][1]["timeout_s"] == 30, "what is left of the submission"
    assert session.left_s() == -40
    assert reason_of(StudentTimeout, session.train, {"op": "train"}, {}, 40.0, 80.0) == Reason(
        "submission time"
    )


def test_what_training_took_is_told_by_the_clock_where_nobody_counts(line: Line, session: Session) -> None:
    ask(session)
    line.workers[0].seconds = 7
    session.train({"op": "train"}, {}, 40.0, 60.0)
    assert session.trained_s >= 0, "this clock is the real one: the worker only claims to take seconds"


@dataclass
class CountedWorker(Worker):
    """A worker of which the kernel counts the processor time: half of the time that it takes."""

    def cpu_s(self) -> float:
        return self.clock.now / 2


def test_what_training_took_is_the_processor_time_that_the_kernel_counts(line: Line) -> None:
    worker = CountedWorker(line.clock, seconds=7)
    session = Session(Home(lambda: worker, {}, lambda error: error), LIMITS, Seen, lambda value: None)
    ask(session)
    assert session.trained_s == 0, "a plain call is no training"
    session.train({"op": "train"}, {}, 40.0, 60.0)
    assert session.trained_s == 3.5


def test_between_groups_no_test_has_a_clock(line: Line, session: Session) -> None:
    session.begin_test(20)
    ask(session)
    line.clock.now += 30
    session.end_group()
    assert line.workers[0].asked[-1] == ({"op": "free"}, {"arrays": {}, "timeout_s": 2.0, "cpu_s": None})
    assert session.left_s() == 70


def test_before_a_worker_is_needed_there_is_none(line: Line, session: Session) -> None:
    session.end_group()
    session.drop()
    assert line.workers == []


# --- Workers end and are replaced.


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (
            WorkerTimeout(Reason("no answer", {"seconds": 2})),
            StudentTimeout,
            Reason("no answer", {"seconds": 2}),
        ),
        (WorkerCrashed(Reason("exit", {"code": 3})), StudentCrashed, Reason("exit", {"code": 3})),
        (ProtocolError("too\x1b[2J long"), StudentCrashed, Reason("unreadable", {"problem": "too long"})),
    ],
)
def test_a_worker_that_fails_is_replaced(
    line: Line, session: Session, answer: Exception, error: type[StudentFailure], reason: Reason
) -> None:
    ask(session)
    line.workers[0].answer = answer
    assert reason_of(error, ask, session) == reason
    assert line.workers[0].closed
    assert ask(session) == {"out": 1}
    assert len(line.workers) == 2


def test_an_exception_of_the_student_leaves_the_worker_alone(line: Line, session: Session) -> None:
    ask(session)
    line.workers[0].answer = {"ok": False, "error": {"type": "ValueError", "text": "mine"}}
    with pytest.raises(StudentError) as caught:
        ask(session)
    assert (caught.value.kind, caught.value.text) == ("ValueError", "mine")
    line.workers[0].answer = FINE
    assert ask(session) == {"out": 1}
    assert len(line.workers) == 1


def test_a_worker_that_cannot_free_its_objects_is_replaced(line: Line, session: Session) -> None:
    ask(session)
    line.workers[0].answer = WorkerTimeout(Reason("late"))
    assert reason_of(StudentTimeout, session.end_group) == Reason("late")
    ask(session)
    assert [worker.closed for worker in line.workers] == [True, False]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        ({}, "the worker's answer says neither yes nor no"),
        ({"ok": False}, "the worker's answer says neither yes nor no"),
        ({"ok": 1, "values": {}}, "the worker's answer says neither yes nor no"),
        ({"ok": False, "error": "text"}, "the worker's answer says neither yes nor no"),
        ({"ok": True}, "the worker's answer has no values"),
        ({"ok": True, "values": [1]}, "the worker's answer has no values"),
        ({"ok": True, "values": {"out": ["tensor", "absent"]}}, "a value is encoded wrongly"),
        ({"ok": True, "values": {"out": ["ndarray", "absent"]}}, "a value is encoded wrongly"),
        ({"ok": True, "values": {"out": ["tensor", 1]}}, "a value is encoded wrongly"),
        ({"ok": True, "values": {"out": ["tensor", "a0", "a0"]}}, "a value is encoded wrongly"),
        ({"ok": True, "values": {"out": ["handle", "1", "Net"]}}, "a value is encoded wrongly"),
        ({"ok": True, "values": {"out": ["handle", 1]}}, "a value is encoded wrongly"),
        ({"ok": True, "values": {"out": ["strange", "a0"]}}, "a value is encoded wrongly"),
    ],
)
def test_an_answer_that_makes_no_sense_ends_the_worker(
    line: Line, session: Session, reply: Message, problem: str
) -> None:
    ask(session)
    worker = line.workers[0]
    worker.answer, worker.arrays = reply, {"a0": np.ones(2)}
    assert reason_of(StudentCrashed, ask, session) == Reason("unreadable", {"problem": problem})
    assert worker.closed


def test_what_an_answer_says_of_an_exception_is_cleaned() -> None:
    error = student_error({"ok": False, "error": {"type": "Va\x1b[31mlue" + "x" * 200, "text": "a\x1b[2Jb"}})
    assert error.text == "ab"
    assert error.kind.startswith("Valuexxx")
    assert len(error.kind) == 100
    long = student_error({"error": {"type": "E", "text": "x" * 5000}})
    assert len(long.text) == 5000
    with pytest.raises(ProtocolError, match="neither yes nor no"):
        student_error({"error": None})


# --- Values cross the line.


def test_values_come_back(line: Line, session: Session) -> None:
    values = {
        "out": ["list", [["tensor", "a0"], ["ndarray", "a1"], None]],
        "more": ["handle", 7, "N\x1b[2Jet" + "x" * 200],
    }
    ask(session)
    worker = line.workers[0]
    worker.answer = {"ok": True, "values": values}
    worker.arrays = {"a0": np.arange(3.0), "a1": np.arange(2)}
    found = ask(session)
    tensor, array, nothing = found["out"]
    assert torch.equal(tensor, torch.arange(3.0, dtype=torch.float64))
    assert isinstance(array, np.ndarray)
    assert array.tolist() == [0, 1]
    assert nothing is None
    remote = found["more"].remote
    assert (remote.number, remote.lifetime) == (7, (0, 0))
    assert remote.type_name.startswith("Netxxx")
    assert len(remote.type_name) == 100


def test_values_go_out(session: Session) -> None:
    arrays: Arrays = {}
    grown = torch.ones(2, requires_grad=True)
    conjugate = torch.tensor([1 + 2j]).conj()
    value = [grown, np.arange(2), {"k": conjugate}, Seen(Remote(5, "Net", (0, 0)))]
    encoded = session.encode(value, arrays)
    assert encoded == [
        "list",
        [["tensor", "a0"], ["ndarray", "a1"], ["dict", [["k", ["tensor", "a2"]]]], ["handle", 5]],
    ]
    assert [np.asarray(array).tolist() for array in arrays.values()] == [[1.0, 1.0], [0, 1], [1 - 2j]]
    assert session.encode(grown, arrays) == ["tensor", "a3"]


def test_what_cannot_be_sent_is_the_tests_mistake(session: Session) -> None:
    with pytest.raises(TypeError, match=r"a SimpleNamespace cannot be sent to a worker"):
        session.encode(SimpleNamespace(), {})


def test_objects_live_as_long_as_their_worker_and_their_group(line: Line, session: Session) -> None:
    ask(session)
    line.workers[0].answer = {"ok": True, "values": {"out": ["handle", 1, "Net"]}}
    first = ask(session)["out"]
    assert session.encode(first, {}) == ["handle", 1]
    session.drop()
    assert reason_of(StudentCrashed, session.encode, first, {}) == Reason("holder ended")
    line.next_answer = {"ok": True, "values": {"out": ["handle", 2, "Net"]}}
    second = ask(session)["out"]
    assert second.remote.lifetime == (1, 0)
    session.check_alive(second.remote)
    session.end_group()
    with pytest.raises(RuntimeError, match="a test uses an object of an earlier test; make it anew"):
        session.check_alive(second.remote)
    with pytest.raises(RuntimeError, match="of an earlier test"):
        session.encode(second, {})
    third = ask(session)["out"]
    assert third.remote.lifetime == (1, 1)
    session.drop()
    assert reason_of(StudentCrashed, session.encode, third, {}) == Reason("holder ended")
    session.end_group()
    assert ask(session)["out"].remote.lifetime == (2, 2)
