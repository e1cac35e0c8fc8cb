"""Find an assignment on disk and everything that grading it needs: manifest, student edition, digests."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from autograder.course.manifest import MANIFEST_NAME, Manifest, load_manifest
from autograder.course.ownership import OWN_FOLDER, AssignmentSymbols, emptied_for, own_assignments
from autograder.errors import UsageError

CHECKPOINT = "model.safetensors"
PACKAGES = ("torch", "torchvision", "lightning", "torchmetrics", "numpy", "pytest")


@dataclass(frozen=True)
class Assignment:
    """An assignment folder with its checked manifest and its neighbours in the same course.

    manifest: of the tasks that count; larger: the folder's own manifest, where only a part of its tasks was chosen.
    """

    folder: Path
    manifest: Manifest
    neighbours: tuple[Manifest, ...]
    larger: Manifest | None = None

    @property
    def name(self) -> str:
        return self.manifest.name

    @property
    def whole(self) -> Manifest:
        """The manifest of all tasks, chosen or not."""
        return self.larger or self.manifest

    @cached_property
    def emptied(self) -> tuple[AssignmentSymbols, ...]:
        """What its student edition does not hold: tasks of all assignments, the package's own ones too, except provided
        ones; its own come last. Tasks that were not chosen are empty, too: another homework may ask them.

        Raises: UsageError when two assignments of the course ask for one symbol.
        """
        left_out = AssignmentSymbols.left_out_of(self.larger, self.manifest) if self.larger else None
        return emptied_for(self.manifest, self.neighbours, own_assignments(package_root()), left_out)

    @cached_property
    def edition(self) -> Mapping[str, bytes]:
        """The files of the student edition: the package without what is `emptied`."""
        from autograder.course.edition import edition

        return edition(self.emptied, self.name, package_root())

    @property
    def checkpoint(self) -> bytes | None:
        """Weights of the reference, None where the assignment asks for none."""
        path = self.folder / CHECKPOINT
        return path.read_bytes() if path.is_file() else None

    @cached_property
    def grader_sha256(self) -> str:
        """Changes when anything that can change a grade changes: assignment, reference or grader."""
        folders = (self.folder, package_root() / "hw_cnn", Path(__file__).parents[1])
        return digest_of_files(folders)


def package_root() -> Path:
    """The folder that holds the package `hw_cnn`, found without importing it."""
    spec = importlib.util.find_spec("hw_cnn")
    if spec is None or spec.origin is None:
        raise UsageError("the package hw_cnn is not installed; run `make grade` or `pip install -e .`")
    return Path(spec.origin).parent.parent


def find_assignment(name: str, courses: Path | None = None, tasks: str | None = None) -> Assignment:
    """`name` is a folder that holds a manifest, or a name below `courses` (default: ./assignments).

    Its neighbours are the assignments beside it and those below `courses`. tasks: the part that counts, as ids of
    tasks or a preset (`Manifest.choose`); all of it if not given.

    Raises: UsageError naming what was looked for and where.
    """
    root = courses or Path("assignments")
    folder = Path(name)
    if not (folder / MANIFEST_NAME).is_file():
        folder = root / name
    if not (folder / MANIFEST_NAME).is_file():
        known = ", ".join(sorted(path.parent.name for path in root.glob(f"*/{MANIFEST_NAME}"))) or "none"
        raise UsageError(
            f"there is no assignment {name!r} in {root} (there: {known}); "
            "give its name, its path, or the folder of the course with --assignments"
        )
    manifest = load_manifest(folder)
    homes = [folder.resolve().parent]
    if courses is not None and courses.resolve() != (package_root() / OWN_FOLDER).resolve():
        # Those that came with the package count in any case, and leave a symbol to a course that asks for it.
        homes.append(courses.resolve())
    beside = [path.parent for home in homes for path in sorted(home.glob(f"*/{MANIFEST_NAME}"))]
    others = dict.fromkeys(path for path in beside if path != folder.resolve())
    chosen, larger = (manifest, None) if tasks is None else (manifest.choose(tasks), manifest)
    return Assignment(folder.resolve(), chosen, tuple(map(load_manifest, others)), larger)


def list_assignments(courses: Path | None = None) -> list[str]:
    """Names of all assignments of a course. Raises: UsageError when there is none."""
    root = courses or Path("assignments")
    names = sorted(path.parent.name for path in root.glob(f"*/{MANIFEST_NAME}"))
    if not names:
        raise UsageError(f"{root} holds no assignment; give the folder of the course with --assignments")
    return names


def digest_of_files(folders: Iterable[Path]) -> str:
    """SHA-256 over relative paths and contents of all files below `folders`, caches left out."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{folder.name}/{path.relative_to(folder)}\0".encode())
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions of the interpreter and of the packages that can change a number."""
    known = {"python": platform.python_version()}
    for name in PACKAGES:
        known[name] = importlib.metadata.version(name)
    return known


def environment_sha256() -> str:
    """A digest of `versions()` and of the kind of machine."""
    lines = [f"{name}={version}" for name, version in sorted(versions().items())]
    return hashlib.sha256("\n".join([*lines, platform.machine(), platform.system()]).encode()).hexdigest()
