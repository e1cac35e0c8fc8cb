"""Up to which statement a task counts: its check cell, where the student's own check saw it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograder.intake.program.lines import Chunk, Line


def end_of(
    lines: Sequence[Line], task: str, is_work: Callable[[Line], bool], extends: Callable[[Line], bool]
) -> int:
    """Position after the last statement that counts at once.

    The call of the check in the task's check cell; else the last call of it anywhere; else the end of the solution
    cell, or of the cell with the last definition, and of what extends it later.

    Args:
        is_work: whether a statement really defines a symbol of the task.
        extends: whether a later statement fills or extends a symbol of the task.
    """
    cell = [position for position, line in enumerate(lines) if task in line.chunk.checks]
    calls = [position for position, line in enumerate(lines) if task.casefold() in line.facts.checks]
    in_cell = [position for position in calls if position in set(cell)]
    if in_cell:
        end = in_cell[-1]
    elif cell:
        end = cell[-1] + 1
    elif calls:
        end = calls[-1]
    else:
        return _of_solution(lines, task, is_work, extends)
    work = [position for position, line in enumerate(lines) if is_work(line)]
    if work and work[0] >= end:  # written below its check
        return end_of_chunk(lines, work[-1])
    return end


def _of_solution(
    lines: Sequence[Line], task: str, is_work: Callable[[Line], bool], extends: Callable[[Line], bool]
) -> int:
    work = [position for position, line in enumerate(lines) if is_work(line)]
    own = [position for position in work if task in lines[position].chunk.ids]
    if not work:
        return len(lines)
    end = end_of_chunk(lines, (own or work)[-1])
    later = [position for position in range(end, len(lines)) if extends(lines[position])]
    return end_of_chunk(lines, later[-1]) if later else end


def end_of_chunk(lines: Sequence[Line], position: int) -> int:
    """Position after the last statement of the cell or file that holds the one at `position`."""
    chunk = lines[position].chunk
    while position < len(lines) and _is_same_cell(lines[position].chunk, chunk):
        position += 1
    return position


def _is_same_cell(one: Chunk, other: Chunk) -> bool:
    return one is other or (one.cell != 0 and one.cell == other.cell)
