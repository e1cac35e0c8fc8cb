"""`autograder collect` as a teaching assistant meets it."""

from __future__ import annotations

import csv
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.autograder.collect.support import laid_out, zipped
from tests.autograder.grading_support import AUTOGRADER

CLASS = {
    "Anna Petrova_101_assignsubmission_file_/x.py": "1",
    "Anna Petrova_102_assignsubmission_file_/x.py": "2",
    "readme.txt": "3",
}
SHEET = "Identifier,Full name,Last modified (submission)\nParticipant 101,Anna Petrova,2026-12-01 21:05\n"


def run(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTOGRADER, "collect", *map(str, args)], capture_output=True, text=True, timeout=60, check=False
    )


def test_it_says_what_became_of_each_file(tmp_path: Path) -> None:
    sheet, times = tmp_path / "sheet.csv", tmp_path / "times.csv"
    sheet.write_text(SHEET + "Participant 103,Boris Orlov,-\n", encoding="utf-8")
    times.write_text("student,submitted_at\nnobody,2026-12-01 21:05\n", encoding="utf-8")
    source = zipped(tmp_path / "class.zip", CLASS)
    done = run("--from", source, "--out", tmp_path / "in", "--roster", sheet, "--times", times)
    assert done.returncode == 0, done.stderr
    rows = [line.strip() for line in done.stdout.splitlines() if "class.zip/" in line]
    assert len(rows) == len(CLASS)
    assert rows[0].endswith("Anna Petrova_101  1        2026-12-01 21:05  taken")
    assert rows[2].endswith("not taken: its name says nobody's work")
    for line in (
        "3 files in the layout moodle: 2 taken, 1 not taken",
        f"2 students in {tmp_path / 'in'}",
        "No time is known for the work of 1, which counts as handed in on time: give Moodle's grading worksheet as "
        "--roster, or a table as --times",
        "On the roster, nothing handed in (1): Boris Orlov_103",
        "Handed in, not on the roster (1): Anna Petrova_102",
        f"{times} names nobody, of whom nothing was collected",
    ):
        assert line in done.stdout.splitlines()


@pytest.mark.parametrize("is_zip", [True, False])
def test_who_handed_in_and_has_an_empty_folder_is_named(tmp_path: Path, is_zip: bool) -> None:
    source, sheet = laid_out(tmp_path / "class", CLASS), tmp_path / "sheet.csv"
    (source / "Maria Orlova_103_assignsubmission_file_").mkdir()
    sheet.write_text(
        f"{SHEET}Participant 103,Maria Orlova,2026-12-01 19:40\nParticipant 104,Boris Orlov,-\n",
        encoding="utf-8",
    )
    if is_zip:
        source = Path(shutil.make_archive(str(source), "zip", source))
    done = run("--from", source, "--out", tmp_path / "in", "--roster", sheet)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert (
        "Handed in by the worksheet, but the folder is empty or not in this download: look in Moodle, and download "
        "again (1): Maria Orlova_103"
    ) in lines
    assert "On the roster, nothing handed in (1): Boris Orlov_104" in lines


def test_of_whom_nothing_could_be_taken_is_said(tmp_path: Path) -> None:
    source = laid_out(tmp_path / "class", {"anna/x.py": "1"})
    (source / "boris").mkdir()
    (source / "boris" / "x.py").symlink_to(source / "anna" / "x.py")
    roster = tmp_path / "roster.csv"
    roster.write_text("student\nanna\nboris\nclara\n", encoding="utf-8")
    done = run("--from", source, "--out", tmp_path / "in", "--roster", roster)
    assert done.returncode == 0
    assert "Nothing could be taken of: boris" in done.stdout
    assert "On the roster, nothing handed in (1): clara" in done.stdout.splitlines()


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--from", "{tmp}/absent"], "there is no"),
        (["--from", "{tmp}/empty"], "holds no submission in the layout 'folders'"),
        (["--from", "{tmp}/class", "--layout", "blackboard"], "blackboard"),
        (["--from", "{tmp}/class", "--roster", "{tmp}/class/anna/x.py"], "has no column named 'student'"),
        (["--from", "{tmp}/class", "--zone", "Moscow"], "there is no time zone 'Moscow'; give a name like"),
        (["--from", "{tmp}/class", "--times", "{tmp}/absent"], "cannot read the table of times"),
    ],
)
def test_wrong_input_is_one_sentence(tmp_path: Path, args: list[str], said: str) -> None:
    laid_out(tmp_path / "class", {"anna/x.py": "1"})
    (tmp_path / "empty").mkdir()
    done = run(*(arg.format(tmp=tmp_path) for arg in args), "--out", tmp_path / "in")
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "in").exists()


