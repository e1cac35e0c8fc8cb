"""Many layers in one pass."""

from __future__ import annotations

import pytest
import torch

from hw_cnn.models import seminar
from hw_cnn.transfer import embedding, pooled_layers


def test_means_of_maps_and_numbers_side_by_side():
    torch.manual_seed(0)
    network = seminar.SeminarCNN().eval()
    images = torch.randn(5, 1, 28, 28)
    pooled = pooled_layers.PooledLayers(network, ["features.0", "features.5", "head.4"])
    features, _ = embedding.embed(pooled, [(images, torch.zeros(5))], "pooled", l2=False)
    first, last = network.features[0](images), network.features[:6](images)
    expected = torch.cat([first.mean((2, 3)), last.mean((2, 3)), network(images)], 1)
    torch.testing.assert_close(features, expected.detach())
    assert pooled.sizes == [6, 16, 10]
    assert not any(module._forward_hooks for module in network.modules())
    assert "features.5" in str(pooled)


def test_refuses_and_takes_its_hooks_along():
    network = seminar.SeminarCNN()
    with pytest.raises(ValueError, match=r"no layer 'nothing'; its layers are features, features\.0"):
        pooled_layers.PooledLayers(network, ["nothing"])
    network.unused = torch.nn.ReLU()
    pooled = pooled_layers.PooledLayers(network, ["features.0", "unused"])
    with pytest.raises(ValueError, match="unused: not run by SeminarCNN"):
        pooled(torch.zeros(1, 1, 28, 28))
    with pytest.raises(RuntimeError):
        pooled(torch.zeros(1, 2, 28, 28))
    assert not any(module._forward_hooks for module in network.modules())
