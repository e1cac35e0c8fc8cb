"""Pictures: nothing overlaps, colour bars are there, the same data give the same bytes, numbers land in place."""

from __future__ import annotations

import hashlib
import io
import itertools
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from PIL import Image

from hw_cnn import language
from hw_cnn.interpret import figures
from hw_cnn.interpret.figures import canvas, words
from hw_cnn.interpret.figures.kernels import Filtered
from hw_cnn.interpret.figures.patches import Row
from hw_cnn.interpret.figures.receptive_field import Field

LONG = [f"очень длинный кл {number}" for number in range(12)]
SHARPEN = torch.tensor([[0.0, -1, 0], [-1, 5, -1], [0, -1, 0]])
EDGE = torch.tensor([[0.0, 1, 0], [1, -4, 1], [0, 1, 0]])


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def images(count: int, channels: int = 1, side: int = 28) -> torch.Tensor:
    return noise(count, channels, side, side).sigmoid()


def patch_rows(channels: int) -> list[Row]:
    return [
        Row(
            channel,
            images(6, channels, 9),
            [1234.5, 2, 1.5, 1, 0, -0.25],
            images(1, channels)[0],
            (-3, 20, 6, 29),
        )
        for channel in range(3)
    ]


# name -> (how to draw it, number of colour bars). Each stands for one layout that the command can come across.
CASES = {
    "filters": (lambda lang: figures.draw_filters(noise(6, 1, 5, 5), "features.0", lang), 1),
    "filters of one": (lambda lang: figures.draw_filters(noise(1, 1, 3, 3), "features.0", lang), 1),
    "filters in rows": (lambda lang: figures.draw_filters(noise(12, 1, 5, 5), "features.0", lang), 1),
    "filters rgb": (lambda lang: figures.draw_filters(noise(6, 3, 5, 5), "features.0", lang), 1),
    "filters alexnet": (lambda lang: figures.draw_filters(noise(20, 3, 11, 11), "features.0", lang), 0),
    "filters deep": (lambda lang: figures.draw_filters(noise(9, 5, 3, 3), "features.3", lang), 1),
    "outputs": (
        lambda lang: figures.draw_outputs(
            images(1)[0],
            {"features.0": noise(6, 9, 9), "features.1_squashing": noise(6, 8, 8).relu(), "avgpool": noise(16, 4, 4)},
            lang,
            {"avgpool": "AdaptiveAvgPool2d"},
        ),
        3,
    ),
    "outputs of one layer": (lambda lang: figures.draw_outputs(images(1, 3)[0], {"c": noise(2, 8, 8)}, lang), 1),
    "fields": (
        lambda lang: figures.draw_fields(
            images(1)[0],
            [Field(f"features.{n} TableConvolution", (9 - 6 * n, 8 - 6 * n, 15 + 6 * n, 15 + 6 * n)) for n in range(8)],
            lang,
        ),
        0,
    ),
    "patches": (lambda lang: figures.draw_patches(patch_rows(1), "features.3", lang), 0),
    "patches rgb": (lambda lang: figures.draw_patches(patch_rows(3)[:2], "features.3", lang), 0),
    "maximised": (
        lambda lang: figures.draw_maximised(
            noise(6, 1, 28, 28), [words.say("channel", lang, channel=n) for n in range(6)], "features.3", lang
        ),
        1,
    ),
    "maximised classes": (lambda lang: figures.draw_maximised(noise(10, 3, 32, 32), LONG[:10], None, lang), 0),
    "occlusion": (
        lambda lang: figures.draw_occlusion(images(5), [noise(23, 23, seed=n) for n in range(5)], LONG[:5], 6, 1, lang),
        5,
    ),
    "occlusion of many": (
        lambda lang: figures.draw_occlusion(images(7, 3), [noise(7, 9)] * 7, LONG[:7], 5, 3, lang), 7),
    "occlusion of one": (lambda lang: figures.draw_occlusion(images(1), [torch.zeros(23, 23)], ["0"], 6, 1, lang), 1),
    "attributions": (
        lambda lang: figures.draw_attributions(
            images(5, 3),
            {name: noise(5, 3, 28, 28) for name in ("saliency", "smooth_grad", "integrated_gradients")},
            LONG[:5],
            lang,
        ),
        1,
    ),
    "attributions of one": (
        lambda lang: figures.draw_attributions(images(1), {"mine": noise(1, 1, 28, 28)}, ["0"], lang), 1),
    "grad-cam": (
        lambda lang: figures.draw_grad_cam(
            images(5), noise(5, 8, 8).relu(), LONG[:5], "features.4", lang, (6.0, 6.0, 22.0, 22.0)
        ),
        1,
    ),
    "grad-cam of one": (lambda lang: figures.draw_grad_cam(images(1, 3), torch.zeros(1, 1, 1), ["0"], "c", lang), 1),
    "confusion": (lambda lang: figures.draw_confusion(torch.eye(10) * 98 + 1, [str(n) for n in range(10)], lang), 1),
    "confusion with long names": (lambda lang: figures.draw_confusion(torch.eye(12) * 99, LONG, lang), 1),
    "confusion of two": (lambda lang: figures.draw_confusion(torch.tensor([[3, 0], [0, 0]]), ["yes", "no"], lang), 1),
    "confusion of many": (lambda lang: figures.draw_confusion(torch.eye(200), [str(n) for n in range(200)], lang), 1),
    "mistakes": (lambda lang: figures.draw_mistakes(images(12), ["4"] * 12, ["9"] * 12, [0.987] * 12, lang), 0),
    "mistakes with long names": (
        lambda lang: figures.draw_mistakes(images(7, 3), LONG[:7], LONG[1:8], [1.0] * 7, lang), 0),
    "one mistake": (lambda lang: figures.draw_mistakes(images(1), ["4"], ["9"], [0.5], lang), 0),
    "embedding": (
        lambda lang: figures.draw_embedding(
            noise(500, 2) * 30, torch.arange(500) % 10, [str(n) for n in range(10)], [0.24, 0.185], lang
        ),
        0,
    ),
    "embedding with names": (
        lambda lang: figures.draw_embedding(noise(500, 2), torch.arange(500) % 12, LONG, [0.9, 0.1], lang), 0),
    "shift curve": (
        lambda lang: figures.draw_shift_curve(
            {"SeminarCNN": [0.99, 0.98, 0.9, 0.7], "полносвязная 784–128–10": [0.95, 0.8, 0.4, 0.1]}, 10, lang
        ),
        0,
    ),
    "kernels": (
        lambda lang: figures.draw_kernels(
            [Filtered("опечатка, делённая на 9", one / 9, noise(3, 60, 60) * 99) for one in [SHARPEN, EDGE] * 3], lang
        ),
        3,
    ),
}  # fmt: skip


