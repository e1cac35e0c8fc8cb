"""Hidden tests of F4, `Conv2d`: each looks at one property and is blind to the others.

What parameters are called is seen by `test_state` alone: the others find the weight by its four axes and the bias by
its one, give them numbers, and where nothing is registered read the layer's own (`_numbers`). Which way round the
kernel stands is seen by `test_values`, whether the bias is used by `test_bias`: elsewhere kernels look the same from
all sides, and biases are zero.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from autograder.remote.failures import StudentError
from autograder.testing import Difference, as_tensor, assert_close, randn

CLOSE = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}


def _integer(rng, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return int(rng.integers(low, high + 1))


def _positive(rng, *shape: int) -> Tensor:
    """Numbers in (0.1, 1.1)."""
    return torch.from_numpy(rng.random(shape) + 0.1).float()


def _even(kernel: Tensor) -> Tensor:
    """The kernel averaged with its mirror images, and with its transpose if it is square."""
    kernel = (kernel + kernel.flip(2)) / 2
    kernel = (kernel + kernel.flip(3)) / 2
    return (kernel + kernel.mT) / 2 if kernel.shape[2] == kernel.shape[3] else kernel


def _numbers(student, layer, weight: Tensor, bias: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """Weight and bias of the layer, after it was given these (zeros for the bias), where it has parameters to give."""
    found = student.parameters(layer)
    names = {value.dim(): name for name, value in found.items()}
    if 4 not in names:
        kept = [layer.get("weight"), layer.get("bias")]
        read = [None if value is None else as_tensor(value).detach() for value in kept]
        assert read[0] is not None, "the layer has no weight"
        assert read[0].shape == weight.shape, f"weight has shape {tuple(read[0].shape)}"
        return read[0], read[1]
    shape = tuple(found[names[4]].shape)
    assert shape == tuple(weight.shape), f"weight has shape {shape}"
    values = {names[4]: weight}
    if 1 in names:
        shape = tuple(found[names[1]].shape)
        assert shape == (len(weight),), f"bias has shape {shape}"
        values[names[1]] = torch.zeros(len(weight)) if bias is None else bias
    student.set_parameters(layer, values)
    return weight, values.get(names.get(1, ""))


def _check_all(asked: list[tuple[object, Tensor]], what: str = "output") -> None:
    """Answers and what was expected: compared once all have been given, for what is not asked tells nothing."""
    for output, expected in asked:
        assert_close(output, expected, what=what, **CLOSE)


def _layer(student, *sizes, **settings):
    """A layer of the student's. Raises: AssertionError where it is no object of the worker."""
    layer = student.Conv2d(*sizes, **settings)
    assert hasattr(layer, "get"), f"Conv2d gives a {type(layer).__name__}, expected a layer"
    return layer


def _has(layer, name: str) -> bool:
    try:
        layer.get(name)
    except StudentError:
        return False
    return True


def test_state(rng, student):
    asked = []
    for _ in range(2):
        sizes = _integer(rng, 2, 4), _integer(rng, 5, 6), _integer(rng, 2, 3)
        layer = _layer(student, *sizes)
        weight, bias = randn(rng, sizes[1], sizes[0], sizes[2], sizes[2]).float(), _positive(rng, sizes[1])
        x = _positive(rng, 1, sizes[0], 6, 6)
        student.state_dict(layer)  # something that has one
        inherited = _has(layer, "transposed")
        before = layer(x)
        student.load_state_dict(layer, {"weight": weight, "bias": bias})
        asked.append((weight, bias, inherited, before, layer(x), student.state_dict(layer)))
    for weight, bias, inherited, before, after, state in asked:
        assert sorted(state) == ["bias", "weight"], f"the state dict holds {sorted(state)}"
        assert_close(state["weight"], weight, what="weight", **CLOSE)
        assert_close(state["bias"], bias, what="bias", **CLOSE)
        assert not inherited, "the layer is one of torch's convolutions"
        change = (as_tensor(after) - as_tensor(before)).detach()
        assert float(change.double().std()) > 1e-3, "the answer does not depend on the loaded weights"


def test_values(rng, student):
    asked = []
    for _ in range(3):
        c, o, k = _integer(rng, 2, 3), _integer(rng, 4, 5), _integer(rng, 2, 3)
        layer = _layer(student, c, o, k)
        weight, bias = _numbers(student, layer, randn(rng, o, c, k, k).float())
        x = randn(rng, 2, c, 6, 6).float()
        asked.append((layer(x), F.conv2d(x, weight, bias)))
    _check_all(asked)


def test_bias(rng, student):
    asked = []
    for _ in range(2):
        c, o = _integer(rng, 2, 3), _integer(rng, 4, 5)
        layer = _layer(student, c, o, 3)
        drawn = _even(_positive(rng, o, c, 3, 3))
        x = _positive(rng, 2, c, 6, 6)
        weight, bias = _numbers(student, layer, drawn, 5 * _positive(rng, o))
        asked.append((layer(x), F.conv2d(x, weight, bias)))
    _check_all(asked)


def test_stride(rng, student):
    asked = []
    for stride in (2, 3):
        for remainder in (0, stride - 1):
            size = 3 + stride * _integer(rng, 1, 2) + remainder
            layer = _layer(student, 2, 3, 3, stride=stride)
            weight, bias = _numbers(student, layer, _even(_positive(rng, 3, 2, 3, 3)))
            x = _positive(rng, 2, 2, size, size)
            asked.append((layer(x), F.conv2d(x, weight, bias, stride=stride)))
    _check_all(asked)


