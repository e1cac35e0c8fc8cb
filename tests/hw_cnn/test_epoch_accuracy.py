"""EpochAccuracy against torchmetrics' own accuracy, over any division into batches, and gathered from two processes."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchmetrics.classification import MulticlassAccuracy

from hw_cnn import epoch_accuracy


@settings(deadline=None, max_examples=100)
@given(sizes=st.lists(st.integers(1, 9), min_size=1, max_size=5), seed=st.integers(0, 999))
def test_equals_torchmetrics(sizes, seed):
    generator = torch.Generator().manual_seed(seed)
    ours, theirs = epoch_accuracy.EpochAccuracy(), MulticlassAccuracy(4, average="micro")
    for size in sizes:
        # Few different logits: ties are common, and must go to the same class.
        logits = torch.randint(-2, 3, (size, 4), generator=generator).float().requires_grad_()
        labels = torch.randint(0, 4, (size,), generator=generator)
        ours.update(logits, labels)
        theirs.update(logits, labels)
    assert ours.compute() == theirs.compute()
    ours.reset()
    assert ours.predictions == ours.labels == []


def test_gathering_gives_one_tensor_of_all_processes():
    def gather(tensor: torch.Tensor, group: object = None) -> list[torch.Tensor]:
        # The other process has two images of class 0, both seen as class 0.
        return [tensor, torch.zeros(2, dtype=torch.int64)]

    metric = epoch_accuracy.EpochAccuracy(dist_sync_fn=gather, distributed_available_fn=lambda: True)
    metric.update(torch.eye(3), torch.tensor([0, 1, 0]))
    assert metric.compute() == pytest.approx(4 / 5)
    assert [len(batch) for batch in metric.labels] == [3]
