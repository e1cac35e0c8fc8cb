"""What a layer of a trained network says about each image: a vector of features.

Sharif Razavian et al. 2014 (arXiv 1403.6382), section 3: the first fully connected layer's output, L2-normalised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sized

import numpy as np
import torch
from rich import console as rich_console
from rich import progress as rich_progress
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

# As in F.normalize: what a row is divided by at the least, so that a row of zeros stays zeros.
SHORTEST = 1e-12
# Rows are divided by their lengths in blocks of this many numbers, which still are in the processor's cache: batch by
# batch the three calls cost narrow rows more than the arithmetic.
NUM_NUMBERS_AT_ONCE = 1 << 16


def embed(
    model: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    layer: str | None = None,
    l2: bool = True,
    progress: bool = False,
) -> tuple[Tensor, Tensor]:
    """Give the features of all images of `loader`, a row for each, and their labels, in the order of the loader.

    `layer` is the name of a module in `model.named_modules()`: its output, flattened; of a module that is called
    several times, the last output. None is what enters the last nn.Linear. With `l2` each row is divided by its
    Euclidean length; a row of zeros stays zeros. `progress` draws a bar where stderr is a terminal.

    Images are taken to the model's device. The model runs in evaluation mode without gradients; afterwards it is what
    it was: weights, statistics, the mode of each module, hooks.

    Shape: batches of ((B, C, H, W), (B) int64) -> ((N, d) float32, (N) int64), both on the CPU.

    Raises: ValueError for a layer that does not exist, does not run or does not give one row per image, for rows of
        different widths, and for a loader without batches.
    """
    table = _Table(_length(loader), l2)
    labels: list[Tensor] = []
    latest: list[Tensor] = []
    room = torch.empty(0, 0)
    # The first batch goes through the whole network and shows how often the layer is called; the others end there.
    num_calls: int | None = None
    calls = 0

    def keep(value: Tensor) -> None:
        nonlocal calls
        found = value.flatten(1).to("cpu", torch.float32)
        # A copy, made now: a ReLU that works in place would change the output of the layer before it.
        rows = room if room.shape == found.shape else torch.empty_like(found)
        latest[:] = [_divide(found, rows) if table.divides_at_once(found) else rows.copy_(found)]
        calls += 1
        if calls == num_calls:
            raise _Reached

    device = next((parameter.device for parameter in model.parameters()), torch.device("cpu"))
    training = [module for module in model.modules() if module.training]
    handle = _listen(model, layer, keep)
    try:
        if training:
            model.eval()
        for images, targets in _track(loader, progress):
            latest.clear()
            room = table.room(len(targets))
            calls = 0
            # Around the model alone: what the loader makes for itself must stay usable for training.
            with torch.inference_mode(), contextlib.suppress(_Reached):
                model(images.to(device))
            if num_calls is None:
                num_calls = calls
            _check_rows(latest, len(targets), layer)
            table.add(latest[0], room)
            labels.append(targets.cpu())
    finally:
        handle.remove()
        for module in training:
            module.training = True
    if not labels:
        raise ValueError("loader gave no batch; it must give at least one pair (images, labels)")
    return table.filled(), torch.cat(labels).long()


class _Reached(Exception):  # noqa: N818 -- ends a pass early, tells of no error
    """What the rest of the network would compute is not asked for."""


class _Table:
    """Rows that come batch by batch, in one tensor: parts that are put together at the end cost wide rows two copies.

    `num_batches` is how many are expected, or None.
    """

    def __init__(self, num_batches: int | None, l2: bool) -> None:
        self._num_batches = num_batches or 1
        self._l2 = l2
        self._rows = torch.empty(0, 0)
        self._num_filled = self._num_divided = self._capacity = 0

    def room(self, num_rows: int) -> Tensor:
        """Give the next rows, which hold anything yet; as long as no batch is there, rows without numbers."""
        start, end = self._num_filled, self._num_filled + num_rows
        if start and end > self._capacity:
            filled = self._rows[:start]
            self._allocate(max(end, 2 * self._capacity), filled.shape[1])
            self._rows[:start] = filled
        return self._rows[start:end]

    def _allocate(self, num_rows: int, width: int) -> None:
        # By NumPy, which asks for large pages: with small ones, new memory costs a wide layer as much as the work.
        self._rows = torch.from_numpy(np.empty((num_rows, width), dtype=np.float32))
        self._capacity = num_rows

    def add(self, rows: Tensor, room: Tensor) -> None:
        """Count the rows of a batch, which are in their `room` or are put there."""
        if not self._num_filled:
            self._allocate(len(rows) * self._num_batches, rows.shape[1])
            self._rows[: len(rows)] = rows
        elif rows is not room:
            raise ValueError(
                f"the layer gave {rows.shape[1]} numbers an image after {room.shape[1]}; give images of one size, "
                "or choose a layer that always gives as many"
            )
        if self.divides_at_once(rows):
            self._divide_waiting()
            self._num_divided += len(rows)
        self._num_filled += len(rows)
        if (self._num_filled - self._num_divided) * self._rows.shape[1] >= NUM_NUMBERS_AT_ONCE:
            self._divide_waiting()

    def divides_at_once(self, rows: Tensor) -> bool:
        """Tell whether the rows of this batch are divided by their lengths on their way into the table."""
        return self._l2 and rows.numel() >= NUM_NUMBERS_AT_ONCE

    def _divide_waiting(self) -> None:
        rows = self._rows[self._num_divided : self._num_filled]
        if self._l2:
            _divide(rows, rows)
        self._num_divided = self._num_filled

    def filled(self) -> Tensor:
        """Give the rows. What was allocated in vain is given back where it is more than an eighth."""
        self._divide_waiting()
        rows = self._rows[: self._num_filled]
        return rows if 8 * self._num_filled >= 7 * self._capacity else rows.clone()


def _divide(rows: Tensor, out: Tensor) -> Tensor:
    """Put the rows, divided by their lengths, into `out`."""
    length = torch.linalg.vector_norm(rows, dim=1, keepdim=True).clamp_min_(SHORTEST)
    return torch.div(rows, length, out=out)


def _length(loader: Iterable[tuple[Tensor, Tensor]]) -> int | None:
    """How many batches the loader says it has; None where it does not know."""
    if not isinstance(loader, Sized):
        return None
    try:
        return len(loader)
    except (TypeError, NotImplementedError):
        # A DataLoader has the method even where its data set has no length.
        return None


def _listen(model: nn.Module, layer: str | None, keep: Callable[[Tensor], None]) -> RemovableHandle:
    """Pass what the layer gives (for None: what the last nn.Linear gets) on to `keep`."""
    modules: dict[str, nn.Module] = dict(model.named_modules())
    if layer is None:
        dense = [module for module in modules.values() if isinstance(module, nn.Linear)]
        if not dense:
            raise ValueError(
                f"layer (=None) needs an nn.Linear, the model has none; name one of {_names(modules)}"
            )
        return dense[-1].register_forward_pre_hook(lambda module, inputs: keep(inputs[0]))
    if not layer or layer not in modules:
        raise ValueError(f"layer (={layer!r}) must be one of {_names(modules)}")

    def after(module: nn.Module, inputs: tuple[Tensor, ...], output: object) -> None:
        if not isinstance(output, Tensor) or output.dim() < 1:
            raise ValueError(
                f"layer {layer!r} gave {type(output).__name__}; choose one that gives a tensor (N, ...)"
            )
        keep(output if output.dim() > 1 else output[:, None])

    return modules[layer].register_forward_hook(after)


def _check_rows(latest: list[Tensor], num_images: int, layer: str | None) -> None:
    if not latest or len(latest[0]) != num_images:
        happened = f"gave {len(latest[0])} rows" if latest else "did not run"
        raise ValueError(f"layer {layer!r} {happened} for {num_images} images; choose another layer")


def _names(modules: Iterable[str]) -> str:
    return ", ".join(filter(None, modules))


def _track(loader: Iterable[tuple[Tensor, Tensor]], progress: bool) -> Iterable[tuple[Tensor, Tensor]]:
    console = rich_console.Console(stderr=True) if progress else None
    if console is None or not console.is_terminal:
        return loader
    return rich_progress.track(loader, "features", total=_length(loader), console=console)
