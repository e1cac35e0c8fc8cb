"""What students run: `hw_cnn.check("F1")` in a notebook, `hw-cnn check` and `hw-cnn submit` in a terminal.

No fork and no sandbox: it is their own code on their own machine, on any system.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["check", "check_command", "submit_command"]


def check(task: str) -> None:
    """Run the public tests of one task on the definitions of this notebook and print what came out.

    Raises: AssertionError with a short message when something does not pass, so that a grade cell fails.
    """
    from autograder.student.check_cell import check as run

    run(task)


def check_command(argv: Sequence[str]) -> int:
    """`hw-cnn check [TASK...] [DIR]`: exit code 0 when everything passes, 1 when something fails, 2 for wrong usage."""
    from autograder.student.check_command import check_command as run

    return run(argv)


def submit_command(argv: Sequence[str]) -> int:
    """`hw-cnn submit [DIR] [--anyway]`: exit code 0 when packed, 1 when refused, 2 for wrong usage."""
    from autograder.student.packing.submit import submit_command as run

    return run(argv)
