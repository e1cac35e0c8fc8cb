"""Points that are withheld because a forbidden call ran, what staff should know of, and how staff give them back.

What a student restored once stays: an override raises a task's points, it never lowers them, and outlives a regrade.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from autograder.course.manifest import Manifest, Task
from autograder.errors import UsageError
from autograder.intake.task_like import NamedCall
from autograder.remote.forbidden import SeenCall, in_words
from autograder.results.grade import Grade, Override, TaskResult
from autograder.results.store import Store
from autograder.results.totals import round_half_up, total
from autograder.text import Lang, Text, points
from autograder.wire.forbidden_calls import CALLS, shown

WITHHELD = Text(
    ru="Баллы не начислены{instead}: решение вызывает {calls}, а в этом задании это под запретом. Если так вы "
    "проверяете себя, вынесите проверку (assert) из функции; если так вы считаете ответ, посчитайте его сами. "
    "Затем сдайте работу снова. Преподаватель может вернуть баллы.",
    en="The points are withheld{instead}: the solution calls {calls}, and that is off limits in this task. If that is "
    "how you check yourself, move the assertion out of the function; if that is how you compute the answer, compute "
    "it yourself. Then hand in again. Staff can restore the points.",
)
INSTEAD = Text(ru=" (было бы {points})", en=" (it would be {points})")
NAMED = Text(
    ru="{task}: в тексте решения есть {call} ({place}, строка {line}), но при проверке вызов не замечен; посмотрите",
    en="{task}: the source names {call} ({place}, line {line}), but no call was seen while the task was tested; have a "
    "look",
)


def withhold(result: TaskResult, calls: Sequence[SeenCall], lang: Lang) -> TaskResult:
    """The result of a task in which forbidden calls ran (none: as it is): no points, the sentence that
    says so to the student, and the calls for staff."""
    if not calls:
        return result
    said = in_words(calls, result.source, lang)
    instead = INSTEAD.get(lang).format(points=points(result.score, lang)) if result.score else ""
    message = WITHHELD.get(lang).format(instead=instead, calls=said)
    return result.model_copy(
        update={"withheld": result.score, "score": 0.0, "message": message, "calls": said}
    )


def only_named(named: Sequence[NamedCall], seen: dict[str, list[SeenCall]], lang: Lang) -> tuple[str, ...]:
    """A note for staff on each call that stands in the source of a task and did not run there, nor one of its kind."""
    notes = []
    for call in named:
        kinds = [CALLS[ran.name] for ran in seen.get(call.task, ())]
        if CALLS[call.name] not in kinds:
            place = call.place.get(lang)
            notes.append(
                NAMED.get(lang).format(task=call.task, call=shown(call.name), place=place, line=call.line)
            )
    return tuple(notes)


def with_overrides(grade: Grade) -> Grade:
    """The grade with what a person has decided: at least so many points for a task."""
    tasks = []
    for task in grade.tasks:
        decided = [override.points for override in grade.overrides if override.task == task.id]
        score = max([task.score, *decided])
        left = round_half_up(max(0.0, task.withheld - (score - task.score)))
        tasks.append(task.model_copy(update={"score": score, "withheld": left}))
    return grade.model_copy(update={"tasks": tuple(tasks), "score": total(tuple(tasks))})


def restore(store: Store, manifest: Manifest, student: str, task: Task, by: str, reason: str) -> Grade:
    """Give a student the points that are withheld in a task, and keep who did it and why.

    Raises: UsageError when there is nothing to restore, or a line that people wrote is wrong; StoreError.
    """
    store.beside(manifest).require()
    grade = store.load(student)
    if grade is None:
        raise UsageError(f"{store.out} holds no result of {student!r}; it is named as its file in results/")
    result = next((item for item in grade.tasks if item.id == task.id), None)
    if result is None or not result.withheld:
        raise UsageError(f"nothing is withheld from {student} in task {task.id}; nothing was changed")
    if not by.strip() or not reason.strip():
        raise UsageError("--by and --reason cannot be empty: they stand in the result")
    granted = Override(
        task=task.id,
        points=round_half_up(result.score + result.withheld),
        reason=reason.strip(),
        by=by.strip(),
        at=datetime.now(UTC),
    )
    grade = with_overrides(grade.model_copy(update={"overrides": (*grade.overrides, granted)}))
    store.save(grade)
    store.save_scores(manifest)
    return grade
