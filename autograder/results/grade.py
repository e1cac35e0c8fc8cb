"""The result of one submission: the JSON that is the truth about a grade, as `docs/results.md` describes it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from autograder.grids.grid import Grid
from autograder.intake.task_like import NOT_READ, NOT_WRITTEN
from autograder.text import Lang, Value
from autograder.wire.safe_text import clean_line, clean_text

# What a student or a worker wrote is cleaned where it enters a result, whatever way it came: a lone half of a
# character would otherwise make the result impossible to write.
Said = Annotated[str, BeforeValidator(lambda text: clean_text(text) if isinstance(text, str) else text)]
SaidLine = Annotated[str, BeforeValidator(lambda text: clean_line(text) if isinstance(text, str) else text)]
# No grader gives fewer than no points, or a number that none is; who wrote that into a file is told.
Points = Annotated[float, Field(ge=0, allow_inf_nan=False)]

Status = Literal["rejected", "missing", "timeout", "crashed", "partial", "graded"]
STATUSES: tuple[Status, ...] = ("rejected", "missing", "timeout", "crashed", "partial", "graded")
SCHEMA = 1


DifferenceKind = Literal[
    "type", "number", "answer", "dtype", "shape", "not finite", "values", "width", "no gradient",
    "property", "error", "timeout", "crashed", "not comparable",
]  # fmt: skip


class KindOfDifference(Value):
    """How a hidden test went wrong, in words that cannot carry what the test had sent to the student's code.

    found, wanted: for "type", "number", "answer" and "dtype", names from a list that the judge holds; for "no gradient"
    the argument that gets none where others do, by its name in the reference. power: the largest difference
    is about ten to this power. error: the built-in type of an exception, "" for another one. place, line: where it
    stopped, checked against the source that was handed in; "" and None where that is not known.
    """

    kind: DifferenceKind
    found: str = ""
    wanted: str = ""
    power: int | None = None
    error: str = ""
    place: SaidLine = ""
    line: int | None = None


class Example(Value):
    """A call like that of a hidden test, with other numbers, in a worker that has met no hidden test.

    got or error: what the student's code answers; `error` is its own text. expected: what is right, "" where only the
    error is to be shown. arrays: the tensors that went in, which `call` names, and answers that are numbers, for
    drawing them side by side.
    """

    call: Said = ""
    got: Said = ""
    expected: Said = ""
    error: Said = ""
    arrays: tuple[Grid, ...] = ()


class TestResult(Value):
    """One hidden test. `passed` is None where there is no verdict: zero points, and staff must look.

    difference: how it went wrong, None where it did not, or where its task could not be loaded. forgiven: it passed,
    although an answer that it was given was wrong: it leaves that mistake to another test of its task.
    """

    __test__ = False

    id: str
    passed: bool | None
    points: Points
    max_points: Points
    message: Said
    difference: KindOfDifference | None = None
    example: Example | None = None
    forgiven: bool = False


class Diagnosis(Value):
    """A misconception that explains a lost test."""

    bug: str
    message: str


class MultiplierResult(Value):
    """The share by which a test has multiplied the points of the others, and what that says in words."""

    test: str
    share: Points
    message: str


class AnswerResult(Value):
    """What a student wrote for one row of a written task."""

    row: str
    text: Said


class TaskResult(Value):
    """One task: where its code was found, its tests (points as multiplied), and what explains the lost points.

    answers: of a written task, those that are written; a person marks them, and its `score` here stays 0.
    withheld: points that it would have, had no forbidden call run; `message` tells the student which.
    calls: which and where, for staff; "" in results of earlier versions.
    """

    id: str
    title: str
    score: Points
    max_score: Points
    bonus: bool = False
    withheld: Points = 0.0
    message: Said = ""
    calls: Said = ""
    source: SaidLine
    tests: tuple[TestResult, ...]
    multiplier: MultiplierResult | None = None
    diagnosis: tuple[Diagnosis, ...] = ()
    answers: tuple[AnswerResult, ...] = ()

    @property
    def is_handed_in(self) -> bool:
        """Whether code of it was found, be it with a syntax error, or an answer in words."""
        return self.source not in ("", NOT_WRITTEN.ru, NOT_WRITTEN.en)

    @property
    def could_run(self) -> bool:
        """Whether code of it was found that can be read: the tests of other code say nothing of themselves."""
        places = {NOT_READ.ru, NOT_READ.en, NOT_WRITTEN.ru, NOT_WRITTEN.en}
        return self.is_handed_in and not set(self.source.split(", ")) <= places


class ThresholdResult(Value):
    """A measured metric on its ramp. `values` are the single measurements of which `value` is the best.

    `low` and `high` are None where they are measured with the class, and were not.
    """

    id: str
    metric: str
    value: float | None
    values: tuple[float, ...] = ()
    low: float | None
    high: float | None
    points: Points
    max_points: Points
    interval: tuple[float, float] | None = None
    note: str = ""


class SandboxReport(Value):
    """What contained the student's code, and what did not."""

    tier: str
    layers: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


class Override(Value):
    """The decision of a person that a task has at least so many points, whatever the grader gives."""

    task: str
    points: Points
    reason: Said
    by: SaidLine
    at: datetime


class Grade(Value):
    """Everything known about one graded submission. placeless: tasks that it has neither code nor a cell of."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    student: str
    assignment: str
    lang: Lang
    score: Points
    max_score: Points
    status: Status
    needs_staff: bool
    reason: Said = ""
    attempt: int = Field(default=1, ge=1)
    submitted_at: datetime | None = None
    late: bool = False
    overrides: tuple[Override, ...] = ()
    tasks: tuple[TaskResult, ...] = ()
    placeless: tuple[str, ...] = ()
    thresholds: tuple[ThresholdResult, ...] = ()
    notes: tuple[SaidLine, ...] = ()
    staff_notes: tuple[SaidLine, ...] = ()
    seconds: float = Field(ge=0, allow_inf_nan=False)
    sandbox: SandboxReport
    device: str
    salt_id: str
    submission_sha256: str
    grader_sha256: str
    environment_sha256: str
    versions: dict[str, str] = Field(default_factory=dict)
    started_at: datetime


class Outcome(Value):
    """What the judge saw of one hidden test, before points: the input of `grading.points`.

    `verdict` None means that no verdict was reached (the judge itself failed). `value` is set by threshold tests; `low`
    and `high` by those whose bars are measured.
    """

    test: str
    verdict: Literal["passed", "failed", "error", "timeout", "crashed"] | None
    message: Said = ""
    seconds: float = 0.0
    value: float | None = None
    values: tuple[float, ...] = ()
    num_images: int | None = None
    difference: KindOfDifference | None = None
    example: Example | None = None
    low: float | None = None
    high: float | None = None
