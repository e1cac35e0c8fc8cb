"""Code of the course in a student's place: the reference, and one planted bug after the other, in one worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.course.symbol import Symbol
from autograder.course.variants import Variant
from autograder.errors import GraderError
from autograder.remote.session import Transport, student_error
from autograder.remote.student import Student
from autograder.wire.errors import ProtocolError, WorkerCrashed, WorkerTimeout
from autograder.wire.frames import Message

REFERENCE = "reference"
LOAD_S = 20.0
# Of all that is asked about one task; then nothing answers, and nothing agrees.
ALL_S = 60.0


@dataclass(frozen=True)
class PlantedBug:
    """A planted bug in one of its spellings. `symbols`: those of its task, some of which it defines anew."""

    variant: Variant
    path: Path
    symbols: tuple[Symbol, ...]


class StandIns:
    """Whoever stands in the student's place answers as `student`: at first the reference.

    Args:
        connect: gives a worker, or this process, that holds the reference; called again after one has ended.
    """

    def __init__(self, connect: Callable[[], Transport], manifest: Manifest) -> None:
        symbols = [symbol for task in manifest.tasks for symbol in task.tops]
        limits = manifest.limits.model_copy(update={"submission_s": ALL_S})
        self.student = Student(self._loaded, symbols, limits)
        self._connect, self._symbols = connect, symbols
        self._transport: Transport | None = None
        self._bug: PlantedBug | None = None
        self._saved: set[Symbol] = set()
        self._planted: set[str] = set()

    def choose(self, bug: PlantedBug | None) -> None:
        """Let a planted bug answer, or the reference. Raises: GraderError for a bug that cannot be loaded."""
        before, self._bug = self._bug, bug
        if self._transport is None or before is bug:
            return
        try:
            self._restore(before)
            self._plant()
        except (WorkerTimeout, WorkerCrashed, ProtocolError):  # the bug before has ended it
            self.student.renew()
            self._transport = None

    def close(self) -> None:
        """End the worker; in this process the reference is in its place again."""
        self.choose(None)
        self.student.close()

    def _loaded(self) -> Transport:
        self._transport = self._connect()
        self._saved, self._planted = set(), set()
        self._plant()
        return self._transport

    def _restore(self, bug: PlantedBug | None) -> None:
        for symbol in bug.symbols if bug is not None else ():
            self._send(_bind(REFERENCE, symbol))

    def _plant(self) -> None:
        bug = self._bug
        if bug is None:
            return
        namespace = f"planted_{bug.path.stem}"
        for symbol in bug.symbols:
            if symbol not in self._saved:
                self._run(REFERENCE, f"from {symbol.module} import {symbol.name}", REFERENCE)
                self._saved.add(symbol)
        if namespace not in self._planted:
            self._run(namespace, bug.path.read_text(encoding="utf-8"), str(bug.path))
            self._planted.add(namespace)
        for symbol in bug.symbols:
            self._send(_bind(namespace, symbol))  # in vain for what it does not define

    def _run(self, namespace: str, source: str, filename: str) -> None:
        reply = self._send({"op": "exec", "namespace": namespace, "source": source, "filename": filename})
        if reply.get("ok") is not True:
            raise GraderError(f"{filename} cannot be loaded: {student_error(reply)}")

    def _send(self, message: Message) -> Message:
        assert self._transport is not None
        return self._transport.request(message, {}, timeout_s=LOAD_S)[0]


def _bind(namespace: str, symbol: Symbol) -> Message:
    return {"op": "bind", "namespace": namespace, "name": symbol.name, "module": symbol.module}
