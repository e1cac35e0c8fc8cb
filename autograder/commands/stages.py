"""How far a long command has come: one line that is rewritten on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

import typer

CLEAR = "\r\x1b[K"
PLAIN_LINES = 4
"""Of a stage, where each is a line of its own: a quarter, a half, and so on."""


class Stages:
    """Shows `stage: n of m`. No thread: the process that shows it also forks."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._is_open = False

    def tell(self, stage: str, done: int, total: int) -> None:
        """`done` of `total` of a stage are done; the last one ends its line."""
        line = f"{stage}: {done} of {total}"
        if self._stream.isatty():
            self._is_open = done < total
            self._write(CLEAR + line + ("" if self._is_open else "\n"))
        elif done * PLAIN_LINES // total > (done - 1) * PLAIN_LINES // total:
            self._write(line + "\n")

    def say(self, line: str) -> None:
        """A line of its own on standard output; one that is still open ends first."""
        if self._is_open:
            self._write("\n")
            self._is_open = False
        typer.echo(line)

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
