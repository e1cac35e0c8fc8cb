"""Sandboxed workers for one submission, outside the run of a class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.grading.judge import Workers
from autograder.sandbox.host.bare import BareWorkers
from autograder.sandbox.host.probe import can_supervise
from autograder.sandbox.host.reader import Reader
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient


@contextmanager
def workers_of(assignment: Assignment, secrets: tuple[Path, ...]) -> Iterator[Workers]:
    """Sandboxed workers for submissions of an assignment, on the CPU. secrets: what they must not see."""
    with ExitStack() as stack:
        stage = stack.enter_context(Stage(assignment.edition))
        reader = stack.enter_context(Reader(assignment.manifest, assignment.edition, stage.home))
        kind: type[ZygoteClient] | type[BareWorkers] = ZygoteClient if can_supervise() else BareWorkers
        zygote = kind(stage, limits=assignment.manifest.limits, device="cpu", secrets=secrets)
        stack.callback(zygote.close)
        zygote.launch()
        zygote.wait()
        yield Workers(stage, zygote, reader)
