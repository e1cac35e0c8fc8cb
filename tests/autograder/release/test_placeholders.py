"""Placeholders of a handout become the numbers and sentences of the manifest."""

from __future__ import annotations

import pytest

from autograder.course.manifest import Manifest
from autograder.errors import UsageError
from autograder.release.placeholders import expand
from autograder.text import points
from tests.autograder.release.support import cells


def test_placeholders(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    task = manifest.task("J1")
    text = "\n".join(str(cell["source"]) for cell in cells(manifest, edition_files, "ru").values())
    assert f"Both. {task.points:g} {task.minutes} {task.title.ru}" in text
    for test in task.tests:
        assert f"- {test.sentence.ru} ({points(test.points, 'ru')})" in text
    assert f"| J1 | {task.title.ru} | {task.points:g} | {task.minutes} |" in text


@pytest.mark.parametrize("text", ["{{nothing}}", "{{points}}", "{{points:Z9}}", "{{tasks:J1}}"])
def test_an_unknown_placeholder_is_refused(manifest: Manifest, text: str) -> None:
    with pytest.raises(UsageError, match=r"placeholders are|no task 'Z9'"):
        expand(text, manifest, "en")
