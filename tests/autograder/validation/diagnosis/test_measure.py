"""What counts as named, as missed, as untrue: from grades of several salts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from autograder.course.variants import Variant
from autograder.text import Text
from autograder.validation.answers.look_alikes import Graded
from autograder.validation.diagnosis.measure import Mistake, Naming, doubtful, measure, mistakes_of
from autograder.validation.diagnosis.other_mistakes import OtherMistake
from tests.autograder.validation.diagnosis.support import CORE, CORNER, MANIFEST, MEASURED, grade, verdicts

SOURCE = Path("wrong/a_bug.py")
BUG = Mistake("a_bug", "bug", "A1", frozenset({"a_bug"}), SOURCE)
OTHER = Mistake("other-a1_x", "other", "A1", frozenset(), SOURCE)
RIGHT = Mistake("a_right", "correct")
# Names in one salt: task -> bugs.
Names = Mapping[str, Sequence[str]]


def naming(
    mistake: Mistake,
    *names: Names,
    failed: Sequence[str] = (CORE,),
    alike: Mapping[int, frozenset[str]] | None = None,
) -> Naming:
    """What was measured for `mistake` over salts with these names; `alike`: salt -> bugs with the same answers."""
    rounds = [verdicts(grade(mistake.student, failed, named)) for named in names]
    known = {
        Graded(mistake.student, mistake.task, SOURCE, number): same for number, same in (alike or {}).items()
    }
    (found,) = measure(MANIFEST, [mistake], rounds, lambda graded: known.get(graded, frozenset()))
    return found


def test_a_bug_is_named_in_some_salts() -> None:
    found = naming(BUG, {"A1": ["a_bug"]}, {}, {"A1": ["a_bug"]}, {"A1": ["a_bug"]})
    assert (found.graded, found.failed, found.named, found.missed) == (4, 4, 3, 1)
    assert found.recall == 0.75
    assert not found.untrue


def test_salts_that_tell_no_bugs_apart_are_left_out() -> None:
    found = naming(
        BUG, {"A1": ["a_bug"]}, {}, {"A1": ["twin"]}, alike={1: frozenset({"twin"}), 2: frozenset({"twin"})}
    )
    assert (found.named, found.alike, found.missed) == (1, 2, 0)
    assert found.recall == 1.0
    assert found.others == {"twin": 1}
    assert not found.untrue


def test_a_bug_that_is_another_in_every_salt_has_no_recall() -> None:
    assert naming(BUG, {"A1": ["twin"]}, alike={0: frozenset({"twin"})}).recall is None


def test_a_name_beside_its_own_is_untrue_where_answers_differ() -> None:
    found = naming(BUG, {"A1": ["a_bug", "stranger"]})
    assert found.named == 1
    assert found.untrue == {"A1: stranger": 1}


def test_a_name_in_another_task_is_untrue() -> None:
    assert naming(BUG, {"A1": ["a_bug"], "B1": ["b_bug"]}).untrue == {"B1: b_bug": 1}


def test_any_name_for_a_right_solution_is_untrue() -> None:
    found = naming(RIGHT, {}, {"A1": ["a_bug"]}, {"A1": ["a_bug"]}, failed=())
    assert found.untrue == {"A1: a_bug": 2}
    assert found.recall is None


def test_any_name_for_another_mistake_is_untrue_unless_it_is_that_bug() -> None:
    found = naming(OTHER, {"A1": ["a_bug"]}, {"A1": ["a_bug"]}, alike={1: frozenset({"a_bug"})})
    assert found.untrue == {"A1: a_bug": 1}
    assert found.others == {"a_bug": 1}
    assert found.recall is None
    assert found.lost


@pytest.mark.parametrize("failed", [(), (MEASURED,)])
def test_a_salt_in_which_nothing_comparable_failed_asks_for_no_name(failed: Sequence[str]) -> None:
    task = "B1" if failed else "A1"
    found = naming(Mistake("a_bug", "bug", task, frozenset({"a_bug"}), SOURCE), {}, failed=failed)
    assert (found.failed, found.recall, found.lost) == (0, None, bool(failed))


def test_only_doubtful_grades_are_looked_into() -> None:
    rounds = [
        verdicts(grade("a_bug", (CORE,), {"A1": ["a_bug"]}), grade("other-a1_x", (CORE,))),
        verdicts(grade("a_bug", (CORE,)), grade("other-a1_x", (CORE,), {"A1": ["a_bug"]})),
        verdicts(grade("a_bug", (CORNER,), {"A1": ["a_bug", "twin"]})),
        verdicts(grade("a_bug")),
    ]
    asked = [(one.student, one.round) for one in doubtful(MANIFEST, [BUG, OTHER, RIGHT], rounds)]
    assert asked == [("a_bug", 1), ("a_bug", 2), ("other-a1_x", 1)]


def test_everybody_who_is_graded_is_known(tmp_path: Path) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "a_bug.py").touch()
    what = Text(ru="а", en="a")
    variants = [
        Variant(id="a_bug", task="A1", kind="bug", what=what),
        Variant(id="no_file", task="A1", kind="bug", what=what),
        Variant(id="a_right", task="A1", kind="correct", what=what),
    ]
    others = [
        OtherMistake(Path("a1_x.py"), "A1", "x"),
        OtherMistake(Path("a1_y.py"), "A1", "y", frozenset({"a_bug"})),
    ]
    found = {one.student: one for one in mistakes_of(tmp_path, variants, others)}
    assert [one.kind for one in found.values()] == [
        "correct", "correct", "stub", "bug", "bug", "correct", "other", "spelling",
    ]  # fmt: skip
    assert found["a_bug"].source == tmp_path / "wrong" / "a_bug.py"
    assert found["no_file"].source is None
    assert found["a_right"].task == ""
    assert found["other-a1_y"].named == {"a_bug"}
