"""Imports of a student's code as where it is graded; those of libraries as they are."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.public import PublicManifest, load_public
from autograder.student.grader_packages import only_grader_packages, own_modules


@pytest.fixture
def public(released: Path) -> PublicManifest:
    return load_public(released)


@pytest.fixture
def extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that is on this machine only."""
    (tmp_path / "extra_of_mine.py").write_text("VALUE = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "extra_of_mine"
    sys.modules.pop("extra_of_mine", None)


def student_imports(statement: str) -> dict[str, object]:
    names: dict[str, object] = {}
    exec(compile(statement, "<cell F1>", "exec"), names)
    return names


@pytest.mark.parametrize("loaded", [False, True])
@pytest.mark.parametrize(
    "statement", ["import {}", "from {} import VALUE", "import importlib\nimportlib.import_module('{}')"]
)
def test_a_package_of_this_machine_is_not_found(
    public: PublicManifest, extra: str, statement: str, loaded: bool
) -> None:
    if loaded:
        importlib.import_module(extra)
    with only_grader_packages(public, []), pytest.raises(ModuleNotFoundError) as caught:
        student_imports(statement.format(extra))
    assert (str(caught.value), caught.value.name) == ("No module named 'extra_of_mine'", extra)
    assert (extra in sys.modules) is loaded
    assert importlib.import_module(extra).VALUE == 3


def test_own_modules_and_what_the_grader_has_are_found(public: PublicManifest, extra: str) -> None:
    with only_grader_packages(public, [f"src/{extra}.py"]):
        assert student_imports(f"import {extra}, json, numpy, torch.nn, hw_cnn")[extra].VALUE == 3  # type: ignore[attr-defined]


def test_a_library_finds_what_it_found_before(public: PublicManifest, extra: str) -> None:
    code = compile(f"import {extra}", f"{Path(pytest.__file__).parent}/__init__.py", "exec")
    with only_grader_packages(public, []):
        exec(code, {})


def test_modules_of_the_work_are_known_by_each_of_their_folders() -> None:
    assert own_modules(["a.py", "src/common/pairs.py", "data.json"]) == {"a", "src", "common", "pairs"}
