"""Grad-CAM against captum and by hand."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from hw_cnn.interpret import grad_cam, gradients, layers
from tests.hw_cnn.interpret import nets

captum = pytest.importorskip("captum.attr", reason="the oracle, captum, comes with the extra `explain`")
LABELS = torch.tensor([3, 0, 7])


@pytest.mark.parametrize(
    ("name", "layer"),
    [
        ("seminar", "features.3"),
        ("seminar", "features.1"),
        ("lenet5", "features.pool2"),
        ("alexnet", "features.8"),
        ("vgg13-bn", "features.10"),
        ("one-epoch", "features.4"),
        ("resnet18", "layer2.0.conv1"),
        ("resnet18", "layer3"),
        ("mobilenet_v2", "features.7"),
        ("mobilenet_v3_small", "features.4"),
        ("squeezenet1_1", "features.12"),
    ],
)
def test_equals_captum(name, layer):
    model, shape = nets.make(name)
    images = nets.images_of(shape, 3)
    found = grad_cam.grad_cam(model, images, LABELS, layer)
    # captum would see what an in-place activation makes of the maps.
    twin = copy.deepcopy(model).eval()
    for module in twin.modules():
        if hasattr(module, "inplace"):
            module.inplace = False
    theirs = (
        captum.LayerGradCam(twin, twin.get_submodule(layer))
        .attribute(images, target=LABELS, relu_attributions=True)[:, 0]
        .detach()
    )
    torch.testing.assert_close(found, theirs, rtol=1e-3, atol=1e-5 * float(theirs.abs().max()) + 1e-12)
    assert found.max() > 0


def test_closed_form():
    # Score k is sum over maps of weight (k, map) times the map's mean: each map's weight is weight (k, map) / (h w).
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 5))
    images, labels = nets.images_of((1, 6, 9), 3), torch.tensor([4, 1, 2])
    maps, weights = model[0](images), model[3].weight[labels] / (4 * 7)
    expected = torch.einsum("nk,nkhw->nhw", weights, maps).relu().detach()
    torch.testing.assert_close(grad_cam.grad_cam(model, images, labels, "0"), expected)
    assert (expected == 0).any()


class Twice(nn.Module):
    """Its convolution runs two times."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.head = nn.Conv2d(2, 2, 3, padding=1), nn.Linear(2, 8)

    def forward(self, x):
        return self.head(self.conv(self.conv(x).tanh()).mean((2, 3)))


def test_the_last_call_of_a_layer_counts():
    model, images = Twice(), nets.images_of((2, 5, 6), 3)
    maps = model.conv(model.conv(images).tanh())
    weights = model.head.weight[LABELS] / 30
    expected = torch.einsum("nk,nkhw->nhw", weights, maps).relu().detach()
    torch.testing.assert_close(grad_cam.grad_cam(model, images, LABELS, "conv"), expected)


def image_by_image(model, images, labels):
    singles = zip(images.split(1), labels.split(1), strict=True)
    return torch.cat([gradients.saliency(model, *single) for single in singles])


@pytest.mark.parametrize(("name", "layer"), [("seminar", "features.3"), ("resnet18", "layer2.0.conv1")])
def test_the_gradient_may_be_the_callers(name, layer):
    model, shape = nets.make(name)
    images = nets.images_of(shape, 3)
    found = grad_cam.grad_cam(model, images, LABELS, layer, image_by_image)
    torch.testing.assert_close(found, grad_cam.grad_cam(model, images, LABELS, layer))
    doubled = grad_cam.grad_cam(model, images, LABELS, layer, lambda *given: 2 * gradients.saliency(*given))
    torch.testing.assert_close(doubled, 2 * found)


def test_default_is_the_last_layer_with_places():
    for name in ("seminar", "lenet5-1998", "resnet18"):
        model, shape = nets.make(name)
        images = nets.images_of(shape, 3)
        expected = grad_cam.grad_cam(model, images, LABELS, layers.last_map(model, images))
        assert torch.equal(grad_cam.grad_cam(model, images, LABELS), expected)
        assert expected.shape[1] > 1


def test_manager_serves_several_calls_and_leaves_nothing():
    model, shape = nets.make("resnet18")
    images = nets.images_of(shape, 3)
    with grad_cam.GradCAM(model.train().requires_grad_(False), "layer4") as cam:
        assert not model.training
        first, second = cam(images, LABELS), cam(images[:2], LABELS[1:])
        hooked = [name for name, module in model.named_modules() if module._forward_hooks]
        assert hooked == ["layer4"]
    assert not model.layer4._forward_hooks
    assert model.training
    assert torch.equal(first, grad_cam.grad_cam(model, images, LABELS, "layer4"))
    assert second.shape == (2, 2, 2)


def test_nothing_is_left_when_entering_a_broken_block():
    model, _ = nets.make("seminar")
    with pytest.raises(RuntimeError, match="size"), grad_cam.GradCAM(model, "features.3") as cam:
        cam(torch.zeros(1, 3, 28, 28), LABELS[:1])
    assert model.training
    assert not any(module._forward_hooks for module in model.modules())


@pytest.mark.parametrize(
    ("layer", "sentence"),
    [
        ("conv", "no layer 'conv'"),
        ("head.0", r"head.0 gives \(3, 120\); take a layer whose output is \(N, channels, h, w\)"),
        ("spare", "spare does not run"),
    ],
)
def test_refusals(layer, sentence):
    model, shape = nets.make("seminar")
    model.spare = nn.ReLU()
    with pytest.raises(ValueError, match=sentence):
        grad_cam.grad_cam(model, nets.images_of(shape, 3), LABELS, layer)
