"""How much may be handed in: the limits that all kinds of uploads share, one on either side."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from autograder.intake.uploads.refusals import (
    BYTES_PER_MB,
    MAX_ENTRIES,
    MAX_RATIO,
    RATIO_FREE_BYTES,
    check_count,
    check_ratio,
    check_size,
)
from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake_support import one_sentence


@pytest.mark.parametrize(
    ("check", "most", "said"),
    [
        (check_count, MAX_ENTRIES, "more than 2000 files"),
        (lambda size: check_size(size, "a\x1b.py", 3), 3 * BYTES_PER_MB, "'a\ufffd.py' is larger than 3 MB"),
        (lambda size: check_ratio(size, 0, "a.zip"), RATIO_FREE_BYTES, "grows more than 200 times"),
        (
            lambda size: check_ratio(size, RATIO_FREE_BYTES, "a.zip"),
            MAX_RATIO * RATIO_FREE_BYTES,
            "grows more than 200 times",
        ),
    ],
)
def test_the_most_passes_and_one_more_is_refused(check: Callable[[int], None], most: int, said: str) -> None:
    check(most)
    with pytest.raises(Rejected) as caught:
        check(most + 1)
    assert said in one_sentence(caught.value).en
