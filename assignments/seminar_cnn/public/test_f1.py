"""Public tests of F1: the slide's picture, and toys that can be checked by hand."""

from __future__ import annotations

import torch

from autograder.testing import assert_close

# Лекция, «сдвиги»: картинка 4x4 с короткой диагональю, ядро 2x2 с единицами на диагонали.
SLIDE_IMAGE = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
SLIDE_KERNEL = [[1, 0], [0, 1]]
SLIDE_RESULT = [[0, 0, 0], [0, 1, 0], [0, 0, 2]]


def _image(rows: list[list[float]]) -> torch.Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def test_slide(student):
    """свёртка картинки со слайда / convolution of the picture on the slide"""
    actual = student.conv2d(_image(SLIDE_IMAGE), _image(SLIDE_KERNEL))
    assert_close(
        actual, _image(SLIDE_RESULT), what="свёртка картинки со слайда / convolution of the slide's image"
    )


def test_kernel_is_not_flipped(student):
    """ядро не переворачивается / the kernel is not flipped"""
    actual = student.conv2d(_image([[1, 2, 3], [4, 5, 6]]), _image([[1, 0], [0, -1]]))
    # 1·1 - 5·1 = -4 и 2·1 - 6·1 = -4; с перевёрнутым ядром вышло бы +4.
    assert_close(actual, _image([[-4, -4]]), what="ядро [[1, 0], [0, -1]] / kernel [[1, 0], [0, -1]]")


def test_two_channels_and_bias(student):
    """два канала и смещение / two channels and a bias"""
    x = torch.stack([torch.ones(3, 3), 10 * torch.ones(3, 3)])[None]
    weight = torch.ones(1, 2, 3, 3)
    actual = student.conv2d(x, weight, torch.tensor([0.5]))
    # Девять единиц первого канала, девять десяток второго и смещение.
    assert_close(actual, torch.tensor([[[[99.5]]]]), what="сумма по двум каналам / sum over two channels")


def test_stride_and_padding(student):
    """шаг 2 и дополнение 1 / stride 2 and padding 1"""
    x, weight = torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3)
    actual = student.conv2d(x, weight, stride=2, padding=1)
    # В углу ядро видит 4 единицы, на стороне 6, в середине 9.
    expected = _image([[4, 6, 4], [6, 9, 6], [4, 6, 4]])
    assert_close(actual, expected, what="шаг 2, дополнение 1 / stride 2, padding 1")


def test_gradient(student):
    """градиент по картинке и по ядру / gradient with respect to image and kernel"""
    x, weight = _image([[1, 2, 3]]), _image([[1, -1]])
    call = student.conv2d.options(requires_grad=(0, 1), upstream=_image([[1, 10]]), want=("out", "grads"))
    grad_x, grad_weight = call(x, weight).grads
    assert_close(grad_x, _image([[1, 9, -10]]), what="градиент по картинке / gradient of the image")
    assert_close(grad_weight, _image([[21, 32]]), what="градиент по ядру / gradient of the kernel")
