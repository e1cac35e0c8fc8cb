"""Which files outside of the stage a worker must read: the interpreter, shared libraries, a few of the system's.

A folder that holds anything of the project is never granted whole: its other entries are, one by one.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_SYSTEM = (
    "/lib", "/lib32", "/lib64", "/libx32", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32",
    "/usr/local/lib", "/usr/local/cuda", "/usr/share/zoneinfo", "/etc/ld.so.cache", "/etc/localtime",
    "/etc/alternatives", "/sys/devices/system/cpu",
)  # fmt: skip
_PACKAGES = re.compile(r"(site|dist)-packages")


def project_folders() -> set[Path]:
    """Folders that hold the grader, the reference, or packages among which either may be installed."""
    package = Path(__file__).resolve().parents[2]
    folders = {package, package.parent}
    folders |= {Path(entry).resolve() for entry in sys.path if _PACKAGES.fullmatch(Path(entry).name)}
    return folders


@dataclass(frozen=True)
class Visible:
    """What workers may read outside of the stage, at the paths that it has outside.

    Args:
        roots: files, folders and links.
        covers: what lies below a root and must not be seen.
    """

    roots: tuple[Path, ...]
    covers: tuple[Path, ...]

    def entries(self) -> list[Path]:
        """The same without covers: a folder that holds one is replaced by its other entries."""
        kept: dict[Path, None] = {}
        for root in self.roots:
            for path in _without(root, self.covers):
                kept[path] = None
        return _outermost(kept)


def find_visible(secrets: Iterable[Path] = (), more: Iterable[Path] = ()) -> Visible:
    """Look at this system and this interpreter.

    Args:
        secrets: folders and files beside the project's own that must stay out.
        more: files of the system that not every worker needs.
    """
    roots = [*map(Path, _SYSTEM), *more]
    roots += [Path(path) for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path]
    base = Path(os.path.realpath(sys.base_prefix))
    roots += [base / "lib", base / "lib64", Path(sys.executable).resolve()]
    roots.append(Path(os.__file__).resolve().parent)
    hidden = project_folders() | {Path(path).resolve() for path in secrets}
    kept = _outermost(
        root for root in roots if (root.exists() or root.is_symlink()) and root.resolve() not in hidden
    )
    covers = {path for path in hidden if any(path.is_relative_to(root.resolve()) for root in kept)}
    for root in kept:
        covers |= _package_folders(root)
    return Visible(tuple(kept), tuple(sorted(covers)))


def _package_folders(root: Path) -> set[Path]:
    """Where Pythons below `root` keep packages: none of them is needed, and any may hold the project."""
    if root.is_symlink() or not root.is_dir():
        return set()
    pythons = [root, *root.glob("python*"), *root.glob("lib/python*")]
    return {
        entry
        for python in pythons
        if python.name.startswith("python") and python.is_dir()
        for entry in python.iterdir()
        if _PACKAGES.fullmatch(entry.name)
    }


def _without(path: Path, covers: tuple[Path, ...]) -> Iterable[Path]:
    if path.is_symlink():
        return  # what it leads to is there if it is granted, too
    if path in covers:
        return
    if not any(cover.is_relative_to(path) for cover in covers):
        yield path
        return
    for entry in sorted(path.iterdir()):
        yield from _without(entry, covers)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    known = set(paths)
    return sorted(path for path in known if not any(parent in known for parent in path.parents))
