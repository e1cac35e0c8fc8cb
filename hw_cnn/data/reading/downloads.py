"""Downloads by torchvision, with one sentence when they fail."""

from __future__ import annotations

import http.client
import re
import tarfile
from collections.abc import Callable
from pathlib import Path

from hw_cnn.data import errors


def download(name: str, folder: Path, fetch: Callable[[], object], mend: str) -> None:
    """Call `fetch`, which downloads the data set `name` into `folder`.

    Raises: DataError when the network, the server, the disk or the checksum fails; `mend` says what to do.
    """
    try:
        fetch()
    # torchvision tells a wrong checksum and a server that does not answer by RuntimeError.
    except (OSError, RuntimeError, EOFError, http.client.HTTPException, tarfile.TarError) as error:
        raise errors.DataError(f"cannot download {name} to {folder} ({_reason(error)}); {mend}") from error


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a tar file into `folder`: plain files and folders, nothing outside of it.

    Raises: OSError or tarfile.TarError when it is broken or asks for more than that.
    """
    with tarfile.open(archive) as opened:
        if hasattr(tarfile, "data_filter"):
            opened.extractall(folder, filter="data")
            return
        # Python before 3.11.4, as Debian 12 has it, knows no filters (PEP 706).
        for member in opened.getmembers():
            inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
            if not inside or not (member.isfile() or member.isdir()):
                raise tarfile.TarError(
                    f"{member.name!r} is no plain file or would lie outside the destination"
                )
            member.mode |= 0o700 if member.isdir() else 0o600
        opened.extractall(folder)


def _reason(error: Exception) -> str:
    """Take the core out of torchvision's text: "Error downloading FILE:\\nTried URL, got:\\n<urlopen error REASON>"."""
    reasons = re.findall(r"<urlopen error (?:\[Errno -?\d+\] )?(.+?)>", str(error))
    return reasons[-1] if reasons else " ".join(str(error).split())[:200] or type(error).__name__
