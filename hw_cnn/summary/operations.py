"""Watches the operations of a running network: how much of the image each tensor sees, and what it cost."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

Pair = tuple[int, int]


@dataclass(frozen=True)
class View:
    """How a tensor sees the image: pixels under one number of it, and pixels between neighbours, both (H, W).

    `flattened` are the height and width that were laid out in a row: a matrix product then sees all of them at once.
    `start_px` is the top left pixel that the first number sees; padding puts it outside the image, below 0.
    """

    field_px: Pair = (1, 1)
    jump_px: Pair = (1, 1)
    flattened: Pair = (1, 1)
    start_px: Pair = (0, 0)

    def through(self, kernel: Pair, stride: Pair = (1, 1), padding: Pair = (0, 0)) -> View:
        """Give the view behind a window."""
        field = (
            self.field_px[0] + (kernel[0] - 1) * self.jump_px[0],
            self.field_px[1] + (kernel[1] - 1) * self.jump_px[1],
        )
        jump = (self.jump_px[0] * stride[0], self.jump_px[1] * stride[1])
        return View(field, jump, start_px=self.moved((-padding[0], -padding[1])).start_px)

    def moved(self, steps: Pair) -> View:
        """Give the view of a tensor that begins `steps` numbers (down, right) later."""
        return replace(
            self,
            start_px=(
                self.start_px[0] + steps[0] * self.jump_px[0],
                self.start_px[1] + steps[1] * self.jump_px[1],
            ),
        )


@dataclass(frozen=True)
class Counts:
    """Multiply-accumulates, and connections: per output number, the weights and biases that feed it."""

    macs: int = 0
    connections: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.macs + other.macs, self.connections + other.connections)


# Operations of torch that have a window or weights, by the names under which they are known to readers.
KINDS = {
    "convolution": "conv2d",
    "max_pool2d_with_indices": "max_pool2d",
    "avg_pool2d": "avg_pool2d",
    "_adaptive_avg_pool2d": "adaptive_avg_pool2d",
    "adaptive_max_pool2d": "adaptive_max_pool2d",
    "mean": "mean",
    "amax": "amax",
    "addmm": "linear",
    "mm": "matmul",
    "bmm": "matmul",
    "native_batch_norm": "batch_norm",
    "cudnn_batch_norm": "batch_norm",
    "_native_batch_norm_legit_no_training": "batch_norm",
}
# Operations that frame the image; with reflections the frame sees what it mirrors, which is not counted.
PADDINGS = ("constant_pad_nd", "reflection_pad2d", "replication_pad2d")


class Tracker(TorchDispatchMode):
    """While it is entered, calls `record(kind, output, counts)` for each operation of KINDS that works on the image."""

    def __init__(self, image: Tensor, record: Callable[[str, Tensor, Counts], None]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch gives it no types
        self.record = record
        # The tensors are kept, so that no other tensor gets the id of one that is gone.
        self.views: dict[int, tuple[Tensor, View]] = {id(image): (image, View())}

    def view(self, tensor: Tensor) -> View:
        """Give the view of a tensor that came out of the network."""
        return self.views[id(tensor)][1] if id(tensor) in self.views else View()

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Run an operation, and work out what its output sees."""
        kwargs = kwargs or {}
        name = func.overloadpacket.__name__
        if name not in KINDS:
            # Without autograd, compound operations (linear, max_pool2d) arrive whole: look at their parts.
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = func(*args, **kwargs)
        known = [leaf for leaf in tree_leaves((args, kwargs)) if id(leaf) in self.views]
        outputs = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        if known and outputs:
            before = _together([self.view(leaf) for leaf in _of_full_size(known)])
            after = _behind(before, name, args, outputs[0])
            for output in outputs:
                self.views[id(output)] = (output, after)
            counts = _count(name, args, outputs[0])
            is_seeing_more = (after.field_px, after.jump_px) != (before.field_px, before.jump_px)
            if counts.connections or (is_seeing_more and name in KINDS):
                self.record(KINDS[name], outputs[0], counts)
        return result


def _of_full_size(tensors: list[Tensor]) -> list[Tensor]:
    """Leave out numbers that scale whole maps (squeeze-and-excitation): through them, every field is the image."""
    large = [tensor for tensor in tensors if tensor.dim() == 4 and tensor.shape[2:] != (1, 1)]
    return large or tensors


