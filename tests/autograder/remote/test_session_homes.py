"""A session whose calls go to workers that hold the submission in another state, and back."""

from __future__ import annotations

import pytest

from autograder.remote.failures import StudentCrashed, StudentError, StudentTimeout
from autograder.remote.session import Home, Session
from autograder.wire.errors import WorkerTimeout
from autograder.wire.reasons import Reason
from tests.autograder.remote.told_workers import Line, ask, reason_of


def other_home(line: Line, text: str) -> Home:
    """A home that explains every exception by `text`."""
    return Home(line.connect, {}, lambda error: StudentError(text, error.kind))


def test_a_session_goes_to_other_workers_and_back(line: Line, session: Session) -> None:
    first, second = session.home, other_home(line, "of the second")
    ask(session)
    session.go_to(second)
    assert session.home is second
    assert len(line.workers) == 1, "a worker is taken when it is needed"
    ask(session)
    session.go_to(first)
    ask(session)
    session.go_to(second)
    ask(session)
    ask(session)
    assert [len(worker.asked) for worker in line.workers] == [2, 3]
    assert not any(worker.closed for worker in line.workers)


def test_objects_do_not_outlive_a_change_of_workers(line: Line, session: Session) -> None:
    line.next_answer = {"ok": True, "values": {"out": ["handle", 1, "Net"]}}
    first, second = session.home, other_home(line, "")
    mine = ask(session)["out"]
    session.go_to(first)
    assert session.encode(mine, {}) == ["handle", 1], "it has gone nowhere"
    session.go_to(second)
    assert reason_of(StudentCrashed, session.encode, mine, {}) == Reason("holder ended")
    theirs = ask(session)["out"]
    session.go_to(first)
    for seen in (mine, theirs):
        assert reason_of(StudentCrashed, session.encode, seen, {}) == Reason("holder ended")
    assert session.encode(ask(session)["out"], {}) == ["handle", 1]


def test_a_worker_that_ended_does_not_wait(line: Line, session: Session) -> None:
    first, second = session.home, other_home(line, "")
    ask(session)
    line.workers[0].answer = WorkerTimeout(Reason("late"))
    reason_of(StudentTimeout, ask, session)
    session.go_to(second)
    session.go_to(first)
    assert ask(session) == {"out": 1}
    assert [worker.closed for worker in line.workers] == [True, False]


def test_exceptions_are_explained_by_the_workers_home(line: Line, session: Session) -> None:
    line.next_answer = {"ok": False, "error": {"type": "ValueError", "text": "mine"}}
    first = session.home
    seen = []
    for home in (first, other_home(line, "of the second"), first):
        session.go_to(home)
        with pytest.raises(StudentError) as caught:
            ask(session)
        seen.append(caught.value.text)
    assert seen == ["mine", "of the second", "mine"]


def test_all_workers_are_closed_in_the_end(line: Line, session: Session) -> None:
    ask(session)
    for _ in range(2):
        session.go_to(other_home(line, ""))
        ask(session)
    session.close()
    assert [worker.closed for worker in line.workers] == [True, True, True]
    session.close()
