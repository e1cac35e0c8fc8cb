"""What this system lets workers have, found by trying each layer in a throw-away process.

Neither the kernel's version nor its list of modules answers that: containers, sysctls and AppArmor decide,
too. The attempts run in another interpreter, because a process with threads may not enter a user namespace, and a
half-made one must not stay with the grader.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

TRY_S = 60.0
CAP_SYS_ADMIN = 21


@dataclass(frozen=True)
class Layer:
    """One kind of protection; `reason` is what the kernel said where it is not active."""

    name: str
    active: bool
    reason: str = ""


@dataclass(frozen=True)
class Protection:
    """All that workers get here.

    Args:
        tier: A, A-, B or C.
        layers: each that was tried.
        namespaces: CLONE_NEW* flags for a worker, 0 when they cannot all be had.
        user_namespace: they need a user namespace around them.
        landlock_abi: 0 without Landlock.
        seccomp: whether system calls are filtered.
    """

    tier: str
    layers: tuple[Layer, ...]
    namespaces: int
    user_namespace: bool
    landlock_abi: int
    seccomp: bool

    @property
    def counted_apart(self) -> bool:
        """Whether the tasks of one worker are no limit of another: by a user, a user namespace or a group of its own.

        Where the zygote cannot run nothing is limited, so nothing is shared.
        """
        return self.has(OWN_USER) or self.has(OWN_COUNT) or self.memory_limited or not can_supervise()

    @property
    def gaps(self) -> tuple[str, ...]:
        """Names of what is not protected from."""
        from autograder.sandbox.host import tiers

        return tiers.gaps(self.tier, memory_limited=self.memory_limited, counted_apart=self.counted_apart)

    @property
    def memory_limited(self) -> bool:
        """Workers get control groups. Not in tier C: who may open every file could lift their own limit."""
        return self.tier != "C" and self.has(MEMORY)

    def has(self, name: str) -> bool:
        """Whether a layer is active. Raises: StopIteration for a name that is no layer."""
        return next(layer.active for layer in self.layers if layer.name == name)


def lower(protection: Protection, tier: str) -> Protection:
    """The same system with a lower tier, for comparisons. Raises: ValueError for a tier that it does not reach."""
    kept = {"A": _KEPT_IN_A, "A-": _KEPT_IN_A - {"Landlock"}, "B": {"Landlock", "seccomp"}, "C": set[str]()}[
        tier
    ]
    layers = [
        layer if layer.name in kept | {OWN_USER, OWN_COUNT, MEMORY} else Layer(layer.name, False, "left out")
        for layer in protection.layers
    ]
    lowered = _protection(layers, protection.landlock_abi if "Landlock" in kept else 0)
    if lowered.tier != tier:
        raise ValueError(f"this system reaches tier {protection.tier}, not {tier}")
    return lowered


@cache
def probe() -> Protection:
    """Try everything, once for this process. Takes a few tenths of a second.

    Raises: GraderError when not even that can be run.
    """
    from autograder.errors import GraderError

    if not sys.platform.startswith("linux"):
        reason = f"there is no such layer on {sys.platform}"
        return _protection([Layer(name, False, reason) for name in NAMES], landlock_abi=0)
    folder = str(Path(__file__).resolve().parents[3])
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from autograder.sandbox.host.probe import main; main()"
    )
    try:
        answer = subprocess.run(
            [sys.executable, "-P", "-S", "-B", "-c", code, folder],
            capture_output=True,
            text=True,
            timeout=TRY_S,
            check=True,
        )
        tried = json.loads(answer.stdout)
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise GraderError(f"cannot find out how students' code can be contained here: {error}") from error
    return _protection([Layer(**layer) for layer in tried["layers"]], tried["landlock_abi"])


def can_supervise() -> bool:
    """Whether the zygote can run here at all: it needs /proc and pidfds (Linux 5.3). Otherwise see `host.bare`."""
    if not Path("/proc/self/stat").is_file() or not hasattr(os, "pidfd_open"):
        return False
    try:
        os.close(os.pidfd_open(os.getpid()))
    except OSError:
        return False
    return True


OWN_USER, OWN_COUNT, MEMORY = "own user per worker", "own count of processes", "memory by cgroup"
NAMES = (
    "user namespace",
    "pid namespace",
    "mount namespace",
    "net namespace",
    "ipc namespace",
    "uts namespace",
    "cgroup namespace",
    "private root",
    "Landlock",
    "seccomp",
    OWN_USER,
    OWN_COUNT,
    MEMORY,
)
_NEEDED = (*NAMES[:6], "private root")
_KEPT_IN_A = {*NAMES[:10]}


def _protection(layers: list[Layer], landlock_abi: int) -> Protection:
    active = {layer.name for layer in layers if layer.active}
    namespaced = active.issuperset(_NEEDED)
    filtered, landlocked = "seccomp" in active, landlock_abi > 0
    if not can_supervise() or not filtered or not (namespaced or landlocked):
        tier = "C"
    else:
        tier = ("A" if landlocked else "A-") if namespaced else "B"
    flags = 0
    if namespaced:
        from autograder.sandbox.kernel.namespaces import OF_A_WORKER

        flags = sum(flag for name, flag in OF_A_WORKER.items() if name in active)
    return Protection(
        tier=tier,
        layers=tuple(layers),
        namespaces=flags,
        user_namespace=namespaced and not _is_admin(),
        landlock_abi=landlock_abi,
        seccomp=filtered,
    )


def _is_admin() -> bool:
    if os.geteuid() != 0:
        return False
    for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> CAP_SYS_ADMIN & 1)
    return False


def main() -> None:
    """In the process that tries: print what holds as JSON."""
    from autograder.sandbox.kernel import cgroups, landlock, libc, seccomp, users

    grader = os.getppid()
    layers = [_attempt("user namespace", _user_namespace)]
    layers.append(_attempt("pid namespace", _pid_namespace))
    flags = {
        "mount namespace": libc.CLONE_NEWNS,
        "net namespace": libc.CLONE_NEWNET,
        "ipc namespace": libc.CLONE_NEWIPC,
        "uts namespace": libc.CLONE_NEWUTS,
        "cgroup namespace": libc.CLONE_NEWCGROUP,
    }
    for name, flag in flags.items():
        layers.append(_attempt(name, lambda flag=flag: _inside(lambda: libc.unshare(flag))))  # type: ignore[misc]  # mypy cannot type the default
    layers.append(_attempt("private root", _private_root))
    abi = 0
    try:
        abi = landlock.abi()
        layers.append(_attempt("Landlock", lambda: _landlock(abi)))
    except OSError as error:
        layers.append(Layer("Landlock", False, str(error)))
    if not layers[-1].active:
        abi = 0
    layers.append(
        Layer("seccomp", False, reason)
        if (reason := seccomp.unavailable())
        else _attempt("seccomp", _seccomp)
    )
    own = users.Users.for_this_process(0) is not None
    layers.append(Layer(OWN_USER, own, "" if own else "only root can give each worker a user"))
    layers.append(Layer(OWN_COUNT, True) if own else _attempt(OWN_COUNT, _own_count))
    layers.append(_attempt(MEMORY, lambda: cgroups.attempt(grader)))
    json.dump({"layers": [asdict(layer) for layer in layers], "landlock_abi": abi}, sys.stdout)


def _attempt(name: str, action: Callable[[], None]) -> Layer:
    """Run `action()` in a child."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        reason = "it ended without a word"
        try:
            os.close(reader)
            signal.alarm(10)
            action()
            reason = ""
        except BaseException as error:
            reason = str(error) or type(error).__name__
        finally:
            os.write(writer, reason.encode() + b"\0")
            os._exit(0)
    os.close(writer)
    said = b""
    while chunk := os.read(reader, 4096):
        said += chunk
    os.close(reader)
    os.waitpid(pid, 0)
    if not said:
        return Layer(name, False, "the attempt was killed")
    reason = said.rstrip(b"\0").decode(errors="replace")
    return Layer(name, not reason, reason)


