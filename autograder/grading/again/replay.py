"""Run one hidden test again for one submission, with the salt of its grade, and the reference beside it.

What stands in the answer are hidden inputs and expected values: for staff only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import torch
from torch import Tensor

from autograder.course.assignment import environment_sha256, versions
from autograder.course.manifest import Test
from autograder.errors import UsageError
from autograder.grading.again.graded import Graded, require_key
from autograder.grading.again.replayed import Replayed, Request
from autograder.grading.again.workers import workers_of
from autograder.grading.examples.example import References
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.judge import Workers, load, places_of, student_of, unwritten_tasks
from autograder.grading.salts import make_salt
from autograder.grading.settings import Settings
from autograder.grading.verdicts.agreement import ATOL, RTOL, same_answer, same_value
from autograder.grading.verdicts.reference import reference_student
from autograder.grids.grid import Grid
from autograder.grids.tensors import answer, arguments, illustrated, pair
from autograder.intake.submission import Submission
from autograder.intake.uploads.rejection import Rejected
from autograder.remote.failures import StudentFailure
from autograder.remote.student import Student
from autograder.remote.transcript import Answer, Kept, Transcript, Turn
from autograder.wire.safe_text import clean_line, clean_text

OUT = "out"
MOST_WORDS = 2000


def replay(graded: Graded, key: bytes, test: Test) -> Replayed:
    """Run it. Raises: UsageError where the key is another one, or nothing was handed in; GraderError."""
    assignment, grade = graded.assignment, graded.grade
    require_key(key, [grade])
    torch.set_num_threads(1)
    found: list[Replayed] = []
    with workers_of(assignment, (assignment.folder, graded.upload.path, graded.out)) as workers:
        try:
            submission = workers.reader.read(graded.upload)
        except Rejected as rejection:
            raise UsageError(f"{grade.student}: {rejection.text.get(grade.lang)}") from rejection
        settings = Settings(
            manifest=assignment.manifest,
            edition=assignment.edition,
            key=key,
            lang=grade.lang,
            device="cpu",
            sandbox=workers.zygote.report,
            versions=versions(),
            grader_sha256=assignment.grader_sha256,
            environment_sha256=environment_sha256(),
            checkpoint=assignment.checkpoint,
        )
        task = assignment.manifest.task_of_test(test.id)
        if (said := unwritten_tasks(submission, settings).get(task.id)) is not None:
            raise UsageError(f"{grade.student}: {said}; there is nothing to run")
        serve_hidden_tests(
            assignment.folder,
            assignment.manifest,
            lambda hidden: found.append(_replayed(settings, submission, workers, hidden, test, graded)),
        )
    return found[0]


def _replayed(
    settings: Settings,
    submission: Submission,
    workers: Workers,
    hidden: HiddenTests,
    test: Test,
    graded: Graded,
) -> Replayed:
    with workers.holding(submission) as connect:
        loaded = load(connect, submission, settings)
        limit_s = settings.manifest.limits.submission_s
        with closing(student_of(settings, submission, loaded, limit_s)) as student:
            failure, asked = _run(settings, submission, hidden, test, student)
    with closing(reference_student(settings.manifest, settings.checkpoint)) as reference:
        _, right = _run(settings, submission, hidden, test, reference)
    names = References(settings.manifest)
    requests = requests_of(asked.turns, right.turns, names)
    return Replayed(
        graded.grade.student,
        test.id,
        "" if failure is None else _words(failure),
        requests,
        asked.is_whole,
        submission.digest != graded.grade.submission_sha256,
    )


def _run(
    settings: Settings, submission: Submission, hidden: HiddenTests, test: Test, student: Student
) -> tuple[BaseException | None, Transcript]:
    """How the test ends for a student, and what it asked."""
    ends: list[tuple[BaseException | None, Transcript]] = []
    case = Case(
        settings.manifest,
        student,
        make_salt(settings.key, settings.manifest.name, submission.student),
        settings.lang,
        lambda _, failure, transcript: ends.append((failure, transcript)),
        places=places_of(submission),
    )
    hidden.run(case, {test.id})
    return ends[0]


def requests_of(asked: Sequence[Turn], right: Sequence[Turn], names: References) -> tuple[Request, ...]:
    """Each beside the same request to the reference. Objects that were once asked differently are compared no more."""
    found: list[Request] = []
    are_alike = True
    for place, turn in enumerate(asked):
        other = right[place] if place < len(right) and _is_same(turn, right[place]) else None
        are_alike = are_alike and (other is not None or turn.kind == "symbol")
        found.append(_request(turn, other if are_alike or turn.kind == "symbol" else None, names))
    return tuple(found)


def _request(turn: Turn, right: Turn | None, names: References) -> Request:
    """right: the same request to the reference, None where it was asked something else."""
    parameters = names.parameters(turn.name) if turn.kind == "symbol" else []
    call, inputs = _call(turn, parameters), arguments(parameters, turn.args, turn.kwargs)
    if right is None:
        return Request(call, None, inputs, got=_words(turn.answer))
    in_double = turn.is_in_double
    if same_answer(turn.answer, right.answer, in_double=in_double):
        shown = pair(_out(turn.answer), _out(right.answer))
        return Request(call, False, inputs, shown)
    got, expected = turn.answer, right.answer
    if isinstance(got, StudentFailure) or isinstance(expected, StudentFailure):
        drawn = answer(_out(expected), "expected")
        return Request(call, True, inputs, drawn, (), _words(got), "" if drawn else _words(expected))
    parts = [
        part
        for part in dict.fromkeys([*got, *expected])
        if not same_value(got.get(part), expected.get(part), in_double=in_double)
    ]
    return _different(Request(call, True, inputs), got, expected, parts)


def _different(
    request: Request, got: Mapping[str, Any], expected: Mapping[str, Any], parts: Sequence[str]
) -> Request:
    """The request with what differs of its answers, the first part of them."""
    part = parts[0]
    name = "" if part == OUT else part
    one, other = got.get(part), expected.get(part)
    answers = pair(one, other, name)
    size: float | None = None
    drawn: tuple[Grid, ...] = ()
    if isinstance(one, Tensor) and isinstance(other, Tensor) and one.shape == other.shape and one.numel():
        apart, far = _apart(one, other)
        size, drawn = float(apart.abs().max()), (illustrated((apart, far), name or OUT),)
    return Request(
        request.call,
        True,
        request.inputs,
        answers,
        drawn,
        "" if answers else _words(one),
        "" if answers else _words(other),
        size,
    )


def _apart(got: Tensor, expected: Tensor) -> tuple[Tensor, Tensor]:
    """Got minus expected in double precision, and where that is more than rounding."""
    kind = torch.complex128 if got.is_complex() or expected.is_complex() else torch.float64
    one, other = got.to(kind), expected.to(kind)
    difference = (one - other).abs() if kind is torch.complex128 else one - other
    return difference, ~torch.isclose(one, other, RTOL, ATOL, equal_nan=True)


def _out(answer: Answer) -> Any:
    return None if isinstance(answer, StudentFailure) else answer.get(OUT)


def _is_same(one: Turn, other: Turn) -> bool:
    """Whether two turns ask the same."""
    return (one.kind, one.name, one.owner) == (other.kind, other.name, other.owner) and same_value(
        [list(one.args), dict(one.kwargs)], [list(other.args), dict(other.kwargs)]
    )


def _call(turn: Turn, parameters: Sequence[str]) -> str:
    """`conv2d(x, w, stride=2)`; tensors by the names of the parameters."""
    positional = [
        _value(value, parameters[place] if place < len(parameters) else f"[{place}]")
        for place, value in enumerate(turn.args)
    ]
    keywords = [f"{name}={_value(value, name)}" for name, value in turn.kwargs.items()]
    owner = f"object {turn.owner.number}" if turn.owner is not None else ""
    name = ".".join(part for part in (owner, turn.name) if part)
    options = {
        key: value
        for key, value in (turn.options or {}).items()
        if value not in (None, (), True, "contiguous") and key != "want" and not isinstance(value, Tensor)
    }
    said = f"{name}({', '.join([*positional, *keywords])})"
    return clean_line(said + (f"  # {options}" if options else ""))


def _value(value: Any, name: str) -> str:
    if isinstance(value, Tensor):
        return name
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {_value(part, _words(part))}' for key, part in value.items())}}}"
    if isinstance(value, list | tuple) and any(isinstance(part, Tensor | Kept) for part in value):
        return f"[{', '.join(_value(part, _words(part)) for part in value)}]"
    return _words(value)


def _words(value: Any) -> str:
    """An answer, or how there was none, as cleaned text of strangers."""
    if isinstance(value, StudentFailure):
        return clean_text(str(value))[:MOST_WORDS]
    if isinstance(value, BaseException):
        return clean_text(f"{type(value).__name__}: {value}")[:MOST_WORDS]
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_words(part)}" for key, part in value.items() if part is not None)[
            :MOST_WORDS
        ]
    if isinstance(value, Tensor):
        return f"tensor of shape {tuple(value.shape)}, {str(value.dtype).removeprefix('torch.')}"
    if isinstance(value, Kept):
        return f"object {value.number}"
    return clean_line(repr(value))[:MOST_WORDS]
