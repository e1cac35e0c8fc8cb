"""Which misconception explains a failed test: its requests, asked of the planted bugs of the task.

Precision comes first. A bug is named only when it answers like the student wherever the student differs from the
reference, and contradicts nothing that the student got right; a failed test in which nothing differs is explained by
no bug, and then none is named. Runs on the trusted side with the course's own code; of the student only answers are
used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.course.variants import Variant, spellings
from autograder.grading.verdicts.agreement import is_ended, same_answer, same_kind, same_value
from autograder.grading.verdicts.forgiven import is_forgiven, is_of_functions
from autograder.grading.verdicts.rehearsal import Rehearsal, Said
from autograder.grading.verdicts.stand_ins import PlantedBug, StandIns
from autograder.remote.failures import StudentFailure
from autograder.remote.session import Transport
from autograder.remote.transcript import Answer, Transcript
from autograder.results.grade import Diagnosis
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.text import Lang

MAX_NAMED = 2


@dataclass(frozen=True)
class Seen:
    """One hidden test of a submission: whether it failed, what was asked and answered, and its id."""

    failed: bool
    transcript: Transcript
    test: str = ""


@dataclass
class Part:
    """Requests of one test, and what the reference answers, as far as it has been asked.

    Attributes:
        differs: whether one of the student's answers is another one.
        seconds: that the reference took.
    """

    transcript: Transcript
    right: list[Answer] = field(default_factory=list)
    differs: bool = False
    seconds: float = 0.0


class Diagnostician:
    """Names the planted bugs of an assignment that a student's answers agree with."""

    def __init__(self, folder: Path, manifest: Manifest, variants: Sequence[Variant]) -> None:
        self._manifest = manifest
        self._bugs: dict[str, list[PlantedBug]] = {}
        self._correct: dict[str, list[PlantedBug]] = {}
        for variant in variants:
            symbols = manifest.task(variant.task).tops
            kind = self._bugs if variant.kind == "bug" else self._correct
            for path in spellings(folder, variant):
                kind.setdefault(variant.task, []).append(PlantedBug(variant, path, symbols))

    def explain(
        self,
        task: str,
        seen: Sequence[Seen],
        lang: Lang,
        connect: Callable[[], Transport] | None = None,
    ) -> tuple[Diagnosis, ...]:
        """Name the planted bugs of a task that explain all its failed tests: one, or two that nothing tells apart.

        connect: gives a worker that holds the reference, for tests that ask for more than calls of functions; without
        it these are repeated in this process, too.
        """
        failed = [test.transcript for test in seen if test.failed]
        bugs = self._bugs.get(task, [])
        if not bugs or not failed or not all(transcript.turns for transcript in failed):
            return ()
        asks_for_objects = any(test.transcript.asks_for_objects for test in seen)
        in_process = connect is None or not asks_for_objects
        stand_ins = StandIns(_in_process if in_process or connect is None else connect, self._manifest)
        with closing(stand_ins):
            named = _Search(stand_ins, seen, one_by_one=not asks_for_objects).explaining(bugs)
        return tuple(Diagnosis(bug=bug.variant.id, message=bug.variant.what.get(lang)) for bug in named)

    def forgiven(
        self, task: str, seen: Sequence[Seen], connect: Callable[[], Transport] | None = None
    ) -> frozenset[str]:
        """The passed tests of a task that have met a wrong answer all the same: another test charges that mistake.

        Asked are tests that call functions, and only where one of the task failed. connect: as above.
        """
        passed = [
            test
            for test in seen
            if not test.failed and test.transcript.turns and is_of_functions(test.transcript)
        ]
        if not passed or not any(test.failed for test in seen):
            return frozenset()
        in_process = connect is None or not any(test.transcript.asks_for_objects for test in passed)
        stand_ins = StandIns(_in_process if in_process or connect is None else connect, self._manifest)
        correct = self._correct.get(task, [])
        with closing(stand_ins):
            return frozenset(test.test for test in passed if is_forgiven(stand_ins, correct, test.transcript))


def _in_process() -> Transport:
    return InProcess(Executor())


