"""A session over workers that answer as told, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from autograder.course.manifest import Limits
from autograder.remote.failures import StudentCrashed, StudentFailure, StudentTimeout
from autograder.remote.session import Home, Remote, Session
from autograder.wire.frames import Arrays, Message
from autograder.wire.reasons import Reason

LIMITS = Limits(load_s=3, call_s=2, test_s=20, submission_s=100)
FINE: Message = {"ok": True, "values": {"out": 1}}


@dataclass
class ToldClock:
    """Seconds that pass when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Worker:
    """A worker that takes `seconds` for each answer and answers as told: with a message, or by failing."""

    clock: ToldClock
    answer: Message | Exception = field(default_factory=lambda: dict(FINE))
    arrays: Arrays = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[tuple[Message, dict[str, Any]]] = field(default_factory=list)
    closed: bool = False

    def request(self, message: Message, arrays: Arrays, **limits: float | None) -> tuple[Message, Arrays]:
        assert not self.closed
        self.asked.append((message, {"arrays": arrays, **limits}))
        self.clock.now += self.seconds
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer, self.arrays

    def close(self) -> None:
        assert not self.closed
        self.closed = True


@dataclass(frozen=True)
class Seen:
    """What a test sees of an object in the worker."""

    remote: Remote


@dataclass
class Line:
    """A session, its workers and its clock. `next_answer`: of workers that are taken from now on."""

    clock: ToldClock
    workers: list[Worker] = field(default_factory=list)
    next_answer: Message | Exception = field(default_factory=lambda: dict(FINE))

    def connect(self) -> Worker:
        self.workers.append(Worker(self.clock, self.next_answer))
        return self.workers[-1]

    def start(self) -> Session:
        home = Home(self.connect, {}, lambda error: error)
        return Session(home, LIMITS, Seen, lambda value: value.remote if isinstance(value, Seen) else None)


def reason_of(error: type[StudentFailure], action: Callable[..., object], *args: object) -> Reason:
    with pytest.raises(error) as caught:
        action(*args)
    assert isinstance(caught.value, StudentTimeout | StudentCrashed)
    return caught.value.reason


def ask(session: Session, timeout_s: float = 2.0) -> dict[str, Any]:
    return session.request({"op": "call"}, {}, timeout_s)
