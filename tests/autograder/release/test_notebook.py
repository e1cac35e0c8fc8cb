"""The handout as an nbgrader notebook: what is in the cells, in which language, and that nothing of it is random."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from autograder.course.edition import edition, read_package
from autograder.course.manifest import Manifest, load_manifest
from autograder.errors import UsageError
from autograder.release.notebook import build_notebook, notebook_bytes, read_notebook
from autograder.release.placeholders import expand
from autograder.text import minutes, points
from autograder.validation.solved_notebook import fill_solutions, solution_sources

ROOT = Path(__file__).parents[3]
HANDOUT = """# %% [markdown] lang="ru"
# # {{title}}
# {{tasks}}

# %% [markdown] lang="en"
# # {{title}}

# %% [markdown]
# Both. {{points:J1}} {{minutes:J1}} {{title:J1}}
# {{properties:J1}}

# %%
import torch

# %% lang="ru"
print("по-русски")

# %% task="J1"

# %% task="K2"

# %% [markdown] lang="ru"
# Конец

# %% [markdown] lang="ru"
# Конец
"""


@pytest.fixture(scope="module")
def manifest() -> Manifest:
    """J1 and K2 of the real assignment."""
    real = load_manifest(ROOT / "assignments" / "seminar_cnn")
    return real.model_copy(update={"tasks": (real.task("K2"), real.task("J1"))})


@pytest.fixture(scope="module")
def files(manifest: Manifest) -> dict[str, bytes]:
    return edition([manifest], manifest.name, ROOT)


def cells(
    manifest: Manifest, files: dict[str, bytes], lang: str, handout: str = HANDOUT
) -> dict[str, dict[str, object]]:
    """Cells of the notebook as plain data, by id."""
    notebook = json.loads(notebook_bytes(build_notebook(handout, manifest, lang, files)))
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"])
    return {cell["id"]: cell for cell in notebook["cells"]}


def test_languages(manifest: Manifest, files: dict[str, bytes]) -> None:
    russian = "\n".join(str(cell["source"]) for cell in cells(manifest, files, "ru").values())
    english = "\n".join(str(cell["source"]) for cell in cells(manifest, files, "en").values())
    for text, title in ((russian, manifest.title.ru), (english, manifest.title.en)):
        assert f"# {title}" in text
        assert "Both." in text
        assert "import torch" in text
    assert "по-русски" in russian
    assert "по-русски" not in english
    assert "Напишите решение" in russian
    assert "Write your solution" in english


def test_placeholders(manifest: Manifest, files: dict[str, bytes]) -> None:
    task = manifest.task("J1")
    text = "\n".join(str(cell["source"]) for cell in cells(manifest, files, "ru").values())
    assert f"Both. {task.points:g} {task.minutes} {task.title.ru}" in text
    for test in task.tests:
        assert f"- {test.sentence.ru} ({points(test.points, 'ru')})" in text
    assert f"| J1 | {task.title.ru} | {task.points:g} | {task.minutes} |" in text


@pytest.mark.parametrize("text", ["{{nothing}}", "{{points}}", "{{points:Z9}}", "{{tasks:J1}}"])
def test_an_unknown_placeholder_is_refused(manifest: Manifest, text: str) -> None:
    with pytest.raises(UsageError, match=r"placeholders are|no task 'Z9'"):
        expand(text, manifest, "en")


@pytest.mark.parametrize(
    ("value", "russian", "english"),
    [
        (1, "1 балл", "1 point"),
        (2, "2 балла", "2 points"),
        (5, "5 баллов", "5 points"),
        (11, "11 баллов", "11 points"),
        (12, "12 баллов", "12 points"),
        (21, "21 балл", "21 points"),
        (0.5, "0,5 балла", "0.5 points"),
        (1.5, "1,5 балла", "1.5 points"),
    ],
)
def test_plurals(value: float, russian: str, english: str) -> None:
    assert (points(value, "ru"), points(value, "en")) == (russian, english)
    assert minutes(45, "ru") == "45 минут"


def test_solution_and_grade_cells(manifest: Manifest, files: dict[str, bytes]) -> None:
    made = cells(manifest, files, "ru")
    names = list(made)
    assert names.index("J1-test") == names.index("J1") + 1
    solution, grade = made["J1"]["metadata"], made["J1-test"]["metadata"]
    expected = {"grade_id": "J1", "solution": True, "grade": False, "locked": False, "cell_type": "code"}
    assert expected.items() <= solution["nbgrader"].items()
    expected = {"grade_id": "J1-test", "solution": False, "grade": True, "locked": True, "points": 4.0}
    assert expected.items() <= grade["nbgrader"].items()
    assert grade["editable"] is False
    assert made["J1-test"]["source"] == 'import hw_cnn\n\nhw_cnn.check("J1")'


def test_the_solution_cell_is_the_signature_with_a_stub(manifest: Manifest, files: dict[str, bytes]) -> None:
    source = str(cells(manifest, files, "en")["J1"]["source"])
    assert source.startswith(
        "from collections.abc import Sequence\nfrom torch import Tensor\n\n\ndef topk_error("
    )
    assert source.endswith(
        '"""\n    # Write your solution here instead of the next line.\n    raise NotImplementedError("task J1")'
    )
    assert "BEGIN SOLUTION" not in source
    space: dict[str, object] = {}
    exec(source, space)
    with pytest.raises(NotImplementedError, match="task J1"):
        space["topk_error"](1, 2)


