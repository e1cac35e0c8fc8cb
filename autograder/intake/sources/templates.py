"""Where a template string (f"...", t"...") ends, and what stands in its braces: the rules of Python 3.12 (PEP 701)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

QUOTE = re.compile(r"(?:\b([A-Za-z]{1,2}))?('''|\"\"\"|'|\")|#[^\n]*")
BRACKETS = {"(": ")", "[": "]", "{": "}"}
MAX_DEPTH = 20


@dataclass(frozen=True)
class Token:
    """A string or comment. fields: the expressions in the braces of a template string."""

    start: int
    end: int
    prefix: str = ""
    fields: tuple[str, ...] = ()

    @property
    def is_template(self) -> bool:
        return bool(set(self.prefix) & set("ft"))


class UnclosedError(Exception):
    """A string or a brace has no end."""


def tokens(source: str) -> Iterator[Token]:
    """The strings and comments of a source, in order. Raises: UnclosedError."""
    position = 0
    while (found := QUOTE.search(source, position)) is not None:
        token = _token(source, found, 0)
        yield token
        position = token.end


def _token(source: str, found: re.Match[str], depth: int) -> Token:
    prefix, quote = (found[1] or "").lower(), found[2]
    if quote is None:
        return Token(found.start(), found.end())
    if set(prefix) & set("ft"):
        fields: list[str] = []
        end = _template_end(source, found.end(), quote, fields, depth)
        return Token(found.start(), end, prefix, tuple(fields))
    return Token(found.start(), _string_end(source, found.end(), quote), prefix)


def _string_end(source: str, position: int, quote: str) -> int:
    stop = re.compile(rf"\\.|{quote}" + ("" if len(quote) == 3 else r"|\n"), re.DOTALL)
    while (found := stop.search(source, position)) is not None:
        if found[0] == quote:
            return found.end()
        if found[0] == "\n":
            break
        position = found.end()
    raise UnclosedError


def _template_end(source: str, position: int, quote: str, fields: list[str], depth: int) -> int:
    stop = re.compile(
        r"\\N\{[^{}]*\}|\\[^{}]|\{\{|\}\}|\{|" + quote + ("" if len(quote) == 3 else r"|\n"), re.DOTALL
    )
    while (found := stop.search(source, position)) is not None:
        if found[0] == quote:
            return found.end()
        if found[0] == "\n":
            break
        position = found.end()
        if found[0] == "{":
            position = _field_end(source, position, fields, depth + 1)
    raise UnclosedError


def _field_end(source: str, start: int, fields: list[str], depth: int) -> int:
    """Where a replacement field is closed; its expression joins `fields`."""
    if depth > MAX_DEPTH:
        raise UnclosedError
    position, open_brackets, expression_end = start, 0, None
    stop = re.compile(QUOTE.pattern + r"|[()\[\]{}:!=]")
    while (found := stop.search(source, position)) is not None:
        char = found[0]
        position = found.end()
        if char in BRACKETS:
            open_brackets += 1
        elif char == "}" and open_brackets == 0:
            fields.append(source[start : position - 1 if expression_end is None else expression_end])
            return position
        elif char in BRACKETS.values():
            open_brackets -= 1
        elif char == ":" and open_brackets == 0:
            fields.append(source[start : position - 1 if expression_end is None else expression_end])
            return _format_end(source, position, fields, depth)
        elif char in "!=" and open_brackets == 0:
            # `{x!r}` and `{x=}`, but not `{x != y}`, `{x == y}`.
            if re.match(r"\s*[:}!]|[rsa]\s*[:}]", source[position : position + 9]) and expression_end is None:
                expression_end = position - 1
        elif char not in ":!=":
            position = _token(source, found, depth).end
    raise UnclosedError


def _format_end(source: str, position: int, fields: list[str], depth: int) -> int:
    stop = re.compile(r"[{}]")
    while (found := stop.search(source, position)) is not None:
        position = found.end()
        if found[0] == "}":
            return position
        position = _field_end(source, position, fields, depth + 1)
    raise UnclosedError
