"""Weights that were handed in, by what they hold: names, order and remarks in the file say nothing. Nothing is loaded.

A `.ckpt` is an archive of pickles, which would run code; of it the stored tensors are read as bytes, and no pickle.
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator

from safetensors import SafetensorError, deserialize

# Where torch keeps the bytes of tensors in its archive: `model/data/0`.
STORED = re.compile(r"[^/]*/data/\d+")


def content(data: bytes) -> str:
    """A digest of all tensors, the same for a file that was renamed, saved again or given other names inside."""
    try:
        tensors = list(_safetensors(data) if not data.startswith(b"PK") else _archive(data))
    except (SafetensorError, zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        tensors = []
    return _digest(sorted(_digest([one]).encode() for one in tensors) if tensors else [data])


def _safetensors(data: bytes) -> Iterator[bytes]:
    for _, tensor in deserialize(data):  # type: ignore[no-untyped-call]
        yield bytes(tensor["data"])


def _archive(data: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.infolist():
            # torch packs nothing; an entry that unpacks to more than the file holds is no weights of torch.
            if STORED.fullmatch(entry.filename) and entry.compress_type == zipfile.ZIP_STORED:
                yield archive.read(entry)


def _digest(parts: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for part in parts:
        found.update(part)
    return found.hexdigest()
