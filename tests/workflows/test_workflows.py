"""Workflows follow GitHub's schema and what makes them safe."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.workflows.support import EXPRESSION, ROOT, WORKFLOWS, follows_the_schema, workflow

NAMES = sorted(path.name for path in WORKFLOWS.iterdir())
PAGE = ROOT / "docs" / "github.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_it_follows_the_schema(name: str) -> None:
    done = follows_the_schema(WORKFLOWS / name)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_of_the_page_follows_the_schema(text: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yml"
    path.write_text(text)
    done = follows_the_schema(path)
    assert done.returncode == 0, done.stdout
    used = re.findall(r"student-check\.yml", text)
    inputs = set(workflow("student-check.yml")["on"]["workflow_call"]["inputs"])
    given = set(re.findall(r"^      ([a-z-]+): ", text, re.MULTILINE))
    assert used
    assert given <= inputs


def test_the_schema_sees_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "wrong.yml"
    text = (WORKFLOWS / "ci.yml").read_text(encoding="utf-8")
    path.write_text(text.replace("runs-on:", "run-on:"))
    assert follows_the_schema(path).returncode == 1


@pytest.mark.parametrize("name", NAMES)
def test_it_may_only_read_and_knows_no_secret(name: str) -> None:
    data, text = workflow(name), (WORKFLOWS / name).read_text(encoding="utf-8")
    assert data["permissions"] == {"contents": "read"}
    assert "secrets" not in text
    assert "pull_request_target" not in text
    for job in data["jobs"].values():
        assert job["timeout-minutes"] <= 180
        assert "permissions" not in job
        for step in job["steps"]:
            # What a caller or a branch is named must not become part of a command.
            assert not EXPRESSION.search(step.get("run", ""))
            if "uses" in step:
                assert re.fullmatch(r"actions/[a-z-]+@v\d+", step["uses"])
            if step.get("uses", "").startswith("actions/checkout"):
                assert step["with"]["persist-credentials"] is False


def test_this_project_is_checked_as_on_a_clone() -> None:
    data = workflow("ci.yml")
    assert set(data["on"]) == {"pull_request", "push"}
    (job,) = data["jobs"].values()
    assert job["steps"][-1]["run"] == ".ci/run"
    requires = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    for python in job["strategy"]["matrix"]["python"]:
        assert python in (ROOT / "constraints.txt").read_text(encoding="utf-8").split("\n")[0]
        assert 'requires-python = ">=3.11,<3.15"' in requires
