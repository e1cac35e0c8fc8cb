"""Text of strangers (a worker, the name of a student or a file) made safe to store, print and show.

What is taken away: codes that drive a terminal (ECMA-48), control characters, marks that turn the direction of text
(https://trojansource.codes), characters that cannot be seen, halves of characters. Escaping is left to where the text
goes: the template engine for HTML, `autograder.results.store` for a spreadsheet, `autograder.progress` for a terminal.
"""

from __future__ import annotations

import re

MAX_TEXT = 20_000
MAX_LINE = 200

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|.)?", re.DOTALL)
_UNWANTED = re.compile(
    "["
    "\x00-\x08\x0b-\x1f\x7f-\x9f"  # control characters but tab and newline
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of text
    "\u180e\u200b\u2028\u2029\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb"  # not to be seen; other line ends
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # no characters
    "\U000e0000-\U000e007f"  # tags
    "]"
)
_SPACE = re.compile(r"\s+")


def clean_text(text: object, limit: int = MAX_TEXT) -> str:
    """Make text of a worker safe to print: no terminal codes, no control characters, at most `limit` characters.

    Anything but a `str` gives "". Tab and newline stay, and so do the joiners inside emoji and Persian words.
    """
    if type(text) is not str:
        return ""
    shown = _UNWANTED.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n")))
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"


def clean_line(text: object, limit: int = MAX_LINE) -> str:
    """The same in one line: for a cell of a table, a line on a terminal."""
    return _SPACE.sub(" ", clean_text(text, 4 * limit)).strip()[:limit].rstrip()
