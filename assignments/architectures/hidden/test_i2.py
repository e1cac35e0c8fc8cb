"""Hidden tests of I2, `LeNet1998`: how many weights, and distances beside an oracle written with torch's functions.

Names, order and grouping of the weights are free. Tensors are told apart by their size; where several have the same
size (a bias, the weights and biases of a subsampling), every reading is tried. All kernels of C3 get the same numbers,
so it does not matter in which order they are kept: what is left to see is which maps they connect.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.testing import as_tensor, assert_close, idle_parameters, randn
from hw_cnn.models import lenet5_1998

NUM_PARAMETERS = 60_000
# With C3 as one masked kernel, and the same two without trainable subsampling.
USUAL_NUMBERS = (NUM_PARAMETERS, NUM_PARAMETERS + 900, NUM_PARAMETERS - 44, NUM_PARAMETERS + 856)
NUM_PIXELS = 84
# Maps of S2 that each map of C3 sees, as in Table I of the paper, and all of them.
TABLE = (
    *("012", "123", "234", "345", "045", "015"),
    *("0123", "1234", "2345", "0345", "0145", "0125", "0134", "1245", "0235"),
    "012345",
)
FULL = ("012345",) * 16
# Number of weights in C3 -> the tables they may stand for; a masked dense kernel holds as many as a full one.
TABLES = {1500: (TABLE,), 2400: (TABLE, FULL)}
# Numbers in all biases of C1 and C3 and in both subsamplings.
SMALL, SMALL_WITHOUT_SUBSAMPLING = 66, 22
# (a, s) of the squashing function a tanh(s x)
PAPER, PLAIN = (1.7159, 2 / 3), (1.0, 1.0)
ANSWERS = ("squares", "roots", "negative", "mean")
CLOSE = {"rtol": 1e-3, "atol": 1e-2}


class Reading(NamedTuple):
    """One way to understand a state dict: (weights, biases) of each layer; of C3 one kernel stands for all."""

    c1: tuple[Tensor, Tensor]
    s2: tuple[Tensor, Tensor]
    c3: tuple[Tensor, Tensor]
    s4: tuple[Tensor, Tensor]
    c5: tuple[Tensor, Tensor]
    f6: tuple[Tensor, Tensor]


def _is_weight(value: Tensor) -> bool:
    """Not codes, nor an index, nor a mask of zeros and ones beside a dense kernel."""
    is_mask = value.numel() in (96, 2400) and bool(((value == 0) | (value == 1)).all())
    are_codes = value.numel() % NUM_PIXELS == 0 and bool((value.abs() == 1).all())
    return value.is_floating_point() and not is_mask and not are_codes


def _state(rng, student, net) -> tuple[dict[str, Tensor], list[str]]:
    """The state dict, and the names of its weights.

    Those of a layer that was left over are no weights: it is paid for in `test_parameter_count`.
    """
    state = student.state_dict(net)
    names = [name for name, value in state.items() if _is_weight(value)]
    if sum(state[name].numel() for name in names) not in USUAL_NUMBERS:
        idle = idle_parameters(rng, student, net, _images(rng, 1))
        names = [name for name in names if name not in idle]
    return state, names


def _sort(weights: dict[str, Tensor]) -> tuple[dict[str, str], list[str], list[str]]:
    """Names: of the large layers by role, of C3's kernels, of all small tensors."""
    sizes = {"c1": 150, "c5": 48_000, "f6": 10_080, "c5 bias": 120, "f6 bias": 84}
    layers = {}
    for role, size in sizes.items():
        fits = [name for name, value in weights.items() if value.numel() == size]
        # The last map of C3 may have as many weights as C1.
        fits = [name for name in fits if role != "c1" or weights[name].shape[:1] == (6,)]
        assert len(fits) == 1, f"{len(fits)} tensors hold {size} numbers ({role}), expected one"
        layers[role] = fits[0]
    rest = [name for name in weights if name not in layers.values()]
    kernels = [name for name in rest if weights[name].numel() > 16]
    return layers, kernels, [name for name in rest if name not in kernels]


def _draw(rng, weights: dict[str, Tensor], kernel_size: float = 1.0) -> dict[str, Tensor]:
    """Weights under which the units neither die nor saturate; one kernel for all of C3."""
    layers, kernels, _ = _sort(weights)
    scale = {"c1": 0.25, "c5": 0.08, "f6": 0.12}
    drawn = {name: randn(rng, *value.shape, dtype=torch.float32) * 0.4 for name, value in weights.items()}
    for role, size in scale.items():
        drawn[layers[role]] *= size / 0.4
    are_kernels = all(weights[name].shape[-2:] == (5, 5) for name in kernels)
    kernel = randn(rng, 5, 5, dtype=torch.float32) * 0.2 if are_kernels else torch.full((1,), 0.08)
    kernel = kernel_size * kernel
    return drawn | {name: kernel.expand(weights[name].shape).clone() for name in kernels}


