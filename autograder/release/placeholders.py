"""{{placeholders}} of the handout: what the manifest says, in words, and the table of tasks."""

from __future__ import annotations

import re
from collections.abc import Callable

from autograder.course.manifest import Manifest, Task
from autograder.errors import UsageError
from autograder.text import Lang, Text, number, points, unbroken
from autograder.wire.forbidden_calls import shown

PLACEHOLDER = re.compile(r"\{\{\s*([a-z]+)(?::([A-Za-z0-9]+))?\s*\}\}")
TABLE_HEAD = Text(
    ru="| | Задание | Баллы | Минуты |\n|---|---|---:|---:|",
    en="| | Task | Points | Minutes |\n|---|---|---:|---:|",
)
BONUS = Text(ru="бонус", en="bonus")


def expand(text: str, manifest: Manifest, lang: Lang) -> str:
    """Replace {{title}}, {{tasks}}, {{first}} (the id of the first task),
    {{points:F1}}, {{minutes:F1}}, {{title:F1}}, {{properties:F1}}, {{forbidden:F1}}.

    Numbers come bare ("1,5" in Russian), and stay on one line with a unit that follows.

    Raises: UsageError for anything else in double braces.
    """

    def replace(match: re.Match[str]) -> str:
        kind, task_id = match.groups()
        if task_id is None and kind in GENERAL:
            return GENERAL[kind](manifest, lang)
        if task_id is not None and kind in OF_TASK:
            return OF_TASK[kind](manifest.task(task_id), lang)
        known = [*GENERAL, *(f"{name}:TASK" for name in OF_TASK)]
        raise UsageError(f"the handout holds {match[0]}; the placeholders are {', '.join(known)}")

    return unbroken(PLACEHOLDER.sub(replace, text))


def forbidden(task: Task, lang: Lang) -> str:
    """The calls that a task forbids, as students write them: `F.conv2d`, `nn.Conv2d`."""
    del lang  # names are the same in both
    return ", ".join(f"`{shown(name)}`" for name in task.forbidden)


def _properties(task: Task, lang: Lang) -> str:
    asked = [(test.sentence, test.points) for test in task.tests]
    asked += [(row.sentence, row.points) for row in task.rows]
    return "\n".join(f"- {sentence.get(lang)} ({points(worth, lang)})" for sentence, worth in asked)


def _table(manifest: Manifest, lang: Lang) -> str:
    rows = [TABLE_HEAD.get(lang)]
    for task in manifest.tasks:
        title = task.title.get(lang) + (f" ({BONUS.get(lang)})" if task.bonus else "")
        rows.append(f"| {task.id} | {title} | {number(task.points, lang)} | {task.minutes} |")
    return "\n".join(rows)


GENERAL: dict[str, Callable[[Manifest, Lang], str]] = {
    "title": lambda manifest, lang: manifest.title.get(lang),
    "tasks": _table,
    "first": lambda manifest, lang: manifest.tasks[0].id,
}
OF_TASK: dict[str, Callable[[Task, Lang], str]] = {
    "points": lambda task, lang: number(task.points, lang),
    "minutes": lambda task, lang: number(task.minutes, lang),
    "title": lambda task, lang: task.title.get(lang),
    "properties": _properties,
    "forbidden": forbidden,
}
