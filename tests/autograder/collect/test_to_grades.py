"""From Moodle's zip to points after lateness, through the real commands: two snapshots, namesakes, an extension."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from autograder.results.grade import Grade
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store
from tests.autograder.collect.support import zipped
from tests.autograder.grading.test_batch import TOPK
from tests.autograder.grading_support import AUTOGRADER, ENV, results, scores
from tests.autograder.validation.support import make_course

pytestmark = pytest.mark.slow

DATES = """
[dates]
due = 2026-12-01T23:59:00
closes = 2026-12-10T23:59:00
grace_minutes = 15
percent_per_day = 10
"""
WRONG = "def topk_error(logits, targets, ks=(1, 5)):\n    return {k: 0.5 for k in ks}\n"
HEADER = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
)
EMAILS = {
    "1": "anna@uni.ru",
    "2": "other@uni.ru",
    "3": "boris@uni.ru",
    "4": "clara@uni.ru",
    "5": "dan@uni.ru",
}
NAMES = {"1": "Anna Petrova", "2": "Anna Petrova", "3": "Boris Orlov", "4": "Clara Mai", "5": "Dan Stone"}
ROSTER = "student;email;group;extension_hours\r\nboris;boris@uni.ru;М-1;\r\nclara;CLARA@uni.ru;М-1;48\r\n"


def worksheet(path: Path, times: dict[str, str]) -> Path:
    lines = [
        f'Participant {number},{name},{EMAILS[number]},Submitted,,100.00,Yes,"{times.get(number, "-")}",-,\n'
        for number, name in NAMES.items()
    ]
    path.write_text(HEADER + "".join(lines), encoding="utf-8-sig")
    return path


def download(path: Path, works: dict[str, str]) -> Path:
    return zipped(
        path,
        {
            f"{NAMES[number]}_{number}_assignsubmission_file_/solution.py": text
            for number, text in works.items()
        },
    )


def run(*args: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTOGRADER, *map(str, args)], env=ENV, capture_output=True, text=True, timeout=300, check=False
    )


def test_two_snapshots_of_a_class_become_its_points(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    manifest = course / "mini" / "assignment.toml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + DATES, encoding="utf-8")
    roster = tmp_path / "roster.csv"
    roster.write_bytes(ROSTER.encode("cp1251"))
    in_time, late = "Tuesday, 1 December 2026, 9:00 PM", "Wednesday, 2 December 2026, 11:30 PM"
    works = {"1": TOPK, "2": WRONG, "3": WRONG}
    submissions, out = tmp_path / "submissions", tmp_path / "grades"
    first = (
        download(tmp_path / "deadline.zip", works),
        worksheet(tmp_path / "deadline.csv", dict.fromkeys(works, in_time)),
    )
    second = (
        download(tmp_path / "cutoff.zip", {**works, "3": TOPK, "4": TOPK}),
        worksheet(tmp_path / "cutoff.csv", {**dict.fromkeys(works, in_time), "3": late, "4": late}),
    )
    for zip_, sheet in (first, second):
        done = run("collect", "--from", zip_, "--out", submissions, "--roster", roster, "--roster", sheet)
        assert done.returncode == 0, done.stderr
    assert "taken in place of attempt 1" in done.stdout
    assert "On the roster, nothing handed in (1): Dan Stone_5" in done.stdout
    assert (submissions / "_earlier" / "1" / "boris" / "solution.py").read_text(encoding="utf-8") == WRONG

    arguments = ("grade", "mini", submissions, "--out", out, "--assignments", course, "--lang", "en")
    graded = run(*arguments, "--roster", roster, "--roster", second[1])
    assert graded.returncode == 0, graded.stderr
    assert "Not graded" not in graded.stdout
    assert "On the roster, nothing handed in (1): Dan Stone_5" in graded.stdout
    assert "not on the roster" not in graded.stdout
    full = 4.0
    rows = {student: float(row["score"]) for student, row in scores(out).items()}
    assert rows["Anna Petrova_1"] == full
    assert rows["Anna Petrova_2"] < full
    assert rows["boris"] == 0.9 * full
    assert rows["clara"] == full
    people = json.loads((out / "roster.json").read_text(encoding="utf-8"))
    assert {person["student"]: (person["participant"], person["extension_hours"]) for person in people} == {
        "boris": ("3", 0), "clara": ("4", 48), "Anna Petrova_1": ("1", 0), "Anna Petrova_2": ("2", 0),
        "Dan Stone_5": ("5", 0),
    }  # fmt: skip
    assert scores(out)["Dan Stone_5"]["status"] == "missing"
    lines = {one.grade.student: one.late.line("en") for one in Store(out).marked(stored_manifest(out))}
    assert lines["boris"] == "24 hours late, 10 % of the points are taken off"
    assert lines["clara"] == lines["Anna Petrova_1"] == ""

    # A time that was wrong is mended without grading anybody anew; the roster outlives a run without it.
    times = tmp_path / "times.csv"
    times.write_text("student;submitted_at\nboris;02.12.2026 00:10\n", encoding="utf-8")
    assert run("collect", "--from", second[0], "--out", submissions, "--roster", roster, "--roster", second[1],
               "--times", times).returncode == 0  # fmt: skip
    before = results(out)
    again = run(*arguments)
    assert again.returncode == 0, again.stderr
    assert float(scores(out)["boris"]["score"]) == full, "within the grace"
    assert float(scores(out)["clara"]["score"]) == full
    after = results(out)
    assert after["boris"]["started_at"] == before["boris"]["started_at"]
    assert after["boris"]["submitted_at"] != before["boris"]["submitted_at"]
    assert {name: one for name, one in after.items() if name != "boris"} == {
        name: one for name, one in before.items() if name != "boris"
    }


def test_an_archive_that_was_collected_is_graded_like_any_other(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    inner = zipped(tmp_path / "work.zip", {"work/solution.py": TOPK}).read_bytes()
    source = zipped(
        tmp_path / "class.zip",
        {
            "Anna_1_assignsubmission_file_/work.zip": inner,
            "Anna_1_assignsubmission_onlinetext_/onlinetext.html": "<p>See the archive.</p>",
            "Boris_2_assignsubmission_onlinetext_/onlinetext.html": "<p>I forgot the file.</p>",
        },
    )
    assert run("collect", "--from", source, "--out", tmp_path / "in").returncode == 0
    assert (
        run("grade", "mini", tmp_path / "in", "--out", tmp_path / "out", "--assignments", course).returncode
        == 0
    )
    rows = scores(tmp_path / "out")
    assert (rows["Anna_1"]["status"], float(rows["Anna_1"]["score"])) == ("graded", 4.0)
    assert rows["Boris_2"]["status"] == "rejected"
    graded = Grade.model_validate(results(tmp_path / "out")["Anna_1"])
    assert graded.submitted_at is None
