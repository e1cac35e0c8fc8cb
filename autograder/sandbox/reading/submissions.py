"""A `Submission` as the arrays of a frame, and back from a process that may be the student's.

The fields follow from the dataclasses themselves (pydantic), so that a new field needs no line here.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from autograder.course.public import PublicManifest
from autograder.intake.students import Upload
from autograder.intake.submission import Submission
from autograder.intake.uploads.rejection import Rejected
from autograder.sandbox.reading import parcels
from autograder.text import Text
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Arrays
from autograder.wire.safe_text import clean_text

ADAPTER = TypeAdapter(Submission)
SENTENCE = Text.model_fields.keys()
YEARS = range(2, 9999)


def encode(submission: Submission) -> Arrays:
    """Raises: TooLargeError."""
    return parcels.pack(ADAPTER.dump_python(submission))


def decode(arrays: Arrays, upload: Upload, manifest: PublicManifest, edition: Collection[str]) -> Submission:
    """Check everything: types, and that only known tasks, symbols, rows and files are named. Sentences and answers are
    made safe to show.

    Whose submission it is and where it lies, the judge knows better. Raises: ProtocolError.
    """
    tree = parcels.unpack(arrays)
    if not isinstance(tree, dict):
        raise ProtocolError("a submission is not described as one")
    try:
        submission = ADAPTER.validate_python(
            _cleaned(tree) | {"student": upload.student, "path": upload.path}, extra="forbid"
        )
    except (ValidationError, RecursionError):
        raise ProtocolError("a submission is described wrongly") from None
    known = {(task.id, symbol.top) for task in manifest.tasks for symbol in task.symbols}
    found = [(source.task, source.symbol) for source in submission.sources]
    if set(found) != known or len(found) != len(known):
        raise ProtocolError("a submission has other tasks than its assignment")
    forbidden = {(task.id, name) for task in manifest.tasks for name in task.forbidden}
    if not {(call.task, call.name) for call in submission.named} <= forbidden:
        raise ProtocolError("a submission names calls that nobody forbids")
    rows = {(task.id, row.id) for task in manifest.tasks for row in task.rows}
    places = [(answer.task, answer.row) for answer in submission.answers]
    if len(set(places)) != len(places) or not set(places) <= rows:
        raise ProtocolError("a submission has other answers than its assignment asks for")
    if not set(submission.placeless) <= {task.id for task in manifest.tasks}:
        raise ProtocolError("a submission lacks tasks that its assignment does not have")
    told = [task for world in submission.worlds for task in world.tasks]
    if not submission.worlds or len(set(told)) != len(told) or not set(told) <= {task for task, _ in known}:
        raise ProtocolError("the tasks of a submission are not told apart")
    if not set(submission.package) <= set(edition):
        raise ProtocolError("a submission replaces files that the edition does not have")
    if submission.submitted_at is not None and submission.submitted_at.year not in YEARS:
        raise ProtocolError("a submission comes from no year that a calendar of another place has, too")
    answers = tuple(replace(answer, text=clean_text(answer.text)) for answer in submission.answers)
    return replace(submission, answers=answers)


def encode_rejection(rejection: Rejected) -> Arrays:
    """Raises: TooLargeError."""
    return parcels.pack(rejection.text.model_dump())


def decode_rejection(arrays: Arrays) -> Rejected:
    """Raises: ProtocolError."""
    try:
        return Rejected(Text.model_validate(_cleaned(parcels.unpack(arrays))))
    except (ValidationError, RecursionError):
        raise ProtocolError("a rejection is described wrongly") from None


def _cleaned(tree: Any) -> Any:
    """Both languages of every sentence without what could drive a terminal, files under names that lead nowhere else.

    Raises: ProtocolError.
    """
    if isinstance(tree, list):
        return [_cleaned(item) for item in tree]
    if not isinstance(tree, dict):
        return tree
    if tree.keys() == SENTENCE:
        return {lang: clean_text(text) for lang, text in tree.items()}
    if not all(_is_file_name(key) for key, item in tree.items() if isinstance(item, bytes)):
        raise ProtocolError("a file has a name that is not allowed")
    return {key: _cleaned(item) for key, item in tree.items()}


def _is_file_name(text: str) -> bool:
    return "\0" not in text and all(part not in ("", ".", "..") for part in text.split("/"))
