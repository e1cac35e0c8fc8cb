"""Hidden tests of D3, `apply_kernel`: each looks at one property and is blind to the others.

What happens inside of the image is seen by `test_inside`, at its border by `test_border` and `test_modes`, which
compare with the student's own answer to an image that was framed before. Which way round the kernel stands is seen by
`test_orientation` alone, what becomes of large and negative numbers by `test_range`: elsewhere kernels look the same
from all sides and add up to 1, and pixels lie between 0 and 1.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_tensor, assert_close, randn

CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}
WORDS = {"zeros": "constant", "reflect": "reflect", "replicate": "replicate"}


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _pixels(rng, *shape: int) -> Tensor:
    """Numbers in (0.1, 0.9)."""
    return torch.from_numpy(0.8 * rng.random(shape) + 0.1).float()


def _level(rng, p: int = 3, q: int = 3) -> Tensor:
    """Positive weights that add up to 1 and look the same from all sides; the corners weigh most."""
    kernel = torch.from_numpy(rng.random((p, q)) + 0.1).float()
    kernel[0, 0] += 2
    kernel = (kernel + kernel.flip(0)) / 2
    kernel = (kernel + kernel.flip(1)) / 2
    kernel = (kernel + kernel.mT) / 2 if p == q else kernel
    return kernel / kernel.sum()


def _slid(image: Tensor, kernel: Tensor) -> Tensor:
    """Each channel by itself, where the kernel lies wholly on the image."""
    return F.conv2d(image[:, None], kernel[None, None])[:, 0]


def _inner(tensor: Tensor, rows: int = 1, columns: int = 1) -> Tensor:
    """Without so many lines at each border."""
    return tensor[..., rows : tensor.shape[-2] - rows, columns : tensor.shape[-1] - columns]


def _image(output: object, image: Tensor) -> Tensor:
    """A finite floating answer of the image's shape that is not the same everywhere."""
    tensor = as_tensor(output)
    assert tensor.shape == image.shape, f"output has shape {tuple(tensor.shape)}"
    assert tensor.is_floating_point(), f"output has dtype {tensor.dtype}"
    assert bool(torch.isfinite(tensor).all()), "output holds NaN or infinity"
    assert float(tensor.detach().double().std()) > 1e-4, "output does not depend on the place"
    return tensor.detach().float()


def _check_frame(rng, student, mode: str) -> None:
    """The answer is what the student's own gives inside of an image that was framed before."""
    asked = []
    for _ in range(2):
        size = _integer(rng, 5, 7)
        image, kernel = _pixels(rng, 1, size, size), _level(rng)
        framed = F.pad(image, (2,) * 4, mode=WORDS[mode])
        asked.append(
            (framed, student.apply_kernel(framed, kernel, mode), student.apply_kernel(image, kernel, mode))
        )
    for framed, whole, output in asked:
        assert_close(output, _inner(_image(whole, framed), 2, 2), **CLOSE)


def test_inside(rng, student):
    asked = []
    for _ in range(3):
        size = _integer(rng, 6, 8)
        image, kernel = _pixels(rng, 1, size, size), _level(rng)
        asked.append((image, _slid(image, kernel), student.apply_kernel(image, kernel)))
    for image, expected, output in asked:
        assert_close(_inner(_image(output, image)), expected, **CLOSE)


def test_constant(rng, student):
    asked = []
    for side in (3, 5):
        image, number = torch.zeros(1, 8, 8), float(0.2 + 0.6 * rng.random())
        kernel = _level(rng, side, side) * float(0.3 + 0.6 * rng.random())
        spot = image.clone()
        spot[0, 4, 4] = 1
        answers = [student.apply_kernel(picture, kernel) for picture in (image + number, spot)]
        asked.append((number * kernel.sum(), answers))
    for number, (even, spot) in asked:
        _image(spot, torch.zeros(1, 8, 8))
        assert_close(even, torch.full((1, 8, 8), float(number)), **CLOSE)


def test_border(rng, student):
    _check_frame(rng, student, "reflect")


def test_channels(rng, student):
    asked = []
    for channels in (2, 3, 4):
        image, kernel = _pixels(rng, channels, 6, 6), _level(rng)
        alone = [student.apply_kernel(image[c : c + 1].clone(), kernel) for c in range(channels)]
        asked.append((image, alone, student.apply_kernel(image, kernel)))
    for image, alone, output in asked:
        parts = [_image(part, image[:1]) for part in alone]
        assert_close(output, torch.cat(parts), **CLOSE)


