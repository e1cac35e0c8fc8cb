"""Wrong usage and failures, told in one sentence."""

from __future__ import annotations

import os
import re
import traceback
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


class InputError(Exception):
    """Wrong usage or input: one sentence that names the thing and the mend. The command line exits with 2."""


def root_cause(error: BaseException) -> BaseException:
    """Follow `raise ... from ...` down to the first error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def is_raised_here(error: BaseException) -> bool:
    """Tell whether a file of this package raised `error` itself, not something that it called."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).resolve().is_relative_to(PACKAGE)


def unwritten_task(error: BaseException) -> str | None:
    """Give "task I1 is not written yet: FILE:LINE" if `error` comes from an empty task of the homework."""
    if not isinstance(error, NotImplementedError) or not str(error).startswith("task "):
        return None
    frame = traceback.extract_tb(error.__traceback__)[-1]
    path = os.path.relpath(frame.filename)
    shown = frame.filename if path.startswith(os.pardir) else path
    return f"{error} is not written yet: {shown}:{frame.lineno}"


def one_line(text: str, limit: int = 400) -> str:
    """Give `text` on one line, cut after `limit` characters."""
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= limit else line[:limit].rstrip() + "..."


def of_parser(message: str) -> str:
    """Say in one sentence what jsonargparse lays out on many lines."""
    line = one_line(message)
    key = re.search(r'[Kk]ey "([^"]+)"', line)
    missing = re.search(r"the following arguments are required: ([\w., ]+?)(?: -|$)", line)
    given = re.search(r"Given value: (\S+)", line)
    if key and missing:
        return f"{key[1]} needs {missing[1]}, for example --{key[1]}.{missing[1]} VALUE"
    if key and given:
        expected = [
            kind for kind in re.findall(r"Expected an? <class '([\w.]+)'>", line) if kind != "NoneType"
        ]
        wanted = " or ".join(dict.fromkeys(expected)) or "a name or a value that it knows"
        return f"--{key[1]} cannot be {given[1]!r}; expected {wanted}"
    return line
