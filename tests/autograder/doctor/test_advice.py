"""The one command that raises the tier: decided from what the probe met and from settings of the kernel."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from autograder.doctor.advice import Advice, Machine, advise, read_machine
from autograder.doctor.examine import advice_lines
from autograder.sandbox.host.probe import Layer, Protection

EPERM, EACCES, ENOSPC, ENOSYS, EOPNOTSUPP, EINVAL = (
    f"unshare: {os.strerror(number)}"
    for number in (errno.EPERM, errno.EACCES, errno.ENOSPC, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL)
)
MAX_USER = "user/max_user_namespaces"
MAX_NET = "user/max_net_namespaces"
CLONE = "kernel/unprivileged_userns_clone"
APPARMOR = "kernel/apparmor_restrict_unprivileged_userns"
NORMAL = {MAX_USER: 30000, MAX_NET: 30000}


def protection(tier: str, **missing: str) -> Protection:
    """Every layer is active but those named here, with what the kernel answered."""
    names = [
        "user namespace",
        "pid namespace",
        "mount namespace",
        "net namespace",
        "private root",
        "Landlock",
        "seccomp",
    ]
    reasons = {name.replace("_", " "): reason for name, reason in missing.items()}
    assert reasons.keys() <= set(names)
    layers = tuple(Layer(name, name not in reasons, reasons.get(name, "")) for name in names)
    return Protection(tier, layers, namespaces=0, user_namespace=False, landlock_abi=0, seccomp=False)


NO_USERNS = protection("B", user_namespace=EPERM, mount_namespace=EPERM, private_root=EPERM)


@pytest.mark.parametrize(
    ("found", "machine", "command"),
    [
        # Ubuntu 24.04 lets the namespace be made and then refuses everything in it.
        (
            protection("B", private_root=EACCES),
            Machine("Linux", settings={**NORMAL, APPARMOR: 1, CLONE: 1}),
            "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        (
            NO_USERNS,
            Machine("Linux", settings={**NORMAL, CLONE: 0}),
            "sudo sysctl -w kernel.unprivileged_userns_clone=1",
        ),
        (
            protection("B", user_namespace=ENOSPC),
            Machine("Linux", settings={**NORMAL, MAX_USER: 0}),
            "sudo sysctl -w user.max_user_namespaces=15000",
        ),
        (
            protection("B", net_namespace=ENOSPC),
            Machine("Linux", root=True, settings={**NORMAL, MAX_NET: 0}),
            "sudo sysctl -w user.max_net_namespaces=15000",
        ),
        # An unknown reason that concerns ordinary users only.
        (
            NO_USERNS,
            Machine("Linux", kernel=(6, 1), settings=NORMAL),
            'sudo "$(command -v autograder)" doctor',
        ),
        (
            protection("C", user_namespace=EPERM, Landlock=ENOSYS),
            Machine("Linux", kernel=(6, 1), settings=NORMAL),
            'sudo "$(command -v autograder)" doctor',
        ),
        (protection("C"), Machine("Windows", processor="AMD64"), "wsl --install"),
    ],
)
def test_the_command(found: Protection, machine: Machine, command: str) -> None:
    advice = advise(found, machine)
    assert advice is not None
    assert advice.command == command
    assert f"  {command}" in advice_lines(advice)
    assert advice_lines(advice)[0] == f"Why not A: {advice.why}."


@pytest.mark.parametrize(
    "machine",
    [
        # A sysctl cannot be changed from inside, and would not help against the engine's filter.
        Machine("Linux", filtered=True, container=True, settings={**NORMAL, APPARMOR: 1, MAX_USER: 0}),
        # Without a filter, AppArmor or missing capabilities of the container are left.
        Machine("Linux", root=True, container=True, settings=NORMAL),
    ],
)
def test_a_container_must_be_started_otherwise(machine: Machine) -> None:
    advice = advise(NO_USERNS, machine)
    assert advice is not None
    assert advice.command.startswith("docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined")


@pytest.mark.parametrize(
    ("found", "machine", "said"),
    [
        (protection("C"), Machine("Darwin", "arm64"), "Linux virtual machine"),
        (protection("C", seccomp=ENOSYS), Machine("Linux", "aarch64"), "x86_64"),
        (protection("C", seccomp=EPERM), Machine("Linux"), "CONFIG_SECCOMP_FILTER"),
        (protection("C", seccomp=EPERM), Machine("Linux", filtered=True), "outside of it"),
        (protection("A-", Landlock=ENOSYS), Machine("Linux", kernel=(5, 10)), "Linux 5.13"),
        (protection("A-", Landlock=ENOSYS), Machine("Linux", kernel=(4, 18), filtered=True), "Linux 5.13"),
        (protection("A-", Landlock=EOPNOTSUPP), Machine("Linux", kernel=(5, 13)), "`lsm=`"),
        (protection("A-", Landlock=EPERM), Machine("Linux", kernel=(6, 8), filtered=True), "newer one"),
        (
            protection("B", mount_namespace=EINVAL),
            Machine("Linux", kernel=(6, 1)),
            "kernel of a large distribution",
        ),
        (
            protection("C", private_root="mounts are refused", Landlock=ENOSYS),
            Machine("Linux", kernel=(5, 10), settings=NORMAL),
            "Linux 5.13",
        ),
        (NO_USERNS, Machine("Linux", filtered=True), "start the grader outside of it"),
        (protection("B", mount_namespace=EPERM), Machine("Linux", kernel=(6, 1), root=True), "even root"),
    ],
)
def test_where_no_command_helps_a_sentence_does(found: Protection, machine: Machine, said: str) -> None:
    advice = advise(found, machine)
    assert advice is not None
    assert advice.command == ""
    assert any(said in line for line in advice_lines(advice))


@pytest.mark.parametrize("system", ["Linux", "Darwin"])
def test_tier_a_needs_nothing(system: str) -> None:
    assert advise(protection("A"), Machine(system, settings={APPARMOR: 1})) is None


def test_a_user_switch_is_no_obstacle_for_root() -> None:
    machine = Machine("Linux", kernel=(6, 1), root=True, settings={**NORMAL, APPARMOR: 1, CLONE: 0})
    assert advise(protection("B", mount_namespace=EPERM), machine) == Advice(
        "even root may not have a mount namespace here", note="grade outside of what contains this process"
    )


def test_the_machine_is_read_from_proc(tmp_path: Path) -> None:
    proc, mark = tmp_path / "proc", tmp_path / ".dockerenv"
    for name, text in {
        "self/status": "Name:\tpython\nSeccomp:\t2\nSeccomp_filters:\t1\n",
        f"sys/{MAX_USER}": "0\n",
        f"sys/{APPARMOR}": "1\n",
        f"sys/{CLONE}": "not a number\n",
    }.items():
        (proc / name).parent.mkdir(parents=True, exist_ok=True)
        (proc / name).write_text(text)
    mark.touch()
    machine = read_machine(proc, [mark])
    assert machine.settings == {MAX_USER: 0, APPARMOR: 1}
    assert machine.filtered
    assert machine.container


def test_a_machine_without_proc_can_be_read(tmp_path: Path) -> None:
    machine = read_machine(tmp_path / "absent", [tmp_path / "absent"])
    assert (machine.settings, machine.filtered, machine.container) == ({}, False, False)
    assert machine.root == (os.geteuid() == 0)
    assert machine.kernel > (3, 0)
