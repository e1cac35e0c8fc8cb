"""Text of strangers: whatever it was, what is left can be printed on a terminal."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.wire.safe_text import clean_line, clean_text

BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
nasty = st.text(st.characters(), max_size=60) | st.lists(
    st.sampled_from(
        [
            "\x1b[31m",
            "\x1b]0;t\x07",
            "\x1b",
            "[2J",
            "\x9b1m",
            "\r",
            "\n",
            "\u202e",
            "\ufeff",
            "\ud800",
            "a",
            "\x00",
        ]
    )
).map("".join)


@given(nasty)
@example("\x1b\x1b[[31m31m")
@example("\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\")
def test_what_is_left_drives_no_terminal(text: str) -> None:
    shown = clean_text(text)
    for char in shown:
        assert char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp")
        assert unicodedata.bidirectional(char) not in BIDI
        assert char not in "\u200b\u200e\u200f\u061c\u2060\ufeff"
    shown.encode()
    assert clean_text(shown) == shown


@given(
    st.text(
        st.characters(categories=("L", "N", "P", "S", "M", "Zs")) | st.sampled_from("\n\t\u200d\u200c"),
        max_size=60,
    )
)
def test_ordinary_text_stays(text: str) -> None:
    assert clean_text(text) == text


@example("0000\n0", 5)  # cut behind a space
@given(nasty, st.integers(1, 20))
def test_one_line_of_limited_length(text: str, limit: int) -> None:
    shown = clean_line(text, limit)
    assert len(shown) <= limit
    assert shown.split() == shown.split(" ") or shown == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred\x1b[0m \x1b]0;title\x07ok\r\n\ttab\x00\x08\u202eabc\ud800", "red ok\n\ttababc"),
        ("\x1b]8;;https://evil.example\x1b\\text\x1b]8;;\x1b\\", "text"),
        ("\x9b31mred", "31mred"),
        ("\x1b", ""),
        ("done\rnot done", "donenot done"),
        ("a\u200bb\ufeffc\u2028d\U000e0041e", "abcde"),
        ("\u2066\u2067\u2068\u2069\u061c\u200e\u200f", ""),
        ("да 👩\u200d🎓 می\u200cخواهم", "да 👩\u200d🎓 می\u200cخواهم"),
    ],
)
def test_examples(text: str, shown: str) -> None:
    assert clean_text(text) == shown


def test_length_is_limited_and_work_too() -> None:
    assert clean_text("a" * 100, limit=10) == "a" * 9 + "…"
    assert len(clean_text("a" * 10**7)) == 20_000
    assert clean_text("\x1b[" * 10**6) == ""
    assert len(clean_text("\x1b[" + "0" * 10**6)) <= 20_000
    assert len(clean_text("\x1b]" + "0" * 10**6 + "\x1b]" * 10**5)) <= 20_000


@pytest.mark.parametrize("thing", [3, None, b"bytes", ["a"], type("Fake", (str,), {})("x")])
def test_only_text_is_text(thing: object) -> None:
    assert clean_text(thing) == ""
    assert clean_line(thing) == ""
