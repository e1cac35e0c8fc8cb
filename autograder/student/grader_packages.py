"""Imports as where the work is graded: a package that is only on this machine is not found."""

from __future__ import annotations

import contextlib
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path, PurePosixPath
from types import FrameType, ModuleType

from autograder.course.public import PublicManifest

OWN = ("hw_cnn", "autograder", "__main__", "__mp_main__", "solution")


@contextlib.contextmanager
def only_grader_packages(
    public: PublicManifest, files: Iterable[str], added: Iterable[str] = ()
) -> Iterator[None]:
    """In this block the student's code can import what the grader has, and the modules among `files`.

    added: files that are new in the library, which the grader lacks. What libraries import for themselves is not
    touched.
    """
    allowed = {*sys.stdlib_module_names, *OWN, *public.packages, *own_modules(files)}
    hidden: dict[str, ModuleType] = {
        name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] not in allowed
    }
    finder = _Finder(allowed, set(map(module_name, added)))
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        sys.modules.update(hidden)


def module_name(file: str) -> str:
    """`hw_cnn.mine` for "hw_cnn/mine.py" and "hw_cnn/mine/__init__.py"."""
    return str(PurePosixPath(file).with_suffix("")).replace("/", ".").removesuffix(".__init__")


def own_modules(files: Iterable[str]) -> set[str]:
    """Names by which modules of the work can be imported, whichever of its folders is searched."""
    names = set()
    for file in files:
        path = PurePosixPath(file)
        if path.suffix == ".py":
            names |= {*path.parent.parts, path.stem}
    return names


class _Finder(MetaPathFinder):
    def __init__(self, allowed: set[str], added: set[str]) -> None:
        self._allowed, self._added = allowed, added
        self._libraries = tuple(f"{folder}/" for folder in library_folders())

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Never finds anything. Raises: ModuleNotFoundError, in Python's own words, for what the grader lacks."""
        known = fullname.partition(".")[0] in self._allowed or self._asked_by_library(sys._getframe(1))
        if known and fullname not in self._added:
            return None
        raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)

    def _asked_by_library(self, frame: FrameType | None) -> bool:
        """Whether the import statement stands in an installed package or in our own code."""
        while frame is not None and "importlib" in frame.f_code.co_filename:
            frame = frame.f_back
        if frame is None:
            return True
        return Path(frame.f_code.co_filename).as_posix().startswith(self._libraries)


def library_folders() -> set[str]:
    """Where installed packages and the grader lie; not `hw_cnn`, which may be the student's."""
    schemes = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    # Wherever else torch is: on `PYTHONPATH`, or where a `.pth` file points.
    with_torch = [entry for entry in sys.path if entry and (Path(entry) / "torch" / "__init__.py").is_file()]
    folders: list[str | Path] = [
        *schemes,
        *site.getsitepackages(),
        site.getusersitepackages(),
        *with_torch,
        Path(__file__).parents[1],
    ]
    return {Path(folder).as_posix() for folder in folders}
