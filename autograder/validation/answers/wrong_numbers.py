"""How many of the numbers that hidden tests compare a planted bug gets wrong: measured, never declared.

The hidden tests of a task run against the reference, so that each goes to its end. Every request goes to the bugs, too,
and to the reference a second time. What counts are the numbers that both runs of the reference give (numbers drawn
anew do not) in outputs, gradients, predictions, losses, and in how far weights have moved from what a test gave them;
one is wrong in a bug when the bug gives another, or none. Nothing else is asked: a bug is no more wrong for failing a
test.

Of a task whose answers are yes and no, or one of a few words, guessing gets some of them right. There a bug is as wrong
as its answers are worthless: shares of each right answer that it misses, added up, so that one answer to everything, or
chance, is 1. With yes and no these are the noes that it misses and the yeses that it refuses.

Only the course's own code runs here, in forks of this process.
"""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest, Task
from autograder.course.variants import Variant
from autograder.errors import GraderError
from autograder.grading import fork_pool
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.salts import make_salt
from autograder.remote.student import Student
from autograder.validation.answers.numbers import Numbers, answers, close, numbers, stable
from autograder.validation.answers.voices import (
    HOURS_S,
    WEIGHTS,
    GivenWeights,
    Voice,
    learn,
    patient,
    round_key,
    transport_of,
)
from autograder.validation.counting import Tick, counted, tick_unseen
from autograder.wire.frames import Arrays, Message

# What describes code instead of computing with it: no number of these is an answer.
DESCRIPTIONS = {"blueprint", "module_table", "condition", "traces", "mode", "get"}

Word = bool | str


