"""One upload read by a process that is thrown away, as the judge sees it: what is asked, and what an answer comes to.

Nothing that the process says is believed unchecked, and whatever it dies of costs its own student the upload, with a
sentence, and nobody else anything.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import NoReturn

from autograder.course.manifest import Limits
from autograder.course.public import PublicManifest
from autograder.intake.students import Upload
from autograder.intake.submission import Submission
from autograder.intake.uploads.rejection import Rejected, refuse
from autograder.sandbox.host.connection import SandboxError
from autograder.sandbox.reading import child, mother, parcels, submissions
from autograder.wire.channel import Channel, wait_ready
from autograder.wire.errors import Closed, ProtocolError, WorkerTimeout
from autograder.wire.frames import Arrays, Message
from autograder.wire.safe_text import clean_text

# After its limit the kernel ends a reader, then the mother does; so much later nobody waits any longer.
PATIENCE_S = mother.PATIENCE_S + 2.0
MEND = (
    "упростите код, уберите сгенерированный код, лишние файлы и выводы ячеек",
    "simplify the code; leave out generated code, unneeded files and the outputs of cells",
)


class ReaderEndedError(SandboxError):
    """There is nobody to ask for readers any more."""


@dataclass(frozen=True)
class Ends:
    """The judge's ends of three pipes, non-blocking."""

    request: int
    answer: int
    report: int


@dataclass(frozen=True)
class Reading:
    """What an answer is checked against. edition: names of its files."""

    upload: Upload
    manifest: PublicManifest
    edition: Collection[str]

    def over(self, ends: Ends) -> Submission:
        """Ask, wait and check.

        Raises: Rejected, also for an upload that takes too much; OSError when the grader itself may not read the disk;
        ReaderEndedError; SandboxError for a fault of the grader.
        """
        limits = self.manifest.limits
        deadline = time.monotonic() + limits.read_wall_s + PATIENCE_S
        channel = Channel(ends.answer, ends.request)
        try:
            channel.send(self._request(), {}, deadline)
            return self._outcome(*channel.receive(deadline, parcels.caps(child.leaf_bytes(limits))))
        except WorkerTimeout:
            raise over_clock(limits) from None
        except ProtocolError as error:
            raise broken_off("ответа не разобрать", "there is no sense in the answer") from error
        except Closed:
            raise _how_it_ended(ends.report, deadline, limits) from None

    def _request(self) -> Message:
        # Absolute: the reader works in another folder.
        root = None if self.upload.root is None else str(self.upload.root.absolute())
        return {"student": self.upload.student, "path": str(self.upload.path.absolute()), "root": root}

    def _outcome(self, message: Message, arrays: Arrays) -> Submission:
        match message.get("end"):
            case "read":
                return submissions.decode(arrays, self.upload, self.manifest, self.edition)
            case "rejected":
                raise submissions.decode_rejection(arrays)
            case "too large":
                raise over_size()
            case "memory":
                raise over_memory(self.manifest.limits)
            case "disk":
                raise OSError(clean_text(message.get("text")))
            case "error":
                _fail(clean_text(message.get("text")))
        raise ProtocolError("a reader ends in a way that there is not")


def _fail(trace: str) -> NoReturn:
    print(trace, file=sys.stderr, flush=True)
    raise SandboxError("the reader stopped with an error; the lines above say where")


def _how_it_ended(report_fd: int, deadline: float, limits: Limits) -> Exception:
    """Of a reader that has closed its pipe without an answer, as its mother says."""
    try:
        wait_ready(report_fd, select.POLLIN, deadline)
    except WorkerTimeout:
        return over_clock(limits)
    raw = os.read(report_fd, 1 << 12)
    if not raw:
        return ReaderEndedError("the process that reads uploads has ended; start the run again, it continues")
    report = json.loads(raw)
    if "error" in report:
        return SandboxError(report["error"])
    if report["overdue"] or report["exit"] == -signal.SIGALRM:
        return over_clock(limits)
    if report["exit"] == -signal.SIGXCPU:
        return over_processor_time(limits)
    code = report["exit"]
    return broken_off(
        *(f"сигнал {-code}", f"signal {-code}") if code < 0 else (f"код {code}", f"exit code {code}")
    )


def over_processor_time(limits: Limits) -> Rejected:
    """Reading took too long, whatever else the machine had to do."""
    return refuse(
        f"чтение работы заняло больше {limits.read_cpu_s:g} с процессорного времени; {MEND[0]}",
        f"reading the submission took more than {limits.read_cpu_s:g} s of processor time; {MEND[1]}",
    )


def over_clock(limits: Limits) -> Rejected:
    """Reading took too long by the clock."""
    return refuse(
        f"чтение работы заняло больше {limits.read_wall_s:g} с; {MEND[0]}",
        f"reading the submission took more than {limits.read_wall_s:g} s; {MEND[1]}",
    )


def over_memory(limits: Limits) -> Rejected:
    """Reading needs too much memory."""
    return refuse(
        f"для чтения работы нужно больше {limits.read_memory_mb} МБ памяти; {MEND[0]}",
        f"reading the submission needs more than {limits.read_memory_mb} MB of memory; {MEND[1]}",
    )


def over_size() -> Rejected:
    """What was read is more than one frame may hold."""
    return refuse(
        f"кода, который нужен заданиям, слишком много; {MEND[0]}",
        f"there is too much code that the tasks need; {MEND[1]}",
    )


def broken_off(ru: str, en: str) -> Rejected:
    """The reader ended in the middle, or gave an answer that makes no sense."""
    return refuse(
        f"работу не удалось прочитать до конца ({ru}); {MEND[0]}",
        f"the submission could not be read to its end ({en}); {MEND[1]}",
    )
