"""The zygote: imports third-party packages once, then forks a locked-down worker for every request.

It never sees a secret, never runs a student's code, never touches CUDA and never runs a region with two threads:
either of the last two would break the workers. Requests are single messages on a SEQPACKET socket that several judges
may share, with three descriptors: the worker's request pipe, its response pipe, and a socket, the lease, on which the
zygote says how the worker does. A judge that says "reap" on the lease, or is gone, ends the worker.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox.jail import lockdown, sweep, worker
from autograder.sandbox.jail.places import Places, StartError
from autograder.sandbox.kernel import cgroups, libc, namespaces, processes, root, trees

MAX_REQUEST = 1 << 16
TICK_MS = 250


@dataclass
class Lease:
    """A living worker and the socket to its judge."""

    pid: int
    pidfd: int
    socket: socket.socket
    uid: int | None
    tmp: Path | None
    group: cgroups.Group | None


def start(config: dict[str, Any], places: Places, groups: cgroups.Groups | None) -> Zygote:
    """Import everything once and be ready to serve. Raises: StartError."""
    gc.disable()  # nothing of a module is garbage, and looking for it takes a fifth of the time
    for name in config["preload"]:
        try:
            importlib.import_module(name)
        except Exception as error:
            raise StartError(
                f"cannot import {name} for the workers: {error}; install it beside autograder"
            ) from error
    importlib.import_module("autograder.sandbox.runner.warmup").warm_up(
        tuple(config["preload"]), config["device"]
    )
    if (tasks := processes.count_own_tasks()) != 1:
        raise StartError(f"{tasks} threads run after the imports, which would hang workers; one is allowed")
    if places.namespaces:
        root.leave_home()
    gc.collect()
    gc.freeze()
    gc.enable()
    libc.adopt_orphans()
    libc.hide_process()
    control = socket.socket(fileno=config["control_fd"])
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    return Zygote(control, places, groups)


class Zygote:
    """The loop that serves spawn requests and ends workers."""

    def __init__(self, control: socket.socket, places: Places, groups: cgroups.Groups | None) -> None:
        self._control, self._places, self._groups = control, places, groups
        self._pid_namespaces = namespaces.PidNamespaces() if places.namespaces else None
        self._leases: dict[int, Lease] = {}
        self._next_tick = 0.0
        self._wake_read, wake_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(wake_write)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        """Until all judges have closed the control socket."""
        while True:
            poller = select.poll()
            for fd in (self._control.fileno(), self._wake_read, *self._by_fd()):
                poller.register(fd, select.POLLIN)
            events = poller.poll(TICK_MS if self._leases else None)
            ready = {fd for fd, _ in events}
            if self._wake_read in ready:
                os.read(self._wake_read, 1 << 12)
            for fd, lease in self._by_fd().items():
                if fd in ready:
                    self._on_lease(lease)
            self._collect()
            if time.monotonic() >= self._next_tick:  # a daemon of a living worker
                sweep.sweep_once(self._leases.keys(), self._is_over)
                self._next_tick = time.monotonic() + TICK_MS / 1000
            if self._control.fileno() in ready and not self._on_request():
                return

    def _by_fd(self) -> dict[int, Lease]:
        return {lease.socket.fileno(): lease for lease in self._leases.values()}

    def _on_lease(self, lease: Lease) -> None:
        """Whatever a judge says, or its end, means: end the worker."""
        with contextlib.suppress(ConnectionError):
            lease.socket.recv(64)
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(lease.pidfd, signal.SIGKILL)
        # SIGKILL cannot be refused; waiting here keeps a closed lease out of the next poll.
        select.select([lease.pidfd], [], [], sweep.PATIENCE_S)

    def _on_request(self) -> bool:
        raw, fds, _, _ = socket.recv_fds(self._control, MAX_REQUEST, 3, socket.MSG_CMSG_CLOEXEC)
        if not raw:
            return False
        try:
            request_fd, response_fd, lease_fd = fds
            with contextlib.suppress(ConnectionError):
                self._spawn(json.loads(raw), request_fd, response_fd, socket.socket(fileno=lease_fd))
        finally:
            for fd in fds[:2]:
                os.close(fd)
        return True

    def _spawn(self, order: dict[str, Any], request_fd: int, response_fd: int, lease: socket.socket) -> None:
        lease.setblocking(False)
        tmp = group = None
        try:
            users_of_workers = self._places.users
            uid = None if users_of_workers is None else users_of_workers.take()
            if self._places.tmp is not None:
                tmp = Path(tempfile.mkdtemp(dir=self._places.tmp))
            if self._groups is not None:
                group = self._groups.make(order["memory_mb"], order["processes"])
            orders = _orders(order, self._places, tmp, uid, group)
            pid = os.fork() if self._pid_namespaces is None else self._pid_namespaces.fork()
        except Exception as error:  # whatever it is, the other workers need the zygote
            lease.send(json.dumps({"error": f"no worker can be made: {error}"}).encode())
            lease.close()
            if tmp is not None:
                trees.remove_tree(tmp)
            if group is not None:
                group.remove()
            return
        if pid == 0:
            worker.main(orders, request_fd, response_fd)
        pidfd = os.pidfd_open(pid)
        self._leases[pid] = Lease(pid, pidfd, lease, uid, tmp, group)
        socket.send_fds(lease, [json.dumps({"uid": uid}).encode()], [pidfd])

    def _collect(self) -> None:
        """Wait for workers that have ended, end what they left, and tell their judges."""
        for lease in list(self._leases.values()):
            pid, status, usage = os.wait4(lease.pid, os.WNOHANG)
            if pid == 0:
                continue
            del self._leases[lease.pid]
            report: dict[str, Any] = {
                "exit": os.waitstatus_to_exitcode(status),
                "cpu_s": usage.ru_utime + usage.ru_stime,
            }
            try:
                if lease.group is not None:
                    report["out_of_memory"] = lease.group.ran_out_of_memory()
                    lease.group.kill()
                report["swept"] = sweep.sweep(self._leases.keys(), self._is_over)
                if lease.group is not None:
                    lease.group.remove()
                if lease.tmp is not None:  # a file system of its own is gone with the worker
                    if lease.uid is not None:
                        trees.remove_files_of(lease.uid)
                    trees.remove_tree(lease.tmp)
            except TimeoutError as error:
                report["survivors"] = str(error)
            except OSError:
                pass  # a file that cannot be removed goes with the stage
            with contextlib.suppress(OSError):
                lease.socket.send(json.dumps(report).encode())
            lease.socket.close()
            os.close(lease.pidfd)

    def _is_over(self, uid: int) -> bool:
        return all(lease.uid != uid for lease in self._leases.values())


def _orders(
    order: dict[str, Any], places: Places, tmp: Path | None, uid: int | None, group: cgroups.Group | None
) -> worker.Orders:
    overlay = places.overlays / order["overlay"]
    if uid is not None:
        os.chown(overlay, 0, uid)
        overlay.chmod(0o750)
    cuda = order["device"] == "cuda"
    confinement = lockdown.Confinement(
        tmp=Path("/tmp") if tmp is None else tmp,
        overlay=overlay,
        uid=uid,
        memory_mb=None if cuda else order["memory_mb"],
        processes=order["processes"],
        cpu_s=order["cpu_s"],
        parent=os.getpid(),
        other_tasks=0 if uid is not None or places.own_count else processes.count_tasks(os.getuid()),
        own_count=places.own_count,
        namespaces=places.namespaces,
        landlock_abi=places.landlock_abi,
        seccomp=places.seccomp,
        readable=places.readable,
        devices=places.devices if cuda else (),
        group=group,
    )
    return worker.Orders(
        overlay, order["device"], order["cuda_visible"], order["gpu_fraction"], order["seed"], confinement
    )
