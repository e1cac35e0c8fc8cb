"""A class of thirty in a course of nbgrader: who they are, what they hand in and when, as `nbgrader submit` leaves it.

The homework is that of the evening: J1 (4 points, tested) and W (10 points, by hand) of the seminar.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

from tests.autograder.grading_support import ROOT
from tests.evening.sixty import CLASS_ZERO, DATES, DUE, NOTHING, RIGHT, WRITTEN

NAME = "seminar_cnn"


@dataclass(frozen=True)
class Kind:
    """Of student. code: of J1; None hands in nothing. late, extension: hours. marks: of W."""

    code: str | None
    late: float = -5.0
    extension: float = 0.0
    answers: bool = False
    marks: tuple[str, str, str] = ("3", "2.5", "1")


KINDS = {
    "right": Kind(RIGHT),
    "zero": Kind(CLASS_ZERO),
    "nothing": Kind(NOTHING),
    "writer": Kind(RIGHT, answers=True),
    "late": Kind(CLASS_ZERO, late=30.0, answers=True),
    "extended": Kind(RIGHT, late=40.0, extension=48.0),
    "closed": Kind(RIGHT, late=300.0),
    "missing": Kind(None),
    "broken": Kind("def topk_error(:\n"),
}
COUNTS = {
    "right": 8, "zero": 5, "nothing": 4, "writer": 4, "late": 3, "extended": 2, "closed": 1, "missing": 2, "broken": 1,
}  # fmt: skip
CLASS = {f"{kind}{place}": KINDS[kind] for kind, count in COUNTS.items() for place in range(1, count + 1)}
DECISIONS = """student,task,points,reason,by
nothing1,J1,2.5,shown at the board,M. Ivanova
writer1,W,7.37,read aloud,M. Ivanova
"""


def assignments(folder: Path) -> Path:
    """The seminar's homework with dates."""
    target = folder / "assignments" / NAME
    shutil.copytree(ROOT / "assignments" / NAME, target)
    head, tasks, rest = (target / "assignment.toml").read_text(encoding="utf-8").partition("[[tasks]]\n")
    (target / "assignment.toml").write_text(head + DATES + "\n" + tasks + rest, encoding="utf-8")
    return target.parent


def hand_in(inbound: Path, released: Path) -> None:
    """Put everybody's work into the folder of the exchange from which `nbgrader collect` takes it."""
    notebook = json.loads((released / f"{NAME}.ipynb").read_text(encoding="utf-8"))
    for student, kind in CLASS.items():
        if kind.code is None:
            continue
        at = f"{(DUE + timedelta(hours=kind.late)).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
        folder = inbound / f"{student}+{NAME}+{at}+random"
        folder.mkdir(parents=True)
        text = json.dumps(filled(notebook, kind.code, WRITTEN if kind.answers else {}))
        (folder / f"{NAME}.ipynb").write_text(text, encoding="utf-8")
        (folder / "timestamp.txt").write_text(at, encoding="utf-8")
        (folder / "submission_secret.txt").write_text(f"secret of {student}", encoding="utf-8")


def filled(notebook: dict[str, Any], code: str, answers: dict[str, str]) -> dict[str, Any]:
    """The notebook with code in the cell of J1 and answers in those of W."""
    own = {"J1": code, **{f"W-{row}": text for row, text in answers.items()}}
    done = json.loads(json.dumps(notebook))
    for cell in done["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id")
        if name in own:
            cell["source"] = own.pop(name)
    assert not own
    return done


def roster(path: Path) -> Path:
    """The course's own table."""
    lines = ["student;email;name;extension_hours\n"]
    lines += [
        f"{student};{student}@uni.ru;Студент {place};{kind.extension:g}\n"
        for place, (student, kind) in enumerate(CLASS.items())
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


def manual() -> str:
    """`manual.csv` for all who have written."""
    lines = ["student,task,row,points,by,remark\n"]
    for student, kind in CLASS.items():
        if kind.answers:
            lines += [
                f"{student},W,{row},{points},anna,see the slide\n"
                for row, points in zip(WRITTEN, kind.marks, strict=True)
            ]
    return "".join(lines)
