"""How much a worker may answer: bounded by what it was asked, so that no answer fills the judge's memory."""

from __future__ import annotations

from collections.abc import Mapping

from autograder.wire.frames import DEFAULT_CAPS, Array, Caps

# An answer is about as large as its question (outputs, gradients); the first megabytes are for weights of networks.
REPLY_BYTES, REPLY_TIMES = 1 << 26, 16


def reply_caps(arrays: Mapping[str, Array]) -> Caps:
    """What the answer to a request with these arrays may hold."""
    sent = sum(array.nbytes for array in arrays.values())
    return Caps(body=min(DEFAULT_CAPS.body, REPLY_BYTES + REPLY_TIMES * sent))
