"""The command `hw-cnn`: which homework's library runs follows from the folder one works in.

One environment serves all homeworks of a course. Each bundle holds a library of its own beside `assignment.json`, and
the one that was installed last is not always the one that is meant.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

HOMEWORK, LIBRARY = "assignment.json", "hw_cnn"
TAKE_FOLDER = ("check", "submit")


def main() -> int:
    """Run the command line with the library of the homework around the current folder, and return the exit code."""
    folder = homework(sys.argv[1:])
    if folder is not None:
        use(folder)
    code: int = importlib.import_module(f"{LIBRARY}.cli").main()
    return code


def homework(argv: Sequence[str]) -> Path | None:
    """The folder of the homework: upward from the folder that `check` or `submit` is given, or from the current one."""
    starts = [Path(argument) for argument in argv[1:] if argv[0] in TAKE_FOLDER and Path(argument).is_dir()]
    for start in (*starts, Path()):
        start = start.resolve()
        for folder in (start, *start.parents):
            if (folder / HOMEWORK).is_file() and (folder / LIBRARY / "__init__.py").is_file():
                return folder
    return None


def use(folder: Path) -> None:
    """Import the library from `folder` from now on."""
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    for name in [name for name in sys.modules if name.partition(".")[0] == LIBRARY]:
        del sys.modules[name]
