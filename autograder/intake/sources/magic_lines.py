"""Where IPython's own syntax stands in a cell, found in one pass over it, however the cell is made.

IPython itself reads a cell anew for each line that it changes (`IPython.core.inputtransformer2`): how many there are
must be known before it is asked.
"""

from __future__ import annotations

import re

# IPython takes prompts away before it looks at the rest of a line.
PROMPTS = re.compile(r"(?:\s*(?:>>>|\.{3,}:?|\[(?:ins|nav)\]|In \[\d+\]:))*")
# At the start of a line. The last three call a function without parentheses (`%autocall`); what comes of one of them
# may begin with the next one, and is read again.
ESCAPES = re.compile(r"[\s!%?,;/]*")
ASSIGNED = re.compile(r"=\s*[!%]")
TIMER = re.compile(r"^([ \t]*)%(?:time|memit|prun)[ \t]++(?!-)", re.MULTILINE)


def count_changes(source: str) -> int:
    """How often IPython may change a line, at most."""
    # IPython parts lines in the same way: not at "\n" only.
    return sum(map(_count_in_line, source.splitlines()))


def _count_in_line(line: str) -> int:
    text = PROMPTS.sub("", line, count=1).strip()
    escapes = ESCAPES.match(text)
    is_asked = text.endswith("?") or ASSIGNED.search(text) is not None
    return is_asked + (escapes.end() if escapes else 0)


def without_timers(source: str) -> str:
    """`%time x = f()` is `x = f()`, as it is for a notebook that goes on with `x`."""
    return TIMER.sub(r"\1", source)
