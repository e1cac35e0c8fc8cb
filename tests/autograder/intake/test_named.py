"""A submission knows which forbidden calls its tasks name, wherever they were written, and where its code stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.autograder.intake_support import EDITION, cell, hand_in, notebook, read

CALL = "torch.nn.functional.conv2d"
USES = "import torch.nn.functional as F\n\n\ndef conv(x):\n    return F.conv2d(x, x)\n"
HELPER = "import torch.nn.functional as F\n\n\ndef ready(x):\n    return F.conv2d(x, x)\n"
BY_MODULE = "import helper\ndef conv(x): return helper.ready(x)"
FROM_HELPER = "from helper import ready\n\n\ndef conv(x):\n    return ready(x)\n"


@pytest.mark.parametrize(
    ("files", "place", "line"),
    [
        ({"solution.py": USES}, "solution.py", 5),
        ({"small.ipynb": notebook("x = 1", cell(USES, "F1"))}, "cell F1 (code cell 2)", 5),
        ({"small.ipynb": notebook(HELPER, cell("def conv(x): return ready(x)", "F1"))}, "code cell 1", 5),
        ({"hw_cnn/one.py": USES}, "hw_cnn/one.py", 5),
        ({"solution.py": FROM_HELPER, "helper.py": HELPER}, "helper.py", 5),
        ({"small.ipynb": notebook(cell(BY_MODULE, "F1")), "helper.py": HELPER}, "helper.py", 5),
    ],
)  # fmt: skip
def test_a_call_is_named_where_it_stands(
    tmp_path: Path, files: dict[str, bytes | str], place: str, line: int
) -> None:
    submission = read(hand_in(tmp_path / "s", files))
    (named,) = submission.named
    assert (named.task, named.name, named.place.en, named.line) == ("F1", CALL, place, line)
    shown = {file.place.en: file.last_line for file in submission.code_files.values()}
    assert shown[place] >= line


@pytest.mark.parametrize(
    "files",
    [
        {"solution.py": USES.replace("def conv", "def other") + "\n\ndef conv(x):\n    return x\n"},
        {"solution.py": "import torch.nn.functional as F\ndef conv(x): return x\nassert F.conv2d\n"},
        {"solution.py": USES.replace("def conv", "def pool")},
        {"small.ipynb": notebook(cell("def conv(x): return x", "F1"), USES.replace("def conv", "def compare"))},
        {"small.ipynb": notebook(cell(EDITION["hw_cnn/one.py"].decode(), "F1"), "import torch\nprint(torch.conv2d)")},
    ],
)  # fmt: skip
def test_what_is_not_the_task_is_not_named(tmp_path: Path, files: dict[str, bytes | str]) -> None:
    assert read(hand_in(tmp_path / "s", files)).named == ()
