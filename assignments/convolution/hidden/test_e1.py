"""Hidden tests of E1, `pad2d`: each looks at one property and is blind to the others.

What stands in the frame is seen by the three tests of modes, on square images with a frame that is equally wide on all
sides. Order of the sides, other shapes, layouts and gradients are compared with the student's own results, whatever is
in the frame, once the image has been seen to stand inside of it (`_framed`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close, randn

MODES = ("zeros", "reflect", "replicate")
CLOSE = {"rtol": 1e-5, "atol": 1e-5, "any_float": True}


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _normal(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return randn(rng, *shape, dtype=dtype)


def _framed(output: object, x: Tensor, widths: tuple[int, int, int, int], exact: bool = False) -> Tensor:
    """The result as a tensor that has the image inside of a frame of these widths."""
    tensor = as_tensor(output)
    top, bottom, left, right = widths
    height, width = x.shape[-2:]
    shape = (*x.shape[:-2], top + height + bottom, left + width + right)
    assert tuple(tensor.shape) == shape, f"output has shape {tuple(tensor.shape)}, expected {shape}"
    inside = tensor[..., top : top + height, left : left + width]
    close = {"rtol": 0, "atol": 0} if exact else CLOSE
    assert_close(inside, x, what="the image inside of the frame", **close)
    return tensor.detach()


def _check_mode(rng, student, mode: str, expected) -> None:
    asked = []
    for width in (1, 2, 3):
        size = _integer(rng, 5, 8)
        x = _normal(rng, 2, 3, size, size)
        asked.append((student.pad2d(x, (width,) * 4, mode), expected(x, width)))
    for actual, right in asked:
        assert_close(actual, right, **CLOSE)


def _kind(student, x: Tensor, widths: tuple[int, ...], mode: str) -> str:
    """What a call raises."""
    try:
        student.pad2d(x, widths, mode)
    except StudentError as error:
        return error.kind
    return "nothing"


def test_zeros(rng, student):
    _check_mode(rng, student, "zeros", lambda x, width: F.pad(x, (width,) * 4))


def test_reflect(rng, student):
    _check_mode(rng, student, "reflect", lambda x, width: F.pad(x, (width,) * 4, mode="reflect"))


def test_replicate(rng, student):
    _check_mode(rng, student, "replicate", lambda x, width: F.pad(x, (width,) * 4, mode="replicate"))


def test_sides(rng, student):
    asked = []
    for mode in MODES:
        x = _normal(rng, 2, 2, 7, 7)
        for _ in range(2):
            widths = tuple(int(number) + 1 for number in rng.permutation(4))
            asked.append((x, widths, student.pad2d(x, (5,) * 4, mode), student.pad2d(x, widths, mode)))
    for x, widths, wide, output in asked:
        top, bottom, left, right = widths
        cut = _framed(wide, x, (5,) * 4)[..., 5 - top : 12 + bottom, 5 - left : 12 + right]
        assert_close(output, cut.float(), **CLOSE)


def test_gradients(rng, student):
    asked = []
    for mode in MODES:
        x, step = _normal(rng, 2, 2, 6, 6), _normal(rng, 2, 2, 6, 6)
        upstream = _normal(rng, 2, 2, 10, 10)
        call = student.pad2d.options(requires_grad=(0,), upstream=upstream, want=("out", "grads"))
        grads = call(x, (2,) * 4, mode).grads
        before, after = (student.pad2d(image, (2,) * 4, mode) for image in (x, x + step))
        asked.append((x, step, upstream, grads, before, after))
    for x, step, upstream, grads, before, after in asked:
        change = _framed(after, x + step, (2,) * 4) - _framed(before, x, (2,) * 4)
        assert grads, "there is no gradient"
        grad = as_tensor(grads[0], "gradient")
        assert grad.shape == x.shape, f"gradient has shape {tuple(grad.shape)}"
        expected = float((change.double() * upstream).sum())
        slope = float((grad.double() * step).sum())
        assert abs(slope - expected) < 1e-3 * (1 + abs(expected)), "the gradient has wrong values"


def test_no_padding(rng, student):
    asked = []
    for mode in MODES:
        width = _integer(rng, 1, 3)
        x = _normal(rng, 2, 2, 6, 6)
        whole = student.pad2d(x, (width,) * 4, mode)
        for above, below in ((0, 0), (width, 0), (0, width)):
            widths = (above, below, above, below)
            asked.append((x, width, widths, whole, student.pad2d(x, widths, mode)))
    for x, width, widths, whole, output in asked:
        lines = slice(width - widths[0], width + 6 + widths[1])
        cut = _framed(whole, x, (width,) * 4)[..., lines, lines]
        assert_close(output, cut.float(), **CLOSE)


def test_axes(rng, student):
    asked = []
    for mode in MODES:
        x = _normal(rng, 2, 3, 5, 5)
        whole = student.pad2d(x, (2,) * 4, mode)
        deep = student.pad2d(x.reshape(1, 2, 1, 3, 5, 5), (2,) * 4, mode)
        one = student.pad2d(x[0], (2,) * 4, mode)
        flat = student.pad2d(x[1, 2].clone(), (2,) * 4, mode)
        asked.append((x, whole, deep, one, flat))
    for x, whole, deep, one, flat in asked:
        right = _framed(whole, x, (2,) * 4).float()
        assert_close(deep, right.reshape(1, 2, 1, 3, 9, 9), **CLOSE)
        assert_close(one, right[0], **CLOSE)
        assert_close(flat, right[1, 2], **CLOSE)


def test_rectangular(rng, student):
    asked = []
    for mode in MODES:
        for shape in ((4, 8), (9, 5)):
            x = _normal(rng, 2, 2, *shape)
            turned = student.pad2d(x.mT.contiguous(), (3,) * 4, mode)
            asked.append((x, student.pad2d(x, (3,) * 4, mode), turned))
    for x, output, turned in asked:
        assert_close(output, _framed(turned, x.mT, (3,) * 4).mT.float(), **CLOSE)


def test_dtype(rng, student):
    asked = []
    for mode in MODES:
        x = _normal(rng, 1, 2, 5, 5, dtype=torch.float64)
        whole = torch.from_numpy(rng.integers(0, 256, (1, 2, 5, 5))).to(torch.uint8)
        for image in (x, x.float(), whole):
            asked.append((image, student.pad2d(image, (2,) * 4, mode)))
    for image, output in asked:
        found = as_tensor(output).dtype
        assert found == image.dtype, f"output has dtype {found}, expected {image.dtype}"
        _framed(output, image, (2,) * 4, exact=True)


def test_inputs_unchanged(rng, student):
    call = student.pad2d.options(want=("out", "inputs_after"))
    asked = []
    for mode in MODES:
        for shape in ((6, 6), (2, 2, 6, 6)):
            x = _normal(rng, *shape)
            try:
                asked.append((x, call(x, (2,) * 4, mode)))
            except StudentError:  # `test_axes` sees who needs four axes
                if len(shape) == 4:
                    raise
    for x, result in asked:
        _framed(result.out, x, (2,) * 4)
        assert result.inputs_after, "the image did not come back"
        assert_close(result.inputs_after[0], x, rtol=0, atol=0, what="x after the call")


def test_layout(rng, student):
    asked = []
    for mode in MODES:
        for layout in ("permuted", "strided"):
            x = _normal(rng, 2, 3, 5, 5)
            plain = student.pad2d(x, (2,) * 4, mode)
            call = student.pad2d.options(layout=layout, want=("out",))
            asked.append((x, plain, call(x, (2,) * 4, mode).out))
    for x, plain, output in asked:
        assert_close(output, _framed(plain, x, (2,) * 4).float(), **CLOSE)


def test_too_wide(rng, student):
    size = _integer(rng, 4, 6)
    x = _normal(rng, 1, 2, size, size)
    legal = [((size - 1,) * 4, "reflect"), ((size + 1,) * 4, "zeros"), ((size + 1,) * 4, "replicate")]
    outputs = [student.pad2d(x, widths, mode) for widths, mode in legal]
    kinds = []
    for side in range(4):
        for width in (size, size + _integer(rng, 1, 3)):
            widths = [1] * 4
            widths[side] = width
            kinds.append(_kind(student, x, tuple(widths), "reflect"))
    for output, (widths, _) in zip(outputs, legal, strict=True):
        _framed(output, x, widths)
    assert kinds == ["ValueError"] * 8, f"a frame too wide for a mirror: {kinds}, expected ValueError"


def test_refused(rng, student):
    x = _normal(rng, 1, 2, 6, 6)
    output = student.pad2d(x, (1,) * 4, "replicate")
    kinds = [_kind(student, x, (2, 2, 2, 2), word) for word in ("mirror", "zero", "")]
    for mode in MODES:
        for side in range(4):
            widths = [2] * 4
            widths[side] = -_integer(rng, 1, 2)
            kinds.append(_kind(student, x, tuple(widths), mode))
    _framed(output, x, (1,) * 4)
    assert kinds == ["ValueError"] * 15, f"another mode or a width below zero: {kinds}, expected ValueError"
