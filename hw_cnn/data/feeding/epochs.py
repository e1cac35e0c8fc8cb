"""Which images make up the batches of an epoch: in which order, on which process, and where a training goes on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import torch
from torch import Tensor

Batch = tuple[Tensor, Tensor]


class EpochLoader(ABC):
    """Iterates over batches; one pass is one epoch, and the same seed and epoch give the same batches.

    With `shuffle` each epoch has a new order. Of several processes (`rank` 0..`world_size` - 1) each gives its share:
    with `shuffle`, which training does, all shares are equally long, so that at most `world_size` - 1 images come
    twice in an epoch; without it each image comes exactly once over all processes. Processes that can have as many
    batches as the others do: networks with batch normalisation wait for each other in each batch.

    Lightning calls `set_epoch`, and keeps `state_dict` in its checkpoints: a training that is resumed, even in the
    middle of an epoch, sees the batches that it would have seen.

    Raises: ValueError when `batch_size` is below 1 or `rank` is not one of the processes.
    """

    def __init__(
        self, count: int, batch_size: int, *, shuffle: bool, seed: int, rank: int, world_size: int
    ) -> None:
        if batch_size < 1:
            raise ValueError(f"batch_size (={batch_size}) must be at least 1")
        if not 0 <= rank < world_size:
            raise ValueError(f"rank (={rank}) must be in 0..{world_size - 1}, below world_size")
        self.count = count
        self.batch_size = batch_size
        self.shuffle = shuffle
        self.seed = seed
        self.rank, self.world_size = rank, world_size
        self.generator = torch.Generator().manual_seed(seed)
        self._num_drawn = 0  # epochs whose random numbers the generator has given
        self._epoch = 0  # of the next pass
        self._first = 0  # the batch with which the next pass begins
        self._running: tuple[int, int] | None = None  # epoch of this pass, batches given in it

    @abstractmethod
    def _draw(self) -> Any:
        """Draw one epoch's random numbers, except for the order of the images."""

    @abstractmethod
    def _batches(
        self, epoch: int, indices: Tensor, drawn: Any, bounds: list[tuple[int, int]]
    ) -> Iterator[Batch]:
        """Give the batches of the images `indices[start:stop]` for each (start, stop)."""

    def __len__(self) -> int:
        """Number of batches in one pass on this process."""
        in_training = -(-self.count // self.world_size)
        return len(
            self._bounds(in_training if self.shuffle else len(range(self.rank, self.count, self.world_size)))
        )

    def __iter__(self) -> Iterator[Batch]:
        # A generator: nothing happens before the first batch is asked for. Lightning makes iterators that it never
        # uses, and calls `set_epoch` after it has made one.
        epoch, first, self._first = self._epoch, self._first, 0
        order, drawn = self._draw_epoch(epoch)
        self._epoch = epoch + 1
        indices = self._share(order)
        bounds = self._bounds(len(indices))[first:]
        for num_given, batch in enumerate(self._batches(epoch, indices, drawn, bounds), first + 1):
            self._running = epoch, num_given
            yield batch

    def set_epoch(self, epoch: int) -> None:
        """Make the next pass that of epoch number `epoch` (the first is 0)."""
        if epoch != self._epoch:
            self._epoch, self._first, self._running = epoch, 0, None

    @property
    def batch_sampler(self) -> SimpleNamespace:
        """Where Lightning looks for `set_epoch`."""
        return SimpleNamespace(sampler=self)

    def state_dict(self) -> dict[str, int]:
        """Give the place after the last batch that was given."""
        epoch, num_given = self._running or (self._epoch, self._first)
        if num_given == len(self):
            epoch, num_given = epoch + 1, 0
        return {"epoch": epoch, "num_given": num_given}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Begin the next pass at the place that `state_dict` gave."""
        self._epoch, self._first, self._running = state["epoch"], state["num_given"], None

    def _draw_epoch(self, epoch: int) -> tuple[Tensor, Any]:
        """Give the order and the other random numbers of an epoch. Epochs follow each other in one random stream."""
        if self._num_drawn > epoch:
            self.generator.manual_seed(self.seed)
            self._num_drawn = 0
        while True:
            in_order = not self.shuffle
            order = (
                torch.arange(self.count) if in_order else torch.randperm(self.count, generator=self.generator)
            )
            drawn = self._draw()
            self._num_drawn += 1
            if self._num_drawn > epoch:
                return order, drawn

    def _share(self, order: Tensor) -> Tensor:
        """Give what this process has of the order: every `world_size`-th image."""
        if self.shuffle and len(order):
            num_missing = -len(order) % self.world_size
            # More processes than images need more than one copy.
            order = torch.cat([order, order.repeat(-(-num_missing // len(order)))[:num_missing]])
        return order[self.rank :: self.world_size]

    def _bounds(self, count: int) -> list[tuple[int, int]]:
        """Give (start, stop) of each batch of this process: all full but the last."""
        bounds = [(start, min(start + self.batch_size, count)) for start in range(0, count, self.batch_size)]
        largest_share = -(-self.count // self.world_size)
        if bounds and len(bounds) < -(-largest_share // self.batch_size):
            start, stop = bounds.pop()
            # One image fewer than elsewhere must not mean one batch fewer; a single image cannot be parted.
            bounds += [(start, stop - 1), (stop - 1, stop)] if stop - start > 1 else [(start, stop)]
        return bounds
