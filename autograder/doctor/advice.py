"""Which one command raises the tier on this machine, decided from what the probe met and from /proc.

Sources: namespaces(7), user_namespaces(7) and proc(5) of the Linux man-pages; the kernel's
Documentation/admin-guide/sysctl/user.rst and Documentation/userspace-api/landlock.rst; Ubuntu's notes on
`kernel.apparmor_restrict_unprivileged_userns`; Docker's default seccomp profile (moby, profiles/seccomp/default.json),
which allows landlock_* but neither unshare, mount nor pivot_root.
"""

from __future__ import annotations

import errno
import os
import platform
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.sandbox.host.probe import Layer, Protection

# Kernel's name of a kind of namespace in /proc/sys/user/max_*_namespaces -> ours.
KINDS = {
    "user": "user namespace",
    "pid": "pid namespace",
    "mnt": "mount namespace",
    "net": "net namespace",
    "ipc": "ipc namespace",
    "uts": "uts namespace",
    "cgroup": "cgroup namespace",
}
HIDING = (*KINDS.values(), "private root")
SWITCHES = ("kernel/unprivileged_userns_clone", "kernel/apparmor_restrict_unprivileged_userns")
COUNTERS = tuple(f"user/max_{kind}_namespaces" for kind in KINDS)
# What Ubuntu and Debian set for about 8 GB of memory; the exact number does not matter.
ENOUGH_NAMESPACES = 15000
PROCESSOR = "x86_64"
CONTAINER_FLAGS = (
    "--cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined "
    "--security-opt systempaths=unconfined"
)
NEW_ENOUGH = (5, 13)  # Landlock; the private root needs mount_setattr(2), which is one version older
CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))


@dataclass(frozen=True)
class Machine:
    """What matters here of the machine and of this process.

    Args:
        kernel: major and minor number of its version; it decides nothing but what is worth trying.
        filtered: a seccomp filter that is not ours is on this process already.
        container: it runs in a container of Docker or Podman.
        settings: number in /proc/sys by path below it, for those that exist.
    """

    system: str
    processor: str = PROCESSOR
    kernel: tuple[int, int] = (0, 0)
    root: bool = False
    filtered: bool = False
    container: bool = False
    settings: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Advice:
    """Why the tier is not A, and how it rises: one command where there is one."""

    why: str
    command: str = ""
    note: str = ""


def read_machine(proc: Path = Path("/proc"), marks: Iterable[Path] = CONTAINER_MARKS) -> Machine:
    """This machine. Works on any system; what cannot be read is left out."""
    return Machine(
        system=platform.system(),
        processor=platform.machine(),
        kernel=_version(platform.release()),
        root=hasattr(os, "geteuid") and os.geteuid() == 0,
        filtered=_read(proc / "self" / "status", "Seccomp") == 2,
        container=any(mark.exists() for mark in marks),
        settings={
            name: value
            for name in (*SWITCHES, *COUNTERS)
            if (value := _read(proc / "sys" / name)) is not None
        },
    )


