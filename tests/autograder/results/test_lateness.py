"""How late work is, and what that takes of its points."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone, tzinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autograder.course.manifest import Dates
from autograder.results.lateness import IN_TIME, in_zone_of_due, lateness, own_due
from autograder.roster.person import Person

DUE = datetime(2026, 12, 1, 20, 59, tzinfo=UTC)
MOSCOW = timezone(timedelta(hours=3))
RULES = Dates(
    due=DUE, closes=DUE + timedelta(days=7), grace_minutes=15, percent_per_day=10, late_days=0
)  # fmt: skip


def after(hours: float) -> datetime:
    return DUE + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("hours", "percent"),
    [
        (-5, 0), (0, 0), (0.25, 0), (0.26, 10), (24, 10), (24.01, 20), (72, 30), (7 * 24, 70),
        (7 * 24 + 0.001, 100),
    ],
)  # fmt: skip
def test_each_day_that_has_begun_costs_its_share(hours: float, percent: float) -> None:
    assert lateness(RULES, after(hours)).percent == percent


@pytest.mark.parametrize(
    ("due", "at", "offset"),
    [
        (DUE.astimezone(MOSCOW), DUE, MOSCOW),
        (DUE, DUE.astimezone(MOSCOW), UTC),
        (None, DUE.astimezone(MOSCOW), MOSCOW),
        (datetime(2026, 12, 1), DUE.astimezone(MOSCOW), DUE.astimezone().tzinfo),
        (None, datetime(2026, 12, 1), DUE.astimezone().tzinfo),
    ],
)
def test_a_time_is_shown_in_the_zone_of_the_due_date(
    due: datetime | None, at: datetime, offset: tzinfo
) -> None:
    dates = Dates(due=due)
    shown = in_zone_of_due(dates, at)
    assert shown.utcoffset() == DUE.astimezone(offset).utcoffset()
    assert shown.astimezone() == at.astimezone()
    until = own_due(dates, None)
    assert (until is None) is (due is None)
    assert until is None or until.utcoffset() == shown.utcoffset(), "both can be compared"


def test_an_extension_moves_both_dates() -> None:
    person = Person(student="anna", extension_hours=48)
    assert lateness(RULES, after(48.2), person) == IN_TIME
    assert lateness(RULES, after(50), person).percent == 10
    assert not lateness(RULES, after(9 * 24), person).is_closed
    assert lateness(RULES, after(9 * 24 + 1), person).is_closed


@pytest.mark.parametrize(("own", "percent", "waived"), [(None, 10, 2), (0, 30, 0), (5, 0, 3)])
def test_late_days_waive_whole_days(own: int | None, percent: float, waived: int) -> None:
    rules = RULES.model_copy(update={"late_days": 2})
    found = lateness(rules, after(60), Person(student="anna", late_days=own))
    assert (found.percent, found.waived) == (percent, waived)


def test_without_a_date_or_a_time_nothing_is_late() -> None:
    assert lateness(Dates(), after(1000)) == lateness(RULES, None) == IN_TIME
    assert IN_TIME.line("ru") == ""


def test_a_time_without_a_zone_is_of_this_machine() -> None:
    local = after(30).astimezone().replace(tzinfo=None)
    assert lateness(RULES, local) == lateness(RULES, after(30))


@pytest.mark.parametrize(
    ("hours", "own", "lang", "line"),
    [
        (0.5, 0, "en", "1 hour late, 10 % of the points are taken off"),
        (30, 0, "ru", "опоздание 2 дня, снято 20 % баллов"),
        (30, 1, "ru", "опоздание 2 дня, 1 день из запаса дней опоздания, снято 10 % баллов"),
        (30, 2, "en", "2 days late, 2 days of the late-day allowance spent, no points are taken off"),
        (200, 2, "ru", "опоздание 9 дней: сдано после закрытия приёма: баллов нет"),
    ],
)
def test_one_line_explains_it(hours: float, own: int, lang: str, line: str) -> None:
    found = lateness(RULES, after(hours), Person(student="anna", late_days=own))
    assert found.line(lang) == line  # type: ignore[arg-type]


@given(st.floats(-100, 400), st.floats(0, 100), st.integers(0, 9))
def test_more_time_or_more_late_days_never_cost_more(hours: float, extension: float, days: int) -> None:
    def percent(extra: float, own: int) -> float:
        return lateness(
            RULES, after(hours), Person(student="a", extension_hours=extra, late_days=own)
        ).percent

    assert percent(extension, days) <= percent(0, days)
    assert percent(extension, days + 1) <= percent(extension, days)


@pytest.mark.parametrize(
    "fields", [{"percent_per_day": 10}, {"due": DUE, "closes": DUE - timedelta(hours=1)}]
)
def test_dates_that_say_nothing_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="dates: "):
        Dates.model_validate(fields)
