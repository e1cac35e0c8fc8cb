"""What a student gets: one file, with nothing of anybody else."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.export.choices import Format
from autograder.export.counting import Rule, count
from autograder.export.exporting import Options, export
from autograder.export.feedback import as_text, files
from autograder.results.beside import Beside
from autograder.results.decisions import Decision, Decisions
from autograder.results.grade import Diagnosis, TestResult
from autograder.results.marked import with_beside
from autograder.results.marks import parse_marks
from tests.autograder.export.support import counted, graded, stored
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered


def zipped(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def page(out: Path, student: str, text: str, seconds: float) -> None:
    """A page of the report, so many seconds younger than the result."""
    path = out / "report" / "students" / f"{student}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    at = (out / "results" / f"{student}.json").stat().st_mtime + seconds
    os.utime(path, (at, at))


def test_everybody_gets_their_own_page_or_text(tmp_path: Path) -> None:
    out = stored(
        tmp_path / "grades", [graded("anna"), graded("boris", 3), graded("cleo", 0, status="missing")]
    )
    page(out, "anna", "<p>anna</p>", 1)
    lines = export(out, Format.feedback, Options())
    path = out / "exports" / "small-feedback.zip"
    assert lines == [
        "1 pages of the report and 1 texts for 3 students; who handed in nothing gets none",
        f"Written: {path}",
    ]
    found = zipped(path)
    assert found["anna.html"] == "<p>anna</p>"
    assert found["boris.txt"].startswith("Small\nTotal: 3 of 14 points\n\nA1 t: 3 of 10 points\n")
    assert set(found) == {"anna.html", "boris.txt"}
    before = path.read_bytes()
    export(out, Format.feedback, Options())
    assert path.read_bytes() == before


def test_an_old_page_is_not_handed_out(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna")])
    page(out, "anna", "old", -10)
    with pytest.raises(UsageError, match=r"older than the results .*: anna; run `autograder report"):
        export(out, Format.feedback, Options())
    assert export(out, Format.feedback, Options(anyway=True))
    page(out, "anna", "new", 10)
    (out / "manual.csv").write_text("student,task,row,points,by,remark\n", encoding="utf-8")
    os.utime(out / "manual.csv", (out.stat().st_mtime + 60,) * 2)
    with pytest.raises(UsageError, match="or the marks they tell of"):
        files(out, small(), counted([graded("anna")]), anyway=False)


def test_the_text_has_sentences_for_what_was_lost() -> None:
    grade = answered("anna", filter="An edge.")
    lost = TestResult(id="t", passed=False, points=0, max_points=2.5, message="The stride is ignored.")
    task = grade.tasks[0].model_copy(
        update={"tests": (lost,), "diagnosis": (Diagnosis(bug="b", message="Stride 1 always."),)}
    )
    grade = grade.model_copy(update={"tasks": (task, grade.tasks[1]), "staff_notes": ("a secret of staff",)})
    marks = parse_marks(
        "student,task,row,points,by,remark\nanna,W,filter,2.5,ta,well said\n",
        "manual.csv",
        with_rows(),
        ["anna"],
    )
    decided = Decisions((Decision("anna", "A1", 9, "the test was unclear", "prof", 2),))
    for lang, expected in (
        (
            "en",
            "Small\nTotal: 11.5 of 19 points\n\nA1 t: 9 of 10 points\n−2.5: The stride is ignored.\nStride 1 always.\n"
            "A decision of staff: the test was unclear\n\nW In words: 2.5 of 5 points\n"
            "What is asked of filter. 2.5 points. well said\n",
        ),
        (
            "ru",
            "Small (ru)\nИтог: 11,5 из 19 баллов\n\nA1 t: 9 из 10 баллов\n−2,5: The stride is ignored.\n"
            "Stride 1 always.\nРешение преподавателя: the test was unclear\n\nW In words: 2,5 из 5 баллов\n"
            "What is asked of filter. (ru) 2,5 балла. well said\n",
        ),
    ):
        marked = with_beside(
            with_rows(), grade.model_copy(update={"lang": lang}), Beside(marks=marks, decisions=decided)
        )
        (one,) = count(with_rows(), [marked], Rule())
        assert as_text(with_rows(), one) == expected


def test_nobody_reads_of_anybody_else(tmp_path: Path) -> None:
    names = [f"somebody{number}" for number in range(20)]
    out = stored(tmp_path / "grades", [graded(name) for name in names])
    export(out, Format.feedback, Options())
    found = zipped(out / "exports" / "small-feedback.zip")
    assert len(found) == 20
    assert not any(name in text for text in found.values() for name in names)
    with zipfile.ZipFile(io.BytesIO((out / "exports" / "small-feedback.zip").read_bytes())) as archive:
        assert archive.testzip() is None
