"""Hidden tests of I4b, `AlexNet`: torchvision's state dict, and logits beside an oracle written with torch's functions.

Numbers are compared on a network sixteen times narrower; the full one (244 MB) is only described by its shapes. What is
computed is seen by `test_values`, and by `test_other_sizes` where maps are averaged; arguments and a batch of one ask
whether each layer works on the image.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import (
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
# name: (filters, filters before, kernel); stride and padding stand in the oracle.
CONVOLUTIONS = {
    "features.0": (64, 3, 11),
    "features.3": (192, 64, 5),
    "features.6": (384, 192, 3),
    "features.8": (256, 384, 3),
    "features.10": (256, 256, 3),
}
HIDDEN = 4096
NUM_PARAMETERS = 61_100_840
NUM_WEIGHTS = 8


def _shapes(width=1.0, in_channels=3, num_classes=1000, pool_size=6) -> dict[str, tuple[int, ...]]:
    """Name -> shape of all that torchvision's state dict holds."""
    shapes: dict[str, tuple[int, ...]] = {}
    for number, (name, (after, before, kernel)) in enumerate(CONVOLUTIONS.items()):
        channels = int(before * width) if number else in_channels
        shapes[f"{name}.weight"] = (int(after * width), channels, kernel, kernel)
        shapes[f"{name}.bias"] = (int(after * width),)
    hidden = int(HIDDEN * width)
    sizes = {
        "1": (hidden, int(256 * width) * pool_size**2),
        "4": (hidden, hidden),
        "6": (num_classes, hidden),
    }
    for number, size in sizes.items():
        shapes[f"classifier.{number}.weight"], shapes[f"classifier.{number}.bias"] = size, size[:1]
    return shapes


def _make_narrow(student, dropout=0.0, **settings):
    """A network of `WIDTH`. Raises: Difference where the width is ignored: such weights are too large to be sent."""
    net = student.AlexNet(width=WIDTH, dropout=dropout, **settings)
    shapes = _shapes(width=WIDTH, **settings).values()
    check_width(student.module_table(net), sum(math.prod(shape) for shape in shapes))
    return net


def _names(state: dict[str, Tensor], shapes: dict[str, tuple[int, ...]]) -> dict[str, str]:
    """torchvision's name -> the student's, by order: other names are paid for in `test_keys` only."""
    if set(state) == set(shapes):
        return {name: name for name in shapes}
    weights = [name for name, value in state.items() if as_tensor(value).ndim > 1]
    assert len(weights) == len(shapes) / 2, f"{len(weights)} layers have weights, expected {len(shapes) // 2}"
    found = dict(zip([name for name in shapes if name.endswith(".weight")], weights, strict=True))
    found |= {
        name.replace(".weight", ".bias"): own.rpartition(".")[0] + ".bias" for name, own in found.items()
    }
    assert set(found.values()) == set(state), "a layer has no bias, or there is more than layers"
    return found


