"""What is read and checked before a class is graded: course key, marks given by hand, device."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.errors import GraderError, StoreError, UsageError
from autograder.intake.students import find_submissions
from autograder.results.beside import Beside
from autograder.results.store import Store
from autograder.sandbox.host import gpus
from autograder.sandbox.host.connection import DeviceError
from autograder.sandbox.host.gpus import Gpu
from autograder.sandbox.jail import gpu

KEY_NAME = "course.key"
MIN_KEY_BYTES = 16


def read_key(path: Path | None, out: Path) -> bytes:
    """The course key from `--key`, or one made once below `--out`. Raises: UsageError, StoreError."""
    if path is None:
        path = out / KEY_NAME
        if not path.exists() and any((out / "results").glob("*.json")):
            raise UsageError(
                f"{out} holds results that were graded with a key, and no {KEY_NAME}; give that key with --key"
            )
        if not path.exists():
            _make_key(path)
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise UsageError(f"cannot read the course key {path}: {error.strerror}") from error
    if len(key) < MIN_KEY_BYTES:
        raise UsageError(
            f"the course key {path} holds {len(key)} bytes, at least {MIN_KEY_BYTES} are needed; "
            "make one with `openssl rand -hex 32`"
        )
    return key


def _make_key(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as stream:
            stream.write(secrets.token_hex(32) + "\n")
    except OSError as error:
        raise StoreError(
            f"cannot write {path}: {error.strerror}; free space or choose another --out"
        ) from error


def check_marks(assignment: Assignment, submissions: Path, store: Store, roster: Iterable[str]) -> Beside:
    """What people have said, of those too who have no result yet.

    Raises: UsageError naming the lines that cannot be used, before anybody is graded.

    For which text each new mark was given is kept now, since a new submission may bring another text.
    """
    students = {upload.student for upload in find_submissions(submissions, assignment.name)}
    beside = store.beside(assignment.manifest, {*students, *roster})
    beside.require()
    store.remember_texts(assignment.manifest)
    return beside


@dataclass(frozen=True)
class Device:
    """Where students' code computes.

    Args:
        kind: "cpu" or "cuda".
        gpus: that answer, for "cuda".
        said: why `auto` came to the CPU; empty where nobody need be told.
    """

    kind: str
    gpus: tuple[Gpu, ...] = ()
    said: str = ""


def resolve_device(wanted: str, dev: Path = Path("/dev")) -> Device:
    """`auto` is CUDA where a GPU computes, else the CPU. Raises: GraderError for `cuda` where none does.

    dev: the folder of device nodes; without one of a GPU, `auto` asks nobody.
    """
    if wanted == "cpu":
        return Device("cpu")
    if wanted == "auto" and not gpu.nodes(dev):
        return Device("cpu", said="no GPU on this machine: students' code computes on the CPU")
    try:
        return Device("cuda", tuple(gpus.ask()))
    except DeviceError as error:
        if wanted == "cuda":
            raise GraderError(no_device(str(error))) from error
        return Device(
            "cpu",
            said=f"the GPU of this machine does not answer ({error}): students' code computes on the CPU",
        )


def no_device(said: str) -> str:
    """What a run ends with when its device does not compute."""
    return (
        f"--device cuda: no GPU of this machine answers ({said}); see that `nvidia-smi` shows one, or grade with "
        "--device cpu. What was finished before is kept, and nobody lost points"
    )
