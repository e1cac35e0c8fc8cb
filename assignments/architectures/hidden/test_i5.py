"""Hidden tests of I5, `VGG`: torchvision's state dict, and logits beside an oracle written with torch's functions.

Numbers are compared on a network 32 times narrower; the full one (553 MB) is only described by its shapes. What is
computed is seen by `test_values`, for whatever convolutions D has, and by `test_other_sizes`; batch normalisation is
compared with the student's own network without it, and the rest asks whether each layer works on the image.
"""

from __future__ import annotations

import itertools
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
    check_weights_work,
    check_width,
    draw_weight,
    logits_of,
    randn,
    used_and_idle,
)

WIDTH = 1 / 32
# Number of 3x3 convolutions in each of the five blocks, before each of which (the first too) the filters double.
BLOCKS = {"A": (1, 1, 2, 2, 2), "B": (2, 2, 2, 2, 2), "D": (2, 2, 3, 3, 3), "E": (2, 2, 4, 4, 4)}
FILTERS = (64, 128, 256, 512, 512)
HIDDEN = 4096
NUM_PARAMETERS = 138_357_544
EPSILON = 1e-5


def _convolutions(config: str, batch_norm: bool) -> list[tuple[int, int, bool]]:
    """(number within `features`, filters, whether pooling follows) of every convolution."""
    found, number = [], 0
    for repeats, filters in zip(BLOCKS[config], FILTERS, strict=True):
        for i in range(repeats):
            found.append((number, filters, i == repeats - 1))
            number += 3 if batch_norm else 2
        number += 1
    return found


def _shapes(
    config="D", batch_norm=False, width=1.0, in_channels=3, num_classes=1000, pool_size=7
) -> dict[str, tuple[int, ...]]:
    """Name -> shape of all that torchvision's state dict holds."""
    shapes: dict[str, tuple[int, ...]] = {}
    channels = in_channels
    for number, filters, _ in _convolutions(config, batch_norm):
        filters = int(filters * width)
        shapes[f"features.{number}.weight"] = (filters, channels, 3, 3)
        shapes[f"features.{number}.bias"] = (filters,)
        if batch_norm:
            shapes |= {
                f"features.{number + 1}.{part}": (filters,)
                for part in ("weight", "bias", "running_mean", "running_var")
            }
            shapes[f"features.{number + 1}.num_batches_tracked"] = ()
        channels = filters
    hidden = int(HIDDEN * width)
    sizes = {"0": (hidden, channels * pool_size**2), "3": (hidden, hidden), "6": (num_classes, hidden)}
    for name, size in sizes.items():
        shapes[f"classifier.{name}.weight"], shapes[f"classifier.{name}.bias"] = size, size[:1]
    return shapes


def _make_narrow(student, dropout=0.0, **settings):
    """A network of `WIDTH`. Raises: Difference where the width is ignored: such weights are too large to be sent."""
    net = student.VGG(width=WIDTH, dropout=dropout, **settings)
    shapes = _shapes(width=WIDTH, **settings).values()
    check_width(student.module_table(net), sum(math.prod(shape) for shape in shapes))
    return net


def _num_weights(config: str) -> int:
    return sum(BLOCKS[config]) + 3


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
    """Weights that keep the size of what passes through them; statistics of batch normalisation near 0 and 1."""
    drawn = {}
    for name, shape in shapes.items():
        value = randn(rng, *shape, dtype=torch.float32) * 0.3
        if len(shape) > 1:
            value = value / 0.3 * math.sqrt(2 / max(1, math.prod(shape[1:])))
        elif name.endswith(("running_var", ".weight")):
            value = value.abs() + 0.7
        drawn[name] = torch.tensor(7) if not shape else value
    return drawn


def _load(rng, student, net, drawn: dict[str, Tensor], x: Tensor) -> None:
    """A layer that was left over keeps its numbers: it is paid for in `test_parameter_count`."""
    used, idle = used_and_idle(rng, student, net, x[:1], len(drawn))
    names = _names(used, {name: tuple(value.shape) for name, value in drawn.items()})
    student.load_state_dict(net, idle | {names[name]: value for name, value in drawn.items()})


def _oracle(x: Tensor, state: dict[str, Tensor], config="D", batch_norm=False, pool_size=7) -> Tensor:
    for number, _, last in _convolutions(config, batch_norm):
        x = F.conv2d(x, state[f"features.{number}.weight"], state[f"features.{number}.bias"], padding=1)
        if batch_norm:
            parts = ("running_mean", "running_var", "weight", "bias")
            mean, var, scale, shift = (state[f"features.{number + 1}.{p}"][:, None, None] for p in parts)
            x = (x - mean) / (var + EPSILON).sqrt() * scale + shift
        x = F.max_pool2d(F.relu(x), 2) if last else F.relu(x)
    x = F.adaptive_avg_pool2d(x, pool_size).flatten(1)
    for name in ("classifier.0", "classifier.3", "classifier.6"):
        x = x @ state[f"{name}.weight"].T + state[f"{name}.bias"]
        x = x if name == "classifier.6" else F.relu(x)
    return x


