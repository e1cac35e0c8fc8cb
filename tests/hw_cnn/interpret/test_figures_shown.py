"""What each picture shows: numbers land in their place, on their scale, with their colours."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from matplotlib.patches import Rectangle

from hw_cnn.interpret import figures
from hw_cnn.interpret.figures import canvas
from hw_cnn.interpret.figures.kernels import Filtered
from hw_cnn.interpret.figures.receptive_field import Field
from tests.hw_cnn.interpret.figure_support import EDGE, SHARPEN, images, noise


def test_filters_are_drawn_with_zero_in_white_on_one_scale():
    filters = noise(6, 1, 5, 5)
    axes = [axes for axes in figures.draw_filters(filters).axes if axes.images]
    for panel, weights in zip(axes[:6], filters, strict=True):
        picture = panel.images[0]
        assert np.array_equal(picture.get_array(), weights[0].numpy())
        assert picture.get_clim() == pytest.approx((-float(filters.abs().max()), float(filters.abs().max())))
        assert picture.get_cmap().name == "RdBu_r"
        assert picture.get_cmap()(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.04)


def test_rows_below_zero_are_signed_and_others_are_not():
    figure = figures.draw_outputs(images(1)[0], {"a": noise(2, 4, 4), "b": noise(2, 4, 4).relu()})
    maps = [
        axes.images[0].get_cmap().name
        for axes in figure.axes
        if axes.images and axes.get_label() != "<colorbar>"
    ]
    assert maps == ["gray", "RdBu_r", "RdBu_r", "cividis", "cividis"]


@pytest.mark.parametrize("box", [(3, 5, 9, 11), (-4, -2, 10, 40)])
def test_a_receptive_field_is_framed_where_it_lies(box):
    panel = figures.draw_fields(images(1)[0], [Field("c", box)]).axes[0]
    frame = next(patch for patch in panel.patches if isinstance(patch, Rectangle))
    top, left = frame.get_y(), frame.get_x()
    assert (top, left, top + frame.get_height(), left + frame.get_width()) == box
    picture, veil = panel.images
    assert list(picture.get_extent()) == [0, 28, 28, 0]
    opacity = np.asarray(veil.get_array())[..., 3]
    assert [(opacity[row, column] == 0) for row, column in ((3, 5), (8, 10), (27, 0))] == [
        True,
        True,
        box[0] < 0 > 1,
    ]
    left_limit, right_limit = panel.get_xlim()
    assert left_limit < min(0, box[1])
    assert right_limit > max(28, box[3])


def test_an_occlusion_map_lies_where_the_middles_of_the_squares_were():
    values = noise(8, 8)
    figure = figures.draw_occlusion(images(1), [values], ["0"], window=7, stride=3)
    picture = next(axes.images[1] for axes in figure.axes if len(axes.images) == 2)
    left, right, bottom, top = picture.get_extent()
    # Square number (0, 0) covers 0..7, its middle is 3.5; number (7, 7) covers 21..28.
    assert (left + right) / 2 == 14
    assert left + 1.5 == 3.5
    assert right - 1.5 == 24.5
    assert (top, bottom) == (left, right)
    assert np.array_equal(picture.get_array(), values.numpy())


def test_a_grad_cam_lies_in_its_place():
    figure = figures.draw_grad_cam(images(1), noise(1, 4, 4).relu(), ["0"], "c", place=(6, 8, 22, 24))
    over = next(axes for axes in figure.axes if len(axes.images) == 2)
    assert list(over.images[1].get_extent()) == [8, 24, 22, 6]
    assert over.get_xlim() == (0, 28)
    assert over.get_ylim() == (28, 0)


def test_confusion_writes_counts_and_colours_shares_of_rows():
    confusion = torch.tensor([[8, 2, 0], [0, 0, 0], [1, 0, 3]])
    axes = figures.draw_confusion(confusion, ["a", "b", "c"]).axes[0]
    written = {
        (int(text.get_position()[1]), int(text.get_position()[0])): text.get_text() for text in axes.texts
    }
    assert written == {(0, 0): "8", (0, 1): "2", (2, 0): "1", (2, 2): "3"}
    expected = [[0.8, 0.2, 0], [0, 0, 0], [0.25, 0, 0.75]]
    assert np.allclose(axes.images[0].get_array(), expected)


def test_the_sum_of_each_kernel_stands_in_its_title():
    kernels = {
        "sharpen": SHARPEN,
        "edge": EDGE,
        "misprint": torch.tensor([[0.0, 1, 0], [1, 5, 1], [0, 1, 0]]),
        "blur": torch.full((3, 3), 1 / 9),
    }
    filtered = [Filtered(name, kernel, torch.full((3, 9, 9), 99.0)) for name, kernel in kernels.items()]
    figure = figures.draw_kernels(filtered, "ru")
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["sharpen\nсумма 1", "edge\nсумма 0", "misprint\nсумма 9", "blur\nсумма 1"]
    written = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert written[:9] == ["0", "−1", "0", "−1", "5", "−1", "0", "−1", "0"]
    assert written[-9:] == ["1/9"] * 9


def test_a_result_beyond_the_screen_is_clipped_and_one_around_zero_is_not():
    figure = figures.draw_kernels(
        [
            Filtered("9", torch.full((3, 3), 1.0), torch.full((3, 4, 4), 900.0)),
            Filtered("0", EDGE, noise(3, 4, 4) * 300),
        ]
    )
    bright, edges = (axes.images[0] for axes in figure.axes if axes.get_title())
    assert np.asarray(bright.get_array()).max() == 1
    assert np.asarray(edges.get_array()).min() < -100
    assert edges.get_cmap().name == "RdBu_r"


def test_the_shift_curve_draws_percents_against_pixels():
    figure = figures.draw_shift_curve({"a": [1.0, 0.5], "b": torch.tensor([0.75, 0.25])}, 4)
    lines = figure.axes[0].lines
    assert [np.asarray(line.get_ydata()).tolist() for line in lines[:2]] == [[100, 50], [75, 25]]
    assert lines[0].get_xdata().tolist() == [0, 1]
    assert lines[2].get_ydata() == [25, 25]
    assert lines[2].get_label() == "guessing: 25.0\N{NO-BREAK SPACE}%"


def test_a_maximised_image_is_stretched_and_a_constant_one_is_grey():
    panels = figures.draw_maximised(
        torch.stack([noise(1, 5, 5) * 40 - 7, torch.full((1, 5, 5), 3.0)]), ["a", "b"], "c"
    ).axes
    values = [
        np.asarray(axes.images[0].get_array())
        for axes in panels
        if axes.images and axes.get_label() != "<colorbar>"
    ]
    assert values[0].min() == 0
    assert values[0].max() == 1
    assert (values[1] == 0.5).all()


def test_points_of_one_character_are_that_character():
    labels = torch.arange(20) % 10
    figure = figures.draw_embedding(noise(20, 2), labels, [str(n) for n in range(10)], [0.5, 0.5])
    marks = [points.get_paths()[0].get_extents() for points in figure.axes[0].collections]
    assert len(marks) == 10
    for mark in marks:
        # Digits are higher than wide; the largest side is 1, the middle in the origin.
        assert mark.width < 0.8 * mark.height
        assert abs(mark.x0 + mark.x1) < 1e-6
    assert marks[1].width != marks[8].width


def test_names_with_dollars_and_underscores_are_drawn_as_they_are():
    names = ["_a", "$x^", "b$c$", "<b>"]
    figure = figures.draw_embedding(noise(8, 2), torch.arange(8) % 4, names, [0.5, 0.5])
    assert [text.get_text().strip() for text in figure.axes[0].get_legend().get_texts()] == names
    for drawn in (figure, figures.draw_mistakes(images(4), names, names, [0.5] * 4)):
        canvas.save(drawn, io.BytesIO())
