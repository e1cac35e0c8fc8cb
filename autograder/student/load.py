"""A student's saved work, executed in this process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from autograder.course.public import PublicManifest
from autograder.intake.submission import Submission
from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.loading import load_all
from autograder.remote.student import Student
from autograder.sandbox.runner.executor import FILES
from autograder.sandbox.runner.in_process import InProcess
from autograder.student.public_tests import UNWRITTEN, OwnExecutor, make_student


def load_work(submission: Submission, public: PublicManifest) -> Student:
    """Execute the statements in this process and give the `student` object over them."""
    unavailable: dict[str, StudentFailure] = {}
    for source in submission.sources:
        if source.kind == "missing":
            text = source.problem.get(public.lang) if source.problem else source.place.get(public.lang)
            unavailable[str(source.symbol)] = StudentError(text=text, kind=UNWRITTEN)

    start = Path.cwd()

    def connect() -> InProcess:
        """As new as a process can be: in the first folder, and own modules are imported again."""
        os.chdir(start)
        for name, module in list(sys.modules.items()):
            if str(getattr(module, "__file__", "")).startswith(f"{start / FILES}{os.sep}"):
                del sys.modules[name]
        return InProcess(OwnExecutor())

    loaded = load_all(connect, submission.load_plans(), public.limits.load_s)
    for report in loaded.reports:
        report.unavailable |= unavailable
    return make_student(public, connect, loaded, submission.code_files)
