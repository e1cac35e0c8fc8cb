"""An executor in this process."""

from __future__ import annotations

import linecache
from collections.abc import Iterator
from types import ModuleType

import pytest

from autograder.sandbox.runner.executor import Executor
from tests.autograder.sandbox.runner.support import MODULE


@pytest.fixture
def executor(monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    import sys

    monkeypatch.setitem(sys.modules, MODULE, ModuleType(MODULE))
    before = set(linecache.cache)
    yield Executor()
    for name in set(linecache.cache) - before:
        del linecache.cache[name]
