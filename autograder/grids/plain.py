"""Grids as lines of text, side by side, for terminals and whatever else shows plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from autograder.grids.grid import EMPTY, Grid, Part, cells, is_marked
from autograder.text import Lang, Text

WIDTH, GAP = 96, 4
MARKED = Text(ru="В квадратных скобках — то, что отличается.", en="What stands in square brackets differs.")


def as_lines(grids: Sequence[Grid], lang: Lang, width: int = WIDTH) -> list[str]:
    """The grids from left to right; those that do not fit into `width` columns start anew below.

    What was got and what was expected then stand together. What differs stands in brackets.
    """
    blocks = [(_block(grid, lang), grid.role == "input") for grid in grids]
    rows = _in_rows([block for block, _ in blocks], width)
    if len(rows) > 1:
        rows = [
            row
            for wanted in (True, False)
            for row in _in_rows([block for block, is_input in blocks if is_input is wanted], width)
        ]
    lines: list[str] = []
    for row in rows:
        lines += [*([""] if lines else []), *_beside(row)]
    return [*lines, MARKED.get(lang)] if is_marked(grids) else lines


def _in_rows(blocks: Sequence[list[str]], width: int) -> list[list[list[str]]]:
    rows: list[list[list[str]]] = []
    used = 0
    for block in blocks:
        size = len(block[0])
        if not rows or used + GAP + size > width:
            rows.append([])
            used = -GAP
        rows[-1].append(block)
        used += GAP + size
    return rows


def _beside(blocks: Sequence[Sequence[str]]) -> Iterable[str]:
    sizes = [len(block[0]) for block in blocks]
    for pieces in zip_longest(*blocks, fillvalue=""):
        padded = (piece.ljust(size) for piece, size in zip(pieces, sizes, strict=True))
        yield (" " * GAP).join(padded).rstrip()


def _block(grid: Grid, lang: Lang) -> list[str]:
    """Lines of equal length: title, shape and dtype, then the parts with what they are parts of."""
    kind = f"[{grid.kind}]" if grid.other else grid.kind
    lines = [grid.title(lang), *([kind] if grid.kind else [])]
    if not grid.parts:
        lines.append(EMPTY.get(lang))
    for part in grid.parts:
        heading = grid.heading(part)
        lines += [*([heading] if heading else []), *_rows(part, grid)]
    size = max(map(len, lines))
    return [line.ljust(size) for line in lines]


def _rows(part: Part, grid: Grid) -> list[str]:
    rows = cells(part)
    if grid.labels:
        rows.insert(0, [(label, number in grid.other_labels) for number, label in enumerate(grid.labels)])
    table = [[f"[{text}]" if differs else f" {text} " for text, differs in row] for row in rows]
    sizes = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        " ".join(text.rjust(size) for text, size in zip(row, sizes, strict=True)).rstrip() for row in table
    ]
