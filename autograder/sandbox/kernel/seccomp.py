"""A filter of system calls (Linux, x86-64): what untrusted code never needs is refused by the kernel.

A classic BPF program reads `struct seccomp_data` and decides. Sources: seccomp(2), bpf's instruction set in the
kernel's Documentation/networking/filter.rst, Documentation/userspace-api/seccomp_filter.rst, numbers from
arch/x86/entry/syscalls/syscall_64.tbl.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from autograder.sandbox.kernel import libc

Program = bytes

_SECCOMP, _SET_MODE_FILTER, _TSYNC = 317, 1, 1
_AUDIT_ARCH_X86_64 = 0xC000003E
_X32_BIT = 0x40000000
# Calls that are younger than the table below are unknown to its author.
_FIRST_UNKNOWN = 470

_LD_W_ABS, _JMP_JEQ_K, _JMP_JGE_K, _JMP_JSET_K, _RET_K = 0x20, 0x15, 0x35, 0x45, 0x06
_NR, _ARCH, _ARGS = 0, 4, 16
_KILL_PROCESS, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000


@dataclass(frozen=True)
class Rule:
    """Refuse a call with `error`, always or by one argument (its lower 32 bits).

    Args:
        argument: index, or None for every call of this number.
        mask: refuse when any of these bits is set.
        values: refuse when equal to one of these.
        unless: refuse when equal to none of these.
    """

    call: int
    error: int = errno.EPERM
    argument: int | None = None
    mask: int | None = None
    values: tuple[int, ...] = ()
    unless: tuple[int, ...] = ()


def _instruction(code: int, k: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, jump_true, jump_false, k & 0xFFFFFFFF)


def _load(offset: int) -> bytes:
    return _instruction(_LD_W_ABS, offset)


def _refuse(error: int) -> bytes:
    return _instruction(_RET_K, _ERRNO | error)


def _rule(rule: Rule) -> bytes:
    """Instructions that expect the call's number in the accumulator and leave it there."""
    if rule.argument is None:
        body = [_refuse(rule.error)]
    else:
        body = [_load(_ARGS + 8 * rule.argument), *_decision(rule), _load(_NR)]
    return _instruction(_JMP_JEQ_K, rule.call, 0, len(body)) + b"".join(body)


def _decision(rule: Rule) -> list[bytes]:
    if rule.mask is not None:
        return [_instruction(_JMP_JSET_K, rule.mask, 0, 1), _refuse(rule.error)]
    if rule.values:
        return [
            part
            for value in rule.values
            for part in (_instruction(_JMP_JEQ_K, value, 0, 1), _refuse(rule.error))
        ]
    # Each allowed value jumps over the others and the refusal.
    tests = [
        _instruction(_JMP_JEQ_K, value, len(rule.unless) - index, 0)
        for index, value in enumerate(rule.unless)
    ]
    return [*tests, _refuse(rule.error)]


def program(rules: Iterable[Rule], *, unknown: bool = True) -> Program:
    """Assemble a filter: other architectures are killed, x32 refused, then the rules, then everything is allowed.

    Args:
        unknown: refuse calls that did not exist when this table was written, with ENOSYS.
    """
    first = _FIRST_UNKNOWN if unknown else _X32_BIT
    parts = [
        _load(_ARCH),
        _instruction(_JMP_JEQ_K, _AUDIT_ARCH_X86_64, 1, 0),
        _instruction(_RET_K, _KILL_PROCESS),
        _load(_NR),
        _instruction(_JMP_JGE_K, first, 0, 1),
        _refuse(errno.ENOSYS),
        *map(_rule, rules),
        _instruction(_RET_K, _ALLOW),
    ]
    return b"".join(parts)


def unavailable() -> str:
    """Why there is no filter on this machine; empty where there is one."""
    machine = platform.machine()
    return "" if machine == "x86_64" else f"the table of system calls is for x86_64, this is {machine}"


