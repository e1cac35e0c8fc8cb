"""What a student's function leans on: definitions of the same submission that it names, directly or through others."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from autograder.course.source_edit import names_in

MOST_LINES = 60
"""Of all helpers of one function together: a page for a talk, not a listing."""


def helpers_of(sources: Sequence[str], function: str, code: str) -> tuple[str, ...]:
    """The texts of the definitions and assignments that `code` needs, in the order in which they are needed.

    sources: the student's files and cells, the later ones count. function: what `code` defines. A helper that would
    make more than `MOST_LINES` lines is left out.
    """
    known = _definitions(sources)
    known.pop(function, None)
    found: list[str] = []
    pending, seen, left = [code], set[str](), MOST_LINES
    while pending:
        for node in ast.parse(pending.pop(0)).body:
            for name in sorted(names_in(node) & known.keys() - seen):
                seen.add(name)
                text = known[name]
                if (lines := text.count("\n") + 1) <= left and text not in found:
                    left -= lines
                    found.append(text)
                    pending.append(text)
    return tuple(found)


def _definitions(sources: Sequence[str]) -> dict[str, str]:
    """Name -> the text that gives it its value on the top level; the last one counts."""
    known: dict[str, str] = {}
    for source in sources:
        try:
            body = ast.parse(source).body
        except SyntaxError:
            continue
        for node in body:
            text = ast.get_source_segment(source, node) or ""
            match node:
                case ast.FunctionDef() | ast.ClassDef():
                    lines = [f"@{ast.unparse(one)}" for one in node.decorator_list]
                    known[node.name] = "\n".join([*lines, text])
                case ast.Assign(targets=targets):
                    known |= {one.id: text for one in targets if isinstance(one, ast.Name)}
                case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr()):
                    known[name] = text
    return known
