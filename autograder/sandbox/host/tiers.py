"""What each tier promises and what it leaves open, by the names that stand in every result.

A: namespaces, Landlock and seccomp. A-: the same without Landlock. B: Landlock and seccomp. C: limits only.
"""

from __future__ import annotations

from autograder.errors import UsageError
from autograder.results.protection import FILES_NOT_HIDDEN

TIERS = ("A", "A-", "B", "C")

_WITHOUT_NAMESPACES = ("disk", "hidden processes")
_GAPS = {
    "A": ("kernel", "memory"),
    "A-": ("kernel", "memory", "no Landlock"),
    "B": ("kernel", "memory", "names of files", *_WITHOUT_NAMESPACES),
    "C": ("kernel", "memory", *_WITHOUT_NAMESPACES, "files", "network", "kernel calls"),
}


def shown(tier: str) -> str:
    """As results and reports name it."""
    return FILES_NOT_HIDDEN if tier == "C" else tier


def is_less(one: str, other: str) -> bool:
    """Whether the tier `one`, as shown, protects less than `other`."""
    rank = {shown(tier): number for number, tier in enumerate(TIERS)}
    return rank.get(one, len(TIERS)) > rank.get(other, len(TIERS))


def gaps(tier: str, *, memory_limited: bool = False, counted_apart: bool = True) -> tuple[str, ...]:
    """Names of what this tier does not protect from.

    memory_limited: by control groups. counted_apart: the tasks of one worker are no limit of another.

    Raises: KeyError.
    """
    known = [gap for gap in _GAPS[tier] if not (memory_limited and gap == "memory")]
    return tuple(known if counted_apart else [*known, "neighbours"])


def default_jobs(cores: int, *, counted_apart: bool) -> int:
    """How many submissions at once where nobody says it: one per core, if workers cannot use up each other's processes.

    counted_apart: as `gaps` takes it.
    """
    return cores if counted_apart else 1


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
