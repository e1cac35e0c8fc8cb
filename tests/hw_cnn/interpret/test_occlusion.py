"""Occlusion against closed forms, captum and one forward pass per window."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from hw_cnn.interpret import occlusion
from hw_cnn.models import lenet5_1998
from hw_cnn.recipes.lenet5_1998 import LeNet1998Recipe
from tests.hw_cnn.interpret import nets

captum = pytest.importorskip("captum.attr", reason="the oracle, captum, comes with the extra `explain`")


def window_by_window(model, image, label, window, stride, fill):
    model.eval()
    heights, widths = (range(0, length - window + 1, stride) for length in image.shape[1:])
    drops = []
    with torch.no_grad():
        for top in heights:
            for left in widths:
                covered = image.clone()
                covered[:, top : top + window, left : left + window] = fill
                drops.append(model(image[None])[0, label] - model(covered[None])[0, label])
    return torch.stack(drops).view(len(heights), len(widths))


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_on_a_linear_network_it_is_the_weighted_sum_of_what_is_covered(data):
    window, stride = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 5))
    shape = data.draw(st.tuples(st.integers(1, 3), st.integers(window, 9), st.integers(window, 9)))
    fill, label = data.draw(st.floats(-2, 2)), data.draw(st.integers(0, 2))
    model, image = nets.Linear(shape).double(), nets.images_of(shape, 1)[0].double()
    found = occlusion.occlusion_map(model, image, label, window, stride, fill, data.draw(st.integers(1, 9)))
    lost = (model.weight[label] * (image - fill)).sum(0).detach()
    expected = F.avg_pool2d(lost[None, None], window, stride)[0, 0] * window**2
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", ["seminar", "alexnet", "vgg11-bn", "one-epoch", "resnet18", "squeezenet1_1"])
def test_equals_one_forward_pass_per_window(name):
    model, shape = nets.make(name)
    image, side = nets.images_of(shape, 1)[0], shape[1]
    given_ = (2, side // 3, side // 5, -0.4)
    found = occlusion.occlusion_map(model, image, *given_, batch_size=7)
    expected = window_by_window(model, image, *given_)
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-5 * float(expected.abs().max()) + 1e-6)


@pytest.mark.filterwarnings("ignore")  # captum's own
@pytest.mark.parametrize(
    ("name", "window", "stride"), [("seminar", 4, 4), ("seminar", 6, 2), ("resnet18", 16, 8)]
)
def test_equals_captum(name, window, stride):
    model, shape = nets.make(name)
    model.eval()
    image = nets.images_of(shape, 1)[0]
    theirs = captum.Occlusion(model).attribute(
        image[None],
        sliding_window_shapes=(shape[0], window, window),
        strides=(shape[0], stride, stride),
        baselines=0.25,
        target=3,
        perturbations_per_eval=64,
    )
    ours = occlusion.occlusion_map(model, image, 3, window, stride, fill=0.25)
    # captum gives each pixel the mean over the windows that cover it.
    kernel = torch.ones(1, 1, window, window)
    totals, counts = (
        F.conv_transpose2d(values[None, None], kernel, stride=stride)[0, 0]
        for values in (ours, torch.ones_like(ours))
    )
    torch.testing.assert_close(totals / counts, theirs[0, 0].float(), rtol=1e-3, atol=1e-5)


def test_batches_are_no_larger_than_asked_for():
    model, shape = nets.make("seminar")
    sizes = []
    model.register_forward_hook(lambda module, inputs, output: sizes.append(len(output)))
    found = occlusion.occlusion_map(model, nets.images_of(shape, 1)[0], 0, 5, 3, batch_size=25)
    assert found.shape == (8, 8)
    assert max(sizes) == 25
    assert sum(sizes) <= 64 + 2


class Viewing(nn.Module):
    """Flattens with `view`, which wants its numbers in one order."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.linear = nn.Conv2d(1, 3, 3), nn.Linear(3 * 36, 4)

    def forward(self, x):
        return self.linear(F.relu(self.conv(x)).view(x.shape[0], -1))


def test_network_that_flattens_with_view():
    torch.manual_seed(0)
    model, image = Viewing(), nets.images_of((1, 8, 8), 1)[0]
    found = occlusion.occlusion_map(model, image, 1, 2)
    torch.testing.assert_close(found, window_by_window(model, image, 1, 2, 1, 0.0))


def test_recipe_of_lenet_1998_turns_distances_into_scores():
    torch.manual_seed(0)
    model = lenet5_1998.LeNet1998()
    recipe, image = LeNet1998Recipe(model), nets.images_of((1, 32, 32), 1)[0]
    bare, scores = (occlusion.occlusion_map(net, image, 4, 8, 8) for net in (model, recipe))
    assert torch.equal(scores, -bare)


@pytest.mark.parametrize(
    ("shape", "window", "stride", "batch_size", "sentence"),
    [
        ((1, 1, 28, 28), 5, 1, 256, r"image has shape \(1, 1, 28, 28\)"),
        ((1, 28, 28), 5, 1, 0, "batch_size is 0"),
        ((1, 28, 28), 29, 1, 256, "a window of 29 does not fit"),
        ((1, 28, 28), 0, 1, 256, "window is 0"),
        ((1, 28, 28), 5, 0, 256, "stride is 0"),
    ],
)
def test_refusals(shape, window, stride, batch_size, sentence):
    model, _ = nets.make("seminar")
    with pytest.raises(ValueError, match=sentence):
        occlusion.occlusion_map(model, torch.zeros(shape), 0, window, stride, batch_size=batch_size)
