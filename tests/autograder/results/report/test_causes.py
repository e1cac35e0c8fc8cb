"""Which lost checks are told together."""

from __future__ import annotations

import pytest

from autograder.results.grade import Example, KindOfDifference, TestResult
from autograder.results.report.causes import in_groups, with_example

SENTENCES = {name: f"sentence of {name}" for name in "abcd"}


def lost(
    name: str, difference: KindOfDifference | None, said: str = "", example: Example | None = None
) -> TestResult:
    return TestResult(
        id=name, passed=False, points=0, max_points=1, message=f"{SENTENCES[name]}\n{said}".strip(),
        difference=difference, example=example,
    )  # fmt: skip


def names(*tests: TestResult) -> list[str]:
    return ["".join(test.id for test in group) for group in in_groups(tests, SENTENCES)]


@pytest.mark.parametrize("kind", ["type", "number", "dtype", "not finite", "no gradient", "error", "crashed"])
def test_checks_with_the_same_words_of_a_cause_are_one_group(kind: str) -> None:
    difference = KindOfDifference.model_validate({"kind": kind})
    same = [lost(name, difference, "the same") for name in "abc"]
    assert names(*same) == ["abc"]
    assert names(same[0], lost("d", difference, "other words"), *same[1:]) == ["abc", "d"]


@pytest.mark.parametrize("kind", ["values", "shape", "property", "not comparable"])
def test_wrong_values_may_have_as_many_reasons_as_there_are_checks(kind: str) -> None:
    difference = KindOfDifference.model_validate({"kind": kind})
    assert names(*(lost(name, difference, "The shape is wrong.") for name in "ab")) == ["a", "b"]
    example = Example(call="f(x)", got="1", expected="2")
    assert names(*(lost(name, difference, example=example) for name in "ab")) == ["ab"], "the same example"
    other = example.model_copy(update={"call": "f(x, k=2)"})
    assert names(lost("a", difference, example=example), lost("b", difference, example=other)) == ["a", "b"]


def test_an_exception_is_the_same_with_other_numbers_and_another_one_with_other_words() -> None:
    error = KindOfDifference(kind="error", error="RuntimeError")
    texts = ("RuntimeError: 5x10 and 17x3", "RuntimeError: 30x12 and 17x3", "RuntimeError: no such axis")
    tests = [
        lost(name, error, "stopped", Example(error=f"File a, line 3\n{text}"))
        for name, text in zip("abc", texts, strict=True)
    ]
    assert names(*tests) == ["ab", "c"]


def test_what_could_not_be_loaded_is_said_once() -> None:
    assert names(*(lost(name, None, "code cell 2: No module named 'einops'") for name in "ab")) == ["ab"]
    assert names(*(lost(name, None) for name in "ab")) == ["a", "b"]


def test_passed_checks_stay_alone_and_in_their_order() -> None:
    error = KindOfDifference(kind="error")
    good = TestResult(id="b", passed=True, points=1, max_points=1, message="")
    unclear = TestResult(id="d", passed=None, points=0, max_points=1, message="stopped")
    assert names(lost("a", error, "stopped"), good, lost("c", error, "stopped"), unclear) == ["ac", "b", "d"]


def test_the_example_of_a_group_is_the_first_that_there_is() -> None:
    error, example = KindOfDifference(kind="error"), Example(call="f(x)", error="")
    tests = [lost("a", error, "stopped"), lost("b", error, "stopped", example)]
    (group,) = in_groups(tests, SENTENCES)
    assert with_example(group).id == "b"
    assert with_example(tests[:1]).id == "a"
