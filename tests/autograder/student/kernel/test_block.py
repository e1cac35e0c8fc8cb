"""What a check shows in a notebook: one block, once, and a cell that fails without a traceback."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbgrader.utils import determine_grade

from autograder.student.kernel.block import block, reason
from autograder.student.kernel.failed import CheckFailed
from autograder.student.public_tests import PublicOutcome

WRONG = "def topk_error(logits, targets, ks=(1, 5)):\n    return {k: 2.0 for k in ks}"
BROKEN = "def topk_error(logits, targets, ks=(1, 5)):\n    return undefined[0]"
CHECK = 'import hw_cnn\n\nhw_cnn.check("J1")'


def executed(
    bundle: Path, monkeypatch: pytest.MonkeyPatch, *sources: str, go_on: bool = True
) -> nbformat.NotebookNode:
    monkeypatch.setenv("PYTHONPATH", str(bundle))
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    notebook.cells[1].metadata["nbgrader"] = {
        "schema_version": 3, "grade": True, "solution": False, "locked": True, "task": False, "points": 4,
        "grade_id": "J1-test",
    }  # fmt: skip
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        allow_errors=go_on,
        resources={"metadata": {"path": str(bundle)}},
        timeout=300,
    )
    return client.execute()


def test_a_failed_check_is_one_block_and_one_sentence(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = executed(bundle, monkeypatch, WRONG, CHECK)
    block, error = notebook.cells[1].outputs
    assert block.output_type == "display_data"
    assert "J1: " in block.data["text/plain"]
    assert "public tests fail" in block.data["text/html"]
    assert (error.output_type, error.ename) == ("error", "CheckFailed")
    assert error.traceback == ['J1: not everything passes. For a hint: hw_cnn.hint("J1")']
    assert determine_grade(notebook.cells[1]) == (0, 4)


def test_execution_stops_at_a_failed_check_and_goes_on_after_a_passed_one(
    bundle: Path, sources: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(CellExecutionError, match="not everything passes"):
        executed(bundle, monkeypatch, WRONG, CHECK, go_on=False)
    notebook = executed(bundle, monkeypatch, sources["J1"], CHECK, go_on=False)
    (block,) = notebook.cells[1].outputs
    assert "all public tests pass" in block.data["text/html"]
    assert determine_grade(notebook.cells[1]) == (4, 4)


def test_an_exception_names_its_cell_and_what_is_not_written_is_one_sentence(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = executed(bundle, monkeypatch, BROKEN, CHECK, "hw_cnn.check('F1')")
    said = notebook.cells[1].outputs[0].data["text/plain"]
    assert 'File "cell In[1]", line 2, in topk_error' in said
    assert "NameError: name 'undefined' is not defined" in said
    assert "Traceback" not in said
    (error,) = notebook.cells[2].outputs
    assert error.traceback == ["F1: not written yet (conv2d)"]


def test_the_block_tells_each_reason_once_and_escapes_what_it_quotes() -> None:
    outcomes = [
        PublicOutcome("good", None),
        PublicOutcome("bad", "<b> & `nn.Linear`", reason="one"),
        PublicOutcome("again", "said in another way", reason="one"),
    ]
    html = block("F1: 2 of 3", outcomes, ["used: f", "  ! mind"], "en")
    assert html.count("<div") == html.count("</div>")
    assert "&lt;b&gt; &amp; <code>nn.Linear</code>" in html
    assert "failed, for the same reason" in html
    assert "said in another way" not in html
    assert html.count("✗") == 2
    assert "! mind" in html


def test_a_traceback_keeps_its_columns_and_nothing_is_nothing() -> None:
    assert "monospace" in reason('stopped:\n  File "cell In[1]", line 2, in f\nNameError: x')
    assert "monospace" not in reason("one sentence")
    assert reason("") == ""


def test_the_exception_is_an_assertion_with_its_own_rendering() -> None:
    error = CheckFailed("F1: no")
    assert isinstance(error, AssertionError)
    assert error._render_traceback_(None, None, None) == ["F1: no"]
