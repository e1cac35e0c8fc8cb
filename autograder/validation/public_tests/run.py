"""The public tests of a released bundle on the reference, the stub and every variant that has a file."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment, package_root
from autograder.course.edition import read_package
from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.errors import UsageError
from autograder.sandbox.host.scratch import Scratch
from autograder.validation.class_of_variants import REFERENCE, STUB
from autograder.validation.counting import Tick, counted, tick_unseen
from autograder.validation.public_tests.child import ANSWERS, Answer, Code, Job, Request
from autograder.validation.solved_notebook import solution_sources

LIBRARY = "hw_cnn"


@dataclass(frozen=True)
class Outcomes:
    """What the public tests say: (who, task) -> answer. Variants answer for their own task only."""

    answers: Mapping[tuple[str, str], Answer]

    def of(self, who: str, task: str) -> Answer | None:
        """None for who was not tried: a variant of the weights that are handed in."""
        return self.answers.get((who, task))

    def tests(self, task: str) -> list[str]:
        """Ids of the public tests of a task, in their order."""
        found = self.of(REFERENCE, task)
        return list(found.tests) if found is not None else []

    def kills(self, variant: Variant) -> bool:
        """Whether some public test of its task fails on the variant."""
        found = self.of(variant.id, variant.task)
        return found is not None and any(why is not None for why in found.tests.values())

    @property
    def seconds(self) -> float:
        """Of all forks together."""
        return sum(answer.seconds for answer in self.answers.values())


def try_public_tests(
    assignment: Assignment,
    variants: Sequence[Variant],
    bundle: Path,
    jobs: int,
    tick: Tick = tick_unseen,
    *,
    one_failure: bool = False,
) -> Outcomes:
    """Run them, `jobs` processes at once. bundle: a released one, in any language.

    one_failure: whether a bug's tests end with the first that fails, as they always do in a task that trains.

    Raises: UsageError when the process in which they run ends early.
    """
    # What takes longest comes first, so that no process waits at the end.
    wanted = sorted(
        _jobs(assignment, variants, one_failure), key=lambda job: not _trains(assignment.manifest, job.task)
    )
    request = Request(
        home=bundle.resolve(),
        slots=jobs,
        deadline_s=assignment.manifest.limits.submission_s,
        jobs=tuple(wanted),
    )
    with Scratch("public-tests") as work:
        # The library of the bundle beside the grader of this installation.
        (work / "path").mkdir()
        (work / "path" / LIBRARY).symlink_to(request.home / LIBRARY, target_is_directory=True)
        asked, told = work / "request.json", work / "answers.json"
        asked.write_text(request.model_dump_json(), encoding="utf-8")
        command = [
            sys.executable,
            "-P",
            "-m",
            "autograder.validation.public_tests.child",
            str(asked),
            str(told),
        ]
        env = {**os.environ, "PYTHONPATH": str(work / "path"), "OMP_NUM_THREADS": "1"}
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(command, cwd=work, env=env, stdout=subprocess.PIPE, stderr=errors) as child,
        ):
            assert child.stdout is not None
            for _ in counted(child.stdout, len(wanted), tick):
                pass
            if child.wait():
                errors.seek(0)
                last = errors.read().decode(errors="replace").strip().split("\n")[-1]
                raise UsageError(f"the public tests of {assignment.name} could not be run: {last}")
        answers = ANSWERS.validate_json(told.read_bytes())
    return Outcomes({(answer.variant, answer.task): answer for answer in answers})


def _trains(manifest: Manifest, task: str) -> bool:
    return any(test.trains for test in manifest.task(task).tests)


def _jobs(assignment: Assignment, variants: Sequence[Variant], one_failure: bool) -> Iterator[Job]:
    """Reference and stub for every task, each variant with a file for its own."""
    manifest = assignment.manifest
    cells = solution_sources(manifest, read_package(package_root()), assignment.edition)

    def needed(task: str) -> tuple[Code, ...]:
        """The reference's cells of a task and of those that it depends on."""
        names = [other.id for other in manifest.tested if other.id in manifest.closure(task)]
        return tuple(Code(name=f"cell {name}", source=cells[name]) for name in names)

    for task in manifest.tested:
        yield Job(variant=REFERENCE, task=task.id, cells=needed(task.id))
        yield Job(variant=STUB, task=task.id, cells=())
    for variant in variants:
        path = assignment.folder / "wrong" / f"{variant.id}.py"
        if path.is_file():
            change = Code(name=path.name, source=path.read_text(encoding="utf-8"))
            # A bug is caught by its first failure; where tests train, those after it would only train once more.
            ends = variant.kind == "bug" and (one_failure or _trains(manifest, variant.task))
            yield Job(
                variant=variant.id,
                task=variant.task,
                cells=needed(variant.task),
                change=change,
                one_failure=ends,
            )
