"""`hw-cnn submit [DIR] [--anyway]`: pack what the grader reads, try it as packed, print a receipt, or refuse."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from autograder.course.public import PublicManifest
from autograder.errors import UsageError
from autograder.intake.encodings import decode
from autograder.intake.sources.code import is_notebook
from autograder.intake.uploads.rejection import Rejected
from autograder.student.arguments import parse
from autograder.student.home import open_home, work_folder
from autograder.student.packing import words
from autograder.student.packing.archive import refuse_foreign, write_own, zip_bytes
from autograder.student.packing.hints import hints
from autograder.student.packing.receipt import receipt
from autograder.student.packing.refused import RefusedError
from autograder.student.packing.trial import Trial, loaded, pass_in_folder, run_public_tests, unpacked
from autograder.student.work import Work, read_work
from autograder.text import Lang

SAFE_NAME = "model.safetensors"
YES = ("y", "yes", "д", "да")


def submit_command(argv: Sequence[str]) -> int:
    """Exit code 0: packed; 1: refused; 2: wrong usage."""
    try:
        request = parse(argv, "submit")
        if request.help:
            print(request.usage.ru, request.usage.en, sep="\n")
            return 0
        folder = work_folder(request.folder)
        home, public = open_home(folder)
        try:
            lines = pack(folder, home, public, request.has("--anyway"))
        except Rejected as rejection:
            raise RefusedError(rejection.text.get(public.lang)) from rejection
    except RefusedError as refusal:
        print(words.REFUSED.get(public.lang).format(why=refusal), file=sys.stderr)
        return 1
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    print("\n".join(lines))
    return 0


def pack(folder: Path, home: Path, public: PublicManifest, anyway: bool) -> list[str]:
    """Write `<assignment>.zip` into the folder; the lines of the receipt.

    anyway: also where nothing is written, or the work is worse as packed. Raises: RefusedError, Rejected, UsageError.
    """
    target = folder / f"{public.name}.zip"
    work = read_work(folder, public)
    refuse_foreign(target, public.lang)
    files, times = used_files(work), dict(work.files.times)
    checkpoint = work.submission.checkpoint_name
    num_weights = None
    trial = unpacked(zip_bytes(files, times), public)
    if trial.written or (public.weights and checkpoint):
        with loaded(trial, work, public, home) as student:
            if public.weights and checkpoint and work.submission.checkpoint is not None:
                from autograder.student.packing.weights import safe_weights

                weights = safe_weights(work.submission.checkpoint, checkpoint, student, public.lang)
                safe_name = str(PurePosixPath(checkpoint).with_name(SAFE_NAME))
                files[safe_name], num_weights = weights.data, weights.num_tensors
                times[safe_name] = times[checkpoint]
            run_public_tests(trial, home, public, student)
    doubts = _doubts(folder, work, trial, public)
    if doubts and not anyway:
        _ask(doubts, public.lang)
    data = zip_bytes(files, times)
    trial.submission = unpacked(data, public).submission
    write_own(target, data, public.lang)
    return receipt(target, data, files, work, trial, public, hints(work, trial, public), num_weights)


def used_files(work: Work) -> dict[str, bytes]:
    """What the grader reads but for weights; of other notebooks those that the code names (`%run other.ipynb`)."""
    submission = work.submission
    code = [name for name in submission.files if name.endswith(".py") or name == work.notebook]
    text = "\n".join(decode(work.files[name]) for name in code)

    def is_needed(name: str) -> bool:
        return not is_notebook(name) or name == work.notebook or PurePosixPath(name).name in text

    names = [name for name in submission.files if name != submission.checkpoint_name and is_needed(name)]
    return {name: work.files[name] for name in names}


def _doubts(folder: Path, work: Work, trial: Trial, public: PublicManifest) -> list[str]:
    """Why this may not be what the student wants to hand in."""
    lang = public.lang
    if not trial.written and not trial.submission.answers:
        where = work.notebook or words.THE_FOLDER.get(lang)
        return [words.NOTHING_WRITTEN.get(lang).format(where=where)]
    if not trial.failing:
        return []
    print(words.COMPARING.get(lang).format(tasks=", ".join(trial.failing)), file=sys.stderr)
    worse = pass_in_folder(folder, trial.failing)
    return [words.WORSE.get(lang).format(tasks=", ".join(worse))] if worse else []


def _ask(doubts: Sequence[str], lang: Lang) -> None:
    """Raises: RefusedError unless somebody at a terminal says yes."""
    why = " ".join(doubts)
    if not sys.stdin.isatty():
        raise RefusedError(words.NEEDS_ANYWAY.get(lang).format(why=why))
    print(why)
    if input(words.ASK.get(lang)).strip().casefold() not in YES:
        raise RefusedError(why)
