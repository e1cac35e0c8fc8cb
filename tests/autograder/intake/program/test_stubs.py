"""What is no work yet: stubs, classes whose method nobody wrote, and imports of the library."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.autograder.intake_support import CLASS_STUB, cell, hand_in, kinds, notebook, read, run


@pytest.mark.parametrize(
    "body",
    [
        'raise NotImplementedError("task F1")',
        "raise NotImplementedError",
        "pass",
        "...",
        "assert False",
        '"""Doc."""',
    ],
)
def test_a_stub_is_no_definition(tmp_path: Path, body: str) -> None:
    files = {
        "small.ipynb": notebook(cell(f"def conv(x):\n    {body}", "F1")),
        "solution.py": "def conv(x): return 2",
    }
    found = read(hand_in(tmp_path, files))
    assert kinds(found)["F1"] == "solution.py"
    assert run(found)["conv"](0) == 2


def test_code_above_a_forgotten_raise_is_work(tmp_path: Path) -> None:
    source = "def conv(x):\n    y = x\n    raise NotImplementedError('task F1')"
    assert kinds(read(hand_in(tmp_path, {"small.ipynb": notebook(cell(source, "F1"))})))["F1"] == "cell"


@pytest.mark.parametrize(
    ("cells", "kind", "value"),
    [
        ([CLASS_STUB], "missing", None),
        ([CLASS_STUB.replace("raise NotImplementedError('task K2')", "return 7")], "notebook", 7),
        ([CLASS_STUB, "def fit(self): return 8\nNet.fit = fit"], "notebook", 8),
        ([CLASS_STUB, "setattr(Net, 'fit', lambda self: 9)"], "notebook", 9),
        ([CLASS_STUB, "class Net(Net):\n    def fit(self): return super().given() + 1"], "notebook", 2),
        (["class Net:\n    fit = lambda self: 4"], "notebook", 4),
        ([CLASS_STUB, "Net.other = 3"], "missing", None),
        (["class Own:\n    def fit(self): return 5\nclass Net(Own): pass"], "notebook", 5),
        (["class Own:\n    def fit(self): return 5\nclass Net(Own, object):\n    size = 2"], "notebook", 5),
        (
            ["import types as t\nclass Net(t.SimpleNamespace):\n    def given(self): return 1"],
            "notebook",
            None,
        ),
        (["class Own: pass\nclass Net(Own):\n    def fit(self): raise NotImplementedError"], "missing", None),
        (["class Net(object): pass"], "missing", None),
        ([CLASS_STUB, "class Net(Net): pass"], "missing", None),
        (["from torch.nn import Module as M\nclass Net(M): pass"], "missing", None),
        (["from hw_cnn import two\nclass Net(two.Net): pass"], "missing", None),
    ],
)
def test_methods(tmp_path: Path, cells: list[str], kind: str, value: int | None) -> None:
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(*cells)}))
    assert kinds(found)["K2"] == kind
    if value is not None:
        assert run(found)["Net"]().fit() == value


def test_importing_the_package_is_no_definition(tmp_path: Path) -> None:
    cells = [
        cell("def conv(x): return 1", "F1"),
        "from hw_cnn.one import conv\nfrom hw_cnn import two\npool = two.pool",
    ]
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(*cells)}))
    assert kinds(found) == {"F1": "cell", "G1": "missing", "K2": "missing"}
    assert [statement.source for statement in found.statements] == ["def conv(x): return 1"]
