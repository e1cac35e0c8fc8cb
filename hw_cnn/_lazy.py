"""Exports that are imported when they are first used (PEP 562), so that importing a package loads no torch."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any


def exports(package: str, modules: Mapping[str, str]) -> Callable[[str], Any]:
    """Make the `__getattr__` of `package`: `modules` maps each exported name to the module that defines it.

    The value is looked up anew each time: a student's notebook may replace the definition in its module.
    """

    def look_up(name: str) -> Any:
        if name not in modules:
            raise AttributeError(
                f"module {package!r} has no attribute {name!r}; it exports {', '.join(modules)}"
            )
        return getattr(importlib.import_module(modules[name]), name)

    return look_up
