"""Magics and shell lines: which run Python in the namespace, which write a file, and that lines keep their numbers."""

from __future__ import annotations

import pytest

from autograder.intake.sources.magics import CellMagic, Translator, take_magics_off, written_file
from tests.autograder.intake.sources.support import read, run, said
from tests.autograder.intake_support import cell, notebook


@pytest.mark.parametrize(
    "head",
    [
        "%%time",
        "%%capture out --no-stderr",
        "%%prun -l 5",
        "%%debug",
        "\n\n%%time",
        "%%capture\n%%time",
        "  %%time",
    ],
)
def test_cell_magics_that_run_python_in_the_namespace(head: str) -> None:
    code = read({"a.ipynb": notebook(f"{head}\n!ls\nx = 1 / 2\ny = 1 / 0")})
    with pytest.raises(ZeroDivisionError) as caught:
        run(code)
    assert caught.traceback[-1].lineno + 1 == head.count("\n") + 4
    assert said(code) == []


@pytest.mark.parametrize(
    "magic",
    [
        "bash",
        "sh",
        "script python",
        "python",
        "python3",
        "pypy",
        "timeit",
        "html",
        "cython",
        "writefile a.py",
        "no_such",
    ],
)
def test_the_body_of_other_cell_magics_is_no_python_of_this_namespace(magic: str) -> None:
    code = read({"a.ipynb": notebook(f"%%{magic}\nx = 1", "%%time\n%%bash\nx = 1", "y = 1")})
    assert [chunk.source for chunk in code.chunks] == ["y = 1"]
    assert said(code) == []


def test_code_that_is_too_much_to_be_read_is_no_syntax_error() -> None:
    code = read(
        {"a.ipynb": notebook("%matplotlib inline\n" * 300, "!ls\nx = 1", "x = (", f"y = {'-' * 20_000}1")}
    )
    first, second, third, fourth = said(code)
    assert first == (
        "code cell 1: not read, there are too many magics (%, !, ?) in the work; delete those that it can do without"
    )
    assert second == first.replace("cell 1", "cell 2")
    assert third == "code cell 3: syntax error in line 1 ('(' was never closed)"
    assert fourth.startswith("code cell 4: the code cannot be read (")
    assert fourth.endswith("); make it simpler")


def test_a_task_cell_that_a_magic_takes_away_is_told() -> None:
    code = read({"a.ipynb": notebook(cell("%%timeit -n 1\ndef conv(x): return 1", "F1"))})
    assert said(code) == [
        "cell F1 (code cell 1): with %%timeit at its top this cell defines nothing; delete that line"
    ]


@pytest.mark.parametrize(
    "source",
    [
        "!pip install torch\nx = 3",
        "if True:\n    !ls\n    %matplotlib inline\nx = 3",
        "def f():\n    !rm -rf .\n    return 3\nx = f()",
        "files = !ls\nx = 3",
        "%time x = 3",
        "%matplotlib inline\n%load_ext autoreload\n%autoreload 2\nx = 3",
        "print?\nx = 3",
        "\n\n  \n!ls\nx = 3",
    ],
)
def test_lines_of_ipython_stay_calls(source: str) -> None:
    code = read({"a.ipynb": notebook(source)})
    assert run(code)["x"] == 3
    assert code.chunks[0].source.rstrip("\n").count("\n") == source.count("\n")


def test_the_time_for_magics_is_limited_and_costs_no_plain_python() -> None:
    translator = Translator()
    with pytest.raises(SyntaxError):
        translator.plain("!ls\n" * 1000)
    assert translator.plain("x = 1") == "x = 1"
    with pytest.raises(SyntaxError):
        translator.plain("!ls")


def test_endless_cell_magics() -> None:
    assert take_magics_off("%%time\n" * 19 + "x = 1").body == "x = 1"
    with pytest.raises(SyntaxError, match="too many cell magics"):
        take_magics_off("%%time\n" * 20 + "x = 1")


@pytest.mark.parametrize(
    ("line", "name", "replaces"),
    [
        ("utils.py", "utils.py", True),
        ("-a utils.py", "utils.py", False),
        ("--append 'my utils.py'", "my utils.py", False),
        ("", None, True),
        ("a.py b.py", None, True),
        ("{name}.py", None, True),
        ("~/a.py", None, True),
        ("'a.py", None, True),
    ],
)
@pytest.mark.parametrize("magic", ["writefile", "file"])
def test_which_file_is_written(magic: str, line: str, name: str | None, replaces: bool) -> None:
    found = written_file(CellMagic(magic, line), "x = 1")
    if name is None:
        assert found is None
    else:
        assert found is not None
        assert (found.name, found.text, found.replaces) == (name, "x = 1\n", replaces)
    assert written_file(CellMagic("bash", line), "x = 1") is None
