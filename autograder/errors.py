"""Errors that become exit codes of the command line."""

from __future__ import annotations


class UsageError(Exception):
    """Wrong usage or input: one sentence that names the thing and the mend. The command line exits with 2."""

    def _render_traceback_(self, *_: object) -> list[str]:
        """What IPython shows in place of a traceback: nothing of the grader's code helps to mend it."""
        return [str(self)]


class GraderError(Exception):
    """The grader itself cannot do its work. One sentence; the command line exits with 1."""


class StoreError(GraderError):
    """The results cannot be written: disk full, no permission."""
