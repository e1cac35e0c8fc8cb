"""The archive itself: the same work gives the same bytes, and nothing of somebody else's is overwritten."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from autograder.student.packing import words
from autograder.student.packing.refused import RefusedError
from autograder.text import Lang
from hw_cnn._files import write_whole

COMMENT = b"hw-cnn submit"
EARLIEST, LATEST = (1980, 1, 1, 0, 0, 0), (2107, 12, 31, 23, 59, 58)


def zip_bytes(files: Mapping[str, bytes], times: Mapping[str, float]) -> bytes:
    """A zip with the times at which the files were saved: of two notebooks the later one may count."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = COMMENT
        for name in sorted(files):
            year, month, day, hour, minute, second, *_ = time.gmtime(times.get(name, 0))
            moment = (year, month, day, hour, minute, second)
            info = zipfile.ZipInfo(name, min(max(moment, EARLIEST), LATEST))
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(info, files[name])
    return buffer.getvalue()


def refuse_foreign(target: Path, lang: Lang) -> None:
    """Raises: RefusedError when there is a file that this command has not made."""
    if not target.exists():
        return
    try:
        with zipfile.ZipFile(target) as old:
            own = old.comment == COMMENT
    except (OSError, zipfile.BadZipFile):
        own = False
    if not own:
        raise RefusedError(words.FOREIGN_ZIP.get(lang).format(path=target))


def write_own(target: Path, data: bytes, lang: Lang) -> None:
    """Write the archive, over an earlier one of ours only. Raises: RefusedError."""
    refuse_foreign(target, lang)
    try:
        write_whole(target, data)
    except OSError as error:
        raise RefusedError(words.CANNOT_WRITE.get(lang).format(path=target, why=error.strerror)) from error
