"""What figures of the notebook of convolution show, as numbers; the reference stands in place of the tasks."""

from __future__ import annotations

import importlib
from typing import Any

import matplotlib
import matplotlib.pyplot as plt
import pytest
import torch

from autograder.course.manifest import load_manifest
from autograder.release.one_language import in_language
from tests.assignments.support import COURSE, cells

matplotlib.use("Agg")
pytestmark = [
    pytest.mark.nightly,
    # matplotlib turns tensors into arrays in a way that NumPy is about to give up.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning"),
]
FOLDER = COURSE / "convolution"
MANIFEST = load_manifest(FOLDER)


def after(task: str) -> dict[str, Any]:
    """The namespace after the head of the notebook and the code cells that follow `task`."""
    found: dict[str, Any] = {"__name__": "notebook"}
    current = ""
    for header, text in cells((FOLDER / "handout.py").read_text(encoding="utf-8")):
        if header.startswith("task="):
            current = header.split('"')[1]
            if current == task:
                for symbol in MANIFEST.task(task).tops:
                    found[symbol.name] = getattr(importlib.import_module(symbol.module), symbol.name)
        elif not header.startswith("[markdown]") and 'lang="ru"' not in header and current in ("", task):
            exec(in_language(text, "en", header), found)
            plt.close("all")
    return found


def test_more_pooling_leaves_less_of_a_shift() -> None:
    space = after("G3")
    for shift in (1, 2):
        pairs = [
            space["pool_report"](space["report_maps"][0], space["report_maps"][shift], size)
            for size in space["report_windows"].values()
        ]
        ratios, cosines = zip(*pairs, strict=True)
        assert ratios == (1, 1 / 4, 1 / 16, 1 / 1024)
        assert list(cosines) == sorted(cosines)
        assert cosines[0] < 0.9
        assert cosines[-1] == pytest.approx(1, abs=1e-5)


def test_the_gradient_finds_the_fields_of_lenet() -> None:
    space = after("G4")
    found = []
    for depth in range(1, 6):
        part = space["field_net"][:depth]
        size = part(space["field_digit"][None]).shape[2:]
        rows, columns = space["input_support"](part, space["field_digit"], (size[0] // 2, size[1] // 2))
        assert len(rows) == len(columns)
        found.append(len(rows))
    assert found == [5, 6, 14, 16, 32]
    assert found == [field for field, _ in space["receptive_field"](space["field_layers"]["LeNet-5"])]
    assert [space["receptive_field"](space["field_layers"][name])[-1] for name in ("AlexNet", "VGG-16")] == [
        (195, 32),
        (212, 32),
    ]


def test_training_digits_come_anew_and_validation_digits_stay() -> None:
    space = after("K1")
    first, second, stays, again = space["module_rows"]
    assert not torch.equal(first, second)
    assert torch.equal(stays, again)
    train, val = (counts.double() for counts in space["module_counts"])
    assert float((val / (train + val) - 1 / 6).abs().max()) < 0.002
