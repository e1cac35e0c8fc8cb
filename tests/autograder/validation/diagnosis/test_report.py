"""The table of names, and the sentences about what must not be."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from autograder.validation.diagnosis.measure import Mistake, Naming
from autograder.validation.diagnosis.report import naming_problems, naming_rows, summary_of_naming


def naming(kind: str, named: int, **more: Any) -> Naming:
    """Of a mistake that failed in 20 salts and had its name in `named` of them."""
    names = frozenset({"a_bug"}) if kind in ("bug", "spelling") else frozenset[str]()
    task = "" if kind == "correct" else "A1"
    return Naming(
        Mistake("it", kind, task, names), graded=20, failed=20 if task else 0, named=named, lost=True, **more
    )


def test_the_table_has_a_row_for_each() -> None:
    head, row = naming_rows(
        [naming("bug", 15, alike=2, others=Counter(twin=1), untrue=Counter({"A1: c": 3, "A1: b": 1}))]
    )
    assert dict(zip(head, row, strict=True)) == {
        "submission": "it", "kind": "bug", "task": "A1", "salts": "20", "failed": "20", "named": "15",
        "same_answers": "2", "missed": "3", "recall": "0.833", "named_as_same": "twin 1",
        "untrue_names": "A1: b 1; A1: c 3",
    }  # fmt: skip


@pytest.mark.parametrize(("named", "is_problem"), [(20, False), (19, False), (18, True), (0, True)])
@pytest.mark.parametrize("kind", ["bug", "spelling"])
def test_a_name_too_rare_is_a_problem_over_all_salts(kind: str, named: int, is_problem: bool) -> None:
    found = [naming(kind, named)]
    line = [f"it is named in {named} of the 20 salts that tell it apart"] if is_problem else []
    assert naming_problems(found, all_salts=True) == (line, [])
    assert naming_problems(found, all_salts=False) == ([], line)


@pytest.mark.parametrize("kind", ["correct", "bug", "spelling", "other", "stub"])
@pytest.mark.parametrize("all_salts", [True, False])
def test_an_untrue_name_is_always_a_problem(kind: str, all_salts: bool) -> None:
    problems, _ = naming_problems([naming(kind, 20, untrue=Counter({"A1: b": 1}))], all_salts=all_salts)
    assert problems == [f"it ({kind}) is diagnosed as what it is not, A1: b, 1 salt"]


def test_another_mistake_that_is_a_planted_bug_has_to_say_so() -> None:
    (problem,) = naming_problems([naming("other", 0, others=Counter(a_bug=2))], all_salts=False)[0]
    assert problem == "it answers as a_bug does, 2 salts: let its second line be # named: a_bug"


@pytest.mark.parametrize(("kind", "is_problem"), [("other", True), ("spelling", True), ("bug", False)])
def test_another_mistake_must_be_wrong(kind: str, is_problem: bool) -> None:
    found = naming(kind, 20)
    found.lost = False
    assert (
        any("loses no points" in line for line in naming_problems([found], all_salts=True)[0]) == is_problem
    )


def test_the_summary_counts() -> None:
    lines = list(
        summary_of_naming(
            "small",
            [
                naming("bug", 20),
                naming("bug", 10),
                naming("bug", 0, alike=20, others=Counter(twin=20)),
                naming("correct", 0),
                naming("other", 0, untrue=Counter({"A1: b": 1})),
            ],
        )
    )
    assert lines == [
        "small: 1 of 2 planted bugs are named in at least 95% of the salts",
        "small: untrue names for 0 of 1 right solutions, 0 of 3 planted bugs, 1 of 1 other mistakes",
        "note: planted bugs that no salt tells apart: it = twin",
    ]
