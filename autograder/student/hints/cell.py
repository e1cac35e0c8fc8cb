"""`hw_cnn.hint("F1")` in a notebook: one step more at each call, as long as the kernel runs."""

from __future__ import annotations

from pathlib import Path

from autograder.course.public import PublicTask
from autograder.student.hints import words
from autograder.student.home import open_home
from autograder.student.kernel.output import show
from autograder.text import Lang

_opened: dict[tuple[str, str], int] = {}
"""(edition, task) -> how many steps were shown."""


def hint(task_id: str) -> None:
    """Show the hints of a task that are open, the next one among them. Raises: UsageError for an unknown task."""
    _, public = open_home(Path.cwd())
    task = public.task(task_id)
    key = public.edition, task.id
    _opened[key] = min(_opened.get(key, 0) + 1, len(task.hints))
    show(
        "\n".join(lines(task, _opened[key], public.lang)), markdown=markdown(task, _opened[key], public.lang)
    )


def lines(task: PublicTask, opened: int, lang: Lang) -> list[str]:
    """The first `opened` steps, and how to come to the next one."""
    if not task.hints:
        return [words.NO_HINTS.get(lang).format(task=task.id)]
    told = []
    for number, step in enumerate(task.hints[:opened], 1):
        told += [f"{_head(task, number, lang)}:", f"  {step}"]
    return [*told, _what_next(task, opened, lang)]


def markdown(task: PublicTask, opened: int, lang: Lang) -> str:
    """The same with headings and names set as code."""
    if not task.hints:
        return words.NO_HINTS.get(lang).format(task=task.id)
    steps = [f"**{_head(task, number, lang)}.** {step}" for number, step in enumerate(task.hints[:opened], 1)]
    return "\n\n".join([*steps, f"*{_what_next(task, opened, lang)}*"])


def _head(task: PublicTask, number: int, lang: Lang) -> str:
    return words.HINT.get(lang).format(task=task.id, number=number, n=len(task.hints))


def _what_next(task: PublicTask, opened: int, lang: Lang) -> str:
    text = words.LAST if opened == len(task.hints) else words.MORE_IN_KERNEL
    return text.get(lang).format(task=task.id)
