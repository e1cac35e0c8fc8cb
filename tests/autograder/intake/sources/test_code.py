"""What a notebook or script includes by %run stands in its place, what it writes by %%writefile is a file."""

from __future__ import annotations

import pytest

from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake.sources.support import read, run, said
from tests.autograder.intake_support import cell, notebook


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("%run helper.py", "helper.py"),
        ("%run helper", "helper.py"),
        ("%run -i helper.py 1 2", "helper.py"),
        ("%run -n -i 'my helper.py'", "my helper.py"),
        ("%run ./src/helper.py", "src/helper.py"),
        ("%run -m src.helper", "src/helper.py"),
        ("get_ipython().run_line_magic('run', 'helper.py')", "helper.py"),
        ("get_ipython().magic('run helper.py')", "helper.py"),
    ],
)
def test_a_script_stands_where_it_is_run(line: str, file: str) -> None:
    files = {"a.ipynb": notebook(f"x = 1\n{line}\nx = x + 1\ny = x", "z = y"), file: "x = x * 10\n"}
    code = read(files)
    assert run(code)["z"] == 11
    assert [(chunk.filename, chunk.first_line, chunk.number) for chunk in code.chunks] == [
        ("<cell 1>", 1, 1), (file, 1, 1), ("<cell 1>", 2, 1), ("<cell 2>", 1, 2)
    ]  # fmt: skip


def test_a_notebook_that_is_run_keeps_its_cells() -> None:
    other = notebook("%%time\nx = 1", cell("y = x / 0", "F1"), cell("check", id="F1-test"))
    code = read({"hw/a.ipynb": notebook("%run parts/b.ipynb"), "hw/parts/b.ipynb": other})
    assert [(chunk.filename, sorted(chunk.ids), sorted(chunk.checks)) for chunk in code.chunks] == [
        ("<hw/parts/b.ipynb cell 1>", [], []),
        ("<hw/parts/b.ipynb cell F1>", ["F1"], []),
        ("<hw/parts/b.ipynb cell 3>", [], ["F1"]),
    ]
    assert code.places["<hw/parts/b.ipynb cell F1>"].en == "hw/parts/b.ipynb, cell F1 (code cell 2)"
    assert code.cells["F1"].en == "hw/parts/b.ipynb, cell F1 (code cell 2)"


def test_files_that_run_each_other_are_read_once_on_each_path() -> None:
    files = {"a.ipynb": notebook("%run b.py\nx = y"), "b.py": "%run a.ipynb\n%run b.py\ny = 1\n"}
    assert run(read(files))["x"] == 1
    deep = {f"{number}.py": f"%run {number + 1}.py\nx{number} = 1\n" for number in range(9)}
    code = read(deep)
    assert sorted(name for name in run(code) if name.startswith("x")) == [f"x{n}" for n in range(6)]
    assert said(code) == [
        "5.py: '6.py' is not read, %run is nested more than 5 files deep; move the code into the file itself"
    ]


@pytest.mark.parametrize("name", ["no.py", "../outside.py", "/etc/passwd", "''"])
def test_a_file_that_is_not_there_is_told(name: str) -> None:
    code = read({"hw/a.ipynb": notebook("x = 1", f"%run {name}"), "outside.txt": ""})
    shown = name.strip("'")
    assert said(code) == [
        f"code cell 2: the file {shown!r} that %run executes was not handed in; hand it in too"
    ]


@pytest.mark.parametrize(
    "line", ["%run {name}", "%run $name.py", "%run", "%run 'a", "if x:\n    %run helper.py"]
)
def test_what_only_a_running_notebook_knows_stays_a_call(line: str) -> None:
    code = read({"a.ipynb": notebook(f"{line}\n"), "helper.py": "y = 1"})
    assert [chunk.filename for chunk in code.chunks] == ["<cell 1>"]
    assert said(code) == []


def test_broken_files_that_are_run_are_told_by_their_line() -> None:
    files = {"a.ipynb": notebook("%run b.py", "%run c.ipynb", "x = 1"), "b.py": "\n\ny = (\n", "c.ipynb": "{"}
    code = read(files)
    assert said(code) == [
        "b.py: syntax error in line 3 ('(' was never closed)",
        "'c.ipynb' is not a Jupyter notebook: the file is damaged or cut off",
    ]
    assert run(code)["x"] == 1


def test_a_file_that_is_run_again_and_again_is_limited() -> None:
    files = {"a.ipynb": notebook("%run b.py\n" * 20), "b.py": "#" * 100_000}
    with pytest.raises(Rejected, match="too much code"):
        read({"a.py": "#" * 1_000_001})
    assert any("too much code" in note for note in said(read(files)))


def test_magics_that_exporters_call() -> None:
    source = (
        "x = 1\n"
        "get_ipython().run_cell_magic('time', '', 'y = x\\nz = y / 0\\n')\n"
        "get_ipython().run_cell_magic('bash', '', 'x = 2')\n"
        "get_ipython().run_cell_magic('writefile', 'b.py', 'w = 5')\n"
        "from b import w; get_ipython().run_cell_magic('capture', '', '%run b.py'); v = w\n"
    )
    code = read({"a.py": source})
    assert [(chunk.source, chunk.filename, chunk.first_line) for chunk in code.chunks] == [
        ("x = 1\n", "a.py", 1),
        ("y = x\nz = y / 0\n", "a.py, %%time in line 2", 1),
        ("\nfrom b import w; ", "a.py", 4),
        ("w = 5\n", "b.py", 1),
        ("v = w\n", "a.py", 5),
    ]
    assert code.written == {"b.py": b"w = 5\n"}


def test_a_broken_body_of_a_called_magic_is_told() -> None:
    code = read({"a.py": "get_ipython().run_cell_magic('time', '', 'y = (')\nx = 1\n"})
    assert said(code) == ["a.py: syntax error in line 1 ('(' was never closed)"]
    assert run(code)["x"] == 1


def test_files_that_are_written() -> None:
    cells = [
        "%%writefile utils.py\nx = 1",
        "%%writefile -a utils.py\ny = 2",
        "%%file src/pairs.py\nz = 3\n",
        "%%writefile -a given.py\nb = 2",
        "%%writefile ../outside.py\nx = 1",
        "%run utils.py",
    ]
    code = read({"hw/a.ipynb": notebook(*cells), "hw/given.py": "a = 1\n"})
    assert code.written == {
        "hw/utils.py": b"x = 1\ny = 2\n",
        "hw/src/pairs.py": b"z = 3\n",
        "hw/given.py": b"a = 1\nb = 2\n",
        "outside.py": b"x = 1\n",
    }
    assert run(code).items() >= {"x": 1, "y": 2}.items()


def test_files_of_the_package_are_not_written() -> None:
    code = read({"a.ipynb": notebook("%%writefile hw_cnn/layers/convolution.py\nx = 1")})
    assert code.written == {}
    assert said(code) == [
        "code cell 1: files that %%writefile writes below hw_cnn/ are not read (hw_cnn/layers/convolution.py); "
        "hand in the file itself"
    ]


def test_two_cells_with_one_id_have_places_of_their_own() -> None:
    code = read({"a.ipynb": notebook(cell("x = 1", "F1"), cell("x = 2", "F1"))})
    assert [code.places[chunk.filename].en for chunk in code.chunks] == [
        "cell F1 (code cell 1)", "cell F1 (code cell 2)"
    ]  # fmt: skip
