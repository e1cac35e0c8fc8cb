"""Magics that a chunk calls at top level: `get_ipython().run_line_magic('run', 'other.ipynb')` and `run_cell_magic`.

IPython makes such calls of `%run` and `%%time`, and so does nbconvert when it exports a notebook as a script.
"""

from __future__ import annotations

import ast
import posixpath
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace

from autograder.intake.program.lines import Chunk
from autograder.intake.program.statements import parse
from autograder.intake.sources.magics import CellMagic

LINE_CALLS = ("run_line_magic", "magic")
WITH_VALUE = ("-N", "-l", "-s", "-T")  # options of %run that take the next word


@dataclass(frozen=True)
class CellCall:
    """`get_ipython().run_cell_magic(name, line, body)` in a line of the chunk's file."""

    magic: CellMagic
    body: str
    line: int


@dataclass(frozen=True)
class RunCall:
    """`%run name` in a line of the chunk's file."""

    name: str
    line: int


def split_at_calls(chunk: Chunk) -> Iterator[Chunk | CellCall | RunCall]:
    """The chunk in parts: the calls, and the code before, between and after them. Raises: SyntaxError."""
    if not any(f"{word}(" in chunk.source for word in (*LINE_CALLS, "run_cell_magic")):
        yield chunk
        return
    lines = chunk.source.encode().split(b"\n")
    start = (1, 0)
    for node in parse(chunk.source).body:
        call = _call(node, chunk.first_line + node.lineno - 1)
        if call is None:
            continue
        yield from _between(chunk, lines, start, (node.lineno, node.col_offset))
        yield call
        start = (node.end_lineno or node.lineno, node.end_col_offset or 0)
    yield from _between(chunk, lines, start, (len(lines), len(lines[-1])))


def _between(
    chunk: Chunk, lines: list[bytes], start: tuple[int, int], end: tuple[int, int]
) -> Iterator[Chunk]:
    part = lines[start[0] - 1 : end[0]]
    if not part:
        return
    part[-1] = part[-1][: end[1]]
    part[0] = part[0][start[1] :].lstrip(b" \t;") if start[1] else part[0]
    source = b"\n".join(part).decode()
    if source.strip(" \t\n;"):
        yield replace(chunk, source=source, first_line=chunk.first_line + start[0] - 1)


def _call(node: ast.stmt, line: int) -> CellCall | RunCall | None:
    match node:
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Call(func=ast.Name(id="get_ipython")), attr=method),
                args=arguments,
            )
        ):
            words = [item.value for item in arguments if isinstance(item, ast.Constant)]
            texts = [word for word in words if isinstance(word, str)]
        case _:
            return None
    if len(texts) != len(arguments):
        return None
    if method == "run_cell_magic" and len(texts) == 3:
        return CellCall(CellMagic(texts[0], texts[1]), texts[2], line)
    if method in LINE_CALLS:
        name, _, rest = " ".join(texts).partition(" ")
        file = _run_file(rest) if name == "run" else None
        return RunCall(file, line) if file is not None else None
    return None


def _run_file(line: str) -> str | None:
    """The file that `%run` is given; None where only a running notebook knows it."""
    try:
        words = shlex.split(line)
    except ValueError:
        return None
    while words and words[0].startswith("-"):
        option = words.pop(0)
        if option == "-m":
            return f"{words[0].replace('.', '/')}.py" if words else None
        if option in WITH_VALUE and words:
            words.pop(0)
    if not words or any(char in words[0] for char in "{}$~"):
        return None
    return words[0]


def inside(folder: str, name: str) -> str | None:
    """The path of a file that is named in a kernel of `folder`, from the top of the upload; None when it is outside."""
    if name.startswith("/"):
        return None
    path = posixpath.normpath(posixpath.join(folder, name.replace("\\", "/")))
    return None if path.startswith("..") or path == "." else path
