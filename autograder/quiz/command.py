"""`autograder quiz`: sheets and key for a roster, and marks once answers have been typed in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
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
from autograder.results.spreadsheet import csv_text
from autograder.results.store import write_atomically
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


def make_quiz(
    manifest: Manifest, students: Sequence[str], key: bytes, out: Path, lang: Lang, answers: Path | None
) -> list[str]:
    """Write sheets, key and the table for answers to `out`; with `answers` the marks, too. What to tell.

    A table for answers that is there is left alone: somebody may be typing in it.

    Raises: UsageError, StoreError.
    """
    if not students:
        raise UsageError("the roster holds nobody; a sheet is made for each student of it")
    sheets: list[Sheet] = [(student, questions_of(manifest, key, student)) for student in students]
    marks = None if answers is None else read_answers(answers, dict(sheets))
    write_atomically(out / SHEETS, render(manifest, sheets, lang, is_key=False).encode())
    write_atomically(out / KEY_PAGE, render(manifest, sheets, lang, is_key=True).encode())
    write_atomically(out / KEY_TABLE, _key_table(sheets))
    if not (out / ANSWERS).exists():
        write_atomically(out / ANSWERS, empty_table(sheets))
    number = len(manifest.quiz)
    lines = [
        f"{len(sheets)} sheets of {number} questions: {out / SHEETS}, to be printed (a page each)",
        f"key, for staff: {out / KEY_PAGE} and {KEY_TABLE}",
    ]
    if marks is None:
        return [*lines, f"type the answers into {out / ANSWERS}, then repeat the command with --answers"]
    write_atomically(out / MARKS, marks_table(marks, number))
    missing = len(sheets) - len(marks)
    return [
        *lines,
        f"marks of {len(marks)} students: {out / MARKS}" + (f"; {missing} wrote nothing" if missing else ""),
    ]


def _key_table(sheets: Sequence[Sheet]) -> bytes:
    rows = [["student", *columns(len(sheets[0][1]))]]
    rows += [
        [student, *(" ".join(map(str, question.answer)) for question in questions)]
        for student, questions in sheets
    ]
    return "".join(SEPARATOR.join(map(csv_text, row)) + "\n" for row in rows).encode(ENCODING)
