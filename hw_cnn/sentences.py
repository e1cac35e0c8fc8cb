"""Long messages of other libraries in one sentence."""

from __future__ import annotations

import re


def one_line(text: str, limit: int = 400) -> str:
    """Give `text` on one line, cut after `limit` characters."""
    line = re.sub(r"\s+", " ", text).strip()
    return line if len(line) <= limit else line[:limit].rstrip() + "..."


def of_parser(message: str) -> str:
    """Say in one sentence what jsonargparse lays out on many lines."""
    line = one_line(message)
    key = re.search(r'[Kk]ey "([^"]+)"', line)
    missing = re.search(r"the following arguments are required: ([\w., ]+?)(?: -|$)", line)
    given = re.search(r"Given value: (\S+)", line)
    if key and missing:
        return f"{key[1]} needs {missing[1]}, for example --{key[1]}.{missing[1]} VALUE"
    if key and given:
        expected = [
            kind for kind in re.findall(r"Expected an? <class '([\w.]+)'>", line) if kind != "NoneType"
        ]
        wanted = " or ".join(dict.fromkeys(expected)) or "a name or a value that it knows"
        return f"--{key[1]} cannot be {given[1]!r}; expected {wanted}"
    return line
