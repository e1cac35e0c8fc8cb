"""`autograder void` on a folder of results: the line, the scores, the page, and who gains and loses."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.desk.voiding import void
from autograder.errors import UsageError
from autograder.results.store import Store
from tests.autograder.results.decided_support import CORE, CORNER, SECOND, a_class, judged, manifest_of_tests

AUTOGRADER = Path(sys.executable).parent / "autograder"
M = manifest_of_tests()


def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([AUTOGRADER, *args], capture_output=True, text=True, timeout=120, check=False)


def scores(out: Path) -> dict[str, float]:
    with (out / "scores.csv").open(encoding="utf-8", newline="") as stream:
        return {row["student"]: float(row["score"]) for row in csv.DictReader(stream)}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return a_class(
        tmp_path,
        judged("anna", (CORE,)),
        judged("boris", (SECOND,)),
        judged("vera"),
        judged("zoe", without=("A1",)),
    )


def test_it_is_rescored_without_running_and_undone_by_deleting_the_line(store: Store) -> None:
    assert scores(store.out) == {"anna": 8, "boris": 11, "vera": 14, "zoe": 4}
    kept = [path.read_bytes() for path in sorted((store.out / "results").glob("*.json"))]
    done = run("void", store.out, CORE, "--as", "drop", "--by", "M. Ivanova", "--reason", "asks too much")
    assert done.returncode == 0, done.stderr
    assert "1 gain, 1 lose, 2 stay, of 4 students" in done.stdout
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["anna", "8", "14", "+6"] in lines
    assert ["boris", "11", "6.5", "-4.5"] in lines
    assert lines.index(["anna", "8", "14", "+6"]) < lines.index(["boris", "11", "6.5", "-4.5"])
    assert scores(store.out) == {"anna": 14, "boris": 6.5, "vera": 14, "zoe": 4}
    page = (store.out / "report" / "students" / "anna.html").read_text("utf-8")
    assert "asks too much" in page
    assert "M. Ivanova" not in page
    assert [path.read_bytes() for path in sorted((store.out / "results").glob("*.json"))] == kept
    (store.out / "voids.csv").unlink()
    assert run("report", store.out).returncode == 0
    assert scores(store.out) == {"anna": 8, "boris": 11, "vera": 14, "zoe": 4}


def test_full_gives_its_points_to_those_who_handed_in_the_task(store: Store) -> None:
    done = run("void", store.out, "test_core", "--as", "full", "--by", "ta", "--reason", "wrong")
    assert "1 gain, 0 lose, 3 stay" in done.stdout
    assert scores(store.out) == {"anna": 14, "boris": 11, "vera": 14, "zoe": 4}


@pytest.mark.parametrize(
    ("test", "said"),
    [("test_none", "there is no hidden test 'test_none'"), ("test_accuracy", "no test of task B1 is left")],
)
def test_what_cannot_be_changes_nothing(store: Store, test: str, said: str) -> None:
    done = run("void", store.out, test, "--as", "drop", "--by", "ta", "--reason", "wrong")
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert said in done.stderr
    assert "nothing was changed" in done.stderr
    assert not (store.out / "voids.csv").exists()


def test_a_second_decision_on_a_test_is_refused(store: Store) -> None:
    void(store, M, CORE, "full", "ta", "wrong")
    before = (store.out / "voids.csv").read_bytes()
    with pytest.raises(UsageError) as refusal:
        void(store, M, CORE, "drop", "another", "why")
    assert str(refusal.value) == (
        f"{CORE} counts as full already, by ta: wrong ({store.out / 'voids.csv'}, line 2). To change that, edit the "
        f"line or delete it, and run `autograder report {store.out}`; nothing was changed"
    )
    with pytest.raises(UsageError, match="cannot be empty"):
        void(store, M, CORNER, "drop", " ", "wrong")
    assert (store.out / "voids.csv").read_bytes() == before


@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("end", ["", "\r\n"])
def test_a_line_is_added_as_the_file_is_written(store: Store, encoding: str, end: str) -> None:
    """By whichever spreadsheet, in its order of columns, with a column more."""
    text = f"by;test;note;as;reason\r\nИванова;test_corner;;full;неверна{end}"
    (store.out / "voids.csv").write_bytes(text.encode(encoding))
    void(store, M, CORE, "drop", "=Петров; ст.", 'хуже, чем "5"')
    found = store.beside(M).decisions
    assert found.problems == ()
    assert [(one.test, one.how, one.reason) for one in found.voids] == [
        (CORNER, "full", "неверна"), (CORE, "drop", 'хуже, чем "5"'),
    ]  # fmt: skip
    assert found.voids[1].by.lstrip("'") == "=Петров; ст."
    written = (store.out / "voids.csv").read_text("utf-8-sig")
    assert written.splitlines()[0] == "by;test;note;as;reason"


def test_a_wrong_line_elsewhere_is_mended_first(store: Store) -> None:
    (store.out / "overrides.csv").write_text("student,task,points,reason,by\nzed,A1,1,a,b\n")
    done = run("void", store.out, CORE, "--as", "drop", "--by", "ta", "--reason", "wrong")
    assert done.returncode == 2
    assert "overrides.csv, line 2: there is no student 'zed'" in done.stderr
    assert not (store.out / "voids.csv").exists()
    assert run("report", store.out).returncode == 2
