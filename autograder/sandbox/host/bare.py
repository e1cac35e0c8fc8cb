"""Workers on a system that can contain nothing (macOS, a very old Linux): a freshly executed process each.

For code that is trusted: the command line lets nothing else come here. A worker still has limits, a clean environment,
its own folder and session, and what comes from it is as little believed as elsewhere. Nothing but POSIX is needed: no
fork of a process with torch in it, no /proc, no pidfd. The price is the import of torch for each worker.
"""

from __future__ import annotations

import contextlib
import math
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.sandbox.host import gpus, tiers
from autograder.sandbox.host.connection import Connection, Usage
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import (
    BOOT,
    CPU_MARGIN_S,
    INTERPRETER,
    PRELOAD,
    environment,
    orders,
)
from autograder.wire.errors import WorkerTimeout
from autograder.wire.reasons import Reason, end_of_process

if TYPE_CHECKING:
    from autograder.course.manifest import Limits
    from autograder.results.grade import SandboxReport

START_S = 180.0
ENTRY = "autograder.sandbox.jail.bare_worker"
OUTER_LAYERS = ("own process", "clean environment", "watch of time")


class BareWorkers:
    """Stands where the zygote stands elsewhere. Processes forked from the owner may spawn workers, too."""

    def __init__(
        self,
        stage: Stage,
        limits: Limits | None = None,
        device: str = "cpu",
        preload: Sequence[str] = PRELOAD,
        secrets: Sequence[Path] = (),  # nothing can be hidden here; the tier says so
    ) -> None:
        from autograder.course.manifest import Limits

        self._stage, self._device, self._preload = stage, device, tuple(preload)
        self._limits = limits or Limits()
        self._layers: tuple[str, ...] = ()
        self.share = gpus.Share(os.environ.get("CUDA_VISIBLE_DEVICES"))

    def __enter__(self) -> BareWorkers:
        self.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def report(self) -> SandboxReport:
        """What contains the students' code here, and what does not."""
        from autograder.results.grade import SandboxReport

        return SandboxReport(
            tier=tiers.shown("C"), layers=(*OUTER_LAYERS, *self._layers), gaps=tiers.gaps("C")
        )

    def start(self) -> None:
        """Raises: SandboxError."""
        self.wait()

    def launch(self) -> None:
        """Nothing is started ahead of need."""

    def wait(self) -> None:
        """Try one worker. Raises: SandboxError."""
        overlay = self._stage.make_overlay({})
        try:
            with self.spawn(overlay) as worker:
                self._layers = tuple(worker.layers)
        finally:
            self._stage.remove_overlay(overlay)

    def spawn(
        self, overlay: Path, limits: Limits | None = None, *, device: str | None = None, seed: int = 0
    ) -> BareWorker:
        """A worker that imports `hw_cnn` from `overlay`. Raises: SandboxError."""
        limits = limits or self._limits
        config = {
            "path": [str(self._stage.site), str(self._stage.runtime)],
            "entry": ENTRY,
            "preload": list(self._preload),
            "overlay": str(overlay),
            "device": device or self._device,
            "cuda_visible": self.share.visible,
            "gpu_fraction": self.share.fraction,
            "seed": seed,
            "cpu_s": math.ceil(limits.submission_s) + CPU_MARGIN_S,
        }
        return BareWorker(config, Path(tempfile.mkdtemp(dir=self._stage.tmp)))

    def close(self) -> None:
        """Every worker was closed by who spawned it."""


class BareWorker(Connection):
    """One process with a student's code, in a session of its own."""

    def __init__(self, config: dict[str, Any], tmp: Path) -> None:
        self._tmp = tmp
        self.device: str = config["device"]
        self._started = time.monotonic()
        self._usage: Usage | None = None
        request_read, self._request = os.pipe()
        self._response, response_write = os.pipe()
        pipes = {"request_fd": request_read, "response_fd": response_write, "tmp": str(tmp)}
        with orders(config | pipes) as stdin:
            self._process = subprocess.Popen(
                [*INTERPRETER, BOOT],
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(tmp),
                cwd=tmp,
                pass_fds=(request_read, response_write),
                start_new_session=True,
            )
        for fd in (request_read, response_write):
            os.close(fd)
        for fd in (self._request, self._response):
            os.set_blocking(fd, False)
        super().__init__(self._response, self._request, START_S)
        self.layers = self._await_ready(START_S, "a worker cannot be started")

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._usage is not None

    def close(self) -> Usage:
        """Kill the worker and all of its session, and say what it used. May be called again."""
        if self._usage is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
            code = self._process.wait()
            for fd in (self._request, self._response):
                os.close(fd)
            shutil.rmtree(self._tmp, ignore_errors=True)
            wall_s = time.monotonic() - self._started
            self._usage = Usage(wall_s=wall_s, cpu_s=0.0, peak_mb=0.0, exit_code=code)
        return self._usage

    def _begin(self, cpu_s: float | None) -> None:
        """Processor time cannot be watched from outside on every system."""

    def _wait(self, fd: int, events: int, deadline: float | None) -> None:
        assert deadline is not None
        poller = select.poll()
        poller.register(fd, events)
        if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise WorkerTimeout(Reason("no answer", {"seconds": self._timeout_s}))

    def _how_it_ended(self) -> Reason:
        try:
            code = self._process.wait(0.5)
        except subprocess.TimeoutExpired:
            self.close()
            return Reason("closed")
        self.close()
        return end_of_process(code)
