"""Outputs of layers against the same layers run by hand."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from hw_cnn.interpret import activations
from tests.hw_cnn.interpret import nets


def by_hand(model, images, names):
    """Run a network that is one nn.Sequential after the other, `flatten` between those named features and others."""
    found = {}
    x = images
    for part, module in model.named_children():
        if part == "classifier" and x.dim() == 4:
            x = x.flatten(1)
        for name, layer in module.named_children() or [("", module)]:
            x = layer(x.clone())
            found[f"{part}.{name}"] = x.clone()
        if not any(module.children()):
            x = module(x)
            found[part] = x
    return {name: found[name].detach() for name in names}


@pytest.mark.parametrize("name", ["seminar", "lenet5", "alexnet", "vgg11", "vgg13-bn", "one-epoch"])
def test_equal_layers_run_by_hand(name):
    model, shape = nets.make(name)
    model.eval()
    images = nets.images_of(shape, 3)
    names = [name for name, module in model.named_modules() if not any(module.children())][::-1]
    found = activations.layer_outputs(model, images, names)
    assert list(found) == names
    expected = by_hand(model, images, names)
    for layer in names:
        assert torch.equal(found[layer], expected[layer]), layer


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v2", "squeezenet1_1"])
def test_in_place_layers_change_nothing(name):
    model, shape = nets.make(name)
    twin = copy.deepcopy(model)
    in_place = [module for module in twin.modules() if getattr(module, "inplace", False)]
    assert in_place
    for module in in_place:
        module.inplace = False
    kinds = (nn.Conv2d, nn.BatchNorm2d, nn.ReLU, nn.ReLU6)
    names = [name for name, module in model.named_modules() if isinstance(module, kinds)]
    images = nets.images_of(shape, 2)
    found, expected = (activations.layer_outputs(net, images, names) for net in (model, twin))
    assert all(torch.equal(found[layer], expected[layer]) for layer in names)


def test_in_place_against_values_by_hand():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True))
    images = nets.images_of((1, 5, 6), 2)
    expected = model[0](images).detach()
    found = activations.layer_outputs(model, images, ["0", "1"])
    assert (expected < 0).any()
    assert torch.equal(found["0"], expected)
    assert torch.equal(found["1"], expected.clamp(min=0))


def test_containers_repeated_names_and_names_from_a_generator():
    model, shape = nets.make("seminar")
    images = nets.images_of(shape, 2)
    found = activations.layer_outputs(model, images, (name for name in ("head", "features", "head")))
    assert list(found) == ["head", "features"]
    assert torch.equal(found["head"], model(images).detach())
    assert activations.layer_outputs(model, images, []) == {}


class Twice(nn.Module):
    """Runs one layer twice and another one never; a third gives no tensor."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.spare, self.memory = nn.Conv2d(2, 2, 1), nn.Linear(1, 1), nn.LSTM(4, 3)

    def forward(self, x):
        x = self.conv(torch.tanh(self.conv(x)))
        self.memory(x[:, 0])
        return x


def test_layer_that_runs_twice_gives_its_last_output():
    model, images = Twice(), nets.images_of((2, 3, 4), 2)
    found = activations.layer_outputs(model, images, ["conv"])["conv"]
    assert torch.equal(found, model(images).detach())


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["conv", "konv"], "Twice has no layer 'konv'; its layers are conv, spare, memory"),
        ([""], "Twice has no layer ''"),
        ("conv", "Twice has no layer 'c'"),
        (["conv", "spare"], "spare: not run by Twice on these images"),
        (["memory"], "memory gives a tuple, not a tensor"),
    ],
)
def test_refusals_leave_no_hook(names, sentence):
    model = Twice()
    with pytest.raises(ValueError, match=sentence):
        activations.layer_outputs(model, nets.images_of((2, 3, 4), 2), names)
    assert not any(module._forward_hooks for module in model.modules())
    assert all(module.training for module in model.modules())
