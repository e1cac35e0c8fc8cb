"""ru: Открытые тесты F1: картинка со слайда и примеры, которые можно проверить на бумаге.
en: Public tests of F1: the slide's picture, and toys that can be checked by hand.
"""

from __future__ import annotations

import torch

from autograder.testing import assert_close

# ru: Лекция, «сдвиги»: картинка 4x4 с короткой диагональю, ядро 2x2 с единицами на диагонали.
# en: The lecture, "shifts": a 4x4 image with a short diagonal, a 2x2 kernel with ones on the diagonal.
SLIDE_IMAGE = [[0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
SLIDE_KERNEL = [[1, 0], [0, 1]]
SLIDE_RESULT = [[0, 0, 0], [0, 1, 0], [0, 0, 2]]

# ru: Каждое число называет своё место: 23 стоит в строке 2 и столбце 3.
# en: Each number says where it stands: 23 is in row 2, column 3.
PLACES = [[11, 12, 13, 14], [21, 22, 23, 24], [31, 32, 33, 34], [41, 42, 43, 44]]


def _image(rows: list[list[float]]) -> torch.Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _check(actual: object, rows: list[list[float]], what: str) -> None:
    """Числа одной карты, с точностью до округления float32 / One map has these values, up to rounding in float32."""
    assert_close(actual, _image(rows), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_slide(student):
    """свёртка картинки со слайда / convolution of the picture on the slide"""
    actual = student.conv2d(_image(SLIDE_IMAGE), _image(SLIDE_KERNEL))
    _check(actual, SLIDE_RESULT, "свёртка картинки со слайда / convolution of the slide's image")


def test_kernel_is_not_flipped(student):
    """ядро не переворачивается / the kernel is not flipped"""
    actual = student.conv2d(_image([[1, 2, 3], [4, 5, 6]]), _image([[1, 10], [100, 1000]]))
    # ru: 1·1 + 2·10 + 4·100 + 5·1000 = 5421. С перевёрнутым ядром вышло бы 1245, с транспонированным 5241.
    # en: 1·1 + 2·10 + 4·100 + 5·1000 = 5421. A flipped kernel would give 1245, a transposed one 5241.
    _check(actual, [[5421, 6532]], "ядро [[1, 10], [100, 1000]] / kernel [[1, 10], [100, 1000]]")


def test_not_square(student):
    """картинка и ядро не квадратные / neither image nor kernel is square"""
    wide = student.conv2d(_image([[1, 2, 3, 4, 5], [1, 2, 3, 4, 5]]), _image([[1, 1, 1]]))
    _check(wide, [[6, 9, 12], [6, 9, 12]], "картинка 2x5, ядро 1x3 / image 2x5, kernel 1x3")
    tall = student.conv2d(_image([[1, 1], [2, 2], [3, 3], [4, 4]]), _image([[1], [1], [1]]))
    _check(tall, [[6, 6], [9, 9]], "картинка 4x2, ядро 3x1 / image 4x2, kernel 3x1")


def test_images_channels_and_filters(student):
    """две картинки, два канала, три фильтра / two images, two channels, three filters"""
    # ru: По одному пикселю: в первой картинке 1 и 10 (два канала), во второй 2 и 30.
    # en: A pixel each: 1 and 10 (two channels) in the first image, 2 and 30 in the second.
    x = torch.tensor([[1.0, 10.0], [2.0, 30.0]])[:, :, None, None]
    # ru: Первый фильтр считает a + 2·b, второй 3·a - 4·b, третий b - a.
    # en: The first filter computes a + 2·b, the second 3·a - 4·b, the third b - a.
    weight = torch.tensor([[1.0, 2.0], [3.0, -4.0], [-1.0, 1.0]])[:, :, None, None]
    expected = torch.tensor([[21.0, -37.0, 9.0], [62.0, -114.0, 28.0]])[:, :, None, None]
    actual = student.conv2d(x, weight)
    what = "каналы складываются / channels are added up"
    assert_close(actual, expected, rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_bias(student):
    """смещение прибавляется один раз / the bias is added once"""
    x, weight = torch.ones(1, 2, 1, 5), torch.ones(3, 2, 1, 3)
    actual = student.conv2d(x, weight, torch.tensor([1.0, 10.0, 100.0]))
    # ru: Три клетки ядра в двух каналах дают 6, и у каждого фильтра своё смещение: 6 + 1, 6 + 10 и 6 + 100.
    # en: Three cells of the kernel in two channels give 6, and each filter has its own bias: 6 + 1, 6 + 10, 6 + 100.
    expected = torch.tensor([[7.0, 7.0, 7.0], [16.0, 16.0, 16.0], [106.0, 106.0, 106.0]])[None, :, None]
    what = "смещения 1, 10 и 100 / biases 1, 10 and 100"
    assert_close(actual, expected, rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_stride(student):
    """шаг 2, размер нечётный и чётный / stride 2, odd and even size"""
    odd = [row[:3] for row in PLACES[:3]]
    actual = student.conv2d(_image(odd), _image([[1]]), stride=2)
    _check(actual, [[11, 13], [31, 33]], "картинка 3x3, шаг 2 / image 3x3, stride 2")
    # ru: Последний шаг уже не помещается: строки и столбцы 1 и 3, как и раньше.
    # en: One more step does not fit: rows and columns 1 and 3, as before.
    actual = student.conv2d(_image(PLACES), _image([[1]]), stride=2)
    _check(actual, [[11, 13], [31, 33]], "картинка 4x4, шаг 2 / image 4x4, stride 2")


def test_stride_pair(student):
    """шаг парой: сначала по вертикали / stride as a pair, the vertical one first"""
    actual = student.conv2d(_image(PLACES), _image([[1]]), stride=(3, 2))
    _check(actual, [[11, 13], [41, 43]], "шаг (3, 2) / stride (3, 2)")


def test_padding(student):
    """дополнение 1 и 2: рамка из нулей / padding 1 and 2: a frame of zeros"""
    actual = student.conv2d(_image([[1, 2], [3, 4]]), _image([[1]]), padding=1)
    expected = [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]]
    _check(actual, expected, "ядро 1x1, дополнение 1 / kernel 1x1, padding 1")
    actual = student.conv2d(_image([[7]]), _image([[1]]), padding=2)
    expected = [[0, 0, 0, 0, 0], [0, 0, 0, 0, 0], [0, 0, 7, 0, 0], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]]
    _check(actual, expected, "ядро 1x1, дополнение 2 / kernel 1x1, padding 2")


def test_padding_pair(student):
    """дополнение парой: сначала сверху и снизу / padding as a pair, top and bottom first"""
    actual = student.conv2d(_image([[1, 2], [3, 4]]), _image([[1]]), padding=(1, 0))
    _check(actual, [[0, 0], [1, 2], [3, 4], [0, 0]], "дополнение (1, 0) / padding (1, 0)")


def test_stride_and_padding(student):
    """шаг 2 и дополнение 1 вместе / stride 2 and padding 1 together"""
    actual = student.conv2d(torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3), stride=2, padding=1)
    # ru: В углу ядро видит 4 единицы, на стороне 6, в середине 9.
    # en: The kernel sees 4 ones in a corner, 6 at a side, 9 in the middle.
    _check(actual, [[4, 6, 4], [6, 9, 6], [4, 6, 4]], "шаг 2, дополнение 1 / stride 2, padding 1")


def test_number_type(student):
    """float32 остаётся float32, float64 — float64 / float32 stays float32, float64 stays float64"""
    for dtype, close in ((torch.float32, 1e-4), (torch.float64, 1e-10)):
        # ru: Во float32 нет числа 0,1, ближайшее — 0,10000000149: так виден обход через float32.
        # en: float32 has no 0.1, the nearest is 0.10000000149: that shows a detour through float32.
        x, one = torch.tensor([[[[0.1, 0.2]]]], dtype=dtype), torch.ones(1, 1, 1, 1, dtype=dtype)
        assert_close(student.conv2d(x, one), x, rtol=0, atol=close, what=f"{dtype}")


def test_gradient(student):
    """градиент по картинке, ядру и смещению / gradient with respect to image, kernel and bias"""
    # ru: Здесь всё равно, перевёрнуто ли ядро: об этом своя проверка.
    # en: Whether the kernel is flipped does not matter here: that has a test of its own.
    x, weight, bias = _image([[11, 1, 2]]), _image([[1, 1]]), torch.zeros(1)
    upstream = _image([[1, 10]])
    call = student.conv2d.options(requires_grad=(0, 1, 2), upstream=upstream, want=("out", "grads"))
    # ru: Градиент суммы 1·(x1 + x2) + 10·(x2 + x3) + 11·b; по ядру вышло 11·1 + 1·10 и 1·1 + 2·10.
    # en: The gradient of the sum 1·(x1 + x2) + 10·(x2 + x3) + 11·b; of the kernel 11·1 + 1·10 and 1·1 + 2·10.
    grads = call(x, weight, bias).grads
    _check(grads[0], [[1, 11, 10]], "градиент по картинке / gradient of the image")
    _check(grads[1], [[21, 21]], "градиент по ядру / gradient of the kernel")
    what = "градиент по смещению / gradient of the bias"
    assert_close(grads[2], torch.tensor([11.0]), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_arguments_stay(student):
    """картинка, ядро и смещение не меняются / image, kernel and bias stay as they are"""
    arguments = _image(PLACES), _image([[1, 2], [3, 4]]), torch.tensor([5.0])
    for frame in (0, 1):
        after = student.conv2d.options(want=("out", "inputs_after"))(*arguments, padding=frame).inputs_after
        for name, before, now in zip(("x", "weight", "bias"), arguments, after, strict=True):
            what = f"{name} после вызова, padding={frame} / {name} after the call, padding={frame}"
            assert_close(now, before, rtol=0, atol=0, what=what)


def test_memory_order(student):
    """тензоры лежат в памяти не подряд / tensors are not contiguous in memory"""
    x = torch.tensor([[[1.0, 2.0], [10.0, 20.0]], [[3.0, 4.0], [30.0, 40.0]]])[:, :, None]
    # ru: Ядра тоже лежат не подряд: первый фильтр складывает все четыре числа, второй считает a1 + a2 - b1 - b2.
    # en: The kernels are not contiguous, either: the first filter adds up all numbers, the second is a1 + a2 - b1 - b2.
    weight = torch.tensor([[[1.0, 1.0], [1.0, 1.0]], [[1.0, 1.0], [-1.0, -1.0]]])[:, :, None]
    result = student.conv2d.options(layout="permuted", want=("out",))(x, weight)
    # ru: То же, что и при обычном порядке: 33 и 1 + 2 - 10 - 20; во второй картинке 77 и 3 + 4 - 30 - 40.
    # en: As in the usual order: 33 and 1 + 2 - 10 - 20; in the second image 77 and 3 + 4 - 30 - 40.
    expected = torch.tensor([[33.0, -27.0], [77.0, -63.0]])[:, :, None, None]
    what = "после permute / after permute"
    assert_close(result.out, expected, rtol=1e-4, atol=1e-4, what=what, any_float=True)
