"""Whether code that this Python cannot read is written for a newer one, and what to write instead.

Each kind of newer syntax is taken out or written in the old way; where the code can then be read, that was all that was
wrong with it. Sources: PEP 695 and 701 (Python 3.12), 696 (3.13), 750 and 758 (3.14).
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from autograder.intake.program.statements import parse
from autograder.intake.sources.templates import Token, UnclosedError, tokens
from autograder.text import Text

Version = tuple[int, int]
RUNNING: Version = sys.version_info[:2]
TYPE = re.compile(r"^([ \t]*)type[ \t]+(?=\w+[ \t]*[\[=])", re.MULTILINE)
PARAMETERS = re.compile(r"(?:\b(?:def|class)|^[ \t]*type)[ \t]+\w+[ \t]*(?=\[)", re.MULTILINE)
EXCEPT = re.compile(r"^[ \t]*except\b\*?[ \t]*([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)[ \t]*(?=:)", re.MULTILINE)
BRACKET = re.compile(r"[\[\]]")
MAGIC = re.compile(r"^([ \t]*)[%!?][^\n]*", re.MULTILINE)
FILLER = "_"
MAX_PARAMETERS = 1000  # characters between the brackets

TYPE_ALIAS = Text(
    ru="инструкция type; напишите просто Имя = ...", en="the type statement; write Name = ... instead"
)
TYPE_PARAMETERS = Text(
    ru="параметры типов в квадратных скобках; уберите их", en="type parameters in brackets; leave them out"
)
TYPE_DEFAULTS = Text(
    ru="параметры типов со значением по умолчанию; уберите их",
    en="type parameters with a default; leave them out",
)
TEMPLATE = Text(
    ru="те же кавычки или обратная косая черта внутри f-строки; возьмите внутри другие кавычки или вынесите значение "
    "в переменную",
    en="the same quotes or a backslash inside an f-string; use other quotes inside or give the value a name before",
)
T_STRING = Text(ru="t-строки; напишите f-строку", en="t-strings; write an f-string")
BARE_EXCEPT = Text(
    ru="except A, B без скобок; напишите except (A, B)",
    en="except A, B without parentheses; write except (A, B)",
)


@dataclass(frozen=True)
class Newer:
    """A construct that this Python does not know. what: its name and the mend."""

    version: Version
    line: int
    what: Text


@dataclass(frozen=True)
class _Edit:
    start: int
    end: int
    text: str
    found: tuple[Version, Text] | None = None


def newer_syntax(source: str) -> Newer | None:
    """What a source that cannot be parsed needs of a newer Python; None when it is wrong for another reason."""
    try:
        strings = list(tokens(source))
    except UnclosedError:
        return None
    edits = [*_templates(source, strings), *_statements(_masked(source, strings))]
    edits = sorted((edit for edit in edits if _is_new(edit)), key=lambda edit: edit.start)
    found = [edit for edit in edits if edit.found is not None]
    if not found:
        return None
    try:
        parse(_edited(source, edits))
    except SyntaxError:
        return None
    newest = max(version for version, _ in (edit.found for edit in found if edit.found))
    first = next(edit for edit in found if edit.found and edit.found[0] == newest)
    what = first.found[1] if first.found else TYPE_ALIAS
    return Newer(newest, source.count("\n", 0, first.start) + 1, what)


def is_newer(version: str) -> bool:
    """Whether "3.13.2" is newer than the Python that reads here."""
    parts = version.split(".")[:2]
    if len(parts) < 2 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in parts):
        return False
    return (int(parts[0]), int(parts[1])) > RUNNING


def shown(version: Version) -> str:
    """`3.12`."""
    return ".".join(map(str, version))


def _is_new(edit: _Edit) -> bool:
    return edit.found is None or edit.found[0] > RUNNING


def _templates(source: str, strings: list[Token]) -> Iterator[_Edit]:
    for token in strings:
        text = source[token.start : token.end]
        if not token.is_template or _is_expression(text):
            continue
        if all(_is_new_expression(field) for field in token.fields):
            found = ((3, 14), T_STRING) if "t" in token.prefix else ((3, 12), TEMPLATE)
            yield _Edit(token.start, token.end, '""', found)


def _is_new_expression(field: str) -> bool:
    """Whether an expression of a template string is one by itself, newer strings inside it included."""
    try:
        inner = list(tokens(field))
    except UnclosedError:
        return False
    edits = list(_templates(field, inner))
    comments = [_Edit(token.start, token.end, "") for token in inner if field[token.start] == "#"]
    text = _edited(field, sorted([*edits, *comments], key=lambda edit: edit.start))
    return bool(text.strip()) and _is_expression(f"({text.strip()})")


def _is_expression(text: str) -> bool:
    try:
        tree = parse(text)
    except SyntaxError:
        return False
    return len(tree.body) == 1 and isinstance(tree.body[0], ast.Expr)


def _masked(source: str, strings: list[Token]) -> str:
    """The source with strings and comments made unreadable, so that nothing is found in them."""
    parts, position = [], 0
    for token in strings:
        hidden = re.sub(r"[^\n]", FILLER, source[token.start : token.end])
        parts += [source[position : token.start], hidden]
        position = token.end
    return "".join([*parts, source[position:]])


def _statements(masked: str) -> Iterator[_Edit]:
    for found in MAGIC.finditer(masked):
        yield _Edit(found.start(), found.end(), f"{found[1]}pass")
    for found in TYPE.finditer(masked):
        yield _Edit(found.end(1), found.end(), "", ((3, 12), TYPE_ALIAS))
    for found in PARAMETERS.finditer(masked):
        end = _bracket_end(masked, found.end())
        if end is not None:
            has_default = "=" in masked[found.end() : end]
            kind = ((3, 13), TYPE_DEFAULTS) if has_default else ((3, 12), TYPE_PARAMETERS)
            yield _Edit(found.end(), end, "", kind)
    for found in EXCEPT.finditer(masked):
        yield _Edit(found.start(1), found.end(1), f"({found[1]})", ((3, 14), BARE_EXCEPT))


def _bracket_end(masked: str, start: int) -> int | None:
    depth = 0
    for found in BRACKET.finditer(masked, start, start + MAX_PARAMETERS):
        depth += 1 if found[0] == "[" else -1
        if depth == 0:
            return found.end()
    return None


def _edited(source: str, edits: list[_Edit]) -> str:
    parts, position = [], 0
    for edit in edits:
        if edit.start >= position:
            parts += [source[position : edit.start], edit.text]
            position = edit.end
    return "".join([*parts, source[position:]])
