"""The list of planted bugs is refused with one sentence when it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.variants import load_variants
from autograder.errors import UsageError


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong" / "variants.toml").write_text("variants = []\nextra = 1\n")
    with pytest.raises(UsageError, match="unknown key 'extra'; remove it or correct its spelling"):
        load_variants(tmp_path)
