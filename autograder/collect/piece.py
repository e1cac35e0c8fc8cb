"""A file of a class, taken apart: whose it is by the platform's words, and its path among that student's files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Owner:
    """Whom a platform names.

    Args:
        name: as the platform spells it.
        number: that of the platform; "" where it gives none.
        is_folder: whether the name is that of a folder of students, as it stands in results and rosters.
    """

    name: str
    number: str = ""
    is_folder: bool = False


@dataclass(frozen=True)
class Piece:
    """One file. remark: what the platform says of it, as that it is late."""

    owner: Owner
    path: str
    remark: str = ""


Pieces = Mapping[str, Piece]
"""Path in the source -> what it is; a file that is nobody's is left out."""
Reading = Callable[[Sequence[str], str], Pieces]
"""Paths in the source, and the name of the assignment or "" -> the pieces. Raises: UsageError."""
