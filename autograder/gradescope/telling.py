"""From what counts for one submission to `results.json`: a box a task, with the sentences of the student's page.

What students may read is what the page says of a check: its public sentence, how it went wrong, and the misconception.
Examples stay away: here everybody may hand in again and again, and ask for one more each time.
"""

from __future__ import annotations

from autograder.course.manifest import Manifest
from autograder.gradescope import words
from autograder.gradescope.results_json import PlatformTest, Results, Visibility
from autograder.results.grade import TaskResult
from autograder.results.marked import UNREAD, Marked
from autograder.results.report.causes import in_groups, reason_of
from autograder.results.report.words import STUDENT, brief
from autograder.text import Lang, Text, number, points

PASSED, LOST, UNKNOWN = "+", "-", "?"


def told(manifest: Manifest, one: Marked, visibility: Visibility) -> Results:
    """The results of a submission that has a verdict, or of which some tests have none.

    The points are those before lateness: the platform takes its own.
    """
    grade, written = one.grade, {task.id for task in manifest.written}
    tasks = [task for task in one.tasks if task.id not in written]
    return Results(
        score=one.before,
        execution_time=grade.seconds,
        output="\n".join(_overall(manifest, one)),
        visibility=visibility,
        tests=tuple(_of_task(manifest, one, task, visibility) for task in tasks),
        extra_data={
            "status": grade.status,
            "tier": grade.sandbox.tier,
            "submission_sha256": grade.submission_sha256,
            "grader_sha256": grade.grader_sha256,
        },
    )


def untold(sentence: Text, lang: Lang) -> Results:
    """The results where nothing was judged: a sentence, and no number that could be taken for a mark."""
    said = sentence.get(lang)
    return Results(
        output=said,
        tests=(PlatformTest(name=words.NOT_GRADED.get(lang), status="failed", output=said),),
    )


def machine_total(manifest: Manifest) -> float:
    """What the program can give, bonus tasks left out: the autograder points to set on the platform."""
    return sum(task.points for task in manifest.tested if not task.bonus)


def _overall(manifest: Manifest, one: Marked) -> list[str]:
    grade = one.grade
    lang = grade.lang
    total = number(machine_total(manifest), lang)
    lines = [words.SCORE.get(lang).format(score=number(one.before, lang), total=total)]
    if any(task.bonus for task in manifest.tested):
        lines.append(words.BONUS.get(lang))
    if one.needs_staff:
        lines.append(STUDENT["not_final"].get(lang))
    elif grade.reason:
        lines.append(brief(grade.reason, lang))
    lines += grade.notes
    if manifest.written:
        tasks = ", ".join(task.id for task in manifest.written)
        worth = points(sum(task.points for task in manifest.written), lang)
        lines.append(words.BY_HAND.get(lang).format(tasks=tasks, points=worth))
        if grade.status not in UNREAD:
            rows = [row for task in manifest.written for row in one.rows.get(task.id, ())]
            lines += [
                (words.ANSWER if r.text else words.NO_ANSWER).get(lang).format(row=r.row.id) for r in rows
            ]
    return [*lines, words.RAW.get(lang)]


def _of_task(manifest: Manifest, one: Marked, task: TaskResult, visibility: Visibility) -> PlatformTest:
    return PlatformTest(
        name=f"{task.id}. {task.title}"
        + (f" ({STUDENT['bonus'].get(one.grade.lang)})" if task.bonus else ""),
        score=task.score,
        max_score=task.max_score,
        output="\n".join(_lines(manifest, task, one.grade.lang)),
        visibility=visibility,
    )


def _lines(manifest: Manifest, task: TaskResult, lang: Lang) -> list[str]:
    sentences = {
        test.id: test.sentence.get(lang)
        for known in manifest.tasks
        if known.id == task.id
        for test in known.tests
    }
    lines = [f"{STUDENT['source'].get(lang)}: {task.source or STUDENT['not_found'].get(lang)}"]
    lines += [task.message] if task.message else []
    lines += [task.multiplier.message] if task.multiplier is not None else []
    lines += [f"{STUDENT['diagnosis'].get(lang)}. {found.message}" for found in task.diagnosis]
    for group in in_groups(task.tests, sentences):
        for test in group:
            sign = UNKNOWN if test.passed is None else PASSED if test.passed else LOST
            also = f" ({STUDENT['forgiven'].get(lang)})" if test.forgiven else ""
            worth = f"{number(test.points, lang)} / {number(test.max_points, lang)}"
            lines.append(f"{sign} {worth}  {sentences.get(test.id, test.id)}{also}")
        if len(group) > 1:
            lines.append(f"      {STUDENT['same'].get(lang)}")
        if reason := reason_of(group[-1], sentences):
            lines += [f"      {line}" for line in brief(reason, lang).split("\n")]
    return lines
