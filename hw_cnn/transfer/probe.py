"""How much a linear classifier can read from features: multinomial logistic regression.

Sharif Razavian et al. 2014 (arXiv 1403.6382), section 3, use a linear support vector machine in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

WEIGHT_DECAYS = (1e-4, 1e-3, 1e-2, 1e-1, 1.0)
# Of each class, for choosing the weight decay.
VAL_SHARE = 0.2


class Probe(NamedTuple):
    """Predicted labels (M) int64, the weight decay that was chosen, and its accuracy on the validation rows.

    Without validation rows, where no class has two, the accuracy is NaN and the weight decay the strongest.
    """

    predictions: Tensor
    weight_decay: float
    val_accuracy: float


def linear_probe(
    train_features: Tensor,
    train_labels: Tensor,
    test_features: Tensor,
    weight_decays: Sequence[float] = WEIGHT_DECAYS,
    seed: int = 0,
) -> Probe:
    """Fit a linear classifier to the training rows and predict the labels of the test rows.

    It minimises mean cross-entropy + weight_decay / 2 · |W|², in float64, from zero weights; the bias is free. Features
    are standardised with mean and standard deviation of the rows that it is fitted to. A fifth of the training rows of
    each class (of a class with a single row, none), chosen by `seed`, says which of the `weight_decays` is best; of
    equals, the strongest. Then all training rows are fitted.

    Shape: train_features (N, d), train_labels (N) int64 of any values, test_features (M, d) -> predictions (M).

    Raises: ValueError when shapes do not fit together, numbers are not finite or a weight decay is not positive.
    """
    _check(train_features, train_labels, test_features, weight_decays)
    classes, targets = train_labels.unique(return_inverse=True)
    rows = train_features.double()
    fitted, held_out = _split(targets, seed)
    best, val_accuracy = max(weight_decays), float("nan")
    if len(held_out):
        accuracies = {
            weight_decay: _share_of_right(
                _fit(rows[fitted], targets[fitted], len(classes), weight_decay),
                rows[held_out],
                targets[held_out],
            )
            for weight_decay in sorted(weight_decays, reverse=True)
        }
        # The first of equals is the strongest.
        best = max(accuracies, key=accuracies.__getitem__)
        val_accuracy = accuracies[best]
    predict = _fit(rows, targets, len(classes), best)
    return Probe(classes[predict(test_features.double())], best, val_accuracy)


def _split(targets: Tensor, seed: int) -> tuple[Tensor, Tensor]:
    """Choose the validation rows of each class: (rows to fit, rows held out)."""
    generator = torch.Generator().manual_seed(seed)
    is_held_out = torch.zeros(len(targets), dtype=torch.bool)
    for target in range(int(targets.max()) + 1):
        members = (targets.cpu() == target).nonzero()[:, 0]
        count = max(1, round(VAL_SHARE * len(members))) if len(members) > 1 else 0
        is_held_out[members[torch.randperm(len(members), generator=generator)[:count]]] = True
    return (~is_held_out).nonzero()[:, 0], is_held_out.nonzero()[:, 0]


def _fit(rows: Tensor, targets: Tensor, num_classes: int, weight_decay: float) -> Callable[[Tensor], Tensor]:
    """Give the function from rows (M, d) to class numbers (M)."""
    mean, std = rows.mean(0), rows.std(0, correction=0)
    # A feature that is constant but for rounding says nothing, and must not be blown up.
    std = torch.where(std > 1e-9 * rows.abs().amax(0), std, torch.ones_like(std))
    inputs = (rows - mean) / std
    # The best weights are sums of rows: where rows are fewer than features, as many numbers are enough to find them.
    basis = torch.linalg.qr(inputs.T).Q if len(rows) < rows.shape[1] else None
    weight, bias = _minimise(inputs if basis is None else inputs @ basis, targets, num_classes, weight_decay)
    weight = weight if basis is None else weight @ basis.T
    return lambda others: F.linear((others - mean) / std, weight, bias).argmax(1)


def _minimise(
    inputs: Tensor, targets: Tensor, num_classes: int, weight_decay: float
) -> tuple[Tensor, Tensor]:
    """Give the best weights (num_classes, d) and biases: the objective is convex, so there are no others."""
    weight = inputs.new_zeros(num_classes, inputs.shape[1], requires_grad=True)
    bias = inputs.new_zeros(num_classes, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight, bias],
        max_iter=500,
        tolerance_grad=1e-6,
        tolerance_change=1e-10,
        line_search_fn="strong_wolfe",
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        penalty = weight_decay / 2 * weight.square().sum()
        value = F.cross_entropy(F.linear(inputs, weight, bias), targets) + penalty
        value.backward()
        return value

    with torch.enable_grad():
        optimizer.step(loss)
    return weight.detach(), bias.detach()


def _share_of_right(predict: Callable[[Tensor], Tensor], rows: Tensor, targets: Tensor) -> float:
    return (predict(rows) == targets).double().mean().item()


def _check(
    train_features: Tensor, train_labels: Tensor, test_features: Tensor, weight_decays: Sequence[float]
) -> None:
    shapes = [tuple(tensor.shape) for tensor in (train_features, train_labels, test_features)]
    num_rows = len(train_labels)
    if train_features.dim() != 2 or test_features.dim() != 2 or shapes[1] != shapes[0][:1] or num_rows == 0:
        raise ValueError(
            f"train_features, train_labels and test_features have shapes {', '.join(map(str, shapes))}; "
            "expected (N, d), (N,) and (M, d) with N > 0"
        )
    if shapes[0][1] != shapes[2][1]:
        raise ValueError(
            f"training rows have {shapes[0][1]} features and test rows {shapes[2][1]}; both must come from one layer"
        )
    if not (train_features.isfinite().all() and test_features.isfinite().all()):
        raise ValueError(
            "the features hold NaN or infinity; look at the images and the network that gave them"
        )
    if not weight_decays or min(weight_decays) <= 0:
        raise ValueError(f"weight_decays (={tuple(weight_decays)}) must be positive numbers, at least one")
