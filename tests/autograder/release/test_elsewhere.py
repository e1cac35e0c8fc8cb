"""A course in a folder of its own, released by the real command: nothing of the package's own tasks leaves with it."""

from __future__ import annotations

import ast
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.course.edition import find_definition, functions_of, read_package
from autograder.course.ownership import own_assignments
from autograder.course.symbol import Symbol
from tests.autograder.grading_support import AUTOGRADER, ENV, ROOT
from tests.autograder.validation.support import make_course

pytestmark = pytest.mark.slow

OWN = {one.name: one.symbols for one in own_assignments(ROOT)}
J1 = Symbol.parse("hw_cnn.metrics:topk_error")


def named(course: Path, name: str, *changes: tuple[str, str]) -> Path:
    """Another name for `mini`, and other lines in its manifest."""
    folder = (course / "mini").rename(course / name)
    path = folder / "assignment.toml"
    text = path.read_text(encoding="utf-8")
    for before, after in (('name = "mini"', f'name = "{name}"'), *changes):
        assert before in text
        text = text.replace(before, after)
    path.write_text(text, encoding="utf-8")
    return folder


def release(course: Path, name: str, *python: str, env: dict[str, str] | None = None) -> tuple[int, str]:
    """The exit code and all that is said; the bundle is `out` beside the course."""
    command = [*(python or [AUTOGRADER]), "release", name, "--assignments", course, "--lang", "en"]
    done = subprocess.run(
        [*command, "--out", course.parent / "out"],
        cwd=course.parent, env={**ENV, **(env or {})}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def bodies(package: dict[str, bytes], symbol: Symbol) -> Iterator[str]:
    """What the functions of a symbol do, docstrings left out."""
    for function in functions_of(find_definition(package[symbol.file].decode(), symbol.local)):
        rest = function.body[1:] if ast.get_docstring(function) else function.body
        yield "\n".join(map(ast.unparse, rest))


def is_empty(package: dict[str, bytes], symbol: Symbol) -> bool:
    found = list(bodies(package, symbol))
    assert found, symbol
    return all(body.startswith("raise NotImplementedError(") for body in found)


def test_a_course_of_one_task_publishes_no_other(tmp_path: Path) -> None:
    code, said = release(make_course(tmp_path), "mini")
    assert code == 0, said
    edition = read_package(tmp_path / "out")
    assert {
        symbol for symbols in OWN.values() for symbol in symbols if not is_empty(edition, symbol)
    } == set()
    assert list(bodies(edition, J1)) == ["raise NotImplementedError('task J1')"]
    (conv2d,) = bodies(edition, Symbol.parse("hw_cnn.layers.convolution:conv2d"))
    assert conv2d == "raise NotImplementedError('task F1 of the assignment seminar_cnn')"
    assert "architectures, convolution, inside_and_transfer, mini, seminar_cnn; given solved: none" in said


def test_a_course_with_its_own_seminar_publishes_nothing_of_ours(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    named(course, "seminar_cnn")
    code, said = release(course, "seminar_cnn")
    assert code == 0, said
    edition = read_package(tmp_path / "out")
    assert {
        symbol for symbols in OWN.values() for symbol in symbols if not is_empty(edition, symbol)
    } == set()
    assert list(bodies(edition, J1)) == ["raise NotImplementedError('task J1')"]
    (conv2d,) = bodies(edition, Symbol.parse("hw_cnn.layers.convolution:conv2d"))
    assert conv2d == 'raise NotImplementedError("task F1 of the package\'s own seminar_cnn")'


def test_what_it_provides_it_gives_solved_but_for_its_own_task(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    named(course, "later", ("provides = []", 'provides = ["seminar_cnn"]'))
    code, said = release(course, "later")
    assert code == 0, said
    assert (
        "emptied: 16 tasks of architectures, convolution, inside_and_transfer, later; given solved: seminar_cnn"
        in said
    )
    edition, reference = read_package(tmp_path / "out"), read_package(ROOT)
    for symbol in OWN["seminar_cnn"]:
        if symbol != J1:
            assert list(bodies(edition, symbol)) == list(bodies(reference, symbol)), symbol
    emptied = [J1, *OWN["architectures"], *OWN["convolution"], *OWN["inside_and_transfer"]]
    assert [symbol for symbol in emptied if not is_empty(edition, symbol)] == []


@pytest.mark.parametrize(
    ("asked", "change", "words"),
    [
        ("mini", ("provides = []", "provides = []"), "mini, and hw_cnn.metrics:topk_error is named by other"),
        (
            "other",
            ("provides = []", 'provides = ["semin"]'),
            "other provides 'semin', which is no assignment",
        ),
    ],
    ids=["two owners", "unknown name"],
)
def test_a_course_that_contradicts_itself_is_refused(
    tmp_path: Path, asked: str, change: tuple[str, str], words: str
) -> None:
    course = make_course(tmp_path)
    named(course, "other", change)
    make_course(tmp_path)
    code, said = release(course, asked)
    assert code == 2
    (sentence,) = [line for line in said.splitlines() if line.startswith("autograder: ")]
    assert words in sentence
    assert "Traceback" not in said
    assert not (tmp_path / "out").exists()


def test_an_installed_grader_knows_the_tasks_that_it_came_with(tmp_path: Path) -> None:
    """A wheel holds no assignments; without the record of their tasks it refuses."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"]
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    site = tmp_path / "site"
    with zipfile.ZipFile(next((tmp_path / "dist").glob("*.whl"))) as wheel:
        wheel.extractall(site)
    assert not (site / "assignments").exists()
    course = make_course(tmp_path)
    python = [sys.executable, "-c", "import autograder.cli; autograder.cli.main()"]
    code, said = release(course, "mini", *python, env={"PYTHONPATH": str(site)})
    assert code == 0, said
    edition = read_package(tmp_path / "out")
    assert {
        symbol for symbols in OWN.values() for symbol in symbols if not is_empty(edition, symbol)
    } == set()
    (tmp_path / "out").rename(tmp_path / "first")
    (site / "autograder" / "course" / "own_tasks.json").unlink()
    code, said = release(course, "mini", *python, env={"PYTHONPATH": str(site)})
    assert code == 2
    assert "own_tasks.json is missing or damaged" in said
    assert not (tmp_path / "out").exists()
