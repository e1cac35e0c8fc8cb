"""Why a worker ended, as its exceptions tell it."""

from __future__ import annotations

import pytest

from autograder.wire.errors import WorkerCrashed, WorkerTimeout
from autograder.wire.reasons import Reason, end_of_process


@pytest.mark.parametrize("kind", [WorkerCrashed, WorkerTimeout])
def test_the_reason_is_kept_for_readers_of_any_language_and_shown_in_english(
    kind: type[WorkerCrashed] | type[WorkerTimeout],
) -> None:
    reason: Reason = end_of_process(-9)
    error = kind(reason)
    assert error.reason == reason
    assert str(error) == reason.said("en") != reason.said("ru")
