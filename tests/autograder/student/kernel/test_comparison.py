"""Live values that a notebook read from top to bottom will not have, in real IPython kernels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.autograder.student.kernel.support import Kernel, kernel
from tests.autograder.student.support import ROOT

# What `check` does, without torch: the symbol is `f`, the task F1.
CHECK = """
from autograder.student.kernel.comparison import Comparison
from autograder.student.kernel.history import executions, kernel_shell, saved_notebook
_shell = kernel_shell()
_seen = Comparison("F1", executions(_shell), _shell.user_ns, saved_notebook(_shell), {"f": set()})
_from = _seen.origin("f")
print("from", _from and _from.count)
for _text in _seen.findings("f"):
    print(_text.en)
"""
IMPORTS = "import hw_cnn\nimport math as F\nimport os\n"
HELPER = "PAD = 1\ndef helper(x):\n    return x + PAD\n"
WORK = "def f(x):\n    return helper(F.floor(x))\n"
CELLS = {
    "imports": IMPORTS,
    "helper": HELPER,
    "F1": WORK,
    "F1-test": CHECK,
    "later": "for F in (3, 5): pass\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder from which the library and the grader are imported, as from a bundle."""
    for name in ("hw_cnn", "autograder"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


@pytest.fixture
def told(folder: Path) -> Iterator[Kernel]:
    """A kernel that is told cells and file, as Jupyter's are; the first three cells have run."""
    with kernel(folder) as running:
        start(running)
        yield running


@pytest.fixture
def untold(folder: Path) -> Iterator[Kernel]:
    """A kernel that is told nothing, as Colab's is."""
    with kernel(folder, ids=False, file=False) as running:
        start(running)
        yield running


def start(running: Kernel) -> None:
    running.save(CELLS)
    for name in ("imports", "helper", "F1"):
        assert running.run(name, CELLS[name]) == ""


def test_nothing_is_said_of_a_notebook_run_in_order(told: Kernel) -> None:
    assert told.run("F1-test", CHECK) == "from 3\n"
    told.run("F1", WORK)
    assert told.run("F1-test", CHECK) == "from 5\n"
    told.run("later", "import os\nimport math as F\n")
    told.run("helper", HELPER)
    assert told.run("F1-test", CHECK) == "from 5\n", "the same imports and definitions again change nothing"


def test_a_name_bound_by_a_later_cell(told: Kernel) -> None:
    told.run("F1-test", CHECK)
    told.run("later", CELLS["later"])
    assert told.run("F1-test", CHECK).split("\n")[1:] == [
        "F (read by f) has its value from cell In[5]; run from top to bottom, the check of F1 sees the value of cell "
        "In[1]. Restart the kernel and run the cells in order.",
        "",
    ]


def test_a_helper_of_a_cell_that_was_not_run(told: Kernel) -> None:
    told.save({"imports": IMPORTS, "helper": HELPER, "more": "PAD = 2", "F1": WORK, "F1-test": CHECK})
    said = told.run("F1-test", CHECK)
    assert "PAD (read by f) has its value from cell In[2]" in said
    assert "the value of code cell 3, which was not run." in said


def test_the_symbol_of_an_experiment_below_the_check(told: Kernel) -> None:
    told.run("F1-test", CHECK)
    told.save({**CELLS, "later": "def f(x):\n    return 0\n"})
    told.run("later", "def f(x):\n    return 0\n")
    said = told.run("F1-test", CHECK)
    assert said.startswith("from 5\nf has its value from cell In[5]; run from top to bottom")
    assert "the value of cell In[3]." in said


def test_a_definition_that_is_gone_from_its_cell(told: Kernel) -> None:
    told.run("F1", "def g(x):\n    return helper(x)\n")
    said = told.run("F1-test", CHECK)
    assert said.startswith(
        "from 3\nf still is what cell In[3] made; that cell was changed and run again (In[4])"
    )


def test_a_new_definition_that_stopped_with_an_error(told: Kernel) -> None:
    told.run("F1", "1 / 0\n" + WORK.replace("floor", "ceil"))
    said = told.run("F1-test", CHECK)
    assert "f still is what cell In[3] made: cell In[4], which defines f anew, stopped with an error" in said


def test_a_cell_changed_and_saved_but_not_run(told: Kernel) -> None:
    told.save({**CELLS, "F1": f"# a remark changes nothing\n{WORK}"})
    assert told.run("F1-test", CHECK) == "from 3\n"
    told.save({**CELLS, "F1": WORK.replace("floor", "ceil")})
    assert "f: cell In[3] was changed after it was run. Run it again" in told.run("F1-test", CHECK)


def test_a_cell_that_was_deleted(told: Kernel) -> None:
    told.save({name: text for name, text in CELLS.items() if name != "helper"})
    said = told.run("F1-test", CHECK)
    assert "helper (read by f): cell In[2] is no longer in the notebook" in said


CONFIG = "cfg = {'pad': 1}\n"
READER = "def f(x):\n    return cfg['pad'] + x\n"
WITH_CONFIG = {"config": CONFIG, "F1": READER, "F1-test": CHECK, "later": "cfg['pad'] = 2\n"}


def configured(running: Kernel, cells: dict[str, str]) -> None:
    running.save(cells)
    for name in ("config", "F1"):
        assert running.run(f"{name}", cells[name]) == ""


def test_an_object_changed_in_place_by_a_cell_below_the_check(told: Kernel) -> None:
    configured(told, WITH_CONFIG)
    assert told.run("F1-test", CHECK) == "from 5\n"
    told.run("later", WITH_CONFIG["later"])
    said = told.run("F1-test", CHECK)
    assert "cfg (read by f) was changed by cell In[7], which stands below the check of F1" in said
    told.run("config", CONFIG)
    assert told.run("F1-test", CHECK) == "from 5\n", "made anew, it is as the grader will see it"


def test_a_method_set_on_a_class_below_the_check(told: Kernel) -> None:
    cells = {
        **WITH_CONFIG,
        "F1": "class f:\n    def go(self): return cfg\n",
        "later": "f.go = lambda self: 1\n",
    }
    configured(told, cells)
    told.run("later", cells["later"])
    assert "f was changed by cell In[6], which stands below the check" in told.run("F1-test", CHECK)


def test_a_change_in_place_that_is_missing(told: Kernel) -> None:
    cells = {"config": CONFIG, "more": "if True:\n    cfg['pad'] = 2\n", "F1": READER, "F1-test": CHECK}
    configured(told, cells)
    said = told.run("F1-test", CHECK)
    assert "is now what cell In[4] made, without the changes of code cell 2, which was not run." in said
    told.run("more", cells["more"])
    assert told.run("F1-test", CHECK) == "from 5\n"
    told.run("config", CONFIG)
    assert "without the changes of cell In[7], which was run before that." in told.run("F1-test", CHECK)


def test_a_change_in_place_that_is_gone_from_its_cell(told: Kernel) -> None:
    cells = {"config": CONFIG, "more": "cfg['pad'] = 2\n", "F1": READER, "F1-test": CHECK}
    configured(told, cells)
    told.run("more", cells["more"])
    told.run("more", "def g():\n    cfg['pad'] = 3\n")
    said = told.run("F1-test", CHECK)
    assert "cfg (read by f) was changed by cell In[6], whose text is another one since" in said


@pytest.mark.parametrize("ways", ["import pairs\n", "from pairs import pad\npairs = pad\n"])
def test_an_own_module_changed_after_it_was_imported(told: Kernel, folder: Path, ways: str) -> None:
    (folder / "pairs.py").write_text("def pad(x):\n    return x\n", encoding="utf-8")
    cells = {"config": ways, "F1": "def f(x):\n    return pairs\n", "F1-test": CHECK}
    configured(told, cells)
    assert told.run("F1-test", CHECK) == "from 5\n"
    (folder / "pairs.py").write_text("def pad(x):\n    return x + 1\n", encoding="utf-8")
    said = told.run("F1-test", CHECK)
    assert "pairs (read by f): the file pairs.py was changed after it was imported" in said
    told.run("again", "import importlib, sys\nimportlib.reload(sys.modules['pairs']);\n")
    assert told.run("F1-test", CHECK) == "from 5\n"


def test_without_a_file_a_later_cell_is_spoken_of_with_an_if(folder: Path) -> None:
    with kernel(folder, file=False) as running:
        start(running)
        assert running.run("F1-test", CHECK) == "from 3\n"
        running.run("helper", HELPER.replace("1", "2"))
        assert running.run("F1-test", CHECK) == "from 3\n", "the same cell again is no other cell"
        running.run("later", CELLS["later"])
        said = running.run("F1-test", CHECK)
    assert said.count("\n") == 2
    assert "If that cell stands below the check of F1, the value of cell In[1] is what is graded" in said


def test_a_kernel_that_is_told_nothing(untold: Kernel) -> None:
    assert untold.run("", CHECK) == "from 3\n"
    untold.run("", HELPER.replace("PAD = 1", "PAD = 2"))
    untold.run("", WORK.replace("floor", "ceil"))
    assert untold.run("", CHECK) == "from 6\n", "cells that were changed and run again look alike"
    untold.run("", CELLS["later"])
    assert "If that cell stands below the check of F1" in untold.run("", CHECK)
    untold.run("", "def f(x):\n    1 / 0\n1 / 0\n")
    untold.run("", "f = len\n")
    assert untold.run("", CHECK).startswith("from 11\n")
