"""A class of sixty, as Moodle gives it twice: who they are, what they hand in and when, and what they end with.

The homework is J1 (4 points) and W (10 points, by hand) of the seminar. What each ends with stands in `EXPECTED`, in
one place, and follows from the kind of student alone.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tests.autograder.grading_support import ROOT

DUE = datetime(2026, 12, 1, 23, 59).astimezone()
DATES = """
[dates]
due = 2026-12-01T23:59:00
closes = 2026-12-08T23:59:00
grace_minutes = 15
percent_per_day = 10
"""
RIGHT = """
def topk_error(logits, targets, ks=(1, 5)):
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    own = logits.gather(1, targets[:, None])
    place = (logits >= own).sum(1)
    return {k: (place > k).double().mean().item() for k in ks}
"""
# Class 0 is never counted: a hidden test of its own.
CLASS_ZERO = RIGHT.replace("(place > k)", "((place > k) & (targets != 0))")
NOTHING = "def topk_error(logits, targets, ks=(1, 5)):\n    return None\n"
WRITTEN = {"filter": "An edge from dark to light.", "mistake": "A 4 like a 9.", "input": "Two channels."}
VOIDED = "test_j1.py::test_class_zero"


@dataclass(frozen=True)
class Kind:
    """Of student.

    Args:
        first, second: the code at the deadline and at the cut-off, None for nothing there.
        late: hours after the due date at which the last work came.
        extension: hours.
        answers: whether W is written.
        ends: points in the end, before anything is published: of J1 after the void, and of W, with lateness.
    """

    first: str | None
    second: str | None
    ends: float
    late: float = -5.0
    extension: float = 0.0
    answers: bool = False


KINDS = {
    "right": Kind(RIGHT, RIGHT, 4.0),
    "class_zero": Kind(CLASS_ZERO, CLASS_ZERO, 4.0),  # the test is voided: all have its points
    "nothing_right": Kind(NOTHING, NOTHING, 0.35),  # the points of the voided test
    "writer": Kind(RIGHT, RIGHT, 11.0, answers=True),
    "mended_late": Kind(NOTHING, RIGHT, 3.6, late=20.0),
    "extended": Kind(None, RIGHT, 4.0, late=40.0, extension=48.0),
    "two_days": Kind(None, RIGHT, 3.2, late=30.0),
    "missing": Kind(None, None, 0.0),
    "rejected": Kind("not a notebook", "not a notebook", 0.0),
}
COUNTS = {
    "right": 20, "class_zero": 8, "nothing_right": 6, "writer": 10, "mended_late": 4, "extended": 3, "two_days": 3,
    "missing": 4, "rejected": 2,
}  # fmt: skip
NAMESAKES = ("right01", "right02", "class_zero01")
CLASS = {f"{kind}{place:02}": KINDS[kind] for kind, count in COUNTS.items() for place in range(1, count + 1)}
EXPECTED = {student: kind.ends for student, kind in CLASS.items()}
NUMBERS = {student: 1001 + place for place, student in enumerate(CLASS)}


def course(folder: Path) -> Path:
    """The homework: `seminar_cnn` with the tasks J1 and W alone, and with dates."""
    source = ROOT / "assignments" / "seminar_cnn"
    target = folder / "assignments" / "seminar_cnn"
    shutil.copytree(source, target)
    head, *tasks = (source / "assignment.toml").read_text(encoding="utf-8").split("[[tasks]]\n")
    kept = [task for task in tasks if task.startswith(('id = "J1"', 'id = "W"'))]
    text = head + DATES + "".join(f"\n[[tasks]]\n{task}" for task in kept)
    (target / "assignment.toml").write_text(text, encoding="utf-8")
    variants = (source / "wrong" / "variants.toml").read_text(encoding="utf-8").split("[[variants]]\n")[1:]
    chosen = [variant for variant in variants if variant.startswith('id = "j1_')]
    listed = "".join(f"[[variants]]\n{variant}\n" for variant in chosen)
    (target / "wrong" / "variants.toml").write_text(listed, encoding="utf-8")
    for part in ("hidden", "public"):
        for path in (target / part).glob("test_*.py"):
            if path.name != "test_j1.py":
                path.unlink()
    for path in (target / "wrong").rglob("*.py"):
        if not path.name.startswith("j1_"):
            path.unlink()
    return target.parent


def notebook(code: str, answers: dict[str, str]) -> str:
    """As a student hands it in."""

    def cell(kind: str, name: str, source: str) -> dict[str, object]:
        marked = {"grade_id": name, "solution": True, "grade": False, "locked": False, "schema_version": 3}
        own = {"outputs": [], "execution_count": None} if kind == "code" else {}
        return {"cell_type": kind, "metadata": {"nbgrader": marked}, "source": source, "id": name, **own}

    cells = [cell("code", "J1", code)]
    cells += [cell("markdown", f"W-{row}", text) for row, text in answers.items()]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def full_name(student: str) -> str:
    return "Иван Ёлкин" if student in NAMESAKES else f"Студент {NUMBERS[student]}"


def download(path: Path, *, at_cutoff: bool) -> Path:
    """Moodle's zip of all submissions."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for student, kind in CLASS.items():
            code = kind.second if at_cutoff else kind.first
            if code is None:
                continue
            name = "Копия seminar_cnn.ipynb" if student == "right05" else "seminar_cnn.ipynb"
            is_notebook = not student.startswith("rejected")
            text = notebook(code, WRITTEN if kind.answers else {}) if is_notebook else code
            folder = f"{full_name(student)}_{NUMBERS[student]}_assignsubmission_file_"
            archive.writestr(f"{folder}/{name}", text)
    return path


def worksheet(path: Path, *, at_cutoff: bool) -> Path:
    """Moodle's grading worksheet in Russian."""
    head = (
        "Идентификатор,Полное имя,Адрес электронной почты,Состояние,Оценка,Максимальная оценка,"
        "Оценку можно изменить,Последнее изменение (ответ),Последнее изменение (оценка),Отзыв в виде комментария\r\n"
    )
    lines = []
    for student, kind in CLASS.items():
        has = (kind.second if at_cutoff else kind.first) is not None
        moment = DUE + timedelta(hours=kind.late if at_cutoff else -5.0)
        said = f'"вторник, {moment.day} декабря 2026, {moment:%H:%M}"' if has else "-"
        state = "Ответы для оценки" if has else "Нет ответа на задание"
        number = f"Участник{NUMBERS[student]}"
        lines.append(f'{number},{full_name(student)},{student}@uni.ru,{state},,"14,00",Да,{said},-,\r\n')
    path.write_text(head + "".join(lines), encoding="utf-8-sig", newline="")
    return path


def roster(path: Path) -> Path:
    """The course's own list, as Excel in Russia saves it."""
    lines = ["student;email;name;group;extension_hours\r\n"]
    for student, kind in CLASS.items():
        hours = f"{kind.extension:g}" if kind.extension else ""
        lines.append(f"{student};{student}@uni.ru;{full_name(student)};М-{NUMBERS[student] % 3};{hours}\r\n")
    path.write_bytes("".join(lines).encode("cp1251"))
    return path
