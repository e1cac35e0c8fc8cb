"""Looking changes nothing: weights, buffers, modes, hooks, gradients and random numbers, for every function and net."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from torch import nn

from hw_cnn.interpret import (
    activations,
    filters,
    grad_cam,
    gradients,
    layers,
    maximisation,
    occlusion,
    patches,
    preserved,
    receptive_field,
    shift_curve,
)
from tests.hw_cnn.interpret import nets

LABELS = torch.tensor([1, 0, 3])
FUNCTIONS = {
    "layer_outputs": lambda model, x, layer: activations.layer_outputs(model, x, [layer])[layer],
    "first_filters": lambda model, x, layer: filters.first_filters(model),
    "last_map": lambda model, x, layer: layers.last_map(model, x),
    "grad_cam": lambda model, x, layer: grad_cam.grad_cam(model, x, LABELS),
    "saliency": lambda model, x, layer: gradients.saliency(model, x, LABELS),
    "smooth_grad": lambda model, x, layer: gradients.smooth_grad(model, x, LABELS, 2),
    "integrated_gradients": lambda model, x, layer: gradients.integrated_gradients(model, x, LABELS, 0.0, 2),
    "occlusion_map": lambda model, x, layer: occlusion.occlusion_map(
        model, x[0], 1, x.shape[2] // 2, x.shape[2] // 4
    ),
    "top_patches": lambda model, x, layer: patches.top_patches(model, x, layer, 1, 2).values,
    "locate": lambda model, x, layer: receptive_field.locate(model, layer, x.shape[1:]),
    "maximise_channel": lambda model, x, layer: maximisation.maximise_channel(
        model, layer, 1, x.shape[1:], num_steps=2
    ),
    "shift_curve": lambda model, x, layer: shift_curve.shift_curve(model, x, LABELS, 1, 0.0),
}


def condition(model):
    """All that a caller could miss afterwards."""
    return {
        "state": {name: value.clone() for name, value in model.state_dict().items()},
        "gradients": {
            name: value.grad.clone() for name, value in model.named_parameters() if value.grad is not None
        },
        "requires_grad": {name: value.requires_grad for name, value in model.named_parameters()},
        "modes": {name: module.training for name, module in model.named_modules()},
        "hooks": {
            name: [*module._forward_hooks, *module._forward_pre_hooks, *module._backward_hooks]
            for name, module in model.named_modules()
        },
        "random": (torch.get_rng_state(), np.random.get_state()[1].tolist(), random.getstate()),
    }


def assert_same(before, after):
    assert before.keys() == after.keys()
    for key in ("requires_grad", "modes", "hooks"):
        assert before[key] == after[key], key
    for key in ("state", "gradients"):
        assert before[key].keys() == after[key].keys()
        assert all(torch.equal(value, after[key][name]) for name, value in before[key].items()), key
    assert torch.equal(before["random"][0], after["random"][0])
    assert before["random"][1:] == after["random"][1:]


@pytest.mark.parametrize("name", nets.NAMES)
@pytest.mark.parametrize("function", FUNCTIONS)
def test_network_and_random_numbers_are_left_as_they_were(function, name):
    model, shape = nets.make(name)
    images = nets.images_of(shape, 3)
    layer = layers.last_map(model, images)
    model.train()
    # Some of everything: a layer in another mode, a frozen weight, a gradient that waits, a hook of the caller.
    some = list(model.modules())[-1]
    some.training = False
    parameters = list(model.parameters())
    parameters[0].requires_grad = False
    parameters[-1].grad = torch.ones_like(parameters[-1])
    calls = []
    model.register_forward_hook(lambda *_: calls.append(1))
    before, kept = condition(model), images.clone()
    result = FUNCTIONS[function](model, images, layer)
    assert_same(before, condition(model))
    assert torch.equal(images, kept)
    if isinstance(result, torch.Tensor):
        assert not result.requires_grad
        assert result.grad_fn is None
        assert torch.isfinite(result).all()
        assert not result.is_inference()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_results_do_not_depend_on_the_mode_or_on_frozen_weights(function):
    model, shape = nets.make("vgg11-bn")
    images = nets.images_of(shape, 3)
    layer = layers.last_map(model, images)
    results = []
    for training, frozen in ((False, False), (True, False), (True, True)):
        model.train(training).requires_grad_(not frozen)
        with torch.no_grad() if frozen else torch.enable_grad():
            results.append(FUNCTIONS[function](model, images, layer))
    for result in results[1:]:
        if isinstance(result, torch.Tensor):
            torch.testing.assert_close(result, results[0], rtol=1e-5, atol=1e-7)
        else:
            assert result == results[0]


class Broken(nn.Module):
    """Fails in its second layer."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.dropout, self.linear = nn.Conv2d(1, 2, 3), nn.Dropout(), nn.Linear(7, 5)

    def forward(self, x):
        return self.linear(self.dropout(self.conv(x)).flatten(1))


@pytest.mark.parametrize("function", [name for name in FUNCTIONS if name != "first_filters"])
def test_also_when_the_network_fails(function):
    model = Broken().train()
    model.dropout.eval()
    before = condition(model)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        FUNCTIONS[function](
            model, torch.randn(3, 1, 6, 6, generator=torch.Generator().manual_seed(0)), "conv"
        )
    assert_same(before, condition(model))


def test_random_numbers_drawn_within_are_drawn_again():
    model = nn.Dropout()
    torch.manual_seed(3)
    with preserved.evaluating(model):
        assert not model.training
        first = torch.rand(4)
    assert model.training
    assert torch.equal(torch.rand(4), first)


def test_tensors_go_where_the_network_is():
    image = torch.zeros(1)
    assert preserved.on_device_of(nn.ReLU(), image) is image
    assert preserved.on_device_of(nn.Linear(1, 1, device="meta"), image).device.type == "meta"
    assert preserved.kind_of(nn.Linear(1, 1).double()) == {
        "device": torch.device("cpu"),
        "dtype": torch.float64,
    }
    assert preserved.kind_of(nn.ReLU()) == {"device": torch.device("cpu"), "dtype": torch.float32}


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
@pytest.mark.parametrize("function", FUNCTIONS)
def test_on_a_gpu_as_on_the_cpu(function):
    model, shape = nets.make("vgg11-bn")
    images = nets.images_of(shape, 3)
    layer = layers.last_map(model, images)
    expected = FUNCTIONS[function](model.double(), images.double(), layer)
    model.cuda()
    state = torch.cuda.get_rng_state()
    found = FUNCTIONS[function](model, images.double(), layer)
    assert torch.equal(torch.cuda.get_rng_state(), state)
    if isinstance(expected, torch.Tensor):
        torch.testing.assert_close(found.cpu(), expected, rtol=1e-4, atol=1e-8)
    else:
        assert found == expected
