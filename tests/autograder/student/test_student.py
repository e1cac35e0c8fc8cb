"""`check` and `submit` as students meet them: in a bundle, with its own hw_cnn, in words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.course.assignment import Assignment, find_assignment
from autograder.course.edition import read_package
from autograder.errors import UsageError
from autograder.release.bundle import release
from autograder.release.notebook import read_notebook, write_notebook
from autograder.remote.failures import StudentError
from autograder.student import public_tests, submit, words
from autograder.student.check_cell import is_live_stub
from autograder.student.home import open_home
from autograder.student.weights import read_state
from autograder.testing import SENTENCES, Difference
from autograder.validation.solved_notebook import fill_solutions, solution_sources
from hw_cnn.models.seminar import SeminarCNN

ROOT = Path(__file__).parents[3]
SEMINAR = ROOT / "assignments" / "seminar_cnn"
RUN = "import sys\nfrom hw_cnn import cli\nsys.exit(cli.main(sys.argv[1:]))"
LIGHT = RUN.replace("sys.exit(", "code = (") + "\nassert 'torch' not in sys.modules\nsys.exit(code)"
"""For what needs no second of waiting: nothing is executed."""


@pytest.fixture(scope="session")
def seminar() -> Assignment:
    return find_assignment(str(SEMINAR))


@pytest.fixture(scope="session")
def sources(seminar: Assignment) -> dict[str, str]:
    """Task -> the reference's code for its cell."""
    return solution_sources(seminar.manifest, read_package(ROOT), seminar.edition)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An English bundle of the real assignment."""
    out = tmp_path_factory.mktemp("released") / "work"
    release(SEMINAR, out, "en")
    return out


@pytest.fixture
def bundle(released: Path, tmp_path: Path) -> Path:
    """A fresh copy of it."""
    shutil.copytree(released, tmp_path / "work")
    return tmp_path / "work"


def write(bundle: Path, sources: Mapping[str, str]) -> None:
    """Paste code into solution cells."""
    path = bundle / "seminar_cnn.ipynb"
    write_notebook(fill_solutions(read_notebook(path.read_text(encoding="utf-8")), sources), path)


def run(bundle: Path, *arguments: str, code: str = RUN) -> subprocess.CompletedProcess[str]:
    """Run Python in the bundle, with its packages."""
    command = [sys.executable, "-c", code, *arguments]
    env = {
        **os.environ,
        "PYTHONPATH": str(bundle),
        "OMP_NUM_THREADS": "1",
        "PYTEST_ADDOPTS": "-p nowhere",  # asked of other runs of pytest than ours
    }
    return subprocess.run(command, cwd=bundle, env=env, capture_output=True, text=True, check=False)


def test_check_says_what_is_missing(bundle: Path) -> None:
    done = run(bundle, "check", code=LIGHT)
    assert done.returncode == 1, done.stderr
    assert "task F1 is not written yet: conv2d (cell F1" in done.stdout
    assert "Not written yet: F1, G1, I1, K2, J1, K3." in done.stdout
    assert "Traceback" not in done.stderr


def test_check_names_places_and_failures(bundle: Path, sources: dict[str, str]) -> None:
    wrong = "def pool2d(x, kernel_size, stride=None, padding=0, mode='max'):\n    return x * 0"
    write(bundle, {"J1": sources["J1"], "G1": wrong, "F1": "def conv2d(x, w:\n    pass"})
    (bundle / "solution.py").write_text(
        "def conv2d(x, weight, bias=None, stride=1, padding=0):\n    return 1 / 0\n"
    )
    done = run(bundle, "check")
    assert done.returncode == 1, done.stderr
    assert "J1: all public tests pass" in done.stdout
    assert "used: topk_error, cell J1" in done.stdout
    assert "G1: 3 of 3 public tests fail" in done.stdout
    assert "syntax error in line" in done.stdout
    assert "taken instead: solution.py" in done.stdout
    assert "your code stopped with ZeroDivisionError" in done.stdout
    assert 'File "solution.py", line 2, in conv2d' in done.stdout
    assert "autograder/" not in done.stdout


def test_check_takes_a_folder_and_package_files(bundle: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "hw_cnn").mkdir(parents=True)
    (other / "hw_cnn" / "metrics.py").write_bytes((ROOT / "hw_cnn" / "metrics.py").read_bytes())
    (other / "solution.py").write_text("print('never')\n")
    done = run(bundle, "check", str(other))
    assert "never" not in done.stdout
    assert "used: topk_error, hw_cnn/metrics.py" in done.stdout


@pytest.mark.parametrize("arguments", [("a", "b"), ("--fast",), ("nowhere",)])
@pytest.mark.parametrize("command", ["check", "submit"])
def test_wrong_usage(bundle: Path, command: str, arguments: tuple[str, ...]) -> None:
    done = run(bundle, command, *arguments, code=LIGHT)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert "hw-cnn" in done.stderr or "nowhere" in done.stderr


def test_another_edition_is_refused(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # This process imports the reference, which is not the bundle's library.
    with pytest.raises(UsageError, match=r"edition reference.*edition seminar_cnn-.*pip install -e"):
        open_home(bundle)
    monkeypatch.chdir("/")
    with pytest.raises(UsageError, match="assignment"):
        open_home(Path("/"))


KERNEL = """
import hw_cnn

