"""Errors that become exit codes of the command line."""

from __future__ import annotations


class UsageError(Exception):
    """Wrong usage or input: one sentence that names the thing and the mend. The command line exits with 2."""


class GraderError(Exception):
    """The grader itself cannot do its work. One sentence; the command line exits with 1."""


class StoreError(GraderError):
    """The results cannot be written: disk full, no permission."""
