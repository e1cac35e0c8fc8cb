"""A task that a person marks, as it is released: cells for answers, what nbgrader makes of them, and no rubric."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_locked, is_solution
from nbgrader.validator import Validator

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest
from autograder.course.rows import PLACEHOLDER
from autograder.errors import UsageError
from autograder.release.bundle import bundle_files
from autograder.release.leaks import LeakError, Secrets, scan, secrets_of, staff_sentences
from autograder.release.notebook import build_notebook, notebook_bytes
from autograder.text import LANGS, Lang
from tests.autograder.manifests import with_rows, written
from tests.autograder.release.support import HANDOUT, cells, two_tasks

PLACES = '\n# %% task="W" row="filter"\n\n# %% [markdown]\n# {{properties:W}}\n\n# %% task="W" row="input"\n'
WORDS = HANDOUT + PLACES


@pytest.fixture(scope="module")
def with_words() -> Manifest:
    """Two tasks of the seminar, and one in words."""
    data = two_tasks().model_dump(by_alias=True, mode="json")
    tasks = [{name: value for name, value in task.items() if value} for task in data["tasks"]]
    return Manifest.model_validate({**data, "tasks": [*tasks, written()]})


@pytest.mark.parametrize("lang", LANGS)
def test_each_row_has_a_cell_to_write_in(
    with_words: Manifest, edition_files: dict[str, bytes], lang: Lang
) -> None:
    made = cells(with_words, edition_files, lang, WORDS)
    names = [name for name in made if name.startswith("W-")]
    assert names == ["W-filter", "W-input", "W-test"]
    for name, points in (("W-filter", 3.0), ("W-input", 2.0)):
        cell = made[name]
        assert (cell["cell_type"], cell["source"]) == ("markdown", PLACEHOLDER.get(lang))
        expected = {
            "grade_id": name,
            "grade": True,
            "solution": True,
            "locked": False,
            "points": points,
            "task": False,
        }
        assert expected.items() <= cell["metadata"]["nbgrader"].items()  # type: ignore[index]
    assert made["W-test"]["source"] == 'import hw_cnn\n\nhw_cnn.check("W")'
    assert "nbgrader" not in made["W-test"]["metadata"]  # type: ignore[operator]
    told = "\n".join(str(cell["source"]) for cell in made.values())
    for row in with_words.task("W").rows:
        assert f"- {row.sentence.get(lang)} (" in told
    assert "Secret" not in told


@pytest.mark.parametrize("lang", LANGS)
def test_two_builds_are_byte_identical(
    with_words: Manifest, edition_files: dict[str, bytes], lang: Lang
) -> None:
    first, second = (notebook_bytes(build_notebook(WORDS, with_words, lang, edition_files)) for _ in range(2))
    assert first == second


def book(manifest: Manifest, edition_files: dict[str, bytes]) -> Any:
    return nbformat.reads(
        notebook_bytes(build_notebook(WORDS, manifest, "en", edition_files)).decode(), as_version=4
    )


def test_nbgrader_takes_the_cells_as_graded_by_hand(
    with_words: Manifest, edition_files: dict[str, bytes]
) -> None:
    """Untouched a cell has no points, as soon as something is written a person decides."""
    notebook = book(with_words, edition_files)
    nbformat.validate(notebook)
    answers = {cell.id: cell for cell in notebook.cells if cell.id in ("W-filter", "W-input")}
    for cell in answers.values():
        assert (is_grade(cell), is_solution(cell), is_locked(cell)) == (True, True, False)
        assert cell.metadata.nbgrader.checksum == compute_checksum(cell)
    assert determine_grade(answers["W-filter"]) == (0, 3.0)
    answers["W-filter"].source = "An edge on the left."
    assert determine_grade(answers["W-filter"]) == (None, 3.0)


def test_nbgraders_own_check_finds_no_fault_in_an_answer(
    with_words: Manifest, edition_files: dict[str, bytes]
) -> None:
    notebook = book(with_words, edition_files)
    notebook.cells = [cell for cell in notebook.cells if cell.id.startswith("W-")]
    notebook.cells[0].source = "An edge on the left."
    validator = Validator()
    assert validator._get_changed_cells(notebook) == []
    assert [cell.id for cell in validator._get_failed_cells(notebook)] == ["W-input"]


@pytest.mark.parametrize(
    ("handout", "words"),
    [
        (HANDOUT, r'no cell for W-filter, W-input; add `# %% task="W" row="filter"`'),
        (
            WORDS.replace(' row="input"', ' row="output"'),
            "task W with row='output'; its rows are filter, input",
        ),
        (WORDS.replace(' row="input"', ""), "task W with row=None"),
        (WORDS.replace(' row="input"', ' row="filter"'), "two cells for row 'filter' of task W"),
        (
            WORDS.replace('task="J1"', 'task="J1" row="filter"'),
            "task J1 with row='filter'; its rows are none",
        ),
    ],
)
def test_mistakes_in_the_handout_are_named(
    with_words: Manifest, edition_files: dict[str, bytes], handout: str, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        build_notebook(handout, with_words, "en", edition_files)


# What is for staff.


@pytest.mark.parametrize("lang", LANGS)
def test_no_bundle_of_the_seminar_holds_a_rubric_or_a_model_answer(seminar: Assignment, lang: Lang) -> None:
    secrets = secrets_of(seminar)
    rows = [row for task in seminar.manifest.written for row in task.rows]
    assert len(secrets.staff_sentences) > 10 * len(rows)
    files = bundle_files(seminar, lang)
    scan(files, secrets)
    told = " ".join(data.decode(errors="replace") for data in files.values())
    for row in rows:
        assert json.dumps(row.sentence.get(lang), ensure_ascii=False)[1:-1] in told
        for text in (row.rubric, row.answer):
            lines = [line for one in LANGS for line in text.get(one).split("\n") if line]
            assert not [line for line in lines if line in told]


SENTENCE = "Secret rubric of the row filter, point by point."


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("README.md", f"Hello. {SENTENCE} Bye.".encode()),
        ("README.md", SENTENCE.replace(" the ", "\n   the ").encode()),
        (
            "small.ipynb",
            json.dumps({"cells": [{"source": [SENTENCE.replace(" row", " row\n")]}]}).encode(),
        ),
        ("assignment.json", json.dumps({"tasks": [{"rows": [{"rubric": {"en": SENTENCE}}]}]}).encode()),
        ("hw_cnn/one.py", f'"""{SENTENCE}"""'.encode()),
    ],
)
def test_a_sentence_of_a_rubric_is_found_wherever_it_stands(name: str, data: bytes) -> None:
    secrets = Secrets(staff_sentences=staff_sentences([with_rows()]))
    with pytest.raises(LeakError, match="a sentence of the rubric of W, row filter"):
        scan({name: data}, secrets)
    scan({name: data.replace(b"Secret", b"Public")}, secrets)


def test_a_sentence_that_is_public_anyway_is_no_secret() -> None:
    data = with_rows().model_dump(by_alias=True, mode="json")
    data["tasks"] = [{name: value for name, value in task.items() if value} for task in data["tasks"]]
    data["tasks"][-1]["rows"][0]["sentence"]["en"] = SENTENCE
    found = staff_sentences([Manifest.model_validate(data)])
    assert SENTENCE not in found
    assert any("model answer of the row filter" in sentence for sentence in found)
