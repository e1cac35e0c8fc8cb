"""A run in Gradescope's container: what `grade` gives, and what ends without a verdict."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from autograder.results.protection import FILES_NOT_HIDDEN
from tests.autograder.desk.toy_class import RIGHT, SUM
from tests.autograder.desk.toy_class import run as command
from tests.autograder.gradescope.container import built, bundle, hand_in, put, results, run
from tests.autograder.grading_support import ENV, scores

pytestmark = pytest.mark.slow

KEY = "0123456789abcdef0123456789abcdef\n"
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "id": "a",
            "metadata": {},
            "source": SUM,
            "outputs": [],
            "execution_count": None,
        }
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def zipped(**files: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"work/{name}.py", content)
    return stream.getvalue()


LAYOUTS: dict[str, tuple[str, dict[str, bytes | str]]] = {
    "a notebook of any name": ("anna@example.com", {"Моя тетрадь (2).ipynb": json.dumps(NOTEBOOK)}),
    "an archive": ("boris@example.com", {"work.zip": zipped(solution=RIGHT)}),
    "nothing of use": ("vera@example.com", {"picture.png": b"\x89PNG"}),
}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the assignment `toy`, its zip, its key, and the class as `grade` has graded it."""
    folder = tmp_path_factory.mktemp("course")
    (folder / "assignments").mkdir()
    assert command(folder, "new", "toy").returncode == 0
    (folder / "key").write_text(KEY)
    bundle(folder, "toy", "--key", "key")
    for student, files in LAYOUTS.values():
        put(folder / "submissions" / student, files)
    done = command(folder, "grade", "toy", "submissions", "--out", "out", "--key", "key", "--lang", "en")
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def home(course: Path, tmp_path: Path) -> Path:
    return built(tmp_path / "autograder", course / "ag.zip")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_gives_what_grade_gives(course: Path, home: Path, layout: str) -> None:
    student, files = LAYOUTS[layout]
    hand_in(home, files, (student.title(),))
    done = run(home)
    assert done.returncode == 0, done.stdout + done.stderr
    told, row = results(home), scores(course / "out")[student]
    result = json.loads((course / "out" / "results" / f"{student}.json").read_text(encoding="utf-8"))
    assert told["score"] == float(row["score"]) == result["score"]
    assert told["extra_data"]["status"] == result["status"]
    for name in ("submission_sha256", "grader_sha256"):
        assert told["extra_data"][name] == result[name]
    # The same numbers, too, in each attempt.
    assert f"salt {result['salt_id']}" in done.stdout
    assert [test["score"] for test in told["tests"]] == [task["score"] for task in result["tasks"]]
    _are_public_sentences(told["tests"][0]["output"], home)
    for task in result["tasks"]:
        for found in task["diagnosis"]:
            assert found["message"] in told["tests"][0]["output"]


def _are_public_sentences(output: str, home: Path) -> None:
    manifest = (home / "source" / "course" / "toy" / "assignment.toml").read_text(encoding="utf-8")
    sentences = [line.split("  ", 1)[1] for line in output.splitlines() if line[:2] in ("+ ", "- ")]
    assert all(sentence in manifest for sentence in sentences)


def test_without_protection_nobody_is_graded(home: Path) -> None:
    hand_in(home, {"solution.py": RIGHT})
    done = run(home, "nothing")
    assert done.returncode == 1
    assert "this machine cannot contain the students' code" in done.stdout
    told = results(home)
    assert "score" not in told
    assert "no fault of yours" in told["output"]
    change(home, '"trusted_code": false', '"trusted_code": true')
    done = run(home, "nothing")
    assert done.returncode == 0, done.stdout
    assert results(home)["extra_data"]["tier"] == FILES_NOT_HIDDEN


def test_a_tier_that_was_asked_for_is_kept_to(home: Path) -> None:
    hand_in(home, {"solution.py": RIGHT})
    change(home, '"require_tier": null', '"require_tier": "A"')
    done = run(home, "container")
    assert done.returncode == 1
    assert "--require-tier A: workers here reach only tier B" in done.stdout
    assert "score" not in results(home)


def change(home: Path, old: str, new: str) -> None:
    path = home / "source" / "settings.json"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("course.key", "short", "holds 5 bytes"),
        ("settings.json", "{", "missing or damaged"),
        ("course/toy/assignment.toml", "", "assignment.toml"),
        ("course/toy/hidden/test_p1.py", "1/0\n", "ZeroDivisionError"),
    ],
)
def test_a_grader_that_fails_gives_no_number(home: Path, name: str, content: str, said: str) -> None:
    hand_in(home, {"solution.py": RIGHT})
    (home / "source" / name).write_text(content)
    done = run(home)
    assert done.returncode == 1
    assert "NOT GRADED" in done.stdout
    assert said in done.stdout + done.stderr
    told = results(home)
    assert "score" not in told
    assert said not in json.dumps(told)


def test_a_run_that_is_killed_leaves_no_number(home: Path) -> None:
    hand_in(home, {"solution.py": RIGHT + "import time\ntime.sleep(60)\n"})
    with subprocess.Popen([home / "run_autograder"], env=ENV, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 60
        while not (home / "results" / "results.json").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        os.kill(process.pid, signal.SIGKILL)
    told = results(home)
    assert "score" not in told
    assert "cut off before its end" in told["output"]
