"""Every key of a stored result, and every status, is explained."""

from __future__ import annotations

import pytest

from autograder.results.grade import STATUSES, Grade
from tests.docs.pages import DOCS

PAGE = (DOCS / "results.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("key", [field.alias or name for name, field in Grade.model_fields.items()])
def test_every_key_is_explained(key: str):
    assert f"`{key}`" in PAGE


@pytest.mark.parametrize("status", STATUSES)
def test_every_status_is_explained(status: str):
    assert f"| `{status}` |" in PAGE
