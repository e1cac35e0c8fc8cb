"""The assignment manifest, `assignment.toml`, as a checked value.

It is the only place where tasks, points, limits and thresholds are written down.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from autograder.course.checking.problems import of_manifest, of_task, refuse
from autograder.course.checking.toml_file import load
from autograder.course.hints import Hints
from autograder.course.rows import Row
from autograder.course.symbol import Symbol, SymbolField, tops
from autograder.errors import UsageError
from autograder.text import Text, Value

MANIFEST_NAME = "assignment.toml"

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
TaskId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
PythonVersion = Annotated[str, StringConstraints(pattern=r"^3\.\d+$")]
TestId = Annotated[str, StringConstraints(pattern=r"^test_[a-z0-9_]+\.py::test_[a-z0-9_]+$")]


class Threshold(Value):
    """A linear ramp from `low` (no points) to `high` (all points) on one metric.

    With a `margin` in place of both the bars are measured when a class is graded: on glyphs, `low` is what a ridge on
    pixels reaches, `high` is what the reference's training reaches, less the margin.
    """

    metric: Name
    low: float | None = None
    high: float | None = None
    margin: float | None = Field(default=None, gt=0, lt=1)
    provenance: str = Field(min_length=1, description="mean, deviation, number of seeds, hardware, date")
    dots: tuple[float, ...] = ()
    note: Text | None = Field(
        default=None, description="what a reader of the result must know about the metric"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Threshold:
        if self.margin is not None:
            if self.low is not None or self.high is not None:
                raise ValueError("a margin stands in place of low and high; leave these out")
        elif self.low is None or self.high is None:
            raise ValueError("low and high are needed, or a margin in place of both")
        elif not self.low < self.high:
            raise ValueError(f"low (={self.low}) must be below high (={self.high})")
        return self


class Test(Value):
    """A hidden test: its pytest node id relative to `hidden/`, its price and its public sentence."""

    __test__ = False

    id: TestId
    points: float = Field(gt=0)
    core: bool
    sentence: Text
    trains: bool = Field(
        default=False, description="takes seconds: `validate` runs it for training bugs only"
    )
    threshold: Threshold | None = None


class Multiplier(Value):
    """A ramp of the task whose share multiplies the points of the other tests, those of `spares` left out."""

    test: TestId
    spares: tuple[TestId, ...] = ()


class Task(Value):
    """What a student writes: symbols to fill in, the calls that may not do it, and the hidden tests that judge it.

    A written task has rows instead: answers in words, marked by a person.
    """

    id: TaskId
    title: Text
    symbols: tuple[SymbolField, ...] = ()
    remove: tuple[SymbolField, ...] = ()
    forbidden: tuple[str, ...] = ()
    points: float = Field(gt=0)
    minutes: int = Field(gt=0)
    bonus: bool = False
    depends_on: tuple[TaskId, ...] = ()
    multiplier: Multiplier | None = None
    hints: Hints | None = None
    tests: tuple[Test, ...] = ()
    rows: tuple[Row, ...] = ()

    @model_validator(mode="after")
    def _consistent(self) -> Task:
        refuse(of_task(self))
        return self

    @property
    def is_written(self) -> bool:
        """Whether students answer in words, and a person marks it."""
        return bool(self.rows)

    def is_multiplied(self, test: Test) -> bool:
        """Whether the share of another test multiplies the points of this one."""
        chosen = self.multiplier
        return chosen is not None and test.id != chosen.test and test.id not in chosen.spares

    @cached_property
    def tops(self) -> tuple[Symbol, ...]:
        """The functions and classes that hold its symbols, without repetition, in order."""
        return tops(self.symbols)


class Limits(Value):
    """What a submission may use. Times in seconds of the judge's clock, those named `..._cpu_s` of a processor's."""

    load_s: float = Field(default=10.0, gt=0)
    call_s: float = Field(default=2.0, gt=0)
    test_s: float = Field(default=20.0, gt=0)
    submission_s: float = Field(default=600.0, gt=0)
    train_cpu_s: float = Field(default=60.0, gt=0)
    train_wall_s: float = Field(default=180.0, gt=0)
    memory_mb: int = Field(default=2048, ge=256)
    processes: int = Field(default=32, ge=1)
    upload_mb: int = Field(default=50, ge=1)
    read_cpu_s: float = Field(default=10.0, gt=0)
    read_wall_s: float = Field(default=30.0, gt=0)
    read_memory_mb: int = Field(default=1024, ge=256)
    worker: Literal["submission", "task"] = "submission"


class Dates(Value):
    """When work is due, and what lateness costs. Without a date nothing is late; times without a zone are local.

    Args:
        closes: after this moment work earns nothing; None where it never closes.
        grace_minutes: so much after `due` is still in time.
        percent_per_day: of the points, taken off for each day that has begun since `due`.
        late_days: days that every student may be late without loss; a roster may say otherwise.
    """

    due: datetime | None = None
    closes: datetime | None = None
    grace_minutes: float = Field(default=0.0, ge=0)
    percent_per_day: float = Field(default=0.0, ge=0, le=100)
    late_days: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _consistent(self) -> Dates:
        if self.due is None and any((self.closes, self.grace_minutes, self.percent_per_day, self.late_days)):
            raise ValueError("dates: without `due` nothing is late; give it, or leave the other dates out")
        if self.due and self.closes and self.closes.astimezone() < self.due.astimezone():
            raise ValueError("dates: `closes` lies before `due`")
        return self


class Preset(Value):
    """A choice of tasks with a name: a homework of its own."""

    id: Name
    title: Text
    tasks: tuple[TaskId, ...] = Field(min_length=1)


class Manifest(Value):
    """One assignment, or the tasks that were chosen of it.

    chosen: their ids where a part was chosen (`Manifest.choose`); empty for the whole assignment.
    """

    schema_: Literal[1] = Field(alias="schema")
    name: Name
    version: str = Field(min_length=1)
    title: Text
    budget_minutes: int = Field(gt=0)
    provides: tuple[Name, ...] = ()
    python: PythonVersion | None = None
    dates: Dates = Dates()
    limits: Limits = Limits()
    presets: tuple[Preset, ...] = ()
    quiz: tuple[Name, ...] = ()
    chosen: tuple[TaskId, ...] = ()
    tasks: tuple[Task, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Manifest:
        refuse(of_manifest(self))
        return self

    def choose(self, wanted: str) -> Manifest:
        """The part that `wanted` names: a preset ("images"), or ids of tasks ("A1,B2,F3"), points as they stand.

        The order is that of the whole assignment. A preset's title takes the place of its own.

        Raises: UsageError for what is neither, a task named twice, or one without the tasks that it depends on.
        """
        preset = next((preset for preset in self.presets if preset.id == wanted.strip()), None)
        chosen = self.ids(preset.tasks if preset else [name.strip() for name in wanted.split(",")])
        # Validated anew and not copied: a copy would keep the old sum of points.
        fields = {name: getattr(self, name) for name in type(self).model_fields} | {
            "schema": self.schema_,
            "title": preset.title if preset else self.title,
            "tasks": tuple(task for task in self.tasks if task.id in chosen),
            "presets": (),
            "chosen": chosen,
        }
        del fields["schema_"]
        return Manifest.model_validate(fields)

    def ids(self, names: Sequence[str]) -> tuple[TaskId, ...]:
        """The ids in the order of the manifest. Raises: UsageError as `choose`."""
        known = {task.id.casefold(): task.id for task in self.tasks}
        presets = f", its presets {', '.join(preset.id for preset in self.presets)}" if self.presets else ""
        for name in names:
            if name.casefold() not in known:
                raise UsageError(
                    f"there is no task {name!r} in {self.name}; its tasks are {', '.join(known.values())}{presets}"
                )
        wanted = [known[name.casefold()] for name in names]
        if twice := next((name for name in wanted if wanted.count(name) > 1), None):
            raise UsageError(f"task {twice} is named twice; name it once")
        for name in wanted:
            if missing := [other for other in self.closure(name) if other not in wanted]:
                raise UsageError(f"task {name} depends on {', '.join(missing)}: add it, or leave {name} out")
        if all(task.is_written for task in self.tasks if task.id in wanted):
            raise UsageError(f"{', '.join(wanted)} is marked by a person: choose a task with tests, too")
        return tuple(task.id for task in self.tasks if task.id in wanted)

    def task(self, task_id: str) -> Task:
        """Raises: UsageError for an unknown id."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        known = ", ".join(task.id for task in self.tasks)
        raise UsageError(f"there is no task {task_id!r} in {self.name}; its tasks are {known}")

    def task_of_test(self, test_id: str) -> Task:
        """Raises: UsageError for an unknown id."""
        for task in self.tasks:
            if any(test.id == test_id for test in task.tests):
                return task
        raise UsageError(f"there is no test {test_id!r} in {self.name}")

    def closure(self, task_id: str) -> tuple[str, ...]:
        """The task and everything it depends on, in the order of the manifest. Raises ValueError on a cycle."""
        done: set[str] = set()
        tasks = {task.id: task for task in self.tasks}

        def visit(current: str, path: tuple[str, ...]) -> None:
            if current in path:
                raise ValueError(f"tasks depend on each other in a circle: {' -> '.join((*path, current))}")
            if current not in done:
                for other in tasks[current].depends_on:
                    visit(other, (*path, current))
                done.add(current)

        visit(task_id, ())
        return tuple(task.id for task in self.tasks if task.id in done)

    @cached_property
    def max_score(self) -> float:
        """Points of the compulsory tasks."""
        return sum(task.points for task in self.tasks if not task.bonus)

    @property
    def tested(self) -> tuple[Task, ...]:
        """The tasks that hidden tests judge."""
        return tuple(task for task in self.tasks if not task.is_written)

    @property
    def written(self) -> tuple[Task, ...]:
        """The tasks that a person marks."""
        return tuple(task for task in self.tasks if task.is_written)


def load_manifest(folder: Path) -> Manifest:
    """Read `folder/assignment.toml`. Raises: UsageError naming file, key and mend."""
    manifest = load(
        folder / MANIFEST_NAME, Manifest, hint=f"an assignment is a folder that holds {MANIFEST_NAME}"
    )
    if manifest.name != folder.resolve().name:
        raise UsageError(
            f"{folder / MANIFEST_NAME}: name is {manifest.name!r}, its folder {folder.resolve().name!r}"
        )
    if manifest.chosen:
        raise UsageError(
            f"{folder / MANIFEST_NAME}: remove `chosen`; a part is chosen with --tasks, or by a preset"
        )
    return manifest
