"""What a section gives to the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from hw_cnn.summary import trace


@dataclass(frozen=True)
class Content:
    """Pictures by the name of their file (without suffix), and what the section's texts tell about this network."""

    pictures: Mapping[str, Figure]
    values: Mapping[str, str] = field(default_factory=dict)


class NotApplicableError(Exception):
    """The section makes no sense for this network; holds the key of the sentence that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def evenly(layers: Sequence[trace.Layer], count: int) -> list[trace.Layer]:
    """Give at most `count` of the layers: the first, the last, and others at equal distances between them."""
    if len(layers) <= count:
        return list(layers)
    if count == 1:
        return [layers[-1]]
    return [layers[round(number * (len(layers) - 1) / (count - 1))] for number in range(count)]
