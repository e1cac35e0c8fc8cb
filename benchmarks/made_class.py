"""A made class of any size: real grades of `seminar_cnn`, drawn with a seed, for what is measured and looked at.

What is drawn is made up; what a grade holds, and how much of it, is that of a real one.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from autograder.course.manifest import Manifest, Task, load_manifest
from autograder.course.variants import Variant, load_variants
from autograder.grids.grid import Grid, Part
from autograder.results.beside import Beside
from autograder.results.grade import (
    AnswerResult,
    Diagnosis,
    Example,
    Grade,
    KindOfDifference,
    SandboxReport,
    Status,
    TaskResult,
    TestResult,
    ThresholdResult,
)
from autograder.results.marked import Marked, all_with_beside
from autograder.results.marks import Mark, Marks
from autograder.results.totals import round_half_up, total
from autograder.roster.person import Person
from autograder.text import Lang

FOLDER = Path(__file__).parents[1] / "assignments" / "seminar_cnn"
FIRST = ("Анна", "Борис", "Вера", "Глеб", "Дарья", "Егор", "Жанна", "Иван", "Кира", "Лев", "Мария", "Пётр")
LAST = (
    "Абрамов",
    "Ёлкин",
    "Егоров",
    "Ежов",
    "Жуков",
    "Иванов",
    "Ким",
    "Ли",
    "Петров",
    "Цой",
    "Щукин",
    "Яшин",
)
GROUPS = ("БПМИ231", "БПМИ232", "БПМИ233", "БПМИ234")
DUE = datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
REJECTED = "The upload is no zip archive, although its name says so. Hand it in again as a folder or a zip."


def made_class(number: int, lang: Lang = "ru", seed: int = 0) -> tuple[Manifest, list[Marked]]:
    """The manifest, with dates, and so many students with names, groups, marks and all that can happen to them."""
    draw = random.Random(seed)
    manifest = _manifest()
    grades = [_grade(draw, manifest, f"st{place:04}", lang) for place in range(number)]
    people = {grade.student: _person(draw, grade.student) for grade in grades}
    return manifest, all_with_beside(
        manifest, grades, Beside(marks=_marks(draw, manifest, grades), people=people)
    )


@cache
def _manifest() -> Manifest:
    plain = load_manifest(FOLDER)
    dates = {"due": DUE, "percent_per_day": 10, "grace_minutes": 15}
    return Manifest.model_validate(plain.model_dump(by_alias=True) | {"dates": dates})


@cache
def _bugs() -> dict[str, list[Variant]]:
    bugs: dict[str, list[Variant]] = {}
    for variant in load_variants(FOLDER):
        if variant.kind == "bug":
            bugs.setdefault(variant.task, []).append(variant)
    return bugs


def _person(draw: random.Random, student: str) -> Person:
    name = f"{draw.choice(LAST)} {draw.choice(FIRST)}"
    return Person(
        student=student,
        id=f"b{student[2:]}",
        name=name,
        group=draw.choice(GROUPS),
        email=f"{student}@example.org",
    )


def _grade(draw: random.Random, manifest: Manifest, student: str, lang: Lang) -> Grade:
    status: Status = draw.choices(("graded", "missing", "rejected", "partial"), (90, 5, 3, 2))[0]
    skill = min(0.98, draw.betavariate(5, 1.6))
    is_read = status in ("graded", "partial")
    tasks = tuple(_task(draw, task, skill, lang) for task in manifest.tasks) if is_read else ()
    return Grade(
        student=student,
        assignment=manifest.name,
        lang=lang,
        score=total(tasks),
        max_score=manifest.max_score,
        status=status,
        needs_staff=status == "partial",
        reason={"rejected": REJECTED, "partial": "the grader failed: MemoryError"}.get(status, ""),
        attempt=draw.choice((1, 1, 1, 2, 3)),
        submitted_at=DUE + timedelta(hours=draw.gauss(-30, 20)) if status != "missing" else None,
        tasks=tasks,
        thresholds=_thresholds(draw, manifest) if is_read else (),
        staff_notes=("two notebooks that only their names tell apart",) if draw.random() < 0.03 else (),
        seconds=round(draw.uniform(2, 40), 1),
        sandbox=SandboxReport(tier="A"),
        device="cpu",
        salt_id=f"{draw.getrandbits(64):016x}",
        submission_sha256=f"{draw.getrandbits(256):064x}",
        grader_sha256="0" * 64,
        environment_sha256="0" * 64,
        versions={"python": "3.13.1", "torch": "2.10.0"},
        started_at=DUE + timedelta(hours=1),
    )


def _task(draw: random.Random, task: Task, skill: float, lang: Lang) -> TaskResult:
    is_there = draw.random() < (skill if task.bonus else 0.3 + 0.7 * skill)
    plain = TaskResult(
        id=task.id,
        title=task.title.get(lang),
        score=0,
        max_score=task.points,
        bonus=task.bonus,
        source="",
        tests=(),
    )
    if task.is_written:
        answers = tuple(AnswerResult(row=row.id, text=row.answer.get(lang)[:300]) for row in task.rows)
        return plain.model_copy(update={"answers": answers if is_there else ()})
    tests = tuple(_test(draw, task, number, skill, is_there, lang) for number in range(len(task.tests)))
    lost = [test for test in tests if not test.passed]
    bugs = _bugs().get(task.id, [])
    recognised = is_there and lost and bugs and draw.random() < 0.8
    found = draw.choices(bugs, [1 / (1 + place) ** 2 for place in range(len(bugs))]) if recognised else []
    withheld = is_there and bool(task.forbidden) and draw.random() < 0.02
    score = round_half_up(sum(test.points for test in tests))
    return plain.model_copy(
        update={
            "tests": tests,
            "score": 0.0 if withheld else score,
            "withheld": score if withheld else 0.0,
            "message": "F.conv2d ran inside the solution, line 12." if withheld else "",
            "source": f"cell {task.id} (code cell {draw.randint(5, 40)})" if is_there else "not written",
            "diagnosis": tuple(Diagnosis(bug=bug.id, message=bug.what.get(lang)) for bug in found),
        }
    )


def _test(
    draw: random.Random, task: Task, number: int, skill: float, is_there: bool, lang: Lang
) -> TestResult:
    test = task.tests[number]
    passed = is_there and draw.random() < 0.8 + 0.2 * skill
    shown = None if passed or not is_there else KindOfDifference(kind="values", power=0)
    return TestResult(
        id=test.id,
        passed=passed,
        points=test.points if passed else 0.0,
        max_points=test.points,
        message="" if passed else f"{test.sentence.get(lang)}\nThe values are wrong.",
        difference=shown,
        example=None if shown is None else _example(draw),
    )


def _example(draw: random.Random) -> Example:
    def array(role: str, side: int) -> Grid:
        rows = tuple(tuple(draw.randint(-9, 9) for _ in range(side)) for _ in range(side))
        part = Part(index=(0, 0), rows=rows, marked=((0, 0),) if role != "input" else ())
        return Grid.model_validate(
            {"name": "x" if role == "input" else "", "role": role, "shape": (1, 1, side, side), "dtype": "float32",
             "parts": (part,)}
        )  # fmt: skip

    arrays = (array("input", 3), array("got", 2), array("expected", 2))
    return Example(call="conv2d(x, weight)", got="[[1]]", expected="[[2]]", arrays=arrays)


def _thresholds(draw: random.Random, manifest: Manifest) -> tuple[ThresholdResult, ...]:
    found = []
    for task in manifest.tested:
        for test in task.tests:
            if (
                test.threshold is not None
                and test.threshold.low is not None
                and test.threshold.high is not None
            ):
                low, high = test.threshold.low, test.threshold.high
                value = round(draw.uniform(low - 0.1 * (high - low), high), 3)
                found.append(
                    ThresholdResult(
                        id=test.id,
                        metric=test.threshold.metric,
                        value=value,
                        values=(value,),
                        low=low,
                        high=high,
                        points=test.points / 2,
                        max_points=test.points,
                    )
                )
    return tuple(found)


def _marks(draw: random.Random, manifest: Manifest, grades: list[Grade]) -> Marks:
    marks = [
        Mark(grade.student, task.id, row.id, draw.choice((row.points, row.points / 2)), "ta", "хорошо", 2)
        for grade in grades
        if draw.random() < 0.8
        for task in manifest.written
        for row in task.rows
    ]
    return Marks(tuple(marks))
