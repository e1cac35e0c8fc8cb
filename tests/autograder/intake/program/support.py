"""Programs of a few cells, for the tests of this folder."""

from __future__ import annotations

import ast

from autograder.intake.program.lines import Chunk, Program

SYMBOLS = frozenset({"conv", "pool", "Net"})


def program_of(*cells: str | tuple[str, str], skip_main: bool = False) -> Program:
    """A program of cells; a pair is a cell with its id, "F1-test" is the check cell of F1."""
    program = Program(SYMBOLS)
    for number, cell in enumerate(cells):
        source, name = cell if isinstance(cell, tuple) else (cell, "")
        task = frozenset([name.removesuffix("-test")] if name else [])
        is_check = name.endswith("-test")
        own, checks = (frozenset(), task) if is_check else (task, frozenset())
        program.add(Chunk(source, f"<cell {number}>", own, number, checks), skip_main)
    return program


def statement(source: str) -> ast.stmt:
    """The one statement of a text."""
    (node,) = ast.parse(source).body
    return node


def names(text: str) -> frozenset[str]:
    """Words as a set."""
    return frozenset(text.split())
