"""ru: Открытые тесты E1: строка с лекции и картинки, которые можно дополнить на бумаге.
en: Public tests of E1: the lecture's row, and images that can be framed on paper.
"""

from __future__ import annotations

import torch

from autograder.testing import assert_close

NINE = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]

LAYOUTS = {"contiguous": "подряд в памяти / contiguous", "permuted": "не подряд в памяти / not contiguous"}


def _picture(rows: list[list[float]]) -> torch.Tensor:
    """(H, W) -> (1, 1, H, W)."""
    return torch.tensor(rows, dtype=torch.float32)[None, None]


def _check(actual: object, rows: list[list[float]], what: str) -> None:
    """Числа картинки, с точностью до округления float32 / The numbers of an image, up to rounding in float32."""
    assert_close(actual, _picture(rows), rtol=1e-4, atol=1e-4, what=what, any_float=True)


def test_row(student):
    """строка с лекции, по два числа с каждой стороны / the lecture's row, two numbers on each side"""
    row = _picture([[1, 2, 3, 4, 5]])
    frames = {
        "zeros": [[0, 0, 1, 2, 3, 4, 5, 0, 0]],
        "reflect": [[3, 2, 1, 2, 3, 4, 5, 4, 3]],
        "replicate": [[1, 1, 1, 2, 3, 4, 5, 5, 5]],
    }
    for mode, right in frames.items():
        _check(student.pad2d(row, (0, 0, 2, 2), mode), right, f"1 2 3 4 5, {mode}")
    _check(student.pad2d(row, (0, 0, 2, 2)), frames["zeros"], "mode не задан / no mode is given")


def test_zeros(student):
    """рамка из нулей / a frame of zeros"""
    right = [[0, 0, 0, 0], [0, 1, 2, 0], [0, 3, 4, 0], [0, 0, 0, 0]]
    _check(student.pad2d(_picture([[1, 2], [3, 4]]), (1, 1, 1, 1), "zeros"), right, "рамка 1 / frame of 1")


def test_reflect(student):
    """зеркало: край не повторяется, углы отражены / mirror: the border is not repeated, corners are mirrored"""
    # ru: Строки идут в порядке 3 2 1 2 3 2 1, столбцы в каждой тоже.
    # en: Rows come in the order 3 2 1 2 3 2 1, and so do the columns of each.
    first, second, third = [3, 2, 1, 2, 3, 2, 1], [6, 5, 4, 5, 6, 5, 4], [9, 8, 7, 8, 9, 8, 7]
    right = [third, second, first, second, third, second, first]
    _check(student.pad2d(_picture(NINE), (2, 2, 2, 2), "reflect"), right, "отражение, 2 / mirror, 2")


def test_replicate(student):
    """край повторяется / the border is repeated"""
    right = [[1, 1, 1, 2, 2, 2]] * 3 + [[3, 3, 3, 4, 4, 4]] * 3
    _check(
        student.pad2d(_picture([[1, 2], [3, 4]]), (2, 2, 2, 2), "replicate"), right, "повтор, 2 / repeated, 2"
    )


def test_sides(student):
    """порядок сторон: сверху, снизу, слева, справа / order of the sides: top, bottom, left, right"""
    right = [[0] * 8, [0, 0, 0, 7, 0, 0, 0, 0], [0] * 8, [0] * 8]
    _check(student.pad2d(_picture([[7]]), (1, 2, 3, 4)), right, "padding (1, 2, 3, 4)")


def test_nothing_to_add(student):
    """с какой-то стороны 0: там ничего не добавлено / 0 on some side: nothing is added there"""
    image = _picture([[1, 2], [3, 4]])
    for mode in ("zeros", "reflect", "replicate"):
        _check(student.pad2d(image, (0, 0, 0, 0), mode), [[1, 2], [3, 4]], f"padding (0, 0, 0, 0), {mode}")
    _check(
        student.pad2d(image, (1, 0, 0, 1), "zeros"), [[0, 0, 0], [1, 2, 0], [3, 4, 0]], "padding (1, 0, 0, 1)"
    )
    _check(
        student.pad2d(image, (1, 0, 0, 1), "reflect"),
        [[3, 4, 3], [1, 2, 1], [3, 4, 3]],
        "padding (1, 0, 0, 1)",
    )


