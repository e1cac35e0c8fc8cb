"""What nbgrader's comments and the output of a check cell say: public sentences, and no value of any hidden test.

nbgrader reads a comment as Markdown when it makes feedback, and shows it as it is in formgrader.
"""

from __future__ import annotations

import re

from autograder.course.manifest import Task
from autograder.results.grade import TaskResult, TestResult
from autograder.results.marked import Marked, MarkedRow
from autograder.text import LANGS, Lang, Text, number
from autograder.wire.safe_text import clean_line

OF = Text(ru="{points} из {most}", en="{points} of {most}")
CAUSE = Text(ru="Вероятная причина", en="What probably went wrong")
NO_VERDICT = Text(ru="результата проверки нет, посмотрит преподаватель", en="no verdict; staff will look")
HELD = Text(ru="Объявленная оценка сохраняется: {points}", en="The mark that you were told stays: {points}")
UNMARKED = Text(ru="Ещё не оценено", en="Not marked yet")
# What would begin a tag of HTML, or a picture or a link of Markdown.
ACTIVE = re.compile(r"<(?=[A-Za-z/!?])|!?\[")
SIGNS = {True: "\N{CHECK MARK}", False: "\N{BALLOT X}", None: "?"}


def of_student(one: Marked) -> str:
    """What holds for the work as a whole: why it could not be read, lateness, what was told; "" for nothing."""
    lang = one.grade.lang
    said = [literal(one.grade.reason)] if one.grade.status == "rejected" else []
    said.append(one.late.line(lang))
    if one.published is not None and one.earned < one.published:
        said.append(HELD.get(lang).format(points=number(one.score, lang)))
    return _items(said)


def of_task(task: Task, result: TaskResult | None, one: Marked) -> str:
    """The public sentence of each test that lost points, what explains them, and what people have decided."""
    if result is None:
        return ""
    lang = one.grade.lang
    said = [
        f"{_price(test, lang)}: {_sentence(task, test, lang)}"
        + (f" ({NO_VERDICT.get(lang)})" if test.passed is None else "")
        for test in result.tests
        if test.points < test.max_points
    ]
    said += [f"{CAUSE.get(lang)}: {found.message}" for found in result.diagnosis]
    if result.message and (result.withheld or not result.tests):
        said.append(literal(result.message))
    for test in result.tests:
        if test.id in one.voids:
            voided = literal(one.voids[test.id].sentence(lang, named=False))
            said.append(f"{_sentence(task, test, lang)} {voided}")
    return _items([*said, *_decided(task, one)])


def of_answer(task: Task, row: MarkedRow | None, one: Marked, *, is_first: bool) -> str:
    """What those who marked have remarked; decisions on the task stand at its first row."""
    lang = one.grade.lang
    said = [literal(mark.remark) for mark in row.marks if mark.remark] if row is not None else []
    if row is not None and row.is_awaiting and task.id in one.awaiting:
        said.append(UNMARKED.get(lang))
    return _items([*said, *(_decided(task, one) if is_first else ())])


def without_unmarked(comment: str) -> str:
    """The comment on an answer that a person has marked in formgrader."""
    waits = {UNMARKED.get(lang) for lang in LANGS}
    return "\n".join(line for line in comment.splitlines() if line.removeprefix("- ") not in waits)


def check_output(task: Task, one: Marked) -> str:
    """What stands below a check cell in place of what a kernel would have printed; "" for a task without a result."""
    result = next((result for result in one.tasks if result.id == task.id), None)
    if result is None:
        return ""
    lang = one.grade.lang
    head = OF.get(lang).format(points=number(result.score, lang), most=number(result.max_score, lang))
    lines = [f"{task.id}: {head}"]
    lines += [
        f"  {SIGNS[test.passed]} {_price(test, lang)}: {_sentence(task, test, lang)}" for test in result.tests
    ]
    return "\n".join([*lines, ""])


def literal(text: str) -> str:
    """Text of others in one line, in which neither Markdown nor a browser finds a tag, a link or a picture."""
    return ACTIVE.sub(lambda found: f"\\{found[0]}" if found[0] != "![" else "!\\[", clean_line(text, 500))


def _decided(task: Task, one: Marked) -> list[str]:
    decision = one.decisions.get(task.id)
    return [] if decision is None else [literal(decision.sentence(task.points, one.grade.lang, named=False))]


def _price(test: TestResult, lang: Lang) -> str:
    return OF.get(lang).format(points=number(test.points, lang), most=number(test.max_points, lang))


def _sentence(task: Task, test: TestResult, lang: Lang) -> str:
    known = next((known for known in task.tests if known.id == test.id), None)
    return test.id if known is None else known.sentence.get(lang)


def _items(said: list[str]) -> str:
    """A list of Markdown; "" for none."""
    return "\n".join(f"- {line}" for line in said if line)
