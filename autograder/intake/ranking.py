"""Of several notebooks, or several scripts: the one that counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from autograder.intake.uploads.collecting import Files

MAX_CANDIDATES = 50
# Archives keep every second second, and who unpacks one writes its files in any order.
SAME_TIME_S = 2
COPY_NUMBER = re.compile(r"[ _(\-]*(\d*)[)]*$")


@dataclass(frozen=True)
class Picked:
    """The file that counts.

    rivals: other files with as many written tasks. lacks: other file -> ids of the tasks that are written only there.
    by_name: whether nothing but the names told the rivals apart; by_order: whether it was but their order, since
    neither looks more like the expected name. is_empty: whether no task is written in any of them.
    """

    path: str
    rivals: tuple[str, ...] = ()
    lacks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    by_name: bool = False
    by_order: bool = False
    is_empty: bool = False


def likely(paths: Iterable[str], expected: str) -> list[str]:
    """At most `MAX_CANDIDATES`, those first that look most like the one named `expected`."""
    return sorted(paths, key=lambda path: _likeness(path, expected), reverse=True)[:MAX_CANDIDATES]


def pick(
    files: Files, paths: Iterable[str], expected: str, find_written: Callable[[str], Collection[str]]
) -> Picked | None:
    """The file with the most written tasks, then the later one, then the one named `expected`, then a copy of it.

    Where nothing is written the name alone decides. None: there is no file.
    """
    candidates = likely(paths, expected)
    if len(candidates) < 2:
        return Picked(candidates[0]) if candidates else None
    written = {path: tuple(find_written(path)) for path in candidates}
    most = max(map(len, written.values()))
    if most == 0:
        return Picked(candidates[0], tuple(candidates[1:]), is_empty=True)
    full = [path for path in candidates if len(written[path]) == most]
    latest = max(files.times.get(path, 0.0) for path in full)
    late = [path for path in full if latest - files.times.get(path, 0.0) < SAME_TIME_S]
    rivals = tuple(path for path in full if files[path] != files[late[0]])
    new = {path: tuple(t for t in tasks if t not in written[late[0]]) for path, tasks in written.items()}
    at_once = [path for path in rivals if path in late]
    likeness = _likeness(late[0], expected)[:-1]
    return Picked(
        late[0],
        rivals,
        {path: tasks for path, tasks in new.items() if tasks},
        by_name=bool(at_once),
        by_order=any(_likeness(path, expected)[:-1] == likeness for path in at_once),
    )


def _likeness(path: str, expected: str) -> tuple[bool, bool, int, int, str]:
    """The higher, the likelier: the name itself, then the last numbered copy of it, then what lies near the top."""
    name, stem = PurePosixPath(path).name.lower(), expected.rsplit(".", 1)[0].lower()
    number = COPY_NUMBER.search(name.rsplit(".", 1)[0])
    copy = int(number[1][:9]) if number and number[1] else 0
    return name == expected.lower(), stem in name, copy, -path.count("/"), path
