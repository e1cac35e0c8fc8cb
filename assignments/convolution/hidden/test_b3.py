"""Hidden tests of B3, `shift_curve`: each looks at one property and is blind to the others.

- How directions are put together is seen by `test_shifted` alone; its images have an empty frame, and no label is 0:
  class 0 is seen by `test_unshifted`.
- What comes in at the border is seen by `test_background`: images of one brightness and a network that adds all pixels
  up, so that each direction says the same.
- How many numbers the curve has is seen by `test_shifted` alone: the others read those that are there.
- The other tests compare with the student's own curve for another network, once it has been seen to fall.
Networks are the worker's own (driver `network`), in evaluation mode but in the test of the mode.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.sandbox.runner import drivers
from autograder.testing import as_number, as_tensor, assert_close, randn

CPU = torch.device("cpu")
EXACT = {"rtol": 0, "atol": 1e-5}
DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0), (1, 1), (1, -1), (-1, 1), (-1, -1))
CLASSES = 5


def _dense(shape: tuple[int, int, int], classes: int = CLASSES) -> list[tuple]:
    inputs = shape[0] * shape[1] * shape[2]
    return [("flat", "Flatten"), ("fc", "Linear", inputs, classes)]


def _seed(rng) -> int:
    return int(rng.integers(1 << 31))


def _framed(rng, n: int, frame: int) -> Tensor:
    """Images (n, C, H, W), not square, of random numbers inside of an empty frame."""
    channels, height = int(rng.integers(1, 3)), int(rng.integers(4, 6))
    images = torch.zeros(n, channels, height + 2 * frame, height + 2 + 2 * frame)
    images[:, :, frame:-frame, frame:-frame] = randn(rng, n, channels, height, height + 2)
    return images


def _said(rows: list[tuple], seed: int, images: Tensor, state: dict[str, Tensor] | None = None) -> Tensor:
    """The answers of the same network here."""
    with torch.no_grad():
        return drivers.network(CPU, rows, seed, state, training=False)(images).argmax(1)


def _partly_right(rng, answers: Tensor, share: float = 0.75) -> Tensor:
    """Labels that a share of the answers meets."""
    is_kept = torch.from_numpy(rng.random(len(answers)) < share)
    other = (answers + torch.from_numpy(rng.integers(1, CLASSES, len(answers)))) % CLASSES
    return torch.where(is_kept, answers, other)


def _moved(images: Tensor, down: int, right: int) -> Tensor:
    """Pixel (i, j) goes to (i + down, j + right); what comes in is zero."""
    height, width = images.shape[2:]
    moved = torch.zeros_like(images)
    to_rows, to_columns = (
        slice(max(down, 0), height + min(down, 0)),
        slice(max(right, 0), width + min(right, 0)),
    )
    rows, columns = (
        slice(max(-down, 0), height + min(-down, 0)),
        slice(max(-right, 0), width + min(-right, 0)),
    )
    moved[:, :, to_rows, to_columns] = images[:, :, rows, columns]
    return moved


def _net(student, rows: list[tuple], seed: int = 0, **settings):
    return student.make(
        "network", called="сеть / network", layers=rows, seed=seed, training=False, **settings
    )


def _curve(value: object, length: int, exact: bool = False) -> Tensor:
    """(length) float64 finite numbers, where not `exact` perhaps one less; a list of numbers will do."""
    if isinstance(value, list | tuple):
        curve = torch.tensor([as_number(item) for item in value], dtype=torch.float64)
    else:
        curve = as_tensor(value).detach().double()
    lengths = (length,) if exact else (length - 1, length, length + 1)
    shape = tuple(curve.shape)
    assert shape in [(size,) for size in lengths], f"the curve has shape {shape}, expected ({length},)"
    assert bool(torch.isfinite(curve).all()), "the curve holds NaN or infinity"
    return curve[:length]


def _check_falls(curve: Tensor) -> None:
    assert float(curve[0] - curve[1:].min()) > 0.05, "the curve of a dense network does not fall"


def _some_zeros(rng, n: int) -> tuple[list[tuple], int, Tensor, Tensor]:
    """A network, its seed, images and what it says of them: class 0 now and then."""
    while True:
        images, seed = _framed(rng, n, 3), _seed(rng)
        rows = _dense(tuple(images.shape[1:]))
        said = _said(rows, seed, images)
        if 3 <= int((said == 0).sum()) <= n // 2:
            return rows, seed, images, said


def test_unshifted(rng, student):
    answers = []
    for limit in (1, 2, 3):
        rows, seed, images, said = _some_zeros(rng, int(rng.integers(30, 50)))
        labels = torch.where(said == 0, said, _partly_right(rng, said, 0.6))
        right = (said == labels).double().mean()
        answers.append((limit, right, student.shift_curve(_net(student, rows, seed), images, labels, limit)))
    for limit, right, found in answers:
        assert_close(_curve(found, limit + 1)[0], right, **EXACT, what="accuracy on images that stay")


def test_shifted(rng, student):
    answers = []
    for limit in (2, 3):
        images, seed = _framed(rng, 60, 3), _seed(rng)
        rows = _dense(tuple(images.shape[1:]))
        labels = _said(rows, seed, images)
        images, labels = images[labels > 0], labels[labels > 0]
        expected = [
            torch.stack(
                [
                    (_said(rows, seed, _moved(images, distance * down, distance * right)) == labels)
                    .double()
                    .mean()
                    for down, right in DIRECTIONS
                ]
            ).mean()
            for distance in range(1, limit + 1)
        ]
        found = student.shift_curve(_net(student, rows, seed), images, labels, limit)
        answers.append((limit, torch.stack(expected), found))
    for limit, expected, found in answers:
        curve = _curve(found, limit + 1, exact=True)
        assert_close(curve[1:], expected, **EXACT, what="accuracy on shifted images")


def test_convolution(rng, student):
    images, seed = _framed(rng, 40, 5), _seed(rng)
    channels, height, width = images.shape[1:]
    rows = [
        ("conv", "Conv2d", channels, 6, 3, {"padding": 1}),
        ("relu", "ReLU"),
        ("pool", "AvgPool2d", (height, width)),
        ("flat", "Flatten"),
        ("fc", "Linear", 6, CLASSES),
    ]
    labels = _partly_right(rng, _said(rows, seed, images))
    own = student.shift_curve(_net(student, rows, seed), images, labels, 2)
    dense = _dense((channels, height, width))
    same = _said(dense, seed, images)
    other = student.shift_curve(_net(student, dense, seed), images, same, 2)
    _check_falls(_curve(other, 3))
    curve = _curve(own, 3)
    assert_close(
        curve, curve[:1].expand_as(curve), rtol=0, atol=0.02, what="accuracy of a convolutional network"
    )


def test_background(rng, student):
    answers = []
    for limit in (1, 2):
        channels, side = int(rng.integers(1, 3)), int(rng.integers(9, 12))
        pixels = channels * side * side
        # Class 1 is said when all pixels together exceed 1: of the weak images, only as long as no pixel is lost.
        state = {
            "fc.weight": torch.stack([torch.zeros(pixels), torch.ones(pixels)]),
            "fc.bias": torch.tensor([1.0, 0.0]),
        }
        is_weak = torch.from_numpy(rng.random(40) < 0.5)
        is_weak[:2] = torch.tensor([True, False])
        bright = torch.where(is_weak, 1.02, 5.0) / pixels
        images = bright.view(-1, 1, 1, 1).expand(-1, channels, side, side).contiguous()
        net = _net(student, _dense((channels, side, side), 2), state=state)
        found = student.shift_curve(net, images, torch.ones(40, dtype=torch.int64), limit)
        answers.append((limit, float((~is_weak).double().mean()), found))
    for limit, share, found in answers:
        expected = torch.tensor([1.0] + [share] * limit, dtype=torch.float64)
        curve = _curve(found, limit + 1)
        assert_close(curve, expected[: len(curve)], **EXACT, what="accuracy where pixels leave the image")


def test_fill(rng, student):
    """Images on grey c are what images less c are on zero, for a network whose biases make up for it."""
    answers = []
    for _ in range(2):
        shape, seed, fill = (1, 5, 7), _seed(rng), 1.5 + float(rng.random())
        images, rows = randn(rng, 50, *shape, dtype=torch.float32), _dense(shape)
        weight, bias = randn(rng, CLASSES, 35, dtype=torch.float32), torch.zeros(CLASSES)
        nets = [
            _net(student, rows, seed, state={"fc.weight": weight, "fc.bias": bias + shift})
            for shift in (0, fill * weight.sum(1))
        ]
        labels = (images.flatten(1) @ weight.T).argmax(1)
        on_grey = student.shift_curve(nets[0], images, labels, 2, fill)
        on_zero = student.shift_curve(nets[1], images - fill, labels, 2)
        answers.append((on_grey, on_zero, student.shift_curve(nets[0], images, labels, 2)))
    curves = [[_curve(value, 3) for value in answer] for answer in answers]
    # One pair of curves may agree by chance.
    assert not all(torch.equal(curve, other) for curve, _, other in curves), "the fill changes nothing"
    for curve, expected, other in curves:
        _check_falls(other)
        assert_close(curve, expected, rtol=0, atol=0.01, what="accuracy on a grey background")


def test_mode(rng, student):
    images, seed = _framed(rng, 60, 2), _seed(rng)
    inputs = images[0].numel()
    rows = [
        ("flat", "Flatten"),
        ("norm", "BatchNorm1d", inputs),
        ("dropout", "Dropout", 0.5),
        ("fc", "Linear", inputs, CLASSES),
    ]
    labels = _said(rows, seed, images)
    own = student.shift_curve(_net(student, rows, seed), images, labels, 2)
    answers = []
    # In training, in evaluation, and with a layer that is in evaluation while all others are in training.
    for training, evaluating in ((True, ()), (False, ()), (True, ("norm",))):
        net = student.make(
            "network",
            called="сеть / network",
            layers=rows,
            seed=seed,
            training=training,
            evaluating=evaluating,
        )
        before, modes = student.state_dict(net), student.condition(net)["training"]
        found = student.shift_curve.options(seed=0, want=("out",))(net, images, labels, 2).out
        is_kept = modes == student.condition(net)["training"]
        answers.append((found, is_kept, before, student.state_dict(net)))
    curve = _curve(own, 3)
    _check_falls(curve)
    for found, is_kept, before, after in answers:
        assert_close(_curve(found, 3), curve, **EXACT, what="accuracy of a network in any mode")
        assert is_kept, "layers are left in another mode"
        assert all(torch.equal(after[name], value) for name, value in before.items()), (
            "the network has changed"
        )


def test_unchanged(rng, student):
    images, seed = _framed(rng, 40, 2), _seed(rng)
    rows = _dense(tuple(images.shape[1:]))
    labels = _said(rows, seed, images)
    asked = student.shift_curve.options(want=("out", "inputs_after"))
    result = asked(_net(student, rows, seed), images, labels, 2)
    _check_falls(_curve(result.out, 3))
    for before, after, what in zip(
        (images, labels), result.inputs_after[1:3], ("images", "labels"), strict=True
    ):
        assert_close(after, before, rtol=0, atol=0, what=f"{what} after the call")


def test_refuses(rng, student):
    images, seed = _framed(rng, 40, 2), _seed(rng)
    rows = _dense(tuple(images.shape[1:]))
    labels = _said(rows, seed, images)
    net = _net(student, rows, seed)
    own = student.shift_curve(net, images, labels, 2)
    kinds = []
    for some, few, limit in ((images, labels, -1), (images[:0], labels[:0], 1), (images, labels[:-1], 1)):
        try:
            student.shift_curve(net, some, few, limit)
            kinds.append("nothing")
        except StudentError as error:
            kinds.append(error.kind)
    _check_falls(_curve(own, 3))
    assert kinds == ["ValueError"] * 3, f"arguments that make no sense raise {kinds}, expected ValueError"
