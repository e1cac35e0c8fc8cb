"""The names of weights: a checkpoint of Lightning holds those of the module around the network."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from torch import Tensor

WRAPPER = "model."


def names_of_network(state: Mapping[str, Tensor], expected: Collection[str]) -> dict[str, Tensor]:
    """The weights under the names of the network (`expected`): "model." is taken off where they do not fit with it.

    What is not the network's (a buffer of a metric, say) is left out then. Where nothing begins with it, all stays.
    """
    if set(state) == set(expected):
        return dict(state)
    inner = {key.removeprefix(WRAPPER): value for key, value in state.items() if key.startswith(WRAPPER)}
    return inner or dict(state)
