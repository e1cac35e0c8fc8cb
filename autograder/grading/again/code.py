"""The code that was handed in for a task, as people read it: the definitions of its symbols, and where they stand."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment
from autograder.course.manifest import Manifest
from autograder.course.symbol import Symbol
from autograder.errors import UsageError
from autograder.intake.encodings import decode
from autograder.intake.students import Upload, find_submissions
from autograder.intake.submission import Submission
from autograder.intake.uploads.rejection import Rejected
from autograder.results.grade import Grade
from autograder.results.marked import UNREAD
from autograder.results.store import Store
from autograder.sandbox.host.reader import Reader
from autograder.sandbox.host.stage import Stage
from autograder.text import Lang, Text

GONE = Text(
    ru="Работы в {folder} больше нет: где она теперь, говорит --submissions.",
    en="The submission is not in {folder} any more: say where it is now with --submissions.",
)
NOT_READ = Text(ru="Код не прочитан: {why}", en="The code could not be read: {why}")
CHANGED = Text(
    ru="Работа изменилась после проверки: ниже то, что лежит там сейчас.",
    en="The submission has changed since it was graded: below is what is there now.",
)
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Piece:
    """A definition. line: its first one, in the cell or file that `place` names."""

    place: str
    line: int
    text: str


def read(assignment: Assignment, upload: Upload) -> Submission:
    """A submission as the grader reads it, in a process of its own; nothing of it runs. Raises: Rejected."""
    with ExitStack() as stack:
        stage = stack.enter_context(Stage(assignment.edition))
        reader = stack.enter_context(Reader(assignment.manifest, assignment.edition, stage.home))
        return reader.read(upload)


def code_by_task(
    store: Store, manifest: Manifest, grade: Grade, submissions: Path | None, lang: Lang
) -> tuple[dict[str, list[Piece]], str]:
    """Task -> the code that was handed in for it; and a sentence where it is not there, or another one than was graded.

    Args:
        submissions: where they are now, if not where they were graded.

    Raises: UsageError where the folder of results names no place.
    """
    if grade.status in UNREAD:
        return {}, ""
    places = store.places()
    folder = submissions or places.submissions
    try:
        assignment = find_assignment(str(places.assignment), None, ",".join(manifest.chosen) or None)
        uploads = find_submissions(folder, assignment.name)
        upload = next((one for one in uploads if one.student == grade.student), None)
        submission = None if upload is None else read(assignment, upload)
    except (UsageError, Rejected) as error:
        return {}, NOT_READ.get(lang).format(why=error)
    if submission is None:
        return {}, GONE.get(lang).format(folder=folder)
    note = "" if submission.digest == grade.submission_sha256 else CHANGED.get(lang)
    return {task.id: pieces(submission, task.tops, lang) for task in manifest.tested}, note


def pieces(submission: Submission, symbols: tuple[Symbol, ...], lang: Lang) -> list[Piece]:
    """Of each symbol of a task the definition that counts: the last one that is executed, else the package file's."""
    found = (_piece(submission, symbol, lang) for symbol in symbols)
    return list(dict.fromkeys(piece for piece in found if piece is not None))


def _piece(submission: Submission, symbol: Symbol, lang: Lang) -> Piece | None:
    last = None
    if symbol.file in submission.package:
        source = decode(submission.package[symbol.file])
        for line, text in definitions(source, symbol.name):
            last = Piece(symbol.file, line, text)
    for statement in submission.worlds[0].statements if submission.worlds else ():
        for line, text in definitions(statement.source, symbol.name):
            last = Piece(statement.place.get(lang), statement.first_line + line - 1, text)
    return last


def definitions(source: str, name: str) -> Iterator[tuple[int, str]]:
    """First line and text of each definition of a name at the top of a source, whole lines with their comments."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = source.split("\n")
    for node in body:
        if isinstance(node, Definition) and node.name == name:
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield first, "\n".join(lines[first - 1 : node.end_lineno])
