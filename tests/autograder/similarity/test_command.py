"""The command on a class of which it is known who has whose code, weights and mistakes."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.commands.similarity import similarity
from autograder.intake.students import find_submissions
from autograder.results.store import Store
from autograder.similarity.agreement import Found
from autograder.similarity.command import Options, compare, write_similarity
from autograder.similarity.pairs import LINES
from autograder.similarity.reading import read_class
from tests.autograder.similarity.disguises import ALL, LEAVE_NOTHING
from tests.autograder.similarity.made_class import BUG, TASKS, assignment, graded, write_class
from tests.machines import AUTOGRADER

pytestmark = pytest.mark.slow
COPIES = {f"copy_{disguise.__name__}" for disguise in ALL}


def run(*args: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [AUTOGRADER, "similarity", *args], capture_output=True, text=True, timeout=120, check=False
    )


def test_the_option_begins_with_what_the_measure_has() -> None:
    assert inspect.signature(similarity).parameters["lines"].default == LINES


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_class(tmp_path_factory.mktemp("class"))


@pytest.fixture(scope="module")
def found(out: Path) -> Found:
    store, chosen = Store(out), assignment()
    uploads = find_submissions(store.places().submissions, chosen.name)
    return compare(chosen, read_class(chosen, uploads, "en", 2, lambda _: None), store.grades(), {})


def test_every_copy_is_found_in_notebook_script_and_zip_and_nobody_else(found: Found) -> None:
    for one in found.tasks:
        near = {pair.first.student for pair in one.alike.pairs} | {
            pair.second.student for pair in one.alike.pairs
        }
        same = {work.student for group in one.alike.groups for work in group}
        assert near | same == ({"alone0", *COPIES} if one.task.id in TASKS else set())
        assert {f"copy_{disguise.__name__}" for disguise in LEAVE_NOTHING} <= same or one.task.id not in TASKS


def test_weights_mistakes_and_what_cannot_be_read(found: Found) -> None:
    assert found.weights == (("twin1", "twin2"),)
    assert [(one.message, one.students) for one in found.bugs] == [(BUG, ("alone1", "alone2"))]
    assert found.left_out.keys() == {"broken"}
    assert found.num_works == len(COPIES) + 4 + 2


def test_the_page_and_the_last_lines(out: Path, tmp_path: Path) -> None:
    done = run(out, "--lang", "ru", "--out", tmp_path / "page.html", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert re.search(
        r"13 works compared: \d+ pairs of near code, 5 groups of equal code \(E1, F3", done.stdout
    )
    assert "1 group of equal weights, 1 rare misconception that several have; 1 left out" in done.stdout
    assert "It decides nothing" in done.stdout
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Эта страница ничего не решает." in page
    assert not (out / "similarity.html").exists()


def test_no_torch_and_no_code_of_students(tmp_path: Path) -> None:
    folder = write_class(tmp_path)
    trap = tmp_path / "submissions" / "alone0.ipynb"
    trap.unlink()
    (tmp_path / "submissions" / "alone0.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n" * 40)
    code = (
        "import sys\nfrom autograder.cli import main\n"
        f"try:\n    main(['similarity', {str(folder)!r}])\n"
        "finally:\n    print([name for name in ('torch', 'lightning') if name in sys.modules])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    assert (folder / "similarity.html").is_file()
    assert not (tmp_path / "ran").exists()


def test_teams_of_a_worksheet_and_whose_work_is_gone(tmp_path: Path) -> None:
    folder = write_class(tmp_path)
    for path in (tmp_path / "submissions").glob("*"):
        if path.stem not in ("alone0", "copy_renamed", "alone1"):
            path.rename(tmp_path / path.name)
    Store(folder).save(graded("alone0").model_copy(update={"status": "missing"}))
    header = "Identifier,Full name,Email address,Status,Group,Grade,Maximum Grade\n"
    rows = "".join(
        f"Participant {number},{name},{name}@edu,Submitted,Red,,100\n"
        for number, name in enumerate(("alone0", "copy_renamed"), start=1)
    )
    roster, sheet = tmp_path / "roster.csv", tmp_path / "worksheet.csv"
    roster.write_text("student,email\nalone0,alone0@edu\ncopy_renamed,copy_renamed@edu\n")
    sheet.write_text(header + rows)
    alone = run(folder)
    assert (alone.returncode, "5 groups of equal code" in alone.stdout) == (0, True), alone.stderr
    page = (folder / "similarity.html").read_text(encoding="utf-8")
    assert "copy_relaid</bdi>: the submission is not there any more" in page
    team = run(folder, "--roster", roster, "--roster", sheet)
    assert (team.returncode, "0 pairs of near code, 0 groups of equal code" in team.stdout) == (0, True)


@pytest.mark.parametrize(
    ("prepare", "said"),
    [
        (lambda folder: None, "give the folder that was --out of `autograder grade`"),
        (lambda folder: Store(folder).save_manifest(assignment().manifest), "places.json"),
    ],
)
def test_a_folder_without_results_is_told(tmp_path: Path, prepare, said: str) -> None:  # type: ignore[no-untyped-def]
    prepare(tmp_path)
    done = run(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_submissions_that_were_moved(out: Path, tmp_path: Path) -> None:
    moved = tmp_path / "moved"
    moved.mkdir()
    assert "holds no submissions" in run(out, "--submissions", moved).stderr
    (moved / "anna.py").write_text("x = 1\n")
    told: list[tuple[int, int]] = []
    lines = write_similarity(
        out, Options(submissions=moved, out=tmp_path / "p.html"), lambda *step: told.append(step)
    )
    assert lines[0].startswith("1 work compared: 0 pairs")
    assert told == [(1, 1)]