def times_of(folder: Path) -> dict[str, str]:
    with (folder / "_collected.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: row["submitted_at"] for row in csv.DictReader(stream) if row["student"]}


def test_the_zone_of_times_is_said_and_another_one_mends_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    sheet, out = tmp_path / "sheet.csv", tmp_path / "in"
    sheet.write_text(SHEET, encoding="utf-8")
    arguments = ("--from", zipped(tmp_path / "class.zip", CLASS), "--out", out, "--roster", sheet)
    read = "Times without a zone were read, and are shown above, in"
    first = run(*arguments)
    assert f"{read} UTC: the zone of this machine; if the platform has another, give --zone" in first.stdout
    assert times_of(out)["Anna Petrova_101"] == "2026-12-01T21:05:00+00:00"

    mended = run(*arguments, "--zone", "Europe/Moscow")
    assert f"{read} Europe/Moscow: as --zone says" in mended.stdout
    assert "2026-12-01 21:05  unchanged, times read in Europe/Moscow" in mended.stdout
    assert times_of(out)["Anna Petrova_101"] == "2026-12-01T21:05:00+03:00"
    before = (out / "_collected.csv").read_bytes()
    run(*arguments, "--zone", "Europe/Moscow")
    forgotten = run(*arguments)
    assert (out / "_collected.csv").read_bytes() == before
    assert (
        "Times that were read earlier, in Europe/Moscow, stay so; to mend them, collect again with --zone (1): "
        "Anna Petrova_101" in forgotten.stdout.splitlines()
    )


def test_times_with_an_offset_are_of_no_zone(tmp_path: Path) -> None:
    times, out = tmp_path / "times.csv", tmp_path / "in"
    times.write_text(
        "student,submitted_at\nanna,2026-12-01T21:05:00+05:00\nboris,2026-12-01 21:05\n", encoding="utf-8"
    )
    source = laid_out(tmp_path / "class", {"anna/x.py": "1", "boris/x.py": "2"})
    run("--from", source, "--out", out, "--times", times, "--zone", "Europe/Moscow")
    run("--from", source, "--out", out, "--zone", "Asia/Tokyo")
    assert times_of(out) == {"anna": "2026-12-01T21:05:00+05:00", "boris": "2026-12-01T21:05:00+09:00"}


def test_who_is_in_the_worksheet_alone_and_a_time_for_work_elsewhere_are_named(tmp_path: Path) -> None:
    sheet, own, times = (tmp_path / name for name in ("sheet.csv", "own.csv", "times.csv"))
    sheet.write_text(SHEET, encoding="utf-8")
    own.write_text("student\nanna\n", encoding="utf-8")
    times.write_text("student,submitted_at\nanna,2026-12-01 21:05\n", encoding="utf-8")
    run("--from", laid_out(tmp_path / "class", {"anna/x.py": "1"}), "--out", tmp_path / "in")
    source = laid_out(tmp_path / "later", {"boris/x.py": "1"})
    done = run(
        "--from", source, "--out", tmp_path / "in", "--roster", sheet, "--roster", own, "--times", times
    )
    lines = done.stdout.splitlines()
    assert "In the worksheet, not on the course's own table (1): Anna Petrova_101" in lines
    assert any(
        line.startswith("The worksheet and the course's own table have nobody in common") for line in lines
    )
    assert (
        f"{times} names students whose work is not in {source}, and their times stay as they were; "
        "collect the download that holds it (1): anna" in lines
    )
    assert times_of(tmp_path / "in")["anna"] == ""
