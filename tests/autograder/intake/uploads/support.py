"""Archives that a test packs."""

from __future__ import annotations

import zipfile
from io import BytesIO


def packed(*members: tuple[str, bytes] | tuple[zipfile.ZipInfo, bytes]) -> bytes:
    """A zip with these members, in order."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()
