"""Where there is a GPU that computes, and why not elsewhere."""

from __future__ import annotations

from functools import cache

import pytest

from autograder.sandbox.host.connection import DeviceError
from autograder.sandbox.host.gpus import Gpu, ask


@cache
def _asked() -> tuple[list[Gpu], str]:
    try:
        return ask(), ""
    except DeviceError as error:
        return [], str(error)


def needs_a_gpu() -> list[Gpu]:
    """Skip the test where no GPU answers, with what torch says. Asked in another process: this one must fork."""
    found, reason = _asked()
    if not found:
        pytest.skip(f"no GPU answers here: {reason}")
    return found
