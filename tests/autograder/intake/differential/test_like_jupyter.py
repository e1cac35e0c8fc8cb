"""What the student's own check saw is what is graded: notebooks in a real kernel, scripts in plain Python, and both as
the grader reads them.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, event, given, settings

from tests.autograder.intake.differential.grader import graded, run_script
from tests.autograder.intake.differential.kernel import Kernel
from tests.autograder.intake.differential.notebooks import OWN_FILES, Notebook, notebooks, scripts


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with Kernel() as running:
        yield running


def compare(kernel: Kernel, book: Notebook) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        for path, text in OWN_FILES.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(text)
        seen, failed = kernel.run(folder, book.for_kernel())
    event(f"raised: {sorted(set(failed.values()))}")
    if failed:
        return  # what follows in such a cell has not run in Jupyter; docs/reading.md says so
    mine = graded(book.files())
    for task, value in seen.items():
        event(f"{task}: {'a value' if value is not None else 'none'}")
        if value is not None:
            assert mine[task] == value, task


# One name in three states, so that neither side may stop short of, or go beyond, a check.
CELLS: list[tuple[str | None, str]] = [
    (None, "k = 3"),
    ("F1", "def conv(x): return x + k"),
    ("F1-test", 'import hw_cnn\nhw_cnn.check("F1")'),
    (None, "k = 100"),
    ("G1", "def pool(x): return x * k"),
    ("G1-test", 'import hw_cnn\nhw_cnn.check("G1")'),
    (None, "k = 7"),
    ("K2", "class Net:\n    def fit(self): return k"),
    ("K2-test", 'import hw_cnn\nhw_cnn.check("K2")'),
    (None, "k = None"),
]
VALUES = {"F1": ["4", "1"], "G1": ["100", "-200"], "K2": ["7"]}


def test_the_kernel_and_the_grader_give_values_at_all(kernel: Kernel, tmp_path: Path) -> None:
    """What is compared below is not nothing with nothing."""
    book = Notebook(list(CELLS))
    assert kernel.run(tmp_path, book.for_kernel()) == (VALUES, {})
    assert graded(book.files()) == VALUES


def test_python_gives_values_at_all() -> None:
    sources = [source for cell, source in CELLS[:-1] if not (cell or "").endswith("-test")]
    files = {"solution.py": "\n".join(sources).encode()}
    expected = {"F1": ["8", "5"], "G1": ["7", "-14"], "K2": ["7"]}
    assert run_script(files) == expected
    assert graded(files) == expected


def test_cells_that_raise_are_told(kernel: Kernel, tmp_path: Path) -> None:
    seen, failed = kernel.run(tmp_path, [("def conv(x): return missing", None), ("1 / 0", None), ("", "F1")])
    assert (seen, list(failed)) == ({"F1": None}, [1])


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(book=notebooks())
def test_a_value_at_the_check_cell_is_the_value_that_is_graded(kernel: Kernel, book: Notebook) -> None:
    compare(kernel, book)


def compare_script(files: Mapping[str, bytes]) -> None:
    seen = run_script(files)
    event("ran" if seen else "raised")
    if seen:
        mine = graded(files)
        for task, value in seen.items():
            if value is not None:
                assert mine[task] == value, task


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(files=scripts())
def test_a_script_gives_what_python_makes_of_it(files: Mapping[str, bytes]) -> None:
    compare_script(files)


@pytest.mark.nightly
@pytest.mark.timeout(14400)
@settings(max_examples=5000, suppress_health_check=list(HealthCheck))
@given(book=notebooks())
def test_five_thousand_notebooks(kernel: Kernel, book: Notebook) -> None:
    compare(kernel, book)


@pytest.mark.nightly
@pytest.mark.timeout(14400)
@settings(max_examples=5000, suppress_health_check=list(HealthCheck))
@given(files=scripts())
def test_five_thousand_scripts(files: Mapping[str, bytes]) -> None:
    compare_script(files)
