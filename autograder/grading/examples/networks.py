"""An example for a network: the first place between its layers at which other numbers pass than in the reference.

Both get the same small whole numbers as weights and the same image. A layer is one with parameters of its own; so a
difference stands in what goes into a layer (activation, pooling, flattening before it), in what comes out of it, or in
what follows the last one.
"""

from __future__ import annotations

import importlib
import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from autograder.course.manifest import Manifest
from autograder.grading.examples.example import words_of_error
from autograder.grids.grid import Grid
from autograder.grids.parts import differing, first
from autograder.grids.tensors import answer, array, pair
from autograder.grids.values import call_in_words
from autograder.remote.failures import StudentError
from autograder.remote.records import CallRecord
from autograder.remote.student import Handle, Student
from autograder.results.grade import Example
from autograder.text import Lang, Text

MOST_PARAMETERS = 1_000_000
# Of names that are the student's.
MOST_CHARACTERS = 40
# Tried in this order where a network has no argument `image_size`.
IMAGE_PX = (16, 28, 32, 64, 96, 128, 224)
# Of the weights of an output so many are not 0, at most this share of them.
NUM_WEIGHTS, MOST_WEIGHTS = 8, 0.5
CLOSE = {"rtol": 1e-3, "atol": 1e-4}
IMAGE = Text(ru="картинка", en="image")
INTO = Text(ru="на входе {layer}", en="into {layer}")
AFTER = Text(ru="на выходе {layer}", en="out of {layer}")
LOGITS = Text(ru="выход сети", en="the network's output")
FIRST = Text(ru="первое отличие: {place}", en="the first difference: {place}")
WEIGHTS = Text(ru="формы весов по порядку", en="shapes of the weights in their order")
PARAMETERS = Text(ru="формы весов и смещений по порядку", en="shapes of weights and biases in their order")
NONE = Text(ru="ни одного", en="none")
IN_ALL = Text(ru="{shapes}; всего параметров: {number}", en="{shapes}; {number} parameters in all")


class Passed(NamedTuple):
    """What passed through a network: its layers as (name, type), what went into each and came out, and the output."""

    layers: list[tuple[str, str]]
    inputs: list[Tensor]
    outputs: list[Tensor]
    output: Tensor

    def layer(self, number: int) -> str:
        """`features.0 (Conv2d)`."""
        name, kind = self.layers[number]
        return f"{name[:MOST_CHARACTERS]} ({kind[:MOST_CHARACTERS]})"


class Networks:
    """Compares a student's network with the reference's. seed: of the weights and the image."""

    def __init__(self, manifest: Manifest, student: Student, reference: Student, seed: int) -> None:
        self._modules = {symbol.name: symbol.module for task in manifest.tasks for symbol in task.tops}
        self._student, self._reference, self._seed = student, reference, seed

    def example(self, call: CallRecord, lang: Lang) -> Example | None:
        """Where the network that `call` makes goes wrong first; None where it does not, or if that cannot be told."""
        name = call.name
        kind = getattr(importlib.import_module(self._modules[name]), name)
        parameters = list(inspect.signature(kind).parameters)
        if len(call.args) > len(parameters):
            return None
        settings = {**dict(zip(parameters, call.args, strict=False)), **call.kwargs}
        said = call_in_words(name, parameters, call.args, call.kwargs, lang)
        right = getattr(self._reference, name)(**settings)
        try:
            nets = [getattr(self._student, name)(**settings), right]
        except StudentError as error:
            return Example(call=said, error=words_of_error(error, lang))
        sizes = [_num_parameters(one, net) for one, net in zip(self._sides, nets, strict=True)]
        if max(sizes) > MOST_PARAMETERS:
            return None
        shapes = [one.parameters(net) for one, net in zip(self._sides, nets, strict=True)]
        if sizes[0] != sizes[1]:
            return _of_shapes(said, shapes, sizes, lang)
        image = self._image(kind, settings, nets[1], shapes[1])
        if image is None:
            return None
        try:
            self._student.predict(nets[0], image)
        except StudentError as error:
            taken = answer(image, "input", IMAGE.get(lang))
            return Example(call=f"{said}({IMAGE.get(lang)})", error=words_of_error(error, lang), arrays=taken)
        layers = [list(dict.fromkeys(name for name, _ in one.layers)) for one in self._passed(nets, image)]
        names = matched(shapes[0], shapes[1], layers[0], layers[1])
        if names is None:
            return None
        drawn = {
            key: self._draw(number, value.shape) for number, (key, value) in enumerate(shapes[1].items())
        }
        self._reference.set_parameters(nets[1], drawn)
        self._student.set_parameters(nets[0], {names[key]: value for key, value in drawn.items()})
        got, right = self._passed(nets, image)
        found = first_difference(got, right, image, lang)
        if found is None:
            return None
        place, arrays = found
        told = f"{said}({IMAGE.get(lang)})\n# {FIRST.get(lang).format(place=place)}"
        return Example(call=told, arrays=arrays)

    def _passed(self, nets: Sequence[Handle], image: Tensor) -> list[Passed]:
        return [Passed(*one.layer_calls(net, image)) for one, net in zip(self._sides, nets, strict=True)]

    @property
    def _sides(self) -> tuple[Student, Student]:
        return self._student, self._reference

    def _image(
        self, kind: type, settings: Mapping[str, Any], net: Handle, values: Mapping[str, Tensor]
    ) -> Tensor | None:
        """One image of whole numbers that the reference takes, (1, C, H, H) float32."""
        defaults = {key: value.default for key, value in inspect.signature(kind).parameters.items()}
        size = settings.get("image_size", defaults.get("image_size"))
        channels = next((value.shape[1] for value in values.values() if value.ndim == 4), 1)
        channels = settings.get("in_channels", defaults.get("in_channels", channels))
        for pixels in (size,) if isinstance(size, int) else IMAGE_PX:
            generator = torch.Generator().manual_seed(self._seed)
            image = torch.randint(0, 4, (1, channels, pixels, pixels), generator=generator).float()
            try:
                self._reference.predict(net, image)
            except Exception:  # too small for this network
                continue
            return image
        return None

    def _draw(self, number: int, shape: Sequence[int]) -> Tensor:
        """Weights of -1, 0 and 1, some eight for each output so that numbers stay small; biases from -1 to 2."""
        generator = torch.Generator().manual_seed(self._seed + 1 + number)
        if len(shape) < 2:
            return torch.randint(-1, 3, tuple(shape), generator=generator).float()
        share = min(MOST_WEIGHTS, NUM_WEIGHTS / max(1, math.prod(shape[1:])))
        drawn = torch.randint(0, 2, tuple(shape), generator=generator).float() * 2 - 1
        return drawn * (torch.rand(tuple(shape), generator=generator) < share)


