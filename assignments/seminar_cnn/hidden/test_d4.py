"""Hidden tests of D4, `kernel_kind`: random kernels whose kind follows from the rule, far from its bounds.

Each kind has a test that asks whether it is told from another one, whatever that one is called: who never says
"sharpen" loses the test of "sharpen" alone. In tests of kinds both answers are positive, blurs have no large weight in
the middle, and what sharpens adds up to one: factors, negative ones included, have a test of their own, which compares
with the student's own answer.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError

FAR = 1.3
"""How many times one of the two answers is the other one, at least."""
PRINTED = torch.tensor([[0.0, 1, 0], [1, 5, 1], [0, 1, 0]])
MENDED = torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])


def _board(height: int, width: int) -> Tensor:
    rows, columns = torch.arange(height)[:, None], torch.arange(width)
    middle = (height // 2 + width // 2) % 2
    return torch.where((rows + columns) % 2 == middle, 1.0, -1.0)


def _answers(kernel: Tensor) -> tuple[float, float]:
    """To the image of ones and to the chessboard."""
    return float(kernel.sum()), float((kernel * _board(*kernel.shape)).sum())


def _middle(kernel: Tensor) -> float:
    height, width = kernel.shape
    return float(kernel[height // 2, width // 2])


def _whole(rng, low: int, high: int, shape: tuple[int, int]) -> Tensor:
    return torch.from_numpy(rng.integers(low, high + 1, shape)).float()


def _edge(rng, shape: tuple[int, int] = (3, 3)) -> Tensor:
    while True:
        kernel = _whole(rng, -4, 4, shape)
        middle = shape[0] // 2, shape[1] // 2
        kernel[middle] -= kernel.sum()
        if int((kernel != 0).sum()) > 2:
            return kernel


def _blur(rng, shape: tuple[int, int] = (3, 3), low: int = 1) -> Tensor:
    while True:
        kernel = _whole(rng, low, 9, shape)
        constant, board = _answers(kernel)
        is_flat = _middle(kernel) < 0.25 * float(kernel.abs().sum())
        if constant > FAR * board > 0 and is_flat and (low > 0 or bool((kernel < 0).any())):
            return kernel


def _sharpen(rng, shape: tuple[int, int] = (3, 3), around: int = 9) -> Tensor:
    """Weights that add up to 1. around: how large they may be; negative: all but the middle one are below zero."""
    while True:
        kernel = _whole(rng, -9, around if around > 0 else -1, shape)
        if around < 0:
            middle = shape[0] // 2, shape[1] // 2
            kernel[middle] = 1 - kernel.sum() + kernel[middle]
        constant, board = _answers(kernel)
        if board > FAR * constant and constant >= 1:
            return kernel / constant


def _identity(rng, shape: tuple[int, int] = (3, 3)) -> Tensor:
    kernel = torch.zeros(shape)
    kernel[shape[0] // 2, shape[1] // 2] = float(rng.integers(1, 6))
    return kernel


def _said(value: object) -> str:
    assert isinstance(value, str), "the answer is no text"
    return value


def _ask(student, kernels: list[Tensor]) -> list[str]:
    """Judged once all were asked: what is not asked tells nothing."""
    answers = [student.kernel_kind(kernel) for kernel in kernels]
    return [_said(answer) for answer in answers]


def _check(student, kind: str, those: list[Tensor], others: list[Tensor]) -> None:
    said = _ask(student, [*those, *others])
    assert all(word == kind for word in said[: len(those)]), f"a kernel is not called {kind}"
    assert not any(word == kind for word in said[len(those) :]), f"another kernel is called {kind}"


def test_edge(rng, student):
    edges = [_edge(rng) for _ in range(3)]
    others = [_edge(rng) for _ in range(3)]
    for kernel, more in zip(others, (3.0, 5.0, -4.0), strict=True):
        kernel[0, 0] += more
    _check(student, "edge", edges, others)


def test_blur(rng, student):
    # Along one axis only: stripes would take it for one that leaves everything as strong as it was.
    low, high = sorted(rng.choice(range(4, 10), 2, replace=False).tolist())
    row = F.pad(torch.tensor([[float(low), 2.0, float(high)]]), (0, 0, 1, 1))
    kernels = [_blur(rng), row, row.mT.contiguous(), _blur(rng, low=-2), _blur(rng, low=-3)]
    _check(student, "blur", kernels, [_sharpen(rng, around=-1), _sharpen(rng, around=-1)])


def test_sharpen(rng, student):
    kernels = [_sharpen(rng, around=-1), _sharpen(rng, around=-1), _sharpen(rng), _sharpen(rng)]
    _check(student, "sharpen", kernels, [_blur(rng), _blur(rng)])


def test_identity(rng, student):
    heavy = torch.ones(3, 3)
    heavy[1, 1] = float(rng.integers(40, 90))
    _check(student, "identity", [_identity(rng), _identity(rng)], [heavy, heavy / 8, _blur(rng), _edge(rng)])


def test_printed_kernel(rng, student):
    order = rng.permutation(2).tolist()
    said = _ask(student, [(PRINTED, MENDED)[place] for place in order])
    right = [("blur", "sharpen")[place] for place in order]
    assert said == right, "the printed kernel and the mended one are not told apart"


def test_factor(rng, student):
    kernels = [_edge(rng), _blur(rng), _sharpen(rng, around=-1), _identity(rng)]
    factors = (-1.0, 2.0**-12, -3.0, 1024.0)
    own = _ask(student, kernels)
    scaled = [_ask(student, [factor * kernel for kernel in kernels]) for factor in factors]
    assert len(set(own)) > 2, "different kernels are called the same"
    assert all(words == own for words in scaled), "a factor changes the kind"


def test_sizes(rng, student):
    asked, right = [], []
    for shape in ((5, 5), (3, 7), (7, 3), (1, 5)):
        asked += [_edge(rng, shape), _edge(rng, shape), _identity(rng, shape)]
        right += ["edge", "edge", "identity"]
    small = [_blur(rng), _sharpen(rng, around=-1)]
    frames = [F.pad(kernel, (1, 1, 2, 2)) for kernel in small]
    said, own, framed = (_ask(student, kernels) for kernels in (asked, small, frames))
    assert said == right, "a kernel of another size is called wrongly"
    assert framed == own, "zeros around a kernel change its kind"


def test_rounding(rng, student):
    weights = torch.full((3, 3), 0.1)
    weights[1, 1] = -0.8 + 2e-8 * float(rng.integers(1, 5))
    almost = _blur(rng)
    almost[1, 1] += 0.02 * float(almost.abs().sum()) - float(almost.sum())
    said = _ask(student, [weights, almost])
    assert said[0] == "edge", "a sum that is zero but for rounding is not called edge"
    assert said[1] != "edge", "a small sum is called edge"


def test_no_middle(rng, student):
    said = _ask(student, [_edge(rng), _blur(rng)])
    assert said[0] != said[1], "different kernels are called the same"
    kinds = []
    for kernel in (torch.ones(2, 2), torch.ones(3, 4), _whole(rng, 1, 9, (4, 3)), torch.zeros(3, 3)):
        try:
            student.kernel_kind(kernel)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    assert kinds == ["ValueError"] * 4, (
        f"without a middle, or weights, it raises {kinds}, expected ValueError"
    )
