"""ru: Открытые тесты D5: функции, ответ о которых известен заранее.
en: Public tests of D5: functions about which the answer is known beforehand.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F

from autograder.testing import Illustrated, affine_of, as_answer

# ru: Пятно, которое остаётся внутри, когда картинка сдвигается.
# en: A spot that stays inside when the image moves.
SPOT = torch.zeros(1, 1, 7, 7)
SPOT[..., 2:4, 2:4] = torch.tensor([[1.0, 4], [3, 2]])
# ru: Картинки, заполненные до краёв: квадратная и нет.
# en: Images that are filled up to their borders: square and not.
FULL = (torch.arange(49.0).reshape(1, 1, 7, 7) * 5) % 9 + 1
WIDE = (torch.arange(45.0).reshape(1, 1, 5, 9) * 7) % 11 + 1
KERNEL = torch.tensor([[[[1.0, 2], [0, 3]]]]).double()
# ru: Смещение, которое растёт вниз, вправо, по диагонали.
# en: An offset that grows downwards, to the right, along the diagonal.
DOWNWARDS = torch.arange(6.0).double()[:, None].expand(6, 6)
RIGHTWARDS = DOWNWARDS.T
RAMP = DOWNWARDS + RIGHTWARDS
CONVOLUTION = "свёртка / convolution"
GROWING = "свёртка и смещение, которое растёт / convolution and an offset that grows"


def _convolution(x, **options):
    return F.conv2d(x, KERNEL, **options)


def _padded(x):
    # ru: Ядро 3x3 и рамка из нулей шириной 1.
    # en: A kernel of 3x3 and a frame of zeros that is 1 wide.
    return F.conv2d(x, torch.tensor([[[[1.0, 2, 1], [0, 3, 1], [2, 1, 1]]]]).double(), padding=1)


def _dense(x):
    # ru: У каждого места карты свой вес для каждого пикселя.
    # en: Each place of the map has a weight of its own for each pixel.
    weight = torch.cos(torch.arange(36 * 49.0).double() * 1.7).mul(5).round().reshape(36, 49)
    return (x.flatten(1) @ weight.T).reshape(-1, 1, 6, 6)


def _function(student, called, of, given=(1, 7, 7)):
    """Функция как слой: матрица и смещение / The function as a layer: a matrix and an offset."""
    size_of_map, weights, bias = affine_of(of, given)
    numbers = {"map.matrix": weights.float(), "map.offset": bias.float()}
    row = ("map", "Affine", given, size_of_map)
    return student.make("network", called, layers=[row], seed=0, state=numbers, training=False)


def _check(student, of, right: bool, name: str, x=SPOT, shift=(2, 2), **options) -> None:
    f = _function(student, name, of, tuple(x.shape[1:]))
    said = as_answer(student.check_equivariant(f, x, shift, **options), "check_equivariant")
    if said != right:
        call = ", ".join([f"shift={shift}", *(f"{key}={value}" for key, value in options.items())])
        moved = x.roll(shift, dims=(2, 3))
        before, after = f(x), f(moved)
        # ru: Показаны последняя картинка и последний канал.
        # en: What is shown is the last image and the last channel.
        of_x = f"[{len(x) - 1}, 0]" if len(x) > 1 else ""
        of_map = f"[{len(x) - 1}, {before.shape[1] - 1}]" if before.shape[:2] != (1, 1) else ""
        raise Illustrated(
            f"{name}, {call}: ответ {said}, верный ответ {right} / {name}, {call}: it says {said}, {right} is right",
            {
                f"x{of_x}": x[-1, 0],
                f"x{of_x} после сдвига / x{of_x} after the shift": moved[-1, 0],
                f"f(x){of_map}": before[-1, -1],
                f"f(x после сдвига){of_map} / f(x after the shift){of_map}": after[-1, -1],
            },
            (said, right),
        )


def test_convolution(student):
    """свёртка сдвигается вместе с картинкой / a convolution moves along with its image"""
    _check(student, _convolution, True, CONVOLUTION)
    _check(student, lambda x: _convolution(x) + 3, True, "свёртка со смещением / convolution with a bias")
    _check(student, _convolution, True, CONVOLUTION, x=FULL)
    _check(student, _convolution, True, CONVOLUTION, x=FULL, shift=(1, 2))


def test_dense(student):
    """полносвязный слой не сдвигается / a dense layer does not move along"""
    _check(student, _dense, False, "полносвязный слой / dense layer")


def test_ramp(student):
    """смещение, которое зависит от места / an offset that depends on the place"""
    _check(student, lambda x: _convolution(x) + RAMP, False, GROWING)
    one = torch.zeros(6, 6).double()
    one[3, 3] = 1
    name = "свёртка, к одному числу которой прибавлена 1 / convolution, with 1 added to a single number"
    _check(student, lambda x: _convolution(x) + one, False, name, x=FULL)
    _check(student, lambda x: _convolution(x) - one, False, "свёртка минус 1 / convolution less 1", x=FULL)
    _check(student, lambda x: 100 * _convolution(x) + one, False, name, x=FULL)


def test_invariant(student):
    """ответ, который не сдвигается, это другое / an answer that does not move is something else"""
    name = "сумма пикселей, умноженная на постоянный узор / sum of the pixels times a fixed pattern"
    _check(student, lambda x: x.sum((2, 3), keepdim=True) * (DOWNWARDS + 1), False, name)
    name = "одно и то же число везде / the same number everywhere"
    _check(student, lambda x: x[..., 1:, 1:] * 0 + 4, True, name)


def test_turned(student):
    """поворот на 180° движется навстречу / turned by 180°, it moves the other way"""
    name = "свёртка после поворота на 180° / convolution after a turn by 180°"
    _check(student, lambda x: _convolution(x.flip(2, 3)), False, name)
    _check(student, lambda x: _convolution(x.flip(2, 3)), False, name, shift=(1, 1))


def test_margin(student):
    """дополнение нулями и поле margin / padding with zeros, and the margin"""
    name = "свёртка с дополнением 1 / convolution with padding 1"
    _check(student, _padded, False, name, x=FULL, shift=(1, 1))
    _check(student, _padded, True, name, x=FULL, shift=(1, 1), margin=1)
    _check(student, _padded, True, name, x=FULL, shift=(1, 1), margin=2)
    _check(student, _dense, False, "полносвязный слой / dense layer", margin=1)


def test_stride(student):
    """шаг 2 / stride 2"""
    name = "свёртка с шагом 2 / convolution with stride 2"
    x = F.pad(SPOT, (1, 1, 1, 1))
    for shift, right in (((2, 2), True), ((1, 2), False), ((2, 1), False), ((3, 3), False)):
        _check(student, lambda x: _convolution(x, stride=2), right, name, x=x, shift=shift, stride=2)
    name = "одно и то же число везде / the same number everywhere"
    _check(student, lambda x: x[..., ::2, ::2] * 0 + 4, False, name, x=x, shift=(1, 2), stride=2)


def test_directions(student):
    """вправо, вверх, влево / to the right, up, to the left"""
    for shift in ((2, 0), (1, 2), (-1, -1), (-1, 1), (1, -1)):
        _check(student, _convolution, True, CONVOLUTION, shift=shift)
        _check(student, lambda x: _convolution(x) + RAMP + RIGHTWARDS, False, GROWING, shift=shift)
    name = "свёртка и смещение, которое растёт вниз / convolution and an offset that grows downwards"
    _check(student, lambda x: _convolution(x) + DOWNWARDS, False, name, shift=(2, 0))
    _check(student, lambda x: _convolution(x) + DOWNWARDS, True, name, shift=(0, 2))
    name = "свёртка и смещение, которое растёт вправо / convolution and an offset that grows to the right"
    _check(student, lambda x: _convolution(x) + RIGHTWARDS, True, name, shift=(2, 0))
    _check(student, lambda x: _convolution(x) + RIGHTWARDS, False, name, shift=(0, 2))


def test_not_square(student):
    """картинка не квадратная / an image that is not square"""
    for x in (WIDE, WIDE.transpose(2, 3)):
        far = torch.zeros(x.shape[2] - 1, x.shape[3] - 1).double()
        far[5:, :], far[:, 5:] = 1, 1
        _check(student, _convolution, True, CONVOLUTION, x=x, shift=(1, 2))
        name = "свёртка, у которой к дальнему краю прибавлена 1 / convolution, with 1 added to its far side"
        _check(student, lambda x, far=far: _convolution(x) + far, False, name, x=x, shift=(1, 2))


def test_channels_and_images(student):
    """все каналы и все картинки / all channels and all images"""

    def last_channel_grows(x):
        return torch.cat([_convolution(x), _convolution(x) + RAMP], dim=1)

    name = "второй канал: свёртка и смещение, которое растёт / second channel: convolution and an offset that grows"
    _check(student, last_channel_grows, False, name)
    growing = torch.arange(7.0).double()[:, None]
    name = (
        "две картинки, первая пустая: пиксели, умноженные на номер строки / "
        "two images, the first one empty: pixels times the number of their row"
    )
    _check(student, lambda x: x * growing, False, name, x=torch.cat([SPOT * 0, SPOT]))


def test_tolerance(student):
    """числа, которые почти равны / numbers that are almost equal"""
    for apart, right in ((0.000002, True), (0.00003, True), (0.01, False)):
        rows = torch.zeros(6, 6).double()
        rows[::2] = apart
        said = f"{apart:.6f}".rstrip("0")
        name = f"свёртка, строки которой отличаются на {said} / convolution whose rows differ by {said}"
        _check(student, lambda x, rows=rows: _convolution(x) / 64 + 1 + rows, right, name, shift=(1, 0))


def test_nothing_left(student):
    """сравнивать нечего / nothing is left to compare"""
    _check(student, _convolution, True, CONVOLUTION)
    f = _function(student, CONVOLUTION, _convolution)
    for shift, margin in (((5, 0), 0), ((6, 0), 0), ((1, 0), 2), ((2, 0), 2)):
        kind = "исключения нет / no exception"
        try:
            student.check_equivariant(f, SPOT, shift, margin=margin)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        place = max(shift) + 2 * margin < 6
        call = f"shift={shift}, margin={margin}"
        if place:
            assert kind == "исключения нет / no exception", (
                f"карта 6x6, {call}: {kind}, хотя места есть / map of 6x6, {call}: {kind}, though places are left"
            )
        else:
            assert kind == "ValueError", (
                f"карта 6x6, {call}: {kind}, ожидался ValueError / map of 6x6, {call}: {kind}, expected ValueError"
            )


def test_image_unchanged(student):
    """картинка после вызова та же / the image stays the same"""
    call = student.check_equivariant.options(want=("inputs_after",))
    after = call(_function(student, CONVOLUTION, _convolution), SPOT.clone(), (2, 0)).inputs_after[1]
    assert torch.equal(after, SPOT), "картинка изменилась / the image has changed"
