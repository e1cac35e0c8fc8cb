"""What is not as it must be: one sentence for each thing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest, Task
from autograder.course.rows import cell_id
from autograder.course.variants import Variant
from autograder.release.bundle import release_assignment
from autograder.release.notebook import read_notebook
from autograder.results.grade import Grade, TestResult
from autograder.results.totals import round_half_up
from autograder.text import LANGS
from autograder.validation.class_of_variants import PACKAGE, REFERENCE, STUB


@dataclass(frozen=True)
class Verdicts:
    """All grades of one salt: who was graded, and which tests ran for whom."""

    grades: Mapping[str, Grade]
    ran: Mapping[str, frozenset[str]]

    def tests(self, student: str, task: Task) -> list[TestResult]:
        """The tests of `task` that ran for `student`; none if the student was not graded with this salt."""
        if student not in self.grades:
            return []
        result = next(own for own in self.grades[student].tasks if own.id == task.id)
        return [test for test in result.tests if test.id in self.ran[student]]


def check_release(assignment: Assignment, out: Path) -> list[str]:
    """Release in every language (the leak scan runs inside) and look for each public sentence in the notebook."""
    problems = []
    for lang in LANGS:
        release_assignment(assignment, out / lang, lang)
        text = (out / lang / f"{assignment.name}.ipynb").read_text(encoding="utf-8")
        cells = "\n".join(cell.source for cell in read_notebook(text).cells)
        for task in assignment.manifest.tasks:
            asked = {test.id: test.sentence for test in task.tests}
            asked |= {cell_id(task.id, row.id): row.sentence for row in task.rows}
            problems += [
                f"the {lang} handout does not say what {name} checks"
                for name, sentence in asked.items()
                if sentence.get(lang) not in cells
            ]
    return problems


def find_problems(manifest: Manifest, variants: Sequence[Variant], verdicts: Verdicts) -> list[str]:
    """One sentence for everything that is not as it must be."""
    problems = []
    for student, grade in verdicts.grades.items():
        if grade.status in ("rejected", "missing") or grade.reason:
            problems.append(f"{student}: {grade.status}, {grade.reason}")
    for student in (REFERENCE, PACKAGE):
        problems += [
            f"{student} does not get full points: {line}" for line in _losses(manifest, verdicts, student)
        ]
    stub = verdicts.grades.get(STUB)
    if stub is not None and stub.score > 0:
        problems.append(f"the stub scores {stub.score:g} points, expected 0")
    for variant in variants:
        if variant.id in verdicts.grades:
            problems += _variant_problems(manifest, variant, verdicts)
    return problems


def chance_problems(manifest: Manifest, rounds: Sequence[Verdicts]) -> list[str]:
    """A sentence for each hidden test that took points from the reference in some of these salts."""
    lost = Counter(
        test.id
        for verdicts in rounds
        for task in manifest.tasks
        for test in verdicts.tests(REFERENCE, task)
        if test.points < test.max_points
    )
    return [
        f"chance takes points from right work: {test} fails for the reference in {times} of {len(rounds)} salts"
        for test, times in lost.items()
    ]


def _variant_problems(manifest: Manifest, variant: Variant, verdicts: Verdicts) -> list[str]:
    problems = []
    lost = points_lost(manifest, variant, verdicts)
    if variant.kind == "bug" and not lost:
        problems.append(f"the planted bug {variant.id} survives: {variant.what.en}")
    elif variant.kind == "bug" and lost < variant.min_points_lost:
        problems.append(f"{variant.id} loses {lost:g} points, at least {variant.min_points_lost:g} expected")
    for task in manifest.tasks:
        concerned = variant.task in manifest.closure(task.id)
        if variant.kind == "bug" and concerned:
            continue
        problems += [
            f"{variant.id} ({variant.kind} variant of {variant.task}) loses points: {line}"
            for line in _losses(manifest, verdicts, variant.id, task)
        ]
    return problems


def _losses(manifest: Manifest, verdicts: Verdicts, student: str, only: Task | None = None) -> list[str]:
    tasks = [only] if only is not None else manifest.tasks
    return [
        f"{test.id} gives {test.points:g} of {test.max_points:g}"
        for task in tasks
        for test in verdicts.tests(student, task)
        if test.points < test.max_points
    ]


def points_lost(manifest: Manifest, variant: Variant, verdicts: Verdicts) -> float:
    """Points that the variant loses in its own task, over the tests that ran."""
    tests = verdicts.tests(variant.id, manifest.task(variant.task))
    return round_half_up(sum(test.max_points - test.points for test in tests))
