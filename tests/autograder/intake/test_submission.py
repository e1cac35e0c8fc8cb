"""From what a student hands in to the code of every task: precedence, slices, real uploads."""

from __future__ import annotations

import sys
import types
import zipfile
from pathlib import Path

import pytest

from autograder.course.manifest import Manifest
from autograder.intake.students import Upload
from autograder.intake.submission import read_submission
from autograder.intake.uploads.rejection import Rejected
from autograder.text import Text
from tests.autograder.intake_support import (
    CLASS_STUB,
    EDITION,
    STUB,
    cell,
    hand_in,
    kinds,
    manifest,
    notebook,
    read,
    run,
)


def test_precedence_cell_notebook_solution_package(tmp_path: Path) -> None:
    files = {
        "small.ipynb": notebook(
            cell("def conv(x):\n    return 'cell'", "F1"),
            "def conv(x):\n    return 'later'",
            "def pool(x): return 'n'",
        ),
        "solution.py": "def pool(x): return 's'\nclass Net:\n    def fit(self): return 's'\n",
        "hw_cnn/one.py": "def conv(x): return 'p'\n",
    }
    found = read(hand_in(tmp_path, files))
    assert kinds(found) == {"F1": "cell", "G1": "notebook", "K2": "solution.py"}
    bound = run(found)
    assert bound["conv"](0) == "cell"
    assert bound["pool"](0) == "n"
    assert bound["Net"]().fit() == "s"
    assert [source.where for source in found.sources] == [
        "cell F1 (code cell 1)",
        "code cell 3",
        "solution.py",
    ]
    assert any("defined again" in note.en for note in found.notes)


@pytest.mark.parametrize(
    "source",
    [
        "import hw_cnn.one\nhw_cnn.one.conv = lambda x: 5",
        "from hw_cnn import one\none.conv = lambda x: 5",
        "import hw_cnn.one as o\no.conv = lambda x: 5",
    ],
)
def test_a_symbol_set_on_its_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    package, module = types.ModuleType("hw_cnn"), types.ModuleType("hw_cnn.one")
    package.one = module
    monkeypatch.setitem(sys.modules, "hw_cnn", package)
    monkeypatch.setitem(sys.modules, "hw_cnn.one", module)
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(source)}))
    assert kinds(found)["F1"] == "notebook"
    assert run(found)["conv"](0) == 5


def test_handing_a_stub_over_to_the_library_does_not_replace_work(tmp_path: Path) -> None:
    given = "from hw_cnn import one, two\none.conv, two.Net = conv, Net"
    uses = cell("def pool(x): return one.conv(x)", "G1")
    cells = [cell(STUB.format("conv", "F1"), "F1"), cell(CLASS_STUB, "K2"), given, uses]
    files = {"small.ipynb": notebook(*cells), "hw_cnn/one.py": "def conv(x): return 4\n"}
    found = read(hand_in(tmp_path, files))
    assert kinds(found) == {"F1": "package", "G1": "cell", "K2": "missing"}
    sources = [statement.source for statement in found.statements]
    assert sources == ["from hw_cnn import one", "def pool(x): return one.conv(x)"]


def test_nothing_else_runs(tmp_path: Path) -> None:
    cells = [
        "%matplotlib inline\nimport math as m\n!pip install torch\nraise SystemExit",
        cell("SCALE = 1\n\ndef conv(x):\n    return m.floor(x) * SCALE", "F1"),
        "while True: pass",
        "%%time\nSCALE = 2",
        "%%bash\nexit 1",
        "plt.plot(",
        "SCALE += 1\nhistory = conv(3)\nx = ?",
        "%time pool = lambda x: conv(x)",
    ]
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(*cells)}))
    assert run(found)["pool"](2.5) == 4
    assert [note.en.split(":")[0] for note in found.notes] == ["code cell 6", "code cell 7"]


def test_a_broken_solution_cell_says_so(tmp_path: Path) -> None:
    cells = [cell("def conv(x):\n    return (x", "F1")]
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(*cells), "solution.py": "def pool(x): return 1"}))
    source = found.sources[0]
    assert source.kind == "missing"
    assert source.problem is not None
    assert "line 2" in source.problem.en
    assert "строке 2" in source.problem.ru
    assert source.place.en == "cannot be read"
    assert [found.sources[1].place, found.sources[2].place.en] == [
        Text(ru="solution.py", en="solution.py"), "not written",
    ]  # fmt: skip
    files = {"small.ipynb": notebook(*cells), "solution.py": "def conv(x): return 1"}
    taken = read(hand_in(tmp_path / "b", files)).sources[0]
    assert taken.kind == "solution.py"
    assert taken.problem is not None
    assert "taken instead" in taken.problem.en