def _user_namespace() -> None:
    """For an administrator, who needs none, nothing is tried."""
    if not _is_admin():
        from autograder.sandbox.kernel import libc, namespaces

        namespaces.enter_user_namespace()
        # Some systems give a user namespace and take its privileges away again.
        libc.unshare(libc.CLONE_NEWNS)
        libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)


def _inside(action: Callable[[], None]) -> None:
    if not _is_admin():
        from autograder.sandbox.kernel import namespaces

        namespaces.enter_user_namespace()
    action()


def _pid_namespace() -> None:
    from autograder.sandbox.kernel import libc, namespaces

    def first() -> int:
        if os.getpid() != 1:
            return 1
        libc.unshare(libc.CLONE_NEWNS)
        libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
        try:
            libc.mount("proc", "/proc", "proc", libc.MS_NOSUID | libc.MS_NODEV | libc.MS_NOEXEC)
        except OSError as error:
            return error.errno or 1
        return 0 if Path("/proc/self").readlink() == Path("1") else 2

    def outer() -> None:
        _, status = os.waitpid(namespaces.fork_as_first(first), 0)
        code = os.waitstatus_to_exitcode(status)
        if code:
            what = os.strerror(code) if code in errno.errorcode else f"exit code {code}"
            raise OSError(f"a /proc of its own cannot be mounted: {what}")

    _inside(outer)