@dataclass
class Tally:
    """Numbers that count, and how many of them each bug got wrong; the same of answers that are yes, no, or a word."""

    numbers: int = 0
    wrong: Counter[str] = field(default_factory=Counter)
    said: Counter[Word] = field(default_factory=Counter)
    missed: Counter[tuple[str, Word]] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count what another salt gave, too."""
        self.numbers += other.numbers
        self.wrong.update(other.wrong)
        self.said.update(other.said)
        self.missed.update(other.missed)

    def share_of(self, bug: str) -> float | None:
        """How wrong a bug is, from 0 to 1; None where nothing can be measured."""
        if self.numbers:
            return self.wrong[bug] / self.numbers
        if len(self.said) < 2:
            return None
        missed = sum(self.missed[bug, right] / times for right, times in self.said.items())
        return min(1.0, missed / (len(self.said) - 1))


@dataclass(frozen=True)
class _Job:
    task: Task
    bugs: tuple[Variant, ...]
    round: int


def wrong_shares(
    assignment: Assignment, bugs: Sequence[Variant], salts: int, jobs: int = 1, tick: Tick = tick_unseen
) -> dict[str, float]:
    """Bug -> share of the numbers of its task that it gets wrong over `salts` salts, in `jobs` forks at once.

    Bugs whose task compares nothing but trainings are left out: two right trainings differ, too.

    Raises: UsageError when the hidden tests cannot be collected, GraderError when they end a fork.
    """
    manifest = patient(assignment.manifest)
    tallies: dict[str, Tally] = {}

    def serve(hidden: HiddenTests) -> None:
        def count(job: _Job) -> bytes:
            tally = Tally()
            chorus = Chorus(assignment, job.task, job.bugs, tally)
            tests = [test.id for test in job.task.tests if not test.trains]
            _run(hidden, manifest, tests, chorus, job.round)
            return pickle.dumps(tally)

        wanted = [
            _Job(task, own, number)
            for task in manifest.tasks
            if (own := tuple(bug for bug in bugs if bug.task == task.id and _has_file(assignment, bug)))
            and not all(test.trains for test in task.tests)
            for number in range(salts)
        ]
        finished = fork_pool.run(wanted, count, slots=jobs, deadline_s=HOURS_S, enter=fork_pool.be_quiet)
        for done in counted(finished, len(wanted), tick):
            if done.payload is None:
                raise GraderError(f"the numbers of {done.job.task.id} could not be counted: {done.reason}")
            tallies.setdefault(done.job.task.id, Tally()).add(pickle.loads(done.payload))

    serve_hidden_tests(assignment.folder, manifest, serve)
    shares = {bug.id: tallies[bug.task].share_of(bug.id) for bug in bugs if bug.task in tallies}
    return {bug: share for bug, share in shares.items() if share is not None}


def _has_file(assignment: Assignment, bug: Variant) -> bool:
    return (assignment.folder / "wrong" / f"{bug.id}.py").is_file()


def _run(hidden: HiddenTests, manifest: Manifest, tests: Sequence[str], chorus: Chorus, number: int) -> None:
    key = round_key(manifest.name, number)
    symbols = [symbol for task in manifest.tasks for symbol in task.tops]
    student = Student(lambda: chorus, symbols, manifest.limits)
    case = Case(manifest, student, make_salt(key, manifest.name, "wrong_numbers"), "en")
    hidden.run(case, frozenset(tests))
    student.close()


class Chorus:
    """A worker that answers as the reference does, and counts where the bugs differ."""

    def __init__(self, assignment: Assignment, task: Task, bugs: Sequence[Variant], tally: Tally) -> None:
        self._tally = tally
        self._given = GivenWeights()
        self._reference, self._again = (transport_of(task, "") for _ in range(2))
        self._bugs: dict[str, Voice] = {}
        for bug in bugs:
            self.close()  # what a bug imports is the reference's
            source = (assignment.folder / "wrong" / f"{bug.id}.py").read_text(encoding="utf-8")
            self._bugs[bug.id] = Voice(transport_of(task, source))

    def request(
        self,
        message: Message,
        arrays: Mapping[str, Any],
        *,
        timeout_s: float = 0.0,
        cpu_s: float | None = None,
    ) -> tuple[Message, Arrays]:
        """The reference's answer."""
        self._given.note(message, arrays)
        right = self._reference.request(message, arrays)
        again = self._again.request(message, arrays)
        for voice in self._bugs.values():
            if message["op"] == "free":
                voice.objects.clear()
        if right[0]["ok"] and again[0]["ok"]:
            self._compare(message, arrays, right, again)
        return right

    def _compare(
        self,
        message: Message,
        arrays: Mapping[str, Any],
        right: tuple[Message, Arrays],
        again: tuple[Message, Arrays],
    ) -> None:
        values = right[0]["values"]
        start = self._given.asked_for(message) or {}
        expected = numbers(answers(values), right[1], start)
        counted: Numbers = {}
        if message.get("name") not in DESCRIPTIONS:
            counted = stable(expected, numbers(answers(again[0]["values"]), again[1], start))
        if message.get("name") in WEIGHTS:  # how weights begin is drawn, and no test compares it
            counted = {place: mask for place, mask in counted.items() if place.rpartition("/")[2] in start}
        self._tally.numbers += sum(int(mask.sum()) for mask in counted.values())
        said = _word(values, right[1]) if message["op"] == "call" else None
        if said is not None:
            self._tally.said[said] += 1
        for name, voice in self._bugs.items():
            reply, received = voice.request(message, arrays)
            answer = reply["values"] if reply["ok"] else {}
            learn(values, right[1], answer, received, voice)
            own_start = {voice.weights.get(key, key): value for key, value in start.items()}
            found = numbers(answers(answer), received, own_start)
            self._tally.wrong[name] += _count_wrong(expected, counted, found, voice)
            if said is not None and _word(answer, received) != said:
                self._tally.missed[name, said] += 1

    def close(self) -> None:
        """Put the reference back in its place."""
        self._reference.request({"op": "echo"}, {})


def _word(values: Mapping[str, Any], arrays: Arrays) -> Word | None:
    """The answer of a call that is True, False (or a tensor of one of them) or text; None for any other."""
    match values.get("out"):
        case bool(said) | str(said):
            return said
        case ["tensor" | "ndarray", str(name)] if arrays[name].dtype == bool and arrays[name].size == 1:
            return bool(arrays[name].item())
    return None


def _count_wrong(right: Numbers, counted: Numbers, found: Numbers, voice: Voice) -> int:
    wrong = 0
    for place, mask in counted.items():
        head, _, name = place.rpartition("/")
        value = found.get(place, found.get(f"{head}/{voice.weights.get(name, name)}"))
        same = value is not None and value.shape == mask.shape
        wrong += (
            int((mask & ~close(right[place], value)).sum()) if same and value is not None else int(mask.sum())
        )
    return wrong
