"""Sentences for students: the same in both languages."""

from __future__ import annotations

import pytest

from autograder.course.public import PublicTask
from autograder.student import words
from autograder.student.kernel import words as kernel_words
from autograder.student.packing import words as packing_words
from autograder.testing import SENTENCES


def test_every_sentence_has_the_same_blanks_in_both_languages() -> None:
    modules = (words, kernel_words, packing_words)
    texts = [value for module in modules for value in vars(module).values() if isinstance(value, words.Text)]
    assert len(texts) > 60
    for text in [*texts, *SENTENCES.values()]:
        blanks = [{part.split("}")[0] for part in side.split("{")[1:]} for side in (text.ru, text.en)]
        assert blanks[0] == blanks[1]


def task(points: float, open_points: float | None, *, bonus: bool = False) -> PublicTask:
    return PublicTask(
        id="F1",
        title=words.PASSED,
        symbols=(),
        points=points,
        minutes=5,
        bonus=bonus,
        depends_on=(),
        test_file="public/test_f1.py",
        open_points=open_points,
        properties=(),
    )


@pytest.mark.parametrize(
    ("tasks", "russian", "english"),
    [
        (
            [task(20, 18.5), task(10, 10)],
            "Открытые тесты: 28,5 из 30 баллов; скрытые проверяют больше. Это не ваша оценка.",
            "Open tests: 28.5 of 30 points; hidden tests check more. This is not your mark.",
        ),
        (
            [task(4, 0)],
            "Открытые тесты: 0 из 4 баллов; скрытые проверяют больше. Это не ваша оценка.",
            "Open tests: 0 of 4 points; hidden tests check more. This is not your mark.",
        ),
        (
            [task(1, 1)],
            "Открытые тесты: 1 из 1 балла; они ловят все ошибки, которые мы вносили сами; другие могут стоить баллов. "
            "Это не ваша оценка.",
            "Open tests: 1 of 1 point; they catch all mistakes that we planted; others may cost points. "
            "This is not your mark.",
        ),
        (
            [task(20, 18), task(6, 6, bonus=True)],
            "Открытые тесты: 24 из 26 баллов (бонус в 6 входит сюда); скрытые проверяют больше. Это не ваша оценка.",
            "Open tests: 24 of 26 points (a bonus of 6 is part of it); hidden tests check more. This is not your mark.",
        ),
        (
            [task(4.5, 1)],
            "Открытые тесты: 1 из 4,5 балла; скрытые проверяют больше. Это не ваша оценка.",
            None,
        ),
    ],
)
def test_what_open_tests_are_worth(tasks: list[PublicTask], russian: str, english: str | None) -> None:
    assert words.open_line(tasks, "ru") == [russian]
    if english is not None:
        assert words.open_line(tasks, "en") == [english]


def test_nothing_is_said_where_it_is_not_known() -> None:
    assert words.open_line([task(4, None)], "en") == []
    assert words.open_line([task(4, 4), task(4, None)], "en") == []


@pytest.mark.parametrize(
    ("bad", "russian", "english"),
    [
        (1, "F1: не пройден 1 из 30 открытых тестов", "F1: 1 of 30 public tests fails"),
        (2, "F1: не пройдено 2 из 30 открытых тестов", "F1: 2 of 30 public tests fail"),
        (11, "F1: не пройдено 11 из 30 открытых тестов", "F1: 11 of 30 public tests fail"),
        (21, "F1: не пройден 21 из 30 открытых тестов", "F1: 21 of 30 public tests fail"),
    ],
)
def test_how_many_tests_fail(bad: int, russian: str, english: str) -> None:
    assert (words.failed_line("F1", bad, 30, "ru"), words.failed_line("F1", bad, 30, "en")) == (
        russian,
        english,
    )


@pytest.mark.parametrize(
    ("places", "russian", "english"),
    [
        ([("f", "a.py")], "взято: f — a.py", "used: f, a.py"),
        ([("f", "a.py"), ("g", "a.py")], "взято: f и g — a.py", "used: f and g, a.py"),
        (
            [("f", "a.py"), ("g", "b.py"), ("h", "a.py"), ("i", "a.py")],
            "взято: f, h и i — a.py; g — b.py",
            "used: f, h and i, a.py; g, b.py",
        ),
    ],
)
def test_where_the_code_comes_from_is_said_once(
    places: list[tuple[str, str]], russian: str, english: str
) -> None:
    assert (words.used_line(places, "ru"), words.used_line(places, "en")) == (russian, english)
