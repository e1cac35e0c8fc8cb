"""Smaller calls of the same kind: the tensors of a recorded call with shorter axes and small whole numbers.

Which axes belong together (channels of image and kernel, rows of logits and labels) is found out from the reference:
it refuses a call in which only one of them is shorter. No student's code is asked here.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from autograder.grading.verdicts.replays import Answer, replay
from autograder.remote.records import CallRecord

Axis = tuple[int, int]
"""Number of a tensor among those of a call, number of its axis."""
Sizes = tuple[int, ...]
"""A length for each group of axes."""

MOST_AXES = 12
# Of a call of the reference, which is repeated some thirty times: operations of torch at 2,000 each, and the numbers
# that they give. Counted, not timed, so that the same work has the same example on every machine.
MOST_WORK, WORK_OF_OPERATION = 2_000_000, 2_000
LARGEST_NUMBER = 9
# Along which something slides: the least that still looks like an image, or like a kernel.
IMAGE, KERNEL, LONGEST_KERNEL = 3, 2, 4
LEAST_COLUMNS = 3


@dataclasses.dataclass(frozen=True)
class Call:
    """A call with what the reference answers to it."""

    record: CallRecord
    right: Answer

    @property
    def num_numbers(self) -> int:
        """How many numbers its tensors hold."""
        return sum(tensor.numel() for tensor in _tensors(self.record))


class SmallCalls:
    """The calls that are like `record` and smaller.

    Raises: ValueError where it has no axis to shorten, or takes the reference too long.

    tenths: with 0.1, 0.2, ... 0.9 in place of whole numbers, which float32 does not hold exactly.

    Attributes:
        original: the length that each group of axes has in `record`.
        least: the lengths under which the reference still answers as it does to `record`.
    """

    def __init__(
        self, function: Callable[..., Any], record: CallRecord, right: Answer, *, tenths: bool = False
    ) -> None:
        self._function, self._record, self._right, self._tenths = function, record, right, tenths
        self._refusal = refusal(function, record) if isinstance(right, str) else ""
        self._shapes = [tuple(tensor.shape) for tensor in _tensors(record)]
        axes = [(number, axis) for number, shape in enumerate(self._shapes) for axis in range(len(shape))]
        if not axes or len(axes) > MOST_AXES or any(0 in shape for shape in self._shapes):
            raise ValueError("the call has no tensor, or too many axes")
        if _work(function, record) > MOST_WORK:
            raise ValueError("the call takes the reference too long to be repeated often")
        self._groups = self._grouped(axes)
        self.original: Sizes = tuple(self._size(group[0]) for group in self._groups)
        self.least = self._least()

    def call(self, sizes: Sizes) -> Call | None:
        """The call with these lengths; None where the reference does not answer it as it does the original."""
        shapes = [list(shape) for shape in self._shapes]
        for group, size in zip(self._groups, sizes, strict=True):
            for number, axis in group:
                shapes[number][axis] = size
        return self._answered(self._of_shapes(shapes))

    def _of_shapes(self, shapes: Sequence[Sequence[int]]) -> CallRecord:
        """The call with tensors of these shapes; the options are still those of the original."""
        originals = _tensors(self._record)
        small = [_small(tensor, shape, self._tenths) for tensor, shape in zip(originals, shapes, strict=True)]
        tensors = iter(_with_labels(originals, small, _places(self._record)))
        args = tuple(next(tensors) if isinstance(value, Tensor) else value for value in self._record.args)
        kwargs = {
            key: next(tensors) if isinstance(value, Tensor) else value
            for key, value in self._record.kwargs.items()
        }
        return CallRecord(self._record.name, args, kwargs, {**self._record.options, "call_s": None})

    def _answered(self, record: CallRecord) -> Call | None:
        """The call with the reference's answer, gradients included; None for another answer than to the original."""
        upstream = record.options.get("upstream")
        if isinstance(upstream, Tensor):
            plain = self._plain_answer(record)
            if not isinstance(plain, tuple) or not isinstance(plain[0], Tensor):
                return None
            options = {**record.options, "upstream": _upstream(upstream, plain[0])}
            record = dataclasses.replace(record, options=options)
        right = replay(self._function, record)
        return Call(record, right) if right is not None and self._is_alike(record, right) else None

    def _plain_answer(self, record: CallRecord) -> Answer | None:
        return replay(self._function, dataclasses.replace(record, options={}))

    def _is_alike(self, record: CallRecord, right: Answer) -> bool:
        if isinstance(right, str) or isinstance(self._right, str):
            # The same exception for another reason, such as shapes that no longer fit together, is another call.
            return right == self._right and refusal(self._function, record) == self._refusal
        out = right[0]
        if not isinstance(out, Tensor):
            return type(out) is type(self._right[0])
        return out.numel() > 0 and (not out.is_floating_point() or bool(torch.isfinite(out).all()))

    def _size(self, axis: Axis) -> int:
        return self._shapes[axis[0]][axis[1]]

    def _grouped(self, axes: Sequence[Axis]) -> list[tuple[Axis, ...]]:
        """Axes that can only be shortened together; those that cannot be shortened at all are in no group."""
        groups: list[tuple[Axis, ...]] = []
        taken: set[Axis] = set()
        for axis in axes:
            if axis in taken or self._size(axis) < 2:
                continue
            others = [
                other
                for other in axes
                if other[0] != axis[0] and other not in taken and self._size(other) == self._size(axis)
            ]
            for group in ((axis,), *((axis, other) for other in others), (axis, *others)):
                if self._can_be_shorter(group):
                    groups.append(group)
                    taken |= set(group)
                    break
        if not groups:
            raise ValueError("no axis can be shortened")
        return groups

    def _can_be_shorter(self, group: Sequence[Axis]) -> bool:
        shapes = [list(shape) for shape in self._shapes]
        for number, axis in group:
            shapes[number][axis] -= 1
        record = self._of_shapes(shapes)
        plain = self._plain_answer(record)
        return plain is not None and self._is_alike(record, plain)

    def _least(self) -> Sizes:
        floors = self._as_oblong(tuple(min(self._floor(axis) for axis in group) for group in self._groups))
        if self.call(floors) is not None:
            return floors
        sizes = list(self.original)
        # Kernels before the images that they have to fit into.
        for number in sorted(range(len(sizes)), key=lambda number: sizes[number]):
            for size in range(floors[number], sizes[number]):
                if self.call((*sizes[:number], size, *sizes[number + 1 :])) is not None:
                    sizes[number] = size
                    break
        return tuple(sizes)

    def _as_oblong(self, floors: Sizes) -> Sizes:
        """The lengths under which images and kernels that are not square stay so, with the same side the longer one."""
        sizes = list(floors)
        group_of = {axis: number for number, group in enumerate(self._groups) for axis in group}
        for number, shape in enumerate(self._shapes):
            if len(shape) < 3 or shape[-2] == shape[-1]:
                continue
            upright = shape[-2] > shape[-1]
            longer, other = (number, len(shape) - 1 - upright), (number, len(shape) - 2 + upright)
            if longer in group_of:
                least = 1 + (sizes[group_of[other]] if other in group_of else shape[other[1]])
                place = group_of[longer]
                sizes[place] = min(self.original[place], max(sizes[place], least))
        return tuple(sizes)

    def _floor(self, axis: Axis) -> int:
        """The least length at which an example can be understood."""
        size, ndim = self._size(axis), len(self._shapes[axis[0]])
        if ndim == 1 or (ndim > 2 and axis[1] >= ndim - 2):
            return min(size, KERNEL if size <= LONGEST_KERNEL else IMAGE)
        return min(size, LEAST_COLUMNS) if ndim == 2 and axis[1] == 1 else 1


