"""Lines of the source that was handed in: a worker's word for where something happened is checked against them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cached_property

from autograder.intake.load_plan import Statement
from autograder.text import Text

# As Python counts lines; `str.splitlines` knows more ends than these.
LINE_END = re.compile(r"\r\n|\r|\n")


class Places:
    """Which lines hold code, by the name of their file or cell in tracebacks.

    Args:
        statements: what is executed. files: path -> bytes of the modules that are imported.
    """

    def __init__(self, statements: Iterable[Statement], files: Mapping[str, bytes]) -> None:
        self._statements, self._files = list(statements), files

    def named(self, file: str, line: int) -> Text | None:
        """The place for people; None where that line holds no code that was handed in."""
        if (file, line) in self._lines:
            return self._lines[file, line]
        if file in self._files and file.endswith(".py"):
            lines = LINE_END.split(self._files[file].decode("utf-8", "replace"))
            if 0 < line <= len(lines) and _is_code(lines[line - 1]):
                return Text(ru=file, en=file)
        return None

    @cached_property
    def _lines(self) -> dict[tuple[str, int], Text]:
        return {
            (statement.filename, statement.first_line + number): statement.place
            for statement in self._statements
            for number, text in enumerate(LINE_END.split(statement.source))
            if _is_code(text)
        }


def _is_code(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
