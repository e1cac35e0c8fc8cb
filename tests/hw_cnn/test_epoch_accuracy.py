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
    assert ours.num_correct == ours.num_images == 0


def test_processes_are_summed():
    def gather(tensor: torch.Tensor, group: object = None) -> list[torch.Tensor]:
        # The other process has two images, both right.
        return [tensor, torch.tensor(2)]

    metric = epoch_accuracy.EpochAccuracy(dist_sync_fn=gather, distributed_available_fn=lambda: True)
    metric.update(torch.eye(3), torch.tensor([0, 1, 0]))
    assert metric.compute() == pytest.approx(4 / 5)
    assert metric.num_images == 3, "what was gathered must not be counted again"


def test_many_batches_take_no_more_room_than_one():
    metric = epoch_accuracy.EpochAccuracy()
    for _ in range(100):
        metric.update(torch.eye(3), torch.tensor([0, 1, 0]))
    assert sum(state.numel() for state in metric.metric_state.values()) == 2
    assert metric.compute() == pytest.approx(2 / 3)
