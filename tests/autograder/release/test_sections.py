"""Which sections of a handout stay where a part of the tasks is chosen, and that the bundle holds nothing of others."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import UsageError
from autograder.release.bundle import bundle_files
from autograder.release.leaks import scan, secrets_of
from autograder.release.notebook import asked_cells
from autograder.release.sections import asked_of, cells_that_use, sections_of
from autograder.text import LANGS, Lang
from tests.autograder.release.support import ROOT

HANDOUT = """# %% [markdown]
# # Title

# %%
import torch

# %% [markdown]
# ## A1. First

# %% task="A1"

# %%
print(first(1))

# %% [markdown]
# ## Theory
# ### not a section

# %% [markdown]
# ## B1. Second

# %% task="B1"

# %%
second(first(2).first)
"""
COURSE = ROOT / "assignments"


def read_handout(text: str) -> list[Any]:
    return asked_cells(text, (), "en")


def sources(handout: str, *chosen: str) -> list[str]:
    return [cell.metadata.get("task") or cell.source for cell in asked_of(read_handout(handout), chosen)]


def test_a_section_ends_where_the_next_heading_stands() -> None:
    assert [len(section) for section in sections_of(read_handout(HANDOUT))] == [2, 3, 1, 3]


def test_sections_of_tasks_that_are_not_asked_go_and_those_without_tasks_stay() -> None:
    start, theory = ["# Title", "import torch"], "## Theory\n### not a section"
    assert sources(HANDOUT, "A1") == [*start, "## A1. First", "A1", "print(first(1))", theory]
    assert sources(HANDOUT, "B1") == [*start, theory, "## B1. Second", "B1", "second(first(2).first)"]
    assert len(sources(HANDOUT, "A1", "B1")) == len(read_handout(HANDOUT))


def test_a_section_of_two_tasks_cannot_be_parted() -> None:
    handout = HANDOUT.replace("# %% [markdown]\n# ## Theory\n# ### not a section\n", "").replace(
        "# ## B1", "# B1"
    )
    with pytest.raises(
        UsageError, match=r"'## A1. First' of the handout asks B1, which is chosen, and A1, which"
    ):
        sources(handout, "B1")


def test_cells_that_use_functions_of_other_tasks_are_told() -> None:
    cells = asked_of(read_handout(HANDOUT), ["B1"])
    assert cells_that_use(cells, {"first": "A1", "last": "C1"}) == [("first", "A1")]
    assert cells_that_use(read_handout("# %%\n%time first(1)\n# %%\nx.first"), {"first": "A1"}) == []


@pytest.fixture(scope="module")
def part() -> Assignment:
    return find_assignment("convolution", COURSE, "A1,F4")


@pytest.fixture(scope="module")
def bundle(part: Assignment) -> Mapping[str, bytes]:
    return bundle_files(part, "en")


def test_a_bundle_of_a_part_holds_this_part_alone(part: Assignment, bundle: Mapping[str, bytes]) -> None:
    cells = json.loads(bundle["convolution.ipynb"])["cells"]
    graded = [cell["metadata"]["nbgrader"]["grade_id"] for cell in cells if "nbgrader" in cell["metadata"]]
    assert graded == ["A1", "A1-test", "F4", "F4-test"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    assert "## A1. An image as a tensor" in text
    assert "## E1." not in text
    assert 'hw_cnn.check("A1")' in text
    tests = [name for name in bundle if name.startswith("public/test_")]
    assert tests == ["public/test_a1.py", "public/test_f4.py"]
    asked = json.loads(bundle["assignment.json"])
    assert [(task["id"], task["points"]) for task in asked["tasks"]] == [("A1", 4), ("F4", 6)]
    # Another homework may ask the rest: it is empty, and says that it is not asked here.
    assert (
        b'raise NotImplementedError("task E1 of the whole convolution' in bundle["hw_cnn/layers/padding.py"]
    )
    assert b'raise NotImplementedError("task A1")' in bundle["hw_cnn/data/pixels.py"]


def test_the_rest_of_an_assignment_stays_secret(part: Assignment, bundle: Mapping[str, bytes]) -> None:
    """What another homework asks is searched for as what this one does."""
    secrets = secrets_of(part)
    scan(bundle, secrets)
    solved = (ROOT / "hw_cnn" / "layers" / "padding.py").read_bytes()
    with pytest.raises(UsageError, match="padding"):
        scan({**bundle, "hw_cnn/layers/padding.py": solved}, secrets)
    hidden = (part.folder / "hidden" / "test_d1.py").read_bytes()
    with pytest.raises(UsageError, match=r"notes\.py holds .*hidden"):
        scan({**bundle, "notes.py": hidden}, secrets)


def test_an_assignment_of_which_everything_is_chosen_is_the_whole(
    seminar: Assignment, files: dict[str, bytes]
) -> None:
    every = ",".join(task.id for task in seminar.manifest.tasks)
    assert bundle_files(find_assignment(str(seminar.folder), COURSE, every), "ru") == files


@pytest.mark.parametrize("preset", ["images", "operation"])
@pytest.mark.parametrize("lang", LANGS)
def test_no_cell_of_a_preset_uses_the_function_of_another_task(preset: str, lang: Lang) -> None:
    chosen = find_assignment("convolution", COURSE, preset)
    asked = chosen.manifest.chosen
    others = {
        symbol.local: task.id for task in chosen.whole.tasks if task.id not in asked for symbol in task.tops
    }
    handout = (chosen.folder / "handout.py").read_text(encoding="utf-8")
    cells = asked_cells(handout, asked, lang)
    assert cells_that_use(cells, others) == []
    headings = [cell for cell in cells if cell.cell_type == "markdown" and cell.source.startswith("## ")]
    assert [cell.source.split(".")[0] for cell in headings] == [f"## {task}" for task in asked]


def test_the_two_presets_of_the_bank_are_the_whole_of_it() -> None:
    whole = find_assignment("convolution", COURSE).manifest
    tasks = [task for preset in whole.presets for task in preset.tasks]
    assert sorted(tasks) == sorted(task.id for task in whole.tasks)
