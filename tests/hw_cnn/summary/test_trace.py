"""The layer table against the course's figures, torch's FLOP counter, torchvision and supports of input gradients."""

from __future__ import annotations

import dataclasses
import json

import pytest
import torch
import torch.nn.functional as F
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from hw_cnn import models
from hw_cnn.models import alexnet, alexnet_2012, lenet5, lenet5_1998, pretrained, seminar, vgg
from hw_cnn.summary import table, trace

# (parameters, MACs) of the whole network; connections where a paper gives them.
TOTALS = {
    "seminar": (44_426, 281_640),
    "seminar-hse": (47_658, 506_240),
    "lenet5": (61_706, 416_520),
    "alexnet-2012": (60_965_224, 724_406_816),
    "alexnet": (61_100_840, 714_188_480),
    "vgg16": (138_357_544, 15_470_264_320),
    "vgg16-bn": (138_365_992, 15_470_264_320),
}
# LeCun 1998, section II-B: output, trainable parameters, connections; then receptive field and jump.
LENET_1998 = {
    "features.c1": ((6, 28, 28), 156, 122_304, 5, 1),
    "features.s2": ((6, 14, 14), 12, 5_880, 6, 2),
    "features.c3": ((16, 10, 10), 1_516, 151_600, 14, 2),
    "features.s4": ((16, 5, 5), 32, 2_000, 16, 4),
    "features.c5": ((120, 1, 1), 48_120, 48_120, 32, 4),
    "features.f6": ((84,), 10_164, 10_164, 32, 4),
    "output": ((10,), 0, 840, 32, 4),
}
# Output, parameters, MACs, receptive field, jump of the layers with weights or windows.
ALEXNET_2012 = [
    ((96, 55, 55), 34_944, 105_415_200, 11, 4),
    ((96, 27, 27), 0, 0, 19, 8),
    ((256, 27, 27), 307_456, 223_948_800, 51, 8),
    ((256, 13, 13), 0, 0, 67, 16),
    ((384, 13, 13), 885_120, 149_520_384, 99, 16),
    ((384, 13, 13), 663_936, 112_140_288, 131, 16),
    ((256, 13, 13), 442_624, 74_760_192, 163, 16),
    ((256, 6, 6), 0, 0, 195, 32),
    ((4096,), 37_752_832, 37_748_736, 355, 32),
    ((4096,), 16_781_312, 16_777_216, 355, 32),
    ((1000,), 4_097_000, 4_096_000, 355, 32),
]
ALEXNET = [
    ((64, 55, 55), 23_296, 70_276_800, 11, 4),
    ((64, 27, 27), 0, 0, 19, 8),
    ((192, 27, 27), 307_392, 223_948_800, 51, 8),
    ((192, 13, 13), 0, 0, 67, 16),
    ((384, 13, 13), 663_936, 112_140_288, 99, 16),
    ((256, 13, 13), 884_992, 149_520_384, 131, 16),
    ((256, 13, 13), 590_080, 99_680_256, 163, 16),
    ((256, 6, 6), 0, 0, 195, 32),
    *ALEXNET_2012[8:],
]
WINDOWS_AND_WEIGHTS = ("Conv2d", "MaxPool2d", "Linear")


def nets():
    yield seminar.SeminarCNN(), (1, 28, 28)
    yield seminar.SeminarCNN(preset="hse"), (1, 28, 28)
    yield seminar.SeminarCNN(in_channels=3, image_size=32), (3, 32, 32)
    yield (
        nn.Sequential(
            nn.Conv2d(4, 8, (3, 2), stride=(2, 1), padding=1, groups=2),
            nn.ReLU(),
            nn.AvgPool2d((2, 1)),
            nn.Conv2d(8, 6, 3, dilation=2, bias=False),
            nn.AdaptiveAvgPool2d((2, 3)),
            nn.Flatten(),
            nn.Linear(36, 5),
        ),
        (4, 30, 21),
    )


@pytest.mark.parametrize("name", TOTALS)
def test_totals_of_the_course(name):
    result = trace.summarise(name)
    assert (result.num_parameters, result.num_macs) == TOTALS[name]


def test_lenet_1998_as_in_the_paper():
    result = trace.summarise("lenet5-1998")
    rows = {layer.name: layer for layer in result.layers if layer.name in LENET_1998}
    for name, (shape, parameters, connections, field, jump) in LENET_1998.items():
        layer = rows[name]
        assert (layer.output_shape, layer.num_parameters, layer.num_connections) == (
            shape,
            parameters,
            connections,
        )
        assert (layer.receptive_field_px, layer.jump_px) == ((field, field), (jump, jump))
    assert (result.num_parameters, result.num_connections) == (60_000, 340_908)
    assert sum(layer.kind == "Squashing" for layer in result.layers) == 6
    # Connections without the biases, but a subsampling multiplies its sum once.
    assert result.num_macs == 117_600 + 1_176 + 150_000 + 400 + 48_000 + 10_080 + 840


