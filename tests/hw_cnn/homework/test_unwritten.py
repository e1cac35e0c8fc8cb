"""In a real kernel a cell that needs an unwritten task ends in a sentence; every other error is left alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import hw_cnn
from tests.autograder.student.kernel.support import Kernel, kernel

pytestmark = pytest.mark.slow
EMPTY = "import hw_cnn\ndef train():\n    raise NotImplementedError('task K3')"
WRITTEN = "def train():\n    return 7"
MAKES = "picture = 1\nmodule = train()\nnames = list('ab')"


@pytest.fixture
def russian(tmp_path: Path) -> Iterator[Kernel]:
    """The kernel of a homework in Russian."""
    (tmp_path / "assignment.json").write_text(json.dumps({"lang": "ru"}))
    (tmp_path / "hw_cnn").symlink_to(Path(hw_cnn.__file__).parent)
    with kernel(tmp_path) as live:
        live.run("empty", EMPTY)
        yield live


@pytest.fixture
def live(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kernel]:
    """A kernel of no homework, for a reader of English."""
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    with kernel(tmp_path) as live:
        live.run("empty", EMPTY)
        yield live


def test_in_the_language_of_the_homework(russian: Kernel) -> None:
    assert russian.run("makes", MAKES) == (
        "NotImplementedError: Этой ячейке нужно задание K3, а оно ещё не написано.\n"
    )
    assert russian.run("uses", "print(module)") == (
        "NameError: Этой ячейке нужно имя module: его создаёт ячейка выше с помощью задания K3. Напишите K3,"
        " запустите ту ячейку, потом эту.\n"
    )


def test_a_name_is_missing_through_several_cells_until_the_cell_has_made_it(live: Kernel) -> None:
    assert (
        live.run("makes", MAKES)
        == "NotImplementedError: This cell needs task K3, which is not written yet.\n"
    )
    assert live.run("before", "print(picture)") == "1\n"
    live.run("between", "def looked_at():\n    return module\nseen = looked_at()")
    said = live.run("uses", "seen")
    assert said == (
        "NameError: This cell needs the name seen: a cell above makes it with task K3. Write K3, run that cell, then"
        " this one.\n"
    )
    live.run("empty", WRITTEN)
    live.run("makes", MAKES)
    live.run("between", "seen = module")
    assert live.run("uses", "print(seen, names)") == "7 ['a', 'b']\n"
    live.run("deleted", "del module")
    assert "Traceback" in live.run("uses", "module")


def test_errors_with_another_reason_keep_their_traceback(live: Kernel) -> None:
    live.run("makes", MAKES)
    live.run("wrong", "zero = 0\nshare = 1 / zero")
    for source, reason in (
        ("print(modul)", "name 'modul' is not defined"),
        ("share", "name 'share' is not defined"),
        ("module = module + 1", "name 'module' is not defined"),
        ("raise NotImplementedError('later')", "NotImplementedError"),
        ("def f():\n    print(names_)\n    names_ = 1\nf()", "UnboundLocalError"),
    ):
        said = live.run("own", source)
        assert "Traceback" in said, said
        assert reason in said, said
