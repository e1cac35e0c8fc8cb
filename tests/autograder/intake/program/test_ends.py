"""Up to which statement a task counts."""

from __future__ import annotations

import pytest

from autograder.intake.program.ends import end_of, end_of_chunk
from autograder.intake.program.lines import Chunk, Line, Program
from tests.autograder.intake.program.support import names, program_of

WORK = "def conv(x): return 1"
OWN = (WORK, "F1")
CALL = 'hw_cnn.check("F1")'
CHECK = (CALL, "F1-test")


def is_work(line: Line) -> bool:
    return "conv" in line.facts.binds


def extends(line: Line) -> bool:
    return "more" in line.facts.binds


def end(lines: list[Line]) -> int:
    return end_of(lines, "F1", is_work, extends)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ([], 0),
        # The call in the check cell; what stands before it in the cell counts.
        ([OWN, CHECK, "x = 1"], 1),
        ([OWN, (f"a = 1\n{CALL}\nb = 2", "F1-test"), "x = 1"], 2),
        ([OWN, "x = 1", CHECK, "y = 1"], 2),
        ([OWN, CHECK, "x = 1", CHECK], 3),  # the cell twice
        ([OWN, CALL, "x = 1", CHECK, "y = 1", CALL], 3),  # other calls do not matter then
        ([OWN, 'hw_cnn.check("G1")', CHECK], 2),
        # The check cell without its call: its end.
        ([OWN, ("a = 1\nb = 2", "F1-test"), "x = 1"], 3),
        ([OWN, ('check("G1")', "F1-test"), "x = 1"], 2),
        # No check cell: the last call anywhere.
        ([OWN, CALL, "x = 1"], 1),
        ([OWN, CALL, "x = 1", CALL, "y = 1"], 3),
        # Neither: the end of the solution cell.
        ([OWN, "x = 1"], 1),
        ([(f"{WORK}\nz = 1", "F1"), "x = 1"], 2),
        ([OWN, "x = 1", WORK, "y = 1"], 1),
        ([("z = 1", "F1"), WORK, "y = 1"], 2),
        ([WORK, "x = 1", WORK, "y = 1"], 3),
        ([(WORK, "G1"), "x = 1"], 1),
        # ... and of what extends it later.
        ([OWN, "x = 1", "more = 1\ny = 1", "z = 1"], 4),
        ([OWN, "more = 1", "x = 1", "more = 2", "y = 1"], 4),
        (["more = 1", OWN, "x = 1"], 2),
        ([OWN, "more = 1", CHECK], 2),
        ([OWN, CHECK, "more = 1"], 1),  # not where the check is there
        # Written below its check: the end of the cell with the last definition.
        ([CHECK, OWN, "x = 1"], 2),
        ([CHECK, OWN, "x = 1", f"{WORK}\ny = 1", "z = 1"], 5),
        ([WORK, CHECK, OWN], 1),
        ([CALL, WORK, "x = 1"], 2),
        # Nothing written: everything counts.
        (["x = 1", "y = 1"], 2),
        ([CHECK, "x = 1"], 0),
    ],
)
def test_where_a_task_ends(cells: list[str | tuple[str, str]], expected: int) -> None:
    assert end(program_of(*cells).lines) == expected


def test_chunks_of_one_cell_end_together() -> None:
    """What a cell includes by %run is a chunk of its own."""
    program = Program()
    for source, cell in (
        ("a = 1", 1),
        ("b = 1\nc = 1", 1),
        ("d = 1", 1),
        ("e = 1", 2),
        ("f = 1", 0),
        ("g = 1", 0),
    ):
        program.add(Chunk(source, "<part>", cell=cell))
    ends = [end_of_chunk(program.lines, position) for position in range(7)]
    assert ends == [4, 4, 4, 4, 5, 6, 7], "a chunk without a cell is one by itself"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('hw_cnn.check("F1")', "F1"),
        ('check("F1")', "F1"),
        ('check("f1")', "F1"),
        ('a = my.own.check("F1")', "F1"),
        ('if ok:\n    check("F1"); check("G1")', "F1 G1"),
        ('check("F1", "G1")', "F1"),
        ("check()", ""),
        ("check(task)", ""),
        ("check(1)", ""),
        ('checked("F1")', ""),
        ('"check(F1)"', ""),
        ('def f(): check("F1")', "F1"),
    ],
)
def test_tasks_that_a_statement_checks(source: str, expected: str) -> None:
    (line,) = program_of(source).lines
    assert line.facts.checks == names(expected.casefold())
