"""Which statements are executed together: all of a program's, or fewer for a task that a later one would disturb.

Tasks share one namespace, as they do in Jupyter, so that a class is the same for all of them. A task whose check came
before a name that it reads was bound anew, or an object of its was changed, for another task, gets a worker of its own
that stops there.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.intake.program.index import Index
from autograder.intake.program.slices import Slice, Slicer
from autograder.intake.program.symbols import Placement, Target
from autograder.intake.program.touches import Function

LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True)
class Wanted:
    """A target with the statements that it needs."""

    target: Target
    placement: Placement
    slice: Slice


def wanted(index: Index, target: Target, placement: Placement) -> Wanted:
    """Slice a program for one target. Raises: Rejected."""
    names = () if placement.direct else (target.name,)
    extra = placement.direct or (placement.position,)
    return Wanted(target, placement, Slicer(index, placement.end).slice(names, extra))


def worlds(
    index: Index, items: Sequence[Wanted], others: Slice, needs: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[int]]:
    """Task -> the statements to execute for it; most tasks have the same.

    Args:
        others: what is wanted of the program beside the tasks.
        needs: task -> tasks that it builds upon.
    """
    everything: dict[int, set[str]] = defaultdict(set)
    for part in [*(item.slice for item in items), others]:
        for position in part.positions:
            everything[position] |= part.effects.get(position, set())
    whole = frozenset(everything)
    of_task: dict[str, list[Wanted]] = defaultdict(list)
    for item in items:
        of_task[item.target.task].append(item)
    found: dict[str, frozenset[int]] = {}
    for task, own in of_task.items():
        end = max(item.placement.end for item in own)
        builds_on = [item for other in needs.get(task, ()) for item in of_task.get(other, ())]
        positions = {p for item in own for p in item.slice.positions}
        disturbing = {
            p for item in (*own, *builds_on) for p in _disturbing(index, item.slice, end, everything)
        } - positions
        found[task] = whole
        if disturbing:
            below = {p for item in builds_on for p in item.slice.positions} - disturbing
            first = min(disturbing)  # so that tasks that are disturbed by the same share their statements
            found[task] = frozenset(positions | {p for p in whole if p < first} | below)
    return found


def _disturbing(index: Index, own: Slice, end: int, everything: Mapping[int, set[str]]) -> list[int]:
    """Positions from `end` on, needed for others, after which what is sliced would behave differently."""
    made = {name for p in own.positions for name in index.lines[p].facts.binds if index.is_made(name, p)}
    packages = {package for p in own.positions for package in index.packages(p)}
    written = {p for name in own.reads for p in index.writers(name)}
    found = []
    for position, effects in everything.items():
        if position < end or position in own.positions:
            continue
        facts = index.lines[position].facts
        rebound = facts.star or any(
            name in own.reads
            and position in index.binders(name)
            and not _means_the_same(index, own, name, position)
            for name in facts.binds
        )
        changed = bool((effects - {""}) & made) or position in written
        state = "" in effects and any(
            p == position and (package in packages or (package == "" and "os" in packages))  # `%env NAME=1`
            for p, package, seeds in index.state_changes
            if not seeds
        )
        if rebound or changed or state or facts.star:  # nobody knows what `import *` binds
            found.append(position)
    return found


def _means_the_same(index: Index, own: Slice, name: str, position: int) -> bool:
    """Whether it repeats the import, or the function, that has bound the name for the task: some do in each cell."""
    line = index.lines[position]
    node = line.facts.node
    plain = isinstance(node, ast.Import | ast.ImportFrom) or (
        isinstance(node, Function)
        and not (node.decorator_list or node.args.defaults or node.args.kw_defaults)
    )
    return plain and all(index.lines[p].source == line.source for p in index.reaching(name, own.end))


def is_loop(node: ast.stmt) -> bool:
    """Whether a statement loops when it runs."""
    pending: list[ast.AST] = [node]
    while pending:
        item = pending.pop()
        if isinstance(item, LOOPS):
            return True
        if not isinstance(item, Function | ast.Lambda):
            pending += ast.iter_child_nodes(item)
    return False
