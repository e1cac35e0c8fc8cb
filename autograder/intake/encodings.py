"""Bytes of a handed-in file -> text: byte order marks, coding cookies and Windows code pages pass."""

from __future__ import annotations

import codecs
import io
import tokenize
import warnings

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
FALLBACK = "cp1251"


def decode(data: bytes) -> str:
    """Text with line ends as "\\n".

    Bytes that are not UTF-8 are read as Windows-1251, the Russian code page.
    """
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return _lines(data.decode(encoding, errors="replace"))
    for encoding in ("utf-8", _cookie(data), FALLBACK):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of unicode_escape, about escapes that it does not know
                return _lines(data.decode(encoding))
        except (UnicodeError, LookupError):  # UnicodeError: from the codec named "undefined"
            continue
    return _lines(data.decode(FALLBACK, errors="replace"))


def _cookie(data: bytes) -> str:
    """The encoding that `# -*- coding: ... -*-` names, else UTF-8."""
    try:
        return tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    except (SyntaxError, UnicodeDecodeError):
        return "utf-8"


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