def test_axes(student):
    """осей перед высотой и шириной может не быть или быть много / no axis before height and width, or many"""
    x = torch.arange(1.0, 5).reshape(4, 1, 1)
    right = torch.zeros(4, 1, 2)
    right[:, 0, 1] = x[:, 0, 0]
    for shape in ((1, 1), (4, 1, 1), (2, 2, 1, 1), (2, 1, 2, 1, 1)):
        image = x[0].clone() if len(shape) == 2 else x.reshape(shape)
        wanted = right[0] if len(shape) == 2 else right.reshape(*shape[:-2], 1, 2)
        actual = student.pad2d(image, (0, 0, 1, 0), "zeros")
        assert_close(actual, wanted, rtol=1e-4, atol=1e-4, what=f"{shape}", any_float=True)


def test_not_square(student):
    """картинка 2x3 и 3x2 / images 2x3 and 3x2"""
    wide = student.pad2d(_picture([[1, 2, 3], [4, 5, 6]]), (1, 1, 2, 2), "reflect")
    one, two = [3, 2, 1, 2, 3, 2, 1], [6, 5, 4, 5, 6, 5, 4]
    _check(wide, [two, one, two, one], "картинка 2x3, отражение / image 2x3, mirror")
    tall = student.pad2d(_picture([[1, 2], [3, 4], [5, 6]]), (1, 1, 0, 0), "replicate")
    _check(tall, [[1, 2], [1, 2], [3, 4], [5, 6], [5, 6]], "картинка 3x2, повтор / image 3x2, repeated")


def test_gradient(student):
    """градиент каждого места складывается у своего пикселя / the gradient of every place is added up at its pixel"""
    options = {"requires_grad": (0,), "upstream": _picture([[1, 10, 100, 1000]]), "want": ("out", "grads")}
    for mode, right in (("zeros", [[10, 100]]), ("replicate", [[11, 1100]]), ("reflect", [[1010, 101]])):
        result = student.pad2d.options(**options)(_picture([[5, 6]]), (0, 0, 1, 1), mode)
        _check(result.grads[0], right, f"градиент, {mode} / gradient, {mode}")


def test_number_type(student):
    """float32, float64 и uint8 остаются собой / float32, float64 and uint8 stay what they are"""
    for dtype in (torch.float32, torch.float64, torch.uint8):
        x = torch.tensor([[[[0.1, 200.0]]]], dtype=dtype)
        for mode in ("zeros", "reflect", "replicate"):
            right = torch.zeros(1, 1, 1, 3, dtype=dtype)
            right[..., 1:] = x
            if mode != "zeros":
                right[..., 0] = x[..., 1 if mode == "reflect" else 0]
            assert_close(student.pad2d(x, (0, 0, 1, 0), mode), right, rtol=0, atol=0, what=f"{dtype}, {mode}")


def test_image_as_it_lies(student):
    """картинка не меняется и может лежать в памяти не подряд / the image stays as it is, contiguous or not"""
    pictures = (torch.arange(8.0).reshape(2, 1, 2, 2), torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    for x in pictures:
        for layout, where in LAYOUTS.items():
            for mode in ("zeros", "reflect", "replicate"):
                call = student.pad2d.options(layout=layout, want=("out", "inputs_after"))
                result = call(x, (0, 0, 1, 0), mode)
                inside = torch.cat(
                    [{"zeros": 0 * x, "replicate": x, "reflect": x.flip(-1)}[mode][..., :1], x], -1
                )
                assert_close(
                    result.out, inside, rtol=1e-4, atol=1e-4, what=f"{where}, {mode}", any_float=True
                )
                what = "картинка после вызова / the image after the call"
                assert_close(result.inputs_after[0], x, rtol=0, atol=0, what=what)


def test_refused(student):
    """чего не бывает: ValueError / what cannot be is a ValueError"""
    image = _picture(NINE)
    _check(
        student.pad2d(_picture([[1, 2]]), (0, 0, 3, 0), "zeros"),
        [[0, 0, 0, 1, 2]],
        "нули шире картинки / zeros wider",
    )
    wrong = [
        ((3, 0, 0, 0), "reflect"),
        ((0, 3, 0, 0), "reflect"),
        ((0, 0, 3, 0), "reflect"),
        ((0, 0, 0, 5), "reflect"),
    ]
    wrong += [((-1, 0, 0, 0), "zeros"), ((0, 0, 0, -1), "reflect"), ((0, -1, 0, 0), "replicate")]
    wrong += [((1, 1, 1, 1), "mirror")]
    for widths, mode in wrong:
        kind = "исключения нет / no exception"
        try:
            student.pad2d(image, widths, mode)
        except Exception as error:
            kind = getattr(error, "kind", type(error).__name__)
        what = f"padding {widths}, mode {mode}"
        assert kind == "ValueError", (
            f"{what}: {kind}, ожидался ValueError / {what}: {kind}, expected ValueError"
        )