BOTH_LANGUAGES = (
    "filters",
    "outputs of one layer",
    "attributions of one",
    "confusion of two",
    "occlusion of one",
)


def drawn_texts(figure: Figure) -> list[tuple[str, object, float]]:
    """What can be read in the figure: text, its box in pixels, and its rotation."""
    painter = FigureCanvasAgg(figure)
    painter.draw()
    hidden = set()
    for axes in figure.findobj(matplotlib.axes.Axes):
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if not axes.axison or not low - 1e-9 <= tick.get_loc() <= high + 1e-9:
                    hidden |= {tick.label1, tick.label2}
            if not axes.axison:
                hidden |= {axis.label, axis.offsetText}
    renderer = painter.get_renderer()
    return [
        (text.get_text(), text.get_window_extent(renderer), text.get_rotation())
        for text in figure.findobj(Text)
        if text.get_visible() and text.get_text().strip() and text not in hidden
    ]


@pytest.mark.parametrize("name", CASES)
def test_texts_neither_overlap_nor_leave_the_figure_and_maps_have_colour_bars(name):
    draw, num_bars = CASES[name]
    # Russian words are the longer ones, but for some units and methods.
    for lang in language.LANGS if name in BOTH_LANGUAGES else ("ru",):
        figure = draw(lang)
        assert_readable(figure)
        bars = [axes for axes in figure.findobj(matplotlib.axes.Axes) if axes.get_label() == "<colorbar>"]
        assert len(bars) == num_bars
        for bar in bars:
            assert bar.get_xlabel() or bar.get_ylabel() or figure.get_supxlabel()


def assert_readable(figure: Figure) -> None:
    texts = drawn_texts(figure)
    assert texts, "a picture without a word says nothing"
    width, height = figure.canvas.get_width_height()
    for text, box, _ in texts:
        assert min(box.x0, box.y0, width - box.x1, height - box.y1) > -1, (text, box)
    for (text, box, turned), (other, other_box, other_turned) in itertools.combinations(texts, 2):
        # Boxes of slanted labels overlap where the labels themselves lie side by side.
        if not (turned % 90 and other_turned % 90):
            across = min(box.x1, other_box.x1) - max(box.x0, other_box.x0)
            along = min(box.y1, other_box.y1) - max(box.y0, other_box.y0)
            assert min(across, along) < 1, (text, other, across, along)


