"""The page of a viva: what to ask, with the student's code, and on a page of its own what is right."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.course.manifest import Manifest
from autograder.results.report.environment import templates
from autograder.text import Lang, Text
from autograder.viva.asking import Question

SAY = {
    "heading": Text(ru="Вопросы по вашему коду", en="Questions on your code"),
    "how": Text(
        ru="Без компьютера, вслух. Ответы получены запуском этого же кода.",
        en="No computer, aloud. The answers were found by running this very code.",
    ),
    "answers": Text(ru="Ответы, для преподавателя", en="Answers, for the examiner"),
    "helpers": Text(ru="Она опирается на:", en="It leans on:"),
    "above": Text(ru="Код — выше.", en="The code is above."),
}


def render(manifest: Manifest, student: str, questions: Sequence[Question], lang: Lang) -> str:
    """As text; whatever a student wrote is escaped by the template engine."""
    environment = templates(lang, "autograder.viva")
    environment.filters["lines"] = _lines
    environment.filters["rows"] = lambda tensor: [[f"{value:g}" for value in row] for row in tensor.tolist()]
    return environment.get_template("viva.html.j2").render(
        lang=lang,
        title=manifest.title.get(lang),
        student=student,
        questions=questions,
        say={name: text.get(lang) for name, text in SAY.items()},
    )


def _lines(question: Question) -> list[tuple[str, bool]]:
    """The lines of the code, and whether each is marked."""
    first, last = question.marked
    return [(line, first <= number <= last) for number, line in enumerate(question.code.split("\n"), 1)]