def _num_parameters(student: Student, net: Handle) -> int:
    return next((number for name, _, number in student.module_table(net) if not name), 0)


def matched(
    student: Mapping[str, Tensor],
    reference: Mapping[str, Tensor],
    student_layers: Sequence[str],
    reference_layers: Sequence[str],
) -> dict[str, str] | None:
    """The reference's names of parameters with the student's, which may be others.

    They are matched where all names are equal, where no two have one shape, and else layer by layer in the order in
    which these run. None where that leaves a doubt: numbers in the wrong place would show a difference that is none.
    """
    shapes = [{name: tuple(value.shape) for name, value in values.items()} for values in (student, reference)]
    if shapes[0] == shapes[1]:
        return {name: name for name in reference}
    by_shape = [{shape: name for name, shape in side.items()} for side in shapes]
    if all(len(names) == len(side) for names, side in zip(by_shape, shapes, strict=True)):
        if by_shape[0].keys() != by_shape[1].keys():
            return None
        return {name: by_shape[0][shape] for name, shape in shapes[1].items()}
    if len(student_layers) != len(reference_layers):
        return None
    names = {}
    for own, right in zip(student_layers, reference_layers, strict=True):
        for name, shape in shapes[1].items():
            layer, _, parameter = name.rpartition(".")
            if layer == right and shapes[0].get(f"{own}.{parameter}") == shape:
                names[name] = f"{own}.{parameter}"
    return names if len(names) == len(reference) == len(student) else None


def _of_shapes(
    call: str, shapes: Sequence[Mapping[str, Tensor]], sizes: Sequence[int], lang: Lang
) -> Example:
    """What parameters there are, and how many; the biases only where the weights are right. The reference's last."""
    text = WEIGHTS
    listed = [_listed(values, 2) for values in shapes]
    if sorted(listed[0]) == sorted(listed[1]):
        text = PARAMETERS
        listed = [_listed(values, 0) for values in shapes]
    got, expected = (
        IN_ALL.get(lang).format(shapes=", ".join(names) or NONE.get(lang), number=size)
        for names, size in zip(listed, sizes, strict=True)
    )
    return Example(call=f"{call}\n# {text.get(lang)}", got=got, expected=expected)


def _listed(values: Mapping[str, Tensor], least_ndim: int) -> list[str]:
    return [str(tuple(value.shape)) for value in values.values() if value.ndim >= least_ndim]


def first_difference(
    got: Passed, right: Passed, image: Tensor, lang: Lang
) -> tuple[str, tuple[Grid, ...]] | None:
    """The first place at which other numbers pass, in words, and what is shown of it; None where none do."""
    before, title = image, IMAGE.get(lang)
    kinds = [[tuple(out.shape[:2]) for out in one.outputs] for one in (got, right)]
    if kinds[0] == kinds[1]:  # else the layers cannot be told apart, and the output alone is compared
        for number, (given, out) in enumerate(zip(right.inputs, right.outputs, strict=True)):
            into, after = (text.get(lang).format(layer=got.layer(number)) for text in (INTO, AFTER))
            if not _is_close(got.inputs[number], given):
                return into, _shown((before, title), (got.inputs[number], given, into))
            if not _is_close(got.outputs[number], out):
                return after, _shown((given, into), (got.outputs[number], out, after))
            before, title = out, after
    if _is_close(got.output, right.output):
        return None
    place = LOGITS.get(lang)
    return place, _shown((before, title), (got.output, right.output, place))


def _shown(before: tuple[Tensor, str], found: tuple[Tensor, Tensor, str]) -> tuple[Grid, ...]:
    """What was still right, around the place that corresponds to the first difference; then the difference."""
    got, right, name = found
    around = (0,) * before[0].ndim
    if got.shape == right.shape:
        place = first(differing(array(got), array(right)))
        if len(place) == before[0].ndim:
            around = tuple(
                at * before_size // size
                for at, before_size, size in zip(place, before[0].shape, right.shape, strict=True)
            )
    return (
        *answer(before[0], "input", before[1], around),
        *pair(got, right, name, one_part=True),
    )


def _is_close(one: Tensor, other: Tensor) -> bool:
    return one.shape == other.shape and torch.allclose(one.double(), other.double(), equal_nan=True, **CLOSE)
