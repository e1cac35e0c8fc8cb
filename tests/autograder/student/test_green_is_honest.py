"""What `check` calls right: common mistakes fail in every task, right solutions pass, however they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.public import load_public
from tests.autograder.student.support import SEMINAR, run, write

OPEN = "Open tests: "
# One mistake that the handout warns of in each task, two sets of them.
MISTAKES = [
    ("f1_padding_pair_swapped", "g1_ceil_mode", "i1_softmax", "k2_softmax", "j1_no_value_error"),
    ("f1_float32", "g1_pair_swapped", "i1_mean_pooling", "k2_sgd", "j1_default_ks"),
]
SINGLE_PRECISION = """
def conv2d(x, weight, bias=None, stride=1, padding=0):
    py, px = (padding, padding) if isinstance(padding, int) else padding
    sy, sx = (stride, stride) if isinstance(stride, int) else stride
    frame = torch.nn.functional.pad(x, (px, px, py, py))
    h, w = frame.shape[-2:]
    product = torch.fft.fft2(frame)[:, None] * torch.fft.fft2(weight, s=(h, w)).conj()
    maps = torch.fft.ifft2(product.sum(2)).real
    maps = maps[..., : h - weight.shape[2] + 1 : sy, : w - weight.shape[3] + 1 : sx]
    return maps if bias is None else maps + bias.view(-1, 1, 1)
"""


def solved(sources: dict[str, str], *variants: str) -> dict[str, str]:
    """The reference's cells of the variants' tasks, each followed by its variant."""
    tasks = [name.partition("_")[0].upper() for name in variants]
    files = [(SEMINAR / "wrong" / f"{name}.py").read_text(encoding="utf-8") for name in variants]
    cells = {}
    for task, text in zip(tasks, files, strict=True):
        # In a notebook the class stands in the cell, and needs no package.
        own = text.replace("from hw_cnn import classifier\n", "").replace(
            "classifier.Classifier", "Classifier"
        )
        cells[task] = f"{sources[task]}\n\n{own}"
    return cells


@pytest.mark.slow
@pytest.mark.parametrize("mistakes", MISTAKES)
def test_one_mistake_in_each_task_is_never_green(
    bundle: Path, sources: dict[str, str], mistakes: tuple[str, ...]
) -> None:
    write(bundle, solved(sources, *mistakes))
    done = run(bundle, "check", "F1", "G1", "I1", "K2", "J1")
    assert done.returncode == 1, done.stderr
    assert "all public tests pass" not in done.stdout
    for task in ("F1", "G1", "I1", "K2", "J1"):
        assert (
            f"{task}: 1 of " in done.stdout
            or f"{task}: 2 of " in done.stdout
            or f"{task}: 3 of " in done.stdout
        )
    assert "Complete: 0 of 5 tasks." in done.stdout


def test_a_fourier_transform_is_right(bundle: Path) -> None:
    write(bundle, {"F1": f"import torch\n{SINGLE_PRECISION}"})
    done = run(bundle, "check", "F1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "F1: all public tests pass" in done.stdout


def test_the_last_line_says_what_open_tests_are_worth(bundle: Path, sources: dict[str, str]) -> None:
    tasks = {task.id: task for task in load_public(bundle).tasks if not task.rows}
    known = {name: task.open_points for name, task in tasks.items()}
    assert all(value is not None for value in known.values())
    write(bundle, {"J1": sources["J1"]})
    lines = run(bundle, "check").stdout.strip().split("\n")
    total = sum(task.points for task in tasks.values())
    bonus = sum(task.points for task in tasks.values() if task.bonus)
    worth = (
        f"{sum(filter(None, known.values())):g} of {total:g} points (a bonus of {bonus:g} is part of it); "
    )
    assert lines[-1].startswith(f"{OPEN}{worth}")
    # A kernel says it of the one task, whether it passes or not.
    for code in (sources["J1"], "def topk_error(*a, **k): return {}"):
        done = run(bundle, code=f"{code}\nimport hw_cnn\nhw_cnn.check('J1')")
        assert (
            done.stdout.strip()
            .split("\n")[-1]
            .startswith(f"{OPEN}{known['J1']:g} of {tasks['J1'].points:g} ")
        )


def test_the_receipt_says_it_too(bundle: Path, sources: dict[str, str]) -> None:
    write(bundle, {"J1": sources["J1"]})
    done = run(bundle, "submit", "--anyway")
    assert done.returncode == 0, done.stderr
    assert f"\n  {OPEN}" in done.stdout


def test_a_bundle_tells_sums_alone(bundle: Path) -> None:
    text = (bundle / "assignment.json").read_text(encoding="utf-8")
    assert '"open_points"' in text
    assert "open_tests" not in text
    assert not (bundle / "open_tests.json").exists()
