"""The judge's side of reading: start the mother of readers, and have it fork one for each upload."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import autograder
from autograder.course.manifest import Manifest
from autograder.course.public import Grader, public_part
from autograder.intake.students import Upload
from autograder.intake.submission import Submission
from autograder.intake.uploads.rejection import Rejected
from autograder.sandbox.host.connection import SandboxError
from autograder.sandbox.host.reading import Ends, ReaderEndedError, Reading
from autograder.sandbox.host.zygote_client import environment
from autograder.sandbox.reading import mother, parcels
from autograder.wire.channel import Channel

START_S = 120.0
# Reading asks what was written, not what can be imported.
HERE = Grader(python=f"{sys.version_info.major}.{sys.version_info.minor}", packages=())
BOOT = """
import importlib, json, sys
config = json.loads(sys.argv[1])
sys.path[:] = config["path"]
importlib.import_module("autograder.sandbox.reading.mother").main(config["judge_pid"], config["control_fd"])
"""


class Reader:
    """Use as a context. Processes forked inside may have uploads read, too.

    Args:
        edition: files of the student edition, by path.
        home: a folder of the run, the only one that the mother's environment names.
    """

    def __init__(self, manifest: Manifest, edition: Mapping[str, bytes], home: Path) -> None:
        self._public = public_part(manifest, "en", manifest.name, edition, HERE)
        self._edition, self._home = edition, home
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._errors: IO[bytes] | None = None

    def __enter__(self) -> Reader:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start it, or start it again. Raises: SandboxError, one sentence."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Begin to start it; `wait` must follow before anything is read, and there is time for other work between."""
        self.close()
        ours, theirs = socket.socketpair()
        self._control = ours
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
        config = {"path": _search_path(), "judge_pid": os.getpid(), "control_fd": theirs.fileno()}
        with theirs, tempfile.TemporaryFile() as orders:
            self._write_orders(orders)
            self._process = subprocess.Popen(
                # As for the zygote: not -I, which would ignore PYTHONHASHSEED as well.
                [sys.executable, "-P", "-s", "-S", "-B", "-c", BOOT, json.dumps(config)],
                stdin=orders,
                stdout=subprocess.DEVNULL,
                stderr=self._errors,
                env=environment(self._home),
                cwd=self._home,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    def _write_orders(self, orders: IO[bytes]) -> None:
        arrays = parcels.pack({"manifest": self._public.model_dump_json().encode(), "edition": self._edition})
        Channel(-1, orders.fileno(), wait=None).send({}, arrays, caps=parcels.caps(mother.MAX_EDITION_BYTES))
        orders.seek(0)

    def wait(self) -> None:
        """Wait until uploads can be read. Raises: SandboxError."""
        if self._control is None or self._errors is None:
            raise SandboxError("the reader was not launched")
        self._control.settimeout(START_S)
        try:
            ready = self._control.recv(len(mother.READY))
        except TimeoutError:
            ready = b""
        if ready != mother.READY:
            self._errors.seek(0)
            last = self._errors.read().decode(errors="replace").strip().splitlines()[-1:]
            self.close()
            raise SandboxError(f"the reader of uploads does not start: {''.join(last) or 'it said nothing'}")

    def read(self, upload: Upload) -> Submission:
        """As `read_submission`, but in a process of its own; for what else is raised, see `Reading.over`."""
        if upload.problem is not None:
            raise Rejected(upload.problem)
        request_read, request = os.pipe()
        answer, answer_write = os.pipe()
        report, report_write = os.pipe()
        theirs = (request_read, answer_write, report_write)
        ends = Ends(request, answer, report)
        try:
            try:
                self._ask(theirs)
            finally:
                for fd in theirs:
                    os.close(fd)
            for fd in (request, answer, report):
                os.set_blocking(fd, False)
            return Reading(upload, self._public, self._edition).over(ends)
        finally:
            for fd in (request, answer, report):
                os.close(fd)

    def _ask(self, descriptors: Sequence[int]) -> None:
        try:
            if self._control is None:
                raise BrokenPipeError
            socket.send_fds(self._control, [mother.ASK], descriptors)
        except (BrokenPipeError, ConnectionError):
            raise ReaderEndedError(
                "the process that reads uploads has ended; start the run again, it continues"
            ) from None

    def close(self) -> None:
        """End it. A forked child leaves it alone."""
        if os.getpid() != self._owner:
            return
        control, self._control = self._control, None
        if control is not None:
            control.close()
        process, self._process = self._process, None
        if process is not None:
            process.kill()  # it has nothing to put away, and its readers end with it
            process.wait()
        errors, self._errors = self._errors, None
        if errors is not None:
            errors.close()


def _search_path() -> list[str]:
    """Where this process finds packages, and itself, however it was installed."""
    ours = Path(autograder.__path__[0]).parent
    return [os.path.realpath(entry) for entry in sys.path if entry] + [str(ours.resolve())]
