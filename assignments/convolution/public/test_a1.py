"""ru: Открытые тесты A1: картинки из нескольких пикселей.
en: Public tests of A1: images of a few pixels.
"""

from __future__ import annotations

import torch

from autograder.testing import assert_close

# ru: Две строки по три пикселя; у каждого пикселя красный, зелёный и синий.
# en: Two rows of three pixels; each pixel has its red, green and blue.
COLOURS = torch.tensor(
    [
        [[255, 0, 51], [204, 0, 51], [153, 0, 51]],
        [[102, 51, 0], [51, 51, 0], [0, 51, 0]],
    ],
    dtype=torch.uint8,
)
PLANES = torch.tensor(
    [
        [[1.0, 0.8, 0.6], [0.4, 0.2, 0.0]],
        [[0.0, 0.0, 0.0], [0.2, 0.2, 0.2]],
        [[0.2, 0.2, 0.2], [0.0, 0.0, 0.0]],
    ]
)
NEAR = {"rtol": 1e-4, "atol": 1e-4, "any_float": True}


def test_six_pixels(student):
    """шесть цветных пикселей / six pixels in colour"""
    what = "картинка 2x3, красный канал первым / image of 2x3, the red channel first"
    assert_close(student.to_chw(COLOURS), PLANES, what=what, **NEAR)


def test_dark_image(student):
    """тёмная картинка остаётся тёмной / a dark image stays dark"""
    dark = student.to_chw(COLOURS // 51)
    what = "байты от 0 до 5 / bytes from 0 to 5"
    assert_close(dark, PLANES / 51, what=what, rtol=1e-3, atol=1e-5, any_float=True)


def test_grey_image(student):
    """серая картинка / a grey image"""
    what = "серая картинка 2x3 / grey image of 2x3"
    assert_close(student.to_chw(COLOURS[:, :, 0].contiguous()), PLANES[:1], what=what, **NEAR)


def test_fourth_channel(student):
    """четвёртый канал — непрозрачность / the fourth channel is how opaque a pixel is"""
    with_alpha = torch.cat([COLOURS, torch.full((2, 3, 1), 128, dtype=torch.uint8)], dim=2)
    what = "картинка 2x3 с четвёртым каналом / image of 2x3 with a fourth channel"
    assert_close(student.to_chw(with_alpha), PLANES, what=what, **NEAR)


def test_three_rows(student):
    """картинка в три строки: каналы всё равно последние / an image of three rows: channels are still the last axis"""
    what = "картинка 3x2 / image of 3x2"
    rows = [[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [51, 51, 51]], [[0, 0, 0], [255, 255, 255]]]
    planes = [
        [[1.0, 0.0], [0.0, 0.2], [0.0, 1.0]],
        [[0.0, 1.0], [0.0, 0.2], [0.0, 1.0]],
        [[0.0, 0.0], [1.0, 0.2], [0.0, 1.0]],
    ]
    result = student.to_chw(torch.tensor(rows, dtype=torch.uint8))
    assert_close(result, torch.tensor(planes), what=what, **NEAR)


def test_type_and_other_images(student):
    """тип чисел, и что не картинка из байтов / the dtype, and what is no image of bytes"""
    assert_close(
        student.to_chw(COLOURS), PLANES, rtol=1e-4, atol=1e-4, what="тип результата / dtype of the result"
    )
    for image in (COLOURS / 255, COLOURS[:, :, :2].contiguous(), COLOURS[None]):
        kind = "исключения нет / no exception"
        try:
            student.to_chw(image)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        given = f"{tuple(image.shape)}, {image.dtype}"
        assert kind == "ValueError", (
            f"{given}: {kind}, ожидался ValueError / {given}: {kind}, expected ValueError"
        )
