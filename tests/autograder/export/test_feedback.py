"""What a student gets: the page of the report as it is now, with nothing of anybody else."""

from __future__ import annotations

import zipfile
from pathlib import Path

from autograder.export.choices import Format
from autograder.export.exporting import Options, export
from autograder.results.report.page import write_report
from autograder.roster.person import Person
from tests.autograder.export.support import graded, stored
from tests.autograder.manifests import with_rows
from tests.autograder.results.marks_support import answered


def zipped(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everybody_gets_the_page_of_the_report(tmp_path: Path) -> None:
    grades = [
        graded("anna"),
        graded("Anna", 3),
        graded("cleo", 0, status="missing"),
        graded("dan", status="rejected"),
    ]
    out = stored(tmp_path / "grades", grades)
    lines = export(out, Format.feedback, Options())
    path = out / "exports" / "small-feedback.zip"
    assert lines == ["3 pages for 4 students; who handed in nothing gets none", f"Written: {path}"]
    found = zipped(path)
    write_report(out)
    report = {page.name: page.read_bytes() for page in (out / "report" / "students").iterdir()}
    assert found == {name: page for name, page in report.items() if name != "cleo.html"}
    assert len({name.casefold() for name in found}) == 3, "one file each, on Windows too"


def test_a_page_speaks_of_what_counts_now(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [answered("anna", filter="An edge.")], manifest=with_rows())
    write_report(out)
    (out / "manual.csv").write_text(
        "student,task,row,points,by,remark\nanna,W,filter,2.5,ta,well said\n", encoding="utf-8"
    )
    export(out, Format.feedback, Options())
    (page,) = zipped(out / "exports" / "small-feedback.zip").values()
    assert b"well said" in page
    before = (out / "exports" / "small-feedback.zip").read_bytes()
    export(out, Format.feedback, Options())
    assert (out / "exports" / "small-feedback.zip").read_bytes() == before, "the same again"


def test_nobody_reads_of_anybody_else(tmp_path: Path) -> None:
    names = [f"somebody{number}" for number in range(10)]
    people = [Person(student=name, id=f"id-{name}", email=f"{name}@uni.ru") for name in names]
    out = stored(tmp_path / "grades", [graded(name) for name in names], people)
    export(out, Format.feedback, Options())
    found = zipped(out / "exports" / "small-feedback.zip")
    assert set(found) == {f"{name}.html" for name in names}
    for own, page in found.items():
        assert not [name for name in names if name.encode() in page and f"{name}.html" != own]
