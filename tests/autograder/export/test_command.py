"""`autograder export` as it is typed."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.commands.export import export
from autograder.errors import UsageError
from autograder.export.choices import Format
from autograder.results.store import Store
from autograder.roster.person import Person
from tests.autograder.export.support import graded, saved, stored
from tests.autograder.manifests import with_rows
from tests.autograder.results.marks_support import answered


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in ("export", *arguments)])
    return int(ended.value.code or 0)


def test_each_format_writes_its_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = stored(
        tmp_path / "grades", [graded("anna", 11.25)], [Person(student="anna", id="7", participant="5")]
    )
    worksheet = saved(
        tmp_path / "w.csv",
        "Identifier,Full name,Status,Grade,Maximum grade,Grade can be changed,Last modified (submission),"
        "Last modified (grade),Feedback comments\nParticipant 5,Anna,-,,10.00,Yes,-,-,\n",
    )
    gradebook = saved(tmp_path / "g.csv", "Student,ID,Section,Small (3)\nAnna,7,CNN,\n")
    names = []
    for format_, options, name in (
        ("csv", ["--lang", "ru"], "small-ru.csv"),
        ("csv", [], "small.csv"),
        ("xlsx", [], "small.xlsx"),
        ("json", ["--without", "B1", "--late", "raw"], "small.json"),
        ("moodle", ["--worksheet", worksheet, "--scale-to", "10"], "small-moodle.csv"),
        ("canvas", ["--worksheet", gradebook], "small-canvas.csv"),
        ("feedback", [], "small-feedback.zip"),
    ):
        assert run(out, "--format", format_, *options) == 0
        said = capsys.readouterr().out
        assert f"Written: {out / 'exports' / name}\n" in said
        names.append(name)
    written = {path.name for path in (out / "exports").iterdir()}
    assert written == {*names, "small-moodle-feedback.zip", "small-moodle-written.json"}
    assert (out / "exports" / "small-ru.csv").read_bytes() != (out / "exports" / "small.csv").read_bytes()
    assert "Participant 5,Anna,-,8.04,10.00," in (out / "exports" / "small-moodle.csv").read_text(
        encoding="utf-8"
    )


def test_the_guide_names_every_format_and_option() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "teaching-assistants.md").read_text(encoding="utf-8")
    section = guide.partition("## Hand the marks on\n")[2].partition("\n## ")[0]
    options = (
        "out",
        "like",
        "column",
        "worksheet",
        "course",
        "since",
        "lang",
        "scale-to",
        "without",
        "late",
        "anyway",
    )
    named = [*(f"`{one.value}`" for one in Format), *(f"--{option}" for option in options)]
    assert [name for name in named if name not in section] == []
    parameters = set(inspect.signature(export).parameters) - {"folder", "format_"}
    assert {option.replace("-", "_") for option in options} == parameters


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "moodle"], "autograder: --format moodle fills in a downloaded grading worksheet"),
        (["--format", "csv", "--scale-to", "0"], "--scale-to needs a number above 0"),
        (["--format", "odt"], "'odt' is not one of"),
        (["--format", "csv"], "holds no results"),
    ],
)
def test_wrong_usage_ends_with_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    assert run(stored(tmp_path / "grades", []), *arguments) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("anyway", [[], ["--anyway"]])
def test_wrong_lines_are_named_as_report_names_them(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], anyway: list[str]
) -> None:
    out = stored(tmp_path / "grades", [answered(filter="x")], manifest=with_rows())
    saved(out / "manual.csv", "student;task;row;points;by\nanna;W;filter;9;ta\nana;W;filter;1;ta\n")
    saved(out / "voids.csv", "test,as,reason,by\ntest_none,full,why,ta\n")
    with pytest.raises(UsageError) as named:
        Store(out).beside(with_rows()).require()
    assert str(named.value).count(", line ") == 3
    assert run(out, "--format", "csv", *anyway) == 2
    said = capsys.readouterr()
    assert str(named.value) in said.err
    assert "--anyway" not in said.err
    assert not (out / "exports").exists()
