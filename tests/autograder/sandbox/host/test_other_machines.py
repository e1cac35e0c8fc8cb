"""The tests of lockdown and zygote again, on machines that lack a part of the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.autograder.sandbox_support import ROOT
from tests.machines import KINDS_WITH_FILES_HIDDEN

pytestmark = [pytest.mark.slow, pytest.mark.nightly]
FILES = [
    f"tests/autograder/sandbox/{name}.py"
    for name in (
        "host/test_tiers", "host/test_zygote_client", "jail/test_guardian", "jail/test_lockdown", "jail/test_zygote",
    )
]  # fmt: skip


@pytest.mark.parametrize("machine", [kind for kind in KINDS_WITH_FILES_HIDDEN if kind != "plain"])
def test_lockdown_and_zygote(machine: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.machines", machine, sys.executable, "-m", "pytest", "-q", "-x",
         "-p", "no:cacheprovider", *FILES],
        cwd=ROOT, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    assert " passed" in done.stdout
