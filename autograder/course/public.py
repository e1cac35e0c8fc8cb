"""The public part of a manifest, as `assignment.json` of a student bundle: without the ids of hidden tests."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from autograder.course.manifest import Limits, Manifest, Name, PythonVersion, TaskId, Test
from autograder.course.rows import PublicRow
from autograder.course.symbol import Symbol, SymbolField, tops
from autograder.errors import UsageError
from autograder.text import Lang, Text, Value

PUBLIC_NAME = "assignment.json"
PUBLIC_TESTS = "public"
WEIGHTS_METRIC = "checkpoint_accuracy"
NO_TASK = Text(
    ru="в работе {name} нет задания {task}; есть {known}",
    en="there is no task {task} in {name}; its tasks are {known}",
)


class Grader(Value):
    """What grades: the version of Python, and the top-level names that can be imported."""

    python: PythonVersion
    packages: tuple[str, ...]


class Property(Value):
    """The public sentence of a hidden test and what it is worth."""

    sentence: Text
    points: float


class PublicTask(Value):
    """A task without its hidden tests.

    `test_file`: its public tests, relative to the bundle; "" for a written task, which has `rows` in place of symbols
    and properties. `hints`: its hints in the bundle's language, if any.
    `open_points`: of the hidden tests that catch no planted bug which the public ones miss; None where not known.
    """

    id: TaskId
    title: Text
    symbols: tuple[SymbolField, ...]
    forbidden: tuple[str, ...] = ()
    points: float
    minutes: int
    bonus: bool
    depends_on: tuple[TaskId, ...]
    test_file: str
    open_points: float | None = None
    properties: tuple[Property, ...]
    hints: tuple[str, ...] = ()
    rows: tuple[PublicRow, ...] = ()

    @property
    def is_written(self) -> bool:
        """Whether students answer in words, and a person marks it."""
        return bool(self.rows)


class PublicManifest(Value):
    """What `check` and `submit` need to know.

    `stubs`: text of the edition's files that hold a task symbol. `python`: the version that grades. `packages`: what
    can be imported there, besides the standard library. `weights`: the task in which handed-in weights count.
    """

    schema_: int = 1
    name: Name
    version: str
    lang: Lang
    title: Text
    edition: str
    python: PythonVersion
    packages: tuple[str, ...]
    weights: TaskId | None = None
    limits: Limits
    tasks: tuple[PublicTask, ...]
    stubs: Mapping[str, str]

    @property
    def edition_files(self) -> dict[str, bytes]:
        """The stubs as `read_submission` wants them."""
        return {name: text.encode() for name, text in self.stubs.items()}

    @property
    def tops(self) -> tuple[Symbol, ...]:
        """The functions and classes that hold the tasks' symbols."""
        return tops(symbol for task in self.tasks for symbol in task.symbols)

    def task(self, task_id: str) -> PublicTask:
        """By its id, in whatever case. Raises: UsageError for an unknown one."""
        for task in self.tasks:
            if task.id.casefold() == task_id.casefold():
                return task
        known = ", ".join(task.id for task in self.tasks)
        raise UsageError(NO_TASK.get(self.lang).format(task=task_id, name=self.name, known=known))


def test_file(task_id: str) -> str:
    """Where the public tests of a task stand, relative to the bundle and to the assignment."""
    return f"{PUBLIC_TESTS}/test_{task_id.lower()}.py"


SHARED = {"id", "title", "symbols", "forbidden", "points", "minutes", "bonus", "depends_on"}
"""What students may know of a task as it stands in the manifest."""


def public_part(
    manifest: Manifest,
    lang: Lang,
    edition: str,
    files: Mapping[str, bytes],
    grader: Grader,
    open_points: Mapping[str, float] | None = None,
) -> PublicManifest:
    """Make it. edition: the value of `hw_cnn.EDITION`; files: the student edition; grader: where it is graded.

    open_points: by task, where they are known.
    """
    modules = {symbol.file for task in manifest.tasks for symbol in task.symbols}
    tasks = tuple(
        PublicTask(
            **task.model_dump(include=SHARED),
            test_file="" if task.is_written else test_file(task.id),
            open_points=(open_points or {}).get(task.id),
            properties=tuple(Property(sentence=test.sentence, points=test.points) for test in task.tests),
            hints=() if task.hints is None else task.hints.get(lang),
            rows=tuple(row.public for row in task.rows),
        )
        for task in manifest.tasks
    )
    return PublicManifest(
        name=manifest.name,
        version=manifest.version,
        lang=lang,
        title=manifest.title,
        edition=edition,
        python=manifest.python or grader.python,
        packages=grader.packages,
        weights=next(
            (task.id for task in manifest.tasks for test in task.tests if measures_weights(test)), None
        ),
        limits=manifest.limits,
        tasks=tasks,
        stubs={name: files[name].decode() for name in sorted(modules)},
    )


def measures_weights(test: Test) -> bool:
    """Whether a hidden test measures the weights that are handed in."""
    return test.threshold is not None and test.threshold.metric == WEIGHTS_METRIC


def public_json(public: PublicManifest) -> bytes:
    """The content of `assignment.json`."""
    data = public.model_dump(mode="json")
    return (json.dumps(data, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def load_public(folder: Path) -> PublicManifest:
    """Read `folder/assignment.json`. Raises: UsageError."""
    path = folder / PUBLIC_NAME
    try:
        return PublicManifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error
    except ValidationError as error:
        raise UsageError(f"{path} is damaged; take it from the homework's archive again") from error
