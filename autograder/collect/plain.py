"""A folder or an archive for each student, as people gather them: in a folder, or in a zip of these."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.collect.piece import Owner, Piece, Pieces
from autograder.intake.students import FILE_SUFFIXES


def read_plain(paths: Sequence[str], assignment: str) -> Pieces:
    """Each folder at the top is a student's, and each archive, notebook or script beside it; `_x` is nobody's."""
    wrapper = _wrapper(paths)
    pieces: dict[str, Piece] = {}
    for path in paths:
        top, _, inner = path.removeprefix(wrapper).partition("/")
        suffix = "" if inner else next((end for end in FILE_SUFFIXES if top.lower().endswith(end)), "")
        name = top[: len(top) - len(suffix)]
        if name and not top.startswith(("_", ".")) and (inner or suffix):
            pieces[path] = Piece(Owner(name, is_folder=True), inner or top)
    return pieces


def _wrapper(paths: Sequence[str]) -> str:
    """The folder that only wraps the students', with its slash; "" where there is none.

    One folder alone may also be that of one student: it wraps where it holds several folders or archives and nothing
    else.
    """
    tops = {path.partition("/")[0] for path in paths}
    if len(tops) != 1 or any("/" not in path for path in paths):
        return ""
    top = f"{tops.pop()}/"
    inner = [path.removeprefix(top).partition("/") for path in paths]
    students = {name for name, _, _ in inner}
    are_students = all(
        rest or name.lower().endswith((".zip", ".tar", ".tar.gz", ".tgz")) for name, _, rest in inner
    )
    return top if are_students and len(students) > 1 else ""
