"""What was packed, unpacked into an empty folder, read as the grader will, and put to the public tests."""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.course.public import PublicManifest
from autograder.intake.files import wanted
from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.intake.uploads.taking import take_zip
from autograder.student import words as student_words
from autograder.student.grader_packages import only_grader_packages
from autograder.student.home import open_home
from autograder.student.packing import words
from autograder.student.packing.outside import only_packed_files
from autograder.student.work import Work, read_work, scratch_folder
from hw_cnn import _memory

if TYPE_CHECKING:
    from autograder.remote.student import Student
    from autograder.student.public_tests import PublicOutcome


@dataclass
class Trial:
    """submission: what the grader will read in the archive. outcomes: of the tasks that are written."""

    submission: Submission
    outcomes: dict[str, list[PublicOutcome]] = field(default_factory=dict)

    @property
    def written(self) -> list[str]:
        """Ids of the tasks of which everything is there."""
        missing = {source.task for source in self.submission.sources if source.kind == "missing"}
        return list(dict.fromkeys(s.task for s in self.submission.sources if s.task not in missing))

    @property
    def failing(self) -> list[str]:
        """Ids of the tasks whose public tests do not all pass."""
        return [
            task
            for task, outcomes in self.outcomes.items()
            if any(outcome.why is not None for outcome in outcomes)
        ]


def unpacked(archive: bytes, public: PublicManifest) -> Trial:
    """The archive as the grader has it: nothing else is there. Raises: Rejected."""
    name = f"{public.name}.zip"
    files = take_zip(archive, name, wanted, public.limits.upload_mb)
    return Trial(read_tree(Upload("student", Path(name)), files, public, public.edition_files))


@contextlib.contextmanager
def loaded(trial: Trial, work: Work, public: PublicManifest, home: Path) -> Iterator[Student]:
    """Run the work in an empty folder, with its own files and the grader's packages only."""
    print(student_words.LOADING.get(public.lang), file=sys.stderr)
    with (
        scratch_folder() as folder,
        only_grader_packages(public, trial.submission.files, work.added),
        only_packed_files(folder, home),
    ):
        with _memory.importing():
            from autograder.student.load import load_work

            student = load_work(trial.submission, public)  # the work imports Lightning
        yield student


def run_public_tests(trial: Trial, home: Path, public: PublicManifest, student: Student) -> None:
    """Keep the outcomes in the trial; a line for each task while it runs."""
    from autograder.student.public_tests import report, run_tests

    lang = public.lang
    print(words.TRYING.get(lang), file=sys.stderr)
    for task in trial.written:
        print(f"  {task} ... ", end="", file=sys.stderr, flush=True)
        outcomes = trial.outcomes[task] = run_tests(home, public, task, student)
        print(tried(outcomes, public), file=sys.stderr, flush=True)
        if any(outcome.why is not None for outcome in outcomes):
            print("\n".join(report(task, outcomes, "", lang)[:-1]), file=sys.stderr)


def tried(outcomes: Sequence[PublicOutcome], public: PublicManifest) -> str:
    """How many of the public tests passed."""
    good = sum(outcome.why is None for outcome in outcomes)
    return words.TRIED.get(public.lang).format(good=good, n=len(outcomes))


def pass_in_folder(folder: Path, tasks: Sequence[str]) -> list[str]:
    """Those of the tasks whose public tests pass where the work was written, with all that is there.

    In a new process: this one holds modules and classes of what was packed.
    """
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(_passing, folder.resolve(), tuple(tasks)).result()


def _passing(folder: Path, tasks: tuple[str, ...]) -> list[str]:
    from autograder.student.load import load_work
    from autograder.student.public_tests import run_tests

    home, public = open_home(folder)
    submission = read_work(folder, public).submission
    where = folder / submission.folder
    with contextlib.chdir(where):
        sys.path.insert(0, str(where))
        student = load_work(replace(submission, own={}), public)  # its files are here already
        return [
            task
            for task in tasks
            if all(outcome.why is None for outcome in run_tests(home, public, task, student))
        ]
