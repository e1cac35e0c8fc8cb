"""LeNet-5 of 1998 against the figures of the paper and against the same network written out with loops."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.testing import assert_close

from hw_cnn.models import lenet5_1998


def squash(x):
    return 1.7159 * torch.tanh(2 * x / 3)


def subsample(x, weight, bias):
    sums = x[:, :, ::2, ::2] + x[:, :, 1::2, ::2] + x[:, :, ::2, 1::2] + x[:, :, 1::2, 1::2]
    return torch.stack([w * sums[:, c] + b for c, (w, b) in enumerate(zip(weight, bias, strict=True))], dim=1)


def partial(x, weight, bias, table):
    """One convolution per output map, as the paper describes C3."""
    outputs, start = [], 0
    for maps, b in zip(table, bias, strict=True):
        kernel = weight[start : start + 25 * len(maps)].view(1, len(maps), 5, 5)
        outputs.append(F.conv2d(x[:, list(maps)], kernel, b[None]))
        start += 25 * len(maps)
    return torch.cat(outputs, dim=1)


def test_table_is_the_papers():
    table = lenet5_1998.C3_TABLE
    circle = [[i % 6 for i in range(start, start + n)] for n in (3, 4) for start in range(6)]
    assert [sorted(maps) for maps in circle] == [list(maps) for maps in table[:12]]
    assert table[15] == (0, 1, 2, 3, 4, 5)
    # "The next three take input from some discontinuous subsets of four": two pairs, on opposite sides of the circle.
    for maps in table[12:15]:
        missing = set(range(6)) - set(maps)
        assert max(missing) - min(missing) == 3
    assert [sum(number in maps for maps in table) for number in range(6)] == [10] * 6
    assert sum(len(maps) for maps in table) == 60


def test_equals_the_network_written_out():
    torch.manual_seed(0)
    model = lenet5_1998.LeNet1998().double()
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5, w6, b6 = model.parameters()
    x = torch.randn(3, 1, 32, 32, dtype=torch.float64)
    hidden = squash(subsample(squash(F.conv2d(x, w1, b1)), w2, b2))
    hidden = squash(subsample(squash(partial(hidden, w3, b3, lenet5_1998.C3_TABLE)), w4, b4))
    hidden = squash(F.linear(squash(F.conv2d(hidden, w5, b5)).flatten(1), w6, b6))
    hidden, codes = hidden.tolist(), lenet5_1998.digit_codes().tolist()
    expected = [
        [sum((h - c) ** 2 for h, c in zip(row, code, strict=True)) for code in codes] for row in hidden
    ]
    assert_close(model(x), torch.tensor(expected, dtype=torch.float64))


tables = st.lists(
    st.sets(st.integers(0, 3), min_size=1).map(lambda maps: tuple(sorted(maps))), min_size=1, max_size=5
)


@settings(deadline=None, max_examples=20)
@given(table=tables, seed=st.integers(0, 2**31))
def test_one_convolution_equals_one_per_map(table, seed):
    torch.manual_seed(seed)
    layer = lenet5_1998.TableConvolution(4, tuple(table), kernel_size=5).double()
    x = torch.randn(2, 4, 7, 8, dtype=torch.float64, requires_grad=True)
    expected = partial(x, layer.weight, layer.bias, table)
    upstream = torch.randn_like(expected)
    inputs = (x, layer.weight, layer.bias)
    assert_close(layer(x), expected)
    assert_close(
        torch.autograd.grad(layer(x), inputs, upstream), torch.autograd.grad(expected, inputs, upstream)
    )


def test_a_map_does_not_see_what_the_table_leaves_out():
    model = lenet5_1998.LeNet1998()
    layer = model.features.c3
    x = torch.rand(1, 6, 14, 14, requires_grad=True)
    for number, maps in enumerate(lenet5_1998.C3_TABLE):
        (gradient,) = torch.autograd.grad(layer(x)[0, number].sum(), x)
        assert [bool(channel.any()) for channel in gradient[0]] == [i in maps for i in range(6)]


def test_squashing_keeps_plus_and_minus_one():
    x = torch.tensor([-1.0, 0.0, 1.0])
    assert_close(lenet5_1998.Squashing()(x), x, atol=1e-5, rtol=0)


def test_first_weights_are_uniform_within_the_papers_bounds():
    torch.manual_seed(0)
    features = lenet5_1998.LeNet1998().features
    c3_inputs = torch.tensor(
        [25.0 * len(maps) for maps in lenet5_1998.C3_TABLE for _ in range(25 * len(maps))]
    )
    for name, fan_in in (("c1", 25), ("s2", 4), ("c3", c3_inputs), ("s4", 4), ("c5", 400), ("f6", 120)):
        scaled = getattr(features, name).weight.detach() * fan_in / 2.4
        assert scaled.abs().max() <= 1 + 1e-6
        if scaled.numel() > 1000:
            assert scaled.std().item() == pytest.approx(1 / math.sqrt(3), rel=0.05)
            assert scaled.abs().max() > 0.9


def test_codes_are_ten_pictures_of_7x12():
    codes = lenet5_1998.digit_codes()
    assert codes.shape == (10, 7 * 12)
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    differences = [int((a != b).sum()) for i, a in enumerate(codes) for b in codes[:i]]
    assert min(differences) >= 10
    one, zero = codes[1].view(12, 7), codes[0].view(12, 7)
    assert zero[5].tolist() == [1, 1, -1, -1, -1, 1, 1]
    assert one[10].tolist() == [-1, 1, 1, 1, 1, 1, 1]


def test_smallest_distance_is_the_answer():
    codes = lenet5_1998.digit_codes()
    output = lenet5_1998.LeNet1998().output
    distances = output(codes + 0.3)
    assert_close(distances.diagonal(), torch.full((10,), 84 * 0.09))
    assert torch.equal(distances.argmin(1), torch.arange(10))
    assert not output.codes.requires_grad


@pytest.mark.parametrize("j", [0.5, 1.0, 20.0])
def test_loss_is_equation_9(j):
    generator = torch.Generator().manual_seed(0)
    distances = 5 * torch.rand(6, 10, dtype=torch.float64, generator=generator)
    targets = torch.tensor([3, 0, 9, 9, 1, 2])
    expected = 0.0
    for row, target in zip(distances.tolist(), targets.tolist(), strict=True):
        expected += (row[target] + math.log(math.exp(-j) + sum(math.exp(-y) for y in row))) / 6
    assert lenet5_1998.rbf_loss(distances, targets, j).item() == pytest.approx(expected, rel=1e-12)


def test_loss_without_rejection_is_cross_entropy_of_negative_distances():
    distances = 50 * torch.rand(7, 10, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    targets = torch.arange(7)
    assert_close(lenet5_1998.rbf_loss(distances, targets, j=1e6), F.cross_entropy(-distances, targets))


def test_loss_and_gradient_are_finite_far_away():
    distances = torch.full((2, 10), 1e5, requires_grad=True)
    loss = lenet5_1998.rbf_loss(distances, torch.tensor([0, 1]), j=1.0)
    loss.backward()
    assert loss.item() == pytest.approx(1e5 - 1)
    assert distances.grad.isfinite().all()


def test_state_dict_holds_the_weights_and_the_codes():
    state = lenet5_1998.LeNet1998().state_dict()
    assert sum(tensor.numel() for tensor in state.values()) == 60_000 + 840
    lenet5_1998.LeNet1998().load_state_dict(state)


@pytest.mark.parametrize("num_classes", [0, 11])
def test_refuses_classes_without_codes(num_classes):
    with pytest.raises(ValueError, match=rf"num_classes \(={num_classes}\) must be 1 to 10"):
        lenet5_1998.LeNet1998(num_classes)
