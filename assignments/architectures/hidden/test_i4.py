"""Hidden tests of I4, `AlexNet2012`: shapes of the full network, numbers of one sixteen times narrower.

Names are free: weights are told apart by their shapes, biases by standing beside their weight. A network without groups
is compared with an oracle without groups, so that this mistake is paid for once; response normalisation is seen only
where activations are large.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close, randn

WIDTH = 1 / 16
FILTERS = (96, 256, 384, 384, 256)
KERNELS = (11, 5, 3, 3, 3)
PADDINGS = (0, 2, 1, 1, 1)
GROUPS = (1, 2, 1, 2, 2)
NO_GROUPS = (1, 1, 1, 1, 1)
HIDDEN = 4096
NUM_PARAMETERS = 60_965_224
# Images that give 6x6 features, and the smallest that give any.
IMAGE_PX, SMALL_PX = 227, 67
K, N, ALPHA, BETA = 2.0, 5, 1e-4, 0.75
# Sizes of the first layer's weights at which normalisation divides by little more than k, and by much more.
SMALL, LARGE = 0.3, 300.0


def _feature_px(image_size: int) -> int:
    """Side of the last feature map: convolution 11/4, then three times pooling 3/2."""
    side = (image_size - 11) // 4 + 1
    for _ in range(3):
        side = (side - 3) // 2 + 1
    return side


def _shapes(
    groups=GROUPS, width=WIDTH, in_channels=3, image_size=IMAGE_PX, num_classes=1000
) -> list[tuple[int, ...]]:
    """Shapes of the eight weights, in their order."""
    filters = [int(width * n) for n in FILTERS]
    seen = [in_channels, *filters]
    shapes: list[tuple[int, ...]] = [
        (after, before // split, kernel, kernel)
        for after, before, split, kernel in zip(filters, seen[:-1], groups, KERNELS, strict=True)
    ]
    hidden = int(width * HIDDEN)
    features = filters[-1] * _feature_px(image_size) ** 2
    return [*shapes, (hidden, features), (hidden, hidden), (num_classes, hidden)]


def _names(state: object, **settings) -> list[tuple[str, str, tuple[int, ...]]]:
    """(name of the weight, name of the bias, shape of the weight) of every layer."""
    assert isinstance(state, dict), "the network has no state dict"
    found = {key: tuple(as_tensor(value).shape) for key, value in state.items()}
    expected = [_shapes(groups, **settings) for groups in (GROUPS, NO_GROUPS)]
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
    names = _names(student.state_dict(net), **settings)
    layers = []
    for number, (_, _, shape) in enumerate(names):
        weight = randn(rng, *shape, dtype=torch.float32) * math.sqrt(3 / math.prod(shape[1:]))
        if centred and 0 < number < 5:
            middle = torch.zeros(shape)
            middle[..., shape[2] // 2, shape[3] // 2] = 1
            weight = weight * middle * shape[2]
        layers.append((weight if number else gain * weight, randn(rng, shape[0], dtype=torch.float32) * 0.3))
    state = {}
    for (weight_name, bias_name, _), (weight, bias) in zip(names, layers, strict=True):
        state |= {weight_name: weight, bias_name: bias}
    student.load_state_dict(net, state)
    return layers


def _normalise(x: Tensor) -> Tensor:
    """x_i / (k + alpha * sum of x_j² over the n neighbouring maps)^beta, without torch's division of alpha by n."""
    squares = F.pad(x.square(), (0, 0, 0, 0, N // 2, N // 2))
    sums = sum(squares[:, i : i + x.shape[1]] for i in range(N))
    return x / (K + ALPHA * sums) ** BETA


def _oracle(x: Tensor, layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    for number, (weight, bias) in enumerate(layers[:5]):
        groups = x.shape[1] // weight.shape[1]
        x = F.relu(F.conv2d(x, weight, bias, 1 if number else 4, PADDINGS[number], groups=groups))
        x = _normalise(x) if number < 2 else x
        x = F.max_pool2d(x, 3, 2) if number in (0, 1, 4) else x
    x = x.flatten(1)
    for number, (weight, bias) in enumerate(layers[5:]):
        x = x @ weight.T + bias
        x = F.relu(x) if number < 2 else x
    return x


def _compare(rng, student, n=2, x: Tensor | None = None, gain=SMALL, centred=False, **settings) -> None:
    """Logits of the narrow network with drawn weights, relative to their size, on `n` random images or on `x`."""
    net = student.AlexNet2012(width=WIDTH, dropout=0.0, **settings)
    layers = _draw(rng, student, net, gain, centred, **settings)
    if x is None:
        side = settings.get("image_size", IMAGE_PX)
        x = randn(rng, n, settings.get("in_channels", 3), side, side, dtype=torch.float32)
    expected = _oracle(x, layers)
    size = float(expected.std())
    assert_close(student.predict(net, x), expected, rtol=2e-3, atol=4e-3 * size, what="logits")


def test_parameter_count(student):
    _, trainable = student.blueprint("AlexNet2012")
    assert trainable == NUM_PARAMETERS, f"the network has {trainable} trainable parameters"


def test_groups(student):
    shapes, _ = student.blueprint("AlexNet2012")
    convolutions = sorted(shape for shape in shapes.values() if len(shape) == 4)
    assert convolutions == sorted(_shapes(width=1.0)[:5]), "the kernels have other shapes"


def test_values(rng, student):
    _compare(rng, student, n=3)


def test_normalisation(rng, student):
    # The same everywhere in the image: how maps are pooled makes no difference here.
    x = randn(rng, 4, 3, 1, 1, dtype=torch.float32).expand(4, 3, IMAGE_PX, IMAGE_PX).contiguous()
    _compare(rng, student, x=x, gain=LARGE, centred=True)


def test_order(rng, student):
    _compare(rng, student, gain=LARGE)


def test_dropout(student):
    share, n = 0.25, 200
    settings = {"image_size": SMALL_PX, "num_classes": 2}
    net = student.AlexNet2012(width=WIDTH, dropout=share, **settings)
    names = _names(student.state_dict(net), **settings)
    state = {}
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
    assert_close(student.predict(net, images), calm, rtol=1e-4, atol=1e-4, what="logits")
    student.set_mode(net, True)
    noisy = as_tensor(net.options(seed=0, want=("out",))(images).out, "logits")
    assert noisy.shape == calm.shape, f"logits have shape {tuple(noisy.shape)}, expected {(n, 2)}"
    silent = (noisy[:, :2] == 0).float().mean(0)
    assert bool(((silent - share).abs() < 0.15).all()), "dropout stands elsewhere, or its share is another"
    assert len(noisy[:, 0].unique()) > 8, "dropout does not stand before the second dense layer"


def test_image_size(rng, student):
    for image_size in (SMALL_PX, int(rng.integers(100, 160))):
        _compare(rng, student, image_size=image_size)


def test_arguments(rng, student):
    _compare(rng, student, in_channels=1, num_classes=int(rng.integers(11, 20)))


def test_batch_of_one(rng, student):
    _compare(rng, student, n=1)
