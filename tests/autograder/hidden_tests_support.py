"""Hidden tests that a test writes, and workers that answer as they are told, to run them with."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.course.manifest import Manifest
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.remote.student import Student
from autograder.remote.transcript import Transcript
from autograder.results.grade import Outcome
from autograder.sandbox.host.connection import ZygoteEndedError
from autograder.text import Lang
from autograder.wire.errors import WorkerCrashed, WorkerTimeout
from autograder.wire.frames import Arrays, Message
from autograder.wire.reasons import Reason
from tests.autograder.manifests import plain

CORE, CORNER, ACCURACY = "test_a1.py::test_core", "test_a1.py::test_corner", "test_b1.py::test_accuracy"
FILES = {
    "test_a1.py": "def test_core(student):\n    pass\n\ndef test_corner(student):\n    pass\n",
    "test_b1.py": "def test_accuracy(threshold):\n    threshold.record(0.7)\n",
}


def manifest(**limits: Any) -> Manifest:
    return Manifest.model_validate(
        {**plain(), "limits": {"call_s": 50, "test_s": 20, "submission_s": 100, **limits}}
    )


@dataclass
class Workers:
    """Workers of one submission: each answers a call of `conv2d` with its argument, or fails as the argument says.

    answer: what each call is answered with instead.
    """

    asked: list[tuple[int, str, float]] = field(default_factory=list)
    number: int = 0
    answer: str | None = None

    def connect(self) -> Worker:
        self.number += 1
        return Worker(self, self.number)


@dataclass
class Worker:
    workers: Workers
    number: int

    def request(self, message: Message, arrays: Arrays, **limits: Any) -> tuple[Message, Arrays]:
        what = message["args"][0] if message["op"] == "call" else message["op"]
        self.workers.asked.append((self.number, what, limits["timeout_s"]))
        match what:
            case "hang":
                raise WorkerTimeout(Reason("no answer", {"seconds": 2}))
            case "leave":
                raise WorkerCrashed(Reason("exit", {"code": 3}))
            case "zygote":
                raise ZygoteEndedError("the zygote has ended")
            case "raise" | "unwritten":
                kind = "ValueError" if what == "raise" else "NotImplementedError"
                return {"ok": False, "error": {"type": kind, "text": f"{kind}: mine"}}, {}
        out = what if self.workers.answer is None or message["op"] != "call" else self.workers.answer
        return {"ok": True, "values": {"out": out}}, {}

    def close(self) -> None:
        pass


@dataclass
class Ran:
    """What a run of the hidden tests gave."""

    outcomes: dict[str, Outcome]
    told: list[tuple[str, bool, list[str]]]
    workers: Workers


@dataclass
class Course:
    """An assignment folder whose hidden tests a test writes."""

    folder: Path

    def run(
        self,
        tests: Sequence[str] | None = None,
        lang: Lang = "en",
        worker: str = "submission",
        reference: Callable[[], Student] | None = None,
        **files: str,
    ) -> Ran:
        """Write the files `test_a1`, `test_b1`... and run the hidden tests for one submission."""
        found = manifest(worker=worker)
        ran = Ran({}, [], Workers())
        self.write(**files)

        def told(test: str, failure: BaseException | None, transcript: Transcript) -> None:
            asked = [str(turn.args[0]) for turn in transcript.turns if turn.kind == "symbol"]
            ran.told.append((test, failure is not None, asked))

        def serve(hidden: HiddenTests) -> None:
            student = Student(ran.workers.connect, found.tasks[0].tops, found.limits)
            case = Case(found, student, salt, lang, told, self.unwritten, reference)
            hidden.run(case, tests)
            ran.outcomes = case.outcomes

        serve_hidden_tests(self.folder, found, serve)
        return ran

    def write(self, **files: str) -> None:
        """Write the files, in place of those that a run before has imported."""
        for name in ("test_a1", "test_b1", "test_c1"):
            sys.modules.pop(name, None)
        (self.folder / "hidden").mkdir(exist_ok=True)
        for name, text in {**FILES, **{f"{name}.py": text for name, text in files.items()}}.items():
            (self.folder / "hidden" / name).write_text(text, encoding="utf-8")

    unwritten: dict[str, str] = field(default_factory=dict)


def salt(purpose: str) -> bytes:
    return hashlib.sha256(purpose.encode()).digest()


def core(body: str) -> str:
    return f"def test_core(student):\n    {body}\n\ndef test_corner():\n    pass\n"


def append(path: Path, expression: str) -> str:
    """A line of a hidden test that appends text to a file."""
    return f"with open({str(path)!r}, 'a') as log: log.write({expression})"