def _readings(weights: dict[str, Tensor]) -> Iterator[Reading]:
    """Every way to tell the small tensors apart, the most likely first."""
    layers, kernels, small = _sort(weights)
    flat = {name: value.reshape(-1) for name, value in weights.items()}
    is_kernel = weights[kernels[0]].shape[-2:] == (5, 5)
    kernel = flat[kernels[0]][:25] if is_kernel else flat[kernels[0]][:1].expand(25)
    for c1, s2, s4 in _roles(flat, small):
        rest = [name for name in small if name not in (c1, *s2, *s4)]
        for missing in (0.25, 1.0) if not s2 else (0.0,):
            fixed = [(torch.full((maps,), missing), torch.zeros(maps)) for maps in (6, 16)]
            yield Reading(
                c1=(flat[layers["c1"]].reshape(6, 1, 5, 5), flat[c1]),
                s2=(flat[s2[0]], flat[s2[1]]) if s2 else fixed[0],
                c3=(kernel.reshape(5, 5), torch.cat([flat[name] for name in rest])),
                s4=(flat[s4[0]], flat[s4[1]]) if s4 else fixed[1],
                c5=(flat[layers["c5"]].reshape(120, 16, 5, 5), flat[layers["c5 bias"]]),
                f6=(flat[layers["f6"]].reshape(84, 120), flat[layers["f6 bias"]]),
            )


