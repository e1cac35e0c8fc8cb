"""What holds for every test: names that each process collects alike, slow files first, and the mark `nightly`.

Tests marked `nightly` repeat for minutes, on further machines or in process, what each run tries in another way
already; they run when asked for: `pytest -m nightly`.
"""

from __future__ import annotations

import os
import random
import sys
from collections.abc import Iterator

import hypothesis
import pytest

from hw_cnn import _memory

# As in the Makefile: a fork of a process in which torch has threads waits for them forever.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# How long a case takes says how busy the machine is.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True)
def _same_numbers_in_each_run() -> None:
    """A test that fails once in a thousand runs refuses somebody's work that it has nothing to do with.

    What is meant to meet ever new numbers draws them with hypothesis or from salts that it names.
    """
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "nightly: minutes more of what each run tries already (select with -m nightly)"
    )


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """The tests import everything: the garbage collector need not look through it again and again."""
    with _memory.importing():
        return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    # Files with slow tests come first: then several processes end at about the same time.
    slow = {item.path for item in items if item.get_closest_marker("slow") is not None}
    items.sort(key=lambda item: item.path not in slow)
    # A default `-m "not nightly"` in pyproject.toml would be lost with each other -m, such as "not slow".
    if "nightly" not in config.getoption("-m"):
        nightly = [item for item in items if item.get_closest_marker("nightly") is not None]
        if nightly:
            config.hook.pytest_deselected(items=nightly)
            items[:] = [item for item in items if item.get_closest_marker("nightly") is None]


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes are named after their argument: an archive holds the time it was made, so its bytes differ per process."""
    return argname if isinstance(val, bytes | bytearray) else None
