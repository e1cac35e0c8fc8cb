"""All attacks that are no code to run."""

from __future__ import annotations

from tests.attacks import archives, slow_uploads

UPLOADS = [*archives.UPLOADS, *slow_uploads.UPLOADS]
BY_NUMBER = {item.number: item for item in UPLOADS}
