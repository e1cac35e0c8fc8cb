"""A transport without a process: for a student's own check, on any system. No deadline, no protection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from autograder.sandbox.runner.executor import Executor
from autograder.wire.frames import Arrays, Message


class InProcess:
    """Requests go straight to an executor. Limits are accepted and not enforced.

    Several may take turns: each finds its own symbols on the modules.
    """

    _active: ClassVar[InProcess | None] = None

    def __init__(self, executor: Executor) -> None:
        self._executor = executor

    def request(
        self,
        message: Message,
        arrays: Mapping[str, Any],
        *,
        timeout_s: float = 0.0,
        cpu_s: float | None = None,
    ) -> tuple[Message, Arrays]:
        """Arrays are copied both ways, so a student's code cannot change what the test holds, now or later.

        Raises: KeyboardInterrupt when the student stops the check.
        """
        del timeout_s, cpu_s
        if InProcess._active is not self:
            InProcess._active = self
            self._executor.bind_again()
        copies = {name: array.copy() for name, array in arrays.items()}
        reply, out = self._executor.handle(message, copies)
        interrupted = reply.get("error", {}).get("type") == "KeyboardInterrupt"
        if interrupted or message["op"] == "free":  # the end of a test: other code of this process goes on
            self._executor.unwatch()
        if interrupted:
            raise KeyboardInterrupt
        return reply, {name: array.copy() for name, array in out.items()}

    def close(self) -> None:
        """Nothing to end."""
