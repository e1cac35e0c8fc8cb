"""The judge's side of the sandbox: start the zygote and ask it for workers."""

from __future__ import annotations

import contextlib
import fcntl
import json
import math
import os
import select
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from autograder.sandbox.host import gpus, tiers
from autograder.sandbox.host.connection import SandboxError, ZygoteEndedError
from autograder.sandbox.host.leased_worker import SPAWN_S, Worker
from autograder.sandbox.host.probe import OWN_COUNT, Protection, probe
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.jail import gpu, visible
from autograder.sandbox.kernel import cgroups, libc, processes
from autograder.wire.errors import ProtocolError, WorkerCrashed, WorkerTimeout

if TYPE_CHECKING:
    from autograder.course.manifest import Limits
    from autograder.results.grade import SandboxReport

PRELOAD = ("numpy", "torch", "torchvision", "torchmetrics", "lightning")
START_S = 180.0
PIPE_BYTES = 1 << 20
CPU_MARGIN_S = 60
OUTER_LAYERS = (
    "own process",
    "clean environment",
    "watch of time",
    "watch of memory",
    "watch of processes",
    "sweep of leftovers",
)
# Not -I: it would ignore PYTHONHASHSEED as well; the environment is made here, so nothing else differs.
INTERPRETER = (sys.executable, "-P", "-s", "-S", "-B", "-c")
BOOT = """
import importlib, json, os, sys
config = json.load(sys.stdin)
null = os.open(os.devnull, os.O_RDONLY)
os.dup2(null, 0)
os.close(null)
sys.path[:] = [*map(os.path.realpath, sys.path), *config["path"]]
importlib.import_module(config["entry"]).main(config)
"""


