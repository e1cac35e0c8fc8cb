"""The exception that ends a cell in which a check has failed, without a traceback where a notebook would draw one."""

from __future__ import annotations


class CheckFailed(AssertionError):  # noqa: N818 -- an outcome of the student's, no mistake of ours
    """Not everything passes. The cell fails, for nbgrader and for "run all"; one sentence is shown below the block.

    A traceback would lead through the code of the check, where there is nothing to mend.
    """

    def _render_traceback_(self, *_: object) -> list[str]:
        """What IPython shows in place of a traceback."""
        return [str(self)]