def test_only_the_tasks_methods_are_empty(manifest: Manifest, files: dict[str, bytes]) -> None:
    source = str(cells(manifest, files, "en")["K2"]["source"])
    assert source.count("raise NotImplementedError") == len(manifest.task("K2").symbols)
    assert "self.val_accuracy = " in source
    assert "noqa" not in source


def test_two_builds_are_byte_identical(manifest: Manifest, files: dict[str, bytes]) -> None:
    first = notebook_bytes(build_notebook(HANDOUT, manifest, "ru", files))
    assert first == notebook_bytes(build_notebook(HANDOUT, manifest, "ru", files))
    ids = [cell["id"] for cell in json.loads(first)["cells"]]
    assert len(set(ids)) == len(ids)


def test_one_change_moves_one_id(manifest: Manifest, files: dict[str, bytes]) -> None:
    before = set(cells(manifest, files, "en"))
    after = set(cells(manifest, files, "en", HANDOUT.replace("Both.", "All.")))
    assert len(before - after) == len(after - before) == 1


@pytest.mark.parametrize(
    ("handout", "words"),
    [
        (HANDOUT.replace('task="K2"', ""), "no cell for K2"),
        (HANDOUT.replace('task="K2"', 'task="K9"'), "no task 'K9'"),
        (HANDOUT.replace('lang="en"', 'lang="de"'), "lang='de'"),
    ],
)
def test_mistakes_in_the_handout_are_named(
    manifest: Manifest, files: dict[str, bytes], handout: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        build_notebook(handout, manifest, "en", files)


def test_filled_solution_cells_run_by_themselves(manifest: Manifest, files: dict[str, bytes]) -> None:
    notebook = build_notebook(HANDOUT, manifest, "en", files)
    sources = solution_sources(manifest, read_package(ROOT), files)
    filled = {cell.id: cell for cell in fill_solutions(notebook, sources).cells}
    space: dict[str, object] = {}
    exec(filled["J1"].source, space)
    answer = space["topk_error"](torch.eye(3), torch.tensor([0, 1, 0]), ks=(1,))
    assert answer == pytest.approx({1: 1 / 3})
    assert filled["J1"].metadata == {cell.id: cell for cell in notebook.cells}["J1"].metadata
    assert "NotImplementedError" in notebook_bytes(notebook).decode()


def test_filling_keeps_the_imports_of_the_cell(manifest: Manifest, files: dict[str, bytes]) -> None:
    notebook = build_notebook(HANDOUT, manifest, "en", files)
    filled = {
        cell.id: cell for cell in fill_solutions(notebook, {"J1": "def topk_error(): return Tensor"}).cells
    }
    assert "from torch import Tensor" in filled["J1"].source
    with pytest.raises(UsageError, match="Z9"):
        fill_solutions(notebook, {"Z9": ""})


def test_what_is_no_notebook_is_refused() -> None:
    with pytest.raises(UsageError, match="not a Jupyter notebook"):
        read_notebook("{}")
