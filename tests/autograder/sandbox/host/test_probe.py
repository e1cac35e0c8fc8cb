"""What the probe says of a machine agrees with itself."""

from __future__ import annotations

import sys

import pytest

from autograder.sandbox.host.probe import MEMORY, probe

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")


def test_the_probe_says_why_there_is_none() -> None:
    layer = next(layer for layer in probe().layers if layer.name == MEMORY)
    assert layer.active == (layer.reason == "")
    assert probe().memory_limited == (layer.active and probe().tier != "C")
