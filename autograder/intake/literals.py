"""Numbers and text that stand in a program as they are: weights that were made elsewhere can be such a literal.

Nobody is accused by this: staff are told where to look.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping

from autograder.intake.encodings import decode
from autograder.intake.load_plan import Statement
from autograder.intake.program.statements import parse
from autograder.intake.uploads.names import printable
from autograder.text import Text

# Of one top-level statement; a docstring of this size is none of it.
LARGE_BYTES = 1000
# Of all statements together, docstrings too: small pieces add up.
MANY_BYTES = 8000
# A longer line was not written by hand, even as a comment.
LONG_LINE = 1000
MOST_NAMED = 5


def about_literals(statements: Iterable[Statement], modules: Mapping[str, bytes]) -> tuple[Text, ...]:
    """One note on the large literals of what is executed, if there are any.

    modules: the student's own and those of the package, path -> source.
    """
    places: list[Text] = []
    total = 0
    for place, first_line, source in (*_executed(statements), *_imported(modules)):
        try:
            tree = parse(source)
        except SyntaxError:
            # What is no Python can be read as a file nevertheless.
            places += [_at(place, first_line, len(source.encode()))] if len(source) > LARGE_BYTES else []
            continue
        lengths = [len(line) for line in source.split("\n")]
        for node in tree.body:
            size, docs = _size(node)
            total += size + docs
            longest = max(lengths[node.lineno - 1 : node.end_lineno], default=0)
            if size > LARGE_BYTES or longest > LONG_LINE:
                places.append(_at(place, first_line + node.lineno - 1, max(size, longest)))
    if not places and total > MANY_BYTES:
        places = [Text(ru=f"всего {total}", en=f"{total} in all")]
    return (_note(places),) if places else ()


def _executed(statements: Iterable[Statement]) -> Iterator[tuple[Text, int, str]]:
    for statement in dict.fromkeys(statements):
        yield statement.place, statement.first_line, statement.source


def _imported(modules: Mapping[str, bytes]) -> Iterator[tuple[Text, int, str]]:
    for name, data in sorted(modules.items()):
        if name.endswith(".py"):
            shown = printable(name)
            yield Text(ru=shown, en=shown), 1, decode(data)


def _size(node: ast.stmt) -> tuple[int, int]:
    """Bytes of the constants in a statement, and of docstrings among them that are no larger than they should be."""
    docs = 0
    for part in ast.walk(node):
        match part:
            case ast.Expr(value=ast.Constant(value=str(text))) if (
                len(text.encode(errors="replace")) <= LARGE_BYTES
            ):
                docs += len(text.encode(errors="replace"))
    return sum(_bytes(part.value) for part in ast.walk(node) if isinstance(part, ast.Constant)) - docs, docs


def _bytes(value: object) -> int:
    match value:
        case str():
            return len(value.encode(errors="replace"))
        case bytes():
            return len(value)
        case int() if not isinstance(value, bool):
            return (value.bit_length() + 7) // 8 or 1
        case float() | complex():
            return 8
    return 0


def _at(place: Text, line: int, size: int) -> Text:
    return Text(ru=f"{place.ru}, строка {line} ({size})", en=f"{place.en}, line {line} ({size})")


def _note(places: list[Text]) -> Text:
    named, more = places[:MOST_NAMED], len(places) - MOST_NAMED
    rest = Text(ru=f" и ещё мест: {more}", en=f" and {more} more") if more > 0 else None
    ru, en = "; ".join(place.ru for place in named), "; ".join(place.en for place in named)
    return Text(
        ru=f"в коде большие константы, в них могут быть готовые веса (байт): {ru}{rest.ru if rest else ''}",
        en=f"the code holds large literals, which may be weights (bytes): {en}{rest.en if rest else ''}",
    )
