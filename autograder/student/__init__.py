"""What students run: `hw_cnn.check("F1")` and `hw_cnn.hint("F1")` in a notebook, `hw-cnn` in a terminal.

No fork and no sandbox: it is their own code on their own machine, on any system.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["check", "check_command", "hint", "hint_command", "submit_command"]


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


def hint(task: str) -> None:
    """Show a hint on one task, one more at each call."""
    from autograder.student.hints.cell import hint as run

    run(task)


def hint_command(argv: Sequence[str]) -> int:
    """`hw-cnn hint TASK [NUMBER]`: exit code 0 when it was shown, 2 for wrong usage."""
    from autograder.student.hints.command import hint_command as run

    return run(argv)


def submit_command(argv: Sequence[str]) -> int:
    """`hw-cnn submit [DIR] [--anyway]`: exit code 0 when packed, 1 when refused, 2 for wrong usage."""
    from autograder.student.packing.submit import submit_command as run

    return run(argv)
