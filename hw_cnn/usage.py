"""Wrong usage, told in one sentence."""

from __future__ import annotations

import os
import traceback
from pathlib import Path


class UsageError(Exception):
    """Wrong usage or input: one sentence that names the thing and the mend. The command line exits with 2."""


def root_cause(error: BaseException) -> BaseException:
    """Follow `raise ... from ...` down to the first error."""
    while error.__cause__ is not None:
        error = error.__cause__
    return error


def is_raised_in(error: BaseException, folder: Path) -> bool:
    """Tell whether a file below `folder` raised `error` itself, not something that it called."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).resolve().is_relative_to(folder.resolve())


def unwritten_task(error: BaseException) -> str | None:
    """Give "task I1 is not written yet: FILE:LINE" if `error` comes from an empty task of the homework."""
    if not isinstance(error, NotImplementedError) or not str(error).startswith("task "):
        return None
    frame = traceback.extract_tb(error.__traceback__)[-1]
    path = os.path.relpath(frame.filename)
    shown = frame.filename if path.startswith(os.pardir) else path
    return f"{error} is not written yet: {shown}:{frame.lineno}"
