"""What the check writes for GitHub: lines that its runner understands, at lines that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.public import PublicTask
from autograder.student.github.annotations import Checked, annotation_lines, summary, write_summary
from autograder.student.work import read_work
from tests.autograder.student.support import write

COMMAND = re.compile(r"::(error|warning) file=([^,]*),line=([0-9]+),title=([^,:]*)::([^\r\n]*)")
WRONG = "def pool2d(x, kernel_size, stride=None, mode='max'):\n    return x * 0"


def unescape(text: str) -> str:
    """As GitHub's runner does, the percent sign last."""
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def public(bundle: Path) -> dict[str, PublicTask]:
    from autograder.course.public import load_public

    return {task.id: task for task in load_public(bundle).tasks}


def lines_of(bundle: Path, *checked: Checked) -> list[re.Match[str]]:
    from autograder.course.public import load_public

    work = read_work(bundle, load_public(bundle))
    found = [COMMAND.fullmatch(line) for line in annotation_lines(work, checked, "en")]
    assert None not in found
    return [one for one in found if one is not None]


def test_the_line_is_that_of_the_definition_in_the_notebook(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(bundle, {"G1": WRONG})
    monkeypatch.setenv("GITHUB_WORKSPACE", str(bundle.parent))
    task = public(bundle)["G1"]
    (found,) = lines_of(bundle, Checked(task, 2, 11, "100% wrong:\nfirst, then\r::error::x"))
    assert found[1] == "error"
    assert unescape(found[2]) == "work/seminar_cnn.ipynb"
    raw = (bundle / "seminar_cnn.ipynb").read_text(encoding="utf-8").split("\n")
    assert "def pool2d(x, kernel_size, stride=None, mode='max'):" in raw[int(found[3]) - 1]
    assert unescape(found[4]) == "G1: 2 of 11 public tests fail"
    assert unescape(found[5]) == "100% wrong:\nfirst, then::error::x"


def test_of_several_definitions_it_is_the_one_that_was_checked(bundle: Path) -> None:
    write(bundle, {"G1": WRONG})
    path = bundle / "seminar_cnn.ipynb"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    draft = {"cell_type": "code", "id": "draft", "metadata": {}, "outputs": [], "execution_count": None}
    for place in (0, len(notebook["cells"]) + 1):
        notebook["cells"].insert(place, {**draft, "id": f"draft{place}", "source": [WRONG]})
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1), encoding="utf-8")
    (found,) = lines_of(bundle, Checked(public(bundle)["G1"], 1, 11, "x"))
    raw = path.read_text(encoding="utf-8").split("\n")
    places = [number for number, line in enumerate(raw, 1) if "def pool2d(" in line]
    assert len(places) == 3
    assert int(found[3]) == places[1]


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("solution.py", f"import torch\n\n\n{WRONG}\n", 4),
        ("hw_cnn/layers/pooling.py", f'"""Mine."""\n\n{WRONG}\n', 3),
    ],
)
def test_in_a_file_it_is_the_line_of_the_file(bundle: Path, name: str, text: str, line: int) -> None:
    (bundle / name).write_text(text)
    if name != "solution.py":
        (bundle / "seminar_cnn.ipynb").unlink()
    (found,) = lines_of(bundle, Checked(public(bundle)["G1"], 1, 11, "x"))
    assert (found[2].rpartition("/")[2], int(found[3])) == (name.rpartition("/")[2], line)


def test_what_is_not_written_warns_and_what_is_right_or_read_by_people_says_nothing(bundle: Path) -> None:
    tasks = public(bundle)
    found = lines_of(
        bundle,
        Checked(tasks["F1"], 0, 0, "not yet"),
        Checked(tasks["J1"], 0, 5, "good"),
        Checked(tasks["W"], 0, 0, ""),
    )
    assert [(one[1], unescape(one[4])) for one in found] == [("warning", "F1: not written")]
    raw = (bundle / "seminar_cnn.ipynb").read_text(encoding="utf-8").split("\n")
    assert "def conv2d(" in raw[int(found[0][3]) - 1]


@given(said=st.text(), title=st.text(max_size=30))
def test_whatever_is_said_is_one_command(said: str, title: str) -> None:
    from autograder.student.github.annotations import _data, _property

    line = f"::error file=a,line=1,title={_property(title)}::{_data(said)}"
    found = COMMAND.fullmatch(line)
    assert found is not None
    assert (unescape(found[4]), unescape(found[5])) == (title, said)


def test_the_table_holds_no_html_and_keeps_its_columns(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks = public(bundle)
    checked = [Checked(tasks["G1"], 2, 11, ""), Checked(tasks["J1"], 0, 5, ""), Checked(tasks["W"], 0, 0, "")]
    said = summary(checked, ["<script> a | b"], "en")
    rows = said.split("\n")
    assert [row.count("|") for row in rows[:5]] == [4] * 5
    assert "| 9 / 11 | failed |" in rows[2]
    assert "| 5 / 5 | passed |" in rows[3]
    assert "marked by a person" in rows[4]
    assert "<script>" not in said
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    write_summary(checked, [], "en")
    assert page.read_text(encoding="utf-8").startswith("before\n| task |")