def _draw(rng, shapes: dict[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """Weights that keep the size of what passes through them."""
    return {
        name: randn(rng, *shape, dtype=torch.float32)
        * (0.3 if len(shape) == 1 else math.sqrt(2 / math.prod(shape[1:])))
        for name, shape in shapes.items()
    }


def _load(rng, student, net, drawn: dict[str, Tensor], x: Tensor) -> None:
    """A layer that was left over keeps its numbers: it is paid for in `test_parameter_count`."""
    used, idle = used_and_idle(rng, student, net, x[:1], len(drawn))
    names = _names(used, {name: tuple(value.shape) for name, value in drawn.items()})
    student.load_state_dict(net, idle | {names[name]: value for name, value in drawn.items()})


def _oracle(x: Tensor, state: dict[str, Tensor], pool_size=6) -> Tensor:
    def convolve(name: str, x: Tensor, **settings) -> Tensor:
        return F.relu(F.conv2d(x, state[f"{name}.weight"], state[f"{name}.bias"], **settings))

    x = F.max_pool2d(convolve("features.0", x, stride=4, padding=2), 3, 2)
    x = F.max_pool2d(convolve("features.3", x, padding=2), 3, 2)
    for name in ("features.6", "features.8", "features.10"):
        x = convolve(name, x, padding=1)
    x = F.adaptive_avg_pool2d(F.max_pool2d(x, 3, 2), pool_size).flatten(1)
    for name in ("classifier.1", "classifier.4", "classifier.6"):
        x = x @ state[f"{name}.weight"].T + state[f"{name}.bias"]
        x = x if name == "classifier.6" else F.relu(x)
    return x


def _ask(rng, student, size: tuple[int, ...], **settings) -> tuple[Tensor, Tensor]:
    """The narrow network's answer with drawn weights for images (N, C, H, W), and the right logits."""
    net = _make_narrow(student, **settings)
    drawn = _draw(rng, _shapes(WIDTH, **settings))
    x = randn(rng, *size, dtype=torch.float32)
    _load(rng, student, net, drawn, x)
    return student.predict(net, x), _oracle(x, drawn, settings.get("pool_size", 6))


def _compare(answer: object, expected: Tensor) -> None:
    assert_close(answer, expected, rtol=1e-3, atol=1e-3, what="logits")


def test_parameter_count(student):
    _, trainable = student.blueprint("AlexNet")
    assert trainable == NUM_PARAMETERS, f"the network has {trainable} trainable parameters"


def test_keys(student):
    shapes, _ = student.blueprint("AlexNet")
    # What is there beside torchvision's is paid for in `test_parameter_count`.
    kept = {name: shape for name, shape in shapes.items() if name in _shapes()}
    assert kept == _shapes(), "the state dict differs from torchvision's in names or shapes"


def test_values(rng, student):
    _compare(*_ask(rng, student, (3, 3, 224, 224)))


def test_other_sizes(rng, student):
    sizes = ((64, 64), (224, 288))
    for answer, expected in [_ask(rng, student, (2, 3, *size)) for size in sizes]:
        _compare(answer, expected)


def test_arguments(rng, student):
    classes, asked = int(rng.integers(11, 20)), []
    for settings, size in (({"in_channels": 1}, (2, 1, 224, 224)), ({"pool_size": 1}, (2, 3, 64, 64))):
        net = _make_narrow(student, num_classes=classes, **settings)
        x = randn(rng, *size, dtype=torch.float32)
        parameters = student.parameters(net)
        asked.append((ask_each_weight(rng, student, net, x, NUM_WEIGHTS), parameters, settings))
    for answers, parameters, settings in asked:
        check_each_weight(answers, classes)
        dense = [tuple(v.shape) for v in parameters.values() if v.ndim == 2]
        features = int(256 * WIDTH) * settings.get("pool_size", 6) ** 2
        assert any(shape[1] == features for shape in dense), f"no dense layer takes {features} features"


def test_dropout(rng, student):
    share, n = 0.25, 200
    state = {name: torch.zeros(shape) for name, shape in _shapes(WIDTH, num_classes=2).items()}
    # Every feature is 1. One feature makes the first dense layer, its mean the second; the logits read one unit of the
    # second, and all of them.
    state["features.10.bias"] += 1
    state["classifier.1.weight"][:, 0] = 1
    state["classifier.4.weight"] += 1 / (HIDDEN * WIDTH)
    state["classifier.6.weight"][0, 0] = 1
    state["classifier.6.weight"][1] += 1 / (HIDDEN * WIDTH)
    net = _make_narrow(student, share, num_classes=2)
    images = torch.ones(n, 3, 64, 64)
    _load(rng, student, net, state, images)
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


def test_batch_of_one(rng, student):
    net = _make_narrow(student)
    x = randn(rng, 2, 3, 224, 224, dtype=torch.float32)
    check_one_by_one(rng, student, net, x, 1000, NUM_WEIGHTS)
