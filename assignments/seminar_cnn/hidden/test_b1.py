"""Hidden tests of B1, `dense_params` and `conv_params`: each looks at one property and is blind to the others.

The tests of weights take a number with or without the biases of all units, whatever `bias` says; who has which biases
is seen by `test_dense_bias` and `test_conv_bias`, on the difference that `bias` makes. Networks, groups and pairs are
compared with the student's own count of single layers. The oracle is torch: its layers on the device "meta".
"""

from __future__ import annotations

from itertools import pairwise

from torch import nn

from autograder.testing import as_number


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _sizes(rng, number: int) -> tuple[int, ...]:
    """Sizes of layers, no two alike."""
    return tuple(int(size) for size in rng.choice(60, number, replace=False) + 3)


def _learned(*layers: nn.Module) -> int:
    return sum(parameter.numel() for parameter in nn.Sequential(*layers).parameters())


def _linears(sizes: tuple[int, ...], bias: bool) -> int:
    pairs = pairwise(sizes)
    return _learned(*(nn.Linear(*pair, bias=bias, device="meta") for pair in pairs))


def _dense(student, sizes: tuple[int, ...], **options: bool) -> float:
    return as_number(student.dense_params(sizes, **options), "dense_params")


def _conv(student, *arguments: object, **options: object) -> float:
    return as_number(student.conv_params(*arguments, **options), "conv_params")


def _check_weights(asked: list[tuple[float, tuple[int, int]]]) -> None:
    """Compared once all is asked: what is not asked tells no mistakes apart."""
    for found, expected in asked:
        assert found in expected, "another number of weights"


def test_one_layer(rng, student):
    cases = [_sizes(rng, 2) for _ in range(3)] + [(3 * _integer(rng, 100, 300) ** 2, _integer(rng, 500, 900))]
    _check_weights(
        [
            (_dense(student, sizes, bias=False), (_linears(sizes, False), _linears(sizes, True)))
            for sizes in cases
        ]
    )


def test_hidden_layers(rng, student):
    asked = []
    for number in (3, 4, 5):
        sizes = _sizes(rng, number)
        layers = [_dense(student, pair, bias=False) for pair in pairwise(sizes)]
        asked.append((_dense(student, sizes, bias=False), layers))
    for found, layers in asked:
        assert min(layers) > 0, "there are no weights"
        assert len(set(layers)) > 1, "the number of weights does not depend on the sizes"
        assert found == sum(layers), "a network has another number of weights than its layers"


def test_convolution(rng, student):
    asked = []
    for kernel in (3, 5, _integer(rng, 6, 11)):
        channels = _sizes(rng, 2)
        expected = (
            _learned(nn.Conv2d(*channels, kernel, bias=False, device="meta")),
            _learned(nn.Conv2d(*channels, kernel, device="meta")),
        )
        asked.append((_conv(student, *channels, kernel, bias=False), expected))
    _check_weights(asked)


def test_dense_bias(rng, student):
    asked = []
    for number in (2, 3, 5):
        sizes = _sizes(rng, number)
        both = [_dense(student, sizes), _dense(student, sizes, bias=True), _dense(student, sizes, bias=False)]
        asked.append((both, sum(sizes[1:])))
    for (default, with_bias, without), expected in asked:
        assert without > 0, "there are no weights"
        assert default == with_bias, "without the argument there is another number of biases"
        assert with_bias - without == expected, "another number of biases"


def test_conv_bias(rng, student):
    asked = []
    for kernel in (3, 4):
        channels = _sizes(rng, 2)
        both = [
            _conv(student, *channels, kernel),
            _conv(student, *channels, kernel, bias=True),
            _conv(student, *channels, kernel, bias=False),
        ]
        asked.append((both, channels[1]))
    for (default, with_bias, without), expected in asked:
        assert without > 0, "there are no weights"
        assert default == with_bias, "without the argument there is another number of biases"
        assert with_bias - without == expected, "another number of biases"


def test_groups(rng, student):
    asked = []
    for groups in (2, 3, 5):
        channels = tuple(groups * size for size in _sizes(rng, 2))
        whole = _conv(student, *channels, 3, bias=False)
        asked.append((whole, groups, _conv(student, *channels, 3, groups=groups, bias=False), channels[1]))
    for whole, groups, parted, num_biases in asked:
        assert whole > num_biases, "there are no weights"
        # The second is for those who count biases always.
        weights = (groups * parted, groups * (parted - num_biases) + num_biases)
        assert whole in weights, "the number of weights is not that of the groups"


def test_kernel_pair(rng, student):
    asked = []
    for height, width in ((3, 5), (7, 2), (1, _integer(rng, 3, 9))):
        channels = _sizes(rng, 2)
        one, pair = (_conv(student, *channels, size, bias=False) for size in (1, (height, width)))
        asked.append((one, pair, height * width, channels[1]))
    for one, pair, cells, num_biases in asked:
        assert one > 0, "there are no weights"
        weights = (one * cells, (one - num_biases) * cells + num_biases)
        assert pair in weights, "the number of weights is not that of the kernel's cells"
