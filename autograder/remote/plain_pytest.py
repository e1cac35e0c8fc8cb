"""pytest without the options and plugins of the machine: they must not decide about a grade."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

_OWN = {"PYTEST_ADDOPTS": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_PLUGINS": ""}


@contextlib.contextmanager
def plain_pytest() -> Iterator[None]:
    """In this block `pytest.main` takes what it is given, and nothing from the environment."""
    before = {name: os.environ.get(name) for name in _OWN}
    os.environ.update(_OWN)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
