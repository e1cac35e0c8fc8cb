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


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
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


@settings(max_examples=200, suppress_health_check=list(HealthCheck))
@given(files=scripts())
def test_a_script_gives_what_python_makes_of_it(files: Mapping[str, bytes]) -> None:
    compare_script(files)


@pytest.mark.nightly
@settings(max_examples=5000, suppress_health_check=list(HealthCheck))
@given(book=notebooks())
def test_five_thousand_notebooks(kernel: Kernel, book: Notebook) -> None:
    compare(kernel, book)


@pytest.mark.nightly
@settings(max_examples=5000, suppress_health_check=list(HealthCheck))
@given(files=scripts())
def test_five_thousand_scripts(files: Mapping[str, bytes]) -> None:
    compare_script(files)
