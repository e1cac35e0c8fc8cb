"""What the manifest says, in words: {{placeholders}} of the handout, Russian plurals, the table of tasks."""

from __future__ import annotations

import re
from collections.abc import Callable

from autograder.course.manifest import Lang, Manifest, Task, Text, UsageError

PLACEHOLDER = re.compile(r"\{\{\s*([a-z]+)(?::([A-Za-z0-9]+))?\s*\}\}")
POINT_FORMS = ("балл", "балла", "баллов")
MINUTE_FORMS = ("минута", "минуты", "минут")
TABLE_HEAD = Text(
    ru="| | Задание | Баллы | Минуты |\n|---|---|---:|---:|",
    en="| | Task | Points | Minutes |\n|---|---|---:|---:|",
)
BONUS = Text(ru="бонус", en="bonus")


def expand(text: str, manifest: Manifest, lang: Lang) -> str:
    """Replace {{title}}, {{tasks}}, {{points:F1}}, {{minutes:F1}}, {{title:F1}}, {{properties:F1}}.

    Numbers come bare ("1,5" in Russian). Raises: UsageError for anything else in double braces.
    """

    def replace(match: re.Match[str]) -> str:
        kind, task_id = match.groups()
        if task_id is None and kind in GENERAL:
            return GENERAL[kind](manifest, lang)
        if task_id is not None and kind in OF_TASK:
            return OF_TASK[kind](manifest.task(task_id), lang)
        known = [*GENERAL, *(f"{name}:TASK" for name in OF_TASK)]
        raise UsageError(f"the handout holds {match[0]}; the placeholders are {', '.join(known)}")

    return PLACEHOLDER.sub(replace, text)


def number(value: float, lang: Lang) -> str:
    """`1.5`, in Russian `1,5`."""
    text = f"{value:g}"
    return text.replace(".", ",") if lang == "ru" else text


def counted(value: float, lang: Lang, forms: tuple[str, str, str], word: str) -> str:
    """A number with its noun: 1 балл, 2 балла, 5 баллов, 1,5 балла; 1 point, 2 points."""
    if lang == "en":
        return f"{number(value, lang)} {word}{'' if value == 1 else 's'}"
    whole = int(value)
    if whole != value:
        form = forms[1]
    elif whole % 10 == 1 and whole % 100 != 11:
        form = forms[0]
    elif whole % 10 in (2, 3, 4) and whole % 100 not in (12, 13, 14):
        form = forms[1]
    else:
        form = forms[2]
    return f"{number(value, lang)} {form}"


def points(value: float, lang: Lang) -> str:
    """`20 баллов` or `20 points`."""
    return counted(value, lang, POINT_FORMS, "point")


def minutes(value: float, lang: Lang) -> str:
    """`45 минут` or `45 minutes`."""
    return counted(value, lang, MINUTE_FORMS, "minute")


def _properties(task: Task, lang: Lang) -> str:
    return "\n".join(f"- {test.sentence.get(lang)} ({points(test.points, lang)})" for test in task.tests)


def _table(manifest: Manifest, lang: Lang) -> str:
    rows = [TABLE_HEAD.get(lang)]
    for task in manifest.tasks:
        title = task.title.get(lang) + (f" ({BONUS.get(lang)})" if task.bonus else "")
        rows.append(f"| {task.id} | {title} | {number(task.points, lang)} | {task.minutes} |")
    return "\n".join(rows)


GENERAL: dict[str, Callable[[Manifest, Lang], str]] = {
    "title": lambda manifest, lang: manifest.title.get(lang),
    "tasks": _table,
}
OF_TASK: dict[str, Callable[[Task, Lang], str]] = {
    "points": lambda task, lang: number(task.points, lang),
    "minutes": lambda task, lang: number(task.minutes, lang),
    "title": lambda task, lang: task.title.get(lang),
    "properties": _properties,
}
