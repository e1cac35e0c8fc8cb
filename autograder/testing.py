"""What hidden and public tests import: random tensors and comparisons that can only pass or fail.

A student's answer may be anything, so nothing here raises another exception than AssertionError because of it.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from autograder.text import Lang, Text, in_one

FAR_TOO_MANY = 20
DifferenceName = Literal["type", "number", "answer", "dtype", "shape", "not finite", "values", "width"]
SENTENCES: dict[DifferenceName, Text] = {
    "type": Text(
        ru="{what}: вместо тензора получено значение типа {found}",
        en="{what}: got a value of type {found} where a tensor was expected",
    ),
    "number": Text(
        ru="{what}: вместо числа получено значение типа {found}",
        en="{what}: got a value of type {found} where a number was expected",
    ),
    "answer": Text(
        ru="{what}: вместо True или False получено значение типа {found}",
        en="{what}: got a value of type {found} where True or False was expected",
    ),
    "dtype": Text(
        ru="{what}: тип чисел {found}, нужен {wanted}",
        en="{what}: the dtype is {found}, it should be {wanted}",
    ),
    "shape": Text(
        ru="{what}: форма {found}, нужна {wanted}", en="{what}: the shape is {found}, it should be {wanted}"
    ),
    "not finite": Text(
        ru="{what}: среди чисел есть NaN или бесконечность",
        en="{what}: some of the numbers are NaN or infinite",
    ),
    "values": Text(ru="{what}: неверные значения", en="{what}: wrong values"),
    "width": Text(
        ru="{what}: параметров {found}, а нужно {wanted}: использован ли аргумент width?",
        en="{what}: {found} parameters, there should be {wanted}: is the argument width used?",
    ),
}


NO_RETURN: dict[DifferenceName, Text] = {
    "type": Text(
        ru="{what}: вместо тензора получено None; не забыт ли return?",
        en="{what}: got None where a tensor was expected; is a return missing?",
    ),
    "number": Text(
        ru="{what}: вместо числа получено None; не забыт ли return?",
        en="{what}: got None where a number was expected; is a return missing?",
    ),
    "answer": Text(
        ru="{what}: вместо True или False получено None; не забыт ли return?",
        en="{what}: got None where True or False was expected; is a return missing?",
    ),
}
NO_GRADIENT = Text(
    ru="{what}: градиент не доходит, результат отрезан от графа вычислений; так бывает после detach, no_grad, item, "
    "tolist, numpy и там, где новый тензор собран из готовых чисел",
    en="{what}: no gradient arrives, the result is cut off from the graph; this happens after detach, no_grad, item, "
    "tolist, numpy, or where a new tensor is built from plain numbers",
)
OUTSIDE_TORCH = Text(
    ru="верните тензор и не выходите за пределы torch: у чисел вне torch нет градиента",
    en="return a tensor and stay within torch: numbers outside of it have no gradient",
)
NUMBERS_OUTSIDE_TORCH = frozenset(("ndarray", "list", "tuple", "float", "int"))
CUT_OFF = Text(
    ru="{what}: градиент по {name} не доходит, а по другим аргументам доходит; {name} в вычислении не участвует или "
    "отрезан от него: detach, item, numpy",
    en="{what}: no gradient reaches {name}, other arguments get one; {name} takes no part in the computation, or is "
    "cut off from it: detach, item, numpy",
)
# What a value is called that is a gradient, in either language: an edition keeps one of them.
OF_GRADIENT = re.compile(r"\bgradient|градиент", re.IGNORECASE)


class Difference(AssertionError):  # noqa: N818 -- says what was found, no mistake of ours
    """How a value differs from what was expected: shapes and types only, never numbers of a hidden test.

    Args:
        what: which value, in one language or as "ru / en".
        pair: the value and what was expected, where both are tensors. They stay in this process.
        tolerance: relative and absolute, where numbers were compared.

    Attributes:
        cut_off: name of the argument that gets no gradient where others of the same call do, else "". Whoever knows
            the calls of the test writes it there.
    """

    def __init__(
        self,
        name: DifferenceName,
        what: str,
        *,
        found: object = "",
        wanted: object = "",
        pair: tuple[Tensor, Tensor] | None = None,
        tolerance: tuple[float, float] | None = None,
    ) -> None:
        self.name, self.what, self.found, self.wanted = name, what, found, wanted
        self.pair, self.tolerance = pair, tolerance
        self.cut_off = ""
        super().__init__(self.said("en"))

    def said(self, lang: Lang) -> str:
        """The difference in one sentence."""
        text = SENTENCES[self.name]
        if self.found == "NoneType" and self.name in NO_RETURN:
            text = NO_RETURN[self.name]
        if self.is_without_gradient:
            text = CUT_OFF if self.cut_off else NO_GRADIENT
        found, wanted = (str(value).removeprefix("torch.") for value in (self.found, self.wanted))
        advice = f"; {OUTSIDE_TORCH.get(lang)}" if self.is_outside_torch else ""
        said = text.get(lang).format(
            what=in_one(self.what, lang).removeprefix("torch."),
            found=found,
            wanted=wanted,
            name=self.cut_off,
        )
        return said + advice

    @property
    def is_outside_torch(self) -> bool:
        """Whether there are numbers, and they are no tensor."""
        return self.name == "type" and self.found in NUMBERS_OUTSIDE_TORCH

    @property
    def is_without_gradient(self) -> bool:
        """Whether there is no gradient where one was asked for: nothing is wrong with a return then."""
        is_nothing = (self.name, self.found) == ("type", "NoneType")
        return is_nothing and OF_GRADIENT.search(self.what) is not None

    @property
    def reason(self) -> str:
        """Equal for differences of one cause, whichever value differs; "" where the value is the cause."""
        if self.is_without_gradient:
            return f"no gradient {self.cut_off}"
        return f"{self.name} {self.found}" if self.name in ("type", "number", "answer", "not finite") else ""


class Illustrated(AssertionError):  # noqa: N818 -- says what was found, no mistake of ours
    """A sentence of a public test, "ru / en", with what stands below it.

    Args:
        given: what went in, by names in one language or as "ru / en".
        pair: what came out and what is right: tensors, numbers, or dictionaries of numbers.
    """

    def __init__(self, said: str, given: Mapping[str, Tensor], pair: tuple[object, object]) -> None:
        self.given, self.pair = dict(given), pair
        super().__init__(said)


def randn(rng: np.random.Generator, *shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    """Standard normal numbers of `shape`, drawn in float64 and rounded to `dtype`."""
    return torch.from_numpy(np.asarray(rng.standard_normal(shape))).to(dtype)


def as_tensor(value: object, what: str = "output") -> Tensor:
    """Return `value` if it is a tensor. Raises: Difference otherwise."""
    if not isinstance(value, Tensor):
        raise Difference("type", what, found=type(value).__name__)
    return value


def as_number(value: object, what: str = "output") -> float:
    """`value` as a float: a number, or a tensor or array that holds one. Raises: Difference for anything else."""
    number: object = value
    if isinstance(value, Tensor | np.ndarray):
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        number = array.reshape(()).item() if array.size == 1 else None
    if not isinstance(number, int | float) or isinstance(number, bool):
        raise Difference("number", what, found=type(value).__name__)
    if not abs(number) <= sys.float_info.max:
        raise Difference("not finite", what)
    return float(number)


def as_answer(value: object, what: str = "output") -> bool:
    """`value` as True or False: a bool, or a tensor or array that holds one. Raises: Difference for anything else."""
    answer: object = value
    if isinstance(value, Tensor | np.ndarray):
        array = value.detach().cpu().numpy() if isinstance(value, Tensor) else value
        answer = array.reshape(()).item() if array.size == 1 else None
    if not isinstance(answer, bool | np.bool_):
        raise Difference("answer", what, found=type(value).__name__)
    return bool(answer)


def assert_close(
    actual: object,
    expected: Tensor,
    rtol: float = 1e-7,
    atol: float = 1e-10,
    what: str = "output",
    *,
    any_float: bool = False,
) -> None:
    """Check type, dtype, shape, finiteness and values. Raises: Difference, an AssertionError.

    any_float: compare after casting, so that a wrong floating type costs the test of the type only.
    """
    tensor = as_tensor(actual, what)
    if any_float and tensor.is_floating_point():
        tensor = tensor.to(expected.dtype)
    pair = tensor.detach().cpu(), expected.detach().cpu()
    if tensor.dtype != expected.dtype:
        raise Difference("dtype", what, found=tensor.dtype, wanted=expected.dtype, pair=pair)
    if tensor.shape != expected.shape:
        shapes = tuple(tensor.shape), tuple(expected.shape)
        raise Difference("shape", what, found=shapes[0], wanted=shapes[1], pair=pair)
    tensor, expected = pair
    if not bool(torch.isfinite(tensor).all()):
        raise Difference("not finite", what, pair=pair)
    if not torch.allclose(tensor, expected, rtol=rtol, atol=atol):
        raise Difference("values", what, pair=pair, tolerance=(rtol, atol))


def check_width(
    parts: Sequence[tuple[str, str, int]], num_parameters: int, what: str = "the narrow network"
) -> None:
    """Check that a network made narrow is narrow: one that is not cannot be sent, or compared, for its size.

    parts: its `student.module_table`. num_parameters: how many it should have; twenty times as many pass, as other
    mistakes make a network larger, too. Raises: Difference.
    """
    found = max((number for _, _, number in parts), default=0)
    if found > FAR_TOO_MANY * num_parameters:
        raise Difference("width", what, found=found, wanted=num_parameters)


def affine_of(
    function: Callable[[Tensor], Tensor], given: tuple[int, int, int]
) -> tuple[tuple[int, int, int], Tensor, Tensor]:
    """Find matrix and offset of an affine function of images: (shape of an answer, matrix, offset), float64."""
    pixels = math.prod(given)
    nothing = torch.zeros(1, *given, dtype=torch.float64)
    offset = function(nothing)[0]
    single = torch.eye(pixels, dtype=torch.float64).reshape(pixels, *given)
    matrix = (function(single) - offset).reshape(pixels, -1).T
    channels, height, width = offset.shape
    return (channels, height, width), matrix.contiguous(), offset.flatten()


class Networks(Protocol):
    """What of the `student` fixture the checks of whole networks use; `net` is its handle."""

    def parameters(self, module: Any) -> dict[str, Tensor]: ...
    def set_parameters(self, module: Any, values: Mapping[str, Tensor]) -> None: ...
    def predict(self, module: Any, x: Tensor) -> Tensor: ...


class StateDicts(Networks, Protocol):
    """What a network's layers left over are found with."""

    def state_dict(self, module: Any) -> dict[str, Tensor]: ...


