"""`report/marking.html` and `report/marking.csv`: for staff, the answers in words that still await a mark.

The page also shows the answers whose text changed after they were marked.

The page goes row by row, so that one question is in mind at a time: the rubric and the model answer, then every answer.
The table holds the lines of `manual.csv` that are still to be filled in, in the order of the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Manifest, Task
from autograder.course.rows import Row
from autograder.results.by_hand.codes import CODES_NAME, NO_CODES, Codes, read_codes, with_codes
from autograder.results.marked import Marked
from autograder.results.marks import COLUMNS, MANUAL_NAME, Mark
from autograder.results.report.environment import templates
from autograder.results.store import write_atomically
from autograder.tables.spreadsheet import csv_text
from autograder.text import Lang

PAGE, TABLE = "marking.html", "marking.csv"
# Excel in Russia splits at semicolons, and takes a file without this mark for Windows-1251.
SEPARATOR, ENCODING = ";", "utf-8-sig"


@dataclass(frozen=True)
class Awaiting:
    """An answer to read. student: or the code in place of the name. given: marks from before the text changed."""

    student: str
    text: str
    given: tuple[Mark, ...] = ()


@dataclass(frozen=True)
class Section:
    """One row, its answers that nobody has marked, and those whose text changed after they were marked."""

    task: Task
    row: Row
    answers: tuple[Awaiting, ...]
    outdated: tuple[Awaiting, ...] = ()


def choose_names(out: Path, *, anonymous: bool) -> None:
    """From now on show codes in place of names to those who mark, or names again; codes stay what they are.

    Raises: UsageError, StoreError.
    """
    codes = read_codes(out)
    _save_codes(out, codes.model_copy(update={"anonymous": anonymous}))


def write_marking(out: Path, manifest: Manifest, marked: Sequence[Marked]) -> Path:
    """Write both below `out/report`; the path of the page. Raises: UsageError, StoreError."""
    before = read_codes(out)
    codes = with_codes(before, (one.grade.student for one in marked), anonymous=before.anonymous)
    if codes != before:
        _save_codes(out, codes)
    found = sections(manifest, marked, codes)
    folder = out / "report"
    write_atomically(folder / TABLE, lines_to_fill(found).encode(ENCODING))
    lang: Lang = marked[0].grade.lang if marked else "en"
    write_atomically(folder / PAGE, render_marking(manifest, found, lang).encode("utf-8"))
    return folder / PAGE


def _save_codes(out: Path, codes: Codes) -> None:
    write_atomically(out / CODES_NAME, codes.model_dump_json(indent=2).encode() + b"\n")


def sections(manifest: Manifest, marked: Sequence[Marked], codes: Codes = NO_CODES) -> list[Section]:
    """All rows in the order of the manifest; answers by what is shown of their students, so that codes tell nothing."""
    ordered = sorted(marked, key=lambda one: codes.shown(one.grade.student)) if codes.anonymous else marked
    return [
        Section(
            task,
            row,
            tuple(
                Awaiting(codes.shown(one.grade.student), mine.text)
                for one in ordered
                for mine in one.rows.get(task.id, ())
                if mine.row.id == row.id and mine.is_awaiting
            ),
            tuple(
                Awaiting(codes.shown(one.grade.student), mine.text, mine.outdated)
                for one in ordered
                for mine in one.rows.get(task.id, ())
                if mine.row.id == row.id and mine.outdated
            ),
        )
        for task in manifest.written
        for row in task.rows
    ]


def lines_to_fill(found: Sequence[Section]) -> str:
    """The text of the table: student, task and row are there, points, by and remark are empty."""
    lines = [SEPARATOR.join(COLUMNS)]
    for section in found:
        for answer in section.answers:
            known = [csv_text(answer.student), section.task.id, section.row.id]
            lines.append(SEPARATOR.join([*known, *[""] * (len(COLUMNS) - len(known))]))
    return "\r\n".join([*lines, ""])


def render_marking(manifest: Manifest, found: Sequence[Section], lang: Lang) -> str:
    """The page as text."""
    students = {answer.student for section in found for answer in section.answers}
    return (
        templates(lang)
        .get_template("marking.html.j2")
        .render(
            title=manifest.title.get(lang),
            lang=lang,
            say=WORDS[lang],
            sections=found,
            num_students=len(students),
            num_answers=sum(len(section.answers) for section in found),
            num_outdated=sum(len(section.outdated) for section in found),
            manual=MANUAL_NAME,
            table=TABLE,
            columns=", ".join(COLUMNS),
        )
    )


WORDS: dict[Lang, dict[str, str]] = {
    "ru": {
        "heading": "Ответы на оценку", "staff": "Только для преподавателей: здесь критерии и образцы ответов.",
        "answers": "ответов", "students": "работ", "row": "строка", "rubric": "За что баллы", "model": "Образец ответа",
        "how": "Баллы впишите в", "beside": "рядом с results/; столбцы:", "lines": "Готовые строки без баллов — в",
        "then": "Потом снова autograder report (или grade). Баллы — от 0 до предела строки, дробные можно.",
        "none": "Все ответы оценены.", "of": "до", "changed": "оценено до изменения текста", "nothing": "не написано",
        "again": "Эти оценки считаются. Для нового текста измените в manual.csv баллы или замечание.",
    },
    "en": {
        "heading": "Answers to be marked", "staff": "For staff only: this page holds rubrics and model answers.",
        "answers": "answers", "students": "submissions", "row": "row", "rubric": "Points for what",
        "model": "Model answer", "how": "Enter the points into", "beside": "beside results/; columns:",
        "lines": "The lines without points are in",
        "then": "Then run autograder report (or grade) again. Points go from 0 to what the row has, fractions too.",
        "none": "Every answer is marked.", "of": "up to", "changed": "marked before the text changed",
        "nothing": "not written",
        "again": "These marks count. For the new text change the points or the remark in manual.csv.",
    },
}  # fmt: skip
