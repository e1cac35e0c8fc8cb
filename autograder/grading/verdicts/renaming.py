"""Names of weights are free: which weight of one network stands for which of another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping

from torch import Tensor


def match_names(theirs: Mapping[str, Tensor], ours: Mapping[str, Tensor]) -> dict[str, str] | None:
    """Their name -> ours, for networks whose weights have the same shapes; None for others.

    A bias goes with its weight (`layer.bias` beside `layer.weight`) where both networks have it so; weights of one
    shape go by their order.
    """
    if {name: value.shape for name, value in theirs.items()} == {
        name: value.shape for name, value in ours.items()
    }:
        return {name: name for name in theirs}
    for with_weights in (True, False):
        one, other = _by_shape(theirs, with_weights), _by_shape(ours, with_weights)
        if {key: len(names) for key, names in one.items()} == {key: len(n) for key, n in other.items()}:
            return {a: b for key, names in one.items() for a, b in zip(names, other[key], strict=True)}
    return None


def _by_shape(tensors: Mapping[str, Tensor], with_weights: bool) -> dict[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = defaultdict(list)
    for name, value in tensors.items():
        beside = (
            tensors.get(f"{name.rpartition('.')[0]}.weight") if with_weights and value.ndim == 1 else None
        )
        found[tuple(value.shape), None if beside is None else tuple(beside.shape)].append(name)
    return found
