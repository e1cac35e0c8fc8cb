"""Where a class stands, from what lies on the disk: who is graded, who waits, who needs a person, and why.

Only reads, so it may be asked while a run is going on. What of a submission has changed since is told by the times of
its files; a rerun finds out whether their content has.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.intake.students import Upload, find_submissions, left_aside
from autograder.results.by_hand.no_effect import without_effect
from autograder.results.grade import Grade
from autograder.results.marked import UNREAD, Marked, all_with_beside, outdated_rows
from autograder.results.report.behind import gone
from autograder.results.result_file import DAMAGED, Unreadable
from autograder.results.store import Places, Store
from autograder.roster.collected import not_taken, time_key
from autograder.wire.safe_text import clean_line

NEW, CHANGED = "new", "changed since it was graded"
UNREADABLE = "unreadable"
MOST_OF_REASON = 160


@dataclass(frozen=True)
class Named:
    """A student and what there is to say of this one, "" for nothing."""

    student: str
    why: str = ""


@dataclass(frozen=True)
class Standing:
    """Where a class stands.

    Args:
        submissions: the folder that was looked into; None where it is not known or not there, then `problems` says so.
        groups: what students have in common -> who they are, in the order in which it is told; none is empty.
        problems: sentences on what cannot be read, and lines of people's files that are wrong.
    """

    manifest: Manifest
    submissions: Path | None
    groups: Mapping[str, tuple[Named, ...]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def standing(store: Store, manifest: Manifest, submissions: Path | None = None) -> Standing:
    """Args:
        submissions: where they are now; where they were in the last run if not given.

    Raises: UsageError where what people have said cannot be read, or `submissions` is given and is no folder.
    """
    uploads, places, problems = _uploads(store, manifest, submissions)
    beside = store.beside(manifest)
    unreadable = store.unreadable()
    marked = all_with_beside(manifest, store.grades(), beside)
    waiting = _waiting(uploads or (), [one.grade for one in marked], places, unreadable)
    waits = {one.student for one in waiting}
    there = None if uploads is None else {upload.student for upload in uploads}
    known = {one.grade.student for one in marked} | {one.student for one in unreadable} | (there or set())
    lost = {} if uploads is None else not_taken(places.submissions)
    groups = {
        "graded": _of(one for one in marked if one.grade.status not in UNREAD and _who(one) not in waits),
        "waiting": waiting,
        "rejected": tuple(
            Named(_who(one), one.grade.reason)
            for one in marked
            if one.grade.status == "rejected" and _who(one) not in waits
        ),
        "missing": (
            *(
                Named(_who(one), lost.get(time_key(_who(one)), ""))
                for one in marked
                if one.grade.status == "missing" and _who(one) not in waits
            ),
            *(
                Named(student, lost.get(time_key(student), ""))
                for student in sorted(set(beside.people) - known)
            ),
        ),
        "to mark": tuple(Named(_who(one), ", ".join(one.awaiting)) for one in marked if one.awaiting),
        "marked before the text changed": tuple(
            Named(_who(one), where) for one in marked if (where := outdated_rows(one))
        ),
        "given in vain": tuple(Named(*one) for one in without_effect(marked, beside.decisions)),
        "for staff": tuple(
            Named(_who(one), one.grade.reason or "some hidden tests gave no verdict")
            for one in marked
            if one.grade.needs_staff
        ),
        "remarks for staff": tuple(
            Named(_who(one), one.grade.staff_notes[0]) for one in marked if one.grade.staff_notes
        ),
        "without a submission": tuple(
            Named(student) for student in gone((one.grade for one in marked), there or ())
        )
        if there is not None
        else (),
        "changed since published": tuple(
            Named(_who(one), _since_published(one.published, one.earned))
            for one in marked
            if one.published is not None and one.published != one.earned
        ),
        UNREADABLE: tuple(Named(one.student, one.problem) for one in unreadable),
    }
    problems += [str(one) for one in unreadable]
    problems += [
        f"{path} was damaged and is kept: see what people had decided in it, then remove it"
        for path in sorted((store.out / "results").glob(f"*{DAMAGED}"))
    ]
    problems += [*beside.marks.problems, *beside.decisions.problems]
    filled = {name: members for name, members in groups.items() if members}
    return Standing(manifest, None if uploads is None else places.submissions, filled, tuple(problems))


def _uploads(
    store: Store, manifest: Manifest, submissions: Path | None
) -> tuple[list[Upload] | None, Places, list[str]]:
    """The uploads, None where they are nowhere; where that is; what is wrong."""
    try:
        places = store.places()
    except UsageError as error:
        if submissions is None:
            return None, Places(assignment=Path(), submissions=Path()), [str(error)]
        places = Places(assignment=Path(), submissions=submissions)
    if submissions is not None:
        same = submissions.resolve() == places.submissions
        places = places.model_copy(
            update={"submissions": submissions, "looked_at": places.looked_at if same else None}
        )
    try:
        uploads = find_submissions(places.submissions, manifest.name)
        aside = left_aside(places.submissions)
    except UsageError as error:
        if submissions is not None:
            raise
        return None, places, [f"{error}; say where they are now with --submissions"]
    said = f"no submission, or its name must be changed: {', '.join(aside)}"
    return uploads, places, [said] if aside else []


def _waiting(
    uploads: Iterable[Upload], grades: Iterable[Grade], places: Places, unreadable: Iterable[Unreadable]
) -> tuple[Named, ...]:
    stored = {grade.student: grade for grade in grades}
    broken = {one.student for one in unreadable}
    waiting = []
    for upload in uploads:
        grade = stored.get(upload.student)
        if grade is None or grade.status == "missing":
            if upload.student not in broken:
                waiting.append(Named(upload.student, NEW))
        elif _changed_at(upload.path) > max(
            grade.started_at, places.looked_at or datetime.min.replace(tzinfo=UTC)
        ):
            waiting.append(Named(upload.student, CHANGED))
    return tuple(waiting)


def _changed_at(path: Path) -> datetime:
    """When a file, or anything in a folder, was last written or put there; no link is followed.

    The time of the inode, since unpacking and copying may give a new file an old time of its own.
    """
    latest = _time(path)
    for folder, folders, names in os.walk(path):
        latest = max([latest, *(_time(Path(folder, name)) for name in (*folders, *names))])
    return datetime.fromtimestamp(latest, UTC)


def _time(path: Path) -> float:
    try:
        return path.lstat().st_ctime
    except OSError:
        return 0.0


def _who(one: Marked) -> str:
    return one.grade.student


def _of(marked: Iterable[Marked]) -> tuple[Named, ...]:
    return tuple(Named(_who(one)) for one in marked)


def shown(named: Named) -> str:
    """`anna`, or `anna (why)`, in one line."""
    why = clean_line(named.why)
    if len(why) > MOST_OF_REASON:
        why = why[: MOST_OF_REASON - 1] + "…"
    return clean_line(named.student) + (f" ({why})" if why else "")


def _since_published(told: float, earned: float) -> str:
    """What was told counts where less is earned now."""
    return f"{told:g} was told, {earned:g} now" + (", and what was told counts" if earned < told else "")
