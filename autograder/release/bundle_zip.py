"""A bundle as one file, which unpacks to a folder of its own name."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from autograder.errors import UsageError

ARCHIVE = ".zip"
COMMENT = b"autograder release"
EPOCH = (1980, 1, 1, 0, 0, 0)


def check_zip(out: Path) -> bool:
    """Whether `out` is an earlier release. Raises: UsageError when it is something else."""
    if not out.exists() and not out.is_symlink():
        return False
    try:
        with zipfile.ZipFile(out) as old:
            if old.comment == COMMENT:
                return True
    except (OSError, zipfile.BadZipFile):
        pass
    raise UsageError(f"{out} is there and no release; choose another --out, nothing was changed")


def write_zip(files: Mapping[str, bytes], out: Path) -> None:
    """Write beside `out`, then rename; two releases of the same files are the same bytes. Raises: UsageError."""
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as name:
            new = Path(name) / "new"
            with zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.comment = COMMENT
                for path, data in sorted(files.items()):
                    info = zipfile.ZipInfo(path, EPOCH)
                    info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                    archive.writestr(info, data)
            new.replace(out)
    except OSError as error:
        raise UsageError(
            f"cannot write {out}: {error.strerror}; free space or choose another --out"
        ) from error
