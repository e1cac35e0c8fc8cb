"""Hidden tests without the wall, for many salts: they catch mistakes and spare right work, whatever they draw.

The first round grades behind the wall, as a class is graded. What another salt can change is what is asked, and which
names fit the answers. So the code of a submission, which is the course's own, answers in a fork of the process that has
read the hidden tests, once for each salt; all else of a grade stays as the first round gave it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest
from autograder.course.variants import known_variants, of_tasks
from autograder.grading import fork_pool
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.points import score_task, score_thresholds
from autograder.grading.salts import make_salt, salt_id
from autograder.grading.unjudged import without_verdict
from autograder.grading.verdicts.reference import reference_student
from autograder.remote.student import Student
from autograder.remote.transcript import Transcript
from autograder.results.grade import TaskResult, ThresholdResult
from autograder.results.totals import total
from autograder.text import Lang, Value
from autograder.validation.answers.voices import round_key, transport_of
from autograder.validation.class_of_variants import REFERENCE
from autograder.validation.counting import Tick, counted, tick_unseen
from autograder.validation.problems import Verdicts

LANG: Lang = "ru"


@dataclass(frozen=True)
class Work:
    """What one of those that are graded hands in: the file with its definitions of a task, and its weights.

    The reference has no file.
    """

    task: str
    source: Path | None
    checkpoint: bytes | None


@dataclass(frozen=True)
class Piece:
    """The tests of one task, for one of those that are graded."""

    student: str
    task: str
    tests: frozenset[str]


class Answered(Value):
    """What one salt gave a piece."""

    task: TaskResult
    thresholds: tuple[ThresholdResult, ...]
    reason: str


ANSWERS = TypeAdapter(list[Answered])


def further_rounds(
    assignment: Assignment,
    first: Verdicts,
    chosen: Mapping[str, frozenset[str]],
    handed_in: Mapping[str, Work],
    numbers: Sequence[int],
    jobs: int,
    tick: Tick = tick_unseen,
) -> list[Verdicts]:
    """The verdicts of the salts `numbers`, `jobs` forks at once.

    Args:
        first: the grades of the first round; who has none there begins with the reference's.
        chosen: student -> hidden tests, the same with each salt.
        handed_in: by student.
        tick: is told how many tasks of somebody are done.

    Raises: UsageError when the hidden tests cannot be collected.
    """
    manifest = assignment.manifest
    pieces = [
        Piece(student, task.id, tests)
        for student, asked in chosen.items()
        for task in manifest.tested
        if (tests := asked.intersection(test.id for test in task.tests))
    ]
    found: dict[Piece, list[Answered]] = {}
    reasons: dict[str, str] = {}

    def serve(hidden: HiddenTests) -> None:
        bugs = of_tasks(manifest, known_variants(assignment.folder))
        diagnostician = Diagnostician(assignment.folder, manifest, bugs)

        def work(piece: Piece) -> bytes:
            own = handed_in[piece.student]
            return ANSWERS.dump_json(
                [_answer(manifest, hidden, diagnostician, piece, own, number) for number in numbers]
            )

        deadline_s = len(numbers) * manifest.limits.submission_s
        finished = fork_pool.run(pieces, work, slots=jobs, deadline_s=deadline_s, enter=fork_pool.be_quiet)
        for done in counted(finished, len(pieces), tick):
            if done.payload is None:
                reasons[done.job.student] = f"{done.job.task} with further salts: {done.reason}"
            else:
                found[done.job] = ANSWERS.validate_json(done.payload)

    serve_hidden_tests(assignment.folder, manifest, serve)
    return [
        _verdicts(
            manifest, first, chosen, {piece: all_[at] for piece, all_ in found.items()}, reasons, number
        )
        for at, number in enumerate(numbers)
    ]


def _answer(
    manifest: Manifest,
    hidden: HiddenTests,
    diagnostician: Diagnostician,
    piece: Piece,
    handed_in: Work,
    number: int,
) -> Answered:
    """In a fork: the tests of one piece with one salt."""
    seen: list[Seen] = []

    def on_test(test: str, failure: BaseException | None, transcript: Transcript) -> None:
        seen.append(Seen(failure is not None, transcript))

    course = transport_of(manifest.task(handed_in.task or piece.task), "")

    def reference() -> Student:
        course.request({"op": "echo"}, {})  # puts its definitions back on the modules
        return reference_student(manifest, handed_in.checkpoint)

    student = _student(manifest, handed_in)
    case = Case(
        manifest,
        student,
        make_salt(round_key(manifest.name, number), manifest.name, piece.student),
        LANG,
        on_test,
        reference=reference,
    )
    hidden.run(case, piece.tests)
    student.close()
    reference()
    diagnosis = diagnostician.explain(piece.task, seen, LANG)
    thresholds = score_thresholds(manifest, case.outcomes, LANG, piece.tests)
    return Answered(
        task=score_task(manifest.task(piece.task), case.outcomes, "", LANG, diagnosis, piece.tests),
        thresholds=tuple(one for one in thresholds if one.id in piece.tests),
        reason=without_verdict(case.outcomes.values()),
    )


def _student(manifest: Manifest, handed_in: Work) -> Student:
    if handed_in.source is None:
        return reference_student(manifest, handed_in.checkpoint)
    task, source = manifest.task(handed_in.task), handed_in.source.read_text(encoding="utf-8")
    symbols = [symbol for own in manifest.tasks for symbol in own.tops]
    return Student(
        lambda: transport_of(task, source), symbols, manifest.limits, checkpoint=handed_in.checkpoint
    )


def _verdicts(
    manifest: Manifest,
    first: Verdicts,
    chosen: Mapping[str, frozenset[str]],
    answers: Mapping[Piece, Answered],
    reasons: Mapping[str, str],
    number: int,
) -> Verdicts:
    """The grades of the first round, with what this salt gave in their places."""
    key = round_key(manifest.name, number)
    grades = {}
    for student in chosen:
        own = [answer for piece, answer in answers.items() if piece.student == student]
        known = {answer.task.id: answer.task for answer in own}
        grade = first.grades.get(student) or first.grades[REFERENCE]
        tasks = tuple(known.get(task.id, task) for task in grade.tasks)
        reason = next((answer.reason for answer in own if answer.reason), reasons.get(student, ""))
        grades[student] = grade.model_copy(
            update={
                "student": student,
                "tasks": tasks,
                "thresholds": tuple(one for answer in own for one in answer.thresholds),
                "score": total(tasks),
                "reason": reason,
                "salt_id": salt_id(key, manifest.name, student),
            }
        )
    return Verdicts(grades, chosen)
