"""Test the tests: the reference gets everything, the stub nothing, each planted bug fails its own task only.

Variants are graded by the same code as a real submission. Written out: the kill matrix (bug x hidden test), the
price list (bug -> points lost), how mistakes are named, and one line for each thing that is wrong, prices that are too
high and names that are untrue included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from autograder.course.assignment import Assignment, package_root
from autograder.course.edition import read_package
from autograder.course.open_tests import store_open_tests
from autograder.course.variants import Variant, load_variants, of_tasks
from autograder.grading.batch import Options, grade
from autograder.release.bundle import release_assignment
from autograder.results.finished import Finished
from autograder.results.grade import Grade
from autograder.results.store import Store
from autograder.sandbox.host.scratch import Scratch
from autograder.text import LANGS, counted_english
from autograder.validation.answers.voices import round_key
from autograder.validation.answers.wrong_numbers import wrong_shares
from autograder.validation.class_of_variants import (
    REFERENCE,
    behind_the_wall,
    changed_weights,
    check_variants,
    choose_tests,
    tasks_concerned,
    write_submissions,
)  # fmt: skip
from autograder.validation.counting import Tell, Tick, tell_nobody
from autograder.validation.diagnosis.measure import measure_naming
from autograder.validation.diagnosis.other_mistakes import (
    OtherMistake,
    choose_tests_of_others,
    load_other_mistakes,
    write_other_submissions,
)
from autograder.validation.diagnosis.report import naming_problems, naming_rows, summary_of_naming
from autograder.validation.docstrings import telling_docstrings
from autograder.validation.further_salts import Work, further_rounds
from autograder.validation.matrix import kill_matrix, summary, write_csv, write_reports
from autograder.validation.prices import price_list, price_problems
from autograder.validation.problems import Verdicts, chance_problems, check_release, find_problems
from autograder.validation.public_tests.matrix import public_problems, public_summary, write_public_matrix
from autograder.validation.public_tests.open_tests import find_open, open_problems, open_summary
from autograder.validation.public_tests.run import try_public_tests

QUICK_SALTS, FULL_SALTS = 2, 20
# Of the reference alone, in the full run: a test that fails by chance once in a few hundred salts costs a class points.
REFERENCE_SALTS = 400


def validate(
    assignment: Assignment,
    out: Path,
    *,
    quick: bool,
    jobs: int,
    say: Callable[[str], None],
    store_open: bool = False,
    tell: Tell = tell_nobody,
) -> int:
    """Grade reference, stub and all variants; write the reports below `out`; return the number of problems.

    Warnings are said and not counted. store_open: write into the assignment which hidden tests are open. tell: is told
    how far each stage has come.

    Raises: UsageError when the assignment is unusable, StoreError when `out` cannot be written.
    """
    manifest, variants = assignment.manifest, _variants(assignment)
    others = _other_mistakes(assignment)
    for line in telling_docstrings(manifest, read_package(package_root())):
        say(f"WARNING: {line}")
    with Scratch("validate") as work:
        problems = check_release(assignment, work / "bundle")
        say("running the public tests on every variant...")
        outcomes = try_public_tests(
            assignment,
            variants,
            work / "bundle" / LANGS[0],
            jobs,
            partial(tell, "public tests"),
            one_failure=quick,
        )
        problems += public_problems(variants, outcomes)
        rounds, alone = _rounds(
            assignment, variants, others, work, quick=quick, jobs=jobs, say=say, tell=tell
        )
    salts = len(rounds)
    for verdicts in rounds:
        problems += find_problems(manifest, variants, verdicts)
    problems += chance_problems(manifest, alone)
    prices = price_list(manifest, variants, rounds)
    if dear := [price.bug for price in prices if price.is_dear]:
        say(
            f"measuring for {counted_english(len(dear), 'dear bug')} whether all is wrong, over {salts} salts..."
        )
        prices = price_list(
            manifest,
            variants,
            rounds,
            wrong_shares(assignment, dear, salts, jobs, partial(tell, "dear bugs")),
        )
    opened = find_open(manifest, variants, kill_matrix(manifest, variants, rounds), outcomes)
    if store_open:
        say(f"which hidden tests are open: written to {store_open_tests(assignment.folder, opened)}")
    problems += open_problems(assignment.folder, manifest, opened, quick=quick)
    namings = measure_naming(assignment, variants, others, rounds, jobs, partial(tell, "who answers alike"))
    unnamed, rarely_named = naming_problems(namings, all_salts=not quick)
    problems = list(dict.fromkeys([*problems, *price_problems(prices), *unnamed]))
    write_reports(manifest, variants, rounds, prices, out)
    write_public_matrix(manifest, variants, outcomes, out)
    write_csv(out / "diagnosis.csv", naming_rows(namings))
    public = public_summary(manifest, variants, outcomes, one_failure=quick)
    for line in [*public, *open_summary(manifest, opened)]:
        say(line)
    for line in (*summary_of_naming(manifest.name, namings), *(f"WARNING: {line}" for line in rarely_named)):
        say(line)
    for line in summary(manifest, variants, rounds, prices, problems, out):
        say(line)
    return len(problems)


def validate_public(
    assignment: Assignment, out: Path, *, jobs: int, say: Callable[[str], None], tell: Tell = tell_nobody
) -> int:
    """The public tests alone: nothing is graded. Returns the number of problems. Raises: as `validate`."""
    manifest, variants = assignment.manifest, _variants(assignment)
    with Scratch("validate") as work:
        bundle = work / "bundle"
        release_assignment(assignment, bundle, LANGS[0])
        outcomes = try_public_tests(assignment, variants, bundle, jobs, partial(tell, "public tests"))
    write_public_matrix(manifest, variants, outcomes, out)
    problems = public_problems(variants, outcomes)
    for line in [*public_summary(manifest, variants, outcomes), *(f"PROBLEM: {line}" for line in problems)]:
        say(line)
    return len(problems)


def _variants(assignment: Assignment) -> tuple[Variant, ...]:
    """Those of the tasks that count; all of the folder are checked. Raises: UsageError."""
    variants = load_variants(assignment.folder)
    check_variants(assignment.whole, variants, assignment.folder)
    return of_tasks(assignment.manifest, variants)


def _other_mistakes(assignment: Assignment) -> list[OtherMistake]:
    """The same of other mistakes."""
    found = load_other_mistakes(assignment.folder, assignment.whole, load_variants(assignment.folder))
    asked = {task.id for task in assignment.manifest.tasks}
    return [mistake for mistake in found if mistake.task in asked]


def _rounds(
    assignment: Assignment,
    variants: Sequence[Variant],
    others: Sequence[OtherMistake],
    work: Path,
    *,
    quick: bool,
    jobs: int,
    say: Callable[[str], None],
    tell: Tell,
) -> tuple[list[Verdicts], list[Verdicts]]:
    """The verdicts of each salt, and of the reference's many. work: a folder that holds the `bundle`."""
    manifest = assignment.manifest
    concerned = tasks_concerned(manifest) if quick else {}
    chosen = choose_tests(manifest, variants, first=True, concerned=concerned)
    chosen |= choose_tests_of_others(manifest, others, first=True)
    submissions = work / "submissions"
    write_submissions(assignment, variants, work / "bundle" / "ru", submissions, chosen)
    write_other_submissions(assignment, others, submissions, chosen)
    wall = behind_the_wall(manifest, variants, chosen) if quick else frozenset(chosen)
    say(f"salt 1: grading {len(wall)} submissions...")
    graded = {student: tests for student, tests in chosen.items() if student in wall}
    first = _grade_round(assignment, submissions, work / "salt0", 0, graded, jobs, partial(tell, "salt 1"))
    again = choose_tests(manifest, variants, first=False)
    handed_in = _handed_in(assignment, variants, others)
    if quick:
        rest = {student: tests for student, tests in chosen.items() if student not in wall}
        say(f"salt 1: {len(rest)} more, in forks of this process...")
        (found,) = further_rounds(
            assignment, first, rest, handed_in, [0], jobs, partial(tell, "salt 1, in forks")
        )
        first = Verdicts({**first.grades, **found.grades}, {**first.ran, **found.ran})
        # What remains is whether chance costs honest work points; that it never spares a bug takes all salts.
        bugs = {variant.id for variant in variants if variant.kind == "bug"}
        again = {student: tests for student, tests in again.items() if student not in bugs}
    else:
        again |= choose_tests_of_others(manifest, others, first=False)
    salts = QUICK_SALTS if quick else FULL_SALTS
    say(f"{counted_english(salts - 1, 'more salt')}: {len(again)} of them, in forks of this process...")
    tick = partial(tell, "further salts")
    rounds = [first, *further_rounds(assignment, first, again, handed_in, range(1, salts), jobs, tick)]
    if quick:
        return rounds, []
    say(f"{REFERENCE_SALTS} more salts of the reference alone...")
    alone, numbers = {REFERENCE: again[REFERENCE]}, range(salts, salts + REFERENCE_SALTS)
    tick = partial(tell, "the reference alone")
    return rounds, further_rounds(assignment, first, alone, handed_in, numbers, jobs, tick)


def _handed_in(
    assignment: Assignment, variants: Sequence[Variant], others: Sequence[OtherMistake]
) -> dict[str, Work]:
    """By student: the reference, the variants and the other mistakes."""
    weights = assignment.checkpoint
    found = {REFERENCE: Work("", None, weights)}
    for variant in variants:
        path = assignment.folder / "wrong" / f"{variant.id}.py"
        own = path if path.is_file() else None
        found[variant.id] = Work(variant.task, own, changed_weights(weights, variant.checkpoint))
    return found | {mistake.student: Work(mistake.task, mistake.path, weights) for mistake in others}


def _grade_round(
    assignment: Assignment,
    submissions: Path,
    out: Path,
    number: int,
    chosen: Mapping[str, frozenset[str]],
    jobs: int,
    tick: Tick,
) -> Verdicts:
    grades: dict[str, Grade] = {}

    def keep(finished: Finished) -> None:
        grades[finished.grade.student] = finished.grade
        tick(len(grades), len(chosen))

    options = Options(key=round_key(assignment.name, number), jobs=jobs, only=chosen, examples=False)
    grade(assignment, submissions, Store(out), options, keep)
    return Verdicts(grades, chosen)