def _private_root() -> None:
    """The steps of `root.enter` on a toy stage."""
    from autograder.sandbox.kernel import libc, namespaces, root

    with tempfile.TemporaryDirectory() as name:
        stage = Path(name)
        for folder in ("site", "runtime", "edition", "overlays/one", "home", "root"):
            (stage / folder).mkdir(parents=True)

        def first() -> int:
            root.enter(stage, [Path("/usr/lib")], [])
            libc.unshare(libc.CLONE_NEWNS)
            root.cover_for_worker("one", None)
            root_is_new = sorted(entry.name for entry in Path("/stage/overlays").iterdir()) == ["one"]
            return 0 if root_is_new and not stage.exists() else 3

        def outer() -> None:
            _, status = os.waitpid(namespaces.fork_as_first(first), 0)
            if code := os.waitstatus_to_exitcode(status):
                raise OSError(f"mounts are refused or change nothing (exit code {code})")

        _inside(outer)


def _own_count() -> None:
    """Two tasks are allowed in a user namespace, while more of the same user run outside of it."""
    from autograder.sandbox.kernel import namespaces

    def sleep() -> int:
        pid = os.fork()
        if pid == 0:
            signal.pause()
            os._exit(0)
        return pid

    sleepers = [sleep() for _ in range(3)]
    try:
        namespaces.enter_user_namespace()
        resource.setrlimit(resource.RLIMIT_NPROC, (2, 2))
        try:
            sleepers.append(sleep())
        except BlockingIOError:
            raise OSError(
                "the kernel counts processes outside of a user namespace, too (before 5.14)"
            ) from None
        try:
            sleepers.append(sleep())
        except BlockingIOError:
            return
        raise OSError("a limit on processes does not hold for this user")
    finally:
        for pid in sleepers:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def _landlock(abi: int) -> None:
    from autograder.sandbox.kernel import landlock, libc

    if not abi:
        raise OSError("the kernel does not have it, or it is not in its list of security modules (lsm=)")
    rules = landlock.Ruleset(abi)
    rules.allow([Path("/usr")])
    libc.forbid_new_privileges()
    rules.restrict_self()
    try:
        os.listdir("/")  # noqa: PTH208 - pathlib would open more
    except PermissionError:
        return
    raise OSError("it was accepted and has no effect")


def _seccomp() -> None:
    from autograder.sandbox.kernel import libc, seccomp

    libc.forbid_new_privileges()
    seccomp.install(seccomp.program([seccomp.Rule(seccomp.GETPPID, errno.ENOSYS)]))
    try:
        libc.syscall(seccomp.GETPPID, name="getppid")
    except OSError:
        return
    raise OSError("it was accepted and has no effect")
