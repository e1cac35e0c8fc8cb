"""The glyphs that students get are those that the script makes, of a key that no course has."""

from __future__ import annotations

import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.grading.glyphs.exam import SIZES
from tests.machines import ROOT

SCRIPT = ROOT / "scripts" / "build_glyphs.py"


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> dict[str, np.ndarray]:
    monkeypatch.setattr(sys, "path", [str(SCRIPT.parent), *sys.path])
    found: dict[str, np.ndarray] = runpy.run_path(str(SCRIPT))["arrays"]()
    return found


def test_the_file_holds_what_the_script_makes(built: dict[str, np.ndarray]) -> None:
    path: Path = ROOT / "assignments" / "seminar_cnn" / "public" / "glyphs.npz"
    with np.load(path, allow_pickle=False) as stored:
        assert (
            set(stored.files)
            == set(built)
            == {f"{name}_{part}" for name in SIZES for part in ("images", "labels")}
        )
        for name, array in built.items():
            assert (stored[name].shape, stored[name].dtype) == (array.shape, array.dtype)
            # Another processor may round a pixel in a hundred thousand to the next shade.
            assert (stored[name] != array).mean() < 1e-5


def test_the_parts_are_as_large_as_those_of_the_digits(built: dict[str, np.ndarray]) -> None:
    assert {name: built[f"{name}_images"].shape for name in SIZES} == {
        name: (count, 28, 28) for name, count in SIZES.items()
    }
    shades = np.unique(built["train_images"])
    assert len(shades) == 16
    assert shades.max() == 255
