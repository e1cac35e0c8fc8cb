"""What each tier promises and what it leaves open, in sentences that stand in every result.

A: namespaces, Landlock and seccomp. A-: the same without Landlock. B: Landlock and seccomp. C: limits only.
"""

from __future__ import annotations

from autograder.errors import UsageError

TIERS = ("A", "A-", "B", "C")
FILES_NOT_HIDDEN = "C: files not hidden"

_SHARED_KERNEL = "a flaw of the kernel is not contained: it is shared with the grader"
_WATCHED_MEMORY = "memory is watched from outside and may be exceeded by half for a moment"
_NAMES_SEEN = "names, sizes and dates of files outside can be seen, their contents cannot"
_WITHOUT_NAMESPACES = (
    "the disk space of a worker's folder has no limit but that of one file",
    "a process that hides may outlive a grader that was killed until the guardian has swept",
)
_GAPS = {
    "A": (_SHARED_KERNEL, _WATCHED_MEMORY),
    "A-": (_SHARED_KERNEL, _WATCHED_MEMORY, "Landlock, the second wall round the files, is missing"),
    "B": (_SHARED_KERNEL, _WATCHED_MEMORY, _NAMES_SEEN, *_WITHOUT_NAMESPACES),
    "C": (
        _SHARED_KERNEL,
        _WATCHED_MEMORY,
        *_WITHOUT_NAMESPACES,
        "files that the grader's user, or everybody, may read can be read: hidden tests and labels are not hidden",
        "the network can be reached",
        "calls of the kernel are not filtered",
    ),
}


def shown(tier: str) -> str:
    """As results and reports name it."""
    return FILES_NOT_HIDDEN if tier == "C" else tier


def is_less(one: str, other: str) -> bool:
    """Whether the tier `one`, as shown, protects less than `other`."""
    rank = {shown(tier): number for number, tier in enumerate(TIERS)}
    return rank.get(one, len(TIERS)) > rank.get(other, len(TIERS))


def gaps(tier: str, memory_limited: bool = False) -> tuple[str, ...]:
    """What this tier does not protect from; `memory_limited`: by control groups. Raises: KeyError for no tier."""
    return tuple(gap for gap in _GAPS[tier] if not (memory_limited and gap == _WATCHED_MEMORY))


def require(tier: str, least: str | None, *, trusted_code: bool) -> None:
    """Refuse to go on with less protection than `least`, or with none for code that is not trusted.

    Raises: UsageError.
    """
    if least is not None and TIERS.index(least) < TIERS.index(tier):
        raise UsageError(
            f"--require-tier {least}: workers here reach only tier {shown(tier)}; "
            "`autograder doctor` says what is missing and how to get it"
        )
    if tier == "C" and not trusted_code:
        raise UsageError(
            "this machine cannot contain the students' code (tier C: no filter of system calls, or files cannot be "
            "hidden); grade on Linux, in WSL2 or in a virtual machine, see `autograder doctor`, "
            "or give --trusted-code if you have read every submission"
        )
