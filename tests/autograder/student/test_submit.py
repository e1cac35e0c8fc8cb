"""`hw-cnn submit` packs what the grader reads, and refuses what it would reject."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import torch

from autograder.student import submit
from autograder.student.weights import read_state
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
