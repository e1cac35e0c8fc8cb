"""Dates as Moodle, spreadsheets and people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.roster.moments import read_moment

LAST = datetime(2026, 12, 31, 23, 59)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Thursday, 31 December 2026, 11:59 PM", LAST),
        ("Thursday, December 31, 2026, 11:59 PM", LAST),
        ("четверг, 31 декабря 2026, 23:59", LAST),
        ("31 дек. 2026 23:59", LAST),
        ("31.12.2026 23:59", LAST),
        ("31.12.2026, 23:59:07", LAST.replace(second=7)),
        ("2026-12-31 23:59", LAST),
        ("2026-12-31T23:59:00", LAST),
        ("Sunday, 1 March 2026, 12:05 AM", datetime(2026, 3, 1, 0, 5)),
        ("воскресенье, 1 марта 2026, 12:05", datetime(2026, 3, 1, 12, 5)),
        ("Friday, 1 May 2026, 12:00 p.m.", datetime(2026, 5, 1, 12)),
        ("пятница, 1 мая 2026, 9:00", datetime(2026, 5, 1, 9)),
    ],
)
def test_a_time_without_a_zone_is_local(text: str, expected: datetime) -> None:
    found = read_moment(text)
    assert found is not None
    assert found.tzinfo is not None
    assert found == expected.astimezone()


def test_a_zone_is_kept_to() -> None:
    assert read_moment("2026-12-31T23:59:00+03:00") == datetime(2026, 12, 31, 20, 59, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", " ", "-", "–"])
def test_a_cell_may_say_that_there_is_none(text: str) -> None:
    assert read_moment(text) is None


@pytest.mark.parametrize(
    "text",
    ["yesterday", "12/31/2026 23:59", "31.13.2026 23:59", "31 December 2026", "13:00 PM, 1 May 2026",
     "1 May 2026, June, 9:00", "1 и 2 мая 2026, 9:00", "1 lipca 2026, 9:00"],
)  # fmt: skip
def test_what_could_mean_two_things_or_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not understood; write it as 2026-12-31 23:59"):
        read_moment(text)


@given(st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_what_is_written_as_iso_comes_back(moment: datetime) -> None:
    assert read_moment(moment.isoformat()) == moment


@given(st.text())
def test_no_text_breaks_it(text: str) -> None:
    try:
        found = read_moment(text)
    except UsageError:
        return
    assert found is None or found.tzinfo is not None
