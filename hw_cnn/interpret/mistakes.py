"""The images on which a network errs most surely."""

from __future__ import annotations

from typing import NamedTuple

from torch import Tensor


class Mistakes(NamedTuple):
    """Numbers of wrongly classified images (at most k), the class that was answered, and its probability (softmax)."""

    indices: Tensor
    predicted: Tensor
    confidence: Tensor


def mistakes(logits: Tensor, labels: Tensor, k: int) -> Mistakes:
    """Give up to `k` images whose largest logit is not their class's, the surest first, of equal ones the first.

    The confusion matrix is in `hw_cnn.evaluation.measures.make_metrics`.

    Shape: logits (N, num_classes), the largest wins, labels (N) int64 -> three tensors of at most k numbers, on the
        labels' device.

    Raises: ValueError when the shapes do not fit together, or k is below 0.
    """
    if logits.dim() != 2 or labels.shape != logits.shape[:1] or k < 0:
        raise ValueError(
            f"logits have shape {tuple(logits.shape)}, labels {tuple(labels.shape)}, k is {k}; "
            "expected (N, num_classes), (N,) and at least 0"
        )
    confidence, predicted = logits.to(labels.device).softmax(1).max(1)
    wrong = (predicted != labels).nonzero()[:, 0]
    surest = wrong[confidence[wrong].argsort(descending=True, stable=True)[:k]]
    return Mistakes(surest, predicted[surest], confidence[surest])
