"""Results on disk: one JSON per student, and `scores.csv`, each replaced atomically; earlier attempts beside them."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from autograder.course.manifest import Manifest
from autograder.errors import StoreError, UsageError
from autograder.results.beside import Beside
from autograder.results.by_hand.codes import read_codes
from autograder.results.by_hand.texts import TEXTS_NAME, digest, key_of, read_texts, texts_json
from autograder.results.decisions import read_decisions
from autograder.results.grade import Grade
from autograder.results.marked import Marked, all_with_beside
from autograder.results.marks import MANUAL_NAME, NO_MARKS, Marks, read_marks
from autograder.results.published import read_published
from autograder.results.result_file import (
    Unreadable,
    UnreadableError,
    UntrueError,
    attempt_of,
    attempt_path,
    read_result,
    set_aside,
    sweep_temporary,
)
from autograder.roster.person import Person
from autograder.tables.spreadsheet import csv_text
from autograder.text import Value

PLACES_NAME, ROSTER_NAME, ATTEMPTS = "places.json", "roster.json", "attempts"
PEOPLE = TypeAdapter(tuple[Person, ...])


class Places(Value):
    """Folders of the last run. looked_at: when the last run began that has looked at all of the submissions."""

    assignment: Path
    submissions: Path
    looked_at: datetime | None = None


def write_atomically(path: Path, content: bytes) -> None:
    """Write to a temporary sibling, fsync, rename: a kill at any instant leaves the old file or the new one.

    Raises: StoreError naming the path and the reason.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}; free space or choose another --out"
        ) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise StoreError(
            f"cannot write {path}: {error.strerror}; free space or choose another --out"
        ) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class Store:
    """The results below one `--out` folder. set_aside: damaged ones in whose place a new one was written."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.set_aside: list[Unreadable] = []

    def prepare(self, assignment: str, chosen: Sequence[str] = ()) -> None:
        """Make the folder and prove that it can be written, and holds nothing of another assignment or other tasks.

        chosen: ids of the tasks where only a part of the assignment is graded (`Manifest.chosen`).

        Raises: UsageError, StoreError.
        """
        is_other = False
        try:
            is_other = not stat.S_ISDIR(self.out.stat().st_mode)
        except (FileNotFoundError, NotADirectoryError):
            pass  # it will be made, or that says why not
        except OSError as error:  # a folder on the way that may not be entered, a name that is too long
            raise UsageError(
                f"cannot reach --out {self.out}: {error.strerror}; name a folder that you may enter and write to"
            ) from error
        if is_other:
            raise UsageError(f"--out {self.out} is a file; name a folder")
        stored = self.grades()
        if other := next((grade for grade in stored if grade.assignment != assignment), None):
            raise UsageError(
                f"--out {self.out} holds results of {other.assignment}; name another folder for {assignment}"
            )
        if stored:
            self._refuse_other_tasks(chosen)
        sweep_temporary([self.out, *(self.out / name for name in ("results", "report"))])
        write_atomically(self.out / ".writable", b"")
        (self.out / ".writable").unlink()

    def _refuse_other_tasks(self, chosen: Sequence[str]) -> None:
        """Raises: UsageError where the stored results are of another choice of tasks."""
        try:
            stored = Manifest.model_validate_json((self.out / "assignment.json").read_bytes()).chosen
        except (OSError, ValidationError):
            return
        if stored != tuple(chosen):
            mend = f"grade it with --tasks {','.join(stored)}" if stored else "grade it without --tasks"
            held = f"the tasks {', '.join(stored)}" if stored else "the whole assignment"
            raise UsageError(f"--out {self.out} holds results of {held}: {mend}, or name another folder")

    def result_path(self, student: str) -> Path:
        return self.out / "results" / f"{student}.json"

    def load(self, student: str) -> Grade | None:
        """The stored result, or None if there is none or it cannot be read: see `unreadable`."""
        try:
            return read_result(self.result_path(student))
        except UnreadableError:
            return None

    def grades(self) -> list[Grade]:
        """All results that can be read, by student."""
        return [grade for grade in map(self.load, self._stored()) if grade is not None]

    def unreadable(self) -> list[Unreadable]:
        """The results that are there and cannot be read, by student, and what is wrong with each."""
        return [found for student in self._stored() if (found := self._problem(student)) is not None]

    def _stored(self) -> list[str]:
        return sorted(path.stem for path in (self.out / "results").glob("*.json"))

    def _problem(self, student: str) -> Unreadable | None:
        path = self.result_path(student)
        try:
            read_result(path)
        except UnreadableError as error:
            return Unreadable(student, path, str(error), untrue=isinstance(error, UntrueError))
        return None

    def save(self, grade: Grade) -> None:
        """Store a result in the place of the one before. Of that an earlier attempt, or a damaged file, is kept.

        Raises: StoreError.
        """
        path = self.result_path(grade.student)
        previous = self.load(grade.student)
        if previous is not None and previous.attempt < grade.attempt:
            self._keep_attempt(previous)
        if (damaged := self._problem(grade.student)) is not None:
            self.set_aside.append(replace(damaged, kept=set_aside(path)))
        text = grade.model_dump_json(indent=2, by_alias=True)
        write_atomically(path, text.encode() + b"\n")

    def _keep_attempt(self, grade: Grade) -> None:
        content = attempt_of(grade)
        if path := attempt_path(self.out / ATTEMPTS, grade, content):
            write_atomically(path, content)

    def earlier_attempts(self, student: str) -> tuple[Grade, ...]:
        """What is kept of them and can be read, the first one first: without examples."""
        kept = []
        for path in sorted((self.out / ATTEMPTS / student).glob("*.json")):
            with contextlib.suppress(OSError, ValidationError):
                kept.append(Grade.model_validate_json(path.read_bytes()))
        return tuple(sorted(kept, key=lambda grade: grade.attempt))

    def save_manifest(self, manifest: Manifest) -> None:
        """Keep the manifest beside the results, so that a report needs nothing else. Raises: StoreError."""
        text = manifest.model_dump_json(indent=2, by_alias=True)
        write_atomically(self.out / "assignment.json", text.encode() + b"\n")

    def save_places(self, assignment: Path, submissions: Path, looked_at: datetime | None = None) -> None:
        """Keep where assignment and submissions are, for what looks at a submission again. Raises: StoreError.

        looked_at: if not given, what the file says of the same submissions stays.
        """
        folder = submissions.resolve()
        with contextlib.suppress(UsageError):
            before = self.places()
            if looked_at is None and before.submissions == folder:
                looked_at = before.looked_at
        places = Places(assignment=assignment.resolve(), submissions=folder, looked_at=looked_at)
        write_atomically(self.out / PLACES_NAME, places.model_dump_json(indent=2).encode() + b"\n")

    def places(self) -> Places:
        """Where assignment and submissions were in the last run. Raises: UsageError."""
        path = self.out / PLACES_NAME
        try:
            return Places.model_validate_json(path.read_bytes())
        except (OSError, ValidationError) as error:
            raise UsageError(
                f"{path} is missing or damaged: give the folder that was --out of `autograder grade`, or grade again"
            ) from error

    def save_people(self, people: Mapping[str, Person]) -> None:
        """Keep what the roster says of everybody, for all who look at the results later. Raises: StoreError."""
        write_atomically(self.out / ROSTER_NAME, PEOPLE.dump_json(tuple(people.values()), indent=2) + b"\n")

    def people(self) -> dict[str, Person]:
        """Student -> what the last roster says of them; empty where none was given. Raises: UsageError."""
        path = self.out / ROSTER_NAME
        try:
            return {person.student: person for person in PEOPLE.validate_json(path.read_bytes())}
        except FileNotFoundError:
            return {}
        except (OSError, ValidationError) as error:
            raise UsageError(
                f"{path} cannot be read: grade again with --roster, which writes it anew"
            ) from error

    def marks(self, manifest: Manifest, students: Collection[str] = ()) -> Marks:
        """What people have marked by hand. students: those who are known besides the stored results.

        Raises: UsageError where the file cannot be read.
        """
        if not manifest.written:
            return NO_MARKS
        codes = {code: student for student, code in read_codes(self.out).codes.items()}
        return read_marks(self.out / MANUAL_NAME, manifest, {*self._stored(), *students}, codes)

    def beside(self, manifest: Manifest, students: Collection[str] = ()) -> Beside:
        """All that people have said, whatever lines of it are wrong: see `problems` of its parts.

        Raises: UsageError where a file cannot be read.
        """
        return Beside(
            marks=self.marks(manifest, students),
            decisions=read_decisions(self.out, manifest, {*self._stored(), *students}),
            people=self.people(),
            published={student: told.score for student, told in read_published(self.out).items()},
            texts=read_texts(self.out) if manifest.written else {},
        )

    def marked(self, manifest: Manifest) -> list[Marked]:
        """What counts for everybody who has a result, by student: the one source of every table, page and export.

        Raises: UsageError where what people have said cannot be read.
        """
        return all_with_beside(manifest, self.grades(), self.beside(manifest))

    def remember_texts(self, manifest: Manifest) -> None:
        """Keep for which text each mark was given that was not seen before.

        Raises: UsageError where what people have said cannot be read, StoreError.
        """
        if not manifest.written:
            return
        beside = self.beside(manifest)
        standing = {key_of(mark) for mark in beside.marks.marks}
        # A line that is wrong for the moment may be that of a mark that was seen.
        texts = {key: old for key, old in beside.texts.items() if key in standing or beside.problems}
        for one in all_with_beside(manifest, self.grades(), beside):
            for row in (row for rows in one.rows.values() for row in rows):
                for mark in row.marks:
                    texts.setdefault(key_of(mark), digest(row.text))
        if texts != beside.texts:
            write_atomically(self.out / TEXTS_NAME, texts_json(texts))

    def save_scores(self, manifest: Manifest) -> Path:
        """Write `scores.csv`, one row for each stored result.

        Raises: UsageError where what people have said cannot be read, StoreError.
        """
        path = self.out / "scores.csv"
        write_atomically(path, scores_csv(manifest, self.marked(manifest)).encode("utf-8"))
        return path


def scores_csv(manifest: Manifest, grades: Iterable[Marked]) -> str:
    """The table of scores: fixed columns, then one per task. Numbers stay bare, text is guarded.

    published: what was told, below which no score falls; there where somebody was told one. points: before lateness,
    whose column says in one line what it takes, as in the exports.
    """
    everybody = list(grades)
    told = any(marked.published is not None for marked in everybody)
    task_ids = [task.id for task in manifest.tasks]
    fixed = ("student", "assignment", "score", "max_score", "percent")
    more = (*(["published"] if told else []), "points", "lateness", "status")
    lines = [",".join([*fixed, *more, *task_ids])]
    for marked in everybody:
        grade = marked.grade
        fields = [
            csv_text(grade.student),
            csv_text(grade.assignment),
            f"{marked.score:g}",
            f"{grade.max_score:g}",
            f"{marked.percent:.1f}",
            *([f"{marked.published:g}" if marked.published is not None else ""] if told else []),
            f"{marked.before:g}",
            csv_text(marked.late.line("en")),
            csv_text(marked.status),
            *(marked.shown(task) for task in task_ids),
        ]
        lines.append(",".join(fields))
    return "\n".join([*lines, ""])
