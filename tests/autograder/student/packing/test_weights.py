"""Weights that do not fit the network are refused before they are handed in."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from tests.autograder.student.support import run, save_weights, write


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (
            "other",
            "missing features.0.bias, features.0.weight, features.3.bias, features.3.weight, head.0.bias and 5 more, "
            "not expected a\n",
        ),
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
