"""Placeholders of a handout become the numbers and sentences of the manifest."""

from __future__ import annotations

import pytest

from autograder.course.manifest import Manifest, load_manifest
from autograder.errors import UsageError
from autograder.release.placeholders import expand
from autograder.text import Lang, points
from tests.autograder.release.support import ROOT, cells


def test_placeholders(manifest: Manifest, edition_files: dict[str, bytes]) -> None:
    task = manifest.task("J1")
    text = "\n".join(str(cell["source"]) for cell in cells(manifest, edition_files, "ru").values())
    assert f"Both. {task.points:g} {task.minutes} {task.title.ru}" in text
    for test in task.tests:
        worth = points(test.points, "ru").replace(" ", "\N{NO-BREAK SPACE}")
        assert f"- {test.sentence.ru} ({worth})" in text
    assert f"| J1 | {task.title.ru} | {task.points:g} | {task.minutes} |" in text


@pytest.mark.parametrize("text", ["{{nothing}}", "{{points}}", "{{points:Z9}}", "{{tasks:J1}}"])
def test_an_unknown_placeholder_is_refused(manifest: Manifest, text: str) -> None:
    with pytest.raises(UsageError, match=r"placeholders are|no task 'Z9'"):
        expand(text, manifest, "en")


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_forbidden_calls_stand_as_students_write_them(manifest: Manifest, lang: Lang) -> None:
    task = manifest.task("J1").model_copy(
        update={"forbidden": ("torch.nn.functional.conv2d", "torch.nn.Conv2d")}
    )
    changed = manifest.model_copy(update={"tasks": (task,)})
    assert expand("{{forbidden:J1}}.", changed, lang) == "`F.conv2d`, `nn.Conv2d`."


def test_every_forbidden_call_of_the_course_stands_in_its_handout() -> None:
    for folder in sorted(path.parent for path in (ROOT / "assignments").glob("*/assignment.toml")):
        manifest = load_manifest(folder)
        handout = (folder / "handout.py").read_text(encoding="utf-8")
        for task in manifest.tasks:
            named = f"{{{{forbidden:{task.id}}}}}" in handout or all(
                name in handout for name in task.forbidden
            )
            assert named, f"{folder.name}: {task.id}"
