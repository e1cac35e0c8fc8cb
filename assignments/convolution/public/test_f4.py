"""ru: Открытые тесты F4: слои с весами, которые можно перемножить на бумаге.
en: Public tests of F4: layers whose weights can be multiplied on paper.
"""

from __future__ import annotations

import torch

from autograder.testing import assert_close

LAYOUTS = {"contiguous": "подряд в памяти / contiguous", "permuted": "не подряд в памяти / not contiguous"}


def _map(rows: list[list[float]]) -> torch.Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _check(actual: object, rows: list[list[float]], what: str) -> None:
    """Числа одной карты, с точностью до округления float32 / One map has these values, up to rounding in float32."""
    assert_close(actual, _map(rows), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def _loaded(student, weight: torch.Tensor, bias: float | None = 0.0, **settings):
    """Слой с этими весами / A layer with these weights."""
    out_channels, in_channels, p, q = weight.shape
    layer = student.Conv2d(
        in_channels, out_channels, p if p == q else (p, q), bias=bias is not None, **settings
    )
    state = {"weight": weight}
    if bias is not None:
        state["bias"] = torch.full((out_channels,), bias)
    student.load_state_dict(layer, state)
    return layer


def test_names(student):
    """веса называются как в nn.Conv2d и загружаются / weights are called as in nn.Conv2d, and can be loaded"""
    layer = student.Conv2d(3, 2, 5)
    state = student.state_dict(layer)
    shapes = {name: tuple(value.shape) for name, value in state.items()}
    right = {"weight": (2, 3, 5, 5), "bias": (2,)}
    assert shapes == right, (
        f"в state_dict {shapes}, ожидалось {right} / state_dict holds {shapes}, expected {right}"
    )
    names = sorted(student.parameters(layer))
    assert names == ["bias", "weight"], f"параметры: {names} / parameters: {names}"
    try:
        layer.get("transposed")
    except Exception:
        return
    raise AssertionError(
        "слой унаследован от свёртки torch, а не от nn.Module / the layer is one of torch's convolutions"
    )


def test_values(student):
    """ядро не переворачивается, каналы складываются / the kernel is not flipped, channels are added up"""
    kernel = torch.tensor([[1.0, 10.0], [100.0, 1000.0]])[None, None]
    # ru: 1·1 + 2·10 + 4·100 + 5·1000 = 5421. С перевёрнутым ядром вышло бы 1245.
    # en: 1·1 + 2·10 + 4·100 + 5·1000 = 5421. A flipped kernel would give 1245.
    _check(_loaded(student, kernel)(_map([[1, 2, 3], [4, 5, 6]])), [[5421, 6532]], "ядро 2x2 / kernel 2x2")
    x = torch.tensor([[1.0, 10.0], [2.0, 30.0]])[:, :, None, None]
    weight = torch.tensor([[1.0, 2.0], [3.0, -4.0]])[:, :, None, None]
    right = torch.tensor([[21.0, -37.0], [62.0, -114.0]])[:, :, None, None]
    what = "два канала, два фильтра / two channels, two filters"
    assert_close(_loaded(student, weight)(x), right, rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_bias(student):
    """смещение прибавляется один раз / the bias is added once"""
    layer = _loaded(student, torch.ones(1, 2, 2, 2), bias=0.5)
    output = layer(torch.ones(1, 2, 3, 3))
    _check(output, [[8.5, 8.5], [8.5, 8.5]], "восемь единиц и смещение 0.5 / eight ones and a bias of 0.5")


def test_stride_and_padding(student):
    """шаг 2, дополнение 1 / stride 2, padding 1"""
    grid = [[11, 12, 13, 14], [21, 22, 23, 24], [31, 32, 33, 34], [41, 42, 43, 44]]
    _check(
        _loaded(student, torch.ones(1, 1, 1, 1), stride=2)(_map(grid)),
        [[11, 13], [31, 33]],
        "шаг 2 / stride 2",
    )
    output = _loaded(student, torch.ones(1, 1, 1, 1), padding=1)(_map([[1, 2], [3, 4]]))
    _check(output, [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]], "дополнение 1 / padding 1")


def test_without_bias(student):
    """bias=False: смещения нет / bias=False: there is no bias"""
    layer = student.Conv2d(1, 1, 1, bias=False)
    names = sorted(student.state_dict(layer))
    assert names == ["weight"], f"в state_dict {names} / state_dict holds {names}"
    assert layer.get("bias") is None, "bias не None / bias is not None"
    _check(
        _loaded(student, torch.ones(1, 1, 1, 1), bias=None)(_map([[3]])),
        [[3]],
        "без смещения / without a bias",
    )


def test_pairs(student):
    """пары: сначала по вертикали / pairs, the vertical number first"""
    rows = _map([[1, 2, 3, 4], [5, 6, 7, 8]])
    _check(_loaded(student, torch.ones(1, 1, 1, 3))(rows), [[6, 9], [18, 21]], "ядро (1, 3) / kernel (1, 3)")
    one = torch.ones(1, 1, 1, 1)
    _check(_loaded(student, one, stride=(2, 3))(rows), [[1, 4]], "шаг (2, 3) / stride (2, 3)")
    _check(
        _loaded(student, one, padding=(1, 0))(_map([[7]])),
        [[0], [7], [0]],
        "дополнение (1, 0) / padding (1, 0)",
    )


def test_gradients(student):
    """градиент доходит до весов, смещения и картинки / gradients reach weight, bias and image"""
    layer = _loaded(student, torch.tensor([[[[2.0, 3.0]]]]))
    x, upstream = _map([[5, 6, 7]]), _map([[1, 10]])
    gradients = student.parameter_gradients(layer, x, upstream)
    _check(gradients.get("weight"), [[65, 76]], "градиент весов / gradient of the weight")
    found = gradients.get("bias")
    what = "градиент смещения / gradient of the bias"
    assert_close(found, torch.tensor([11.0]), rtol=1e-4, atol=1e-4, what=what, any_float=True)
    result = layer.options(requires_grad=(0,), upstream=upstream, want=("out", "grads"))(x)
    _check(result.grads[0], [[2, 23, 30]], "градиент картинки / gradient of the image")


def test_beginning(student):
    """веса сначала случайные и небольшие / weights begin at random, and small"""
    kept = [student.parameters(student.Conv2d(4, 25, 5)) for _ in range(2)]
    assert kept[0], "у слоя нет параметров / the layer has no parameters"
    for name, value in kept[0].items():
        low, high = float(value.min()), float(value.max())
        # ru: n = 4·25 = 100: числа от -0.1 до 0.1.
        # en: n = 4·25 = 100: numbers from -0.1 to 0.1.
        assert max(-low, high) < 0.1001, (
            f"{name}: числа от {low:g} до {high:g}, нужны от -1/√100 = -0.1 до 0.1 / "
            f"{name}: numbers from {low:g} to {high:g}, expected from -1/√100 = -0.1 to 0.1"
        )
        assert high - low > 0.05, (
            f"{name}: числа от {low:g} до {high:g} почти одинаковы, нужны случайные от -0.1 до 0.1 / "
            f"{name}: numbers from {low:g} to {high:g} are nearly the same, expected at random from -0.1 to 0.1"
        )
        rows = value.reshape(25, -1)
        assert not torch.equal(rows[0], rows[1]), f"{name}: фильтры одинаковы / {name}: filters are alike"
        again = list(kept[1].values())[list(kept[0]).index(name)]
        assert not torch.equal(value, again), (
            f"{name}: у двух слоёв одни числа / {name}: two layers begin alike"
        )


def test_image_as_it_lies(student):
    """картинка не меняется и может лежать в памяти не подряд / the image stays as it is, contiguous or not"""
    x = torch.arange(1.0, 17).reshape(2, 2, 2, 2)
    layer = _loaded(student, torch.ones(1, 2, 1, 1))
    for layout, where in LAYOUTS.items():
        result = layer.options(layout=layout, want=("out", "inputs_after"))(x)
        assert_close(result.out, x.sum(1, keepdim=True), rtol=1e-4, atol=1e-4, what=where, any_float=True)
        assert_close(result.inputs_after[0], x, rtol=0, atol=0, what="после вызова / after the call")
