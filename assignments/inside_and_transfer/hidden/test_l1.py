"""Hidden tests of L1, `layer_outputs`: beside the same network run here layer by layer, without hooks.

Networks are the worker's own (driver `network`), in evaluation mode and without in-place layers except where a test is
about that, so that each mistake is paid for once. What an output is, is seen by `test_values` alone: the tests of what
a call does beside it compare the student's outputs with those that the same function gives for a fresh network. Layers
inside of others are asked for in `test_values`, `test_unknown_layer` and `test_repeated_layer` only.
"""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn

from autograder.remote.failures import StudentError
from autograder.sandbox.runner import drivers
from autograder.testing import as_tensor, assert_close, randn

CPU = torch.device("cpu")
CLOSE = {"rtol": 1e-4, "atol": 1e-5}


def _rows(channels: int, height: int, width: int) -> list[tuple]:
    """A small network with a detour: the output of `body` is its input plus what its layers make of it."""
    flat = 4 * ((height + 1) // 2) * (width // 2)  # after a frame of one row, a kernel 2x3 and pooling 2x2
    return [
        ("features.conv", "Conv2d", channels, 4, (2, 3), {"padding": 1}),
        ("features.relu", "ReLU"),
        ("features.pool", "MaxPool2d", 2),
        ("body", "Residual"),
        ("body.conv", "Conv2d", 4, 4, 3, {"padding": 1}),
        ("body.tanh", "Tanh"),
        ("flat", "Flatten"),
        ("head.hidden", "Linear", flat, 6),
        ("head.relu", "ReLU"),
        ("head.last", "Linear", 6, 5),
    ]


def _draw(rng) -> tuple[list[tuple], Tensor]:
    """Rows of a network and a batch that fits; images are not square."""
    channels, height = int(rng.integers(1, 4)), int(rng.integers(6, 10))
    width = height + int(rng.integers(1, 5))
    images = randn(rng, int(rng.integers(2, 5)), channels, height, width, dtype=torch.float32)
    return _rows(channels, height, width), images


def _seed(rng) -> int:
    return int(rng.integers(1 << 31))


def _run(layer: nn.Module, x: Tensor, name: str, found: dict[str, Tensor]) -> Tensor:
    """Run a layer and all inside it by hand; `found` collects outputs by name, the last call of each."""
    start = x
    if isinstance(layer, nn.Sequential):
        for child, part in layer.named_children() if not isinstance(layer, drivers.Idle) else ():
            x = _run(part, x, f"{name}.{child}".lstrip("."), found)
        if isinstance(layer, drivers.Twice):
            for child, part in layer.named_children():
                x = _run(part, x, f"{name}.{child}", found)
        x = start + x if isinstance(layer, drivers.Residual) else x
    else:
        x = layer(x.clone())
    found[name] = x.clone()
    return x


def _expected(rows: list[tuple], seed: int, images: Tensor) -> dict[str, Tensor]:
    """Output of every layer in evaluation mode, containers and the whole network ("") included."""
    found: dict[str, Tensor] = {}
    with torch.no_grad():
        _run(drivers.network(CPU, rows, seed, training=False), images, "", found)
    return found


def _outputs(found: object, names: list[str]) -> dict[str, Tensor]:
    assert isinstance(found, dict), f"layer_outputs gave a {type(found).__name__}, expected a dict"
    missing = [name for name in names if name not in found]
    assert not missing, f"the outputs of {missing} are missing"
    return {name: as_tensor(found[name], f"output of {name}") for name in names}


def _check(found: object, expected: dict[str, Tensor], names: list[str]) -> None:
    for name, value in _outputs(found, names).items():
        assert_close(value, expected[name], **CLOSE, what=f"output of {name}")


def _own(student, rows: list[tuple], seed: int, images: Tensor, names: list[str]) -> dict[str, Tensor]:
    """The student's outputs for a fresh network in evaluation mode; none of them is constant, no two are the same."""
    net = student.make("network", layers=rows, seed=seed, training=False)
    found = _outputs(student.layer_outputs(net, images, names), names)
    for name, value in found.items():
        assert value.is_floating_point(), f"output of {name} has dtype {value.dtype}"
        assert value.numel() > 1, f"output of {name} has shape {tuple(value.shape)}"
        assert float(value.double().std()) > 1e-6, f"output of {name} does not depend on the image"
    pairs = itertools.pairwise(found.values())
    assert not any(a.shape == b.shape and torch.equal(a, b) for a, b in pairs), "two layers give the same"
    return {name: value.float() for name, value in found.items()}


def _failure(student, *arguments) -> str:
    """The type of the exception that a call gives, "" if it gives none."""
    try:
        student.layer_outputs(*arguments)
    except StudentError as error:
        return error.kind
    return ""


def test_values(rng, student):
    names = ["features.conv", "features.relu", "body", "body.conv", "head.hidden", "head.last", "features"]
    pairs = []
    for _ in range(3):
        (rows, images), seed = _draw(rng), _seed(rng)
        net = student.make("network", layers=rows, seed=seed, training=False)
        pairs.append((student.layer_outputs(net, images, names), _expected(rows, seed, images)))
    for found, expected in pairs:
        _check(found, expected, names)


def test_names(rng, student):
    asked = []
    for count in (1, 3, 5):
        rows, seed, images = _rows_of_modes(), _seed(rng), randn(rng, 2, 2, 6, 7, dtype=torch.float32)
        known = [name for name, *_ in rows]
        in_order = [known[i] for i in sorted(rng.permutation(len(known))[:count])]
        names = in_order[::-1] if count < 5 else [in_order[i] for i in rng.permutation(count)]
        net = student.make("network", layers=rows, seed=seed, training=False)
        asked.append((student.layer_outputs(net, images, names), names))
    for found, names in asked:
        _outputs(found, names)
        assert list(found) == names, f"the outputs are those of {list(found)}, expected {names}"


def test_in_place_layers(rng, student):
    copying, in_place = (
        [
            ("conv", "Conv2d", 2, 3, 3),
            ("relu", "ReLU", {"inplace": inplace}),
            ("flat", "Flatten"),
            ("hidden", "Linear", 3 * 4 * 5, 8),
            ("again", "ReLU", {"inplace": inplace}),
            ("last", "Linear", 8, 4),
        ]
        for inplace in (False, True)
    )
    seed, images = _seed(rng), randn(rng, 3, 2, 6, 7, dtype=torch.float32)
    # Layers whose output the next one would change, and whose input nothing does.
    names = ["conv", "hidden", "last"]
    net = student.make("network", layers=in_place, seed=seed, training=False)
    found = student.layer_outputs(net, images, names)
    _check(found, _own(student, copying, seed, images, names), names)


def _rows_of_modes(dropout: float = 0.5) -> list[tuple]:
    return [
        ("conv", "Conv2d", 2, 4, 3),
        ("norm", "BatchNorm2d", 4),
        ("relu", "ReLU"),
        ("dropout", "Dropout", dropout),
        ("flat", "Flatten"),
        ("last", "Linear", 4 * 4 * 5, 4),
    ]


def test_evaluation_mode(rng, student):
    # Without dropout first: what batch normalisation does wrong can be repeated, and so explained.
    for dropout in (0.0, 0.5):
        rows, seed, images = _rows_of_modes(dropout), _seed(rng), randn(rng, 4, 2, 6, 7, dtype=torch.float32)
        net = student.make("network", layers=rows, seed=seed, training=True)
        names = ["norm", "flat", "last"]
        found, after = student.layer_outputs(net, images, names), student.state_dict(net)
        _check(found, _own(student, rows, seed, images, names), names)
        assert isinstance(after, dict), "the network has no state dict"
        for name, value in drivers.network(CPU, rows, seed).state_dict().items():
            assert_close(after.get(name), value, what=f"{name} after the call")


def test_modes_come_back(rng, student):
    # Without dropout: what passes in the wrong mode can be repeated, and so explained.
    rows, images = _rows_of_modes(dropout=0.0), randn(rng, 2, 2, 6, 7, dtype=torch.float32)
    asked = []
    for training, others in ((True, ("norm",)), (False, ()), (True, ("dropout", "last")), (False, ("norm",))):
        net = student.make("network", layers=rows, seed=_seed(rng), training=training)
        for name in others:
            student.set_mode(net.get(name), not training)
        before = student.condition(net)["training"]
        found = student.layer_outputs(net, images, ["conv", "last"])
        asked.append((found, before, student.condition(net)["training"]))
    for found, before, after in asked:
        _outputs(found, ["conv", "last"])
        assert after == before, "a layer is in another mode after the call"


def test_nothing_is_left(rng, student):
    rows, seed, images = _rows_of_modes(), _seed(rng), randn(rng, 3, 2, 6, 7, dtype=torch.float32)
    net = student.make("network", layers=rows, seed=seed, training=False)
    names = ["conv", "norm", "last"]
    traces, left = student.traces("layer_outputs", net, images, names), student.condition(net)
    # A hook that stays would also answer for later calls.
    found = student.layer_outputs(net, images + 1, names)
    expected = _own(student, rows, seed, images + 1, names)
    assert left["hooks"] == 0, "hooks are still in the network after the call"
    assert not traces["output"], "the outputs keep the graph of the computation"
    _check(found, expected, names)


def test_after_an_error(rng, student):
    rows = [row for row in _rows_of_modes() if row[0] != "norm"]  # nothing that an unfinished run may change
    seed, images = _seed(rng), randn(rng, 3, 2, 6, 7, dtype=torch.float32)
    net = student.make("network", layers=rows, seed=seed, training=True)
    wrong = torch.cat([images, images], dim=3)
    names = ["conv", "last"]
    failure, left = _failure(student, net, wrong, names), student.condition(net)
    student.set_mode(net, False)
    found = student.layer_outputs(net, images, names)
    expected = _own(student, rows, seed, images, names)
    assert failure, "images of a wrong size give no error"
    assert left["hooks"] == 0, "hooks are still in the network after an error"
    assert all(left["training"].values()), "the network is in another mode after an error"
    _check(found, expected, names)


def test_unknown_layer(rng, student):
    (rows, images), seed = _draw(rng), _seed(rng)
    rows = [*rows, ("spare", "Idle"), ("spare.last", "Linear", 5, 5)]
    kinds = []
    for names in (["features.conv", "features.conf"], ["conv"], ["head.last", "spare.last"]):
        net = student.make("network", layers=rows, seed=seed, training=False)
        kinds.append((names, _failure(student, net, images, names)))
    for names, kind in kinds:
        assert kind == "ValueError", f"the names {names} give {kind or 'no error'}, expected ValueError"


def test_repeated_layer(rng, student):
    rows = [
        ("conv", "Conv2d", 1, 3, 3),
        ("again", "Twice"),
        ("again.conv", "Conv2d", 3, 3, 3, {"padding": 1}),
        ("again.tanh", "Tanh"),
        ("flat", "Flatten"),
        ("last", "Linear", 3 * 4 * 6, 4),
    ]
    seed, images = _seed(rng), randn(rng, 2, 1, 6, 8, dtype=torch.float32)
    names = ["again.conv", "again.tanh", "last"]
    net = student.make("network", layers=rows, seed=seed, training=False)
    _check(student.layer_outputs(net, images, names), _expected(rows, seed, images), names)
