"""All pictures: nothing overlaps, colour bars are there, the same data give the same bytes."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import numpy as np
import pytest
import torch
from PIL import Image

from hw_cnn import language
from hw_cnn.interpret import figures
from hw_cnn.interpret.figures import canvas, words
from hw_cnn.interpret.figures.kernels import Filtered
from hw_cnn.interpret.figures.patches import Row
from hw_cnn.interpret.figures.receptive_field import Field
from tests.hw_cnn.interpret.figure_support import EDGE, SHARPEN, assert_readable, images, noise

LONG = [f"очень длинный кл {number}" for number in range(12)]


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


def test_names_that_the_font_lacks_are_no_warning(recwarn):
    canvas.save(figures.draw_mistakes(images(1), ["猫"], ["犬"], [0.5]), io.BytesIO())
    assert not recwarn.list


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