class _Work(TorchDispatchMode):
    """Adds up what torch is asked to do."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch gives it no types
        self.total = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        self.total += WORK_OF_OPERATION
        self.total += sum(part.numel() for part in tree_leaves(out) if isinstance(part, Tensor))
        return out


def _work(function: Callable[..., Any], record: CallRecord) -> int:
    work = _Work()
    with work:
        replay(function, dataclasses.replace(record, options={}))
    return work.total


def refusal(function: Callable[..., Any], record: CallRecord) -> str:
    """The text of the reference's exception, without numbers."""
    try:
        function(*record.args, **record.kwargs)
    except Exception as error:
        return re.sub(r"\d+", "0", str(error))
    return ""


def _tensors(record: CallRecord) -> list[Tensor]:
    values = (*record.args, *record.kwargs.values())
    return [value for value in values if isinstance(value, Tensor)]


def _small(tensor: Tensor, shape: Sequence[int], tenths: bool) -> Tensor:
    part = spread(tensor, shape)
    if not part.is_floating_point():
        return part
    return whole_numbers(part) / 10 if tenths else whole_numbers(part)


def _with_labels(
    originals: Sequence[Tensor], small: Sequence[Tensor], places: Sequence[int] = ()
) -> list[Tensor]:
    """The small tensors, with labels that fit the first matrix where a call speaks of classes.

    A spread label would be right by chance. These are the best class of the first row, the worst of the second, then
    those on both sides of each of the `places` that the call names (k = 3: the third best and the fourth), then the
    second best and so on: one row already tells right from wrong, three tell one k from another.
    """
    matrix = next((number for number, part in enumerate(small) if part.ndim == 2), None)
    if matrix is None or not any(_is_labels(tensor, originals[matrix]) for tensor in originals):
        return list(small)
    fitting = list(small)
    if originals[matrix].is_floating_point():
        # Row by row, so that two logits of a row are equal only where they were.
        rows = spread(originals[matrix], small[matrix].shape)
        fitting[matrix] = torch.stack([whole_numbers(row) for row in rows])
    for number, original in enumerate(originals):
        if _is_labels(original, originals[matrix]):
            fitting[number] = _labels_of(fitting[matrix], places).to(original.dtype)
    return fitting


