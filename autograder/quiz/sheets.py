"""The pages of a quiz: a sheet of paper for each student, and the key for staff."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from autograder.course.manifest import Manifest
from autograder.quiz.question import Question
from autograder.results.report.environment import templates
from autograder.text import Lang, Text

TEN_MINUTES = 10
SAY = {
    "name": Text(ru="Имя", en="Name"),
    "minutes": Text(ru="минут", en="minutes"),
    "quiz": Text(ru="Проверочная", en="Quiz"),
    "how": Text(
        ru="Без компьютера. Числа у каждого свои. Пишите ответ в клетки; его можно оставить дробью.",
        en="No computer. Everybody has other numbers. Write the answer into the boxes; fractions are fine.",
    ),
    "key": Text(ru="Ключ, не для студентов", en="Key, not for students"),
    "right": Text(ru="верно", en="right"),
    "half": Text(ru="полбалла", en="a half"),
    "student": Text(ru="студент", en="student"),
    "rule": Text(
        ru="Верный ответ — 1. Ответ из строки «полбалла» или хотя бы половина чисел на своих местах — 0,5. "
        "Всё остальное — 0.",
        en="The right answer is 1. An answer listed as a half, or at least half of the numbers in their places, is "
        "0.5. Everything else is 0.",
    ),
}

Sheet = tuple[str, Sequence[Question]]
"""A student and the questions of this student."""


def render(manifest: Manifest, sheets: Sequence[Sheet], lang: Lang, *, is_key: bool) -> str:
    """The page as text; what a roster holds is escaped by the template engine."""
    environment = templates(lang, "autograder.quiz")
    environment.filters["answer"] = lambda question: _shown(question.as_rows)
    environment.filters["near"] = lambda question: [_shown([near]) for near in question.near]
    say: Mapping[str, str] = {name: text.get(lang) for name, text in SAY.items()}
    return environment.get_template("key.html.j2" if is_key else "sheets.html.j2").render(
        lang=lang, title=manifest.title.get(lang), say=say, sheets=sheets, minutes=TEN_MINUTES
    )


def _shown(rows: Sequence[Sequence[Fraction]]) -> str:
    return " | ".join(" ".join(map(str, row)) for row in rows)
