"""Moodle: `Full Name_12345_assignsubmission_file_/seminar_cnn.ipynb`, in folders or in one heap.

The number is that of the participant in this assignment; a team has its name and its number there, the default team
only its name (`mod/assign/classes/downloader.php`). Files of the plugins `file` and `onlinetext` are one student's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from autograder.collect.piece import Owner, Piece, Pieces

PART = re.compile(r"(?P<name>.*?)(?:_(?P<number>\d+))?_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?")
ONLINE_TEXT = "onlinetext"


def is_moodle(paths: Sequence[str]) -> bool:
    """Whether a file of these is one of Moodle's assignments."""
    return any(_piece(path) for path in paths)


def read_moodle(paths: Sequence[str], assignment: str) -> Pieces:
    """What of the paths Moodle has named; one assignment is in a download, whatever its name."""
    pieces = {path: piece for path in paths if (piece := _piece(path))}
    taken = {(piece.owner, piece.path) for piece in pieces.values() if piece.remark != ONLINE_TEXT}
    return {path: _apart(piece, (piece.owner, piece.path) in taken) for path, piece in pieces.items()}


def _piece(path: str) -> Piece | None:
    parts = path.split("/")
    for place, part in enumerate(parts):
        found = PART.fullmatch(part)
        if found is None or not found["name"]:
            continue
        inner = "/".join([*filter(None, [found["file"]]), *parts[place + 1 :]])
        if inner:
            remark = ONLINE_TEXT if found["plugin"] == ONLINE_TEXT else ""
            return Piece(Owner(found["name"], found["number"] or ""), inner, remark)
    return None


def _apart(piece: Piece, is_taken: bool) -> Piece:
    """The text of the form beside the files, in a folder of its own where a file has its name."""
    if piece.remark != ONLINE_TEXT:
        return piece
    return Piece(piece.owner, f"{ONLINE_TEXT}/{piece.path}" if is_taken else piece.path, "text of the form")
