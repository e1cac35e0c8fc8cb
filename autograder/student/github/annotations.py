"""What `hw-cnn check --github` prints for GitHub: one annotation a task, and a table for the page of the run.

GitHub shows ten annotations of a kind for each step, so tests of one task share one: an error where a public test
fails, a warning where a task is not written.

Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.public import PublicTask
from autograder.student import words
from autograder.student.github.lines import place_of
from autograder.student.work import Work
from autograder.text import Lang, Text
from autograder.wire.safe_text import clean_text

WORKSPACE, SUMMARY = "GITHUB_WORKSPACE", "GITHUB_STEP_SUMMARY"
MOST_OF_TEXT = 2000
HEAD = Text(
    ru="| задание | открытые тесты | |\n|---|---|---|\n", en="| task | public tests | |\n|---|---|---|\n"
)
UNWRITTEN = Text(ru="не написано", en="not written")
BY_HAND = Text(ru="оценивает человек", en="marked by a person")


@dataclass(frozen=True)
class Checked:
    """What came of a task: how many of its public tests fail, of how many, and what was said of it.

    total: 0 where it is not written, and of a task that a person marks.
    """

    task: PublicTask
    bad: int
    total: int
    said: str

    @property
    def is_good(self) -> bool:
        """Whether all of its public tests pass."""
        return bool(self.total) and not self.bad


def annotation_lines(work: Work, checked: Sequence[Checked], lang: Lang) -> list[str]:
    """A line for each task that has tests and does not pass them."""
    lines = []
    root = Path(os.environ.get(WORKSPACE) or Path.cwd()).resolve()
    for one in checked:
        if one.is_good or one.task.is_written:
            continue
        source = next(source for source in work.submission.sources if source.task == one.task.id)
        name, line = place_of(work, source)
        path = (work.folder / name).resolve()
        shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name
        title = f"{one.task.id}: {UNWRITTEN.get(lang)}"
        if one.total:
            title = words.failed_line(one.task.id, one.bad, one.total, lang)
        lines.append(
            f"::{'error' if one.total else 'warning'} file={_property(shown)},line={line},title={_property(title)}"
            f"::{_data(clean_text(one.said, MOST_OF_TEXT))}"
        )
    return lines


def write_summary(checked: Sequence[Checked], last: Sequence[str], lang: Lang) -> None:
    """Append the table to the page of the run, where there is one."""
    if path := os.environ.get(SUMMARY):
        with Path(path).open("a", encoding="utf-8") as stream:
            stream.write(summary(checked, last, lang))


def summary(checked: Sequence[Checked], last: Sequence[str], lang: Lang) -> str:
    """The table as Markdown, and the sentences below it."""
    rows = []
    for one in checked:
        if one.task.is_written:
            passed, state = "", BY_HAND.get(lang)
        elif not one.total:
            passed, state = "", UNWRITTEN.get(lang)
        else:
            passed = f"{one.total - one.bad} / {one.total}"
            state = (words.FAILED if one.bad else words.PASSED).get(lang)
        rows.append(f"| {_cell(f'{one.task.id}. {one.task.title.get(lang)}')} | {passed} | {state} |\n")
    return HEAD.get(lang) + "".join(rows) + "\n" + "\n\n".join(map(_cell, last)) + "\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _cell(text: str) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "\\|")
    return " ".join(escaped.split())
