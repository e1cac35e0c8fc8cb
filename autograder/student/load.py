"""A student's saved work, executed in this process."""

from __future__ import annotations

from autograder.course.public import PublicManifest
from autograder.intake.submission import Submission
from autograder.remote.loading import LoadPlan, load
from autograder.remote.records import StudentError, StudentFailure
from autograder.remote.student import Student
from autograder.sandbox.runner.in_process import InProcess
from autograder.student.public_tests import UNWRITTEN, OwnExecutor, make_student

NAMESPACES = {"cell": "notebook", "notebook": "notebook", "solution.py": "solution"}


def load_work(submission: Submission, public: PublicManifest) -> Student:
    """Execute the statements in this process and give the `student` object over them."""
    executor = OwnExecutor()
    binds = []
    unavailable: dict[str, StudentFailure] = {}
    for source in submission.sources:
        module, name = source.symbol.split(":")
        if source.kind in NAMESPACES:
            binds.append((NAMESPACES[source.kind], name, module))
        elif source.kind == "missing":
            text = source.problem.get(public.lang) if source.problem else source.place.get(public.lang)
            unavailable[source.symbol] = StudentError(text=text, kind=UNWRITTEN)
    plan = LoadPlan(submission.statements, tuple(binds))
    loaded = load(lambda: InProcess(executor), plan, public.limits.load_s)
    return make_student(public, executor, {**unavailable, **loaded.unavailable})
