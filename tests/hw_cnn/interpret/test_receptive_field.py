"""Receptive fields against the support of the gradient of the image."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torchvision.ops import SqueezeExcitation

from hw_cnn.interpret import receptive_field
from tests.hw_cnn.interpret import nets

HIDING = (
    nn.ReLU,
    nn.ReLU6,
    nn.Hardswish,
    nn.Dropout,
    nn.BatchNorm2d,
    nn.LocalResponseNorm,
    SqueezeExcitation,
)


def positive_twin(module):
    """The same windows with nothing that hides a pixel: averages for maxima, equal positive weights, no ReLU."""
    for name, layer in list(module.named_children()):
        if isinstance(layer, nn.MaxPool2d):
            layer = nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode)
        elif isinstance(layer, HIDING):
            layer = nn.Identity()
        elif isinstance(layer, nn.Conv2d):
            nn.init.constant_(layer.weight, 1 / layer.weight[0].numel())
        setattr(module, name, positive_twin(layer))
    return module


def support(model, layer, shape, row, column):
    """Give (top, left, bottom, right) of the pixels that number (row, column) of a layer depends on, or None."""
    x = torch.ones(1, *shape, dtype=torch.float64, requires_grad=True)
    kept = []
    handle = model.get_submodule(layer).register_forward_hook(
        lambda module, inputs, output: kept.append(output)
    )
    model(x)
    handle.remove()
    output = kept[-1] if kept[-1].dim() == 4 else kept[-1][:, :, None, None]
    seen = torch.autograd.grad(output[0, :, row, column].sum(), x)[0][0].sum(0) != 0
    rows, columns = seen.any(1).nonzero(), seen.any(0).nonzero()
    return (int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1), output.shape[
        2:
    ]


def clipped(box, shape):
    top, left, bottom, right = box
    return max(top, 0), max(left, 0), min(bottom, shape[1]), min(right, shape[2])


@pytest.mark.parametrize(
    ("name", "shape", "names"),
    # Images that the strides use up to the last pixel.
    [
        (
            "seminar",
            (1, 28, 28),
            ["features.0", "features.2", "features.3", "features.5", "head.0", "head.4"],
        ),
        ("lenet5", (1, 32, 32), ["features.pool1", "features.conv2", "features.pool2", "features.conv3"]),
        ("one-epoch", (1, 28, 28), ["features.0", "features.1", "features.4", "features.6"]),
        ("alexnet", (3, 255, 223), ["features.0", "features.2", "features.3", "features.6", "features.12"]),
        ("vgg11-bn", (3, 64, 96), ["features.0", "features.3", "features.8", "features.18", "features.25"]),
        ("resnet18", (3, 96, 128), ["conv1", "maxpool", "layer1", "layer2.0.downsample", "layer2.0"]),
        ("mobilenet_v2", (3, 96, 128), ["features.0", "features.2", "features.4", "features.7"]),
        ("mobilenet_v3_small", (3, 96, 128), ["features.0", "features.1", "features.4"]),
        ("squeezenet1_1", (3, 95, 103), ["features.2", "features.3.expand3x3", "features.5", "features.12"]),
    ],
)
def test_fields_of_networks(name, shape, names):
    model, _ = nets.make(name)
    model.eval()
    geometries = {layer: receptive_field.locate(model, layer, shape) for layer in names}
    twin = positive_twin(model.double())
    for layer, geometry in geometries.items():
        _, (height, width) = support(twin, layer, shape, 0, 0)
        for row, column in {(0, 0), (height // 2, width // 2), (height - 1, 0), (height - 1, width - 1)}:
            found, _ = support(twin, layer, shape, row, column)
            assert found == clipped(geometry.box(row, column), shape), (layer, row, column)


def test_padding_puts_the_start_outside():
    model, shape = nets.make("resnet18")
    for layer, expected in {
        "conv1": ((7, 7), (2, 2), (-3, -3)),
        "maxpool": ((11, 11), (4, 4), (-5, -5)),
        # Published (A. Araujo, W. Norris, J. Sim, "Computing Receptive Fields of CNNs", Distill 2019): 435.
        "layer4": ((435, 435), (32, 32), (-217, -217)),
    }.items():
        geometry = receptive_field.locate(model, layer, shape)
        assert geometry == expected
        (height, width), jump, start = geometry
        assert geometry.box(2, 1) == (
            start[0] + 2 * jump[0],
            start[1] + jump[1],
            start[0] + 2 * jump[0] + height,
            start[1] + jump[1] + width,
        )


sizes = st.tuples(st.integers(1, 4), st.integers(1, 4))
strides = st.tuples(st.integers(1, 3), st.integers(1, 3))
SHAPE = (1, 61, 67)


@st.composite
def chains(draw):
    """Networks of one to four layers with windows, frames and crops, neither square nor symmetric.

    Nothing is framed behind a crop: zeros would stand where the image goes on, and a field would have a hole.
    """
    layers, widest = [], 3
    for _ in range(draw(st.integers(1, 4))):
        kind, kernel, stride = (
            draw(st.sampled_from(["conv", "pool", "frame", "crop"])),
            draw(sizes),
            draw(strides),
        )
        frames = st.integers(0, widest)
        if kind == "conv":
            padding, dilation = draw(st.tuples(frames, frames)), draw(strides)
            layers.append(nn.Conv2d(1, 1, kernel, stride, padding, dilation, bias=False))
        elif kind == "pool":
            padding = tuple(draw(st.integers(0, min(widest, side // 2))) for side in kernel)
            ceil_mode = widest > 0 and draw(st.booleans())
            layers.append(nn.MaxPool2d(kernel, stride, padding, ceil_mode=ceil_mode))
        elif kind == "frame":
            frame = draw(st.tuples(*(st.integers(-2, widest) for _ in range(4))))
            layers.append(nn.ZeroPad2d(frame))
            widest = 0 if min(frame) < 0 else widest
        else:
            layers.append(Crop(draw(st.integers(-40, 3)), draw(st.integers(0, 3)), draw(strides)))
            widest = 0
    return nn.Sequential(*layers, nn.Identity())


class Crop(nn.Module):
    """Takes every so many rows and columns from a place on, which may be counted from the end."""

    def __init__(self, top, left, steps):
        super().__init__()
        self.rows, self.columns = slice(top, None, steps[0]), slice(left, None, steps[1])

    def forward(self, x):
        return x[:, :, self.rows, self.columns]


@settings(max_examples=60, deadline=None)
@given(chains(), st.floats(0, 1), st.floats(0, 1))
def test_fields_of_random_chains(model, down, right):
    try:
        height, width = model(torch.zeros(1, *SHAPE)).shape[2:]
    except RuntimeError:  # nothing is left of the image
        assume(False)
    assume(height > 0 and width > 0)
    last = str(len(model) - 1)
    geometry = receptive_field.locate(model, last, SHAPE)
    row, column = math.floor(down * (height - 1)), math.floor(right * (width - 1))
    box = geometry.box(row, column)
    # Where the field reaches over the border, the outermost pixels inside may fall between strides.
    assume(box == clipped(box, SHAPE))
    assert support(positive_twin(model.double()), last, SHAPE, row, column)[0] == box


class Branches(nn.Module):
    """Functional layers; two branches of which neither holds the other; a factor for whole maps."""

    def __init__(self) -> None:
        super().__init__()
        self.up, self.gate, self.meet, self.head = (
            nn.Conv2d(1, 1, 3),
            nn.Linear(1, 1),
            nn.Identity(),
            nn.Linear(1, 2),
        )

    def forward(self, x):
        up = F.pad(self.up(x), (2, 0, 2, 0))
        down = F.pad(F.avg_pool2d(x, 3, stride=1), (0, 2, 0, 2))
        x = self.meet(up + down)
        factor = torch.sigmoid(self.gate(x.mean((2, 3))))[:, :, None, None]
        return self.head(self.gate(self.meet(x * factor).amax((2, 3))))


def test_branches_meet_in_the_smallest_field_that_holds_both():
    geometry = receptive_field.locate(Branches(), "meet", (1, 9, 9))
    # Two fields of 3, one of which begins 2 pixels before the other.
    assert geometry == ((5, 5), (1, 1), (-2, -2))


def test_layers_behind_a_flattening_see_all():
    model, _ = nets.make("vgg11")
    geometry = receptive_field.locate(model, "classifier.0", (3, 64, 64))
    top, left, bottom, right = geometry.box(0, 0)
    assert max(top, left) <= 0
    assert min(bottom, right) >= 64


def test_dtype_of_the_weights_is_taken():
    model, shape = nets.make("seminar")
    assert receptive_field.locate(model.double(), "features.5", shape) == ((16, 16), (4, 4), (0, 0))


def test_refusals():
    model, shape = nets.make("seminar")
    with pytest.raises(ValueError, match="no layer 'conv'"):
        receptive_field.locate(model, "conv", shape)
    model.spare = nn.ReLU()
    with pytest.raises(ValueError, match="spare is not run by SeminarCNN; name another layer"):
        receptive_field.locate(model, "spare", shape)
