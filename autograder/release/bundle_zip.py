"""A bundle as one file, which unpacks to a folder of its own name."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Container, Mapping
from pathlib import Path

from autograder.errors import UsageError

ARCHIVE = ".zip"
COMMENT = b"autograder release"
EPOCH = (1980, 1, 1, 0, 0, 0)


def check_zip(out: Path, comment: bytes = COMMENT) -> bool:
    """Whether `out` is an earlier one of this `comment`. Raises: UsageError when it is something else."""
    if not out.exists() and not out.is_symlink():
        return False
    try:
        with zipfile.ZipFile(out) as old:
            if old.comment == comment:
                return True
    except (OSError, zipfile.BadZipFile):
        pass
    raise UsageError(
        f"{out} is there and no {comment.decode().split()[-1]}; choose another --out, nothing was changed"
    )


def write_zip(
    files: Mapping[str, bytes], out: Path, executable: Container[str] = (), comment: bytes = COMMENT
) -> None:
    """Write beside `out`, then rename; two zips of the same files are the same bytes.

    executable: names of files that may be run. comment: says what kind of zip it is, for `check_zip`.

    Raises: UsageError.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as name:
            new = Path(name) / "new"
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = comment
                for path, data in sorted(files.items()):
                    info = zipfile.ZipInfo(path, EPOCH)
                    mode = 0o755 if path in executable else 0o644
                    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, mode << 16
                    archive.writestr(info, data)
            new.replace(out)
    except OSError as error:
        raise UsageError(
            f"cannot write {out}: {error.strerror}; free space or choose another --out"
        ) from error
