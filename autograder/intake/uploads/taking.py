"""From a path to the files that matter: which reader an upload needs, and what is only a wrapper."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from autograder.intake.uploads.collecting import Files, Wanted
from autograder.intake.uploads.folders import read_file, read_folder
from autograder.intake.uploads.names import printable
from autograder.intake.uploads.refusals import link
from autograder.intake.uploads.rejection import Rejected, refuse
from autograder.intake.uploads.tars import read_tar
from autograder.intake.uploads.zips import read_zip

TARS = (".tar.gz", ".tgz", ".tar")
ARCHIVES = (".zip", *TARS)
FOREIGN_ARCHIVES = (
    *(".tar.bz2", ".tar.xz", ".tar.zst", ".tbz2", ".txz"),
    *(".rar", ".7z", ".gz", ".bz2", ".xz", ".zst"),
)
# Under any name: a .rar that was called .zip.
FOREIGN_STARTS = ((b"Rar!\x1a\x07", ".rar"), (b"7z\xbc\xaf\x27\x1c", ".7z"))


def digest(files: Mapping[str, bytes]) -> str:
    """SHA-256 (hex) over the sorted paths and contents."""
    total = hashlib.sha256()
    for path in sorted(files):
        for part in (path.encode(), files[path]):
            total.update(len(part).to_bytes(8, "big"))
            total.update(part)
    return total.hexdigest()


def take(path: Path, wanted: Wanted, upload_mb: int, base: Path | None = None) -> Files:
    """Read the wanted files of a folder, an archive or a single file.

    wanted: decides by the normalised relative path ("/" between folders, NFC) whether a file's bytes are
    read. base: a folder above `path` that holds no links to mistrust; from there on none is followed.
    Folders that only wrap everything else are removed.
    Raises: Rejected; OSError when the grader itself may not read the disk.
    """
    base = path.parent if base is None else base
    if path.is_symlink():
        raise link(path.name)
    if path.is_dir():
        return unwrap(read_folder(path, base, wanted, upload_mb))
    data, modified = read_file(path, base, upload_mb)
    if is_archive(path.name):
        return take_archive(data, path.name, wanted, upload_mb)
    return Files({path.name: data}, {path.name: modified})


def is_archive(name: str) -> bool:
    """Whether this is the name of an archive, of those that are read and of those that are not."""
    return name.lower().endswith((*ARCHIVES, *FOREIGN_ARCHIVES))


def take_archive(data: bytes, name: str, wanted: Wanted, upload_mb: int) -> Files:
    """Read the wanted members of a .zip, .tar or .tar.gz in memory. Raises: Rejected, also for other kinds."""
    for start, suffix in FOREIGN_STARTS:
        if data.startswith(start):
            raise foreign(name, suffix)
    if name.lower().endswith(TARS):
        return unwrap(read_tar(data, name, wanted, upload_mb))
    if name.lower().endswith(ARCHIVES):
        return take_zip(data, name, wanted, upload_mb)
    raise foreign(name, next(suffix for suffix in FOREIGN_ARCHIVES if name.lower().endswith(suffix)))


def take_zip(data: bytes, name: str, wanted: Wanted, upload_mb: int) -> Files:
    """Read the wanted members of a zip in memory. Raises: Rejected."""
    return unwrap(read_zip(data, name, wanted, upload_mb))


def foreign(name: str, suffix: str) -> Rejected:
    """The sentence for an archive of another kind, whatever its name says."""
    return refuse(
        f"«{printable(name)}»: архивы {suffix} не принимаются; упакуйте работу в .zip",
        f"{printable(name)!r}: {suffix} archives are not accepted; pack your work as .zip",
    )


def unwrap(files: Files) -> Files:
    """Remove folders that only wrap everything else (never `hw_cnn` itself)."""
    while files:
        tops = {path.split("/")[0] for path in files}
        top = next(iter(tops))
        if len(tops) > 1 or top == "hw_cnn" or any("/" not in path for path in files):
            break
        files = files.renamed(partial(_without, f"{top}/"))
    return files


def _without(prefix: str, path: str) -> str:
    return path.removeprefix(prefix)
