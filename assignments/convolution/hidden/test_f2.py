"""Hidden tests of F2, `im2col` and `col2im`: each looks at one property and is blind to the others.

The order of cells in a column is seen by `test_cells` and `test_tiles` alone, that of windows by `test_windows`,
`test_tiles` and `test_overlaps`: the others sort, add up, or compare with the student's own results, once these have
been seen to hold the numbers of the windows in some order (`_windowed`), or to have lost none of them (`_kept`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _normal(rng, *shape: int, dtype: torch.dtype = torch.float32) -> Tensor:
    return randn(rng, *shape, dtype=dtype)


def _windowed(output: object, x: Tensor, kernel: int, rtol: float = 1e-4) -> Tensor:
    """A result that holds, for each image, the numbers of all windows of step 1, in whichever order."""
    tensor = as_tensor(output)
    expected = F.unfold(x, kernel)
    assert tensor.shape == expected.shape, f"output has shape {tuple(tensor.shape)}"
    assert tensor.is_floating_point(), f"output has dtype {tensor.dtype}"
    sums = [value.to(x.dtype).flatten(1).sort().values for value in (tensor, expected)]
    assert_close(sums[0], sums[1], rtol=rtol, atol=rtol, what="the numbers of the windows")
    return tensor.detach()


def _kept(output: object, columns: Tensor, shape: tuple[int, ...]) -> Tensor:
    """An image of this shape on which all numbers of the columns were added up, and in more places than one."""
    tensor = as_tensor(output)
    assert tuple(tensor.shape) == shape, f"output has shape {tuple(tensor.shape)}, expected {shape}"
    assert tensor.is_floating_point(), f"output has dtype {tensor.dtype}"
    assert bool(torch.isfinite(tensor).all()), "output holds NaN or infinity"
    assert float(tensor.detach().double().std()) > 1e-3, "output does not depend on the columns"
    return tensor.detach()


def _check_all(pairs: list[tuple[object, Tensor]], what: str = "output") -> None:
    """Answers and what was expected: compared once all have been given, for what is not asked tells nothing."""
    for actual, expected in pairs:
        assert_close(actual, expected, what=what, **CLOSE)


def test_cells(rng, student):
    asked = []
    for kernel in (2, 3, 4):
        x = _normal(rng, 1, 1, kernel, kernel)
        asked.append((student.im2col(x, kernel), x.reshape(1, kernel * kernel, 1)))
    _check_all(asked)


def test_windows(rng, student):
    asked = []
    for kernel in (2, 3):
        size = _integer(rng, 5, 7)
        x = _normal(rng, 1, 1, size, size)
        asked.append((student.im2col(x, kernel), F.unfold(x, kernel)))
    for output, expected in asked:
        tensor = as_tensor(output)
        assert tensor.shape == expected.shape, f"output has shape {tuple(tensor.shape)}"
        assert_close(tensor.sort(1).values, expected.sort(1).values, what="numbers of each window", **CLOSE)


def test_channels(rng, student):
    asked = []
    for kernel in (2, 3):
        images, channels = _integer(rng, 2, 3), _integer(rng, 2, 4)
        x = _normal(rng, images, channels, 6, 6)
        alone = [
            [student.im2col(x[n : n + 1, c : c + 1].clone(), kernel) for c in range(channels)]
            for n in range(images)
        ]
        asked.append((x, kernel, alone, student.im2col(x, kernel)))
    for x, kernel, alone, output in asked:
        rows = []
        for n, parts in enumerate(alone):
            found = [_windowed(part, x[n : n + 1, c : c + 1], kernel).float() for c, part in enumerate(parts)]
            rows.append(torch.cat(found, dim=1))
        assert_close(output, torch.cat(rows), **CLOSE)


def test_stride(rng, student):
    asked = []
    for stride in (2, 3):
        for remainder in (0, stride - 1):
            kernel = _integer(rng, 2, 3)
            size = kernel + stride * _integer(rng, 1, 2) + remainder
            x = _normal(rng, 2, 1, size, size)
            asked.append(
                (x, kernel, stride, student.im2col(x, kernel), student.im2col(x, kernel, stride=stride))
            )
    for x, kernel, stride, every, some in asked:
        side = x.shape[2] - kernel + 1
        grid = _windowed(every, x, kernel).float().unflatten(2, (side, side))
        assert_close(some, grid[..., ::stride, ::stride].flatten(2), **CLOSE)


def test_padding(rng, student):
    asked = []
    for padding in (1, 2):
        size = _integer(rng, 4, 6)
        x = _normal(rng, 2, 1, size, size)
        framed = F.pad(x, (padding,) * 4)
        asked.append((framed, student.im2col(framed, 3), student.im2col(x, 3, padding=padding)))
    for framed, whole, output in asked:
        assert_close(output, _windowed(whole, framed, 3).float(), **CLOSE)


def test_tiles(rng, student):
    asked = []
    for kernel in (2, 3):
        rows, columns = _integer(rng, 2, 3), _integer(rng, 4, 5)
        x = _normal(rng, 2, 2, kernel * rows, kernel * columns)
        apart = F.unfold(x, kernel, stride=kernel)
        asked.append((student.col2im(apart, tuple(x.shape[2:]), kernel, stride=kernel), x))
    _check_all(asked)


def test_overlaps(rng, student):
    asked = []
    for kernel, stride in ((2, 1), (3, 1), (3, 2)):
        places = _integer(rng, 2, 4)
        size = kernel + stride * (places - 1)
        columns = _normal(rng, 2, 1, places * places).repeat(1, kernel * kernel, 1)
        expected = F.fold(columns, (size, size), kernel, stride=stride)
        asked.append((student.col2im(columns, (size, size), kernel, stride=stride), expected))
    _check_all(asked)


def test_adjoint(rng, student):
    asked = []
    for kernel in (2, 3):
        size = _integer(rng, 5, 7)
        x = _normal(rng, 2, 2, size, size)
        columns = _normal(rng, 2, 2 * kernel * kernel, (size - kernel + 1) ** 2)
        asked.append(
            (x, kernel, columns, student.im2col(x, kernel), student.col2im(columns, (size, size), kernel))
        )
    for x, kernel, columns, apart, together in asked:
        left = float((_windowed(apart, x, kernel).double() * columns).sum())
        right = float((_kept(together, columns, tuple(x.shape)).double() * x).sum())
        assert abs(left - right) < 1e-3 * (1 + abs(left)), "the two sums differ"


def test_gradients(rng, student):
    asked = []
    for kernel in (2, 3):
        x, x_step = (_normal(rng, 2, 1, 6, 6) for _ in range(2))
        c, c_step = (_normal(rng, 2, kernel * kernel, (7 - kernel) ** 2) for _ in range(2))
        call = student.im2col.options(requires_grad=(0,), upstream=c, want=("out", "grads"))
        back = student.col2im.options(requires_grad=(0,), upstream=x, want=("out", "grads"))
        found = call(x, kernel).grads, back(c, (6, 6), kernel).grads
        forward = [student.im2col(image, kernel) for image in (x, x + x_step)]
        backward = [student.col2im(columns, (6, 6), kernel) for columns in (c, c + c_step)]
        asked.append((kernel, (x, x_step), (c, c_step), found, forward, backward))
    for kernel, (x, x_step), (c, c_step), found, forward, backward in asked:
        before, after = _windowed(forward[0], x, kernel), _windowed(forward[1], x + x_step, kernel)
        changes = [float(((after - before).double() * c).sum())]
        before, after = (_kept(image, c, (2, 1, 6, 6)) for image in backward)
        changes.append(float(((after - before).double() * x).sum()))
        for name, grads, step, change in zip(
            ("im2col", "col2im"), found, (x_step, c_step), changes, strict=True
        ):
            assert grads, "there is no gradient"
            grad = as_tensor(grads[0], f"gradient of {name}")
            assert grad.shape == step.shape, f"gradient of {name} has shape {tuple(grad.shape)}"
            slope = float((grad.double() * step).sum())
            assert abs(slope - change) < 1e-3 * (1 + abs(change)), f"gradient of {name} has wrong values"


def test_frame_is_dropped(rng, student):
    asked = []
    # Windows of one pixel, in images that equal their transposes: nothing is added up, and neither the order of windows
    # nor what goes wrong without a frame matters here.
    for padding in (1, 2):
        size = _integer(rng, 4, 6)
        side = size + 2 * padding
        framed = _normal(rng, 2, 1, side, side)
        columns = (framed + framed.mT).reshape(2, 1, side * side)
        asked.append((columns, padding, size, student.col2im(columns, (size, size), 1, padding=padding)))
    for columns, padding, size, output in asked:
        framed = columns.reshape(2, 1, size + 2 * padding, size + 2 * padding)
        assert_close(output, framed[..., padding : padding + size, padding : padding + size], **CLOSE)


def test_unreached(rng, student):
    asked = []
    for kernel, stride in ((2, 2), (2, 3), (3, 2)):
        places = _integer(rng, 2, 3)
        size = kernel + stride * (places - 1)
        columns = _normal(rng, 2, kernel * kernel, places * places)
        exact = student.col2im(columns, (size, size), kernel, stride=stride)
        larger = (size + stride - 1, size + 1)
        asked.append((columns, size, exact, larger, student.col2im(columns, larger, kernel, stride=stride)))
    for columns, size, exact, larger, output in asked:
        image = _kept(exact, columns, (2, 1, size, size)).float()
        assert_close(output, F.pad(image, (0, larger[1] - size, 0, larger[0] - size)), **CLOSE)


def test_pairs(rng, student):
    asked = []
    for kernel, stride, padding in (((2, 3), (2, 1), (0, 1)), ((3, 1), (1, 2), (1, 0))):
        h, w = _integer(rng, 5, 6), _integer(rng, 8, 9)
        x = _normal(rng, 2, 1, h, w)
        expected = F.unfold(x, kernel, stride=stride, padding=padding)
        apart = student.im2col(x, kernel, stride=stride, padding=padding)
        # Windows stand apart, and the frame may be cut off at the wrong corner: other tests are about that.
        step = max(kernel[0], stride[0]), max(kernel[1], stride[1])
        places = _integer(rng, 2, 3), _integer(rng, 4, 5)
        framed = tuple(k + s * (n - 1) for k, s, n in zip(kernel, step, places, strict=True))
        h, w = (side - 2 * p for side, p in zip(framed, padding, strict=True))
        even = _normal(rng, 2, 1, places[0] * places[1]).repeat(1, kernel[0] * kernel[1], 1)
        whole = F.fold(even, framed, kernel, stride=step)
        folded = whole[..., padding[0] : padding[0] + h, padding[1] : padding[1] + w], whole[..., :h, :w]
        asked.append(
            (apart, expected, student.col2im(even, (h, w), kernel, stride=step, padding=padding), folded)
        )
    for apart, expected, together, (folded, cut_at_corner) in asked:
        tensor = as_tensor(apart)
        assert tensor.shape == expected.shape, f"output has shape {tuple(tensor.shape)}"
        assert_close(tensor.sort(1).values, expected.sort(1).values, what="numbers of each window", **CLOSE)
        found = as_tensor(together)
        if found.shape != folded.shape or not torch.allclose(
            found.detach().to(folded), cut_at_corner, 1e-4, 1e-4
        ):
            assert_close(together, folded, **CLOSE)


def test_dtype(rng, student):
    asked = []
    for dtype, rtol in ((torch.float32, 1e-4), (torch.float64, 1e-10)):
        x = _normal(rng, 1, 1, 6, 6, dtype=dtype)
        columns = _normal(rng, 1, 1, 9, dtype=dtype).repeat(1, 4, 1)
        asked.append((x, rtol, student.im2col(x, 3), columns, student.col2im(columns, (6, 6), 2, stride=2)))
    for x, rtol, apart, columns, together in asked:
        for output in (apart, together):
            found = as_tensor(output).dtype
            assert found == x.dtype, f"output has dtype {found}, expected {x.dtype}"
        _windowed(apart, x, 3, rtol)
        values = [value.flatten().sort().values for value in (as_tensor(together), columns)]
        assert_close(values[0], values[1], rtol=rtol, atol=rtol)


def test_inputs_unchanged(rng, student):
    x, columns = _normal(rng, 2, 2, 6, 6), _normal(rng, 2, 18, 16)
    apart = student.im2col.options(want=("out", "inputs_after"))
    together = student.col2im.options(want=("out", "inputs_after"))
    results = [apart(x, 3), apart(x, 3, padding=1), together(columns, (6, 6), 3)]
    _windowed(results[0].out, x, 3)
    _kept(results[2].out, columns, (2, 2, 6, 6))
    for result, before in zip(results, (x, x, columns), strict=True):
        assert result.inputs_after, "the input did not come back"
        assert_close(result.inputs_after[0], before, rtol=0, atol=0, what="the input after the call")


def test_layout(rng, student):
    asked = []
    for layout in ("permuted", "strided"):
        x, columns = _normal(rng, 2, 2, 6, 6), _normal(rng, 2, 18, 16)
        apart, together = student.im2col(x, 3), student.col2im(columns, (6, 6), 3)
        options = {"layout": layout, "want": ("out",)}
        others = (
            student.im2col.options(**options)(x, 3),
            student.col2im.options(**options)(columns, (6, 6), 3),
        )
        asked.append((x, columns, apart, together, others))
    for x, columns, apart, together, others in asked:
        assert_close(others[0].out, _windowed(apart, x, 3).float(), **CLOSE)
        assert_close(others[1].out, _kept(together, columns, (2, 2, 6, 6)).float(), **CLOSE)