def _is_labels(tensor: Tensor, logits: Tensor) -> bool:
    whole = not (tensor.is_floating_point() or tensor.is_complex() or tensor.dtype is torch.bool)
    if not whole or tensor.shape != logits.shape[:1]:
        return False
    return bool(((tensor >= 0) & (tensor < logits.shape[1])).all())


def _labels_of(logits: Tensor, places: Sequence[int]) -> Tensor:
    num_rows, num_classes = logits.shape
    order = logits.argsort(dim=1, descending=True, stable=True)
    turns = [turn // 2 if turn % 2 == 0 else num_classes - 1 - turn // 2 for turn in range(num_classes)]
    around = [rank for k in places for rank in (k - 1, k) if rank < num_classes]
    ranks = list(dict.fromkeys([*turns[:2], *around, *turns]))
    rows = torch.arange(num_rows)
    return order[rows, torch.tensor(ranks)[rows % num_classes]]


def _places(record: CallRecord) -> list[int]:
    """Whole numbers above 1 among the arguments, such as those of `ks`."""
    leaves = tree_leaves((record.args, dict(record.kwargs)))
    return [value for value in leaves if type(value) is int and value > 1]


def spread(tensor: Tensor, shape: Sequence[int]) -> Tensor:
    """Every so many numbers along each axis, the first and the last among them: what is symmetric stays symmetric."""
    for axis, size in enumerate(shape):
        if size < tensor.shape[axis]:
            places = torch.linspace(0, tensor.shape[axis] - 1, size).round().long()
            tensor = tensor.index_select(axis, places)
    return tensor.contiguous()


def whole_numbers(tensor: Tensor) -> Tensor:
    """Small whole numbers in the same order, with the same signs, and equal where the numbers are equal."""
    signs = tensor.sign()
    sizes, places = tensor.abs().flatten().unique(return_inverse=True)
    ranks = places + (0 if sizes.numel() and sizes[0] == 0 else 1)
    largest = int(ranks.max()) if ranks.numel() else 0
    if largest > LARGEST_NUMBER:
        ranks = (ranks * LARGEST_NUMBER + largest - 1) // largest
    small: Tensor = signs * ranks.reshape(tensor.shape).to(tensor.dtype)
    return small


def _upstream(upstream: Tensor, out: Tensor) -> Tensor:
    fits = upstream.ndim == out.ndim and all(n <= m for n, m in zip(out.shape, upstream.shape, strict=True))
    small = whole_numbers(spread(upstream, out.shape)) if fits else torch.ones(out.shape)
    return small.to(out.dtype)
