"""The evening of a deadline as `docs/evening.md` tells it: every command of the page, on a class of sixty."""

from __future__ import annotations

import csv
import io
import re
import shlex
import signal
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT, scores
from tests.evening.sixty import (
    CLASS,
    EXPECTED,
    NOTHING,
    NUMBERS,
    RIGHT,
    VOIDED,
    course,
    download,
    full_name,
    notebook,
    roster,
    worksheet,
)

pytestmark = pytest.mark.slow

PAGE = (ROOT / "docs" / "evening.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"^```\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
DISPUTED = "mended_late01"
MARKS = {"filter": "3", "mistake": "2", "input": "2"}


class Evening:
    """A folder in which the page's commands run, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.left = folder, list(COMMANDS)

    def start(self, command: str) -> subprocess.Popen[str]:
        words = shlex.split(command.replace("boris", DISPUTED))
        assert words[0] == "autograder"
        return subprocess.Popen(
            [AUTOGRADER, *words[1:]], cwd=self.folder, env=ENV, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, command: str, code: int = 0) -> str:
        process = self.start(command)
        out, error = process.communicate(timeout=600)
        assert process.returncode == code, f"{command}\n{out}\n{error}"
        return out

    def next(self, beginning: str) -> str:
        """The page's next command, which must begin so: nothing of the page is left out."""
        command = self.left.pop(0)
        assert command.startswith(f"autograder {beginning}"), command
        return command

    def step(self, beginning: str) -> str:
        return self.run(self.next(beginning))

    def scores(self) -> dict[str, float]:
        return {student: float(row["score"]) for student, row in scores(self.folder / "grades").items()}


@pytest.fixture(scope="module")
def evening(tmp_path_factory: pytest.TempPathFactory) -> Evening:
    folder = tmp_path_factory.mktemp("evening")
    course(folder)
    roster(folder / "students.csv")
    (folder / "course.key").write_text("0123456789abcdef" * 4, encoding="utf-8")
    download(folder / "deadline.zip", at_cutoff=False)
    worksheet(folder / "worksheet.csv", at_cutoff=False)
    download(folder / "cutoff.zip", at_cutoff=True)
    worksheet(folder / "cutoff.csv", at_cutoff=True)
    return Evening(folder)


def interrupt(evening: Evening, command: str) -> None:
    """Ctrl-C once three are graded: what is finished stays, and the exit code says that it was stopped."""
    process = evening.start(command)
    assert process.stderr is not None
    seen = 0
    for line in process.stderr:
        seen += " of 14" in line
        if seen == 3:
            break
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=120)
    assert process.returncode == 130, error
    assert len(list((evening.folder / "grades" / "results").glob("*.json"))) >= 3


def fill_marks(grades: Path) -> None:
    """As a person does it: the lines of marking.csv, with points."""
    text = (grades / "report" / "marking.csv").read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 30
    lines = ["student,task,row,points,by,remark"]
    lines += [f"{row['student']},{row['task']},{row['row']},{MARKS[row['row']]},ta,fine" for row in rows]
    (grades / "manual.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_every_command_of_the_page_and_what_sixty_students_end_with(evening: Evening) -> None:
    grades = evening.folder / "grades"
    evening.step("collect --from deadline.zip")
    out = evening.step("collect --from cutoff.zip")
    assert "taken in place of attempt 1" in out
    grade = evening.next("grade")
    interrupt(evening, grade)
    evening.run(grade)
    status = evening.step("status")
    for word in ("missing01", "rejected01", "writer10"):
        assert word in status
    fill_marks(grades)
    evening.step("report")
    before = evening.scores()
    assert before["class_zero02"] < 4
    assert before["writer01"] == 11
    assert any(VOIDED in command for command in COMMANDS)
    evening.step("void")
    assert evening.scores() == pytest.approx(EXPECTED)
    evening.step("publish")
    check_exports(evening)
    resubmit(evening, grade)
    evening.step("regrade")
    evening.step("appeal")
    evening.step("replay")
    assert not evening.left
    assert [path.name for path in (grades / "report" / "students").iterdir() if "right01" in path.name]


def check_exports(evening: Evening) -> None:
    evening.step("export grades --format moodle")
    evening.step("export grades --format xlsx")
    evening.step("export grades --format feedback")
    (sheet,) = (evening.folder / "grades" / "exports").glob("*.csv")
    rows = list(csv.reader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    old = (evening.folder / "cutoff.csv").read_text(encoding="utf-8-sig")
    assert rows[0] == next(csv.reader(io.StringIO(old)))
    given = {row[0]: row[4] for row in rows[1:]}
    for student, points in EXPECTED.items():
        if not student.startswith(("missing", "rejected")):
            assert float(given[f"Участник{NUMBERS[student]}"].replace(",", ".")) == pytest.approx(points)
    with zipfile.ZipFile(evening.folder / "feedback.zip") as archive:
        assert len(archive.namelist()) >= len(CLASS) - 4


def resubmit(evening: Evening, grade: str) -> None:
    """After publishing, one hands in what is right and another what is worse: marks only rise."""
    source = evening.folder / "again.zip"
    with zipfile.ZipFile(source, "w") as archive:
        for student, code in (("nothing_right01", RIGHT), (DISPUTED, NOTHING)):
            folder = f"{full_name(student)}_{NUMBERS[student]}_assignsubmission_file_"
            archive.writestr(f"{folder}/seminar_cnn.ipynb", notebook(code, {}))
    times = evening.folder / "times.csv"
    times.write_text(
        f"student;submitted_at\nnothing_right01;06.12.2026 12:00\n{DISPUTED};06.12.2026 12:00\n",
        encoding="utf-8",
    )
    evening.run(
        "autograder collect --from again.zip --out submissions --roster students.csv --roster cutoff.csv "
        "--times times.csv"
    )
    evening.run(grade)
    rise = {**EXPECTED, "nothing_right01": 4 * 0.5}
    assert evening.scores() == pytest.approx(rise)