@pytest.mark.parametrize(("name", "table"), [("alexnet-2012", ALEXNET_2012), ("alexnet", ALEXNET)])
def test_alexnet_layer_by_layer(name, table):
    rows = [layer for layer in trace.summarise(name).layers if layer.kind in WINDOWS_AND_WEIGHTS]
    assert [
        (row.output_shape, row.num_parameters, row.num_macs, row.receptive_field_px[0], row.jump_px[0])
        for row in rows
    ] == table
    # Without groups and biases a convolution has one connection per MAC; each output number has one bias.
    assert rows[0].num_connections == rows[0].num_macs + rows[0].output_shape[0] * 55 * 55


def test_vgg16_layer_by_layer():
    layers = trace.summarise("vgg16").layers
    convolutions = [layer for layer in layers if layer.kind == "Conv2d"]
    assert [layer.num_parameters for layer in convolutions] == [
        *(1_792, 36_928, 73_856, 147_584, 295_168, 590_080, 590_080),
        *(1_180_160, 2_359_808, 2_359_808, 2_359_808, 2_359_808, 2_359_808),
    ]
    macs = [
        86.70,
        1849.69,
        924.84,
        1849.69,
        924.84,
        1849.69,
        1849.69,
        924.84,
        1849.69,
        1849.69,
        *(3 * [462.42]),
    ]
    assert [round(layer.num_macs / 1e6, 2) for layer in convolutions] == macs
    pools = [layer for layer in layers if layer.kind == "MaxPool2d"]
    assert [layer.receptive_field_px[0] for layer in pools] == [6, 16, 44, 100, 212]
    linear = [layer for layer in layers if layer.kind == "Linear"]
    assert [layer.num_parameters for layer in linear] == [102_764_544, 16_781_312, 4_097_000]
    assert {layer.receptive_field_px for layer in linear} == {(404, 404)}


def test_seminar_nets_layer_by_layer():
    for name, counts in (
        ("seminar", [156, 2_416, 30_840, 10_164, 850]),
        ("seminar-hse", [260, 5_020, 41_088, 1_290]),
    ):
        layers = trace.summarise(name).layers
        assert [layer.num_parameters for layer in layers if layer.num_parameters] == counts
        pools = [layer for layer in layers if layer.kind == "MaxPool2d"]
        assert [layer.receptive_field_px for layer in pools] == [(6, 6), (16, 16)]
        assert [layer.jump_px for layer in pools] == [(2, 2), (4, 4)]
        assert layers[-1].output_shape == (10,)
        assert layers[-1].receptive_field_px == (28, 28)


@pytest.mark.parametrize("name", models.REGISTRY)
def test_macs_of_the_registry_are_half_of_torchs_flops(name):
    entry = models.REGISTRY[name]
    with torch.device("meta"):
        model, image = models.build(name).eval(), torch.zeros(1, *entry.input_shape)
    with FlopCounterMode(display=False) as counter:
        model(image)
    macs = trace.summarise(name).num_macs
    if name == "lenet5-1998":
        # torch multiplies by the zeros of C3's dense kernel, and does not count the subsamplings and the codes.
        macs += (16 * 6 - 60) * 25 * 100 - 1_176 - 400 - 840
    assert 2 * macs == counter.get_total_flops()


@pytest.mark.parametrize("name", pretrained.NAMES)
def test_totals_equal_what_torchvision_publishes(name):
    meta = torchvision.models.get_model_weights(name.replace("-", "_"))["IMAGENET1K_V1"].meta
    result = trace.summarise(name)
    assert result.num_parameters == meta["num_params"]
    # torchvision calls multiply-accumulates GFLOPS and cuts them to three digits, with those of the biases in.
    assert result.num_macs / 1e9 == pytest.approx(meta["_ops"], abs=0.0011 + 0.001 * meta["_ops"])


@pytest.mark.parametrize("name", ["alexnet", "vgg16-bn"])
def test_torchvisions_own_network_gives_the_same_rows(name):
    with torch.device("meta"):
        theirs = torchvision.models.get_model(name.replace("-", "_"), weights=None)
    assert trace.trace(theirs, (3, 224, 224)) == trace.summarise(name).layers