def check_weights_work(
    rng: np.random.Generator,
    student: Networks,
    net: Any,
    x: Tensor,
    num_classes: int,
    num_weights: int | None = None,
) -> Tensor:
    """Each weight works on the image: another one changes the logits, and not of all images by the same amount.

    num_weights: how many a right network has. Beside so many, some may be left over on which no logit depends.
    Returns: the logits of the weights that the network keeps, (N, num_classes) float32. Raises: AssertionError.
    """
    return check_each_weight(ask_each_weight(rng, student, net, x, num_weights), num_classes)


class WeightAnswers(NamedTuple):
    """Answers of a network to the same N images, judged once all are there: what is not asked tells nothing.

    Attributes:
        before: with the weights that it keeps.
        changed: name of a weight -> with other numbers in it.
        idle: weights that were left over; they are not asked.
        num_weights: as many must not be idle.
        num_images: N.
    """

    before: Tensor
    changed: dict[str, Tensor]
    idle: frozenset[str]
    num_weights: int
    num_images: int


def ask_each_weight(
    rng: np.random.Generator, student: Networks, net: Any, x: Tensor, num_weights: int | None = None
) -> WeightAnswers:
    """Give each weight other numbers in turn; the network keeps what was drawn first.

    num_weights: how many a right network has. Raises: AssertionError for a network without any.
    """
    found = student.parameters(net)
    shapes = {name: tuple(value.shape) for name, value in found.items()}
    weights = [name for name, shape in shapes.items() if len(shape) > 1]
    assert weights, "the network has no weights"
    drawn = {name: draw_weight(rng, shape) for name, shape in shapes.items()}
    student.set_parameters(net, drawn)
    before = student.predict(net, x)
    idle, least = frozenset[str](), 0
    if num_weights is not None and len(weights) > num_weights:
        idle, least = idle_parameters(rng, student, net, x), num_weights
    changed = {}
    for name in weights:
        if name not in idle:
            student.set_parameters(net, {name: draw_weight(rng, shapes[name])})
            changed[name] = student.predict(net, x)
            student.set_parameters(net, {name: drawn[name]})
    return WeightAnswers(before, changed, idle, least, len(x))


