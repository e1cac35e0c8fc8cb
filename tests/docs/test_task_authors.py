"""Every key that a manifest or a list of variants may hold is explained, with its default."""

from __future__ import annotations

import re

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from autograder.course import manifest, rows, variants
from autograder.release import placeholders
from tests.docs.pages import DOCS

PAGE = (DOCS / "task-authors.md").read_text(encoding="utf-8")
HEADINGS: dict[str, type[BaseModel]] = {
    "### The assignment": manifest.Manifest,
    "### presets": manifest.Preset,
    "### dates": manifest.Dates,
    "### limits": manifest.Limits,
    "### tasks": manifest.Task,
    "### tasks.tests": manifest.Test,
    "### tasks.rows": rows.Row,
    "### tasks.tests.threshold": manifest.Threshold,
    "## wrong/variants.toml": variants.Variant,
}
# `release --tasks` fills it in; an author who writes it is refused (tests/autograder/course/test_manifest.py).
NOT_FOR_AUTHORS = {"chosen"}


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {
        field.alias or name: field
        for name, field in model.model_fields.items()
        if name not in NOT_FOR_AUTHORS
    }


KEYS = [
    pytest.param(heading, key, field, id=f"{model.__name__}.{key}")
    for heading, model in HEADINGS.items()
    for key, field in fields_of(model).items()
]


def table(heading: str) -> dict[str, list[str]]:
    """The rows below a heading: key -> cells of type, default, meaning."""
    section = re.split(r"^#+ ", PAGE.split(f"{heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in rows}


def default(field: FieldInfo) -> str:
    """How the page writes the default of a key."""
    value = field.get_default()
    if field.is_required():
        return "needed"
    match value:
        case bool():
            return str(value).lower()
        case float() | int():
            return f"{value:g}"
        case str():
            return f'`"{value}"`'
        case ():
            return "`[]`"
        case manifest.Limits():
            return "see below"
    return "none"


@pytest.mark.parametrize(("heading", "key", "field"), KEYS)
def test_every_key_is_explained_with_its_default(heading: str, key: str, field: FieldInfo):
    kind, said, meaning = table(heading)[key]
    assert said == default(field)
    assert kind
    assert meaning


@pytest.mark.parametrize("heading", HEADINGS)
def test_no_key_is_explained_that_does_not_exist(heading: str):
    assert set(table(heading)) == set(fields_of(HEADINGS[heading]))


@pytest.mark.parametrize("name", [*placeholders.GENERAL, *(f"{name}:F1" for name in placeholders.OF_TASK)])
def test_every_placeholder_is_explained(name: str):
    assert f"`{{{{{name}}}}}`" in PAGE


def test_every_driver_is_named():
    from autograder.remote.student import Student

    beside_the_task = {
        "begin_task",
        "begin_test",
        "free_handles",
        "renew",
        "close",
        "make",
        "tiny_classifier",
        "calls",
        "sent_tensors",
        "making_calls",
        "forbidden_calls",
        "drive",
        "stop_recording",
        "transcript",
        "keywords",
    }
    drivers = {name for name in vars(Student) if not name.startswith("_")} - beside_the_task
    assert drivers
    assert {name for name in drivers if f"`{name}`" not in PAGE} == set()


def test_every_question_of_a_quiz_is_named():
    from autograder.quiz.questions.bank import TEMPLATES

    assert {name for name in TEMPLATES if f"`{name}`" not in PAGE} == set()
