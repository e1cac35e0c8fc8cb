"""A small assignment and what is handed in to it, for the tests of the intake."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.intake.files import Chosen, choose, take_files
from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_submission
from autograder.intake.uploads.collecting import Interest
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.written import written_finder
from autograder.text import Text
from tests.autograder.manifests import written

STUB = 'def {0}(x):\n    """Doc."""\n    raise NotImplementedError("task {1}")\n'
CLASS_STUB = (
    "class Net:\n    size = 3\n\n    def fit(self):\n        raise NotImplementedError('task K2')\n\n"
    "    def given(self):\n        return 1\n"
)
EDITION = {
    "hw_cnn/__init__.py": b"",
    "hw_cnn/one.py": STUB.format("conv", "F1").encode(),
    "hw_cnn/two.py": (STUB.format("pool", "G1") + "\n\n" + CLASS_STUB).encode(),
}


def manifest() -> Manifest:
    """Three tasks: two functions and one method of a class."""
    text = {"ru": "Текст", "en": "Text"}
    symbols = {"F1": "hw_cnn.one:conv", "G1": "hw_cnn.two:pool", "K2": "hw_cnn.two:Net.fit"}
    tasks = []
    for task, symbol in symbols.items():
        test = {"id": f"test_{task.lower()}.py::test_it", "points": 1, "core": True, "sentence": text}
        forbidden = ["torch.nn.functional.conv2d"] if task == "F1" else []
        tasks.append(
            {
                "id": task,
                "forbidden": forbidden,
                "title": text,
                "symbols": [symbol],
                "points": 1,
                "minutes": 1,
                "tests": [test],
            }
        )
    data = {"schema": 1, "name": "small", "version": "1", "title": text, "budget_minutes": 9, "tasks": tasks}
    return Manifest.model_validate({**data, "limits": {"upload_mb": 1}})


def manifest_with_words() -> Manifest:
    """The same, and a task W that asks for two answers in words."""
    known = manifest().model_dump(by_alias=True, mode="json")
    # A written task has neither symbols nor tests, a tested one no rows.
    tasks = [{name: value for name, value in task.items() if value} for task in known["tasks"]]
    return Manifest.model_validate({**known, "budget_minutes": 100, "tasks": [*tasks, written()]})


def cell(source: str, task: str | None = None, **more: object) -> dict[str, object]:
    """A code cell; `task` is its id."""
    found = {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
    return {**found, **({"id": task} if task else {}), **more}


def notebook(*cells: dict[str, object] | str) -> bytes:
    """The bytes of a notebook."""
    made = [cell(item) if isinstance(item, str) else item for item in cells]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def hand_in(folder: Path, files: Mapping[str, bytes | str]) -> Path:
    """Write a submission folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
    return folder


def read(path: Path) -> Submission:
    """Read one submission of the small assignment."""
    return read_submission(Upload("s", path), manifest(), EDITION)


def kinds(submission: Submission) -> dict[str, str]:
    """Task -> where it was found."""
    return {source.task: source.kind for source in submission.sources}


def run(submission: Submission) -> dict[str, object]:
    """Execute the statements as a worker does; gives what was bound last, by name."""
    spaces: dict[str, dict[str, object]] = {"notebook": {"__name__": "__main__"}, "solution": {}}
    bound: dict[str, object] = {}
    for statement in submission.statements:
        source = "\n" * (statement.first_line - 1) + statement.source
        exec(compile(source, statement.filename, "exec", dont_inherit=True), spaces[statement.namespace])
        bound |= {name: spaces[statement.namespace][name] for name in statement.binds}
    return bound


def everything(path: str) -> Interest:
    """Read all files."""
    del path
    return Interest.ALWAYS


def chosen(path: Path) -> Chosen:
    """What is chosen of a folder or an archive for the small assignment."""
    files = take_files(path, manifest().limits.upload_mb)
    return choose(files, "small", EDITION, written_finder(manifest().tasks, files))


def one_sentence(rejection: Rejected) -> Text:
    """The text of a rejection, after a look at its form: one line, two languages."""
    text = rejection.text
    for sentence in (text.ru, text.en):
        assert sentence.isprintable(), sentence
    assert any("а" <= char <= "я" for char in text.ru)
    assert text.ru != text.en
    return text


def peak_mb(action: Callable[[], object]) -> float:
    """Megabytes of Python's and numpy's memory that an action takes on top of what there is."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1] / 1e6
    finally:
        tracemalloc.stop()
