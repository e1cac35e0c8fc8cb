"""`autograder status`: everybody stands where they belong, with the reason, and nothing is changed by asking."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from autograder.collect.collecting import Options, collect
from autograder.collect.layouts import Layout
from autograder.desk.status import CHANGED, NEW, Standing, standing
from autograder.errors import UsageError
from autograder.results.grade import Grade
from autograder.results.store import Store
from autograder.roster.person import Person
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered
from tests.autograder.results.support import make_grade

LATER = datetime.now(UTC) + timedelta(days=1)


def graded(student: str, **changes: object) -> Grade:
    """Judged after everything that this test writes."""
    return make_grade(student).model_copy(update={"started_at": LATER, **changes})


def hand_in(folder: Path, *students: str) -> None:
    for student in students:
        (folder / student).mkdir(parents=True)
        (folder / student / "solution.py").write_text("x = 1\n")


def people_of(found: Standing, group: str) -> dict[str, str]:
    return {one.student: one.why for one in found.groups.get(group, ())}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A class in which there is one of each."""
    store, submissions = Store(tmp_path / "out"), tmp_path / "subs"
    hand_in(submissions, "anna", "boris", "carl", "dora", "ed", "fay", "nina")
    store.save_manifest(small())
    store.save_places(tmp_path, submissions)
    store.save(graded("anna"))
    store.save(make_grade("boris").model_copy(update={"started_at": datetime(2020, 1, 1, tzinfo=UTC)}))
    store.save(graded("dora", status="rejected", reason="no archive\n\x1b[2J"))
    store.save(graded("ed", status="partial", needs_staff=True, reason="the disk was full"))
    store.save(graded("fay", status="missing"))
    store.save(graded("gina"))
    store.save(graded("hugo", status="missing"))
    store.save(graded("nina", staff_notes=("two notebooks",)))
    store.result_path("carl").write_text("{")
    return store.out


def test_everybody_stands_where_they_belong(out: Path) -> None:
    found = standing(Store(out), small())
    assert people_of(found, "graded") == {"anna": "", "ed": "", "gina": "", "nina": ""}
    assert people_of(found, "waiting") == {"boris": CHANGED, "fay": NEW}
    assert people_of(found, "rejected") == {"dora": "no archive\n"}
    assert people_of(found, "missing") == {"hugo": ""}
    assert people_of(found, "for staff") == {"ed": "the disk was full"}
    assert people_of(found, "remarks for staff") == {"nina": "two notebooks"}
    assert people_of(found, "without a submission") == {"gina": ""}
    assert list(people_of(found, "unreadable")) == ["carl"]
    assert len(found.problems) == 1


def test_what_was_handed_in_and_not_taken_is_no_nothing(tmp_path: Path) -> None:
    """As the platform gave it: of clara there is a link and no file, of hugo nothing."""
    source, submissions, store = tmp_path / "class", tmp_path / "subs", Store(tmp_path / "out")
    hand_in(source, "anna")
    (source / "clara").mkdir()
    (source / "clara" / "x.py").symlink_to(source / "anna" / "solution.py")
    collect(source, submissions, Options(Layout.folders))
    store.save_manifest(small())
    store.save_places(tmp_path, submissions)
    store.save_people({name: Person(student=name) for name in ("anna", "clara", "hugo")})
    found = people_of(standing(store, small()), "missing")
    assert list(found) == ["clara", "hugo"]
    assert found["clara"].startswith("class/clara/x.py: left out: ")
    assert found["hugo"] == ""
    store.save(graded("clara", status="missing"))
    assert people_of(standing(store, small()), "missing") == found


def test_who_awaits_a_mark_is_named_with_the_task(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save_manifest(with_rows())
    store.save(answered("anna", filter="x"))
    found = standing(store, with_rows())
    assert people_of(found, "to mark") == {"anna": "W"}
    assert found.submissions is None
    assert "places.json is missing" in found.problems[0]


def test_a_run_that_has_looked_at_all_settles_what_only_seems_to_have_changed(out: Path) -> None:
    store = Store(out)
    places = store.places()
    store.save_places(places.assignment, places.submissions, LATER)
    assert people_of(standing(store, small()), "waiting") == {"fay": NEW}
    store.save_places(places.assignment, places.submissions)  # the next run has begun
    assert people_of(standing(store, small()), "waiting") == {"fay": NEW}
    store.save_places(places.assignment, out)
    store.save_places(places.assignment, places.submissions)
    assert set(people_of(standing(store, small()), "waiting")) == {"boris", "fay"}


def test_a_new_file_with_an_old_date_is_a_change(out: Path) -> None:
    store = Store(out)
    submissions = store.places().submissions
    store.save(make_grade("anna").model_copy(update={"started_at": datetime.now(UTC)}))
    path = submissions / "anna" / "deep" / "solution.py"
    path.parent.mkdir()
    path.write_text("x = 2\n")
    os.utime(path, (0, 0))
    assert people_of(standing(store, small()), "waiting")["anna"] == CHANGED


def test_submissions_that_are_gone_or_moved(out: Path, tmp_path: Path) -> None:
    (tmp_path / "subs").rename(tmp_path / "moved")
    found = standing(Store(out), small())
    assert found.submissions is None
    assert any("say where they are now with --submissions" in problem for problem in found.problems)
    assert "waiting" not in found.groups
    assert set(people_of(standing(Store(out), small(), tmp_path / "moved"), "waiting")) == {"boris", "fay"}
    with pytest.raises(UsageError, match="is not a folder"):
        standing(Store(out), small(), tmp_path / "subs")


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    code = (
        "import sys; from autograder.cli import app; code = app(standalone_mode=False); "
        "print('torch' in sys.modules); sys.exit(code)"
    )
    return subprocess.run(
        [sys.executable, "-c", code, "status", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_says_it_in_lines_and_loads_no_torch(out: Path) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    done = run(out)
    assert done.returncode == 1, "a result cannot be read"
    lines = done.stdout.splitlines()
    assert any(line.split() == ["graded", "4", "anna,", "ed,", "gina,", "nina"] for line in lines)
    assert any("rejected" in line and "dora (no archive)" in line for line in lines)
    assert "carl.json cannot be read" in done.stderr
    assert lines[-1] == "False"
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
    Store(out).result_path("carl").unlink()
    done = run(out)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_long_line_is_cut_unless_all_are_asked_for(out: Path) -> None:
    for number in range(20):
        Store(out).save(graded(f"z{number:02d}"))
    assert "z05 and 14 more" in run(out).stdout
    assert "z19" in run(out, "--all").stdout
    assert " more" not in run(out, "--all").stdout