@pytest.mark.parametrize(("model", "shape"), list(nets()), ids=["dls", "hse", "cifar", "uneven"])
def test_macs_are_half_of_torchs_flops(model, shape):
    with FlopCounterMode(display=False) as counter:
        model(torch.zeros(1, *shape))
    layers = trace.trace(model, shape)
    assert 2 * sum(layer.num_macs for layer in layers) == counter.get_total_flops()
    assert sum(layer.num_parameters for layer in layers) == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    "kind", [nn.MaxPool2d, nn.AvgPool2d, lambda size: nn.MaxPool2d(size, dilation=(3, 2))]
)
def test_receptive_field_is_the_support_of_the_input_gradient(kind):
    model = nn.Sequential(
        nn.Conv2d(1, 2, (3, 5), stride=(1, 2), dilation=(2, 1)), kind((2, 3)), nn.Conv2d(2, 1, 3)
    )
    # Positive weights: nothing cancels. The maximum's gradient goes to one cell of each window: look many times.
    for parameter in model.parameters():
        nn.init.constant_(parameter, 1.0)
    field = trace.trace(model, (1, 40, 60))[-1].receptive_field_px
    seen = torch.zeros(40, 60, dtype=torch.bool)
    generator = torch.Generator().manual_seed(0)
    for _ in range(60):
        x = torch.rand(1, 1, 40, 60, generator=generator, requires_grad=True)
        output = model(x)
        output[0, 0, output.shape[2] // 2, output.shape[3] // 2].backward()
        seen |= x.grad[0, 0] != 0
    assert extent(seen) == field


def extent(seen):
    rows, columns = seen.any(1).nonzero(), seen.any(0).nonzero()
    return int(rows.max() - rows.min()) + 1, int(columns.max() - columns.min()) + 1


def positive_twin(features):
    """The same windows with nothing that hides a pixel: averages for maxima, equal positive weights, no ReLU."""
    for name, layer in list(features.named_children()):
        if isinstance(layer, nn.MaxPool2d):
            setattr(features, name, nn.AvgPool2d(layer.kernel_size, layer.stride))
        elif isinstance(layer, nn.ReLU):
            setattr(features, name, nn.Identity())
        elif isinstance(layer, nn.Conv2d):
            nn.init.constant_(layer.weight, 1 / layer.weight[0].numel())
            nn.init.zeros_(layer.bias)
    return features


@pytest.mark.parametrize(
    ("network", "side"),
    [
        (lambda: lenet5.LeNet5(width=1 / 4), 61),
        (lambda: lenet5_1998.LeNet1998(), 61),
        (lambda: alexnet_2012.AlexNet2012(width=1 / 48), 291),
        (lambda: alexnet_2012.AlexNet2012(width=1 / 48, image_size=32), 99),
        (lambda: alexnet.AlexNet(width=1 / 64), 290),
        (lambda: vgg.VGG("D", width=1 / 64, pool_size=1), 260),
        (lambda: vgg.VGG("A", width=1 / 64, pool_size=1, batch_norm=True), 260),
    ],
    ids=["lenet5", "lenet5-1998", "alexnet-2012", "alexnet-2012 small", "alexnet", "vgg16", "vgg11-bn"],
)
def test_receptive_fields_of_the_architectures(network, side):
    torch.manual_seed(0)
    features = positive_twin(network().features.eval())
    features = nn.Sequential(*[layer for layer in features if not isinstance(layer, nn.Flatten | nn.Linear)])
    channels = features[0].in_channels
    rows = trace.trace(features, (channels, side, side))
    hidden = x = torch.rand(1, channels, side, side, requires_grad=True) + 0.5
    for layer, row in zip(features, rows, strict=True):
        hidden = layer(hidden)
        if isinstance(layer, nn.Identity | nn.BatchNorm2d):
            continue
        assert row.output_shape == tuple(hidden.shape[1:])
        middle = hidden[0, :, hidden.shape[2] // 2, hidden.shape[3] // 2].sum()
        (gradient,) = torch.autograd.grad(middle, x, retain_graph=True)
        assert extent(gradient[0].abs().sum(0) > 0) == row.receptive_field_px, row


class Functional(nn.Module):
    """The seminar's network as many students write it: one ReLU for all, poolings and reshaping in `forward`."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.linear = nn.Linear(256, 10)
        self.relu = nn.ReLU()

    def forward(self, x):
        x = F.max_pool2d(self.relu(self.conv1(x)), 2)
        x = F.max_pool2d(self.relu(self.conv2(x)), 2)
        return self.linear(x.view(x.size(0), -1))


def test_functional_pooling_and_a_module_that_runs_twice():
    rows = trace.trace(Functional(), (1, 28, 28))
    assert [(row.name, row.kind) for row in rows] == [
        ("conv1", "Conv2d"),
        ("relu", "ReLU"),
        ("(no module)", "max_pool2d"),
        ("conv2", "Conv2d"),
        ("relu", "ReLU"),
        ("(no module)", "max_pool2d"),
        ("linear", "Linear"),
    ]
    assert [row.receptive_field_px[0] for row in rows] == [5, 5, 6, 14, 14, 16, 28]
    assert [row.output_shape for row in rows][2] == (6, 12, 12)


class Branched(nn.Module):
    """Two branches that meet, a convolution without a module, weights used twice, and a layer that never runs."""

    def __init__(self) -> None:
        super().__init__()
        self.wide, self.narrow = nn.Conv2d(2, 2, 5, padding=2), nn.Conv2d(2, 2, 1)
        self.kernel = nn.Parameter(torch.ones(3, 2, 3, 3))
        self.unused = nn.Linear(2, 3)

    def forward(self, x):
        x = self.wide(self.wide(x)) + self.narrow(x)
        x = F.conv2d(x, self.kernel, stride=2)
        return x.mean(dim=(2, 3))


def test_branches_and_parameters_without_a_layer():
    rows = trace.trace(Branched(), (2, 9, 9))
    assert [row.kind for row in rows] == ["Conv2d"] * 3 + ["conv2d", "mean", "Branched, own", "never runs"]
    # 5x5 twice sees 9 pixels, 1x1 sees one: where they meet 9 count, and 3x3 makes 11 of them.
    assert [row.receptive_field_px[0] for row in rows[:5]] == [5, 9, 1, 11, 17]
    assert [row.num_parameters for row in rows] == [102, 0, 6, 0, 0, 54, 9]
    assert [row.num_macs for row in rows] == [8_100, 8_100, 324, 54 * 16, 0, 0, 0]
    assert sum(row.num_parameters for row in rows) == sum(p.numel() for p in Branched().parameters())


def test_connections_of_batch_normalisation_and_of_layers_without_bias():
    rows = trace.trace(
        nn.Sequential(nn.Conv2d(1, 2, 3, bias=False), nn.BatchNorm2d(2), nn.AvgPool2d(2)), (1, 6, 6)
    )
    assert [row.num_connections for row in rows] == [2 * 16 * 9, 2 * 2 * 16, 0]
    assert [row.num_macs for row in rows] == [2 * 16 * 9, 0, 0]


def test_network_is_left_as_it_was():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout())
    model[1].eval()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    trace.trace(model, (1, 8, 8))
    assert [module.training for module in model.modules()] == [True, True, False, True]
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())


@pytest.mark.parametrize("name", models.REGISTRY)
def test_json(name):
    result = trace.summarise(name)
    data = json.loads(result.to_json())
    assert data["model"] == name
    assert data["total"] == {
        "num_parameters": result.num_parameters,
        "num_connections": result.num_connections,
        "num_macs": result.num_macs,
    }
    for row, layer in zip(data["layers"], result.layers, strict=True):
        assert set(row) == {field.name for field in dataclasses.fields(trace.Layer)}
        assert row["output_shape"] == list(layer.output_shape)


@pytest.mark.parametrize("name", ["lenet5-1998", "alexnet-2012", "vgg16-bn"])
def test_table_fits_120_columns_and_cuts_no_number(name, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "60")
    result = trace.summarise(name)
    table.print_table(result)
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 120
    assert "…" not in text
    for layer in result.layers:
        line = next(line for line in text.splitlines() if line.split()[:2] == [layer.name, layer.kind])
        assert f"{layer.num_parameters:,}" in line or not layer.num_parameters
        assert f"{layer.num_macs:,}" in line or not layer.num_macs
        assert f"{layer.num_connections:,}" in line or not layer.num_connections
    total = next(line for line in text.splitlines() if line.split()[:1] == ["total"])
    assert total.split()[1:] == [
        f"{n:,}" for n in (result.num_parameters, result.num_connections, result.num_macs)
    ]


@pytest.mark.parametrize("lang", ["en", "ru"])
@pytest.mark.parametrize("name", ["alexnet-2012", "vgg16"])
def test_table_fits_a_notebook_in_a_window_of_1000_pixels(name, lang, capsys):
    """JupyterLab shows 103 characters there; looked at in Chromium."""
    table.print_table(trace.summarise(name), lang)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 103


def test_table_in_russian_has_the_same_numbers(capsys):
    result = trace.summarise("lenet5-1998")
    table.print_table(result)
    english = capsys.readouterr().out
    table.print_table(result, "ru")
    russian = capsys.readouterr().out.replace("\N{NO-BREAK SPACE}", ",")
    assert {"слой", "тип", "выход", "параметры", "связи", "MAC"} <= set(russian.split())
    assert "всего" in russian
    assert max(map(len, russian.splitlines())) <= 120

    def numbers(text):
        return [word for word in text.split() if word.replace(",", "").isdigit()]

    assert numbers(russian) == numbers(english)
    with pytest.raises(ValueError, match=r"lang \(='de'\) must be one of"):
        table.print_table(result, "de")
