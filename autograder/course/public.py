"""The public part of a manifest, as the student bundle holds it in `assignment.json`: no id of a hidden
test.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from autograder.course.manifest import (
    Lang,
    Limits,
    Manifest,
    Name,
    SymbolPath,
    TaskId,
    Text,
    UsageError,
    Value,
)

PUBLIC_NAME = "assignment.json"
PUBLIC_TESTS = "public"


class Property(Value):
    """The public sentence of a hidden test and what it is worth."""

    sentence: Text
    points: float


class PublicTask(Value):
    """A task without its hidden tests. `test_file`: its public tests, relative to the bundle."""

    id: TaskId
    title: Text
    symbols: tuple[SymbolPath, ...]
    points: float
    minutes: int
    bonus: bool
    depends_on: tuple[TaskId, ...]
    test_file: str
    properties: tuple[Property, ...]


class PublicManifest(Value):
    """What `check` and `submit` need to know.

    `stubs`: text of the edition's files that hold a task symbol.
    """

    schema_: int = 1
    name: Name
    version: str
    lang: Lang
    title: Text
    edition: str
    limits: Limits
    tasks: tuple[PublicTask, ...]
    stubs: Mapping[str, str]

    @property
    def edition_files(self) -> dict[str, bytes]:
        """The stubs as `read_submission` wants them."""
        return {name: text.encode() for name, text in self.stubs.items()}

    @property
    def names(self) -> dict[str, str]:
        """Name of a task symbol -> "module:Name"."""
        symbols = [symbol for task in self.tasks for symbol in task.symbols]
        paths = [f"{symbol.split(':')[0]}:{symbol.split(':')[1].split('.')[0]}" for symbol in symbols]
        return {path.split(":")[1]: path for path in paths}

    def task(self, task_id: str) -> PublicTask:
        """Raises: UsageError for an unknown id."""
        for task in self.tasks:
            if task.id == task_id:
                return task
        known = ", ".join(task.id for task in self.tasks)
        raise UsageError(f"there is no task {task_id!r} in {self.name}; its tasks are {known}")


def test_file(task_id: str) -> str:
    """Where the public tests of a task stand, relative to the bundle and to the assignment."""
    return f"{PUBLIC_TESTS}/test_{task_id.lower()}.py"


def public_part(manifest: Manifest, lang: Lang, edition: str, files: Mapping[str, bytes]) -> PublicManifest:
    """Make it. edition: the value of `hw_cnn.EDITION`; files: the student edition."""
    modules = {name.split(":")[0].replace(".", "/") + ".py" for task in manifest.tasks for name in task.names}
    tasks = tuple(
        PublicTask(
            **task.model_dump(include={"id", "title", "symbols", "points", "minutes", "bonus", "depends_on"}),
            test_file=test_file(task.id),
            properties=tuple(Property(sentence=test.sentence, points=test.points) for test in task.tests),
        )
        for task in manifest.tasks
    )
    return PublicManifest(
        name=manifest.name,
        version=manifest.version,
        lang=lang,
        title=manifest.title,
        edition=edition,
        limits=manifest.limits,
        tasks=tasks,
        stubs={name: files[name].decode() for name in sorted(modules)},
    )


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
