"""The reference's own training on glyphs, in a worker like those of students: the same driver, the same accounts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import torch

from autograder.course.assignment import package_root
from autograder.course.manifest import Manifest
from autograder.errors import GraderError
from autograder.grading.glyphs.exam import Examination
from autograder.remote.failures import StudentFailure
from autograder.remote.session import Transport
from autograder.remote.student import Student
from autograder.sandbox.host.bare import BareWorkers
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient

# Of DigitsDataModule.
MEAN, STD = 0.1307, 0.3081


@contextmanager
def reference_worker(
    stage: Stage, zygote: ZygoteClient | BareWorkers, manifest: Manifest
) -> Iterator[Transport]:
    """A worker of its own with the reference in place of a student's files; no student's worker can read them."""
    files = sorted({symbol.file for task in manifest.tasks for symbol in task.symbols})
    overlay = stage.make_overlay({name: (package_root() / name).read_bytes() for name in files})
    try:
        with zygote.spawn(overlay) as worker:
            yield worker
    finally:
        stage.remove_overlay(overlay)


def train_reference(transport: Transport, manifest: Manifest, exam: Examination) -> tuple[float, float]:
    """Its accuracy on the hidden glyphs, and the processor seconds of the training. Raises: GraderError."""
    symbols = [symbol for task in manifest.tasks for symbol in task.tops]
    with closing(Student(lambda: transport, symbols, manifest.limits)) as reference:
        try:
            net = reference.fit(exam.seed, parts=exam.parts)
            images, labels = exam.hidden
            logits = reference.predict(net, ((images.float() / 255 - MEAN) / STD)[:, None])
        except StudentFailure as failure:
            raise GraderError(
                f"the reference cannot be trained on the glyphs of this course: {failure.said('en')}"
            ) from failure
        right = logits.argmax(1) == labels
        return float(right.to(torch.float64).mean()), reference.trainings[-1]
