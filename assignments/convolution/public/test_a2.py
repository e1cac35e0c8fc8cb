"""ru: Открытые тесты A2: цвета, которые узнаёт каждый.
en: Public tests of A2: colours that everybody knows.
"""

from __future__ import annotations

import torch

from autograder.testing import as_tensor, assert_close

# ru: Красный, зелёный, синий и белый пиксели в одной строке.
# en: Red, green, blue and white pixels in one row.
COLOURS = torch.tensor([[[1.0, 0, 0, 1]], [[0.0, 1, 0, 1]], [[0.0, 0, 1, 1]]])
GREY = torch.tensor([[[0.299, 0.587, 0.114, 1.0]]])


def test_pure_colours(student):
    """красный, зелёный, синий, белый / red, green, blue, white"""
    what = "картинка из четырёх пикселей / an image of four pixels"
    assert_close(student.to_gray(COLOURS), GREY, rtol=0, atol=1e-5, what=what, any_float=True)


def test_mixed_colours(student):
    """серый остаётся серым, тёмное вдвое темнее / grey stays grey, half as bright is half as bright"""
    # ru: Серый 0.5, тёмно-красный, сиреневый.
    # en: Grey 0.5, dark red, violet.
    image = torch.tensor([[[0.5, 0.5, 0.6]], [[0.5, 0.0, 0.2]], [[0.5, 0.0, 1.0]]])
    right = torch.tensor([[[0.5, 0.1495, 0.4108]]])
    what = "серый, тёмно-красный, сиреневый / grey, dark red, violet"
    assert_close(student.to_gray(image), right, rtol=0, atol=1e-5, what=what, any_float=True)


def test_batch(student):
    """две картинки сразу, и картинки в два ряда / two images at once, and images in two rows"""
    two = torch.stack([COLOURS, COLOURS / 2])
    what = "две картинки / two images"
    assert_close(
        student.to_gray(two), torch.stack([GREY, GREY / 2]), rtol=0, atol=1e-5, what=what, any_float=True
    )
    what = "форма (1, 2, 3, 1, 4) / shape (1, 2, 3, 1, 4)"
    right = torch.stack([GREY, GREY / 2])[None]
    assert_close(student.to_gray(two[None]), right, rtol=0, atol=1e-5, what=what, any_float=True)


def test_blue_first(student):
    """синий первым / blue first"""
    pixels = torch.tensor([[[1.0, 2.0]], [[3.0, 4.0]], [[5.0, 6.0]]])
    right = torch.tensor([[[5.0, 6.0]], [[3.0, 4.0]], [[1.0, 2.0]]])
    what = "каналы 1 2, 3 4, 5 6 / channels 1 2, 3 4, 5 6"
    assert_close(student.bgr_to_rgb(pixels), right, what=what, any_float=True)
    two = torch.stack([pixels, pixels + 10])
    what = "две картинки / two images"
    assert_close(student.bgr_to_rgb(two), torch.stack([right, right + 10]), what=what, any_float=True)
    what = "форма (1, 2, 3, 1, 2) / shape (1, 2, 3, 1, 2)"
    assert_close(
        student.bgr_to_rgb(two[None]), torch.stack([right, right + 10])[None], what=what, any_float=True
    )


def test_kept(student):
    """картинка не меняется, тип и градиент сохраняются / the image stays, dtype and gradient are kept"""
    what = "float64, все цифры / float64, all digits"
    red = torch.tensor([[[0.299]]], dtype=torch.float64)
    assert_close(student.to_gray(COLOURS[:, :, :1].double()), red, rtol=0, atol=1e-9, what=what)
    for call in (student.to_gray, student.bgr_to_rgb):
        image = COLOURS.double()
        once = call.options(want=("out", "inputs_after"))(image)
        what = "картинка после вызова / the image after the call"
        assert_close(once.inputs_after[0], COLOURS.double(), rtol=0, atol=0, what=what)
        plain = as_tensor(once.out)
        assert plain.dtype == torch.float64, (
            f"тип результата {plain.dtype}, ожидался float64 / dtype of the result is {plain.dtype}, expected float64"
        )
        options = call.options(
            requires_grad=(0,), upstream=torch.ones_like(plain), want=("inputs_after", "grads")
        )
        result = options(image)
        what = "картинка после вызова / the image after the call"
        assert_close(result.inputs_after[0], COLOURS.double(), rtol=0, atol=0, what=what)
        right = torch.tensor([0.299, 0.587, 0.114]) if len(plain) == 1 else torch.ones(3)
        right = right.double()[:, None, None].expand(3, 1, 4)
        what = "градиент по картинке / gradient of the image"
        assert_close(result.grads[0], right, rtol=0, atol=1e-4, what=what, any_float=True)
