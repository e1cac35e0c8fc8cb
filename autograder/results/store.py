"""Results on disk: one JSON per student, and `scores.csv`, each replaced atomically."""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
import unicodedata
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from autograder.course.manifest import Manifest
from autograder.errors import StoreError, UsageError
from autograder.results.grade import Grade
from autograder.wire.safe_text import clean_line

# https://owasp.org/www-community/attacks/CSV_Injection; wide forms of these characters are narrowed before the look.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
SEPARATORS = (",", ";", "\t", '"', "'", "\n", "\r")


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
    """The results below one `--out` folder."""

    def __init__(self, out: Path) -> None:
        self.out = out

    def prepare(self, assignment: str) -> None:
        """Make the folder and prove that it can be written, and holds nothing of another assignment.

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
        stored = map(self.load, sorted(path.stem for path in (self.out / "results").glob("*.json")))
        first = next((grade for grade in stored if grade is not None), None)
        if first is not None and first.assignment != assignment:
            raise UsageError(
                f"--out {self.out} holds results of {first.assignment}; name another folder for {assignment}"
            )
        write_atomically(self.out / ".writable", b"")
        (self.out / ".writable").unlink()

    def result_path(self, student: str) -> Path:
        return self.out / "results" / f"{student}.json"

    def load(self, student: str) -> Grade | None:
        """The stored result, or None if there is none or it cannot be read (it is then graded again)."""
        try:
            return Grade.model_validate_json(self.result_path(student).read_bytes())
        except (OSError, ValidationError, ValueError):
            return None

    def grades(self) -> list[Grade]:
        """All results that can be read, by student."""
        names = sorted(path.stem for path in (self.out / "results").glob("*.json"))
        return [grade for grade in map(self.load, names) if grade is not None]

    def save(self, grade: Grade) -> None:
        """Raises: StoreError."""
        text = grade.model_dump_json(indent=2, by_alias=True)
        write_atomically(self.result_path(grade.student), text.encode() + b"\n")

    def save_manifest(self, manifest: Manifest) -> None:
        """Keep the manifest beside the results, so that a report needs nothing else. Raises: StoreError."""
        text = manifest.model_dump_json(indent=2, by_alias=True)
        write_atomically(self.out / "assignment.json", text.encode() + b"\n")

    def save_scores(self, manifest: Manifest, grades: Iterable[Grade]) -> Path:
        """Write `scores.csv`, one row per student in the order given. Raises: StoreError."""
        path = self.out / "scores.csv"
        write_atomically(path, scores_csv(manifest, grades).encode("utf-8"))
        return path


def scores_csv(manifest: Manifest, grades: Iterable[Grade]) -> str:
    """The table of scores: fixed columns, then one per task. Numbers stay bare, text is guarded."""
    task_ids = [task.id for task in manifest.tasks]
    lines = [",".join(["student", "assignment", "score", "max_score", "percent", "status", *task_ids])]
    for grade in grades:
        by_task = {task.id: task.score for task in grade.tasks}
        fields = [
            csv_text(grade.student),
            csv_text(grade.assignment),
            f"{grade.score:g}",
            f"{grade.max_score:g}",
            f"{grade.percent:.1f}",
            grade.status,
            *(f"{by_task[task]:g}" if task in by_task else "" for task in task_ids),
        ]
        lines.append(",".join(fields))
    return "\n".join([*lines, ""])


def csv_text(text: str) -> str:
    """Text as one field of a CSV file, quoted if any program could take a part of it for a separator.

    Excel in Russia splits at semicolons: unquoted, `a;=1+1` would be two cells there, the second a formula.
    """
    field = guard_formula(clean_line(text))
    if any(separator in field for separator in SEPARATORS):
        return '"' + field.replace('"', '""') + '"'
    return field


def guard_formula(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if text.startswith(FORMULA_STARTS) or first.startswith(FORMULA_STARTS) else text