def test_unwritten_tasks_name_their_place(tmp_path: Path) -> None:
    found = read(hand_in(tmp_path, {"small.ipynb": notebook(cell(STUB.format("conv", "F1"), "F1"))}))
    texts = [source.problem.en for source in found.sources if source.problem]
    assert texts[0] == "task F1 is not written yet: conv (cell F1 (code cell 1))"
    assert texts[1] == "task G1 is not written yet: pool (hw_cnn/two.py)"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("", {"conv": "conv, swap", "swap": "conv, swap"}),
        ("def conv(x): return x", {"swap": "swap"}),
        ("def swap(x): return x", {"conv": "conv"}),
    ],
)
def test_all_that_is_unwritten_of_a_task_is_named(
    tmp_path: Path, written: str, named: dict[str, str]
) -> None:
    tasks = manifest().model_dump(by_alias=True)
    tasks["tasks"] = [{**tasks["tasks"][0], "symbols": ["hw_cnn.one:conv", "hw_cnn.one:swap"]}]
    edition = {
        **EDITION,
        "hw_cnn/one.py": (STUB.format("conv", "F1") + "\n\n" + STUB.format("swap", "F1")).encode(),
    }
    stub = cell(edition["hw_cnn/one.py"].decode(), "F1")
    path = hand_in(tmp_path, {"small.ipynb": notebook(stub, written)})
    found = read_submission(Upload("s", path), Manifest.model_validate(tasks), edition)
    said = {source.symbol.name: source.problem.en for source in found.sources if source.problem}
    assert said == {
        name: f"task F1 is not written yet: {names} (cell F1 (code cell 1))" for name, names in named.items()
    }


def test_package_files(tmp_path: Path) -> None:
    crlf = EDITION["hw_cnn/one.py"].replace(b"\n", b"\r\n")
    changed = EDITION["hw_cnn/two.py"].replace(b'raise NotImplementedError("task G1")', b"return 3")
    found = read(hand_in(tmp_path, {"hw_cnn/one.py": crlf, "hw_cnn/two.py": changed}))
    assert kinds(found) == {"F1": "missing", "G1": "package", "K2": "missing"}
    assert dict(found.package) == {"hw_cnn/two.py": changed}


def test_a_package_file_that_lacks_one_task_counts_for_the_others(tmp_path: Path) -> None:
    """Whoever deletes the stub of one task loses no other task of the same file."""
    only_pool = "def pool(x):\n    return 3\n"
    found = read(hand_in(tmp_path, {"hw_cnn/two.py": only_pool}))
    assert kinds(found) == {"F1": "missing", "G1": "package", "K2": "missing"}
    module = types.ModuleType("two")
    exec(found.package["hw_cnn/two.py"], module.__dict__)
    assert module.pool(1) == 3
    with pytest.raises(NotImplementedError, match=r"^task K2$"):
        module.Net(1)


def test_a_package_file_without_any_task_is_no_solution(tmp_path: Path) -> None:
    found = read(
        hand_in(tmp_path, {"hw_cnn/one.py": "def conv(x):\n    return x\n", "hw_cnn/two.py": "X = 1\n"})
    )
    assert set(found.package) == {"hw_cnn/one.py"}


def test_a_broken_package_file_is_left_out(tmp_path: Path) -> None:
    found = read(
        hand_in(tmp_path, {"hw_cnn/one.py": "def conv(x:\n", "hw_cnn/two.py": EDITION["hw_cnn/two.py"]})
    )
    assert not found.package
    assert found.sources[0].problem is not None
    assert "hw_cnn/one.py: syntax error in line 1" in found.sources[0].problem.en


