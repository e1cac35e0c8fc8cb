"""Gradients of images against captum and closed forms."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from hw_cnn.interpret import gradients
from hw_cnn.models import lenet5_1998
from hw_cnn.recipes.lenet5_1998 import LeNet1998Recipe
from tests.hw_cnn.interpret import nets

captum = pytest.importorskip("captum.attr", reason="the oracle, captum, comes with the extra `explain`")
LABELS = torch.tensor([3, 0, 7])
SOME = ["seminar", "seminar-hse", "lenet5", "alexnet-2012", "vgg11-bn", "one-epoch", *nets.TORCHVISION]


class Quadratic(nn.Module):
    """Score k is the sum of weight_k · x²: its gradient is 2 · weight_k · x."""

    def __init__(self, shape: nets.Shape) -> None:
        super().__init__()
        self.linear = nets.Linear(shape)

    def forward(self, images):
        return self.linear(images**2)


@pytest.mark.parametrize("name", SOME)
def test_saliency_equals_captum(name):
    model, shape = nets.make(name)
    images = nets.images_of(shape, 3)
    found = gradients.saliency(model, images, LABELS)
    theirs = captum.Saliency(model.eval()).attribute(images.requires_grad_(), target=LABELS, abs=False)
    torch.testing.assert_close(found, theirs, rtol=1e-3, atol=1e-5 * float(theirs.abs().max()))
    assert (found < 0).any()


@pytest.mark.parametrize("name", ["seminar", "vgg11-bn", "resnet18", "mobilenet_v2"])
@pytest.mark.parametrize("baseline", [0.0, -0.42])
def test_integrated_gradients_equal_captum(name, baseline):
    model, shape = nets.make(name)
    images = nets.images_of(shape, 3)
    found = gradients.integrated_gradients(model, images, LABELS, baseline, num_steps=6)
    theirs = captum.IntegratedGradients(model.eval()).attribute(
        images, baselines=baseline, target=LABELS, n_steps=6, method="riemann_middle"
    )
    torch.testing.assert_close(found, theirs.to(found), rtol=1e-3, atol=1e-5 * float(theirs.abs().max()))


def test_linear_network_has_its_weights_as_gradient():
    shape, labels = (2, 3, 4), torch.tensor([2, 0, 1, 2])
    model, images = nets.Linear(shape), nets.images_of(shape, 4)
    rows = model.weight.detach()[labels]
    torch.testing.assert_close(gradients.saliency(model, images, labels), rows)
    torch.testing.assert_close(gradients.smooth_grad(model, images, labels), rows)
    found = gradients.integrated_gradients(model, images, labels, baseline=1.5, num_steps=1)
    torch.testing.assert_close(found, rows * (images - 1.5))


def test_integrated_gradients_add_up_to_the_difference_of_the_scores():
    model, shape = nets.make("seminar")
    images, start = nets.images_of(shape, 3), nets.images_of(shape, 3, seed=2)
    found = gradients.integrated_gradients(model, images, LABELS, start, num_steps=300)
    scores = model(images) - model(start)
    expected = scores.gather(1, LABELS[:, None])[:, 0].detach()
    torch.testing.assert_close(found.sum((1, 2, 3)), expected, rtol=0.01, atol=2e-3)


def test_integrated_gradients_of_a_quadratic_are_exact():
    shape = (1, 4, 5)
    model, images, labels = Quadratic(shape), nets.images_of(shape, 3), torch.tensor([0, 1, 2])
    for baseline in (0.3, torch.full(shape, 0.3), torch.full_like(images, 0.3)):
        found = gradients.integrated_gradients(model, images, labels, baseline, num_steps=4)
        expected = model.linear.weight.detach()[labels] * (images**2 - 0.3**2)
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)


def test_noise_is_relative_to_the_range_of_each_image():
    shape, labels, noise, num_samples = (1, 40, 50), torch.tensor([0, 1]), 0.2, 9
    model = Quadratic(shape)
    nn.init.ones_(model.linear.weight)
    # The gradient is 2 (x + noise); the mean of n samples differs from 2 x by N(0, (2 sigma)² / n).
    images = torch.stack([torch.linspace(-1, 3, 2000), torch.linspace(0, 10, 2000)]).view(2, *shape)
    errors = gradients.smooth_grad(model, images, labels, num_samples, noise) - 2 * images
    expected = torch.tensor([4.0, 10.0]) * noise * 2 / math.sqrt(num_samples)
    # The standard deviation of 2,000 numbers is known to 1 / sqrt(4,000) = 1.6 %: five times that.
    torch.testing.assert_close(errors.flatten(1).std(1), expected, rtol=0.08, atol=0)
    assert (errors.flatten(1).mean(1).abs() < 5 * expected / math.sqrt(2000)).all()
    first, second = errors / expected[:, None, None, None]
    assert abs(float((first * second).mean())) < 0.15


def test_smooth_grad_depends_on_the_seed_alone():
    model, shape = nets.make("seminar")
    images = nets.images_of(shape, 3)
    torch.manual_seed(1)
    first = gradients.smooth_grad(model, images, LABELS, 4)
    torch.manual_seed(2)
    assert torch.equal(first, gradients.smooth_grad(model, images, LABELS, 4))
    assert not torch.equal(first, gradients.smooth_grad(model, images, LABELS, 4, seed=1))
    without = gradients.smooth_grad(model, images, LABELS, 2, noise=0.0)
    torch.testing.assert_close(without, gradients.saliency(model, images, LABELS))


def test_a_gradient_of_ones_own_is_averaged():
    shape, labels = (1, 4, 5), torch.tensor([0, 1, 2])
    model, images = Quadratic(shape), nets.images_of(shape, 3)

    def twice(model, images, labels):
        return 2 * gradients.saliency(model, images, labels)

    for function in (gradients.smooth_grad, gradients.integrated_gradients):
        own = function(model, images, labels, gradient_of=twice)
        torch.testing.assert_close(own, 2 * function(model, images, labels))


def test_images_with_a_graph_and_frozen_weights():
    model, shape = nets.make("seminar")
    model.requires_grad_(False)
    images = nets.images_of(shape, 3)
    expected = gradients.saliency(model, images, LABELS)
    with_graph = images.clone().requires_grad_()
    for x in (with_graph, with_graph * 1):
        assert torch.equal(gradients.saliency(model, x, LABELS), expected)
        for function in (gradients.smooth_grad, gradients.integrated_gradients):
            assert not function(model, x, LABELS).requires_grad
    assert with_graph.grad is None


def test_recipe_of_lenet_1998_turns_distances_into_scores():
    torch.manual_seed(0)
    model, images = lenet5_1998.LeNet1998(), nets.images_of((1, 32, 32), 3)
    bare, scores = (gradients.saliency(net, images, LABELS) for net in (model, LeNet1998Recipe(model)))
    assert torch.equal(scores, -bare)


@pytest.mark.parametrize("function", [gradients.smooth_grad, gradients.integrated_gradients])
def test_no_gradient_has_no_mean(function):
    model, shape = nets.make("seminar")
    with pytest.raises(ValueError, match="0 gradients have no mean; take at least 1"):
        function(
            model,
            nets.images_of(shape, 3),
            LABELS,
            **{"num_samples" if "smooth" in function.__name__ else "num_steps": 0},
        )
