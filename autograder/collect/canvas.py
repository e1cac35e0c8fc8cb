"""Canvas: `ivanovivan_LATE_12345_67890_seminar_cnn-1.ipynb` in one heap (`lib/content_zipper.rb`).

The numbers are those of the user and of the file. A file that was handed in again is called `-1`, `-2` by Canvas.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from autograder.collect.piece import Owner, Piece, Pieces

USER = r"(?:(?P<name>\w+?)_)??(?P<late>LATE_)?(?P<number>\d+|anon_[^\W_]+)"
PART = re.compile(rf"{USER}_(?:(?P<file>\d+)_(?P<original>.+)|(?P<form>(?:text|link)\.html))")
AGAIN = re.compile(r"(.+)-(\d{1,2})(\.[^.]+)")
LATE = "LATE on Canvas"


def is_canvas(paths: Sequence[str]) -> bool:
    """Whether this is one heap of files, and most have names that Canvas gives."""
    folders = {path.rpartition("/")[0] for path in paths}
    return len(folders) == 1 and sum(_match(path) is not None for path in paths) > len(paths) / 2


def read_canvas(paths: Sequence[str], assignment: str) -> Pieces:
    """What of the paths Canvas has named; one assignment is in a download, whatever its name."""
    pieces: dict[str, Piece] = {}
    for path in paths:
        if (found := _match(path)) is not None:
            owner = Owner(found["name"] or "", found["number"])
            pieces[path] = Piece(owner, found["original"] or found["form"], LATE if found["late"] else "")
    plain = Counter((piece.owner, _first_name(piece.path)) for piece in pieces.values())
    return {path: _renamed(piece, plain) for path, piece in pieces.items()}


def _match(path: str) -> re.Match[str] | None:
    return PART.fullmatch(path.split("/")[-1])


def _first_name(path: str) -> str:
    """The name that the file had when it was handed in first."""
    again = AGAIN.fullmatch(path)
    return again[1] + again[3] if again else path


def _renamed(piece: Piece, plain: Counter[tuple[Owner, str]]) -> Piece:
    """The piece under its first name, where no other file of the student has that."""
    first = _first_name(piece.path)
    if first == piece.path or plain[piece.owner, first] > 1:
        return piece
    again = AGAIN.fullmatch(piece.path)
    said = f"{piece.path} on Canvas" if again else ""
    return Piece(piece.owner, first, ", ".join(filter(None, [piece.remark, said])))
