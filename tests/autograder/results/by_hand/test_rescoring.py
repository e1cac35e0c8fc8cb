"""What a void does to a task: never more than its maximum, nothing for what was not handed in, or is withheld."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.manifest import Multiplier
from autograder.results.beside import Beside
from autograder.results.by_hand.rescoring import rescored
from autograder.results.decisions import Decisions, How, Void
from autograder.results.grade import MultiplierResult, Override
from autograder.results.marked import with_beside
from tests.autograder.manifests import small
from tests.autograder.results.decided_support import CORE, CORNER, SECOND, judged, manifest_of_tests
from tests.autograder.results.support import make_grade

M = manifest_of_tests()
A1 = M.task("A1")


def void(test: str, how: How) -> Void:
    return Void(test, how, "wrong", "ta", 2)


def score(failed: tuple[str, ...], *voids: Void, without: tuple[str, ...] = ()) -> float:
    grade = judged("anna", failed, without=without)
    return rescored(grade.tasks[0], A1, {one.test: one for one in voids}).score


@pytest.mark.parametrize(
    ("failed", "voids", "expected"),
    [
        ((), [(CORE, "full")], 10),
        ((CORE,), [(CORE, "full")], 10),
        ((CORE, SECOND), [(CORE, "full")], 7),
        ((CORE,), [(CORE, "drop")], 10),
        ((CORE, CORNER), [(CORE, "drop")], 7.5),  # 3 of 4
        ((SECOND,), [(CORE, "drop")], 2.5),
        ((), [(CORE, "drop")], 10),
        ((SECOND,), [(CORNER, "drop")], 6.67),  # 6 of 9, half-up
        ((CORE, CORNER), [(CORE, "full"), (CORNER, "drop")], 10),
        ((CORE, SECOND, CORNER), [(CORE, "drop"), (SECOND, "drop")], 0),
    ],
)
def test_points_after_a_void(failed: tuple[str, ...], voids: list[tuple[str, How]], expected: float) -> None:
    assert score(failed, *(void(*one) for one in voids)) == expected


@given(
    st.sets(st.sampled_from([CORE, SECOND, CORNER])),
    st.dictionaries(st.sampled_from([CORE, SECOND, CORNER]), st.sampled_from(["full", "drop"]), max_size=2),
)
def test_the_tests_still_add_up_to_the_task(failed: set[str], voids: dict[str, How]) -> None:
    result = rescored(
        judged("anna", tuple(failed)).tasks[0], A1, {name: void(name, how) for name, how in voids.items()}
    )
    assert 0 <= result.score <= 10
    assert sum(test.points for test in result.tests) == pytest.approx(result.score, abs=0.02)
    assert sum(test.max_points for test in result.tests) == pytest.approx(10, abs=0.02)
    passed_all = all(test.passed for test in result.tests)
    assert (result.score == 10) == passed_all
    fuller = {name: void(name, "full") for name in voids}
    assert (
        rescored(judged("anna", tuple(failed)).tasks[0], A1, fuller).score
        >= judged("a", tuple(failed)).tasks[0].score
    )


def test_who_handed_in_nothing_gets_nothing() -> None:
    assert score((), void(CORE, "full"), without=("A1",)) == 0


def test_a_multiplied_test_keeps_its_share() -> None:
    result = judged("anna", (CORE,)).tasks[0]
    shared = MultiplierResult(test=CORNER, share=0.5, message="half")
    tests = tuple(
        test.model_copy(update={"points": test.points / 2}) if test.id != CORNER else test
        for test in result.tests
    )
    halved = result.model_copy(update={"tests": tests, "score": 2.5, "multiplier": shared})
    task = A1.model_copy(update={"multiplier": Multiplier(test=CORNER)})
    assert rescored(halved, task, {CORE: void(CORE, "full")}).score == 5.5, "half of six, half of three, one"


def test_what_is_withheld_stays_so() -> None:
    result = judged("anna", (CORE,)).tasks[0]
    withheld = result.model_copy(update={"score": 0.0, "withheld": 4.0, "message": "F.conv2d"})
    now = rescored(withheld, A1, {CORE: void(CORE, "full")})
    assert (now.score, now.withheld) == (0, 10)
    restored = [Override(task="A1", points=4, reason="r", by="b", at=datetime.now(UTC))]
    given_back = withheld.model_copy(update={"score": 4.0, "withheld": 0.0})
    now = rescored(given_back, A1, {CORE: void(CORE, "full")}, restored)
    assert (now.score, now.withheld) == (10, 0)


def test_a_test_without_a_verdict_is_no_case_for_staff_any_more() -> None:
    grade = judged("anna", (CORE,))
    none = grade.tasks[0].tests[0].model_copy(update={"passed": None})
    first = grade.tasks[0].model_copy(update={"tests": (none, *grade.tasks[0].tests[1:])})
    grade = grade.model_copy(
        update={"tasks": (first, grade.tasks[1]), "status": "partial", "needs_staff": True}
    )
    assert (with_beside(M, grade).status, with_beside(M, grade).needs_staff) == ("partial", True)
    one = with_beside(M, grade, Beside(decisions=Decisions(voids=(void(CORE, "full"),))))
    assert (one.status, one.needs_staff, one.score) == ("graded", False, 14)
    assert one.tasks[0].tests[0].passed is True
    other = with_beside(M, grade, Beside(decisions=Decisions(voids=(void(CORNER, "full"),))))
    assert (other.status, other.needs_staff) == ("partial", True)


def test_a_failure_of_the_grader_stays_a_case_for_staff() -> None:
    grade = make_grade().model_copy(update={"status": "partial", "needs_staff": True})
    one = with_beside(small(), grade, Beside(decisions=Decisions(voids=(void(CORE, "full"),))))
    assert (one.status, one.needs_staff) == ("partial", True)


@pytest.mark.parametrize(("how", "expected"), [("full", 6), ("drop", 0)])
def test_code_with_a_syntax_error_was_handed_in(how: How, expected: float) -> None:
    task = judged("anna", (CORE, SECOND, CORNER)).tasks[0].model_copy(update={"source": "cannot be read"})
    assert rescored(task, A1, {CORE: void(CORE, how)}).score == expected
