"""How mistakes are named, as a table and in words: `diagnosis.csv`, what must not be, and a summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from autograder.validation.diagnosis.measure import Naming

LEAST_RECALL = 0.95
COLUMNS = [
    "submission", "kind", "task", "salts", "failed", "named", "same_answers", "missed", "recall", "named_as_same",
    "untrue_names",
]  # fmt: skip


def naming_rows(namings: Sequence[Naming]) -> list[list[str]]:
    """The table, its head included; names with the number of salts in which they came."""
    return [COLUMNS, *map(_row, namings)]


def _row(naming: Naming) -> list[str]:
    mistake, recall = naming.mistake, naming.recall
    return [
        mistake.student,
        mistake.kind,
        mistake.task,
        *map(str, (naming.graded, naming.failed, naming.named, naming.alike, naming.missed)),
        "" if recall is None else f"{recall:.3f}",
        _counted(naming.others),
        _counted(naming.untrue),
    ]


def _counted(names: Counter[str]) -> str:
    return "; ".join(f"{name} {number}" for name, number in sorted(names.items()))


def naming_problems(namings: Sequence[Naming], *, all_salts: bool) -> tuple[list[str], list[str]]:
    """What must not be, and what is worth a look. That a mistake is named too rarely is known over all salts only."""
    problems: list[str] = []
    warnings: list[str] = []
    for naming in namings:
        mistake = naming.mistake
        problems += [
            f"{mistake.student} ({mistake.kind}) is diagnosed as what it is not, {name}, {_salts(number)}"
            for name, number in naming.untrue.items()
        ]
        if mistake.kind == "other":
            problems += [
                f"{mistake.student} answers as {name} does, {_salts(number)}: let its second line be # named: {name}"
                for name, number in naming.others.items()
            ]
        if mistake.kind in ("other", "spelling") and not naming.lost:
            problems.append(
                f"{mistake.student} loses no points: it is right, or no hidden test sees what is wrong"
            )
        if naming.recall is not None and naming.recall < LEAST_RECALL:
            told_apart = naming.failed - naming.alike
            line = (
                f"{mistake.student} is named in {naming.named} of the {_salts(told_apart)} that tell it apart"
            )
            (problems if all_salts else warnings).append(line)
    return problems, warnings


def _salts(number: int) -> str:
    return f"{number} salt{'' if number == 1 else 's'}"


def summary_of_naming(assignment: str, namings: Sequence[Naming]) -> Iterator[str]:
    """Lines for people: how many are named, and how many names are untrue."""
    for kind, words in (("bug", "planted bugs"), ("spelling", "planted bugs in other words")):
        asked = [naming for naming in namings if naming.mistake.kind == kind and naming.recall is not None]
        if asked:
            often = sum((naming.recall or 0) >= LEAST_RECALL for naming in asked)
            yield f"{assignment}: {often} of {len(asked)} {words} are named in at least {LEAST_RECALL:.0%} of the salts"
    untrue = Counter(naming.mistake.kind for naming in namings if naming.untrue)
    totals = Counter(naming.mistake.kind for naming in namings)
    yield f"{assignment}: untrue names for " + ", ".join(
        f"{untrue[kind]} of {totals[kind]} {words}"
        for kind, words in (
            ("correct", "right solutions"),
            ("bug", "planted bugs"),
            ("spelling", "planted bugs in other words"),
            ("other", "other mistakes"),
        )
        if totals[kind]
    )
    double = sorted(
        {f"{naming.mistake.student} = {name}" for naming in namings if naming.mistake.kind == "bug"
         for name, number in naming.others.items() if number == naming.failed and not naming.named}
    )  # fmt: skip
    if double:
        yield f"note: planted bugs that no salt tells apart: {', '.join(double)}"
