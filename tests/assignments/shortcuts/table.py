"""The ways around tasks that were tried, and docs/shortcuts.md, which is made of them.

`python -m tests.assignments.shortcuts.table` writes the page anew; a test compares the two.
"""

from __future__ import annotations

import inspect
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.course.assignment import list_assignments
from autograder.course.manifest import Task, load_manifest
from autograder.course.symbol import Symbol
from tests.assignments.support import COURSE

ROOT = COURSE.parent
PAGE = ROOT / "docs" / "shortcuts.md"
Outcome = Literal["emptied", "forbidden", "legal", "wrong"]
WORDS: dict[Outcome, str] = {
    "emptied": "emptied",
    "forbidden": "forbidden",
    "legal": "legal",
    "wrong": "loses points",
}
HEAD = """# Shortcuts
What solves a task without writing it: for every task its own symbol in the library that students have, and ready-made
functions of the library, torch, torchvision, numpy and scipy that come near it. The page is made of a list
(`tests/assignments/shortcuts/`), and a nightly test grades each as a submission: what stands here is what happens. Rows
of scipy, which no homework needs, are graded where it is installed; elsewhere its import fails. Nothing else was tried.

*Emptied*: the edition has no body of it, and no points are earned. *Forbidden*: the call is noted, and the points are
withheld. *Loses points*: allowed, but it answers something else than the task asks. *Legal*: all points. What stands in
quotes is from the handout.

| task | from | what was tried | what happens |
|---|---|---|---|
"""


@dataclass(frozen=True)
class Shortcut:
    """One way. source: whose function it is. code: a whole solution.py. said: where the handout allows it."""

    assignment: str
    task: str
    source: str
    what: str
    outcome: Outcome
    code: str
    said: str = ""

    @property
    def happens(self) -> str:
        """The last column."""
        return f'{WORDS[self.outcome]}: "{self.said}"' if self.said else WORDS[self.outcome]


def shortcuts() -> list[Shortcut]:
    """All of them, in the order of the tasks."""
    data = tomllib.loads((Path(__file__).parent / "shortcuts.toml").read_text(encoding="utf-8"))["shortcuts"]
    found, num_tasks = [], 0
    for name in list_assignments(COURSE):
        for task in load_manifest(COURSE / name).tested:
            num_tasks += 1
            found.append(_own(name, task))
            found += [_stated(name, given) for given in data if given["task"] == task.id]
    assert len(found) == num_tasks + len(data), "a shortcut names a task that does not exist"
    return found


def _stated(assignment: str, given: dict[str, Any]) -> Shortcut:
    fields = {key: value for key, value in given.items() if key != "from"}
    return Shortcut(assignment, source=given["from"], **fields)


def _own(assignment: str, task: Task) -> Shortcut:
    """The task's own symbols in the library, called or subclassed."""
    code = "\n\n".join(_wrapped(symbol) for symbol in task.tops)
    names = ", ".join(f"`{symbol.module}.{symbol.name}`" for symbol in task.tops)
    return Shortcut(assignment, task.id, "edition", names, "emptied", f"# {task.id}\n{code}")


def _wrapped(symbol: Symbol) -> str:
    owner = f"import {symbol.module} as owner_of_{symbol.name}\n\n\n"
    reference = getattr(__import__(symbol.module, fromlist=["_"]), symbol.name)
    given = f"owner_of_{symbol.name}.{symbol.name}"
    if inspect.isclass(reference):
        return f"{owner}class {symbol.name}({given}):\n    pass\n"
    return f"{owner}def {symbol.name}(*args, **kwargs):\n    return {given}(*args, **kwargs)\n"


def page() -> str:
    """The text of docs/shortcuts.md."""
    rows = [f"| {one.task} | {one.source} | {one.what} | {one.happens} |" for one in shortcuts()]
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
