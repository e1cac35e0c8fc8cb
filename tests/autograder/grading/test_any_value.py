"""Whatever a student's code answers, a hidden test of this course ends with a verdict on the student.

Each hidden test of each assignment meets the reference, of which one answer is replaced by an odd one. After it the
misconceptions are looked for and an example is made, as for a real submission.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.course.assignment import find_assignment
from autograder.course.manifest import Manifest, Test, load_manifest
from autograder.course.variants import known_variants
from autograder.grading import hidden_tests
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.grading.examples.example import References
from autograder.grading.glyphs.exam import Bars, Examination, glyph_secret
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.verdicts.reference import reference_student
from autograder.remote.student import Student
from autograder.wire.frames import Arrays, Message
from tests.autograder.grading.odd_students import (
    OddWorker,
    decoded_out,
    errors,
    odd_versions,
    student_of,
    with_out,
)  # fmt: skip

COURSE = Path(__file__).parents[3] / "assignments"
FOLDERS = sorted(path.parent for path in COURSE.glob("*/assignment.toml"))
TASKS = [(folder, task) for folder in FOLDERS for task in load_manifest(folder).tasks]
# Tests that train or measure: there a network that was not trained is handed back, for that takes seconds.
TRAINED = [
    (folder, test)
    for folder, task in TASKS
    for test in task.tests
    if test.trains or test.threshold is not None
]
UNTRAINED_IDS = {test.id for _, test in TRAINED}
QUICK = [
    (folder, task.id) for folder, task in TASKS if any(test.id not in UNTRAINED_IDS for test in task.tests)
]
SAMPLE = 2
BARS = Bars(ridge=0.7, reference=0.98, reference_cpu_s=6)


def salt(purpose: str) -> bytes:
    return hashlib.sha256(f"any value {purpose}".encode()).digest()


@dataclass
class Meeting:
    """The hidden tests of a task meet odd answers; what gives no verdict is collected."""

    folder: Path
    manifest: Manifest
    hidden: HiddenTests
    sample: int | None
    untrained: bool = False
    met: int = 0
    incomparable: int = 0
    without_verdict: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.diagnostician = Diagnostician(self.folder, self.manifest, known_variants(self.folder))
        self.checkpoint = find_assignment(str(self.folder)).checkpoint
        self.hidden.examination = Examination(glyph_secret(salt("key"), self.manifest.name), 0.1, BARS)

    def _student(self, worker: OddWorker) -> Student:
        return student_of(self.manifest, worker, self.checkpoint)

    def meet(self, task: str, test: Test) -> None:
        recorded: list[tuple[Message, Arrays]] = []

        class Recording(OddWorker):
            def request(self, message: Message, arrays: Arrays, **limits: Any) -> tuple[Message, Arrays]:
                before = self.asked
                reply = super().request(message, arrays)
                if self.asked > before:
                    recorded.append(reply)
                return reply

        student = self._student(Recording(untrained=self.untrained))
        right = Case(self.manifest, student, salt, "en")
        self.hidden.run(right, [test.id])
        assert right.outcomes[test.id].verdict == "passed" or self.untrained, test.id
        rng = np.random.default_rng(zlib.crc32(test.id.encode()))
        places = sorted({0, 1, len(recorded) - 1} & set(range(len(recorded))))
        chances = [(at, name, value) for at in places for name, value in _odd(*recorded[at])]
        if self.sample is not None:
            chances = [chances[i] for i in rng.permutation(len(chances))[: self.sample]]
        for at, name, answer in chances:
            self._judge(task, test, at, name, answer)

    def _judge(self, task: str, test: Test, at: int, name: str, answer: Any) -> None:
        self.met += 1
        seen: list[Seen] = []
        case = Case(
            self.manifest,
            self._student(OddWorker(at, answer, self.untrained)),
            salt,
            "en",
            lambda _, failure, transcript: seen.append(Seen(failure is not None, transcript)),
            reference=lambda: reference_student(self.manifest, self.checkpoint),
        )
        self.hidden.run(case, [test.id])
        outcome = case.outcomes[test.id]
        if outcome.verdict is None:
            self.without_verdict.append(f"{test.id}, answer {at} is {name}: {outcome.message}")
        self.incomparable += outcome.difference is not None and outcome.difference.kind == "not comparable"
        self.diagnostician.explain(task, seen, "en")
        fresh = self._student(OddWorker(at, answer, self.untrained))
        self.hidden.add_examples(case, fresh, References(self.manifest))


def _odd(reply: Message, arrays: Arrays) -> Iterator[tuple[str, Any]]:
    for name, value in odd_versions(decoded_out(reply, arrays)):
        yield name, with_out(value)
    for name, error in errors():
        yield name, lambda *_, error=error: (error, {})


@pytest.fixture
def reference_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same test with the same salt ends the same way with the reference each time."""
    known: dict[str, str | None] = {}
    ask = hidden_tests.ask_a_fork

    def remembering(question: Any, deadline_s: float) -> str | None:
        test = next(
            cell.cell_contents.id for cell in question.__closure__ if isinstance(cell.cell_contents, Test)
        )
        if test not in known:
            known[test] = ask(question, deadline_s)
        return known[test]

    monkeypatch.setattr(hidden_tests, "ask_a_fork", remembering)


def judged(folder: Path, tests: list[Test], sample: int | None, untrained: bool = False) -> Meeting:
    """These hidden tests of one task have met odd answers: a `sample` of them for each test, or all."""
    manifest = load_manifest(folder)
    meetings: list[Meeting] = []

    def serve(hidden: HiddenTests) -> None:
        meetings.append(Meeting(folder, manifest, hidden, sample, untrained))
        for test in tests:
            meetings[0].meet(manifest.task_of_test(test.id).id, test)

    serve_hidden_tests(folder, manifest, serve)
    (meeting,) = meetings
    print(f"{tests[0].id}: {meeting.met} odd answers, {meeting.incomparable} not comparable")
    return meeting


@pytest.mark.slow
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("folder", "task"), QUICK, ids=[f"{folder.name}-{task}" for folder, task in QUICK])
def test_an_odd_answer_gets_a_verdict(folder: Path, task: str, reference_asked_once: None) -> None:
    tests = [test for test in load_manifest(folder).task(task).tests if test.id not in UNTRAINED_IDS]
    meeting = judged(folder, tests, SAMPLE)
    assert meeting.met >= SAMPLE
    assert meeting.without_verdict == []


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    ("folder", "test"),
    [(folder, test) for folder, task in TASKS for test in task.tests if test.id not in UNTRAINED_IDS],
    ids=lambda part: part.id.split("::")[1] if isinstance(part, Test) else part.name,
)
def test_each_odd_answer_gets_a_verdict(folder: Path, test: Test, reference_asked_once: None) -> None:
    meeting = judged(folder, [test], None)
    assert meeting.met >= 50
    assert meeting.without_verdict == []


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(("folder", "test"), TRAINED, ids=[test.id.split("::")[1] for _, test in TRAINED])
def test_each_odd_answer_of_a_training_gets_a_verdict(
    folder: Path, test: Test, reference_asked_once: None
) -> None:
    meeting = judged(folder, [test], None, untrained=True)
    assert meeting.met >= 50
    assert meeting.without_verdict == []
