"""`autograder regrade` with the real command: who is judged again, who gains and loses, and what stays."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autograder.desk.regrading import plan
from autograder.errors import UsageError
from tests.autograder.desk.test_voiding import scores
from tests.autograder.desk.toy_class import RIGHT, SUM, graded, run

OWN = {
    "manual.csv": "student;task;row;points;by;remark\r\n",
    "overrides.csv": "student;task;points;reason;by\r\nanna;P1;2,5;почти;Иванова\r\n",
    "voids.csv": "test;as;reason;by\r\ntest_dtype;full;неверна;Иванова\r\n",
}
pytestmark = pytest.mark.slow


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return graded(tmp_path)


def write_own(out: Path) -> dict[str, tuple[bytes, int]]:
    for name, text in OWN.items():
        (out / name).write_bytes(text.encode("cp1251"))
    return own(out)


def own(out: Path) -> dict[str, tuple[bytes, int]]:
    return {name: ((out / name).read_bytes(), (out / name).stat().st_mtime_ns) for name in OWN}


def times(out: Path) -> dict[str, int]:
    return {path.stem: path.stat().st_mtime_ns for path in (out / "results").glob("*.json")}


def test_who_is_asked_is_judged_again_and_nobody_else(out: Path) -> None:
    folder, before = out.parent, times(out)
    assert scores(out) == {"anna": 0, "boris": 5, "vera": 0, "zoe": 0}
    (folder / "submissions" / "anna" / "solution.py").write_text(RIGHT)
    (folder / "submissions" / "boris" / "solution.py").write_text(SUM)
    write_own(out)
    (out / "overrides.csv").unlink()
    run(folder, "report", "out")
    done = run(folder, "regrade", "out", "--student", "boris")
    assert done.returncode == 0, done.stderr
    assert "0 gain, 1 lose, 3 stay, of 4 students" in done.stdout
    # The half point is that of the void test.
    assert ["boris", "5", "0.5", "-4.5"] in [line.split() for line in done.stdout.splitlines()]
    after = times(out)
    assert {name for name in after if after[name] != before[name]} == {"boris"}
    done = run(folder, "regrade", "out", "--task", "P1")
    assert "handed in anew since, so judged as a whole: anna" in done.stdout
    assert ["anna", "0.5", "5", "+4.5"] in [line.split() for line in done.stdout.splitlines()]
    last = times(out)
    assert {name for name in last if last[name] != after[name]} == {"anna", "boris"}
    assert scores(out) == {"anna": 5, "boris": 0.5, "vera": 0, "zoe": 0}


def test_what_cannot_be_is_told_before_anything_runs(out: Path) -> None:
    with pytest.raises(UsageError, match="no result of 'ana'; did you mean 'anna'"):
        plan(out, ["ana"], None)
    with pytest.raises(UsageError, match="there is no task 'Z'"):
        plan(out, [], "Z")
    with pytest.raises(UsageError, match="nobody of them has handed in task P1"):
        plan(out, ["vera"], "P1")
    with pytest.raises(UsageError, match="holds nothing of zoe; say where it is now with --submissions"):
        plan(out, ["zoe"], None)


def test_another_key_is_refused_before_anything_runs(out: Path) -> None:
    kept, (key, other) = times(out), ("out/course.key", "other.key")
    (out.parent / other).write_text("0" * 64)
    for chosen, names in ((("--student", "boris"), "boris"), ((), "anna, boris, vera")):
        done = run(out.parent, "regrade", "out", *chosen, "--key", other)
        assert (done.returncode, done.stdout) == (2, "")
        said = f"another course key than the one of the grade of {names}, so the numbers would be other ones"
        assert said in " ".join(done.stderr.split())
    assert times(out) == kept
    assert run(out.parent, "regrade", "out", "--student", "boris", "--key", key).returncode == 0


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("times", [1, pytest.param(50, marks=pytest.mark.nightly)])
def test_regrades_never_touch_what_people_wrote(out: Path, times: int) -> None:
    kept = write_own(out)
    folder = out.parent
    first = run(folder, "report", "out")
    assert first.returncode == 0, first.stderr
    expected = scores(out)
    assert expected == {"anna": 2.5, "boris": 5, "vera": 0, "zoe": 0}
    for _ in range(times):
        done = run(folder, "regrade", "out", "--student", "anna", "--student", "boris")
        assert done.returncode == 0, done.stderr
        assert "0 gain, 0 lose" in done.stdout
        assert own(out) == kept
    assert scores(out) == expected
    assert run(folder, "regrade", "out").returncode == 0
    assert (own(out), scores(out)) == (kept, expected)


def test_the_tests_of_one_task_alone_run_and_show_in_the_marks(out: Path) -> None:
    hidden = out.parent / "assignments" / "toy" / "hidden" / "test_p1.py"
    hidden.write_text(hidden.read_text() + "\n\ndef test_dtype(student):\n    assert student is None\n")
    kept = json.loads((out / "results" / "boris.json").read_text())
    before = times(out)
    done = run(out.parent, "regrade", "out", "--task", "P1")
    assert done.returncode == 0, done.stderr
    assert ["boris", "5", "4.5", "-0.5"] in [line.split() for line in done.stdout.splitlines()]
    assert "handed in anew" not in done.stdout
    now = json.loads((out / "results" / "boris.json").read_text())
    assert (now["grader_sha256"], now["started_at"]) == (kept["grader_sha256"], kept["started_at"])
    after = times(out)
    assert {name for name in after if after[name] != before[name]} == {"anna", "boris"}
    assert scores(out) == {"anna": 0, "boris": 4.5, "vera": 0, "zoe": 0}
