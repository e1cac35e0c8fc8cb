"""The process in which public tests run: its `hw_cnn` is the student edition of a bundle, as at a student's.

`python -m autograder.validation.public_tests.child REQUEST ANSWERS`: both are JSON files, see `Request` and `Answer`.
Every job has a fork of its own, so that modules are as clean as in a kernel that has just started. Only the course's
own code runs here.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from pathlib import Path

from pydantic import Field, TypeAdapter

from autograder.course.public import PublicManifest, load_public
from autograder.grading import fork_pool
from autograder.intake.submission import CodeFile
from autograder.text import Text, Value


class Code(Value):
    """A piece of Python, and the name of the file that tracebacks show."""

    name: str
    source: str


class Job(Value):
    """Whose code is tried: the cells of the reference (none for the stub), and what a variant puts in their place.

    one_failure: whether to leave out the tests after the first that fails.
    """

    variant: str
    task: str
    cells: tuple[Code, ...]
    change: Code | None = None
    one_failure: bool = False


class Request(Value):
    """home: the bundle. slots: jobs at once; each is killed after `deadline_s` seconds."""

    home: Path
    slots: int
    deadline_s: float
    jobs: tuple[Job, ...]


class Answer(Value):
    """tests: public test -> why it fails, None where it passes. reason: why there is no answer."""

    variant: str
    task: str
    tests: dict[str, str | None] = Field(default_factory=dict)
    reason: str = ""
    seconds: float = 0.0


ANSWERS = TypeAdapter(list[Answer])


def main(request_path: Path, answers_path: Path) -> None:
    """Answer all jobs of a request."""
    request = Request.model_validate_json(request_path.read_bytes())
    public = load_public(request.home)
    # Imported before the forks. Nothing computes here: threads of torch would not survive one.
    import lightning  # noqa: F401
    import torchmetrics  # noqa: F401

    from autograder.student import check_cell, public_tests  # noqa: F401

    answers = []
    finished = fork_pool.run(
        request.jobs,
        lambda job: answer(job, request.home, public).model_dump_json().encode(),
        slots=request.slots,
        deadline_s=request.deadline_s,
        enter=fork_pool.be_quiet,
    )
    for done in finished:
        known = {"variant": done.job.variant, "task": done.job.task, "seconds": done.seconds}
        if done.payload is None:
            answers.append(Answer(**known, reason=done.reason))
        else:
            answers.append(Answer.model_validate_json(done.payload).model_copy(update=known))
        print(done.job.variant, flush=True)  # a line each: the parent counts them
    answers_path.write_bytes(ANSWERS.dump_json(answers))


def answer(job: Job, home: Path, public: PublicManifest) -> Answer:
    """The public tests of one task on one piece of work, through the code behind `hw_cnn.check`."""
    from autograder.sandbox.runner.in_process import InProcess
    from autograder.student.check_cell import installed, live_symbols
    from autograder.student.public_tests import OwnExecutor, make_student, run_tests

    with tempfile.TemporaryDirectory(prefix="public-tests-") as folder, contextlib.chdir(folder):
        live = _run(job.cells, {})
        with installed(public, live_symbols(public, live)):
            if job.change is not None:  # it may extend the reference's class
                live |= _run([job.change], dict(live))
            transport = InProcess(OwnExecutor())
            code = [*job.cells, *([job.change] if job.change else [])]
            files = {one.name: CodeFile.of_text(Text(ru=one.name, en=one.name), one.source) for one in code}
            student = make_student(public, lambda: transport, files=files)
            with installed(public, live_symbols(public, live)):
                outcomes = run_tests(home, public, job.task, student, one_failure=job.one_failure)
    return Answer(
        variant=job.variant,
        task=job.task,
        tests={outcome.test or outcome.name: outcome.why for outcome in outcomes},
    )


def _run(code: list[Code] | tuple[Code, ...], namespace: dict[str, object]) -> dict[str, object]:
    """The names after the code has run, as in a notebook."""
    namespace["__name__"] = "__main__"
    for one in code:
        exec(compile(one.source, one.name, "exec", dont_inherit=True), namespace)
    return namespace


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
