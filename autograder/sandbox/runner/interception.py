"""Tells a listener whenever an operator of torch, a function of numpy or scipy, or a class is used.

An operator is overridden in torch's dispatcher (https://docs.pytorch.org/docs/stable/library.html): whichever spelling
led there, in whichever thread, in a gradient too, it computes what it always did and is heard of. No other operator is
touched. A function is replaced where the library itself looks it up, so that nobody holds another. Everything here
belongs to the process, like the dispatcher itself.
"""

from __future__ import annotations

import functools
import sys
import warnings
from collections.abc import Callable, Iterable
from types import FrameType, ModuleType
from typing import Any

import torch
from torch.library import Library, get_kernel

from autograder.wire.forbidden_calls import CALLS

# What was used, and the frame that used it: None where there is none of Python's (a thread of torch).
Listener = Callable[[str, FrameType | None], None]
NOTHING: tuple[frozenset[str], bool] = (frozenset(), False)
META = torch._C.DispatchKey.Meta
# These stand for keys of their own kind: the kernel that runs for a tensor on the CPU is theirs.
EXPLICIT, IMPLICIT = "CompositeExplicitAutograd", "CompositeImplicitAutograd"
# Tensors in the layout of mkldnn: nothing can be registered for them, but for the step before.
MKLDNN, BEFORE_MKLDNN = "MkldnnCPU", "AutogradOther"


class Interception:
    """See the module. Without a listener everything passes."""

    def __init__(self) -> None:
        self.listener: Listener | None = None
        self._installed = NOTHING
        self._libraries: dict[str, Library] = {}
        self._replaced: dict[tuple[Any, str], object] = {}

    def install(self, operators: Iterable[str], packages: Iterable[str], device: str) -> None:
        """Override these operators and no others; wrap functions and the classes of packages that are imported now."""
        # Some operators come with torchvision, which a student's code may import late.
        wanted = (frozenset(operators), "torchvision" in sys.modules)
        if wanted != self._installed:
            self._restore_operators()
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # torch says that a kernel is overridden
                for name in sorted(wanted[0]):
                    for key in keys_of(name, device):
                        self._override(name, key)
            self._installed = wanted
        self.wrap_functions()
        for package in packages:
            self._wrap_classes(package)

    def remove(self, *, functions: bool = True) -> None:
        """Leave no trace; functions may stay wrapped."""
        self.listener = None
        self._restore_operators()
        if functions:
            for (owner, name), original in self._replaced.items():
                setattr(owner, name, original)
            self._replaced.clear()

    def wrap_functions(self) -> None:
        """Wrap those functions of `CALLS` whose modules are imported."""
        for place in dict.fromkeys(place for call in CALLS.values() for place in call.functions):
            module, _, name = place.partition(":")
            owner = sys.modules.get(module)
            if owner is not None and hasattr(owner, name):
                self._replace(owner, name, place)

    def _restore_operators(self) -> None:
        for library in self._libraries.values():
            library._destroy()
        self._libraries.clear()
        self._installed = NOTHING

    def _override(self, name: str, key: str) -> None:
        original = get_kernel(name, "CPU" if key in (EXPLICIT, IMPLICIT) else key)

        def kernel(keys: torch._C.DispatchKeySet, *args: Any, **kwargs: Any) -> Any:
            # On the meta device there are no numbers: who asks there for a shape computes nothing.
            if self.listener is not None and not keys.has(META):
                self.listener(name, sys._getframe().f_back)
            return original.call_boxed(keys, *args, **kwargs)

        space, _, operator = name.partition("::")
        if space not in self._libraries:
            self._libraries[space] = Library(space, "IMPL")
        self._libraries[space].impl(operator, kernel, key, with_keyset=True, allow_override=True)

    def _replace(self, owner: Any, name: str, told: str) -> None:
        original = getattr(owner, name)
        if (owner, name) in self._replaced or hasattr(original, "_intercepted"):
            return

        @functools.wraps(original)
        def call(*args: Any, **kwargs: Any) -> Any:
            if self.listener is not None:
                self.listener(told, sys._getframe().f_back)
            return original(*args, **kwargs)

        call._intercepted = True  # type: ignore[attr-defined]  # a mark of ours
        self._replaced[owner, name] = original
        setattr(owner, name, call)

    def _wrap_classes(self, package: str) -> None:
        for module in list(sys.modules.values()):
            if type(module) is not ModuleType or not f"{module.__name__}.".startswith(f"{package}."):
                continue
            for kind in list(vars(module).values()):
                is_made = isinstance(kind, type) and "__init__" in vars(kind)
                if is_made and f"{kind.__module__}.".startswith(f"{package}."):
                    self._replace(kind, "__init__", package)


INTERCEPTION = Interception()


def keys_of(name: str, device: str) -> list[str]:
    """The dispatch keys under which an operator computes on this machine; none where it does not exist."""
    has = torch._C._dispatch_has_kernel_for_dispatch_key
    try:
        keys = [key for key in ("CPU", "CUDA") if has(name, key) and (key == "CPU" or device == "cuda")]
        if "CPU" not in keys:
            keys += next(([key] for key in (EXPLICIT, IMPLICIT) if has(name, key)), [])
        return [*keys, BEFORE_MKLDNN] if has(name, MKLDNN) else keys
    except RuntimeError:  # no such operator
        return []
