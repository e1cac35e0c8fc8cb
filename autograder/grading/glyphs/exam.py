"""What a training on glyphs is given, what it is asked, and between which bars the answer counts."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from autograder.errors import GraderError
from autograder.grading.glyphs.drawing import Glyphs, Split
from autograder.grading.glyphs.ridge import ridge_accuracy

# As many as the digits have.
SIZES = {"train": 6000, "val": 1000, "test": 1000}
NUM_HIDDEN = 2000
LARGEST_SEED = 1 << 31


class Bars(NamedTuple):
    """Accuracies on the hidden glyphs. reference_cpu_s: processor time of the reference's training on the others."""

    ridge: float
    reference: float
    reference_cpu_s: float


@dataclass(frozen=True)
class Examination:
    """The glyphs of a course, the same for all its students.

    Args:
        secret: decides about everything that is drawn.
        margin: so far below the reference's accuracy a training earns everything.
        bars: None as long as nobody needs them; an error stands for bars that could not be measured.
    """

    secret: bytes
    margin: float
    bars: Bars | GraderError | None = None

    @cached_property
    def glyphs(self) -> Glyphs:
        return Glyphs(self.secret)

    @cached_property
    def parts(self) -> Mapping[str, tuple[Tensor, Tensor]]:
        """All that a student's training is given, by name of the split: images (N, 28, 28) uint8, labels (N) int64."""
        return {name: _tensors(split) for name, split in self._splits.items()}

    @cached_property
    def hidden(self) -> tuple[Tensor, Tensor]:
        """Images that are sent without their labels, and the labels, which are never sent."""
        return _tensors(self._hidden)

    @property
    def seed(self) -> int:
        """For the student's training: none that a program could wait for."""
        digest = hashlib.sha256(self.secret + b"\0seed").digest()
        return int.from_bytes(digest[:8], "big") % LARGEST_SEED

    @property
    def low(self) -> float:
        """No points at this accuracy: a linear classifier of pixels has it, in closed form."""
        return self._measured.ridge

    @property
    def high(self) -> float:
        """All points from this accuracy on."""
        return self._measured.reference - self.margin

    @property
    def _measured(self) -> Bars:
        """Raises: GraderError."""
        if isinstance(self.bars, Bars):
            return self.bars
        raise self.bars or GraderError("the reference was not trained on the glyphs of this course")

    def ridge(self) -> float:
        """The accuracy of a ridge that has seen all that a student's training sees."""
        images, labels = (
            np.concatenate([getattr(split, name) for split in self._splits.values()])
            for name in ("images", "labels")
        )
        return ridge_accuracy(Split(images, labels), self._hidden)

    @cached_property
    def _splits(self) -> dict[str, Split]:
        return {name: self.glyphs.draw(name, count) for name, count in SIZES.items()}

    @cached_property
    def _hidden(self) -> Split:
        return self.glyphs.draw("hidden", NUM_HIDDEN)


def glyph_secret(key: bytes, assignment: str) -> bytes:
    """HMAC-SHA256(course key, assignment): the same for all students, unknown without the key."""
    return hmac.new(key, f"{assignment}\0glyphs".encode(), hashlib.sha256).digest()


def _tensors(split: Split) -> tuple[Tensor, Tensor]:
    return torch.from_numpy(split.images), torch.from_numpy(split.labels)