@pytest.mark.parametrize(
    "name",
    [
        "occlusion of one",
        "shift curve",
        *(
            pytest.param(name, marks=pytest.mark.nightly)
            for name in ("filters", "outputs", "embedding with names")
        ),
    ],
)
def test_the_same_data_give_the_same_bytes(name):
    digests = []
    for _ in range(2):
        buffer = io.BytesIO()
        canvas.save(CASES[name][0]("ru"), buffer)
        digests.append(hashlib.sha256(buffer.getvalue()).hexdigest())
    assert digests[0] == digests[1]
    assert is_drawn(buffer)


def is_drawn(file: Path | io.BytesIO) -> bool:
    with Image.open(file) as picture:
        return picture.width > 300 and float(np.asarray(picture.convert("L")).std()) > 5


def test_needs_neither_display_nor_pyplot_and_leaves_the_settings_alone(tmp_path):
    code = (
        "import sys, torch, hw_cnn.interpret.figures as figures\n"
        "assert 'matplotlib' not in sys.modules\n"
        "import matplotlib\n"
        "matplotlib.rcParams['font.size'] = 31\n"
        "before = dict(matplotlib.rcParams)\n"
        "figure = figures.draw_filters(torch.ones(2, 1, 3, 3))\n"
        f"figures.save(figure, {str(tmp_path / 'filters.png')!r})\n"
        "assert dict(matplotlib.rcParams) == before and 'matplotlib.pyplot' not in sys.modules\n"
    )
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")
    }
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-c", code],
        env={**environment, "MPLBACKEND": "TkAgg"}, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert is_drawn(tmp_path / "filters.png")


def test_drawing_changes_no_data():
    filters, picture = noise(6, 3, 5, 5), images(2, 3)
    maps = [noise(9, 9), noise(9, 9)]
    before = [value.clone() for value in (filters, picture, *maps)]
    figures.draw_filters(filters)
    figures.draw_occlusion(picture, maps, ["a", "b"], 4, 2)
    assert all(torch.equal(a, b) for a, b in zip(before, (filters, picture, *maps), strict=True))


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


def test_names_that_the_font_lacks_are_no_warning(recwarn):
    canvas.save(figures.draw_mistakes(images(1), ["猫"], ["犬"], [0.5]), io.BytesIO())
    assert not recwarn.list


@pytest.mark.parametrize(
    ("value", "digits", "en", "ru"),
    [
        (0.25, None, "0.25", "0,25"),
        (-4, None, "−4", "−4"),
        (1e-5, None, "1e−05", "1e−05"),
        (-0.0, None, "0", "0"),
        (12.345, 1, "12.3", "12,3"),
        (-0.001, 2, "0.00", "0,00"),
        (-1.5, 2, "−1.50", "−1,50"),
    ],
)
def test_numbers_are_written_as_the_language_does(value, digits, en, ru):
    assert words.number(value, "en", digits) == en
    assert words.number(value, "ru", digits) == ru


def test_both_languages_have_all_words_with_the_same_places():
    for key, texts in words.WORDS.items():
        assert len(texts) == len(language.LANGS), key
        assert all(texts), key
        places = [sorted(part.partition("}")[0] for part in text.split("{")[1:]) for text in texts]
        assert places[0] == places[1], key


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (
            lambda: figures.draw_filters(noise(6, 5, 5)),
            r"filters have shape \(6, 5, 5\); expected \(out_channels",
        ),
        (
            lambda: figures.draw_outputs(images(1)[0], {"head": noise(10)}),
            r"output of 'head' has shape \(10,\); expected",
        ),
        (
            lambda: figures.draw_fields(images(1, 2)[0], [Field("c", (0, 0, 1, 1))]),
            r"an image has shape \(2, 28, 28\)",
        ),
        (
            lambda: figures.draw_filters(noise(6, 1, 5, 5), "c", "de"),
            "lang .='de'. must be one of 'ru', 'en'",
        ),
    ],
)
def test_wrong_data_are_refused_with_their_shape(draw, message):
    with pytest.raises(ValueError, match=message):
        draw()
