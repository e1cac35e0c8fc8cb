"""What the command line names, read and checked before a class is graded: the course key, the roster, the device."""

from __future__ import annotations

import csv
import os
import secrets
import subprocess
import sys
from pathlib import Path

from autograder.errors import StoreError, UsageError
from autograder.intake.students import safe_student

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


def read_roster(path: Path | None) -> tuple[str, ...]:
    """The column `student` of a CSV file, as `find_submissions` names students. Raises: UsageError."""
    if path is None:
        return ()
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read the roster {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the roster {path} is not UTF-8 text; save it as a CSV file in UTF-8") from error
    rows = csv.DictReader(text.splitlines())
    if "student" not in (rows.fieldnames or ()):
        raise UsageError(f"the roster {path} has no column named 'student' in its first line")
    names = ((row["student"] or "").strip() for row in rows)
    return tuple(dict.fromkeys(safe_student(name) for name in names if name))


def resolve_device(wanted: str) -> str:
    """`auto` is CUDA where a GPU answers, else the CPU. Raises: UsageError for `cuda` without a GPU.

    The question is asked in another process: the grader's own must stay free of CUDA to fork.
    """
    if wanted == "cpu" or (wanted == "auto" and not Path("/dev/nvidiactl").exists()):
        return "cpu"
    code = "import torch, sys; sys.exit(0 if torch.cuda.is_available() else 3)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    if answer.returncode == 0:
        return "cuda"
    if wanted == "auto":
        return "cpu"
    raise UsageError("--device cuda: torch finds no CUDA device on this machine; use --device cpu or auto")
