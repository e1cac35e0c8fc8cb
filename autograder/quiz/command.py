"""`autograder quiz`: sheets and key for a roster, and marks once answers have been typed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.grading.inputs import KEY_NAME
from autograder.grading.salts import make_salt
from autograder.quiz.answers import (
    ANSWERS,
    ENCODING,
    MARKS,
    SEPARATOR,
    columns,
    empty_table,
    marks_table,
    read_answers,
)
from autograder.quiz.question import Question
from autograder.quiz.questions.bank import TEMPLATES
from autograder.quiz.sheets import Sheet, render
from autograder.results.store import write_atomically
from autograder.tables.spreadsheet import csv_text
from autograder.text import Lang

SHEETS, KEY_PAGE, KEY_TABLE = "sheets.html", "key.html", "key.csv"


def questions_of(manifest: Manifest, key: bytes, student: str) -> list[Question]:
    """The quiz of one student: the manifest's questions in order, with numbers that follow from key and name.

    Raises: UsageError where the manifest has no quiz, or names a question that does not exist.
    """
    if not manifest.quiz:
        raise UsageError(
            f'{manifest.name} has no quiz: add `quiz = ["output_size", ...]` to its manifest; there are '
            f"{', '.join(TEMPLATES)}"
        )
    if unknown := [name for name in manifest.quiz if name not in TEMPLATES]:
        raise UsageError(
            f"the quiz of {manifest.name} names {', '.join(unknown)}; there are {', '.join(TEMPLATES)}"
        )
    salt = make_salt(key, manifest.name, student)
    return [
        TEMPLATES[name](np.random.default_rng(int.from_bytes(salt(f"quiz {place} {name}"), "big")))
        for place, name in enumerate(manifest.quiz)
    ]


def make_quiz(manifest: Manifest, students: Sequence[str], key: bytes, out: Path, lang: Lang) -> list[str]:
    """Write sheets, key and the table for answers to `out`. What to tell.

    A table for answers that is there is left alone: somebody may be typing in it.

    Raises: UsageError, also where `out` holds other sheets, which may be printed already; StoreError.
    """
    sheets = _sheets(manifest, students, key)
    before = _key_in(out)
    _check_same(before, sheets, out)
    if left := sorted(before.keys() - {csv_text(student) for student in students}):
        raise UsageError(
            f"{out / KEY_TABLE} has {', '.join(left[:3])}, who are not on this roster: add them, or take another --out"
        )
    write_atomically(out / SHEETS, render(manifest, sheets, lang, is_key=False).encode())
    write_atomically(out / KEY_PAGE, render(manifest, sheets, lang, is_key=True).encode())
    write_atomically(out / KEY_TABLE, _key_table(sheets))
    if not (out / ANSWERS).exists():
        write_atomically(out / ANSWERS, empty_table(sheets))
    asked = _counted(len(manifest.quiz), "question")
    return [
        f"{_counted(len(sheets), 'sheet')} of {asked}: {out / SHEETS}, to be printed (a page each)",
        f"key, for staff: {out / KEY_PAGE} and {KEY_TABLE}",
        f"type the answers into {out / ANSWERS}, then repeat the command with --answers",
    ]


def mark_quiz(manifest: Manifest, students: Sequence[str], key: bytes, out: Path, answers: Path) -> list[str]:
    """Write the marks of what was typed in to `out`, beside the sheets, and nothing else. What to tell.

    Raises: UsageError, also where `out` holds no sheets or those of another key; StoreError.
    """
    sheets = _sheets(manifest, students, key)
    before = _key_in(out)
    if not before:
        raise UsageError(f"{out} holds no {KEY_TABLE}: give as --out the folder with the sheets")
    _check_same(before, sheets, out)
    marks = read_answers(answers, dict(sheets))
    write_atomically(out / MARKS, marks_table(marks, len(manifest.quiz)))
    missing = len(sheets) - len(marks)
    nothing = f"; {missing} wrote nothing" if missing else ""
    return [f"marks of {_counted(len(marks), 'student')}: {out / MARKS}{nothing}"]


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def check_key_is_given(key: Path | None, out: Path) -> None:
    """Raises: UsageError where `out` holds sheets whose key lies elsewhere: a new one would fit none of them."""
    if key is None and (out / KEY_TABLE).exists() and not (out / KEY_NAME).exists():
        raise UsageError(f"the sheets in {out} were made with a course key of your own: give it with --key")


def _sheets(manifest: Manifest, students: Sequence[str], key: bytes) -> list[Sheet]:
    if not students:
        raise UsageError("the roster holds nobody; a sheet is made for each student of it")
    return [(student, questions_of(manifest, key, student)) for student in students]


def _key_in(out: Path) -> dict[str, str]:
    """Student -> line of the key that lies in `out`, both as they are written; none where there is none."""
    try:
        text = (out / KEY_TABLE).read_text(encoding=ENCODING)
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{out / KEY_TABLE} cannot be read: {error}") from error
    return {line.partition(SEPARATOR)[0]: line for line in text.splitlines()[1:]}


def _check_same(before: Mapping[str, str], sheets: Sequence[Sheet], out: Path) -> None:
    for line in _key_table(sheets).decode(ENCODING).splitlines()[1:]:
        student = line.partition(SEPARATOR)[0]
        if before.get(student, line) != line:
            raise UsageError(
                f"{out / KEY_TABLE} has other answers for {student}: the sheets were made with another course key or "
                "another quiz; give that --key, or make new sheets in another --out"
            )


def _key_table(sheets: Sequence[Sheet]) -> bytes:
    rows = [["student", *columns(len(sheets[0][1]))]]
    rows += [
        [student, *(" ".join(map(str, question.answer)) for question in questions)]
        for student, questions in sheets
    ]
    return "".join(SEPARATOR.join(map(csv_text, row)) + "\n" for row in rows).encode(ENCODING)
