"""The metric of the ImageNet competition: the share of images whose class is not among the k best guesses."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor


def topk_error(logits: Tensor, targets: Tensor, ks: Sequence[int] = (1, 5)) -> dict[int, float]:
    """Give, for each k, the fraction of images whose true class is not among the k highest logits.

    A tie counts against the network: an image is right only if fewer than k *other* classes have a logit at least as
    high as the true class. So a network that gives all classes the same logit has error 1.

    Shape: logits (N, C), floating; targets (N), class numbers 0..C-1 -> {k: fraction between 0 and 1}.

    Raises: ValueError when N is 0, the shapes do not fit together, a target is no class, or a k is not in 1..C.
    """
    if logits.dim() != 2 or targets.shape != logits.shape[:1] or len(targets) == 0:
        raise ValueError(
            f"logits have shape {tuple(logits.shape)}, targets {tuple(targets.shape)}; expected (N, C) and (N,), N > 0"
        )
    num_classes = logits.shape[1]
    if int(targets.min()) < 0 or int(targets.max()) >= num_classes:
        raise ValueError(
            f"targets lie in {int(targets.min())}..{int(targets.max())}, expected 0..{num_classes - 1}"
        )
    for k in ks:
        if not 1 <= k <= num_classes:
            raise ValueError(f"k (={k}) must lie in 1..{num_classes}, the number of classes")
    own = logits.gather(1, targets.unsqueeze(1))
    # "not below" instead of "at least": a comparison with NaN is false, so NaN is wrong. The class is one of them.
    place = (~(logits < own)).sum(1)
    return {k: (place > k).double().mean().item() for k in ks}
