"""The reference in the cells of the handout: it fits, runs by itself, and helpers of two cells stay apart."""

from __future__ import annotations

import pytest
import torch

from autograder.course.edition import edition, read_package
from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.release.notebook import build_notebook, notebook_bytes
from autograder.validation.solved_notebook import fill_solutions, solution_sources
from tests.autograder.release.support import HANDOUT, ROOT, two_tasks


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    return two_tasks()


@pytest.fixture(scope="module")
def edition_files(manifest: Manifest) -> dict[str, bytes]:
    return edition([manifest], manifest.name, ROOT)


def test_helpers_of_two_cells_stay_apart() -> None:
    reference = {
        f"hw_cnn/{name}.py": f"LIMIT, ONLY_{name.upper()} = {value}, 0\n\n\ndef {name}():\n    return LIMIT\n".encode()
        for name, value in (("one", 1), ("two", 2))
    }
    stub = "def {}():\n    raise NotImplementedError\n"
    edition = {f"hw_cnn/{name}.py": stub.format(name).encode() for name in ("one", "two")}
    test = {"points": 1, "core": True, "sentence": {"ru": "а", "en": "a"}}
    tasks = [
        {
            "id": task,
            "title": {"ru": "а", "en": "a"},
            "symbols": [f"hw_cnn.{name}:{name}"],
            "points": 1,
            "minutes": 1,
            "tests": [{**test, "id": f"test_{name}.py::test_a"}],
        }
        for task, name in (("A1", "one"), ("A2", "two"))
    ]
    manifest = Manifest.model_validate(
        {
            "schema": 1,
            "name": "trial",
            "version": "1",
            "title": {"ru": "а", "en": "a"},
            "budget_minutes": 9,
            "tasks": tasks,
        }
    )
    sources = solution_sources(manifest, reference, edition)
    space: dict[str, object] = {}
    for source in sources.values():
        exec(source, space)
    assert (space["one"](), space["two"]()) == (1, 2)
    assert {"LIMIT_A1", "LIMIT_A2", "ONLY_ONE", "ONLY_TWO"} <= set(space)


def test_filled_solution_cells_run_by_themselves(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    notebook = build_notebook(HANDOUT, manifest, "en", edition_files)
    sources = solution_sources(manifest, read_package(ROOT), edition_files)
    filled = {cell.id: cell for cell in fill_solutions(notebook, sources).cells}
    space: dict[str, object] = {}
    exec(filled["J1"].source, space)
    answer = space["topk_error"](torch.eye(3), torch.tensor([0, 1, 0]), ks=(1,))
    assert answer == pytest.approx({1: 1 / 3})
    assert filled["J1"].metadata == {cell.id: cell for cell in notebook.cells}["J1"].metadata
    assert "NotImplementedError" in notebook_bytes(notebook).decode()


def test_filling_keeps_the_imports_of_the_cell(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    notebook = build_notebook(HANDOUT, manifest, "en", edition_files)
    filled = {
        cell.id: cell for cell in fill_solutions(notebook, {"J1": "def topk_error(): return Tensor"}).cells
    }
    assert "from torch import Tensor" in filled["J1"].source
    with pytest.raises(UsageError, match="Z9"):
        fill_solutions(notebook, {"Z9": ""})
