"""The handout as an nbgrader notebook: what is in the cells, in which language, and that nothing of it is random."""

from __future__ import annotations

import json

import pytest

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.release.notebook import build_notebook, notebook_bytes, read_notebook
from tests.autograder.release.support import HANDOUT, cells


def test_languages(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    russian = "\n".join(str(cell["source"]) for cell in cells(manifest, edition_files, "ru").values())
    english = "\n".join(str(cell["source"]) for cell in cells(manifest, edition_files, "en").values())
    for text, title in ((russian, manifest.title.ru), (english, manifest.title.en)):
        assert f"# {title}" in text
        assert "Both." in text
        assert "import torch" in text
    assert "по-русски" in russian
    assert "по-русски" not in english
    assert "Напишите решение" in russian
    assert "Write your solution" in english


def test_solution_and_grade_cells(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    made = cells(manifest, edition_files, "ru")
    names = list(made)
    assert names.index("J1-test") == names.index("J1") + 1
    solution, grade = made["J1"]["metadata"], made["J1-test"]["metadata"]
    expected = {"grade_id": "J1", "solution": True, "grade": False, "locked": False, "cell_type": "code"}
    assert expected.items() <= solution["nbgrader"].items()
    expected = {"grade_id": "J1-test", "solution": False, "grade": True, "locked": True, "points": 4.0}
    assert expected.items() <= grade["nbgrader"].items()
    assert grade["editable"] is False
    assert grade["tags"] == ["raises-exception"]  # "run all" goes on
    assert "tags" not in solution
    assert made["J1-test"]["source"] == 'import hw_cnn\n\nhw_cnn.check("J1")'


def test_the_solution_cell_is_the_signature_with_a_stub(
    manifest: Manifest, edition_files: dict[str, bytes]
) -> None:
    source = str(cells(manifest, edition_files, "en")["J1"]["source"])
    assert source.startswith(
        "from collections.abc import Sequence\nfrom torch import Tensor\n\n\ndef topk_error("
    )
    assert source.endswith(
        '"""\n    # Write your solution here, in place of raise.\n    ### BEGIN SOLUTION\n'
        '    raise NotImplementedError("task J1")\n    ### END SOLUTION'
    )
    space: dict[str, object] = {}
    exec(source, space)
    with pytest.raises(NotImplementedError, match="task J1"):
        space["topk_error"](1, 2)


def test_only_the_tasks_methods_are_empty(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    source = str(cells(manifest, edition_files, "en")["K2"]["source"])
    assert source.count("raise NotImplementedError") == len(manifest.task("K2").symbols)
    assert (
        source.count("### BEGIN SOLUTION")
        == source.count("### END SOLUTION")
        == len(manifest.task("K2").symbols)
    )
    assert source.count("Write your solution") == 1
    assert "self.val_accuracy = " in source
    assert "noqa" not in source


def test_two_builds_are_byte_identical(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    first = notebook_bytes(build_notebook(HANDOUT, manifest, "ru", edition_files))
    assert first == notebook_bytes(build_notebook(HANDOUT, manifest, "ru", edition_files))
    ids = [cell["id"] for cell in json.loads(first)["cells"]]
    assert len(set(ids)) == len(ids)


def test_one_change_moves_one_id(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    before = set(cells(manifest, edition_files, "en"))
    after = set(cells(manifest, edition_files, "en", HANDOUT.replace("Both.", "All.")))
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
    manifest: Manifest, edition_files: dict[str, bytes], handout: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        build_notebook(handout, manifest, "en", edition_files)


def test_what_is_no_notebook_is_refused() -> None:
    with pytest.raises(UsageError, match="not a Jupyter notebook"):
        read_notebook("{}")


@pytest.mark.parametrize(
    ("lang", "head"), [("ru", "# Под запретом в этом задании:"), ("en", "# Off limits in this task:")]
)
def test_a_solution_cell_names_what_its_task_forbids(
    manifest: Manifest, edition_files: dict[str, bytes], lang: str, head: str
) -> None:
    names = ("torch.nn.functional.conv2d", "torch.nn.Conv2d", "numpy.convolve")
    tasks = tuple(
        task.model_copy(update={"forbidden": names}) if task.id == "J1" else task for task in manifest.tasks
    )
    made = cells(manifest.model_copy(update={"tasks": tasks}), edition_files, lang)
    assert str(made["J1"]["source"]).split("\n")[:2] == [head, "#   F.conv2d, nn.Conv2d, numpy.convolve"]
    assert head not in str(made["K2"]["source"])
