"""What can be wrong with files of images."""

from __future__ import annotations


class DataError(ValueError):
    """Files are missing, broken or out of reach: one sentence that names the place and the mend."""