class _Search:
    """The bugs that answer like one student.

    one_by_one: whether each request is for itself, so that they can be put in any order.
    """

    def __init__(self, stand_ins: StandIns, seen: Sequence[Seen], *, one_by_one: bool) -> None:
        self._stand_ins, self._one_by_one = stand_ins, one_by_one
        self._failed = [Part(test.transcript) for test in seen if test.failed]
        self._passed = [Part(test.transcript) for test in seen if not test.failed]

    def explaining(self, bugs: Sequence[PlantedBug]) -> list[PlantedBug]:
        """Those to be named."""
        for part in self._failed:
            self._ask_the_reference(part)
        if not all(part.differs for part in self._failed):
            return []  # a test failed for a reason that no answer shows
        found = list(bugs)
        for part in [*self._in_order(), *self._passed]:
            found = [bug for bug in found if self._answers_alike(bug, part)]
            if not found:
                break
        named = list({bug.variant.id: bug for bug in found}.values())  # each once, in however many spellings
        return named if len(named) <= MAX_NAMED else []

    def _in_order(self) -> list[Part]:
        """What fails, the parts that rule out most for the least time first."""
        parts = sorted(self._failed, key=lambda part: part.seconds)
        if not self._one_by_one:
            return parts
        halves = [_halves(part) for part in parts]
        return [half[0] for half in halves] + [half[1] for half in halves if half[1].transcript.turns]

    def _ask_the_reference(self, part: Part) -> None:
        self._stand_ins.choose(None)
        started = time.monotonic()
        said = list(self._play(part.transcript))
        part.seconds = time.monotonic() - started
        part.right = [one.ours for one in said]
        part.differs = any(one.differs for one in said) and not any(map(is_ended, part.right))

    def _answers_alike(self, bug: PlantedBug, part: Part) -> bool:
        """Whether a bug gives the student's answers, and where the part fails, does so where it differs."""
        self._stand_ins.choose(bug)
        is_explained = not part.differs
        with closing(self._play(part.transcript)) as answers:
            for number, said in enumerate(answers):
                if not said.is_same and not part.right and _may_be_free(said):
                    break
                if not said.is_same and not (part.right and _is_free(said, part.right[number])):
                    return False
                if said.is_same and not is_explained:
                    is_explained = said._replace(ours=part.right[number]).differs
            else:
                return is_explained
        self._ask_the_reference(part)
        return self._answers_alike(bug, part)

    def _play(self, transcript: Transcript) -> Generator[Said]:
        student = self._stand_ins.student
        student.begin_test()
        student.stop_recording()
        try:
            yield from Rehearsal(student, transcript).play()
        finally:
            if transcript.asks_for_objects:
                student.free_handles()


def _may_be_free(said: Said) -> bool:
    return same_kind(said.theirs, said.ours) or _same_shapes(said)


def _is_free(said: Said, right: Answer) -> bool:
    """Whether student and bug differ only in what is free: words of an error that is right, names of layers."""
    if same_kind(said.theirs, said.ours):
        return same_kind(said.ours, right)
    return _same_shapes(said) and same_answer(said.ours, right)


def _same_shapes(said: Said) -> bool:
    """Whether two descriptions of a network differ in names only."""
    if said.turn.kind != "driver" or said.turn.name != "blueprint":
        return False
    if isinstance(said.theirs, StudentFailure) or isinstance(said.ours, StudentFailure):
        return False
    one, other = said.theirs["out"], said.ours["out"]
    if not all(isinstance(plan, dict) and isinstance(plan.get("shapes"), dict) for plan in (one, other)):
        return False
    return same_value(
        *({**plan, "shapes": sorted(plan["shapes"].values(), key=repr)} for plan in (one, other))
    )


def _halves(part: Part) -> tuple[Part, Part]:
    """The requests of which the student's answers differ, and the others."""
    turns = part.transcript.turns
    differ = [Said(turn, turn.answer, right).differs for turn, right in zip(turns, part.right, strict=True)]
    one, other = (
        [number for number, is_other in enumerate(differ) if is_other is wanted] for wanted in (True, False)
    )
    return _some(part, one, differs=True), _some(part, other, differs=False)


def _some(part: Part, numbers: Sequence[int], *, differs: bool) -> Part:
    turns = [part.transcript.turns[number] for number in numbers]
    right = [part.right[number] for number in numbers]
    return Part(replace(part.transcript, turns=turns), right, differs, part.seconds)