def _read(path: Path, name: str = "") -> int | None:
    """The number in a file, or on its line `name: number`."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        if name:
            text = next(line.split(":")[1] for line in text.splitlines() if line.startswith(f"{name}:"))
        return int(text)
    except (OSError, ValueError, StopIteration):
        return None


def _version(release: str) -> tuple[int, int]:
    numbers = re.match(r"(\d+)\.(\d+)", release)
    return (int(numbers[1]), int(numbers[2])) if numbers else (0, 0)


def advise(protection: Protection, machine: Machine) -> Advice | None:
    """What raises the tier; None when it is A. The first obstacle counts: another may show once it is gone."""
    if protection.tier == "A":
        return None
    if machine.system != "Linux":
        return _another_system(machine)
    missing = {layer.name: layer for layer in protection.layers if not layer.active}
    if "seccomp" in missing:
        return _seccomp(missing["seccomp"], machine)
    if any(name in missing for name in HIDING):
        return _namespaces(missing, machine)
    return _landlock(machine)


def _another_system(machine: Machine) -> Advice:
    why = f"{machine.system} has no namespaces, no Landlock and no seccomp"
    if machine.system == "Windows":
        return Advice(why, "wsl --install", "then run the grader inside that Linux")
    return Advice(
        why,
        note="grade on a Linux machine or in a Linux virtual machine; in a Linux container with its engine's "
        "default settings the tier is B",
    )


def _seccomp(layer: Layer, machine: Machine) -> Advice:
    if machine.processor != PROCESSOR:
        return Advice(
            f"the filter of kernel calls is written for {PROCESSOR}, this is {machine.processor}",
            note=f"grade on an {PROCESSOR} machine",
        )
    if machine.filtered or machine.container:
        return Advice(
            "what contains this process allows no filter of kernel calls", note="grade outside of it"
        )
    return Advice(
        "this kernel has no filter of kernel calls",
        note="grade on a kernel with CONFIG_SECCOMP_FILTER, as all large distributions have",
    )


def _namespaces(missing: Mapping[str, Layer], machine: Machine) -> Advice:
    if machine.filtered:  # before the settings: from inside they can neither be changed nor help
        return _contained(machine)
    for kind, name in KINDS.items():
        if name in missing and machine.settings.get(f"user/max_{kind}_namespaces") == 0:
            setting = f"user.max_{kind}_namespaces"
            return Advice(f"{setting} is 0", f"sudo sysctl -w {setting}={ENOUGH_NAMESPACES}")
    if not machine.root:
        if machine.settings.get("kernel/unprivileged_userns_clone") == 0:
            return _switch("kernel.unprivileged_userns_clone", 0, 1)
        if machine.settings.get("kernel/apparmor_restrict_unprivileged_userns", 0) != 0:
            return _switch("kernel.apparmor_restrict_unprivileged_userns", 1, 0)
    if machine.container:
        return _contained(machine)
    if machine.kernel < NEW_ENOUGH:
        return _too_old(machine)
    layer = next(missing[name] for name in HIDING if name in missing)
    if _answered(layer, errno.EINVAL, errno.ENOSYS):
        return Advice(
            f"this kernel is built without a part of namespaces ({layer.name})",
            note="grade on a kernel of a large distribution",
        )
    if machine.root:
        return Advice(
            f"even root may not have a {layer.name} here", note="grade outside of what contains this process"
        )
    return Advice(
        f"an ordinary user may not have a {layer.name} here",
        'sudo "$(command -v autograder)" doctor',
        "root needs no user namespace: if this shows tier A, grade with sudo",
    )


def _contained(machine: Machine) -> Advice:
    if machine.container:
        return Advice(
            "the container engine refuses namespaces",
            f"docker run {CONTAINER_FLAGS} ...",
            "as root in a container of its own: the engine's wall is opened, the grader's own round each worker is "
            "closed",
        )
    return Advice(
        "a filter of kernel calls that this process has inherited (container, snap, systemd unit) refuses namespaces",
        note=f"start the grader outside of it; for Docker: docker run {CONTAINER_FLAGS} ...",
    )


def _switch(setting: str, now: int, then: int) -> Advice:
    return Advice(
        f"{setting} is {now}: ordinary users get no user namespace",
        f"sudo sysctl -w {setting}={then}",
        "holds until the next start of the machine; a file in /etc/sysctl.d makes it last",
    )


def _too_old(machine: Machine) -> Advice:
    version = ".".join(map(str, machine.kernel))
    return Advice(
        f"this kernel ({version}) is older than Landlock and the mounts of a private root",
        note="grade on Linux 5.13 or newer",
    )


def _landlock(machine: Machine) -> Advice:
    if machine.kernel < NEW_ENOUGH:
        return _too_old(machine)
    if machine.filtered:
        return Advice(
            "what contains this process refuses Landlock",
            note="container engines since 2022 allow it by default; take a newer one, or grade outside of it",
        )
    return Advice(
        "this kernel has Landlock switched off",
        note="add landlock to the list `lsm=` of its boot parameters, or take a kernel with CONFIG_SECURITY_LANDLOCK",
    )


def _answered(layer: Layer, *numbers: int) -> bool:
    """Whether the kernel's answer was one of these error numbers; a reason holds its name or its text."""
    return any(
        os.strerror(number) in layer.reason or errno.errorcode[number] in layer.reason for number in numbers
    )
