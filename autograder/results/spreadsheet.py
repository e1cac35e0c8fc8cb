"""Text of strangers in a table that a spreadsheet may open: quoted, and never a formula."""

from __future__ import annotations

import unicodedata

from autograder.wire.safe_text import clean_line

# https://owasp.org/www-community/attacks/CSV_Injection; wide forms of these characters are narrowed before the look.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
SEPARATORS = (",", ";", "\t", '"', "'", "\n", "\r")


def csv_text(text: str) -> str:
    """Text as one field of a CSV file, quoted if any program could take a part of it for a separator.

    Excel in Russia splits at semicolons: unquoted, `a;=1+1` would be two cells there, the second a formula.
    """
    field = guard_formula(clean_line(text))
    if any(separator in field for separator in SEPARATORS):
        return '"' + field.replace('"', '""') + '"'
    return field


def guard_formula(text: str) -> str:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe."""
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if text.startswith(FORMULA_STARTS) or first.startswith(FORMULA_STARTS) else text
