"""What a hostile worker may send, for the tests of this folder."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from autograder.wire.frames import Caps, encode

SMALL = Caps(header=1 << 12, body=1 << 16, arrays=4)
WHOLE = b"".join(
    encode({"ok": True}, {"a": np.arange(6.0), "b": np.ones((2, 3), bool), "c": np.array(1, "i2")})
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=10,
)


def whole_frame(header: bytes, body: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header + body