class ZygoteClient:
    """Use as a context: the zygote runs inside it. Judges forked inside may spawn workers, too.

    Attributes:
        share: of the GPUs, what the next worker gets; only a worker on a GPU has any.

    Args:
        limits: of the manifest; each worker gets them unless `spawn` is given others.
        device: "cpu" or "cuda", where workers compute.
        preload: packages that are imported once for all workers.
        secrets: files and folders beside the project's own that no worker may read, wherever they lie.
        protection: what workers get, of what the system has; found by `probe` if not given.
    """

    def __init__(
        self,
        stage: Stage,
        limits: Limits | None = None,
        device: str = "cpu",
        preload: Sequence[str] = PRELOAD,
        secrets: Sequence[Path] = (),
        protection: Protection | None = None,
    ) -> None:
        from autograder.course.manifest import Limits

        self._stage, self._device, self._preload = stage, device, tuple(preload)
        self._limits = limits or Limits()
        self._owner = os.getpid()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._starting: tuple[int, IO[bytes]] | None = None
        self._layers: tuple[str, ...] = ()
        self._secrets = tuple(secrets)
        self._protection = protection
        self.share = gpus.Share(os.environ.get("CUDA_VISIBLE_DEVICES"))
        self.pid = -1

    def __enter__(self) -> ZygoteClient:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def report(self) -> SandboxReport:
        """What contains the students' code here, and what does not."""
        from autograder.results.grade import SandboxReport

        protection = self._protection
        tier, open_gaps = ("C", tiers.gaps("C")) if protection is None else (protection.tier, protection.gaps)
        return SandboxReport(tier=tiers.shown(tier), layers=(*OUTER_LAYERS, *self._layers), gaps=open_gaps)

    def start(self) -> None:
        """Start it, or start it again. Takes seconds. Raises: SandboxError, one sentence."""
        self.launch()
        self.wait()

    def launch(self) -> None:
        """Begin to start it; `wait` must follow before a worker is spawned, and there is time for other work between.

        From here on no process of the same user can read this one's memory, which may hold expected values.
        """
        self.close()
        self._protection = self._protection or probe()
        groups = _groups(self._protection)
        libc.hide_process()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        status_read, status_write = os.pipe()
        errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `wait` or `close`
        self._starting = (status_read, errors)
        config = self._config(theirs.fileno(), status_write, self._protection) | {"groups": groups}
        with orders(config) as stdin:
            self._process = subprocess.Popen(
                [*INTERPRETER, BOOT],
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                env=environment(self._stage.home),
                cwd=self._stage.root,
                pass_fds=(theirs.fileno(), status_write),
                start_new_session=True,
            )
        theirs.close()
        os.close(status_write)
        self._control = ours

    def wait(self) -> None:
        """Wait until the zygote serves, and try one worker. Raises: SandboxError."""
        if self._starting is None:
            raise SandboxError("the zygote was not launched")
        status_read, errors = self._starting
        try:
            self._await_start(status_read, errors.fileno())
            self.pid = self._find_zygote()
        except BaseException:
            self.close()
            raise
        self._forget_start()
        self._probe()

    def _forget_start(self) -> None:
        if self._starting is not None:
            status_read, errors = self._starting
            self._starting = None
            os.close(status_read)
            errors.close()

    def _probe(self) -> None:
        """Try one worker, so that a lockdown that fails here fails before any submission is looked at."""
        overlay = self._stage.make_overlay({})
        try:
            with self.spawn(overlay) as worker:
                self._layers = tuple(worker.layers)
                worker.request({"op": "echo"}, {}, timeout_s=SPAWN_S)
        except (WorkerCrashed, WorkerTimeout, ProtocolError) as error:
            raise SandboxError(f"the first worker does not answer: {error}") from error
        finally:
            self._stage.remove_overlay(overlay)

    def spawn(
        self, overlay: Path, limits: Limits | None = None, *, device: str | None = None, seed: int = 0
    ) -> Worker:
        """A locked-down worker that imports `hw_cnn` from `overlay`. Any process forked from the owner may ask.

        Raises: SandboxError.
        """
        limits = limits or self._limits
        device = device or self._device
        order = {
            "overlay": overlay.name,
            "device": device,
            "seed": seed,
            "memory_mb": gpus.host_memory_mb(limits.memory_mb, device),
            "processes": limits.processes,
            "cpu_s": math.ceil(limits.submission_s) + CPU_MARGIN_S,
            "cuda_visible": self.share.visible,
            "gpu_fraction": self.share.fraction,
        }
        request_read, request_write = os.pipe()
        response_read, response_write = os.pipe()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._send(order, [request_read, response_write, theirs.fileno()])
        except BaseException:
            os.close(request_write)
            os.close(response_read)
            ours.close()
            raise
        finally:
            os.close(request_read)
            os.close(response_write)
            theirs.close()
        for fd in (request_write, response_read):
            os.set_blocking(fd, False)
            with contextlib.suppress(OSError):  # larger pipes only save wake-ups
                fcntl.fcntl(fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        return Worker(request_write, response_read, ours, limits, device)

    def _send(self, order: Mapping[str, Any], fds: Sequence[int]) -> None:
        raw = [json.dumps(order).encode()]
        for attempt in (1, 2):
            if self._control is None:
                raise SandboxError("the zygote is not running")
            try:
                socket.send_fds(self._control, raw, fds)
                return
            except (BrokenPipeError, ConnectionError):
                if attempt == 2 or os.getpid() != self._owner:
                    raise ZygoteEndedError(
                        "the zygote has ended; start the run again, it continues"
                    ) from None
                self.start()

    def _find_zygote(self) -> int:
        assert self._process is not None
        born = processes.children(self._process.pid)
        if len(born) != 1:
            raise SandboxError("the zygote ended while it started")
        return born[0]

    def _config(self, control_fd: int, status_fd: int, protection: Protection) -> dict[str, Any]:
        stage = self._stage
        seen = visible.find_visible(self._secrets, gpu.SYSTEM_FILES if self._device == "cuda" else ())
        return {
            "entry": "autograder.sandbox.jail.boot",
            "judge_pid": os.getpid(),
            "control_fd": control_fd,
            "status_fd": status_fd,
            "root": str(stage.root),
            "site": str(stage.site),
            "tmp": str(stage.tmp),
            "path": [str(stage.site), str(stage.runtime)],
            "readable": [os.path.realpath(sys.base_prefix), str(Path(sys.executable).resolve().parent)],
            "preload": list(self._preload),
            "device": self._device,
            "layers": {
                "namespaces": protection.namespaces,
                "user_namespace": protection.user_namespace,
                "landlock": protection.landlock_abi,
                "seccomp": protection.seccomp,
                "own_count": protection.has(OWN_COUNT),
            },
            "visible": [str(path) for path in seen.roots],
            "covers": [str(path) for path in seen.covers],
            "devices": [str(path) for path in gpu.nodes()] if self._device == "cuda" else [],
        }

    def _await_start(self, status_fd: int, errors_fd: int) -> None:
        deadline = time.monotonic() + START_S
        raw = b""
        while select.select([status_fd], [], [], max(0.0, deadline - time.monotonic()))[0]:
            chunk = os.read(status_fd, 1 << 12)
            if not chunk:
                break
            raw += chunk
        else:
            raise SandboxError(f"the zygote has not started within {START_S:g} s; is the machine very busy?")
        if not raw:
            os.lseek(errors_fd, 0, os.SEEK_SET)
            last = os.read(errors_fd, 1 << 16).decode(errors="replace").strip().splitlines()[-1:]
            raise SandboxError(f"the zygote ended while it started: {''.join(last) or 'it said nothing'}")
        status = json.loads(raw)
        if "error" in status:
            raise SandboxError(status["error"])

    def close(self) -> None:
        """End the zygote and all workers. A forked child leaves them alone."""
        if os.getpid() != self._owner:
            return
        self._forget_start()
        process, self._process = self._process, None
        if self._control is not None:
            self._control.close()
            self._control = None
        if process is not None:
            process.terminate()  # the guardian then ends everything and itself
            try:
                process.wait(10.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def orders(config: Mapping[str, Any]) -> IO[bytes]:
    """What `BOOT` reads from its standard input: arguments could be seen, by workers too."""
    stream = tempfile.TemporaryFile()  # noqa: SIM115 - whoever starts the process closes it
    stream.write(json.dumps(config).encode())
    stream.seek(0)
    return stream


def _groups(protection: Protection) -> str | None:
    """Where workers get control groups, if they do. Raises: SandboxError when what the probe has found is gone."""
    if not protection.memory_limited:
        return None
    try:
        return str(cgroups.prepare(os.getpid()))
    except OSError as error:
        raise SandboxError(f"workers cannot have control groups any more: {error}") from error


def environment(home: Path) -> dict[str, str]:
    """All that an executed process gets of this one's environment, and what keeps its libraries single-threaded."""
    folder = str(home)
    kept = {
        name: os.environ[name]
        for name in ("LD_LIBRARY_PATH", "TZ", "CUDA_DEVICE_ORDER")
        if name in os.environ
    }
    return kept | {
        "PATH": os.defpath,
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "OMP_WAIT_POLICY": "PASSIVE",
        "MALLOC_ARENA_MAX": "2",
        # A training frees and takes the same megabytes in each step. By default it depends on what was freed before
        # whether the C library gives them back to the kernel meanwhile, which then clears every page anew.
        "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
        "MALLOC_TRIM_THRESHOLD_": str(128 << 20),
        "CUDA_VISIBLE_DEVICES": "",
        "MPLBACKEND": "Agg",
        "PYTHONHASHSEED": "0",
    }
