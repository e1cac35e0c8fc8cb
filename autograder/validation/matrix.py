"""The kill matrix (bug x hidden test) and the price list (bug -> points lost), as tables and in words."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.results.store import write_atomically
from autograder.text import counted_english
from autograder.validation.class_of_variants import REFERENCE, STUB
from autograder.validation.prices import Price
from autograder.validation.problems import Verdicts

PRICE_COLUMNS = [
    "bug", "task", "points_lost", "task_points", "share", "lesson", "lost_below_the_bar", "wrong_numbers",
    "what_ru", "what_en",
]  # fmt: skip


def kill_matrix(
    manifest: Manifest, variants: Sequence[Variant], rounds: Sequence[Verdicts]
) -> dict[str, dict[str, str]]:
    """Bug -> hidden test -> `x` killed in every round it ran, `~` in some, `.` never, empty if it did not run."""
    matrix: dict[str, dict[str, str]] = {}
    for variant in variants:
        row = {}
        for task in manifest.tasks:
            for test in task.tests:
                killed = [
                    result.points < result.max_points
                    for verdicts in rounds
                    for result in verdicts.tests(variant.id, task)
                    if result.id == test.id
                ]
                row[test.id] = "" if not killed else "x" if all(killed) else "~" if any(killed) else "."
        matrix[variant.id] = row
    return matrix


def write_reports(
    manifest: Manifest,
    variants: Sequence[Variant],
    rounds: Sequence[Verdicts],
    prices: Sequence[Price],
    out: Path,
) -> None:
    """Write `kill_matrix.csv` and `price_list.csv`. Raises: StoreError."""
    matrix = kill_matrix(manifest, variants, rounds)
    tests = [test.id for task in manifest.tasks for test in task.tests]
    rows = [["variant", "kind", "task", *tests]]
    rows += [[v.id, v.kind, v.task, *(matrix[v.id][test] for test in tests)] for v in variants]
    write_csv(out / "kill_matrix.csv", rows)
    write_csv(out / "price_list.csv", [PRICE_COLUMNS, *map(_price_row, prices)])


def _price_row(price: Price) -> list[str]:
    bug, wrong = price.bug, price.wrong_share
    return [
        bug.id,
        bug.task,
        f"{price.points:g}",
        f"{price.task_points:g}",
        f"{price.share:.4f}",
        "yes" if bug.lesson else "",
        f"{price.measured_points:g}" if price.measured_points else "",
        "" if wrong is None else f"{wrong:.4f}",
        bug.what.ru,
        bug.what.en,
    ]


def write_csv(path: Path, rows: Sequence[Sequence[str]]) -> None:
    """Write a table whole or not at all. Raises: StoreError."""
    stream = io.StringIO()
    csv.writer(stream, lineterminator="\n").writerows(rows)
    write_atomically(path, stream.getvalue().encode())


def _price_line(price: Price) -> str:
    bug = price.bug
    line = f"{bug.task:3} {bug.id:34} {price.points:5g} of {price.task_points:<3g} {price.share:5.1%}"
    if bug.lesson:
        line += "  the lesson of the task"
    if price.measured_points:
        line += f"  {price.measured_points:g} of them below the bar"
    if price.wrong_share is not None:
        line += f"  {price.wrong_share:.1%} of its numbers are wrong"
    return line


def summary(
    manifest: Manifest,
    variants: Sequence[Variant],
    rounds: Sequence[Verdicts],
    prices: Sequence[Price],
    problems: Sequence[str],
    out: Path,
) -> list[str]:
    """What a person reads at the end: prices, tests that kill nothing, problems."""
    matrix = kill_matrix(manifest, variants, rounds)
    bugs = [variant for variant in variants if variant.kind == "bug"]
    lines = [f"{manifest.name}: price list (bug: points lost of its task, their share)"]
    lines += [f"  {_price_line(price)}" for price in prices]
    for task in manifest.tasks:
        for test in task.tests:
            if not any(matrix[bug.id][test.id] in ("x", "~") for bug in bugs):
                lines.append(f"note: {test.id} kills no planted bug")
    caught = sum(any(mark in ("x", "~") for mark in matrix[bug.id].values()) for bug in bugs)
    bonus = sum(task.points for task in manifest.tested if task.bonus)
    tested = sum(task.points for task in manifest.tested if not task.bonus)
    full = f"{tested + bonus:g}" + (f", a bonus of {bonus:g} among them" if bonus else "")
    if by_hand := manifest.max_score - tested:
        full += f" ({by_hand:g} more are given by hand)"
    lines.append(
        f"{manifest.name}: reference {rounds[0].grades[REFERENCE].score:g} of {full}, "
        f"stub {rounds[0].grades[STUB].score:g}, {caught} of {len(bugs)} planted bugs caught, "
        f"{counted_english(len(variants) - len(bugs), 'correct variant')}, {len(rounds)} salts; reports in {out}"
    )
    lines += [f"PROBLEM: {problem}" for problem in problems]
    return lines