def check_each_weight(asked: WeightAnswers, num_classes: int) -> Tensor:
    """What `check_weights_work` says of these answers: the logits. Raises: AssertionError."""
    before = as_logits(asked.before, asked.num_images, num_classes)
    assert len(asked.changed) >= asked.num_weights, (
        f"{', '.join(sorted(asked.idle))} does not work on the image"
    )
    for name, answer in asked.changed.items():
        change = as_logits(answer, asked.num_images, num_classes) - before
        spread = float((change - change.mean(dim=0)).abs().max())
        assert spread > 1e-5 * (1e-3 + float(before.abs().max())), f"{name} does not work on the image"
    return before


def idle_parameters(rng: np.random.Generator, student: Networks, net: Any, x: Tensor) -> frozenset[str]:
    """Names of the parameters on which no answer for `x` depends. The network keeps what it had."""
    kept = student.parameters(net)
    drawn = {name: draw_weight(rng, tuple(value.shape)) for name, value in kept.items()}
    student.set_parameters(net, drawn)
    before = as_tensor(student.predict(net, x))
    idle = set()
    for name, value in drawn.items():
        student.set_parameters(net, {name: draw_weight(rng, tuple(value.shape))})
        if torch.equal(as_tensor(student.predict(net, x)), before):
            idle.add(name)
        student.set_parameters(net, {name: value})
    student.set_parameters(net, kept)
    return frozenset(idle)


