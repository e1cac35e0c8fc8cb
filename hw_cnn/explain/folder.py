"""The folder of a page: nothing foreign is overwritten, and `index.html` is there only when all pictures are."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from hw_cnn import usage
from hw_cnn.explain import texts

INDEX, PICTURES = "index.html", "pictures"
# Stands near the beginning of everything this command writes.
ORIGIN = "hw-cnn explain"
_REFUSALS = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.ENOTDIR, errno.EEXIST)


def check(out: Path) -> None:
    """Raises: usage.InputError when `out` is no folder, cannot be written, or holds what would be lost."""
    pictures = out / PICTURES
    for folder in (out, pictures):
        if folder.exists() and not folder.is_dir():
            raise usage.InputError(f"{str(folder)!r} is a file where a folder is needed; give another --out")
    for path in (out / INDEX, *(pictures / f"{name}.png" for name in texts.picture_names())):
        if path.exists() and not is_ours(path):
            raise usage.InputError(
                f"{str(path)!r} was not written by this command and would be lost; give another --out"
            )
    nearest = next(folder for folder in (pictures, *pictures.absolute().parents) if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK):
        raise usage.InputError(f"cannot write into {str(nearest)!r}; give another --out")


def clear(out: Path) -> None:
    """Make the folder, and take an older page away: a broken run must leave none whose pictures are of two networks."""
    (out / PICTURES).mkdir(parents=True, exist_ok=True)
    (out / INDEX).unlink(missing_ok=True)
    for path in (out / PICTURES).glob("*.png"):
        if is_ours(path):
            path.unlink()


def is_ours(path: Path) -> bool:
    """Tell whether this command wrote the file."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return ORIGIN.encode() in file.read(1000)


@contextlib.contextmanager
def told(out: Path) -> Iterator[None]:
    """Tell in one sentence what the system refuses. Raises: usage.InputError."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise usage.InputError(
            f"cannot write {error.filename or str(out)!r}: {error.strerror}; give another --out"
        ) from error
