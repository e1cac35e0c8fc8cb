"""`hw-cnn submit` packs what the grader reads, and refuses what it would reject."""

from __future__ import annotations

import os
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import torch

from autograder.student.packing.archive import zip_bytes
from autograder.student.packing.weights import read_state
from tests.autograder.student.support import LIGHT, ROOT, run, save_weights, write


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
        assert archive.namelist() == [
            "hw_cnn/metrics.py",
            "model.safetensors",
            "notes.txt",
            "seminar_cnn.ipynb",
        ]
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


def test_submit_does_not_replace_another_archive(bundle: Path) -> None:
    assert run(bundle, "submit", "--anyway", code=LIGHT).returncode == 0
    (bundle / "seminar_cnn.zip").write_bytes(b"the homework itself")
    done = run(bundle, "submit", "--anyway", code=LIGHT)
    assert done.returncode == 1
    assert "was not made by this command" in done.stderr
    assert (bundle / "seminar_cnn.zip").read_bytes() == b"the homework itself"


def test_an_empty_notebook_is_not_packed_unasked(bundle: Path) -> None:
    done = run(bundle, "submit", code=LIGHT)
    assert done.returncode == 1
    assert "Not one task is written in seminar_cnn.ipynb." in done.stderr
    assert "--anyway" in done.stderr
    assert not (bundle / "seminar_cnn.zip").exists()
    done = run(bundle, "submit", "--anyway", code=LIGHT)
    assert done.returncode == 0
    assert "  ! not written: B1, C1, D2, F1, F5, D4, D5, G1, G2, I1, K2, J1, K3, X1, X2, W" in done.stdout
    assert "\n  task F1 is not written yet: conv2d (cell F1 (code cell " in done.stdout
    assert (bundle / "seminar_cnn.zip").exists()


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no terminals to open")
@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("", 1), ("n", 1)])
def test_at_a_terminal_it_asks(bundle: Path, answer: str, code: int) -> None:
    ours, theirs = os.openpty()
    try:
        os.write(ours, f"{answer}\n".encode())
        done = run(bundle, "submit", code=LIGHT, stdin=theirs)
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == code
    assert "Pack it anyway? [y/N]" in done.stdout
    assert (bundle / "seminar_cnn.zip").exists() is (code == 0)


def test_submit_refuses_what_the_grader_would_reject(bundle: Path) -> None:
    (bundle / "seminar_cnn.ipynb").write_text("{")
    done = run(bundle, "submit", code=LIGHT)
    assert done.returncode == 1
    assert "not a Jupyter notebook" in done.stderr


def test_what_leans_on_this_machine_is_not_packed_unasked(bundle: Path, sources: dict[str, str]) -> None:
    outside = bundle.parent / "outside" / "only_here"
    outside.mkdir(parents=True)
    (outside / "__init__.py").write_text("TWO = 2\n")
    work = sources["J1"].replace("    return", "    import only_here\n    assert only_here.TWO\n    return")
    write(bundle, {"J1": work, "I1": sources["I1"]})
    done = run(bundle, "submit", path=(outside.parent,))
    assert done.returncode == 1, done.stdout
    assert "The public tests of J1 pass in the folder and fail as packed" in done.stderr
    assert not (bundle / "seminar_cnn.zip").exists()
    done = run(bundle, "submit", "--anyway", path=(outside.parent,))
    assert done.returncode == 0, done.stderr
    assert "No module named 'only_here'\n" in done.stderr
    assert done.stderr.count("the grader has ") == 1
    assert "  ! not all public tests pass: J1" in done.stdout
    assert "I1  SeminarCNN: cell I1 (code cell 36); public tests: 6 of 6" in done.stdout


def test_a_file_that_only_this_machine_has_is_not_found(bundle: Path, sources: dict[str, str]) -> None:
    outside = bundle.parent / "elsewhere" / "two.txt"
    outside.parent.mkdir()
    outside.write_text("2")
    (bundle / "beside.txt").write_text("2")
    reads = f"    assert open({str(outside)!r}).read() == '2'\n    return"
    made = "    import tempfile\n    open(tempfile.mkstemp()[1]).close()\n"
    write(bundle, {"J1": sources["J1"].replace("    return", reads), "I1": sources["I1"]})
    done = run(bundle, "submit")
    assert done.returncode == 1, done.stdout
    assert "The public tests of J1 pass in the folder and fail as packed" in done.stderr
    assert f"FileNotFoundError: [Errno 2] No such file or directory: {str(outside)!r}" in done.stderr
    assert "FileNotFoundError" in run(bundle, "check", "J1").stdout
    inside = f"{made}    assert open('beside.txt').read() == '2'\n    return"
    write(bundle, {"J1": sources["J1"].replace("    return", inside)})
    done = run(bundle, "submit")
    assert done.returncode == 0, done.stderr


def test_a_module_beside_the_work_is_found_where_it_was_unpacked(
    bundle: Path, sources: dict[str, str]
) -> None:
    (bundle / "beside.py").write_text("from pathlib import Path\nTWO = 2\nWHERE = Path(__file__).resolve()\n")
    elsewhere = f"str(beside.WHERE) != {str(bundle / 'beside.py')!r}"
    work = sources["J1"].replace(
        "    return", f"    import beside\n    assert beside.TWO == 2 and {elsewhere}\n    return"
    )
    write(bundle, {"J1": work})
    for command in (["check", "J1"], ["submit"]):
        done = run(bundle, *command)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_libraries_on_another_path_import_what_they_like(
    bundle: Path, sources: dict[str, str], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.symlink_to(Path(torch.__file__).parents[1], target_is_directory=True)
    write(bundle, {"K2": sources["K2"]})
    done = run(bundle, "check", "K2", path=(elsewhere,))
    assert done.returncode == 0, done.stdout


def test_the_receipt_warns(bundle: Path, sources: dict[str, str]) -> None:
    gpu = sources["K3"].replace(
        "    seed_everything(", "    torch.zeros(1).cuda\n    'cuda:0'\n    seed_everything(", 1
    )
    write(bundle, {"I1": sources["I1"], "J1": sources["J1"].replace("{k:", "{k + 1:"), "K3": gpu})
    done = run(bundle, "submit")
    assert done.returncode == 0, done.stderr
    mind = done.stdout.split("Mind:\n")[1]
    assert "! not all public tests pass: J1" in mind
    assert "! not written: B1, C1, D2, F1, F5, D4, D5, G1, G2, K2" in mind
    assert "! there are no weights" in mind
    assert "the code needs a GPU" in mind
    assert "J1 ... public tests: 0 of 5" in done.stderr


def test_archives_hold_the_times_of_the_files_and_no_other() -> None:
    files, times = {"b": b"1", "a": b"2"}, {"a": 1.7e9}
    data = zip_bytes(files, times)
    assert data == zip_bytes(dict(reversed(files.items())), times)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert [item.date_time for item in archive.infolist()] == [
            (2023, 11, 14, 22, 13, 20),
            (1980, 1, 1, 0, 0, 0),
        ]
