"""Convolutional networks from the definition of a convolution to a trained net: the course's library."""

from __future__ import annotations

import sys
from importlib import metadata

from hw_cnn import _lazy

__version__ = "0.1.0"

# A student edition holds "<assignment>-<digest>" here: `hw-cnn check` compares it with the bundle's.
EDITION = "reference"

_MODULES = {
    "Classifier": "hw_cnn.classifier",
    "DigitsDataModule": "hw_cnn.data.digits",
    "SeminarCNN": "hw_cnn.models.seminar",
    "TensorLoader": "hw_cnn.data.feeding.loader",
    "conv2d": "hw_cnn.layers.convolution",
    "load_digits": "hw_cnn.data.reading.embedded",
    "pool2d": "hw_cnn.layers.pooling",
    "topk_error": "hw_cnn.metrics",
    "train_seminar": "hw_cnn.training",
}

__all__ = ["EDITION", "check", "hint", "__version__", *_MODULES]

__getattr__ = _lazy.exports(__name__, _MODULES)

if "IPython" in sys.modules:  # a notebook: `check` will want to know which cell ran when
    from hw_cnn.homework import runs, unwritten

    runs.record()
    unwritten.explain()


def __dir__() -> list[str]:
    return sorted(__all__)


def check(task: str) -> object:
    """Run the public tests of `task` (for example "F1") on the definitions of this notebook.

    Raises: RuntimeError when no installed distribution brings the tests.
    """
    return _homework("check", task)


def hint(task: str) -> object:
    """Show a hint on `task`, one more at each call. Nothing is recorded.

    Raises: RuntimeError when no installed distribution brings the hints.
    """
    return _homework("hint", task)


def _homework(name: str, task: str) -> object:
    for entry in metadata.entry_points(group="hw_cnn.commands", name=f"{name}-in-kernel"):
        return entry.load()(task)
    raise RuntimeError(
        f"cannot {name} {task!r}: no installed package has the command {name!r}; install the homework's bundle"
    )
