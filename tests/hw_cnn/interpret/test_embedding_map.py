"""Principal components against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hw_cnn.interpret import embedding_map


def features_of(rows, columns, seed=0):
    """No two directions of equal variance."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(rows, columns, generator=generator) * torch.linspace(1, 4, columns) + 5


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 20), st.integers(1, 9), st.integers(0, 99), st.data())
def test_equals_numpy(rows, columns, seed, data):
    features = features_of(rows, columns, seed)
    count = data.draw(st.integers(1, min(rows - 1, columns)))
    found = embedding_map.pca(features, count)
    centred = features.double().numpy() - features.double().numpy().mean(0)
    left, values, directions = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(found.explained_ratio, (values**2 / (values**2).sum())[:count], rtol=1e-9)
    np.testing.assert_allclose(
        found.coordinates.abs(), np.abs(left * values)[:, :count], rtol=1e-6, atol=1e-8
    )
    # The sign: the entry of the direction that is largest in size is positive.
    largest = np.abs(directions[:count]).argmax(1)
    signs = np.sign(directions[np.arange(count), largest])
    np.testing.assert_allclose(
        found.coordinates, centred @ (directions[:count].T * signs), rtol=1e-6, atol=1e-8
    )


def test_order_of_the_images_changes_nothing_else():
    features = features_of(30, 6)
    order = torch.randperm(30, generator=torch.Generator().manual_seed(1))
    first, second = embedding_map.pca(features), embedding_map.pca(features[order])
    torch.testing.assert_close(first.coordinates[order], second.coordinates)


def test_all_components_keep_all_distances():
    features = features_of(12, 5).double()
    found = embedding_map.pca(features, 5)
    torch.testing.assert_close(
        torch.cdist(found.coordinates, found.coordinates), torch.cdist(features, features)
    )
    assert float(found.explained_ratio.sum()) == pytest.approx(1)


def test_equal_features_explain_nothing():
    found = embedding_map.pca(torch.full((4, 3), 0.1))
    assert found.explained_ratio.tolist() == [0, 0]
    assert found.coordinates.abs().max() < 1e-12


@pytest.mark.parametrize(("shape", "count"), [((4, 3), 0), ((4, 3), 4), ((2, 3), 3), ((4,), 1)])
def test_refusals(shape, count):
    with pytest.raises(ValueError, match="num_components is"):
        embedding_map.pca(torch.zeros(shape), count)
