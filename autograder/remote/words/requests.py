"""The request to a network or a `Classifier` that failed, in words: how the object was made, and what came then.

Calls of functions with plain values are shown with their grids; an object of the worker has no value that could be
shown, so it is told by the call that has made it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import Tensor

from autograder.grids.values import Named, call_in_words, shown
from autograder.remote.failures import StudentFailure
from autograder.remote.transcript import Kept, Transcript, Turn
from autograder.text import Lang, Text

THEN = Text(ru="{made}, затем {what}", en="{made}, then {what}")
IMAGES = Text(ru="картинок {shape}", en="images {shape}")
INPUT = Text(ru="входа {shape}", en="an input {shape}")
FORWARD = Text(ru="forward для {x}", en="forward of {x}")
BACKWARD = Text(ru="forward для {x} и backward", en="forward of {x}, and backward")
TENSOR = Text(ru="тензор {shape}", en="a tensor {shape}")
MODEL = Text(ru="модель", en="a model")
STEPS = Text(ru="training_step для батча {batch}", en="training_step of the batch {batch}")
OPTIMIZER = Text(
    ru="шаг оптимизатора из configure_optimizers()", en="a step of the optimizer from configure_optimizers()"
)
EVALUATED = Text(
    ru="Trainer.{stage} для {x} батчами по {size}", en="Trainer.{stage} of {x} in batches of {size}"
)


def failed_request(transcript: Transcript, failure: BaseException, lang: Lang) -> str:
    """`SeminarCNN(image_size=20), then forward of images (2, 1, 20, 20)`; "" where the request that ended in `failure`
    was none to an object of the worker, or has no words."""
    if not isinstance(failure, StudentFailure):
        return ""
    failed = next((turn for turn in reversed(transcript.turns) if turn.answer is failure), None)
    if failed is None:
        return ""
    if failed.kind != "object" and failed.name in MAKING:
        return MAKING[failed.name](failed, lang)
    what, owner = _asked(failed, transcript, lang)
    made = next((turn for turn in transcript.turns if owner is not None and _gave(turn) == owner), None)
    if not what or made is None:
        return ""
    by = MAKING[made.name](made, lang) if made.name in MAKING else _call(made, transcript, lang)
    return THEN.get(lang).format(made=by, what=what)


def _gave(turn: Turn) -> Kept | None:
    """The object that a call has given."""
    out = turn.answer.get("out") if isinstance(turn.answer, Mapping) else None
    return out if isinstance(out, Kept) else None


def _asked(turn: Turn, transcript: Transcript, lang: Lang) -> tuple[str, Kept | None]:
    """What was asked of which object; "" where that needs no words, or has none."""
    if turn.kind == "object":
        if turn.name:
            return _call(turn, transcript, lang), turn.owner
        given = next((value for value in turn.args if isinstance(value, Tensor)), None)
        return FORWARD.get(lang).format(x=_images(given, lang)) if given is not None else "", turn.owner
    module = turn.kwargs.get("module")
    say = OF_DRIVERS.get(turn.name) if turn.kind == "driver" else None
    return (say(turn.kwargs, lang), module) if say is not None and isinstance(module, Kept) else ("", None)


def _call(turn: Turn, transcript: Transcript, lang: Lang) -> str:
    """A call with the shapes of its tensors, and what its objects are."""

    def said(value: Any) -> Named:
        is_object = isinstance(value, Kept)
        return Named(_object(value, transcript, lang) if is_object else _brief(value, lang))

    given, named = (
        [said(value) for value in turn.args],
        {key: said(value) for key, value in turn.kwargs.items()},
    )
    return call_in_words(turn.name, [], given, named, lang)


def _object(wanted: Kept, transcript: Transcript, lang: Lang) -> str:
    """`nn.Linear(6, 1)` for a layer that a test has taken out of a network of its own, else `a model`."""
    read = next((turn for turn in transcript.turns if _gave(turn) == wanted), None)
    if read is None or read.kind == "symbol":
        return MODEL.get(lang)
    if read.kind == "object":  # a method that gives its own object, such as double()
        is_other = read.owner is not None and read.owner != wanted
        return (
            _object(read.owner, transcript, lang) if is_other and read.owner is not None else MODEL.get(lang)
        )
    network = next((turn for turn in transcript.turns if _gave(turn) == read.kwargs.get("module")), None)
    rows = network.kwargs.get("layers", ()) if network is not None else ()
    row = next((row for row in rows if row[0] == read.kwargs.get("path")), None)
    if row is None:
        return MODEL.get(lang)
    options = row[-1] if isinstance(row[-1], dict) else {}
    return call_in_words(f"nn.{row[1]}", [], [v for v in row[2:] if v is not options], options, lang)


def _brief(value: Any, lang: Lang) -> str:
    if isinstance(value, Tensor):
        return TENSOR.get(lang).format(shape=tuple(value.shape))
    if isinstance(value, tuple | list):
        items = ", ".join(_brief(item, lang) for item in value)
        return f"[{items}]" if isinstance(value, list) else f"({items}{',' if len(value) == 1 else ''})"
    return shown(value, lang)


def _images(x: Tensor, lang: Lang, most: int | None = None) -> str:
    """most: so many go through the network at once."""
    shape = tuple(x.shape) if most is None else (min(len(x), most), *x.shape[1:])
    return (IMAGES if x.ndim == 4 else INPUT).get(lang).format(shape=shape)


def _classifier(turn: Turn, lang: Lang) -> str:
    rate = turn.kwargs.get("learning_rate")
    given = {
        "num_classes": turn.kwargs.get("num_classes"),
        **({} if rate is None else {"learning_rate": rate}),
    }
    return call_in_words("Classifier", [], [Named(MODEL.get(lang))], given, lang)


def _network(turn: Turn, lang: Lang) -> str:
    """A task's network that is built without numbers."""
    name = str(turn.kwargs.get("target", "")).rpartition(":")[2]
    return call_in_words(name, [], [], dict(turn.kwargs.get("arguments", {})), lang)


def _forward(given: Mapping[str, Any], lang: Lang) -> str:
    return FORWARD.get(lang).format(x=_images(given["x"], lang, given.get("batch_size")))


def _gradients(given: Mapping[str, Any], lang: Lang) -> str:
    return BACKWARD.get(lang).format(x=_images(given["x"], lang))


def _steps(given: Mapping[str, Any], lang: Lang) -> str:
    return STEPS.get(lang).format(batch=_brief(given["batch"], lang))


def _optimizer(given: Mapping[str, Any], lang: Lang) -> str:
    return OPTIMIZER.get(lang)


def _evaluated(given: Mapping[str, Any], lang: Lang) -> str:
    x, size = _images(given["x"], lang), given["batch_size"]
    return EVALUATED.get(lang).format(stage=given["stage"], x=x, size=size)


MAKING: Mapping[str, Callable[[Turn, Lang], str]] = {"tiny_classifier": _classifier, "blueprint": _network}
"""Drivers that call a class of the student's."""
OF_DRIVERS: Mapping[str, Callable[[Mapping[str, Any], Lang], str]] = {
    "predict": _forward,
    "layer_calls": _forward,
    "parameter_gradients": _gradients,
    "train_steps": _steps,
    "optimizer_steps": _optimizer,
    "evaluate": _evaluated,
}
"""Drivers that let a module of the student's work."""
