"""Hidden tests of I1, `SeminarCNN`: each looks at one property and is blind to the others.

- How many numbers there are to train is seen by `test_parameter_count` alone: parameters are counted once each, buffers
  and second names are none. The other tests take what layers they find, those in plain lists too, with any kernels.
- What is computed is seen by `test_values`, with any numbers in the layers. The other tests want to see that every
  layer works on the image (`_check_works`), so that layers which are there for show earn nothing.
- A layer that was left over, beside as many as the task asks for, is no part of the network: which layers are, is seen
  by trying other numbers in each, not by its shape. So it costs `test_parameter_count` only.

Attribute names are free: weights are told apart by their shapes, biases by standing beside their weight.
"""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import as_logits, assert_close, randn

FILTERS = {"dls": (6, 16), "hse": (10, 20)}
HIDDEN = {"dls": (120, 84), "hse": (128,)}
NUM_CLASSES = 10


def _feature_px(image_size: int) -> int:
    """Side of the last feature map: convolution 5, pooling 2, twice."""
    return ((image_size - 4) // 2 - 4) // 2


def _weight_shapes(preset="dls", in_channels=1, image_size=28, num_classes=10) -> list[tuple[int, ...]]:
    first, second = FILTERS[preset]
    shapes: list[tuple[int, ...]] = [(first, in_channels, 5, 5), (second, first, 5, 5)]
    sizes = (second * _feature_px(image_size) ** 2, *HIDDEN[preset], num_classes)
    return shapes + [(after, before) for before, after in itertools.pairwise(sizes)]


def _draw(rng, shape: tuple[int, ...]) -> Tensor:
    """Numbers for a weight or a bias under which signals keep their size."""
    size = max(1, math.prod(shape[1:])) ** -0.5 if len(shape) > 1 else 0.5
    return randn(rng, *shape, dtype=torch.float32) * size


def _layers(state: dict[str, Tensor]) -> list[tuple[str, str | None]]:
    """(weight, bias) by name: two convolutions, then dense layers, each taking what the one before gives.

    Raises: AssertionError where the weights make no such chain.
    """
    convolutions = [name for name, value in state.items() if value.ndim == 4]
    dense = [name for name, value in state.items() if value.ndim == 2]
    assert len(convolutions) == 2, f"{len(convolutions)} weights of convolutions, expected 2"
    assert 1 <= len(dense) <= 5, f"{len(dense)} weights of dense layers"
    for chain in itertools.product(itertools.permutations(convolutions), itertools.permutations(dense)):
        names = [*chain[0], *chain[1]]
        shapes = [tuple(state[name].shape) for name in names]
        joined = shapes[1][1] == shapes[0][0] and shapes[1][0] > 0 and shapes[2][1] % shapes[1][0] == 0
        if joined and all(after[1] == before[0] for before, after in itertools.pairwise(shapes[2:])):
            return _with_biases(state, names)
    raise AssertionError("the weights do not make one chain of layers")


def _with_biases(state: dict[str, Tensor], weights: list[str]) -> list[tuple[str, str | None]]:
    """Each weight with the bias beside it, or one of its length; a layer without costs `test_parameter_count`."""
    free = [name for name, value in state.items() if value.ndim == 1]
    pairs: list[tuple[str, str | None]] = []
    for weight in weights:
        fits = [name for name in free if state[name].shape == state[weight].shape[:1]]
        beside = weight.rpartition(".")[0] + ".bias"
        chosen = beside if beside in fits else fits[0] if fits else None
        free = [name for name in free if name != chosen]
        pairs.append((weight, chosen))
    return pairs


def _oracle(x: Tensor, layers: list[tuple[Tensor, Tensor]]) -> Tensor:
    """convolution - ReLU - max pooling twice, then dense layers with ReLU between them."""
    for weight, bias in layers[:2]:
        x = F.max_pool2d(F.relu(F.conv2d(x, weight) + bias.reshape(-1, 1, 1)), 2)
    x = x.reshape(x.shape[0], -1)
    assert x.shape[1] == layers[2][0].shape[1], "the first dense layer does not take what the pooling gives"
    for weight, bias in layers[2:-1]:
        x = F.relu(x @ weight.T + bias)
    weight, bias = layers[-1]
    return x @ weight.T + bias


def _draw_all(rng, student, net) -> dict[str, Tensor]:
    """Numbers for every parameter, those of layers in plain lists included."""
    state = student.parameters(net, unregistered=True)
    return {name: _draw(rng, tuple(value.shape)) for name, value in state.items()}


class _Asked(NamedTuple):
    """Answers to the same images, judged once all are there: what is not asked tells no mistakes apart.

    Attributes:
        drawn: the numbers that the network keeps.
        before: its answer with these.
        changed: name of a parameter -> its answer with other numbers in it.
    """

    drawn: dict[str, Tensor]
    before: Tensor
    changed: dict[str, Tensor]


def _ask(rng, student, net, x: Tensor, least_ndim: int = 2) -> _Asked:
    """Give each parameter of at least so many axes other numbers in turn; the network keeps drawn ones."""
    drawn = _draw_all(rng, student, net)
    student.set_parameters(net, drawn)
    before, changed = student.predict(net, x), {}
    for name, value in drawn.items():
        if value.ndim >= least_ndim:
            student.set_parameters(net, {name: _draw(rng, tuple(value.shape))})
            changed[name] = student.predict(net, x)
            student.set_parameters(net, {name: value})
    return _Asked(drawn, before, changed)


def _working(asked: _Asked, x: Tensor, num_classes: int = NUM_CLASSES) -> list[str]:
    """Those of the parameters asked for under which other numbers change the answer.

    A weight must not change it for all images by the same amount; a bias may.
    """
    before = as_logits(asked.before, len(x), num_classes)
    least = 1e-5 * (1e-3 + float(before.abs().max()))
    working = []
    for name, answer in asked.changed.items():
        change = as_logits(answer, len(x), num_classes) - before
        if asked.drawn[name].ndim > 1:
            change = change - change.mean(dim=0)
        if float(change.abs().max()) > least:
            working.append(name)
    return working


def _check_works(
    asked: _Asked, x: Tensor, num_classes: int = NUM_CLASSES, preset: str = "dls"
) -> dict[str, tuple[int, ...]]:
    """Each layer works on the image; others may be left over where as many as `preset` has do.

    Returns: the weights that work and their shapes.
    """
    assert asked.changed, "the network has no weights"
    shapes = {name: tuple(asked.drawn[name].shape) for name in _working(asked, x, num_classes)}
    found = [sum(len(shape) == ndim for shape in shapes.values()) for ndim in (4, 2)]
    is_whole = found[0] >= len(FILTERS[preset]) and found[1] > len(HIDDEN[preset])
    idle = [name for name in asked.changed if name not in shapes]
    assert is_whole or not idle, f"{', '.join(idle)} does not work on the image"
    return shapes


def test_parameter_count(student):
    state = student.parameters(student.SeminarCNN())
    shapes = _weight_shapes()
    found = sorted(tuple(value.shape) for value in state.values())
    total = sum(math.prod(shape) for shape in found)
    assert total == 44_426, f"the network has {total} parameters"
    assert found == sorted([*shapes, *[shape[:1] for shape in shapes]]), "the parameters have other shapes"


def test_values(rng, student):
    rounds = []
    for _ in range(2):
        x = randn(rng, 5, 1, 28, 28, dtype=torch.float32)
        rounds.append((x, _ask(rng, student, student.SeminarCNN(), x, least_ndim=1)))
    for x, asked in rounds:
        drawn = asked.drawn
        names = _layers({name: drawn[name] for name in _working(asked, x)})
        none = torch.zeros(())
        try:
            expected = _oracle(x, [(drawn[weight], drawn.get(bias, none)) for weight, bias in names])
        except RuntimeError:
            raise AssertionError("the layers do not fit images of 1x28x28") from None
        assert_close(asked.before, expected, rtol=1e-4, atol=1e-4, what="logits", any_float=True)


def test_image_size(rng, student):
    sizes = []
    for in_channels, image_size in ((3, 32), (1, 20), (2, int(rng.integers(33, 41)))):
        net = student.SeminarCNN(in_channels=in_channels, image_size=image_size)
        x = randn(rng, 3, in_channels, image_size, image_size, dtype=torch.float32)
        sizes.append((x, _ask(rng, student, net, x)))
    features = []
    for x, asked in sizes:
        shapes = _check_works(asked, x)
        names = [weight for weight, _ in _layers({name: asked.drawn[name] for name in shapes})]
        features.append(shapes[names[2]][1])
    assert features[0] > features[1], (
        "the vector of features has one length for images of 32 and of 20 pixels"
    )


def _computed(rng, student, preset: str) -> bool:
    """Whether a preset computes what its layers should, with any numbers in them."""
    x = randn(rng, 3, 1, 28, 28, dtype=torch.float32)
    asked = _ask(rng, student, student.SeminarCNN(preset=preset), x, least_ndim=1)
    found = as_logits(asked.before, 3, NUM_CLASSES)
    try:
        names = _layers({name: asked.drawn[name] for name in _working(asked, x)})
        none = torch.zeros(())
        layers = [(asked.drawn[weight], asked.drawn.get(bias, none)) for weight, bias in names]
        return torch.allclose(found, _oracle(x, layers), rtol=1e-4, atol=1e-4)
    except (AssertionError, RuntimeError):
        return False


def _fits(student, x: Tensor, preset: str) -> bool:
    """Whether a preset takes colour images of another size, and has as many outputs as it is told."""
    try:
        net = student.SeminarCNN(x.shape[1], x.shape[2], 12, preset)
        return tuple(as_logits(student.predict(net, x), len(x), 12).shape) == (len(x), 12)
    except (AssertionError, StudentError):
        return False


def test_hse(rng, student):
    x = randn(rng, 3, 1, 28, 28, dtype=torch.float32)
    shapes = _check_works(_ask(rng, student, student.SeminarCNN(preset="hse"), x), x, preset="hse")
    presets, size = ("dls", "hse"), int(rng.integers(19, 25))
    other = randn(rng, 3, 2, size, size, dtype=torch.float32)
    dls_fits, hse_fits = (_fits(student, other, preset) for preset in presets)
    dls_is_right, hse_is_right = (_computed(rng, student, preset) for preset in presets)
    wanted = sorted(shape[0] for shape in _weight_shapes("hse"))
    assert sorted(shape[0] for shape in shapes.values()) == wanted, "the layers of hse have other widths"
    # What is wrong in dls, too, is paid for elsewhere.
    assert hse_fits or not dls_fits, "hse does not take images of another size, or other classes"
    assert hse_is_right or not dls_is_right, "hse computes something else than dls does with its layers"


def test_logits(rng, student):
    net = student.SeminarCNN()
    x = 3 * randn(rng, 40, 1, 28, 28, dtype=torch.float32)
    asked = _ask(rng, student, net, x)
    student.set_mode(net, True)
    training = net.options(seed=0, want=("out",))(x).out
    _check_works(asked, x)
    for answer, mode in ((asked.before, "evaluation"), (training, "training")):
        logits = as_logits(answer, len(x), NUM_CLASSES)
        assert float(logits.min()) < 0 < float(logits.max()), (
            f"logits take both signs; these do not in {mode} mode"
        )


def test_batch_of_one(rng, student):
    net = student.SeminarCNN()
    x = randn(rng, 3, 1, 28, 28, dtype=torch.float32)
    asked = _ask(rng, student, net, x)
    alone = [student.predict(net, x[i : i + 1]) for i in range(3)]
    _check_works(asked, x)
    together = as_logits(asked.before, 3, NUM_CLASSES)
    for i, answer in enumerate(alone):
        logits = as_logits(answer, 1, NUM_CLASSES)
        assert_close(logits, together[i : i + 1], rtol=1e-4, atol=1e-4, what="logits of one image")


def test_num_classes(rng, student):
    num_classes = int(rng.integers(11, 20))
    x = randn(rng, 3, 1, 28, 28, dtype=torch.float32)
    _check_works(_ask(rng, student, student.SeminarCNN(num_classes=num_classes), x), x, num_classes)
