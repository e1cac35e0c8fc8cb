"""What students wrote, typed into a table, becomes marks: `answers.csv` -> `marks.csv`."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from autograder.errors import UsageError
from autograder.intake.encodings import decode
from autograder.quiz.question import Question
from autograder.quiz.sheets import Sheet
from autograder.tables.spreadsheet import csv_text, guard_formula, read_records

ANSWERS, MARKS = "answers.csv", "marks.csv"
# As `marking.csv`: Excel in Russia splits at semicolons, and takes a file without this mark for Windows-1251.
SEPARATOR, ENCODING = ";", "utf-8-sig"


def columns(number: int) -> list[str]:
    """q1, q2, ..."""
    return [f"q{place}" for place in range(1, number + 1)]


def empty_table(sheets: Sequence[Sheet]) -> bytes:
    """`answers.csv` to be filled in, a line for each student."""
    names = columns(len(sheets[0][1]))
    lines = [SEPARATOR.join(["student", *names])]
    lines += [SEPARATOR.join([csv_text(student), *("" for _ in names)]) for student, _ in sheets]
    return ("\n".join(lines) + "\n").encode(ENCODING)


def read_answers(path: Path, sheets: Mapping[str, Sequence[Question]]) -> dict[str, list[float]]:
    """Student -> marks, of those who wrote anything at all.

    Raises: UsageError naming every line that cannot be used.
    """
    try:
        text = decode(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read the answers {path}: {error.strerror}") from error
    number = len(next(iter(sheets.values())))
    known = {guard_formula(student): student for student in sheets} | {student: student for student in sheets}
    marks: dict[str, list[float]] = {}
    problems: list[str] = []
    places: dict[str, int] = {}
    try:
        for line, fields in read_records(text):
            if not places:
                places = _places(path, fields, number)
                continue
            cells = {
                name: fields[place].strip() if place < len(fields) else "" for name, place in places.items()
            }
            student = known.get(cells.pop("student"))
            if student is None:
                problems.append(
                    f"{path}, line {line}: nobody on the roster is called {fields[places['student']]!r}"
                )
            elif student in marks:
                problems.append(f"{path}, line {line}: {student!r} has a line above already; keep one")
            elif any(cells.values()):
                marks[student] = _marks(path, line, sheets[student], cells, problems)
    except csv.Error as error:
        problems.append(f"{path}, {error}; see to the quotes there, nothing below is read")
    if problems:
        raise UsageError("\n".join([*problems, "mend it and repeat the command; nothing was written"]))
    return marks


def marks_table(marks: Mapping[str, Sequence[float]], number: int) -> bytes:
    """`marks.csv`: 0, .5 or 1 for each question, their sum, and the most there is.

    As `answers.csv`, with decimal commas: Excel in Russia takes 0.5 for text, and 1.5 for a day in May.
    """
    lines = [SEPARATOR.join(["student", *columns(number), "total", "max"])]
    lines += [
        SEPARATOR.join([csv_text(student), *map(_decimal, (*row, sum(row), number))])
        for student, row in marks.items()
    ]
    return ("\n".join(lines) + "\n").encode(ENCODING)


def _decimal(value: float) -> str:
    return f"{value:g}".replace(".", ",")


def _places(path: Path, header: Sequence[str], number: int) -> dict[str, int]:
    names = [name.strip().casefold() for name in header]
    wanted = ["student", *columns(number)]
    if missing := [name for name in wanted if name not in names]:
        raise UsageError(
            f"{path} has no column {', '.join(missing)} in its first line; it needs {', '.join(wanted)}"
        )
    return {name: names.index(name) for name in wanted}


def _marks(
    path: Path, line: int, questions: Sequence[Question], cells: Mapping[str, str], problems: list[str]
) -> list[float]:
    marks = []
    for name, question in zip(cells, questions, strict=True):
        try:
            # A spreadsheet keeps a negative number apart from a formula by an apostrophe.
            marks.append(question.mark(cells[name].removeprefix("'")))
        except ValueError as error:
            problems.append(f"{path}, line {line}, {name}: {error}")
    return marks
