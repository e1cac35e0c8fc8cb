"""Hidden tests of I4, `AlexNet2012`: shapes of the full network, numbers of one sixteen times narrower.

Names are free: weights are told apart by their shapes, biases by standing beside their weight. Each test looks at one
property: groups are taken as they are found, and what a test is not about may be read in another way (`Reading`).
Sizes, arguments and a batch of one ask whether each layer works on the image.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import (
    WeightAnswers,
    as_tensor,
    ask_each_weight,
    assert_close,
    check_each_weight,
    check_one_by_one,
    check_width,
    randn,
    used_and_idle,
)

WIDTH = 1 / 16
FILTERS = (96, 256, 384, 384, 256)
KERNELS = (11, 5, 3, 3, 3)
PADDINGS = (0, 2, 1, 1, 1)
GROUPS = (1, 2, 1, 2, 2)
NO_GROUPS, GROUPS_IN_ALL = (1, 1, 1, 1, 1), (1, 2, 2, 2, 2)
HIDDEN = 4096
NUM_PARAMETERS = 60_965_224
NUM_WEIGHTS = 8
# Images that give 6x6 features, and the smallest that give any.
IMAGE_PX, SMALL_PX = 227, 67
K, N, ALPHA, BETA = 2.0, 5, 1e-4, 0.75
# Sizes of the first layer's weights at which normalisation divides by little more than k, and by much more.
SMALL, LARGE = 0.3, 300.0


class Reading(NamedTuple):
    """One way to understand the task; the right one by default."""

    window: int = 3
    pool: Callable[..., Tensor] = F.max_pool2d
    relu: bool = True  # after convolutions
    first_padding: int = 0
    k: float = K
    alpha: float = ALPHA
    normalised: tuple[int, ...] = (0, 1)
    end: Callable[[Tensor], Tensor] = torch.nn.Identity()


RIGHT = Reading()
NORMALISATIONS = (
    Reading(k=1.0), Reading(alpha=ALPHA / N), Reading(normalised=()), Reading(normalised=(0, 1, 2)),
)  # fmt: skip
LAYERS = (
    Reading(window=2), Reading(pool=F.avg_pool2d), Reading(relu=False), Reading(first_padding=2),
    Reading(end=torch.nn.Softmax(dim=1)),
)  # fmt: skip


def _feature_px(image_size: int, window: int = 3) -> int:
    """Side of the last feature map: convolution 11/4, then three times pooling with stride 2."""
    side = (image_size - 11) // 4 + 1
    for _ in range(3):
        side = (side - window) // 2 + 1
    return side


def _shapes(
    groups=GROUPS, width=WIDTH, in_channels=3, image_size=IMAGE_PX, num_classes=1000, window=3
) -> list[tuple[int, ...]]:
    """Shapes of the eight weights, in their order."""
    filters = [int(width * n) for n in FILTERS]
    seen = [in_channels, *filters]
    shapes: list[tuple[int, ...]] = [
        (after, before // split, kernel, kernel)
        for after, before, split, kernel in zip(filters, seen[:-1], groups, KERNELS, strict=True)
    ]
    hidden = int(width * HIDDEN)
    features = filters[-1] * _feature_px(image_size, window) ** 2
    return [*shapes, (hidden, features), (hidden, hidden), (num_classes, hidden)]


def _make_narrow(student, dropout=0.0, **settings: Any):
    """A network of `WIDTH`. Raises: Difference where the width is ignored: such weights are too large to be sent."""
    net = student.AlexNet2012(width=WIDTH, dropout=dropout, **settings)
    shapes = _shapes(**settings)
    check_width(student.module_table(net), sum(math.prod(shape) + shape[0] for shape in shapes))
    return net


def _used_and_idle(rng, student, net, image_size=IMAGE_PX, in_channels=3, **_: Any):
    """The state dict of the eight layers, and of what was left over: that is paid for in `test_parameter_count`."""
    x = randn(rng, 2, in_channels, image_size, image_size, dtype=torch.float32)
    return used_and_idle(rng, student, net, x, 2 * NUM_WEIGHTS)


def _names(state: dict[str, Tensor], **settings) -> list[tuple[str, str, tuple[int, ...]]]:
    """(name of the weight, name of the bias, shape of the weight) of every layer."""
    found = {key: tuple(as_tensor(value).shape) for key, value in state.items()}
    expected = [
        _shapes(groups, **settings, window=window)
        for groups in (GROUPS, NO_GROUPS, GROUPS_IN_ALL)
        for window in (3, 2)
    ]
    weights = sorted(shape for shape in found.values() if len(shape) > 1)
    fits = [shapes for shapes in expected if sorted(shapes) == weights]
    assert fits, f"the weights have other shapes ({len(weights)} weights)"
    layers: list[tuple[str, str, tuple[int, ...]]] = []
    for shape in fits[0]:
        taken = {name for layer in layers for name in layer[:2]}
        name = next(key for key, own in found.items() if own == shape and key not in taken)
        biases = [key for key, own in found.items() if own == shape[:1] and key not in taken]
        assert biases, "a layer has no bias"
        beside = name.rpartition(".")[0] + ".bias"
        layers.append((name, beside if beside in biases else biases[0], shape))
    assert len(found) == 2 * len(layers), "there is more than eight layers with weights and biases"
    return layers


def _draw(rng, student, net, gain, centred=False, **settings) -> list[tuple[Tensor, Tensor]]:
    """Load weights of the size at which activations neither grow nor fade; `gain` is for the first layer.

    centred: the kernels of later convolutions are zero but for their middle.
    """
    used, idle = _used_and_idle(rng, student, net, **settings)
    names = _names(used, **settings)
    layers = []
    for number, (_, _, shape) in enumerate(names):
        weight = randn(rng, *shape, dtype=torch.float32) * math.sqrt(3 / math.prod(shape[1:]))
        if centred and 0 < number < 5:
            middle = torch.zeros(shape)
            middle[..., shape[2] // 2, shape[3] // 2] = 1
            weight = weight * middle * shape[2]
        layers.append((weight if number else gain * weight, randn(rng, shape[0], dtype=torch.float32) * 0.3))
    state = dict(idle)
    for (weight_name, bias_name, _), (weight, bias) in zip(names, layers, strict=True):
        state |= {weight_name: weight, bias_name: bias}
    student.load_state_dict(net, state)
    return layers


def _normalise(x: Tensor, k: float = K, alpha: float = ALPHA) -> Tensor:
    """x_i / (k + alpha * sum of x_j² over the n neighbouring maps)^beta, without torch's division of alpha by n."""
    squares = F.pad(x.square(), (0, 0, 0, 0, N // 2, N // 2))
    sums = sum(squares[:, i : i + x.shape[1]] for i in range(N))
    return x / (k + alpha * sums) ** BETA


def _oracle(x: Tensor, layers: list[tuple[Tensor, Tensor]], read: Reading = RIGHT) -> Tensor | None:
    """Logits; None where a reading does not fit the weights."""
    for number, (weight, bias) in enumerate(layers[:5]):
        groups, first = x.shape[1] // weight.shape[1], number == 0
        padding = read.first_padding if first else PADDINGS[number]
        x = F.conv2d(x, weight, bias, 4 if first else 1, padding, groups=groups)
        x = F.relu(x) if read.relu else x
        x = _normalise(x, read.k, read.alpha) if number in read.normalised else x
        x = read.pool(x, read.window, 2) if number in (0, 1, 4) else x
    x = x.flatten(1)
    if x.shape[1] != layers[5][0].shape[1]:
        return None
    for number, (weight, bias) in enumerate(layers[5:]):
        x = x @ weight.T + bias
        x = F.relu(x) if number < 2 else x
    return read.end(x)


def _compare(
    rng, student, readings: Sequence[Reading], n=2, x: Tensor | None = None, gain=SMALL, centred=False
) -> None:
    """Logits of the narrow network with drawn weights, relative to their size, on `n` random images or on `x`.

    They are the right ones or, where the test is about something else, those of one of the `readings`.
    """
    net = _make_narrow(student, image_size=IMAGE_PX)
    layers = _draw(rng, student, net, gain, centred)
    if x is None:
        x = randn(rng, n, 3, IMAGE_PX, IMAGE_PX, dtype=torch.float32)
    actual = as_tensor(student.predict(net, x), "logits")
    for read in (RIGHT, *readings):
        expected = _oracle(x, layers, read)
        if expected is not None and _is_close(actual, expected):
            return
    raise AssertionError("logits have wrong values")


def _is_close(actual: Tensor, expected: Tensor) -> bool:
    if actual.shape != expected.shape or not actual.is_floating_point():
        return False
    return torch.allclose(actual.float(), expected, rtol=2e-3, atol=4e-3 * float(expected.std()))


def test_parameter_count(student):
    _, trainable = student.blueprint("AlexNet2012")
    assert trainable == NUM_PARAMETERS, f"the network has {trainable} trainable parameters"


def test_groups(student):
    shapes, _ = student.blueprint("AlexNet2012")
    convolutions = sorted(shape for shape in shapes.values() if len(shape) == 4)
    assert convolutions == sorted(_shapes(width=1.0)[:5]), "the kernels have other shapes"


def test_values(rng, student):
    _compare(rng, student, NORMALISATIONS, n=3)


def test_normalisation(rng, student):
    # The same everywhere in the image: how maps are pooled makes no difference here.
    x = randn(rng, 4, 3, 1, 1, dtype=torch.float32).expand(4, 3, IMAGE_PX, IMAGE_PX).contiguous()
    _compare(rng, student, LAYERS, x=x, gain=LARGE, centred=True)


def test_order(rng, student):
    _compare(rng, student, (*NORMALISATIONS, *LAYERS), gain=LARGE)


def test_dropout(rng, student):
    share, n = 0.25, 200
    settings = {"image_size": SMALL_PX, "num_classes": 2}
    net = _make_narrow(student, share, **settings)
    used, idle = _used_and_idle(rng, student, net, **settings)
    names = _names(used, **settings)
    state = dict(idle)
    for weight, bias, shape in names:
        state |= {weight: torch.zeros(shape), bias: torch.zeros(shape[0])}
    (_, last, _), (first, _, _), (second, _, _), (third, _, _) = names[4:]
    # Every feature is 1. One feature makes fc6, the mean of fc6 makes fc7; the logits read one unit of fc7, and all.
    state[last] += 1
    state[first][:, 0] = 1
    state[second] += 1 / state[second].shape[1]
    state[third][0, 0] = 1
    state[third][1] += 1 / state[third].shape[1]
    student.load_state_dict(net, state)
    images = torch.ones(n, 3, SMALL_PX, SMALL_PX)
    calm = torch.ones(n, 2)
    answer = student.predict(net, images)
    student.set_mode(net, True)
    noisy = net.options(seed=0, want=("out",))(images).out
    assert_close(answer, calm, rtol=1e-4, atol=1e-4, what="logits")
    noisy = as_tensor(noisy, "logits")
    assert noisy.shape == calm.shape, f"logits have shape {tuple(noisy.shape)}, expected {(n, 2)}"
    silent = (noisy[:, :2] == 0).float().mean(0)
    assert bool(((silent - share).abs() < 0.15).all()), "dropout stands elsewhere, or its share is another"
    assert len(noisy[:, 0].unique()) > 8, "dropout does not stand before the second dense layer"


def _ask_arguments(rng, student, **settings: Any) -> WeightAnswers:
    in_channels, image_size = settings.get("in_channels", 3), settings.setdefault("image_size", IMAGE_PX)
    net = _make_narrow(student, **settings)
    x = randn(rng, 2, in_channels, image_size, image_size, dtype=torch.float32)
    return ask_each_weight(rng, student, net, x, NUM_WEIGHTS)


def test_image_size(rng, student):
    sizes = (SMALL_PX, int(rng.integers(100, 160)))
    for asked in [_ask_arguments(rng, student, image_size=image_size) for image_size in sizes]:
        check_each_weight(asked, 1000)


def test_arguments(rng, student):
    num_classes = int(rng.integers(11, 20))
    check_each_weight(_ask_arguments(rng, student, in_channels=1, num_classes=num_classes), num_classes)


def test_batch_of_one(rng, student):
    net = _make_narrow(student, image_size=IMAGE_PX)
    x = randn(rng, 2, 3, IMAGE_PX, IMAGE_PX, dtype=torch.float32)
    check_one_by_one(rng, student, net, x, 1000, NUM_WEIGHTS)
