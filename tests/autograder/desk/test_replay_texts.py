"""What a replay says of a test that takes an answer which differs from the reference's."""

from __future__ import annotations

import pytest

from autograder.desk.replaying import as_text, render
from autograder.grading.again.replayed import Replayed, Request
from tests.autograder.results.decided_support import CORE, manifest_of_tests
from tests.autograder.results.report.pages import read


@pytest.mark.parametrize(
    ("end", "differs", "said"),
    [
        ("", True, "differs from the reference, and the test takes it"),
        ("wrong", True, "differs"),
        ("", False, "right"),
    ],
)
def test_an_answer_that_the_test_takes_is_not_called_wrong(end: str, differs: bool, said: str) -> None:
    replayed = Replayed("anna", CORE, end, (Request("conv2d(x)", differs),), is_whole=True, changed=False)
    lines = as_text(replayed)
    assert "1 request of the test:" in lines
    assert f"  1. conv2d(x): {said}" in lines
    page = read(render(manifest_of_tests(), replayed, "en")).said
    assert f"conv2d(x) {said} " in f"{page} "
    assert ("the test takes it" in page) == ("takes" in said)
