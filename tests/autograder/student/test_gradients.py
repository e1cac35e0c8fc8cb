"""What `check` says of a gradient that does not arrive, in an edition of each language: nothing of a missing return."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.release.bundle import release
from autograder.text import Lang
from tests.autograder.student.support import SEMINAR, run, write

WITHOUT_GRAPH = """
import torch

def conv1d_lecture(signal, kernel):
    if len(kernel) % 2 == 0 or len(kernel) > len(signal):
        raise ValueError("no place for the kernel")
    windows = signal.unfold(0, len(kernel), 1)
    return (windows * kernel.flip(0)).sum(1).detach()
"""
WITHOUT_BIAS = """
import torch

def conv2d(x, weight, bias=None, stride=1, padding=0):
    py, px = (padding, padding) if isinstance(padding, int) else padding
    sy, sx = (stride, stride) if isinstance(stride, int) else stride
    x = torch.nn.functional.pad(x, (px, px, py, py))
    windows = x.unfold(2, weight.shape[2], sy).unfold(3, weight.shape[3], sx)
    maps = torch.einsum("nchwij,ocij->nohw", windows, weight)
    return maps
"""


DETACHED_BIAS = WITHOUT_BIAS.replace(
    "return maps", "return maps if bias is None else maps + bias.detach().view(-1, 1, 1)"
)


@pytest.mark.slow
@pytest.mark.parametrize("without", [WITHOUT_BIAS, DETACHED_BIAS], ids=["unused", "detached"])
@pytest.mark.parametrize(
    ("lang", "cut_off", "unused"),
    [
        ("ru", "градиент не доходит, результат отрезан от графа", "градиент по bias не доходит"),
        ("en", "no gradient arrives, the result is cut off from the graph", "no gradient reaches bias"),
    ],
)
def test_a_gradient_that_does_not_arrive_is_no_missing_return(
    tmp_path: Path, lang: Lang, cut_off: str, unused: str, without: str
) -> None:
    release(SEMINAR, tmp_path / "work", lang)
    write(tmp_path / "work", {"C1": WITHOUT_GRAPH, "F1": without})
    done = run(tmp_path / "work", "check", "C1", "F1")
    assert cut_off in done.stdout, done.stdout + done.stderr
    assert unused in done.stdout
    assert "return?" not in done.stdout
    assert "is a return missing" not in done.stdout