def test_orientation(rng, student):
    asked = []
    for _ in range(2):
        image, kernel = _pixels(rng, 1, 7, 7), torch.from_numpy(rng.random((3, 3)) + 0.1).float()
        kernel[0, 0] += 2
        kernel[0, 1] += 1
        kernel = kernel / kernel.sum()
        asked.append((image, _slid(image, kernel), student.apply_kernel(image, kernel)))
    for image, expected, output in asked:
        assert_close(_inner(_image(output, image)), expected, **CLOSE)


def test_modes(rng, student):
    for mode in ("zeros", "replicate"):
        _check_frame(rng, student, mode)


def test_sizes(rng, student):
    asked = []
    for p, q in ((5, 5), (3, 5), (1, 3), (1, 1)):
        image, kernel = _pixels(rng, 1, _integer(rng, 7, 8), _integer(rng, 9, 10)), _level(rng, p, q)
        asked.append((image, (p // 2, q // 2), _slid(image, kernel), student.apply_kernel(image, kernel)))
    for image, halves, expected, output in asked:
        assert_close(_inner(_image(output, image), *halves), expected, **CLOSE)


def test_range(rng, student):
    asked = []
    for factor in (-3.0, 40.0):
        image, kernel = _pixels(rng, 1, 6, 6), _level(rng)
        asked.append(
            (image, factor, student.apply_kernel(image, kernel), student.apply_kernel(image, factor * kernel))
        )
    for image, factor, small, large in asked:
        assert_close(large, factor * _image(small, image), rtol=1e-3, atol=1e-3, any_float=True)


def test_gradients(rng, student):
    image, kernel, upstream = _pixels(rng, 1, 6, 6), _level(rng), randn(rng, 1, 6, 6).float()
    # The sum of weights stays: `test_range` sees who divides by it.
    steps = 0.1 * _pixels(rng, 1, 6, 6), (_level(rng) - _level(rng)) / 2
    grads = student.apply_kernel.options(requires_grad=(0, 1), upstream=upstream, want=("out", "grads"))(
        image, kernel
    ).grads
    pairs = (image, kernel), (image + steps[0], kernel), (image, kernel + steps[1])
    before, *after = (student.apply_kernel(*pair) for pair in pairs)
    assert grads, "there are no gradients"
    start = _image(before, image).double()
    for name, grad, step, moved in zip(("image", "kernel"), grads, steps, after, strict=True):
        tensor = as_tensor(grad, f"gradient of the {name}")
        assert tensor.shape == step.shape, f"gradient of the {name} has shape {tuple(tensor.shape)}"
        change = float(((_image(moved, image).double() - start) * upstream).sum())
        slope = float((tensor.double() * step).sum())
        assert abs(slope - change) < 1e-3 * (0.1 + abs(change)), f"gradient of the {name} has wrong values"


def test_inputs(rng, student):
    image, kernel = _pixels(rng, 2, 6, 6), _level(rng)
    plain = student.apply_kernel(image, kernel)
    asked = []
    for layout in ("permuted", "strided"):
        call = student.apply_kernel.options(layout=layout, want=("out", "inputs_after"))
        asked.append(call(image, kernel))
    inputs = [result.inputs_after for result in asked]
    call = student.apply_kernel.options(want=("out", "inputs_after"))
    for mode in WORDS:
        try:
            inputs.append(call(image, kernel, mode=mode).inputs_after)
        except StudentError:  # `test_modes` sees that
            continue
    right = _image(plain, image)
    for result in asked:
        assert_close(result.out, right, **CLOSE)
    for found in inputs:
        assert found is not None, "the inputs did not come back"
        assert len(found) == 2, "the inputs did not come back"
        for before, after in zip((image, kernel), found, strict=True):
            assert_close(after, before, rtol=0, atol=0, what="an input after the call")


def test_refused(rng, student):
    image, kernel = _pixels(rng, 2, 6, 6), _level(rng)
    plain = student.apply_kernel(image, kernel)
    kinds = []
    for shape, mode in (((2, 2), "reflect"), ((3, 4), "zeros"), ((4, 3), "replicate"), ((3, 3), "mirror")):
        try:
            student.apply_kernel(image, _pixels(rng, *shape), mode)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    _image(plain, image)
    assert kinds == ["ValueError"] * 4, f"an even side or another mode: {kinds}, expected ValueError"
