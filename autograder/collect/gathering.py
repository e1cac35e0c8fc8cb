"""Whose each file is: the entries of a source by student, and a sentence for each that nobody gets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from autograder.collect.owners import Owners
from autograder.collect.piece import Pieces
from autograder.collect.source import Entry
from autograder.intake.uploads.names import safe_name
from autograder.intake.uploads.refusals import BYTES_PER_MB
from autograder.intake.uploads.rejection import Rejected

# Of all files of a student, which are in memory together.
MAX_STUDENT_MB = 500
NOBODYS = "not taken: its name says nobody's work"
WHOLE_CLASS = b"_assignsubmission_"


@dataclass(frozen=True)
class Part:
    """One file of a student. path: among the student's files. problem: why it is not taken."""

    entry: Entry
    path: str
    remark: str
    problem: str = ""


@dataclass
class Taken:
    """The files of one student that could be read, and all parts, also those that could not."""

    files: dict[str, bytes] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)


def by_student(found: Sequence[Entry], pieces: Pieces, owners: Owners) -> Mapping[str, Sequence[Part]]:
    """The parts of each student, by student; those of a team are everybody's in it."""
    parts: dict[str, list[Part]] = defaultdict(list)
    for entry in found:
        if (piece := pieces.get(entry.path)) is not None:
            students = owners.students(piece.owner)
            team = f"handed in by the team {piece.owner.name}" if len(students) > 1 else ""
            remark = ", ".join(filter(None, [piece.remark, team]))
            for student in students:
                parts[student].append(Part(entry, piece.path, remark, entry.problem))
    return dict(sorted(parts.items()))


def take(parts: Sequence[Part]) -> Taken:
    """Read the files of one student; what cannot be read, or has no place beside the others, gets a problem."""
    taken = Taken()
    left = MAX_STUDENT_MB * BYTES_PER_MB
    for part in parts:
        problem = part.problem or _unsafe(part.path) or _clash(part.path, taken.files)
        if not problem:
            try:
                data = part.entry.read()
            except Rejected as rejection:
                problem = rejection.text.en
            except OSError as error:
                problem = f"it cannot be read: {error.strerror}"
        if not problem and len(data) > left:
            problem = f"the files of the student are more than {MAX_STUDENT_MB} MB"
        if not problem and WHOLE_CLASS in data and part.path.lower().endswith(".zip"):
            problem = "it is Moodle's download of a whole class: give it to --from"
        if not problem:
            left -= len(data)
            taken.files[part.path] = data
        taken.parts.append(replace(part, problem=problem))
    return taken


def _unsafe(path: str) -> str:
    """Why a file may not have this name; "" where it may.

    The whole name was checked, but what is left once the platform's words are taken off it may lead out of the folder:
    of `x_1_assignsubmission_file_../y.py` that is `../y.py`.
    """
    try:
        return "" if safe_name(path).path == path else f"{path!r} is no name of a file"
    except Rejected as rejection:
        return rejection.text.en


def _clash(path: str, files: Mapping[str, bytes]) -> str:
    """Why a file cannot lie beside others; "" where it can."""
    if path in files:
        return "two files of the student have this name: the first was taken"
    above = {str(parent) for parent in PurePosixPath(path).parents}
    if above & files.keys() or any(name.startswith(f"{path}/") for name in files):
        return "a file and a folder have the same name: the first was taken"
    return ""
