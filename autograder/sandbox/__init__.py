"""Workers for untrusted code. In a worker this package has an empty file in this one's place."""

from __future__ import annotations

TIERS = "ABC"


def require(tier: str) -> None:
    """Refuse to go on with less protection than `tier`. Raises: UsageError."""
    from autograder.sandbox.lockdown import TIER
    from autograder.spec import UsageError

    if TIERS.index(tier) < TIERS.index(TIER[0]):
        raise UsageError(
            f"--require-tier {tier}: workers here reach only tier {TIER}; "
            "leave the option out, or grade on a machine that holds nothing secret"
        )
