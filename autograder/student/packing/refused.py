"""What `hw-cnn submit` says when it packs nothing."""

from __future__ import annotations


class RefusedError(Exception):
    """The work cannot be packed; the text is in the student's language."""