def used_and_idle(
    rng: np.random.Generator, student: StateDicts, net: Any, x: Tensor, num_tensors: int
) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    """A network's state dict in two parts: what its answers use, and parameters of layers that were left over.

    Nothing counts as left over in a state dict of at most `num_tensors`.
    """
    state = student.state_dict(net)
    idle = idle_parameters(rng, student, net, x) if len(state) > num_tensors else frozenset()
    used = {name: value for name, value in state.items() if name not in idle}
    return used, {name: value for name, value in state.items() if name in idle}


def draw_weight(rng: np.random.Generator, shape: tuple[int, ...]) -> Tensor:
    """A weight under which signals keep their size, or a bias."""
    size = 0.3 if len(shape) < 2 else math.sqrt(2 / max(1, math.prod(shape[1:])))
    return randn(rng, *shape, dtype=torch.float32) * size


def logits_of(student: Networks, net: Any, x: Tensor, num_classes: int) -> Tensor:
    """Finite logits of a network, (N, num_classes) float32. Raises: AssertionError."""
    return as_logits(student.predict(net, x), len(x), num_classes)


def as_logits(answer: object, num_images: int, num_classes: int) -> Tensor:
    """A network's answer as finite logits, (num_images, num_classes) float32. Raises: AssertionError."""
    logits, expected = as_tensor(answer, "logits"), (num_images, num_classes)
    assert tuple(logits.shape) == expected, f"logits have shape {tuple(logits.shape)}, expected {expected}"
    assert logits.is_floating_point(), f"logits have dtype {logits.dtype}, expected a floating type"
    assert bool(torch.isfinite(logits).all()), "logits hold NaN or infinity"
    return logits.float()


def check_one_by_one(
    rng: np.random.Generator,
    student: Networks,
    net: Any,
    x: Tensor,
    num_classes: int,
    num_weights: int | None = None,
) -> None:
    """The answer for one image is the one that it has among others. Raises: AssertionError."""
    asked = ask_each_weight(rng, student, net, x, num_weights)
    alone = [student.predict(net, x[i : i + 1]) for i in range(len(x))]
    together = check_each_weight(asked, num_classes)
    for i, answer in enumerate(alone):
        logits = as_logits(answer, 1, num_classes)
        assert_close(logits, together[i : i + 1], rtol=1e-3, atol=1e-3, what="logits of one image")
