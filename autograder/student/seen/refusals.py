"""Whether an exception is the student's own refusal of a call that a public test wants an answer to."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

from autograder.remote.failures import StudentError

# With these a test waits for an exception, as it does in `try`.
WAITING = frozenset(("raises", "suppress"))


def is_own_refusal(error: BaseException, test_file: Path) -> bool:
    """Whether the student's code has raised `error` with `raise` or `assert`, and nothing in the test waited for an
    exception: one that waits may still raise again what it did not wait for. What is not written refuses nothing."""
    if not isinstance(error, StudentError) or error.kind == NotImplementedError.__name__:
        return False
    return error.cause is None and error.is_stated and not _is_awaited(error, test_file)


def _is_awaited(error: StudentError, test_file: Path) -> bool:
    reached = set(_lines_in(error.__traceback__, test_file))
    try:
        tree = ast.parse(test_file.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, ValueError):
        return True  # then nothing is known
    waiting = [node for node in ast.walk(tree) if isinstance(node, ast.Try | ast.With) and _waits(node)]
    return any(
        statement.lineno <= line <= (statement.end_lineno or statement.lineno)
        for node in waiting
        for statement in node.body
        for line in reached
    )


def _waits(node: ast.Try | ast.With) -> bool:
    if isinstance(node, ast.Try):
        return bool(node.handlers)
    called = [item.context_expr.func for item in node.items if isinstance(item.context_expr, ast.Call)]
    names = [part.attr if isinstance(part, ast.Attribute) else getattr(part, "id", "") for part in called]
    return not WAITING.isdisjoint(names)


def _lines_in(trace: TracebackType | None, test_file: Path) -> Iterator[int]:
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == test_file:
            yield trace.tb_lineno
        trace = trace.tb_next
