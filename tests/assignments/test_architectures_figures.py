"""What the handout of architectures draws and says, as numbers; the reference stands in place of the tasks."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

import matplotlib
import pytest
import torch
from torch import nn

from autograder.course.manifest import load_manifest
from autograder.release.one_language import in_language
from autograder.text import LANGS, Lang
from hw_cnn import models
from hw_cnn.interpret.figures import words
from hw_cnn.summary import trace
from tests.assignments import support
from tests.assignments.support import COURSE

matplotlib.use("Agg")
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning"),
]
FOLDER = COURSE / "architectures"
MANIFEST = load_manifest(FOLDER)
HANDOUT = (FOLDER / "handout.py").read_text(encoding="utf-8")
CELLS = list(support.cells(HANDOUT))
NETWORKS = ("lenet5-1998", "lenet5", "alexnet-2012", "alexnet", "vgg16")
# What a drawing has a box for.
DRAWN = {
    *("Conv2d", "TableConvolution", "Linear", "RadialBasis"),
    *("Subsampling", "AvgPool2d", "MaxPool2d"),
}


@pytest.fixture(scope="module")
def summaries() -> dict[str, trace.Summary]:
    return {name: trace.summarise(name) for name in NETWORKS}


@pytest.fixture(scope="module")
def space() -> dict[str, Any]:
    return support.run_handout(FOLDER, MANIFEST, until="I2")


def code_cell(part: str) -> str:
    """The code cell that holds `part`."""
    found = [text for header, text in CELLS if part in text and not header.startswith("[markdown]")]
    assert len(found) == 1
    return found[0]


def prose(lang: Lang) -> str:
    """All markdown of one language, each paragraph on one line, with plain spaces and signs."""
    text = "\n".join(text for header, text in CELLS if header == f'[markdown] lang="{lang}"')
    return re.sub(r"\n# (?=\S)", " ", text)


# The drawings.


@pytest.mark.parametrize(
    ("stages", "network"),
    [
        ("LENET_1998", "lenet5-1998"),
        ("LENET_TODAY", "lenet5"),
        ("ALEXNET_2012", "alexnet-2012"),
        ("ALEXNET_TORCHVISION", "alexnet"),
    ],
)
def test_boxes_are_what_the_layers_give(
    stages: str, network: str, space: Mapping[str, Any], summaries: Mapping[str, trace.Summary]
) -> None:
    found = dict(space)
    exec(in_language(code_cell(f"{stages} = ["), "en", stages), found)
    image, *shapes = [shape for _, shape in found[stages]]
    assert image == summaries[network].input_shape
    assert shapes == [layer.output_shape for layer in summaries[network].layers if layer.kind in DRAWN]


def test_boxes_of_vgg_are_its_blocks(
    space: Mapping[str, Any], summaries: Mapping[str, trace.Summary]
) -> None:
    found = dict(space)
    exec(in_language(code_cell("VGG_16 = ["), "en", "VGG_16"), found)
    layers = summaries["vgg16"].layers
    blocks = [
        before.output_shape for before, layer in itertools.pairwise(layers) if layer.kind == "MaxPool2d"
    ]
    last = [layer.output_shape for layer in layers if layer.kind == "MaxPool2d"][-1]
    dense = [layer.output_shape for layer in layers if layer.kind == "Linear"]
    assert [shape for _, shape in found["VGG_16"]] == [(3, 224, 224), *blocks, last, *dense]


def test_what_lies_in_halves_are_the_maps_of_the_two_cards(summaries: Mapping[str, trace.Summary]) -> None:
    assert "draw_blocks(ALEXNET_2012, in_halves=range(1, 9), num_in_row=6)" in HANDOUT
    drawn = [layer for layer in summaries["alexnet-2012"].layers if layer.kind in DRAWN]
    assert [layer.kind == "Linear" for layer in drawn] == [False] * 8 + [True] * 3


# The tables, number for number.


def column_of_parameters(task: str, lang: Lang) -> list[int]:
    """The whole numbers in the last column of the first table of a task."""
    text = next(
        text for header, text in CELLS if f'lang="{lang}"' in header and f"{{{{points:{task}}}}}" in text
    )
    table = text[text.index("|---") :]
    rows = table[: table.index("\n#\n")].splitlines()[1:]
    last = [row.rstrip(" |").rsplit("|", 1)[1].strip() for row in rows]
    return [int(re.sub("[ ,]", "", number)) for number in last if number != "–"]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("task", "network"),
    [("I2", "lenet5-1998"), ("I3", "lenet5"), ("I4", "alexnet-2012"), ("I4b", "alexnet")],
)
def test_columns_of_parameters_are_those_of_the_layers(
    task: str, network: str, lang: Lang, summaries: Mapping[str, trace.Summary]
) -> None:
    expected = [layer.num_parameters for layer in summaries[network].layers if layer.num_parameters]
    assert column_of_parameters(task, lang) == expected
    said = words.count(summaries[network].num_parameters, lang).replace("\N{NO-BREAK SPACE}", " ")
    assert said in prose(lang)


@pytest.mark.parametrize("lang", LANGS)
def test_the_table_of_vgg_holds_its_totals(lang: Lang) -> None:
    with torch.device("meta"):
        nets = [models.build(name) for name in ("vgg11", "vgg13", "vgg16", "vgg19")]
    totals = [sum(value.numel() for value in net.parameters()) for net in nets]
    assert column_of_parameters("I5", lang) == totals


def seminar_net() -> nn.Module:
    found: dict[str, Any] = {}
    source = code_cell("def seminar_net()")
    exec("from torch import nn\n" + source[: source.index("def normalised")], found)
    net: nn.Module = found["seminar_net"]()
    return net


def test_what_the_text_says_of_costs(summaries: Mapping[str, trace.Summary]) -> None:
    old, new = summaries["lenet5-1998"], summaries["lenet5"]
    layers = trace.trace(seminar_net(), (1, 28, 28))
    seminar = trace.Summary("seminar", (1, 28, 28), layers)
    said = "44.4 thousand parameters and 281.6 kMAC, as its maps are smaller (24×24 and 8×8 after the convolutions)"
    assert words.rounded(seminar.num_parameters, "en") == "44.4 thousand"
    assert words.macs(seminar.num_macs, "en") == "281.6 kMAC"
    assert [layer.output_shape[1] for layer in layers if layer.kind == "Conv2d"] == [24, 8]
    assert said in prose("en")
    assert words.rounded(new.num_parameters, "en") == "61.7 thousand"
    assert words.macs(new.num_macs, "en") == "416.5 kMAC"
    assert "61.7 thousand parameters and 416.5 kMAC (28×28 and 10×10)" in prose("en")
    assert round(old.num_macs, -4) == 330_000
    table = next(layer for layer in old.layers if layer.kind == "TableConvolution")
    full = new.layers[3]
    assert full.num_macs - table.num_macs == 90_000
    assert full.num_parameters - table.num_parameters == 900
    vgg = summaries["vgg16"]
    assert round(vgg.num_parameters / old.num_parameters, -2) == 2300
    assert round(vgg.num_macs / old.num_macs, -3) == 47_000


def test_two_small_windows_against_a_large_one(space: Mapping[str, Any]) -> None:
    found = dict(space)
    exec(in_language(code_cell("def stack_of("), "en", "stacks"), found)
    compared = found["compared"]
    assert [field for field, *_ in compared.values()] == [5, 5, 7, 7]
    assert [weights // 64**2 for _, weights, _ in compared.values()] == [25, 18, 49, 27]
    for large, small, saved in (("5×5", "3×3 + 3×3", 28), ("7×7", "3×3 + 3×3 + 3×3", 45)):
        for number in (1, 2):  # weights, multiplications
            assert round(100 * (1 - compared[small][number] / compared[large][number])) == saved
            assert f"{saved} %" in prose("en")


def test_where_parameters_and_multiplications_are(
    space: Mapping[str, Any], summaries: Mapping[str, trace.Summary]
) -> None:
    results = [summaries[name] for name in ("lenet5-1998", "alexnet-2012", "vgg16")]
    found = {**space, "results": results}
    exec(in_language(code_cell("shares = []"), "en", "shares"), found)
    shares = [
        round(100 * part / sum(pair))
        for one in found["shares"]
        for pair, part in ((one.num_parameters, one.num_parameters[1]), (one.num_macs, one.num_macs[0]))
    ]
    assert shares == [96, 92, 89, 99]
    assert all(f"{share} %" in prose(lang) for share in shares for lang in LANGS)


# Both languages.


def test_both_languages_tell_the_same_numbers() -> None:
    told: dict[Lang, list[list[str]]] = {lang: [] for lang in LANGS}
    for lang in LANGS:
        for header, text in CELLS:
            if header == f'[markdown] lang="{lang}"':
                told[lang].append(support.numbers_told(text, lang))
    assert told["ru"] == told["en"]
    assert sum(map(len, told["en"])) > 300


def test_errors_of_alexnet_have_their_models() -> None:
    for lang, rows in (("en", "18.2 16.4 15.3"), ("ru", "18,2 16,4 15,3")):
        errors = re.findall(r"\| (\d\d[.,]\d) % \|", prose(lang))
        assert errors == rows.split()
        assert "Krizhevsky, Sutskever, Hinton, 2012" in prose(lang)


# The trainings.


@pytest.mark.slow
@pytest.mark.nightly
@pytest.mark.parametrize("lang", LANGS)
def test_the_whole_notebook_shows_what_it_says(lang: Lang) -> None:
    found = support.run_handout(FOLDER, MANIFEST, lang=lang)
    assert found["first_epoch"] > 0.8
    old, new, seminar = found["networks"]
    assert all(len(one.accuracies) == 4 and 0.92 < one.accuracies[-1] < 0.98 for one in (old, new, seminar))
    assert old.accuracies[0] < min(new.accuracies[0], seminar.accuracies[0])
    assert old.num_parameters == 60_000
    assert new.num_macs > old.num_macs > seminar.num_macs