def test_padding(rng, student):
    asked = []
    for padding in (1, 2):
        size = _integer(rng, 4, 6)
        layer = _layer(student, 2, 3, 3, padding=padding)
        weight, bias = _numbers(student, layer, _even(_positive(rng, 3, 2, 3, 3)))
        x = _positive(rng, 2, 2, size, size)
        asked.append((layer(x), F.conv2d(x, weight, bias, padding=padding)))
    _check_all(asked)


def test_gradients(rng, student):
    asked = []
    for k in (2, 3):
        layer = _layer(student, 2, 3, k)
        weight, bias = _numbers(student, layer, _even(_positive(rng, 3, 2, k, k)))
        x = _positive(rng, 2, 2, 6, 6)
        upstream = randn(rng, 2, 3, 7 - k, 7 - k).float()
        call = layer.options(requires_grad=(0,), upstream=upstream, want=("out", "grads"))
        # Weights that are no parameters have gradients that cannot be asked for; `test_state` sees to them.
        kept = {value.dim() for value in student.parameters(layer).values()}
        of_weights, of_image = student.parameter_gradients(layer, x, upstream), call(x).grads
        asked.append((weight, bias, x, upstream, kept, of_weights, of_image))
    for weight, bias, x, upstream, kept, of_weights, of_image in asked:
        leaves = [
            value.clone().requires_grad_() for value in (x, weight, torch.zeros(3) if bias is None else bias)
        ]
        F.conv2d(*leaves).backward(upstream)
        right = {leaf.dim() if number else 0: leaf.grad for number, leaf in enumerate(leaves)}
        assert of_image, "no gradient reaches the image"
        assert_close(of_image[0], right[0], what="gradient of the image", **CLOSE)
        found = {value.dim(): value for value in of_weights.values() if value is not None}
        for axes, name in ((4, "weight"), (1, "bias")):
            if axes in kept and (axes == 4 or bias is not None):
                # Of the kernel's numbers what is the same from all sides: how it stands is another test's.
                one = as_tensor(found.get(axes), f"gradient of the {name}")
                assert one.shape == right[axes].shape, f"gradient of the {name} has shape {tuple(one.shape)}"
                pair = (_even(one), _even(right[axes])) if axes == 4 else (one, right[axes])
                assert_close(*pair, what=f"gradient of the {name}", **CLOSE)


def test_without_bias(rng, student):
    layer = _layer(student, 2, 3, 3, bias=False)
    kept = student.parameters(layer)
    weight, _ = _numbers(student, layer, _even(_positive(rng, 3, 2, 3, 3)))
    x = _positive(rng, 2, 2, 6, 6)
    output, held = layer(x), layer.get("bias")
    assert_close(output, F.conv2d(x, weight), **CLOSE)
    assert all(value.dim() == 4 for value in kept.values()), "there is a bias"
    assert held is None, "bias is not None"


def test_beginning(rng, student):
    sizes = _integer(rng, 12, 16), _integer(rng, 24, 32)
    bound = (sizes[0] * 9) ** -0.5
    layers = [student.Conv2d.options(seed=seed, want=("out",))(*sizes, 3).out for seed in (1, 2)]
    assert all(hasattr(layer, "get") for layer in layers), "Conv2d gives no layer"
    kept = [
        list(student.parameters(layer).values()) or [layer.get("weight"), layer.get("bias")]
        for layer in layers
    ]
    for parameters in kept:
        for value in parameters:
            numbers = as_tensor(value, "a parameter").detach().double()
            assert numbers.numel() > 1, "a parameter is a single number"
            if not float(numbers.abs().max()) < bound * 1.001:
                what = "веса и смещения: наибольший модуль и 1/√n / weights and biases: the largest size, and 1/√n"
                raise Difference(
                    "values", what, pair=(numbers.abs().max()[None], numbers.new_tensor([bound]))
                )
            # Even numbers between -b and b have the deviation b / sqrt(3): .29 b is half of it.
            if not float(numbers.std()) > 0.29 * bound:
                what = "веса и смещения: отклонение / weights and biases: their deviation"
                pair = numbers.std()[None], numbers.new_tensor([bound / 3**0.5])
                raise Difference("values", what, pair=pair)
            assert float(numbers.reshape(len(numbers), -1).mean(1).std()) > 0, "the filters begin alike"
    assert not torch.equal(as_tensor(kept[0][0]), as_tensor(kept[1][0])), (
        "each layer begins with the same numbers"
    )


def test_pairs(rng, student):
    asked = []
    for kernel, stride, padding in (((2, 3), (2, 1), (0, 1)), ((3, 1), (1, 2), (1, 0))):
        layer = _layer(student, 2, 3, kernel, stride=stride, padding=padding)
        weight, bias = _numbers(student, layer, _even(_positive(rng, 3, 2, *kernel)))
        x = _positive(rng, 2, 2, _integer(rng, 5, 6), _integer(rng, 8, 9))
        asked.append((layer(x), F.conv2d(x, weight, bias, stride=stride, padding=padding)))
    _check_all(asked)


def test_layout(rng, student):
    asked = []
    for layout in ("permuted", "strided"):
        layer = _layer(student, 2, 3, 3)
        weight, bias = _numbers(student, layer, _even(_positive(rng, 3, 2, 3, 3)))
        x = _positive(rng, 2, 2, 6, 6)
        result = layer.options(layout=layout, want=("out", "inputs_after"))(x)
        asked.append((x, result, F.conv2d(x, weight, bias)))
    for x, result, expected in asked:
        assert_close(result.out, expected, **CLOSE)
        assert result.inputs_after, "the images did not come back"
        assert_close(result.inputs_after[0], x, rtol=0, atol=0, what="x after the call")
