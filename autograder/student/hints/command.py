"""`hw-cnn hint TASK [NUMBER]`: one hint, the first unless another is asked for."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

from autograder.course.public import PublicTask
from autograder.errors import UsageError
from autograder.student.arguments import HELP
from autograder.student.hints import words
from autograder.student.home import open_home
from autograder.text import Lang

WIDTH = 100


def hint_command(argv: Sequence[str]) -> int:
    """Exit code 0: a hint was shown, or there is none for the task; 2: wrong usage."""
    if set(argv) & set(HELP):
        print(words.USAGE.ru, words.USAGE.en, sep="\n")
        return 0
    try:
        if not 1 <= len(argv) <= 2:
            raise UsageError(f"{words.USAGE.ru} / {words.USAGE.en}")
        _, public = open_home(Path.cwd())
        print("\n".join(lines(public.task(argv[0]), argv[1] if len(argv) == 2 else "1", public.lang)))
        return 0
    except UsageError as error:
        print(error, file=sys.stderr)
        return 2


def lines(task: PublicTask, asked: str, lang: Lang) -> list[str]:
    """What is printed. asked: the number as it was typed. Raises: UsageError when there is no such hint."""
    if not task.hints:
        return [words.NO_HINTS.get(lang).format(task=task.id)]
    n = len(task.hints)
    number = int(asked) if asked.isdecimal() else 0
    if not 1 <= number <= n:
        raise UsageError(words.NO_SUCH_HINT.get(lang).format(number=asked, task=task.id, n=n))
    head = words.HINT.get(lang).format(task=task.id, number=number, n=n)
    text = words.LAST if number == n else words.MORE_BY_COMMAND
    step = textwrap.wrap(task.hints[number - 1], WIDTH, initial_indent="  ", subsequent_indent="  ")
    return [f"{head}:", *step, text.get(lang).format(task=task.id, number=number + 1)]
