"""`autograder publish`: keeps what students are told. From then on a mark only rises."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime

from autograder.course.manifest import Manifest
from autograder.desk.changes import NAME_WIDTH
from autograder.errors import UsageError
from autograder.results.marked import Marked
from autograder.results.published import (
    PUBLISHED_NAME,
    Change,
    published_changes,
    published_text,
    read_published,
)
from autograder.results.store import Store, write_atomically
from autograder.text import counted_english
from autograder.wire.safe_text import clean_line

MOST_NAMES = 10
NONE = "\N{EN DASH}"


def publish(
    store: Store,
    manifest: Manifest,
    *,
    students: Collection[str] = (),
    lower: bool = False,
    anyway: bool = False,
) -> list[str]:
    """Write `published.json`; what to tell.

    Args:
        students: who is told, everybody if empty. What was told to others stays, and nothing of theirs is waited for.
        lower: marks below what was told are told, too.
        anyway: although marks await a hand, a verdict is missing, or a result cannot be read. What was told to whom
            it belongs stays.

    Raises: UsageError, StoreError.
    """
    store.beside(manifest).require()
    marked = store.marked(manifest)
    unread = [one.student for one in store.unreadable()]
    if not marked and not unread:
        raise UsageError(
            f"{store.out} holds no results; give the folder that was --out of `autograder grade`"
        )
    if students:
        known = {*unread, *(one.grade.student for one in marked)}
        if strangers := sorted(set(students) - known):
            raise UsageError(f"there is no result of {_named(strangers)}; write each name as in scores.csv")
        marked = [one for one in marked if one.grade.student in students]
        unread = [student for student in unread if student in students]
    if not anyway and (reasons := _open(marked, unread)):
        raise UsageError(
            f"not published: {'; '.join(reasons)}. Finish that, or publish what there is with --anyway"
        )
    before = read_published(store.out)
    found = published_changes(before, marked)
    path = store.out / PUBLISHED_NAME
    write_atomically(path, published_text(marked, before, datetime.now(UTC), lower=lower))
    store.save_scores(manifest)
    lines = [f"Published: {counted_english(len(marked), 'student')}, {path}; marks only rise from now on"]
    if students:
        lines.append("only who was named; what was told to others, or nothing yet, stays")
    if before:
        lines += changes_lines(found, "since it was published last", lower=lower)
    falls = [one.student for one in found if one.told is not None and one.earned < one.told]
    if falls and lower:
        lines.append(f"{len(falls)} are told less than before: {_named(falls)}")
    elif falls:
        lines.append(
            f"{len(falls)} would be lower and stay as they were told: {_named(falls)}; --allow-lower tells all of them "
            "less"
        )
    if kept := sorted({*(() if students else before), *unread} - {one.grade.student for one in marked}):
        lines.append(f"no result of {_named(kept)} can be read, so nothing new is told; what was told stays")
    return lines


def changes_since(store: Store, manifest: Manifest) -> list[str]:
    """What changed since the marks were published, a line each; empty where nothing did, and before.

    Raises: UsageError.
    """
    found = published_changes(read_published(store.out), store.marked(manifest))
    return (
        changes_lines(found, "since the marks were published; `autograder publish` tells it") if found else []
    )


def changes_lines(found: Sequence[Change], since: str, *, lower: bool = False) -> list[str]:
    """How many marks are other ones, and whose. lower: those that are less than what was told count, too."""
    if not found:
        return [f"nothing has changed {since}"]
    lines = [f"{counted_english(len(found), 'student')} changed {since}:"]
    return lines + [f"  {_line(change, lower=lower)}" for change in found]


def _line(change: Change, *, lower: bool) -> str:
    name = clean_line(change.student)[:NAME_WIDTH]
    if change.told is None:
        return f"{name}: {change.counts:g}, was told nothing yet"
    tasks = ", ".join(
        f"{task} {_points(then)} → {_points(now)}" for task, (then, now) in change.tasks.items()
    )
    moved = f"{change.told:g} → {change.earned:g}" if change.earned != change.told else f"{change.told:g}"
    held = ", stays as it was told" if change.counts > change.earned and not lower else ""
    return f"{name}: {moved}{held}{f' ({tasks})' if tasks else ''}"


def _points(value: float | None) -> str:
    return NONE if value is None else f"{value:g}"


def _open(marked: Sequence[Marked], unread: Sequence[str]) -> list[str]:
    """Why the marks are not final."""
    reasons = []
    for names, what in (
        ([one.grade.student for one in marked if one.awaiting], "marks by hand await"),
        ([one.grade.student for one in marked if one.needs_staff], "verdicts are missing of"),
        (unread, "results cannot be read of"),
    ):
        if names:
            reasons.append(f"{what} {_named(names)}")
    return reasons


def _named(students: Iterable[str]) -> str:
    """The first names and how many more there are."""
    names = list(students)
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    return f"{', '.join(map(clean_line, names[:MOST_NAMES]))}{more}"
