"""Notebooks as cells: old, broken and hostile ones, and what IPython adds to Python."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.intake.sources.cells import read_cells
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake.support import take
from tests.autograder.intake_support import cell, hand_in, kinds, notebook, peak_mb, read, run


def test_the_grade_id_of_nbgrader_counts_as_the_cell_id(tmp_path: Path) -> None:
    named = cell("def conv(x): return 1", metadata={"nbgrader": {"grade_id": "F1", "solution": True}})
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(named, "def conv(x): return 2")}))
    assert kinds(found)["F1"] == "cell"


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"{}", b'{"cells": 3}', b'{"cells": [1]}', b"\x00\xff" * 9, b"[" * 90_000]
)
def test_broken_notebooks_get_a_sentence(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(Rejected) as caught:
        read(hand_in(tmp_path, {"small.ipynb": data}))
    assert "small.ipynb" in caught.value.text.ru
    assert "small.ipynb" in caught.value.text.en


@pytest.mark.parametrize(
    "broken",
    [
        {"cell_type": "code", "metadata": {}},
        {"cell_type": "code", "source": None},
        {"cell_type": "code", "source": [1, None]},
        {"cell_type": "code", "source": "x = 1", "metadata": [], "id": 3},
        {"cell_type": "code", "source": "x = 1", "metadata": {"nbgrader": 1}},
        {"source": "x"},
        {"source": "this is text"},
        {"cell_type": ["code"], "source": "x"},
        {},
        [],
        1,
        None,
    ],
)
def test_a_damaged_cell_costs_itself_only(tmp_path: Path, broken: Any) -> None:
    cells = [broken, cell("def conv(x): return 1", "F1")]
    data = json.dumps({"cells": cells, "metadata": None, "nbformat": 4})
    found = read(hand_in(tmp_path, {"small.ipynb": data}))
    assert (kinds(found)["F1"], found.notes) == ("cell", ())


def test_a_cell_without_a_kind_is_code_if_it_can_be(tmp_path: Path) -> None:
    cells = [{"source": "!ls\ndef conv(x): return 1"}, {"source": "The task is to convolve."}]
    found = read(hand_in(tmp_path, {"small.ipynb": json.dumps({"cells": cells, "nbformat": 4})}))
    assert (kinds(found)["F1"], found.notes) == ("notebook", ())


@pytest.mark.parametrize("kind", ["markdown", "raw"])
@pytest.mark.parametrize(
    ("task", "source", "sentence"),
    [
        ("F1", "def conv(x): return 1", "cell F1 is a text cell; turn it back into a code cell"),
        (
            None,
            "def conv(x): return 1",
            "cell 2 of the notebook is a text cell, but holds code; turn it back",
        ),
        (None, "Write `def conv(x)` here", "task F1 is not written yet: conv (hw_cnn/one.py)"),
        (None, "def other(x): return 1", "task F1 is not written yet: conv (hw_cnn/one.py)"),
    ],
)
def test_a_solution_that_became_text_is_told(
    tmp_path: Path, kind: str, task: str | None, source: str, sentence: str
) -> None:
    lost = cell(source, task, cell_type=kind)
    problem = read(hand_in(tmp_path, {"small.ipynb": notebook("x = 1", lost)})).sources[0].problem
    assert problem is not None
    assert problem.en.startswith(sentence)


@pytest.mark.parametrize(
    "names",
    [
        {"id": "F1-test"},
        {"metadata": {"id": "F1-test"}},
        {"metadata": {"nbgrader": {"grade_id": "F1-test", "locked": True}}},
    ],
)
def test_check_cells_are_known(names: dict[str, object]) -> None:
    data = notebook({**cell("check"), **names}, cell("x", "F1"), cell("y", id="W-test"))
    cells = read_cells(data, "small.ipynb", {"F1", "G1"}).cells
    assert [(set(item.ids), set(item.checks)) for item in cells] == [
        (set(), {"F1"}),
        ({"F1"}, set()),
        (set(), set()),
    ]


def test_an_old_notebook_is_upgraded(tmp_path: Path) -> None:
    source = ["def conv(x):\n", "    return 3"]
    code = {"cell_type": "code", "language": "python", "metadata": {}, "outputs": [], "input": source}
    sheets = [{"metadata": {}, "cells": [code]}]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": sheets}
    found = read(hand_in(tmp_path, {"small.ipynb": json.dumps(old)}))
    assert run(found)["conv"](0) == 3


junk = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3) | st.just("code"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["cells", "cell_type", "source", "metadata", "id", "nbgrader", "grade_id", "input"]
            ),
            inner,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    junk, st.sampled_from([-1, 1, 2, 3, 4, 10**400, None, "3", []]), st.sampled_from(["cells", "worksheets"])
)
def test_any_json_is_a_notebook_or_refused(inner: Any, form: Any, key: str) -> None:
    take(nb=json.dumps({"nbformat": form, key: inner}).encode())
    take(nb=json.dumps({"nbformat": form, key: [inner, {"cell_type": "code", "source": inner}]}).encode())
    take(nb=json.dumps({"nbformat": form, key: [{"cells": inner, "metadata": {}}]}).encode())


@pytest.mark.parametrize(
    "data",
    [
        notebook("!ls\n" * 3000, cell("def conv(x): return 1", "F1")),
        pytest.param(
            notebook(*["!ls\n" * 30] * 300, cell("def conv(x): return 1", "F1")), marks=pytest.mark.nightly
        ),
        notebook("%%time\n" * 100_000, cell("def conv(x): return 1", "F1")),
        notebook("x = %y\n" * 3000, cell("def conv(x): return 1", "F1")),
        # IPython gives up after 500.
        pytest.param(notebook("!\n" * 502, cell("def conv(x): return 1", "F1")), marks=pytest.mark.nightly),
    ],
)
def test_many_magics_cost_no_more_than_themselves(data: bytes) -> None:
    """IPython reads a cell anew for each magic: the first of these took a minute."""
    started = time.process_time()
    found = take(nb=data)
    assert found is not None
    assert kinds(found)["F1"] == "cell"
    assert any("too many" in note.en or "cannot be read" in note.en for note in found.notes)
    assert time.process_time() - started < 60


def test_ordinary_magics_do_not_matter() -> None:
    many = ["!pip install torch\n%matplotlib inline\nimport os\n"] * 40
    found = take(nb=notebook(*many, "%%time\n%%capture\ndef pool(x): return 1"))
    assert found is not None
    assert (kinds(found)["G1"], found.notes) == ("notebook", ())


def test_a_notebook_of_empty_lists_takes_no_memory() -> None:
    data = b'{"cells": [' + b"[]," * 10_000_000 + b"[]]}"
    assert peak_mb(lambda: take(nb=data)) < 1
    assert take(nb=data) is None
