"""Reference and planted bugs take turns in one worker; one that a bug has ended is replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograder.course.manifest import Manifest
from autograder.course.symbol import Symbol
from autograder.errors import GraderError
from autograder.grading.verdicts.stand_ins import PlantedBug, StandIns
from autograder.remote.failures import StudentCrashed
from autograder.remote.session import Transport
from tests.autograder.grading.planted_course import variant
from tests.autograder.manifests import plain
from tests.autograder.sandbox_support import Lab

pytest_plugins = ["tests.autograder.sandbox_support"]

MODULE = "hw_cnn.scratch"
SYMBOLS = (Symbol(MODULE, "one"), Symbol(MODULE, "two"))
PACKAGE = {"hw_cnn/scratch.py": b"def one(x):\n    return x\n\ndef two(x):\n    return 2 * one(x)\n"}


@pytest.fixture
def made() -> list[Transport]:
    """Workers, as they are asked for."""
    return []


@pytest.fixture
def stand_ins(lab: Lab, made: list[Transport]) -> Iterator[StandIns]:
    def connect() -> Transport:
        made.append(lab(PACKAGE).worker)
        return made[-1]

    data = plain()
    data["tasks"][0]["symbols"] = [f"{MODULE}:one", f"{MODULE}:two"]
    with closing(StandIns(connect, Manifest.model_validate(data))) as found:
        yield found


def planted(folder: Path, name: str, source: str) -> PlantedBug:
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return PlantedBug(variant(name), path, SYMBOLS)


def test_each_answers_in_its_turn_and_the_reference_again(
    stand_ins: StandIns, made: list[Transport], tmp_path: Path
) -> None:
    student = stand_ins.student
    bugs = {
        "a1_one": "def one(x):\n    return x + 10\n",
        "a1_two": "def two(x):\n    return -x\n",
        "a1_both": "def one(x):\n    return 0\n\ndef two(x):\n    return one(x) + 1\n",
    }
    answers = {"a1_one": (13, 26), "a1_two": (3, -3), "a1_both": (0, 1)}
    assert (student.one(3), student.two(3)) == (3, 6)
    for _ in range(2):
        for name, source in bugs.items():
            stand_ins.choose(planted(tmp_path, name, source))
            assert (student.one(3), student.two(3)) == answers[name]
    stand_ins.choose(None)
    assert (student.one(3), student.two(3)) == (3, 6)
    assert len(made) == 1


def test_a_worker_that_a_bug_has_ended_is_replaced(
    stand_ins: StandIns, made: list[Transport], tmp_path: Path
) -> None:
    student = stand_ins.student
    stand_ins.choose(planted(tmp_path, "a1_exit", "import os\ndef one(x):\n    os._exit(0)\n"))
    with pytest.raises(StudentCrashed):
        student.one(3)
    stand_ins.choose(planted(tmp_path, "a1_next", "def one(x):\n    return x + 10\n"))
    assert (student.one(3), student.two(3)) == (13, 26)
    stand_ins.choose(None)
    assert student.one(3) == 3
    assert len(made) == 2


def test_a_bug_that_cannot_be_loaded_is_named(stand_ins: StandIns, tmp_path: Path) -> None:
    assert stand_ins.student.one(3) == 3
    with pytest.raises(GraderError, match=r"a1_broken\.py cannot be loaded: SyntaxError"):
        stand_ins.choose(planted(tmp_path, "a1_broken", "def one(x:\n"))