def test_a_notebook_may_use_solution_py(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {
        "small.ipynb": notebook("from solution import helper", cell("def conv(x): return helper(x)", "F1")),
        "solution.py": "K = 2\n\ndef helper(x): return K * x\n\ndef pool(x): return 1\n\nprint('no')\n",
    }
    found = read(hand_in(tmp_path, files))
    solution = types.ModuleType("solution")
    monkeypatch.setitem(sys.modules, "solution", solution)
    for statement in found.statements:
        if statement.namespace == "solution":
            exec(statement.source, solution.__dict__)
    assert solution.helper(4) == 8
    assert not any("print" in statement.source for statement in found.statements)


def test_a_notebook_may_write_solution_py(tmp_path: Path) -> None:
    cells = ["%%writefile solution.py\ndef conv(x): return 5", "from solution import conv"]
    found = read(hand_in(tmp_path, {"hw/small.ipynb": notebook(*cells), "data.csv": "1"}))
    assert (kinds(found)["F1"], run(found)["conv"](0)) == ("solution.py", 5)


def test_a_broken_cell_without_an_id_is_told_by_what_it_was_to_define(tmp_path: Path) -> None:
    files = {"small.ipynb": notebook("x = (", "def conv(x):\n    return (x", "def pool(x): return 1")}
    found = read(hand_in(tmp_path, files))
    problems = [source.problem.en for source in found.sources if source.problem]
    assert problems == [
        "code cell 2: syntax error in line 2 ('(' was never closed)",
        "task K2 is not written yet: Net (hw_cnn/two.py)",
    ]


def test_a_broken_cell_of_a_script_costs_itself_only(tmp_path: Path) -> None:
    script = "# %%\ndef conv(x): return 1\n\n# %%\ndef pool(x):\n    return (x\n"
    found = read(hand_in(tmp_path, {"hw/solution.py": script, "a.csv": "1"}))
    assert run(found)["conv"](0) == 1
    assert found.sources[1].problem is not None
    assert found.sources[1].problem.en.startswith("hw/solution.py: syntax error in line 6")


def test_main_guard_of_solution_py_does_not_run(tmp_path: Path) -> None:
    source = "def conv(x): return 1\nif __name__ == '__main__':\n    conv = None\n"
    assert run(read(hand_in(tmp_path, {"solution.py": source})))["conv"](0) == 1


def test_first_lines_point_into_the_file(tmp_path: Path) -> None:
    found = read(hand_in(tmp_path, {"solution.py": "# one\n\ndef conv(x):\n    return 1 / 0\n"}))
    with pytest.raises(ZeroDivisionError) as caught:
        run(found)["conv"](0)
    assert caught.traceback[-1].lineno + 1 == 4
    assert str(caught.traceback[-1].frame.code.raw.co_filename) == "solution.py"


def test_the_digest_covers_what_counts_and_nothing_else(tmp_path: Path) -> None:
    hand_in(tmp_path, {"solution.py": "def conv(x): return 1\n"})
    first = read(tmp_path).digest
    hand_in(tmp_path, {"README.md": b"x", ".ipynb_checkpoints/small-checkpoint.ipynb": b"{", "a.so": b"x"})
    assert read(tmp_path).digest == first
    for files in ({"pairs.py": "x = 1"}, {"config.json": "{}"}, {"solution.py": "def conv(x): return 2\n"}):
        hand_in(tmp_path, files)
        assert read(tmp_path).digest != first
        first = read(tmp_path).digest


@pytest.mark.parametrize("code", ["x = 1\n" * 30_000, "x = '" + "a" * 1_000_001 + "'"])
def test_endless_code_is_refused(tmp_path: Path, code: str) -> None:
    with pytest.raises(Rejected, match=r"too much code|larger than"):
        read(hand_in(tmp_path, {"solution.py": code}))


def test_a_folder_that_holds_only_the_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "small.zip", "w") as archive:
        archive.writestr("small/solution.py", "def conv(x): return 4")
    assert run(read(tmp_path))["conv"](0) == 4


def test_the_homework_as_it_was_handed_out_is_told(tmp_path: Path) -> None:
    stub = notebook(cell(STUB.format("conv", "F1"), "F1"))
    (note,) = read(hand_in(tmp_path / "a", {"small.ipynb": stub})).notes
    assert note.en.startswith("no task is written in small.ipynb; if it is the file that was handed out")
    assert not read(hand_in(tmp_path / "b", {"small.ipynb": notebook("def conv(x): return 1")})).notes
    helped = read(hand_in(tmp_path / "c", {"small.ipynb": stub, "solution.py": "def pool(x): return 1"}))
    assert not any("handed out" in note.en for note in helped.notes)
