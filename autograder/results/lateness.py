"""How late a submission is, and what of its points that takes, by the rules of `course.manifest.Dates`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from autograder.course.manifest import Dates
from autograder.roster.person import Person
from autograder.text import Lang, Text, counted, number

HOUR_FORMS, DAY_FORMS = ("час", "часа", "часов"), ("день", "дня", "дней")
LATE = Text(ru="опоздание {late}", en="{late} late")
TAKEN = Text(ru="снято {percent} % баллов", en="{percent} % of the points are taken off")
WAIVED = Text(ru="{days} из запаса дней опоздания", en="{days} of the late-day allowance spent")
CLOSED = Text(
    ru="сдано после закрытия приёма: баллов нет", en="handed in after the assignment had closed: no points"
)
FREE = Text(ru="баллы не снимаются", en="no points are taken off")


@dataclass(frozen=True)
class Lateness:
    """How late, and at what price.

    Args:
        hours: since the student's own due date; 0 for work in time, which the grace makes of a little more.
        days: that have begun since then.
        waived: of these, covered by late days.
        percent: of the points, taken off.
        is_closed: it came when nothing was taken any more.
    """

    hours: float = 0.0
    days: int = 0
    waived: int = 0
    percent: float = 0.0
    is_closed: bool = False

    @property
    def is_late(self) -> bool:
        return self.hours > 0

    def kept(self, points: float) -> float:
        """What remains of so many points, not rounded."""
        return points * (100 - self.percent) / 100

    def line(self, lang: Lang) -> str:
        """One line that explains it; "" for work in time."""
        if not self.is_late:
            return ""
        late = _length(self.hours, self.days, lang)
        parts = [LATE.get(lang).format(late=late)]
        if self.is_closed:
            return ": ".join([*parts, CLOSED.get(lang)])
        if self.waived:
            parts.append(WAIVED.get(lang).format(days=counted(self.waived, lang, DAY_FORMS, "day")))
        took = TAKEN.get(lang).format(percent=number(self.percent, lang)) if self.percent else FREE.get(lang)
        return ", ".join([*parts, took])


IN_TIME = Lateness()


def own_due(dates: Dates, person: Person | None) -> datetime | None:
    """Until when this student may hand in without being late, in the zone of the assignment."""
    if dates.due is None:
        return None
    return in_zone_of_due(dates, dates.due) + timedelta(hours=person.extension_hours if person else 0.0)


def in_zone_of_due(dates: Dates, at: datetime) -> datetime:
    """The same moment with the offset of `due`, so that people can compare both; without a date, with its own.

    A time without an offset is of this machine's zone, as everywhere in `Dates`.
    """
    known = at if at.utcoffset() is not None else at.astimezone()
    return known if dates.due is None else known.astimezone(dates.due.tzinfo)


def lateness(dates: Dates, submitted_at: datetime | None, person: Person | None = None) -> Lateness:
    """Of work handed in at this moment; what has no known time is in time."""
    if dates.due is None or submitted_at is None:
        return IN_TIME
    extension = timedelta(hours=person.extension_hours if person else 0.0)
    at = submitted_at.astimezone()
    since = at - (dates.due.astimezone() + extension)
    if since <= timedelta(minutes=dates.grace_minutes):
        return IN_TIME
    hours = since.total_seconds() / 3600
    days = math.ceil(hours / 24)
    if dates.closes is not None and at > dates.closes.astimezone() + extension:
        return Lateness(hours, days, percent=100.0, is_closed=True)
    has = dates.late_days if person is None or person.late_days is None else person.late_days
    waived = min(days, has)
    return Lateness(hours, days, waived, percent=min(100.0, (days - waived) * dates.percent_per_day))


def _length(hours: float, days: int, lang: Lang) -> str:
    """Whole hours of the first day, then whole days, both begun."""
    if hours <= 24:
        return counted(math.ceil(hours), lang, HOUR_FORMS, "hour")
    return counted(days, lang, DAY_FORMS, "day")
