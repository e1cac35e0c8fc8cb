"""Answers in words, out of notebooks as they come back: cells moved, copied, deleted, turned into code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.text import Text
from autograder.wire.safe_text import MAX_TEXT, clean_text
from tests.autograder.intake_support import EDITION, cell, manifest_with_words, notebook

W = manifest_with_words()
CODE = "def conv(x):\n    return x"


def words(source: str, row: str = "filter", **more: object) -> dict[str, object]:
    """A cell for an answer, as the release makes it."""
    name = f"W-{row}"
    metadata = {"nbgrader": {"grade_id": name, "grade": True, "solution": True}}
    return {"cell_type": "markdown", "source": source, "id": name, "metadata": metadata, **more}


def read(**files: bytes) -> Submission:
    named = {name.replace("__", "."): data for name, data in files.items()}
    return read_tree(Upload("anna", Path("anna")), named, W, EDITION)


def answers(*cells: dict[str, object] | str) -> dict[str, str]:
    return {answer.row: answer.text for answer in read(small__ipynb=notebook(*cells)).answers}


def notes(submission: Submission) -> str:
    return "\n".join(note.en for note in submission.notes)


def test_what_is_written_is_read_and_what_is_not_is_left_out() -> None:
    found = read(
        small__ipynb=notebook(
            words("An *edge*,\nto the left."), words("*Write here*", "input"), cell(CODE, "F1")
        )
    )
    assert [(one.task, one.row, one.text) for one in found.answers] == [
        ("W", "filter", "An *edge*,\nto the left.")
    ]
    assert {source.task: source.kind for source in found.sources}["F1"] == "cell"
    assert found.notes == ()


def test_an_answer_alone_is_no_empty_notebook() -> None:
    alone = read(small__ipynb=notebook(words("An edge."), words("", "input")))
    assert "no task is written" not in notes(alone)
    assert "no task is written in small.ipynb" in notes(
        read(small__ipynb=notebook(words(""), words("", "input")))
    )


def test_the_notebook_with_the_answer_counts() -> None:
    original = notebook(words("*Write here*"), words("*Write here*", "input"))
    found = read(small__ipynb=original, mine__ipynb=notebook(words("An edge."), words("", "input")))
    assert [answer.text for answer in found.answers] == ["An edge."]


@pytest.mark.parametrize(
    "name",
    [
        {"id": "W-filter", "metadata": {}},
        {"id": "4f2a", "metadata": {"nbgrader": {"grade_id": "W-filter"}}},
        {"id": None, "metadata": {"id": "W-filter"}},
    ],
)
def test_a_cell_is_known_by_any_of_its_names(name: dict[str, object]) -> None:
    """Jupyter's id, nbgrader's, and the one that Colab keeps."""
    assert answers(words("An edge.", **name)) == {"filter": "An edge."}


def test_a_copied_cell_counts_with_its_copies() -> None:
    """Jupyter gives a copy another id and leaves it nbgrader's name."""
    both = (
        words("First."),
        words("*Write here*", id="b2"),
        words("Second.", id="c3"),
        words("First.", id="d4"),
    )
    found = read(small__ipynb=notebook(*both, words("", "input")))
    assert [answer.text for answer in found.answers] == ["First.\n\nSecond."]
    assert "there are several cells W-filter" in notes(found)


def test_a_deleted_cell_is_missed_and_nothing_else_is_lost() -> None:
    found = read(small__ipynb=notebook(cell(CODE, "F1"), words("2 channels", "input")))
    assert [answer.row for answer in found.answers] == ["input"]
    assert "the notebook has no cells for the answers W-filter: copy them" in notes(found)
    assert "W-input" not in notes(found)


@pytest.mark.parametrize("kind", ["code", "raw", "markdown"])
def test_a_cell_of_another_kind_is_read_all_the_same(kind: str) -> None:
    """Whoever turned it into code by mistake has written words, and they are no syntax error."""
    found = read(
        small__ipynb=notebook(words("The edge is on the left!", cell_type=kind), words("", "input"), CODE)
    )
    assert [answer.text for answer in found.answers] == ["The edge is on the left!"]
    assert found.notes == ()


def test_code_in_the_cell_of_an_answer_still_runs() -> None:
    """As in the kernel: what a later cell takes from it is there."""
    shape = words("SIZE = 3", "input", cell_type="code")
    found = read(small__ipynb=notebook(words(""), shape, cell("def conv(x):\n    return x * SIZE", "F1")))
    assert [answer.text for answer in found.answers] == ["SIZE = 3"]
    assert "SIZE = 3" in [statement.source for statement in found.statements]


def test_a_solution_quoted_in_an_answer_is_no_solution() -> None:
    found = read(small__ipynb=notebook(words(CODE), words("", "input")))
    missing = next(source for source in found.sources if source.task == "F1")
    assert missing.kind == "missing"
    assert missing.problem == Text(
        ru="задание F1 ещё не написано: conv (hw_cnn/one.py)",
        en="task F1 is not written yet: conv (hw_cnn/one.py)",
    )


def test_scripts_hold_no_answers() -> None:
    found = read(solution__py=b'# %% [markdown] id="W-filter"\n# An edge.\n' + CODE.encode())
    assert (found.answers, found.notes) == ((), ())


def test_a_long_answer_is_cut_with_a_word() -> None:
    found = read(small__ipynb=notebook(words("edge " * MAX_TEXT), words("", "input")))
    (answer,) = found.answers
    assert len(answer.text) == MAX_TEXT
    assert answer.text.endswith("the rest was not read]")
    assert f"cell W-filter holds more than {MAX_TEXT} characters" in notes(found)


def test_a_pasted_picture_leaves_room_for_the_words_below_it() -> None:
    pasted = f"See ![a map](data:image/png;base64,{'iVBORw0KGgo' * 20_000}=) and *this*: an edge."
    assert answers(words(pasted)) == {"filter": "See ![a map]([картинка / picture]) and *this*: an edge."}


@given(st.text(st.characters()), st.sampled_from(["markdown", "code", "raw"]))
def test_any_text_is_read_clean_and_short(source: str, kind: str) -> None:
    data = json.loads(notebook(words("x", cell_type=kind), words("", "input")))
    data["cells"][0]["source"] = source
    for answer in read(small__ipynb=json.dumps(data).encode()).answers:
        assert answer.text == clean_text(answer.text)
        assert 0 < len(answer.text) <= MAX_TEXT
        answer.text.encode()
