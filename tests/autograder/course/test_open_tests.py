"""The list of open tests is believed only for the tests and variants that it was made for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.course.manifest import load_manifest
from autograder.course.open_tests import (
    OPEN_NAME,
    is_current,
    known_open_points,
    store_open_tests,
    stored_open_tests,
)
from autograder.errors import UsageError

SEMINAR = Path(__file__).parents[3] / "assignments" / "seminar_cnn"
TESTS = ["test_j1.py::test_topk", "test_j1.py::test_top1", "test_g1.py::test_max"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of an assignment whose list is current."""
    copy = tmp_path / "seminar_cnn"
    shutil.copytree(SEMINAR, copy, ignore=shutil.ignore_patterns("__pycache__"))
    store_open_tests(copy, TESTS)
    return copy


def test_points_of_open_tests(folder: Path) -> None:
    points = known_open_points(folder, load_manifest(folder))
    assert {task: open_points for task, open_points in points.items() if open_points} == {
        "G1": 1.5,
        "J1": 1.4,
    }
    assert len(points) == len(load_manifest(folder).tested)
    stored = stored_open_tests(folder)
    assert stored is not None
    assert list(stored.open) == sorted(TESTS)


def append(name: str, text: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


def replace(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


@pytest.mark.parametrize(
    "change",
    [
        append("public/test_j1.py", "\n"),
        append("hidden/test_j1.py", "\n"),
        append("wrong/j1_squeeze.py", "\n"),
        lambda folder: (folder / "wrong" / "f1_new.py").write_text(""),
        lambda folder: (folder / "hidden" / "test_f1.py").unlink(),
        replace("wrong/variants.toml", 'task = "J1"\nkind = "bug"', 'task = "J1"\nkind = "correct"'),
    ],
)
def test_other_tests_or_variants_make_it_old(folder: Path, change: Callable[[Path], object]) -> None:
    change(folder)
    stored = stored_open_tests(folder)
    assert stored is not None
    assert not is_current(stored, folder)
    assert known_open_points(folder, load_manifest(folder)) is None


@pytest.mark.parametrize(
    "change",
    [
        replace("wrong/variants.toml", "Ваш результат", "Ваш ответ"),
        append("handout.py", "\n"),
        append("assignment.toml", "\n"),
    ],
)
def test_sentences_do_not(folder: Path, change: Callable[[Path], object]) -> None:
    change(folder)
    assert known_open_points(folder, load_manifest(folder)) is not None


def test_none_and_a_damaged_one(folder: Path) -> None:
    (folder / OPEN_NAME).write_text('{"open": 3}')
    with pytest.raises(UsageError, match="is damaged"):
        known_open_points(folder, load_manifest(folder))
    (folder / OPEN_NAME).unlink()
    assert stored_open_tests(folder) is None
    assert known_open_points(folder, load_manifest(folder)) is None
