"""The student edition: bodies and their helpers go, everything else stays byte for byte, it imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.course.edition import Plan, edition, empty_module, read_package, stub_source
from autograder.course.manifest import Manifest, load_manifest
from autograder.errors import UsageError

ROOT = Path(__file__).parents[3]
MODULE = '''"""A module."""

from __future__ import annotations

import math
from os import path, sep

import torch

# Stays: used by a signature.
DEFAULT = 3
# Goes with TABLE, which only the body uses.
TABLE = [1, 2]
OTHER = 4  # stays


def _helper(n):
    return _deeper(n) + math.pi


def _deeper(n):
    # only reached from the body
    return n


class Net(torch.nn.Module):
    """A net."""

    size = OTHER

    def __init__(self, n: int = DEFAULT) -> None:
        super().__init__()
        self.n = n  # stays


    def forward(self, x):  # a comment on the signature stays
        """Doc."""

        # the trick
        y = x[:, sep]
        return y
        # a comment that gives the answer away

    # This comment belongs to the next method.
    def other(self):
        return path


def task(
    x: dict[str, int] = {"a": 1},
    n=lambda value: value,
) -> int:
    total = 0
    for k in TABLE:
        total += _helper(k)
    return total


def after():
    return path
'''
EXPECTED = '''"""A module."""

from __future__ import annotations

from os import path

import torch

# Stays: used by a signature.
DEFAULT = 3
OTHER = 4  # stays


class Net(torch.nn.Module):
    """A net."""

    size = OTHER

    def __init__(self, n: int = DEFAULT) -> None:
        super().__init__()
        self.n = n  # stays


    def forward(self, x):  # a comment on the signature stays
        """Doc."""
        raise NotImplementedError("task B")

    # This comment belongs to the next method.
    def other(self):
        return path


def task(
    x: dict[str, int] = {"a": 1},
    n=lambda value: value,
) -> int:
    raise NotImplementedError("task A")


def after():
    return path
'''


def test_bodies_and_what_only_they_use_go() -> None:
    assert empty_module(MODULE, Plan((("A", "task"), ("B", "Net.forward")), ())) == EXPECTED


def test_names_that_other_modules_use_stay() -> None:
    result = empty_module(MODULE, Plan((("A", "task"),), ()), used_outside={"_deeper"})
    assert "def _deeper" in result
    assert "def _helper" not in result


def test_removed_names_go_even_when_they_are_public() -> None:
    kept = "class A:\n    def b(self):\n        return 2\n"
    source = f"def helper():\n    return 1\n\n\n{kept}\n    def c(self):\n        return 3\n"
    result = empty_module(source, Plan((), ("helper", "A.c")))
    assert result == kept


def test_a_class_symbol_empties_all_methods() -> None:
    tree = ast.parse(stub_source(MODULE, "pkg.mod:Net", "I1"))
    net = next(node for node in tree.body if isinstance(node, ast.ClassDef))
    bodies = [ast.unparse(node.body[-1]) for node in net.body if isinstance(node, ast.FunctionDef)]
    assert bodies == ["raise NotImplementedError('task I1')"] * 3


@pytest.mark.parametrize(
    "source", ["def f(): return 1", 'def f(): "doc"', 'def f():\n    """doc"""; return 1']
)
def test_a_body_on_the_line_of_its_signature_is_refused(source: str) -> None:
    with pytest.raises(UsageError, match="lines of its own"):
        stub_source(source, "f", "A")


@pytest.mark.parametrize("symbol", ["nothing", "Net.nothing", "task.nothing"])
def test_an_unknown_symbol_is_named(symbol: str) -> None:
    with pytest.raises(UsageError, match=symbol):
        stub_source(MODULE, symbol, "A")


@pytest.fixture(scope="module")
def seminar() -> Manifest:
    folder = ROOT / "assignments" / "seminar_cnn"
    return load_manifest(folder)


@pytest.fixture(scope="module")
def files(seminar: Manifest) -> dict[str, bytes]:
    return edition([seminar], seminar.name, ROOT)


def test_only_modules_of_tasks_change(seminar: Manifest, files: dict[str, bytes]) -> None:
    reference = read_package(ROOT)
    changed = {name for name in reference if reference[name] != files[name]}
    modules = {symbol.file for task in seminar.tasks for symbol in (*task.symbols, *task.remove)}
    assert set(files) == set(reference)
    assert changed == modules | {"hw_cnn/__init__.py"}


def test_every_line_of_the_edition_is_a_line_of_the_reference_or_a_stub(files: dict[str, bytes]) -> None:
    added = []
    for name, data in read_package(ROOT).items():
        if name.endswith(".py"):
            known = set(data.decode().split("\n"))
            added += [line for line in files[name].decode().split("\n") if line not in known]
    assert any("NotImplementedError" in line for line in added)
    assert [
        line
        for line in added
        if not any(text in line for text in ("NotImplementedError", "import ", "EDITION = "))
    ] == []


def test_a_task_of_another_assignment_says_whose_it_is(seminar: Manifest) -> None:
    bank = load_manifest(ROOT / "assignments" / "architectures")
    files = edition([seminar, bank], seminar.name, ROOT)
    assert (
        b'NotImplementedError("task I2 of the assignment architectures")'
        in files["hw_cnn/models/lenet5_1998.py"]
    )
    assert b'NotImplementedError("task I1")' in files["hw_cnn/models/seminar.py"]


def test_the_edition_is_reproducible(seminar: Manifest, files: dict[str, bytes]) -> None:
    assert edition([seminar], seminar.name, ROOT) == files


def test_the_edition_stays_formatted(tmp_path: Path, files: dict[str, bytes]) -> None:
    formatted = {}
    for name in ("reference", "edition"):
        for path, data in (read_package(ROOT) if name == "reference" else files).items():
            target = tmp_path / name / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        command = [
            sys.executable,
            "-m",
            "ruff",
            "format",
            "--check",
            "--isolated",
            "--line-length",
            "110",
            name,
        ]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        formatted[name] = {
            line.removeprefix(f"Would reformat: {name}/")
            for line in done.stdout.split("\n")
            if "Would reformat" in line
        }
        # 1 is also Python's answer where there is no ruff, and 2 is ruff's for a file that it cannot read.
        assert done.returncode == (1 if formatted[name] else 0), done.stdout + done.stderr
    assert formatted["edition"] <= formatted["reference"]


def test_the_edition_imports_with_every_task_unwritten(
    tmp_path: Path, files: dict[str, bytes], seminar: Manifest
) -> None:
    for path, data in files.items():
        target = tmp_path / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    modules = sorted(
        name[:-3].replace("/", ".").removesuffix(".__init__") for name in files if name.endswith(".py")
    )
    code = f"import importlib\nfor name in {modules!r}:\n    importlib.import_module(name)\n"
    code += "import hw_cnn; print(hw_cnn.__file__, hw_cnn.EDITION)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))
    assert f" {seminar.name}-" in done.stdout
