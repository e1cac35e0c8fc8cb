"""Text in whatever encoding it was saved."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.autograder.intake.support import take
from tests.autograder.intake_support import hand_in, read, run


def test_encodings(tmp_path: Path) -> None:
    source = "# пример\ndef conv(x):\n    return 'да'\n"
    encodings = {"utf-8-sig": "", "cp1251": "", "utf-16": "", "koi8-r": "# -*- coding: koi8-r -*-\n"}
    for encoding, cookie in encodings.items():
        found = read(hand_in(tmp_path / encoding, {"solution.py": (cookie + source).encode(encoding)}))
        assert run(found)["conv"](0) == "да"


@given(
    st.binary(max_size=60),
    st.sampled_from(["undefined", "idna", "punycode", "rot13", "utf-7", "unicode_escape"]),
)
def test_any_bytes_are_text(raw: bytes, codec: str) -> None:
    take(py=f"# coding: {codec}\n".encode() + raw)
    take(py=raw, one=raw)
