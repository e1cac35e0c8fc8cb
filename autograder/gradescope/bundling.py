"""The zip that staff upload to Gradescope: grader, reference, assignment with its hidden tests, and the course key."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from autograder.course.assignment import Assignment, package_root
from autograder.course.manifest import MANIFEST_NAME
from autograder.errors import UsageError
from autograder.gradescope.settings import COURSE, KEY_NAME, OWN, SETTINGS_NAME, Settings
from autograder.gradescope.telling import machine_total
from autograder.release.bundle_zip import ARCHIVE, check_zip, write_zip
from autograder.release.grader import EXTRAS, PROJECT, closure, running_python

FILES = Path(__file__).parent / "files"
COMMENT = b"autograder bundle-gradescope"
EXECUTABLE = frozenset({"setup.sh", "run_autograder"})
LITTER = ("__pycache__", ".pytest_cache", ".ipynb_checkpoints")


@dataclass(frozen=True)
class Packages:
    """Where the container's pip finds packages.

    Args:
        index: address of the index with the CPU build of torch; "" for pip's own.
        wheels: folder with all of them, which goes into the zip; None: they are downloaded.
    """

    index: str = ""
    wheels: Path | None = None


def bundle(
    assignment: Assignment,
    homes: Iterable[Path],
    out: Path,
    settings: Settings,
    key: bytes,
    packages: Packages,
) -> list[str]:
    """Write the zip; returns what to tell the person who asked. The same input gives the same bytes.

    homes: folders of further assignments of the course, besides that of `assignment`.

    Raises: UsageError.
    """
    if out.suffix.lower() != ARCHIVE:
        raise UsageError(f"--out {out}: Gradescope takes a file that ends with {ARCHIVE}")
    check_zip(out, COMMENT)
    files = {**_grader(), **_assignments(assignment, homes), **_packages(assignment, packages)}
    place = _place(assignment)
    files[SETTINGS_NAME] = (
        settings.model_copy(update={"assignment": place}).model_dump_json(indent=1).encode() + b"\n"
    )
    files[KEY_NAME] = key + b"\n"
    write_zip(files, out, executable=EXECUTABLE, comment=COMMENT)
    return _said(assignment, out, settings, packages)


def _said(assignment: Assignment, out: Path, settings: Settings, packages: Packages) -> list[str]:
    manifest = assignment.manifest
    lines = [
        f"{assignment.name} ({settings.lang}): {out}, {out.stat().st_size / 1e6:.1f} MB",
        "for staff only: it holds the hidden tests, the reference and the course key",
        f"Autograder points on Gradescope: {machine_total(manifest):g}; timeout: {settings.minutes} minutes; "
        "container: 1 CPU and 1.5 GB at least (docs/gradescope.md)",
    ]
    if manifest.written:
        tasks = ", ".join(f"{task.id} {task.points:g}" for task in manifest.written)
        lines.append(f"marked by hand, as questions of a rubric: {tasks}")
    if manifest.dates.due is not None:
        lines.append("lateness is left to Gradescope: points are sent as they are before it")
    if not packages.index and packages.wheels is None:
        lines.append(
            "pip's own index has the build of torch for GPUs, about 6 GB: with --index give the address of the CPU "
            "build, which pytorch.org names"
        )
    return lines


def _grader() -> dict[str, bytes]:
    folders = {"hw_cnn": package_root() / "hw_cnn", "autograder": Path(__file__).parents[1]}
    files = {
        f"{name}/{path}": data for name, folder in folders.items() for path, data in _below(folder).items()
    }
    return files | {name: (FILES / name).read_bytes() for name in EXECUTABLE}


def _place(assignment: Assignment) -> str:
    is_own = assignment.folder.parent == (package_root() / OWN).resolve()
    return f"{OWN if is_own else COURSE}/{assignment.folder.name}"


def _assignments(assignment: Assignment, homes: Iterable[Path]) -> dict[str, bytes]:
    """The assignment whole, and the manifests of all others: they say what the student edition must not hold."""
    own = (package_root() / OWN).resolve()
    files = _manifests(own, OWN)
    for home in (assignment.folder.parent, *homes):
        if home.resolve() != own:
            files |= _manifests(home, COURSE)
    place = _place(assignment)
    return files | {f"{place}/{path}": data for path, data in _below(assignment.folder).items()}


def _manifests(home: Path, place: str) -> dict[str, bytes]:
    paths = sorted(home.glob(f"*/{MANIFEST_NAME}"))
    return {f"{place}/{path.parent.name}/{MANIFEST_NAME}": path.read_bytes() for path in paths}


def _below(folder: Path) -> dict[str, bytes]:
    """Every file but caches: the digest of the grader is made of the same."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not any(part in LITTER for part in path.relative_to(folder).parts)
    }


def _packages(assignment: Assignment, packages: Packages) -> dict[str, bytes]:
    """What setup.sh installs: exactly the versions that are installed here.

    Raises: UsageError: a package is missing here, or the folder of wheels holds none.
    """
    options = ["--extra-index-url", packages.index] if packages.index else []
    return {
        "python.txt": f"{assignment.manifest.python or running_python()}\n".encode(),
        "pip-options.txt": "".join(f"{option}\n" for option in options).encode(),
        "requirements.txt": _lines(_pinned(_direct())),
        "constraints.txt": _lines(_pinned(closure(PROJECT, EXTRAS) - {PROJECT})),
        **_wheels(packages.wheels),
    }


def _wheels(folder: Path | None) -> dict[str, bytes]:
    if folder is None:
        return {}
    found = {f"wheels/{path.name}": path.read_bytes() for path in sorted(folder.glob("*.whl"))}
    if not found:
        raise UsageError(
            f"--wheels {folder} holds no wheel: fill it with `pip download`, see docs/gradescope.md"
        )
    return found


def _direct() -> set[str]:
    """What the project itself asks for, with the extras of a grader."""
    required = map(Requirement, metadata.requires(PROJECT) or ())
    return {
        str(canonicalize_name(one.name))
        for one in required
        if one.marker is None or any(one.marker.evaluate({"extra": extra}) for extra in ("", *EXTRAS))
    } - {PROJECT}


def _pinned(names: Iterable[str]) -> Mapping[str, str]:
    try:
        # A build for the CPU satisfies the same version without its local part.
        return {name: Version(metadata.version(name)).public for name in names}
    except metadata.PackageNotFoundError as error:
        raise UsageError(
            f"{error.name} is not installed here, and grading needs it: run `make grade`"
        ) from error


def _lines(pinned: Mapping[str, str]) -> bytes:
    return "".join(f"{name}=={version}\n" for name, version in sorted(pinned.items())).encode()