def _ask(rng, student, size: tuple[int, ...], **settings) -> tuple[Tensor, Tensor]:
    """The narrow network's answer with drawn weights for images (N, C, H, W), and the right logits."""
    net = _make_narrow(student, **settings)
    drawn = _draw(rng, _shapes(width=WIDTH, **settings))
    x = randn(rng, *size, dtype=torch.float32)
    _load(rng, student, net, drawn, x)
    kept = {key: value for key, value in settings.items() if key in ("config", "batch_norm", "pool_size")}
    return student.predict(net, x), _oracle(x, drawn, **kept)


def test_parameter_count(student):
    _, trainable = student.blueprint("VGG")
    assert trainable == NUM_PARAMETERS, f"the network has {trainable} trainable parameters"


def test_keys(student):
    shapes, _ = student.blueprint("VGG")
    # What is there beside torchvision's is paid for in `test_parameter_count`.
    kept = {name: shape for name, shape in shapes.items() if name in _shapes()}
    assert kept == _shapes(), "the state dict differs from torchvision's in names or shapes"


def _blocks(filters: list[int]) -> list[tuple[int, bool]]:
    """(filters, whether pooling follows) of each convolution, told from the filters of a network found.

    A block has filters of one number; the last number stands for two blocks, as in all configurations of the paper.
    """
    runs = [list(run) for _, run in itertools.groupby(filters)]
    last = runs.pop()
    runs += [last[: len(last) // 2], last[len(last) // 2 :]] if len(runs) < 4 else [last]
    return [(number, i == len(run) - 1) for run in runs for i, number in enumerate(run)]


def _oracle_of(x: Tensor, layers: list[tuple[Tensor, Tensor]], pool_size: int) -> Tensor:
    """Logits with the convolutions found, then dense layers."""
    convolutions = [layer for layer in layers if layer[0].ndim == 4]
    blocks = _blocks([len(weight) for weight, _ in convolutions])
    for (weight, bias), (_, last) in zip(convolutions, blocks, strict=True):
        x = F.relu(F.conv2d(x, weight, bias, padding=weight.shape[-1] // 2))
        x = F.max_pool2d(x, 2) if last else x
    x = F.adaptive_avg_pool2d(x, pool_size).flatten(1)
    dense = layers[len(convolutions) :]
    for number, (weight, bias) in enumerate(dense):
        x = x @ weight.T + bias
        x = x if number == len(dense) - 1 else F.relu(x)
    return x


def test_values(rng, student):
    asked = []
    for config in ("D", "A"):
        net = _make_narrow(student, config=config)
        x = randn(rng, 2, 3, 224, 224, dtype=torch.float32)
        _, idle = used_and_idle(rng, student, net, x[:1], 2 * _num_weights(config))
        state = {name: value for name, value in student.parameters(net).items() if name not in idle}
        weights = [name for name, value in state.items() if value.ndim > 1]
        drawn = {name: draw_weight(rng, tuple(value.shape)) for name, value in state.items()}
        student.set_parameters(net, drawn)
        asked.append((x, weights, drawn, student.predict(net, x)))
    for x, weights, drawn, answer in asked:
        biases = [name.rpartition(".")[0] + ".bias" for name in weights]
        assert set(weights) | set(biases) == set(drawn), "a layer has no bias, or there is more than layers"
        layers = [(drawn[weight], drawn[bias]) for weight, bias in zip(weights, biases, strict=True)]
        assert [weight.ndim for weight, _ in layers[-4:]] == [4, 2, 2, 2], "there are not three dense layers"
        try:
            expected = _oracle_of(x, layers, 7)
        except RuntimeError:
            raise AssertionError("the layers do not fit each other") from None
        assert_close(answer, expected, rtol=1e-3, atol=1e-3, what="logits")


def test_batch_norm(rng, student):
    settings = {"config": "A", "pool_size": 2}
    plain, _ = student.blueprint("VGG", config="A")
    shapes, trainable = student.blueprint("VGG", config="A", batch_norm=True)
    names = set(_shapes(config="A", batch_norm=True))
    assert names <= set(shapes), "the names of weights differ from torchvision's"
    filters = sum(shape[0] for shape in plain.values() if len(shape) == 4)
    expected = sum(math.prod(shape) for shape in plain.values()) + 2 * filters
    assert trainable == expected, f"the network has {trainable} trainable parameters"
    # Batch normalisation in evaluation is a factor and a constant, which the convolution before it can take over.
    normed, bare = (_make_narrow(student, batch_norm=norm, **settings) for norm in (True, False))
    drawn = _draw(rng, _shapes(width=WIDTH, batch_norm=True, **settings))
    x = randn(rng, 2, 3, 64, 64, dtype=torch.float32)
    _load(rng, student, normed, drawn, x)
    folded = {name: value for name, value in drawn.items() if name.startswith("classifier")}
    numbers = [number for number, _, _ in _convolutions("A", batch_norm=True)]
    for before, (after, _, _) in zip(numbers, _convolutions("A", batch_norm=False), strict=True):
        parts = ("running_mean", "running_var", "weight", "bias")
        mean, var, scale, shift = (drawn[f"features.{before + 1}.{part}"] for part in parts)
        factor = scale / (var + EPSILON).sqrt()
        folded[f"features.{after}.weight"] = drawn[f"features.{before}.weight"] * factor[:, None, None, None]
        folded[f"features.{after}.bias"] = (drawn[f"features.{before}.bias"] - mean) * factor + shift
    check_weights_work(rng, student, bare, x, 1000, _num_weights("A"))
    _load(rng, student, bare, folded, x)
    expected_logits = logits_of(student, bare, x, 1000)
    assert_close(student.predict(normed, x), expected_logits, rtol=1e-3, atol=1e-3, what="logits")


def test_other_configurations(rng, student):
    asked = []
    for config in ("A", "B", "E"):
        net = _make_narrow(student, config=config, pool_size=2)
        x = randn(rng, 2, 3, 64, 64, dtype=torch.float32)
        parameters = student.parameters(net)
        asked.append((config, ask_each_weight(rng, student, net, x, _num_weights(config)), parameters))
    for config, answers, parameters in asked:
        check_each_weight(answers, 1000)
        found = [len(value) for value in parameters.values() if value.ndim == 4]
        expected = [int(filters * WIDTH) for _, filters, _ in _convolutions(config, batch_norm=False)]
        assert found == expected, f"{len(found)} convolutions in {config} have {found} filters"


def test_other_sizes(rng, student):
    sizes = ((64, 64), (96, 288))
    for answer, expected in [_ask(rng, student, (2, 3, *size), config="A") for size in sizes]:
        assert_close(answer, expected, rtol=1e-3, atol=1e-3, what="logits")


def test_arguments(rng, student):
    classes, asked = int(rng.integers(11, 20)), []
    for settings, size in (({"in_channels": 1}, (2, 1, 224, 224)), ({"pool_size": 1}, (2, 3, 32, 32))):
        net = _make_narrow(student, config="A", num_classes=classes, **settings)
        x = randn(rng, *size, dtype=torch.float32)
        parameters = student.parameters(net)
        asked.append((ask_each_weight(rng, student, net, x, _num_weights("A")), parameters, settings))
    for answers, parameters, settings in asked:
        check_each_weight(answers, classes)
        dense = [tuple(v.shape) for v in parameters.values() if v.ndim == 2]
        features = int(512 * WIDTH) * settings.get("pool_size", 7) ** 2
        assert any(shape[1] == features for shape in dense), f"no dense layer takes {features} features"


def test_dropout(rng, student):
    share, n = 0.25, 200
    state = {
        name: torch.zeros(shape) for name, shape in _shapes(config="A", width=WIDTH, num_classes=2).items()
    }
    # Every feature is 1. One feature makes the first dense layer, one unit of that the second; the logits are its mean.
    state["features.18.bias"] += 1
    state["classifier.0.weight"][:, 0] = 1
    state["classifier.3.weight"][:, 0] = 1
    state["classifier.6.weight"] += 1 / (HIDDEN * WIDTH)
    net = _make_narrow(student, share, config="A", num_classes=2)
    images = torch.ones(n, 3, 32, 32)
    _load(rng, student, net, state, images)
    answer = student.predict(net, images)
    student.set_mode(net, True)
    noisy = net.options(seed=0, want=("out",))(images).out
    assert_close(answer, torch.ones(n, 2), rtol=1e-4, atol=1e-4, what="logits")
    noisy = as_tensor(noisy, "logits")
    assert tuple(noisy.shape) == (n, 2), f"logits have shape {tuple(noisy.shape)}, expected {(n, 2)}"
    silent = float((noisy[:, 0] == 0).float().mean())
    assert abs(silent - share) < 0.15, (
        "dropout does not stand after the first dense layer, or its share is another"
    )
    assert len(noisy[:, 0].unique()) > 8, "dropout does not stand after the second dense layer"


def test_batch_of_one(rng, student):
    net = _make_narrow(student, config="A")
    x = randn(rng, 2, 3, 224, 224, dtype=torch.float32)
    check_one_by_one(rng, student, net, x, 1000, _num_weights("A"))
