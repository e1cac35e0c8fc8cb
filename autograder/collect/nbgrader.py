"""nbgrader: `submitted/<student>/<assignment>/`, with the time of the submission in `timestamp.txt`."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.collect.piece import Owner, Piece, Pieces
from autograder.errors import UsageError

SUBMITTED, TIMESTAMP = "submitted", "timestamp.txt"


def is_nbgrader(paths: Sequence[str]) -> bool:
    """Whether some file lies below `submitted`, or a time lies where nbgrader puts it."""
    top = _top(paths)
    below = [_below(path, top) for path in paths]
    return bool(top) or any(len(parts) == 3 and parts[2] == TIMESTAMP for parts in below)


def read_nbgrader(paths: Sequence[str], assignment: str) -> Pieces:
    """The files of one assignment. Raises: UsageError where several are there and none, or another one, is named."""
    top = _top(paths)
    files = {path: parts for path in paths if len(parts := _below(path, top)) > 2}
    there = sorted({parts[1] for parts in files.values()})
    if assignment and assignment not in there:
        raise UsageError(
            f"no student has the assignment {assignment!r}; there are {', '.join(there) or 'none'}"
        )
    if not assignment and len(there) > 1:
        raise UsageError(f"there are several assignments; name one with --assignment: {', '.join(there)}")
    return {
        path: Piece(Owner(parts[0], is_folder=True), "/".join(parts[2:]))
        for path, parts in files.items()
        if (not assignment or parts[1] == assignment) and not parts[0].startswith(("_", "."))
    }


def _top(paths: Sequence[str]) -> str:
    """The folder `submitted` of a course, at the top or one below, with its slash; "" without one.

    One that lies in each student's folder is theirs, and so is one in which no student has a folder for an assignment.
    """
    tops = {f"{SUBMITTED}/", *(f"{path.partition('/')[0]}/{SUBMITTED}/" for path in paths)}
    held = {top for top in tops for path in paths if len(_below(path, top)) > 2 and top in path}
    return held.pop() if len(held) == 1 else ""


def _below(path: str, top: str) -> list[str]:
    """The parts of a path below `top`; none of a path beside it."""
    return path.removeprefix(top).split("/") if path.startswith(top) else []
