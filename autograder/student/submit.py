"""`hw-cnn submit [DIR]`: check the work's files, pack them, print a receipt, or refuse with the reason."""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

from autograder.course.public import PublicManifest
from autograder.errors import UsageError
from autograder.intake.files import wanted
from autograder.intake.students import Upload
from autograder.intake.submission import Submission, read_tree
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.uploads.taking import take_zip
from autograder.student import words
from autograder.student.check_command import parse_folder
from autograder.student.home import open_home
from autograder.student.refused import RefusedError
from autograder.student.work import read_work
from hw_cnn import _memory
from hw_cnn._files import write_whole

COMMENT = b"hw-cnn submit"
EPOCH = (1980, 1, 1, 0, 0, 0)
SAFE_NAME = "model.safetensors"


def submit_command(argv: Sequence[str]) -> int:
    """Exit code 0: packed; 1: refused; 2: wrong usage."""
    try:
        folder = parse_folder(argv, "submit")
        if folder is None:
            print(words.USAGE.ru.format(command="submit"), words.USAGE.en.format(command="submit"), sep="\n")
            return 0
        _, public = open_home(folder)
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        print("\n".join(pack(folder, public)))
    except Rejected as rejection:
        print(words.REFUSED.get(public.lang).format(why=rejection.text.get(public.lang)), file=sys.stderr)
        return 1
    except RefusedError as refusal:
        print(words.REFUSED.get(public.lang).format(why=refusal), file=sys.stderr)
        return 1
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def pack(folder: Path, public: PublicManifest) -> list[str]:
    """Write `<assignment>.zip` into the folder; the lines of the receipt.

    Raises: RefusedError, Rejected, UsageError.
    """
    work = read_work(folder, public)
    files = {name: work.files[name] for name in used_files(work.files, work.submission, public)}
    note: list[str] = []
    if work.submission.checkpoint is not None and work.submission.checkpoint_name is not None:
        print(words.LOADING.get(public.lang), file=sys.stderr)
        with _memory.importing():
            from autograder.student.load import load_work
            from autograder.student.weights import safe_weights

            student = load_work(work.submission, public)  # the work imports Lightning
        name = work.submission.checkpoint_name
        weights = safe_weights(work.submission.checkpoint, name, student, public.lang)
        files = {key: data for key, data in files.items() if key != name}
        files[SAFE_NAME] = weights.data
        note = [words.CKPT_NOTE.get(public.lang).format(n=weights.num_tensors)]
    data = zip_bytes(files)
    # Read it back as the grader will: what is wrong with it is said now and not after the deadline.
    taken = take_zip(data, f"{public.name}.zip", wanted, public.limits.upload_mb)
    submission = read_tree(Upload("student", folder), taken, public, public.edition_files)
    target = folder / f"{public.name}.zip"
    write_own(target, data, public)
    return [*receipt(target, data, files, submission, public), *note, words.RECEIPT_HINT.get(public.lang)]


def used_files(files: Mapping[str, bytes], submission: Submission, public: PublicManifest) -> list[str]:
    """The files that the grader reads: the notebook, solution.py, changed package files, the weights."""
    changed = {
        name
        for name in public.stubs
        if name in files and files[name].decode(errors="replace") != public.stubs[name]
    }
    return sorted({*submission.files, *changed} & set(files))


def zip_bytes(files: Mapping[str, bytes]) -> bytes:
    """A zip without time stamps: the same work gives the same archive."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = COMMENT
        for name in sorted(files):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, files[name])
    return buffer.getvalue()


def write_own(target: Path, data: bytes, public: PublicManifest) -> None:
    """Write the archive, over an earlier one of ours only. Raises: RefusedError."""
    lang = public.lang
    if target.exists():
        try:
            with zipfile.ZipFile(target) as old:
                own = old.comment == COMMENT
        except (OSError, zipfile.BadZipFile):
            own = False
        if not own:
            raise RefusedError(words.FOREIGN_ZIP.get(lang).format(path=target))
    try:
        write_whole(target, data)
    except OSError as error:
        raise RefusedError(words.CANNOT_WRITE.get(lang).format(path=target, why=error.strerror)) from error


def receipt(
    target: Path, data: bytes, files: Mapping[str, bytes], submission: Submission, public: PublicManifest
) -> list[str]:
    """What was packed, and what the grader will find in it."""
    lang = public.lang
    unit = words.BYTES.get(lang)
    lines = [
        words.RECEIPT.get(lang).format(path=target),
        f"  {len(data)} {unit}, sha256 {hashlib.sha256(data).hexdigest()}",
        words.RECEIPT_FILES.get(lang),
    ]
    for name in sorted(files):
        lines.append(
            f"  {name}  {len(files[name])} {unit}  sha256 {hashlib.sha256(files[name]).hexdigest()[:16]}"
        )
    lines.append(words.RECEIPT_FOUND.get(lang))
    for source in submission.sources:
        problem = f" ({source.problem.get(lang)})" if source.problem else ""
        lines.append(f"  {source.task}  {source.symbol.name}: {source.place.get(lang)}{problem}")
    return [*lines, *(note.get(lang) for note in submission.notes)]