def attempt(task):
    try:
        hw_cnn.check(task)
        print("RETURNED", task)
    except AssertionError as error:
        print("ASSERTION", error)

attempt("G1")
exec(SOURCE)
good = pool2d
attempt("G1")
def pool2d(*a, **k): return good(*a, **k) + 1
attempt("G1")
def pool2d(*a, **k): raise NotImplementedError("task G1")
attempt("G1")
from hw_cnn.layers import pooling
try:
    pooling.pool2d(1, 2)
except NotImplementedError:
    print("RESTORED")
"""


def test_check_in_a_kernel(bundle: Path, sources: dict[str, str]) -> None:
    done = run(bundle, code=f"SOURCE = {sources['G1']!r}\n{KERNEL}")
    assert done.returncode == 0, done.stderr
    results = [line for line in done.stdout.split("\n") if line.startswith(("RET", "ASS", "RES"))]
    assert results == [
        "ASSERTION G1: not written yet",
        "RETURNED G1",
        "ASSERTION G1: not everything passes, details above",
        "ASSERTION G1: not written yet",
        "RESTORED",
    ]
    assert "used: pool2d, from this notebook" in done.stdout
    assert "used: pool2d, from the file hw_cnn/layers/pooling.py" in done.stdout
    assert "maximum of 2x2 windows: wrong values" in done.stdout


def test_an_unknown_task_is_named(bundle: Path) -> None:
    done = run(bundle, code="import hw_cnn\nhw_cnn.check('Z9')")
    assert "there is no task 'Z9'" in done.stderr


def save_weights(bundle: Path, kind: str) -> None:
    """What a student's training could have left: the network's weights, or something else."""
    state: dict[str, Any] = dict(SeminarCNN().state_dict())
    if kind == "lightning":
        inner = {f"model.{key}": value.double() for key, value in state.items()}
        state = {"state_dict": inner, "epoch": 3}
    elif kind == "other":
        state = {"a": torch.zeros(2)}
    elif kind == "shape":
        state = {key: value[..., :1] for key, value in state.items()}
    elif kind == "object":
        state = {"hparams": print}
    torch.save(state, bundle / "model.ckpt")


@pytest.mark.parametrize("kind", ["plain", "lightning"])
def test_submit_packs_what_the_grader_reads(bundle: Path, sources: dict[str, str], kind: str) -> None:
    write(bundle, {"I1": sources["I1"]})
    (bundle / "hw_cnn" / "metrics.py").write_bytes((ROOT / "hw_cnn" / "metrics.py").read_bytes())
    (bundle / "notes.txt").write_text("mine")
    save_weights(bundle, kind)
    before = {
        path: path.read_bytes()
        for path in bundle.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    done = run(bundle, "submit")
    assert done.returncode == 0, done.stderr
    data = (bundle / "seminar_cnn.zip").read_bytes()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.namelist() == ["hw_cnn/metrics.py", "model.safetensors", "seminar_cnn.ipynb"]
        state = read_state(archive.read("model.safetensors"), "model.safetensors", "en")
    assert sum(value.numel() for value in state.values()) == 44_426
    assert all(value.dtype == torch.float32 for value in state.values())
    for words_ in (
        "sha256",
        "I1  SeminarCNN: cell I1",
        "J1  topk_error: hw_cnn/metrics.py",
        "weights checked",
    ):
        assert words_ in done.stdout
    assert all(path.read_bytes() == content for path, content in before.items())
    assert run(bundle, "submit").returncode == 0
    assert (bundle / "seminar_cnn.zip").read_bytes() == data


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("other", "missing features.0.bias"),
        ("shape", "shape ("),
        ("object", "cannot be read"),
    ],
)
def test_submit_refuses_weights_that_do_not_fit(
    bundle: Path, sources: dict[str, str], kind: str, sentence: str
) -> None:
    write(bundle, {"I1": sources["I1"]})
    save_weights(bundle, kind)
    done = run(bundle, "submit")
    assert done.returncode == 1
    assert sentence in done.stderr
    assert "Traceback" not in done.stderr
    assert not (bundle / "seminar_cnn.zip").exists()


def test_submit_refuses_weights_without_a_network(bundle: Path) -> None:
    (bundle / "model.safetensors").write_bytes(b"")
    done = run(bundle, "submit")
    assert done.returncode == 1
    assert "model.safetensors cannot be read" in done.stderr
    torch.save({"a": torch.zeros(1)}, bundle / "model.ckpt")
    (bundle / "model.safetensors").unlink()
    done = run(bundle, "submit")
    assert done.returncode == 1
    assert "SeminarCNN cannot be made" in done.stderr


def test_submit_does_not_replace_another_archive(bundle: Path) -> None:
    assert run(bundle, "submit", code=LIGHT).returncode == 0
    (bundle / "seminar_cnn.zip").write_bytes(b"the homework itself")
    done = run(bundle, "submit", code=LIGHT)
    assert done.returncode == 1
    assert "was not made by this command" in done.stderr
    assert (bundle / "seminar_cnn.zip").read_bytes() == b"the homework itself"


def test_submit_refuses_what_the_grader_would_reject(bundle: Path) -> None:
    (bundle / "seminar_cnn.ipynb").write_text("{")
    done = run(bundle, "submit", code=LIGHT)
    assert done.returncode == 1
    assert "not a Jupyter notebook" in done.stderr


def test_archives_have_no_time_stamps() -> None:
    assert submit.zip_bytes({"b": b"1", "a": b"2"}) == submit.zip_bytes({"a": b"2", "b": b"1"})


def stub(x: int) -> int:
    raise NotImplementedError("task F1")


def work(x: int) -> int:
    if x:
        raise NotImplementedError("negative numbers")
    return len([x])


class Half:
    """One method written, one not."""

    def one(self) -> int:
        raise NotImplementedError("task A")

    def two(self) -> int:
        return len("x")


class Heir(Half):
    """Writes what was missing."""

    def one(self) -> int:
        return len("y")


@pytest.mark.parametrize(
    ("value", "methods", "expected"),
    [
        (stub, set(), True),
        (work, set(), False),
        (Half, {"one"}, True),
        (Half, {"two"}, False),
        (Half, {"one", "two"}, False),
        (Half, set(), False),
        (Heir, {"one"}, False),
        (len, set(), False),
        (3, set(), False),
    ],
)
def test_live_stubs(value: object, methods: set[str], expected: bool) -> None:
    assert is_live_stub(value, methods) is expected


def test_the_report_does_not_repeat_itself() -> None:
    outcomes = [
        public_tests.PublicOutcome("a", None),
        public_tests.PublicOutcome("b", "why\nnot"),
        public_tests.PublicOutcome("c", "why\nnot"),
    ]
    lines = public_tests.report("F1", outcomes, "used: f", "en")
    assert lines[0] == "F1: 2 of 3 public tests fail"
    assert lines[-3:] == ["  - c: failed", "      the same", "  used: f"]
    assert lines.count("      why") == 1


def test_a_difference_is_told_in_the_language_of_the_course() -> None:
    difference = Difference("values", "карта / map")
    assert public_tests.explain(difference, "ru") == ("карта: неверные значения", False)
    assert public_tests.explain(difference, "en") == ("map: wrong values", False)


def test_unwritten_code_is_recognised() -> None:
    assert public_tests.explain(StudentError("NotImplementedError: task F1", "NotImplementedError"), "en")[1]
    assert not public_tests.explain(StudentError("ValueError: x", "ValueError"), "en")[1]
    assert public_tests.explain(AssertionError("first\nassert 1 == 2"), "en") == ("first", False)


def test_every_sentence_has_the_same_blanks_in_both_languages() -> None:
    texts = [value for value in vars(words).values() if isinstance(value, words.Text)]
    assert len(texts) > 25
    for text in [*texts, *SENTENCES.values()]:
        blanks = [{part.split("}")[0] for part in side.split("{")[1:]} for side in (text.ru, text.en)]
        assert blanks[0] == blanks[1]


@pytest.mark.slow
def test_the_reference_passes_its_public_tests(bundle: Path, sources: dict[str, str]) -> None:
    write(bundle, sources)
    done = run(bundle, "check")
    assert done.returncode == 0, done.stdout + done.stderr
    notebook = json.loads((bundle / "seminar_cnn.ipynb").read_text(encoding="utf-8"))
    assert f"Complete: {len(sources)} of {len(sources)} tasks." in done.stdout
    assert notebook["cells"]