def _roles(flat: dict[str, Tensor], small: list[str]) -> list[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    """(bias of C1, weights and biases of S2, of S4); the rest are C3's biases.

    Without trainable subsampling two of the three are empty: that mistake is paid for in `test_subsampling`.
    """
    total = sum(flat[name].numel() for name in small)
    assert total in (SMALL, SMALL_WITHOUT_SUBSAMPLING), f"biases and subsampling hold {total} numbers"
    sixes, sixteens = ([name for name in small if flat[name].numel() == size] for size in (6, 16))
    each = 2 if total == SMALL else 0
    found = []
    for c1, *s2 in itertools.permutations(sixes, 1 + each):
        for s4 in itertools.permutations(sixteens, each):
            left = total - flat[c1].numel() - 6 * len(s2) - 16 * len(s4)
            if left == 16:
                found.append((c1, tuple(s2), s4))
    return found


def _squash(x: Tensor, amplitude: float, slope: float) -> Tensor:
    return amplitude * torch.tanh(slope * x)


def _subsample(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    sums = x[..., ::2, ::2] + x[..., 1::2, ::2] + x[..., ::2, 1::2] + x[..., 1::2, 1::2]
    return sums * weight[:, None, None] + bias[:, None, None]


def _oracle(x: Tensor, w: Reading, table=TABLE, squashing=PAPER) -> Tensor:
    """Distances of images (N, 1, 32, 32)."""
    x = _squash(F.conv2d(x, *w.c1), *squashing)
    x = _squash(_subsample(x, *w.s2), *squashing)
    seen = torch.stack([sum(x[:, int(i)] for i in maps) for maps in table], dim=1)
    kernels = w.c3[0].expand(16, 1, 5, 5)
    x = _squash(F.conv2d(seen, kernels, w.c3[1], groups=16), *squashing)
    x = _squash(_subsample(x, *w.s4), *squashing)
    x = _squash(F.conv2d(x, *w.c5).flatten(1), *squashing)
    x = _squash(x @ w.f6[0].T + w.f6[1], *squashing)
    return _distances(x)


def _distances(x: Tensor, classes: int = 10) -> Tensor:
    codes = lenet5_1998.digit_codes()[:classes]
    return torch.stack([((x - code) ** 2).sum(1) for code in codes], dim=1)


def _images(rng, n: int) -> Tensor:
    return randn(rng, n, 1, 32, 32, dtype=torch.float32)


class Asked(NamedTuple):
    """Images, the weights that a network had, and its answer."""

    x: Tensor
    drawn: dict[str, Tensor]
    answer: Tensor


def _ask(rng, student, kernel_size=1.0) -> Asked:
    net = student.LeNet1998()
    state, names = _state(rng, student, net)
    drawn = _draw(rng, {name: state[name] for name in names}, kernel_size)
    student.load_state_dict(net, state | drawn)
    x = _images(rng, 3)
    return Asked(x, drawn, student.predict(net, x))


def _agrees(asked: Asked, tables=TABLES, squashings=(PAPER, PLAIN), answers=ANSWERS, trainable=True) -> bool:
    """Whether the network computes what some reading of its weights, table, squashing and answer gives."""
    x, drawn, actual = asked
    actual = as_tensor(actual, "distances")
    assert tuple(actual.shape) == (3, 10), f"distances have shape {tuple(actual.shape)}, expected (3, 10)"
    assert actual.dtype == torch.float32, f"distances have dtype {actual.dtype}, expected float32"
    small = sum(drawn[name].numel() for name in _sort(drawn)[2])
    assert small == SMALL or not trainable, "the subsampling layers have no weights and biases"
    in_c3 = sum(drawn[name].numel() for name in _sort(drawn)[1])
    assert in_c3 in tables, f"C3 holds {in_c3} weights"
    found = [_as_distances(actual, answer) for answer in answers]
    expected = (
        _oracle(x, reading, table, squashing)
        for table in tables[in_c3]
        for squashing in squashings
        for reading in _readings(drawn)
    )
    return any(torch.allclose(seen, right, **CLOSE) for right in expected for seen in found)


def _as_distances(answer: Tensor, form: str) -> Tensor:
    """Squared distances out of what a network gives instead: that is paid for in other tests."""
    forms = {"squares": answer, "roots": answer**2, "negative": -answer, "mean": NUM_PIXELS * answer}
    return forms[form]


def test_parameter_count(student):
    count = {name: count for name, _, count in student.module_table(student.LeNet1998())}.get("")
    assert count == NUM_PARAMETERS, f"the network has {count} parameters"


def test_squashing(rng, student):
    pairs = []
    for _ in range(2):
        net = student.LeNet1998()
        state, names = _state(rng, student, net)
        layers = _sort({name: state[name] for name in names})[0]
        # Without the weights of F6 only its biases are left.
        bias = 1.5 * randn(rng, 84, dtype=torch.float32)
        state = state | {layers["f6"]: torch.zeros_like(state[layers["f6"]]), layers["f6 bias"]: bias}
        student.load_state_dict(net, state)
        expected = _distances(_squash(bias, *PAPER).expand(2, 84))
        pairs.append((student.predict(net, _images(rng, 2)), expected))
    for answer, expected in pairs:
        assert_close(answer, expected, rtol=1e-3, atol=1e-2, what="distances")


def test_subsampling(rng, student):
    # Without the weights of C3 its table makes no difference; S4 sees the biases.
    assert _agrees(_ask(rng, student, kernel_size=0.0)), (
        "distances are not those of trainable sums of 2x2 windows"
    )


def test_table(rng, student):
    only = dict.fromkeys(TABLES, (TABLE,))
    assert _agrees(_ask(rng, student), only, trainable=False), "C3 connects other maps"


def test_values(rng, student):
    for asked in [_ask(rng, student) for _ in range(2)]:
        agrees = _agrees(asked, squashings=(PAPER,), answers=("squares",))
        assert agrees, "distances have wrong values"


def test_gradients(rng, student):
    net = student.LeNet1998()
    state, names = _state(rng, student, net)
    drawn = _draw(rng, {name: state[name] for name in names})
    student.load_state_dict(net, state | drawn)
    grads = student.parameter_gradients(net, _images(rng, 3), randn(rng, 3, 10, dtype=torch.float32))
    learned = [grad for grad in grads.values() if grad is not None]
    count = sum(int((as_tensor(grad) != 0).sum()) for grad in learned)
    assert count >= NUM_PARAMETERS - 60, f"{count} parameters get a gradient"


def test_num_classes(rng, student):
    classes, x = int(rng.integers(2, 9)), _images(rng, 4)
    state = student.state_dict(student.LeNet1998())
    few = student.LeNet1998(num_classes=classes)
    names = _state(rng, student, few)[1]
    own = student.state_dict(few)
    assert set(names) <= set(state), "the number of classes changes the weights"
    student.load_state_dict(few, own | {name: state[name] for name in names})
    ten = student.LeNet1998()
    student.load_state_dict(ten, state)
    expected, answer = as_tensor(student.predict(ten, x), "distances"), student.predict(few, x)
    assert tuple(expected.shape) == (4, 10), f"distances have shape {tuple(expected.shape)}, expected (4, 10)"
    assert_close(answer, expected[:, :classes], rtol=1e-4, atol=1e-3, what="distances")


def test_batch_of_one(rng, student):
    distances = as_tensor(student.predict(student.LeNet1998(), _images(rng, 1)), "distances")
    assert tuple(distances.shape) == (1, 10), (
        f"distances have shape {tuple(distances.shape)}, expected (1, 10)"
    )
