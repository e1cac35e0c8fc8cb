"""What the handout of inside_and_transfer draws and says, as numbers; the reference stands in place of the tasks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import matplotlib
import pytest

from autograder.course.manifest import load_manifest
from autograder.text import LANGS, Lang
from hw_cnn.summary import trace
from tests.assignments import support
from tests.assignments.support import COURSE

matplotlib.use("Agg")
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning"),
]
FOLDER = COURSE / "inside_and_transfer"
MANIFEST = load_manifest(FOLDER)
CELLS = list(support.cells((FOLDER / "handout.py").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def space() -> Mapping[str, Any]:
    """What the notebook holds before the first task: its network is trained."""
    return support.run_handout(FOLDER, MANIFEST, until="L1")


def test_the_network_is_the_one_of_drawing_and_table(space: Mapping[str, Any]) -> None:
    layers = {layer.name: layer for layer in trace.trace(space["net"], (1, 28, 28))}
    assert space["NET"][0][1] == (1, 28, 28)
    assert all(layers[name].output_shape == shape for name, shape in space["NET"][1:])
    assert round(sum(layer.num_parameters for layer in layers.values()), -3) == 7000
    for lang in LANGS:
        text = next(text for header, text in CELLS if f'lang="{lang}"' in header and "| conv1 |" in text)
        for name, _, output, parameters, sees in re.findall(
            r"^# \| (\w+\d?) \|(.*)\|(.*)\|(.*)\|(.*)\|$", text, re.M
        ):
            if name not in layers:
                continue  # the head of the table
            layer = layers[name]
            assert output.strip() == "×".join(map(str, layer.output_shape))
            assert re.sub("[ ,–]", "", parameters) == (
                str(layer.num_parameters) if layer.num_parameters else ""
            )
            field = layer.receptive_field_px[0]
            assert f"{field}×{field}" in sees or field >= 28


def test_the_network_knows_the_digits_that_it_was_taught(space: Mapping[str, Any]) -> None:
    assert space["known_accuracy"] > 0.95


def test_both_languages_tell_the_same_numbers() -> None:
    told: dict[Lang, list[list[str]]] = {lang: [] for lang in LANGS}
    for lang in LANGS:
        for header, text in CELLS:
            if header == f'[markdown] lang="{lang}"':
                told[lang].append(support.numbers_told(text, lang))
    assert told["ru"] == told["en"]
    assert sum(map(len, told["en"])) > 60


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("lang", LANGS)
def test_the_whole_notebook_shows_what_it_says(lang: Lang) -> None:
    found = support.run_handout(FOLDER, MANIFEST, lang=lang)
    pixels, features = found["shares"].values()
    assert [features[n] > pixels[n] for n in range(4)] == [True] * 4
    assert features[1] == pytest.approx(0.9, abs=0.03)
    assert pixels[1] < 0.8
    by_layer = dict(zip(found["by_layer"], found["means"], strict=True))
    at_pixels = next(iter(by_layer.values()))
    assert max(by_layer, key=by_layer.__getitem__) == "pool2"
    assert by_layer["last"] < at_pixels - 0.1
    assert by_layer["pool2"] > at_pixels + 0.05
    by_features, by_pixels = found["alike"].values()
    assert by_features == pytest.approx(0.91, abs=0.02)
    assert by_pixels == pytest.approx(0.85, abs=0.01)
    places, labels = found["plane"].coordinates, found["new_labels"]
    sixes, sevens = (places[labels == name, 0].mean() for name in (6, 7))
    assert abs(float(sixes - sevens)) > 0.4