def install(filter_program: Program) -> None:
    """Put a filter on all threads of this process and all it starts. Needs no_new_privs. Cannot be undone.

    Raises: OSError.
    """
    if reason := unavailable():
        raise OSError(reason)
    instructions = ctypes.create_string_buffer(filter_program, len(filter_program))
    header = struct.pack("=HxxxxxxQ", len(filter_program) // 8, ctypes.addressof(instructions))
    libc.syscall(_SECCOMP, _SET_MODE_FILTER, _TSYNC, ctypes.create_string_buffer(header), name="seccomp")


_AF_UNIX = 1
_CLONE_NEW_ANYTHING = 0x7E020000
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_SECCOMP = 1, 4, 22
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C
_QUERY_PERSONALITY = 0xFFFFFFFF

NAMESPACES_AND_MOUNTS = (
    165,  # mount
    166,  # umount2
    155,  # pivot_root
    161,  # chroot
    272,  # unshare
    308,  # setns
    428,  # open_tree
    429,  # move_mount
    430,  # fsopen
    431,  # fsconfig
    432,  # fsmount
    433,  # fspick
    442,  # mount_setattr
    457,  # statmount
    458,  # listmount
    467,  # open_tree_attr
)
LANDLOCK = (444, 445, 446)
CLONE, CLONE3 = 56, 435
GETPPID = 110
_OTHER_PROCESSES = (
    101,  # ptrace
    310,  # process_vm_readv
    311,  # process_vm_writev
    312,  # kcmp
    438,  # pidfd_getfd
    440,  # process_madvise
    448,  # process_mrelease
    256,  # migrate_pages
    279,  # move_pages
    141,  # setpriority
    251,  # ioprio_set
)
_KERNEL = (
    321,  # bpf
    298,  # perf_event_open
    323,  # userfaultfd
    248,  # add_key
    249,  # request_key
    250,  # keyctl
    425,  # io_uring_setup
    426,  # io_uring_enter
    427,  # io_uring_register
    175,  # init_module
    313,  # finit_module
    176,  # delete_module
    246,  # kexec_load
    320,  # kexec_file_load
    169,  # reboot
    167,  # swapon
    168,  # swapoff
    163,  # acct
    179,  # quotactl
    443,  # quotactl_fd
    170,  # sethostname
    171,  # setdomainname
    172,  # iopl
    173,  # ioperm
    154,  # modify_ldt
    103,  # syslog
    153,  # vhangup
    212,  # lookup_dcookie
    164,  # settimeofday
    227,  # clock_settime
    159,  # adjtimex
    305,  # clock_adjtime
    300,  # fanotify_init
    303,  # name_to_handle_at
    304,  # open_by_handle_at
    133,  # mknod
    259,  # mknodat
    *range(459, 462),  # lsm_get_self_attr, lsm_set_self_attr, lsm_list_modules
    317,  # seccomp: this filter is the last one
)
_MEMFD_CREATE = 319
# Memory and messages that outlive a process or that no resident size counts.
_HIDDEN_MEMORY = (
    _MEMFD_CREATE,
    447,  # memfd_secret
    29,  # shmget
    30,  # shmat
    31,  # shmctl
    64,  # semget
    65,  # semop
    66,  # semctl
    220,  # semtimedop
    68,  # msgget
    69,  # msgsnd
    70,  # msgrcv
    71,  # msgctl
    240,  # mq_open
    241,  # mq_unlink
)
# Landlock knows no rule for these, and without namespaces a worker may share its user with the grader.
_METADATA = (
    90,  # chmod
    91,  # fchmod
    268,  # fchmodat
    452,  # fchmodat2
    92,  # chown
    93,  # fchown
    94,  # lchown
    260,  # fchownat
    132,  # utime
    235,  # utimes
    261,  # futimesat
    280,  # utimensat
    188, 189, 190,  # setxattr, lsetxattr, fsetxattr
    197, 198, 199,  # removexattr, lremovexattr, fremovexattr
    463, 466, 469,  # setxattrat, removexattrat, file_setattr
)  # fmt: skip
_TRUNCATE = 76
# Landlock does not ask who watches a folder: a worker would see when the grader opens which file.
_WATCHING = (253, 254, 294)  # inotify_init, inotify_add_watch, inotify_init1
_TALKING = (42, 44, 46, 307)  # connect, sendto, sendmsg, sendmmsg
_KILL, _TKILL, _TGKILL, _SIGQUEUE, _TGSIGQUEUE, _PIDFD_SIGNAL = 62, 200, 234, 129, 297, 424
_SCHEDULING = (203, 142, 144, 314)  # sched_setaffinity, sched_setparam, sched_setscheduler, sched_setattr


def worker_rules(
    *,
    namespaced: bool,
    own_pid: int,
    signals_scoped: bool,
    truncate_handled: bool,
    memory_limited: bool = False,
    gpu: bool = False,
) -> list[Rule]:
    """What a worker may not call.

    Args:
        namespaced: it has a pid, a mount and a network namespace of its own.
        own_pid: as the worker sees it.
        signals_scoped: Landlock keeps signals inside the worker (ABI 6).
        truncate_handled: Landlock knows truncation (ABI 3).
        memory_limited: a control group counts all memory, that of files without a name, too.
        gpu: CUDA does not start without files without a name, and without a unix socket that it binds and listens to.
    """
    refused = (*NAMESPACES_AND_MOUNTS, *_OTHER_PROCESSES, *_KERNEL, *_HIDDEN_MEMORY)
    rules = [Rule(call) for call in refused if not ((memory_limited or gpu) and call == _MEMFD_CREATE)]
    rules += [
        Rule(
            CLONE3, errno.ENOSYS
        ),  # its flags lie in memory where a filter cannot look; glibc then uses clone
        Rule(CLONE, argument=0, mask=_CLONE_NEW_ANYTHING),
        Rule(53, argument=0, unless=(_AF_UNIX,)),  # socketpair
        Rule(302, argument=0, unless=(0,)),  # prlimit64 of another process
        Rule(157, argument=0, values=(_PR_SET_DUMPABLE, _PR_SET_PDEATHSIG, _PR_SET_SECCOMP)),  # prctl
        Rule(135, argument=0, unless=(_QUERY_PERSONALITY,)),  # personality
        Rule(16, argument=1, values=(_TIOCSTI, _TIOCLINUX)),  # ioctl
    ]
    if namespaced:
        return [*rules, Rule(41, argument=0, unless=(_AF_UNIX,))]  # socket
    # A unix socket of another program of this user is a way out; whom a call names is in memory, out of sight.
    rules += [Rule(41, argument=0, unless=(_AF_UNIX,)), *map(Rule, _TALKING)] if gpu else [Rule(41)]
    rules += [Rule(call) for call in (*_METADATA, *_WATCHING)]
    rules += [Rule(call, argument=0, unless=(0, own_pid)) for call in _SCHEDULING]
    rules += [Rule(_PIDFD_SIGNAL), Rule(_TKILL)]
    if not signals_scoped:
        rules += [
            Rule(call, argument=0, unless=(own_pid,)) for call in (_KILL, _TGKILL, _SIGQUEUE, _TGSIGQUEUE)
        ]
    if not truncate_handled:
        rules.append(Rule(_TRUNCATE))
    return rules


def container_rules() -> list[Rule]:
    """What a container's default profile takes away that matters here; for tests of the lower tiers.

    Source: moby's profiles/seccomp/default.json without CAP_SYS_ADMIN.
    """
    rules: Sequence[Rule] = [
        Rule(CLONE3, errno.ENOSYS),
        Rule(CLONE, argument=0, mask=_CLONE_NEW_ANYTHING),
        *(Rule(call) for call in NAMESPACES_AND_MOUNTS if call != 161),
    ]
    return list(rules)
