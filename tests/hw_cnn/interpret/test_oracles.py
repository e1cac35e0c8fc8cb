"""The methods of `hw_cnn.interpret` against captum, closed forms and brute force; networks stay as they were.

A second look at what the other files of this folder try in each run, written without knowing them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from captum.attr import IntegratedGradients, LayerGradCam, Occlusion, Saliency
from torch import Tensor, nn
from torchvision.models import resnet18

from hw_cnn import models
from hw_cnn.interpret import (
    activations,
    embedding_map,
    grad_cam,
    gradients,
    occlusion,
    patches,
    receptive_field,
)

pytestmark = pytest.mark.nightly

NETS: dict[str, tuple[Callable[[], nn.Module], tuple[int, int, int], str]] = {
    "seminar": (lambda: models.build("seminar"), (1, 28, 28), "features.3"),
    "vgg11-bn": (
        lambda: models.build("vgg11-bn", width=0.125, pool_size=1, num_classes=10),
        (3, 32, 32),
        "features.8",
    ),
    "resnet18": (lambda: resnet18(num_classes=10), (3, 64, 48), "layer2.0.conv1"),
}


@pytest.fixture(params=NETS)
def net(request: pytest.FixtureRequest) -> tuple[nn.Module, tuple[int, int, int], str]:
    build, shape, layer = NETS[request.param]
    torch.manual_seed(0)
    return build(), shape, layer


def drawn(shape: tuple[int, int, int], count: int = 3) -> tuple[Tensor, Tensor]:
    return torch.randn(count, *shape, generator=torch.Generator().manual_seed(1)), torch.arange(count)


def test_captum_says_the_same(net: tuple[nn.Module, tuple[int, int, int], str]) -> None:
    model, shape, layer = net
    images, labels = drawn(shape)
    ours = [
        gradients.saliency(model, images, labels),
        gradients.integrated_gradients(model, images, labels, num_steps=8),
        grad_cam.grad_cam(model, images, labels, layer),
        occlusion.occlusion_map(model, images[1], 2, window=12, stride=8),
    ]
    model.eval()
    module = model.get_submodule(layer)
    theirs = [
        Saliency(model).attribute(images.clone().requires_grad_(), target=labels, abs=False),
        IntegratedGradients(model).attribute(
            images.clone().requires_grad_(), target=labels, n_steps=8, method="riemann_middle"
        ),
        LayerGradCam(model, module).attribute(
            images.clone().requires_grad_(), target=labels, relu_attributions=True
        )[:, 0],
    ]
    for our, their in zip(ours, theirs, strict=False):
        torch.testing.assert_close(our, their.detach(), rtol=1e-3, atol=1e-5)
    # Each pixel of captum's map is the mean over the windows that cover it; a lone window covers its place alone.
    window = (shape[0], 12, 12)
    alone = Occlusion(model).attribute(images[1:2], window, strides=window, target=2)
    torch.testing.assert_close(ours[3][0, 0], alone[0, 0, 0, 0].detach().float(), rtol=1e-3, atol=1e-5)


def test_networks_stay_as_they_were(net: tuple[nn.Module, tuple[int, int, int], str]) -> None:
    model, shape, layer = net
    images, labels = drawn(shape)
    next(model.children()).eval()
    before = {key: value.clone() for key, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    random = torch.get_rng_state()
    activations.layer_outputs(model, images, [layer])
    gradients.saliency(model, images, labels)
    gradients.smooth_grad(model, images, labels, num_samples=2)
    gradients.integrated_gradients(model, images, labels, num_steps=2)
    grad_cam.grad_cam(model, images, labels, layer)
    occlusion.occlusion_map(model, images[0], 1, window=16, stride=16)
    patches.top_patches(model, images, layer, channel=0, k=2)
    with pytest.raises(ValueError, match="no_such"):
        activations.layer_outputs(model, images, [layer, "no_such"])
    assert torch.equal(random, torch.get_rng_state())
    assert [module.training for module in model.modules()] == modes
    assert all(torch.equal(value, before[key]) for key, value in model.state_dict().items())
    assert all(parameter.grad is None and parameter.requires_grad for parameter in model.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_layer_outputs_are_those_of_a_walk_through_the_layers() -> None:
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(108, 2))
    images, _ = drawn((1, 8, 8))
    found = activations.layer_outputs(model, images, ["3", "0"])
    assert list(found) == ["3", "0"]
    torch.testing.assert_close(found["0"], model[0](images).detach())
    torch.testing.assert_close(found["3"], model(images).detach())
    assert not found["0"].requires_grad


def test_a_linear_model_is_explained_exactly() -> None:
    torch.manual_seed(2)
    model = nn.Sequential(nn.Flatten(), nn.Linear(2 * 6 * 9, 4))
    images, labels = drawn((2, 6, 9))
    weights = model[1].weight.detach().view(4, 2, 6, 9)
    torch.testing.assert_close(gradients.saliency(model, images, labels), weights[labels])
    found = occlusion.occlusion_map(model, images[0], 3, window=4, stride=2, fill=0.5, batch_size=2)
    effect = (weights[3] * (images[0] - 0.5)).sum(0)
    expected = torch.stack([effect[y : y + 4, x : x + 4].sum() for y in (0, 2) for x in (0, 2, 4)])
    torch.testing.assert_close(found, expected.view(2, 3), rtol=1e-4, atol=1e-5)


def test_receptive_fields_are_where_gradients_arrive(
    net: tuple[nn.Module, tuple[int, int, int], str],
) -> None:
    model, shape, layer = net
    model.eval()
    for parameter in model.parameters():
        nn.init.constant_(parameter, 0.01)  # no gradient cancels, no ReLU is closed
    image = torch.rand(1, *shape, generator=torch.Generator().manual_seed(3)).requires_grad_()
    outputs: list[Tensor] = []
    with_hook = model.get_submodule(layer).register_forward_hook(lambda m, i, out: outputs.append(out))
    model(image)
    with_hook.remove()
    row, column = outputs[0].shape[2] // 2, 0
    (gradient,) = torch.autograd.grad(outputs[0][0, 0, row, column], image)
    rows, columns = (gradient[0].abs().sum(0) > 0).nonzero(as_tuple=True)
    top, left, bottom, right = receptive_field.locate(model, layer, shape).box(row, column)
    seen = (int(rows.min()), int(columns.min()), int(rows.max()) + 1, int(columns.max()) + 1)
    if not any(isinstance(module, nn.MaxPool2d) for module in model.modules()):
        assert seen == (max(top, 0), max(left, 0), min(bottom, shape[1]), min(right, shape[2]))
    else:  # a maximum lets one gradient of its window through
        assert max(top, 0) <= seen[0] < seen[2] <= min(bottom, shape[1])
        assert max(left, 0) <= seen[1] < seen[3] <= min(right, shape[2])


@pytest.mark.parametrize(("padding", "stride"), [(0, 1), (1, 2), (2, 3)])
def test_top_patches_by_brute_force(padding: int, stride: int) -> None:
    torch.manual_seed(4)
    model = nn.Sequential(nn.Conv2d(2, 3, 5, stride=stride, padding=padding), nn.ReLU())
    images, _ = drawn((2, 11, 13), count=6)
    values, indices, corners, crops = patches.top_patches(model, images, "0", channel=1, k=4)
    maps = model[0](images).detach()[:, 1]
    expected = maps.flatten(1).max(1).values.sort(descending=True)
    torch.testing.assert_close(values, expected.values[:4])
    assert indices.tolist() == expected.indices[:4].tolist()
    padded = torch.nn.functional.pad(images, [padding] * 4)
    for value, index, (top, left), crop in zip(values, indices, corners.tolist(), crops, strict=True):
        y, x = top + padding, left + padding
        torch.testing.assert_close(crop, padded[index, :, y : y + 5, x : x + 5])
        answer = (crop * model[0].weight[1]).sum() + model[0].bias[1]
        torch.testing.assert_close(answer.detach(), value, rtol=1e-4, atol=1e-5)


def test_pca_is_that_of_singular_values() -> None:
    features = torch.randn(40, 7, generator=torch.Generator().manual_seed(5)) * torch.arange(1, 8)
    found = embedding_map.pca(features, 3)
    centred = (features - features.mean(0)).double().numpy()
    u, s, _ = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(found[0].numpy()), np.abs(u[:, :3] * s[:3]), rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(np.asarray(found[1]), (s**2 / (s**2).sum())[:3], rtol=1e-3)