def _together(views: list[View]) -> View:
    """Where branches meet: the smallest field that holds theirs."""
    starts = _each(min, [view.start_px for view in views])
    ends = _each(
        max, [(view.start_px[0] + view.field_px[0], view.start_px[1] + view.field_px[1]) for view in views]
    )
    return View(
        (ends[0] - starts[0], ends[1] - starts[1]),
        _each(max, [view.jump_px for view in views]),
        _each(max, [view.flattened for view in views]),
        starts,
    )


def _each(choose: Callable[[Iterable[int]], int], sizes: list[Pair]) -> Pair:
    return choose(size[0] for size in sizes), choose(size[1] for size in sizes)


def _behind(view: View, name: str, args: tuple[Any, ...], output: Tensor) -> View:
    """Give what the output of an operation sees, when its input has this `view`."""
    x = args[0]
    if name == "convolution":
        _, weight, _, stride, padding, dilation, *_ = args
        kernel = tuple(d * (k - 1) + 1 for k, d in zip(weight.shape[2:], dilation, strict=True))
        return view.through(kernel, tuple(stride), tuple(padding))
    if name in ("max_pool2d_with_indices", "avg_pool2d"):
        dilation = args[4] if name == "max_pool2d_with_indices" and len(args) > 4 else (1, 1)
        stride = args[2] if len(args) > 2 and args[2] else args[1]
        kernel = tuple(d * (k - 1) + 1 for k, d in zip(_pair(args[1]), _pair(dilation), strict=True))
        return view.through(kernel, _pair(stride), _pair(args[3]) if len(args) > 3 else (0, 0))
    if name in ("_adaptive_avg_pool2d", "adaptive_max_pool2d"):
        return _shrunk(view, x.shape[2:], output.shape[2:])
    if name in ("mean", "amax") and x.dim() == 4 and len(args) > 1:
        gone = {axis % 4 for axis in args[1]}
        return _shrunk(view, x.shape[2:], [1 if axis in gone else x.shape[axis] for axis in (2, 3)])
    if name in ("addmm", "mm", "bmm"):
        # On a flattened image a fully connected layer is a convolution with a kernel as large as the image.
        return view.through(view.flattened)
    if name in PADDINGS and x.dim() == 4:
        sides = [*args[1], 0, 0]  # left, right, top, ...
        return view.moved((-sides[2], -sides[0]))
    if name == "slice" and x.dim() == 4 and len(args) > 2 and args[1] in (2, 3):
        begin = slice(args[2], None).indices(x.shape[args[1]])[0]
        step = args[4] if len(args) > 4 else 1
        steps = (step, 1) if args[1] == 2 else (1, step)
        return view.moved((begin, 0) if args[1] == 2 else (0, begin)).through((1, 1), steps)
    if name in ("view", "_unsafe_view") and {x.dim(), output.dim()} == {2, 4}:
        return replace(view, flattened=tuple(x.shape[2:]) if x.dim() == 4 else (1, 1))
    return view


def _shrunk(view: View, sizes: Sequence[int], new_sizes: Sequence[int]) -> View:
    """Adaptive pooling: equal windows that together see everything (exact where the sizes divide)."""
    stride = tuple(n // m for n, m in zip(sizes, new_sizes, strict=True))
    kernel = tuple(n - (m - 1) * s for n, m, s in zip(sizes, new_sizes, stride, strict=True))
    return view.through(_pair(kernel), _pair(stride))


def _pair(sizes: Sequence[int]) -> Pair:
    return (sizes[0], sizes[-1])


def _count(name: str, args: tuple[Any, ...], output: Tensor) -> Counts:
    """Count the work of an operation on one image; activations and poolings cost nothing.

    Batch normalisation has two connections per number, and no multiplications: it can be folded into the convolution
    before it.
    """
    bias = None
    if name == "convolution":
        weight, bias = args[1:3]
        macs = weight.numel() * math.prod(output.shape[2:])
    elif name in ("addmm", "mm", "bmm"):
        bias = args[0] if name == "addmm" else None
        factor = args[1] if name == "addmm" else args[0]
        macs = output.numel() * factor.shape[-1]
    elif KINDS.get(name) == "batch_norm" and args[1] is not None:
        return Counts(0, 2 * output.numel())
    else:
        return Counts()
    return Counts(macs, macs + (0 if bias is None else output.numel()))
