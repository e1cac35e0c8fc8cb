"""`check` says which call of a network failed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.autograder.student.support import run, write


@pytest.mark.slow
def test_check_names_the_call_of_a_network_that_failed(bundle: Path, sources: dict[str, str]) -> None:
    whole = sources["I1"]
    broken = whole.replace(
        "self.head(self.features(images))", "self.head(self.features(images).squeeze(0).flatten(1))"
    )
    assert broken != whole
    write(bundle, {"I1": broken})
    said = run(bundle, "check", "I1").stdout
    assert "SeminarCNN(), then forward of images (1, 1, 28, 28)" in said
