"""Every network of the registry: counts, shapes, what `build` refuses, and that small variants learn."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from hw_cnn import models
from hw_cnn.models import lenet5_1998

COUNTS = {
    "seminar": 44_426,
    "seminar-hse": 47_658,
    "lenet5-1998": 60_000,
    "lenet5": 61_706,
    "alexnet-2012": 60_965_224,
    "alexnet": 61_100_840,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "vgg16-bn": 138_365_992,
}
# Sizes that train on a CPU in seconds to minutes. (registry name, overrides, input shape)
SMALL = [
    ("seminar", {}, (1, 28, 28)),
    ("lenet5-1998", {}, (1, 32, 32)),
    ("lenet5", {"padding": 2}, (1, 28, 28)),
    ("lenet5", {"in_channels": 3, "width": 2}, (3, 32, 32)),
    ("alexnet-2012", {"in_channels": 1, "image_size": 28, "width": 1 / 8}, (1, 28, 28)),
    ("alexnet-2012", {"image_size": 67, "width": 1 / 8}, (3, 67, 67)),
    ("alexnet", {"in_channels": 1, "image_size": 28, "width": 1 / 8, "pool_size": 2}, (1, 28, 28)),
    ("alexnet", {"image_size": 64, "width": 1 / 8, "pool_size": 1}, (3, 64, 64)),
    ("vgg11", {"in_channels": 1, "width": 1 / 8, "pool_size": 1}, (1, 32, 32)),
    ("vgg11-bn", {"width": 1 / 16, "pool_size": 2}, (3, 64, 64)),
    ("one-epoch", {}, (1, 28, 28)),
]


def small(name, overrides):
    torch.manual_seed(0)
    classes = {} if name.startswith(("seminar", "lenet5-1998")) else {"num_classes": 10}
    return models.build(name, **classes, **overrides)


def loss_of(model, images, labels):
    outputs = model(images)
    is_distances = isinstance(model, lenet5_1998.LeNet1998)
    return lenet5_1998.rbf_loss(outputs, labels) if is_distances else F.cross_entropy(outputs, labels)


@pytest.mark.parametrize("name", models.REGISTRY)
def test_number_of_parameters_and_shape(name):
    entry = models.REGISTRY[name]
    with torch.device("meta"):
        model = models.build(name)
        logits = model(torch.zeros(2, *entry.input_shape))
    assert logits.shape == (2, 1000 if entry.input_shape[0] == 3 else 10)
    if name in COUNTS:
        assert sum(parameter.numel() for parameter in model.parameters()) == COUNTS[name]
    assert set(COUNTS) <= set(models.REGISTRY)


def test_overrides_replace_and_join_the_arguments():
    with torch.device("meta"):
        model = models.build("vgg16-bn", config="A", width=1 / 8, num_classes=7)
    assert sum(isinstance(layer, torch.nn.BatchNorm2d) for layer in model.modules()) == 8
    assert model.classifier[-1].out_features == 7
    assert model.features[0].out_channels == 8


def test_unknown_name_is_refused():
    with pytest.raises(
        ValueError, match="there is no model 'vgg'; the models are seminar, seminar-hse, lenet5"
    ):
        models.build("vgg")


@pytest.mark.parametrize(("name", "overrides", "shape"), SMALL)
def test_small_variant_learns(name, overrides, shape):
    model = small(name, overrides)
    generator = torch.Generator().manual_seed(1)
    # Four classes that differ in where the ink is: a network that works tells them apart after some steps.
    labels = torch.arange(8) % 4
    images = 0.1 * torch.randn(8, *shape, generator=generator)
    half = shape[1] // 2
    for image, label in zip(images, labels, strict=True):
        image[:, half * (label // 2) :, half * (label % 2) :][:, :half, :half] += 1
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3 if name == "lenet5-1998" else 1e-3)
    model.eval()  # dropout off: the loss that falls is the loss that is trained
    first = loss_of(model, images, labels).item()
    for _ in range(80):
        optimizer.zero_grad()
        loss = loss_of(model, images, labels)
        loss.backward()
        optimizer.step()
    # Guessing among the four classes leaves log 4, which is 0.6 of what guessing among ten leaves.
    assert loss.item() < 0.2 * first


@pytest.mark.parametrize(("name", "overrides", "shape"), SMALL)
def test_batch_of_one_and_independent_images(name, overrides, shape):
    model = small(name, overrides).eval()
    images = torch.randn(3, *shape, generator=torch.Generator().manual_seed(2))
    alone = torch.cat([model(image.unsqueeze(0)) for image in images])
    torch.testing.assert_close(model(images), alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize(("name", "overrides", "shape"), SMALL)
def test_gradient_reaches_every_parameter(name, overrides, shape):
    model = small(name, overrides)
    images = torch.rand(8, *shape, generator=torch.Generator().manual_seed(3))
    loss_of(model, images, torch.arange(8)).backward()
    for parameter_name, parameter in model.named_parameters():
        assert parameter.grad.abs().sum() > 0, parameter_name


@pytest.mark.parametrize(("name", "overrides", "shape"), SMALL)
def test_answers_in_evaluation_mode_are_repeatable(name, overrides, shape):
    model = small(name, overrides).eval()
    images = torch.rand(2, *shape, generator=torch.Generator().manual_seed(4))
    assert torch.equal(model(images), model(images))
