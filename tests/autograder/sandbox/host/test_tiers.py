"""Tiers of protection: told truthfully, and refused where they are less than what is required."""

from __future__ import annotations

import pytest

from autograder.errors import UsageError
from autograder.sandbox.host import tiers
from autograder.sandbox.host.probe import probe
from autograder.sandbox.host.zygote_client import ZygoteClient
from tests.autograder.sandbox_support import IS_ROOT

pytest_plugins = ["tests.autograder.sandbox_support"]


def test_the_report_tells_the_truth(zygote: ZygoteClient) -> None:
    tier = probe().tier
    assert zygote.report.tier == tiers.shown(tier)
    assert zygote.report.gaps == probe().gaps
    layers = " ".join(zygote.report.layers)
    assert ("own uid" in zygote.report.layers) == IS_ROOT
    assert ("seccomp" in layers) == (tier in ("A", "A-", "B"))
    assert ("Landlock" in layers) == (tier in ("A", "B"))
    assert ("private root" in layers) == (tier in ("A", "A-"))


@pytest.mark.parametrize("tier", tiers.TIERS)
def test_less_than_what_is_required_is_refused(tier: str) -> None:
    tiers.require(tier, tier, trusted_code=True)
    for worse in tiers.TIERS[tiers.TIERS.index(tier) + 1 :]:
        with pytest.raises(UsageError, match=f"--require-tier {tier}: workers here reach only tier {worse}"):
            tiers.require(worse, tier, trusted_code=True)


def test_without_protection_only_trusted_code_runs() -> None:
    tiers.require("B", None, trusted_code=False)
    with pytest.raises(UsageError, match="--trusted-code"):
        tiers.require("C", None, trusted_code=False)
    tiers.require("C", None, trusted_code=True)


def test_one_submission_at_a_time_where_processes_are_counted_together() -> None:
    assert tiers.default_jobs(8, counted_apart=True) == 8
    assert tiers.default_jobs(8, counted_apart=False) == 1
    assert set(tiers.gaps("A", counted_apart=False)) - set(tiers.gaps("A")) == {"neighbours"}
