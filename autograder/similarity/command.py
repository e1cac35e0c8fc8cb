"""`autograder similarity`: read the works of a class, compare them, write the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from autograder.course.assignment import Assignment, find_assignment
from autograder.errors import UsageError
from autograder.intake.students import find_submissions
from autograder.results.grade import Grade
from autograder.results.report.page import stored_manifest
from autograder.results.store import Store, write_atomically
from autograder.roster.roster import Roster
from autograder.similarity.agreement import Found, TaskCode, same_weights, together
from autograder.similarity.bugs import rare_bugs
from autograder.similarity.code import given
from autograder.similarity.page import render
from autograder.similarity.pairs import LINES, alike
from autograder.similarity.prints import Work, template
from autograder.similarity.reading import Class, read_class
from autograder.similarity.words import GONE
from autograder.text import Lang, counted_english

PAGE = "similarity.html"


@dataclass(frozen=True)
class Options:
    """submissions: where they are now, if not where they were graded. out: the page, DIR/similarity.html if None.

    lines: works of a task with no more statements are not compared. lang: of the page, else that of the grades.
    jobs: how many submissions are read at once.
    """

    submissions: Path | None = None
    out: Path | None = None
    lines: int = LINES
    lang: Lang | None = None
    roster: Roster = field(default_factory=Roster)
    jobs: int = 1


def write_similarity(folder: Path, options: Options, tell: Callable[[int, int], None]) -> list[str]:
    """Write the page; what to say. tell: how many submissions are read, of how many.

    Raises: UsageError, StoreError, SandboxError.
    """
    store, manifest = Store(folder), stored_manifest(folder)
    places, grades = store.places(), store.grades()
    assignment = find_assignment(str(places.assignment), None, ",".join(manifest.chosen) or None)
    uploads = find_submissions(options.submissions or places.submissions, assignment.name)
    if not uploads:
        raise UsageError(
            f"{options.submissions or places.submissions} holds no submissions; say where with --submissions"
        )
    lang = options.lang or (grades[0].lang if grades else "en")
    read = read_class(assignment, uploads, lang, options.jobs, lambda done: tell(done, len(uploads)))
    there = {upload.student for upload in uploads}
    gone = {
        one.student: GONE.get(lang) for one in grades if one.status != "missing" and one.student not in there
    }
    teams = {student: team for team, members in options.roster.teams.items() for student in members}
    found = compare(assignment, read, grades, teams, lines=options.lines, gone=gone)
    path = options.out or folder / PAGE
    write_atomically(
        path, render(manifest, found, together(found, teams), lang, lines=options.lines).encode()
    )
    return [_sum(found), f"It decides nothing; for staff only: {path}"]


def compare(
    assignment: Assignment,
    read: Class,
    grades: Sequence[Grade],
    teams: Mapping[str, str],
    *,
    lines: int = LINES,
    gone: Mapping[str, str] | None = None,
) -> Found:
    """Everything that agrees. gone: who has a grade and no upload any more -> a word on that."""
    known = template(given(assignment))
    tasks = []
    for task in assignment.manifest.tested:
        works = [Work.of(one.student, one.code[task.id]) for one in read.handed if one.code[task.id]]
        tasks.append(TaskCode(task, alike(works, known, teams, lines=lines)))
    return Found(
        len(read.handed),
        tuple(tasks),
        same_weights(read.handed, teams),
        tuple(rare_bugs(grades, teams)),
        {**read.left_out, **(gone or {})},
        len(set(teams.values())),
    )


def _sum(found: Found) -> str:
    tasks = ", ".join(one.task.id for one in found.tasks if one.alike.pairs or one.alike.groups)
    parts = [
        counted_english(found.num_pairs, "pair") + " of near code",
        counted_english(found.num_groups, "group") + " of equal code" + (f" ({tasks})" if tasks else ""),
        counted_english(len(found.weights), "group") + " of equal weights",
        counted_english(len(found.bugs), "rare misconception") + " that several have",
    ]
    left_out = f"; {len(found.left_out)} left out" if found.left_out else ""
    return f"{counted_english(found.num_works, 'work')} compared: {', '.join(parts)}{left_out}"
