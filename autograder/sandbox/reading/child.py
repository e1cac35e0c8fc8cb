"""One upload, read in a process of its own that nothing keeps beyond its limits, whatever the upload makes of it.

POSIX only. The limits are the kernel's: processor time and the clock end the process, memory makes it give up.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import resource
import signal
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from autograder.course.manifest import Limits
from autograder.course.public import PublicManifest
from autograder.intake.students import Upload
from autograder.intake.submission import read_submission
from autograder.intake.uploads.rejection import Rejected
from autograder.sandbox.kernel import processes
from autograder.sandbox.reading import parcels, submissions
from autograder.wire.channel import Channel
from autograder.wire.frames import Arrays, Message

MB, KB = 1 << 20, 1 << 10
OPEN_FILES = 128


def main(request_fd: int, answer_fd: int, manifest: PublicManifest, edition: Mapping[str, bytes]) -> NoReturn:
    """Read what the request names, answer, end. Never returns: the caller's stack is the mother's."""
    code = 1
    try:
        take_limits(manifest.limits)
        request, _ = Channel(request_fd, -1, wait=None).receive()
        message, arrays = _read(request, manifest, edition)
        caps = parcels.caps(leaf_bytes(manifest.limits))
        Channel(-1, answer_fd, wait=None).send(message, arrays, caps=caps)
        code = 0
    finally:
        os._exit(code)


def leaf_bytes(limits: Limits) -> int:
    """How many bytes of files a submission may carry: the upload, unpacked."""
    return limits.upload_mb * MB


def take_limits(limits: Limits) -> None:
    """From here on this process cannot last, grow, write a file or start another one."""
    cpu_s = math.ceil(limits.read_cpu_s)
    present = processes.read_status(os.getpid(), "VmSize")  # nothing where there is no /proc
    memory = limits.read_memory_mb * MB + (present["VmSize"] * KB if present else 0)
    wanted = {
        # At the first number the kernel says why (SIGXCPU), at the second it has no more patience.
        resource.RLIMIT_CPU: (cpu_s, cpu_s + 1),
        resource.RLIMIT_AS: (memory, memory),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_NPROC: (0, 0),
        resource.RLIMIT_NOFILE: (OPEN_FILES, OPEN_FILES),
    }
    for kind, (soft, hard) in wanted.items():
        most = resource.getrlimit(kind)[1]
        if most != resource.RLIM_INFINITY:
            soft, hard = min(soft, most), min(hard, most)
        with contextlib.suppress(ValueError, OSError):  # some systems refuse some of them
            resource.setrlimit(kind, (soft, hard))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, limits.read_wall_s)


def _read(request: Message, manifest: PublicManifest, edition: Mapping[str, bytes]) -> tuple[Message, Arrays]:
    """The answer: one of the ways in which reading ends, by name."""
    upload = Upload(request["student"], Path(request["path"]), root=_path(request["root"]))
    try:
        return {"end": "read"}, submissions.encode(read_submission(upload, manifest, edition))
    except Rejected as rejection:
        return {"end": "rejected"}, submissions.encode_rejection(rejection)
    except parcels.TooLargeError:
        return {"end": "too large"}, {}
    except Exception as error:
        if isinstance(error, MemoryError) or getattr(error, "errno", None) == errno.ENOMEM:
            return {"end": "memory"}, {}
        if isinstance(error, OSError):
            return {"end": "disk", "text": str(error)}, {}
        return {"end": "error", "text": traceback.format_exc()}, {}


def _path(text: str | None) -> Path | None:
    return None if text is None else Path(text)
