"""Dates with a time, as Moodle, spreadsheets and people write them in English and Russian."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from autograder.errors import UsageError

# The first letters of a month's name are enough, in every case of Russian.
MONTHS = (
    ("jan", "янв"), ("feb", "фев"), ("mar", "мар"), ("apr", "апр"), ("may", "мая", "май"), ("jun", "июн"),
    ("jul", "июл"), ("aug", "авг"), ("sep", "сен"), ("oct", "окт"), ("nov", "ноя"), ("dec", "дек"),
)  # fmt: skip
NUMBERS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}),?\s+(\d{1,2}):(\d{2})(?::(\d{2}))?")
TIME = re.compile(r"(?<!\d)(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])\.?m\b\.?)?", re.IGNORECASE)
WORD, NUMBER = re.compile(r"[^\W\d_]+"), re.compile(r"(?<!\d)(?:\d{4}|\d{1,2})(?!\d)")
UNSAID = ("", "-", "–")


def read_moment(text: str, zone: ZoneInfo | None = None) -> datetime | None:
    """The moment with its zone; None for a cell that says there is none ("" or "-").

    ISO 8601, `31.12.2026 23:59`, and what Moodle writes: `Thursday, 31 December 2026, 11:59 PM`, or
    `четверг, 31 декабря 2026, 23:59`. An offset of its own is kept.

    Args:
        zone: that of a time which names none; None is this machine's.

    Raises: UsageError for anything else.
    """
    said = text.strip()
    if said in UNSAID:
        return None
    for read in (datetime.fromisoformat, _numbers, _words):
        try:
            moment = read(said)
            if moment.tzinfo is None and zone is not None:
                moment = moment.replace(tzinfo=zone)
            local = moment.astimezone()  # also raises where the moment is beyond all calendars
            return local if moment.tzinfo is None else moment
        except (ValueError, OverflowError, OSError):
            continue
    raise UsageError(f"the time {said!r} is not understood; write it as 2026-12-31 23:59 or 31.12.2026 23:59")


def _numbers(text: str) -> datetime:
    """Raises: ValueError."""
    if (found := NUMBERS.fullmatch(text)) is None:
        raise ValueError(text)
    day, month, year, hour, minute, second = (int(part or 0) for part in found.groups())
    return datetime(year, month, day, hour, minute, second)


def _words(text: str) -> datetime:
    """A date with the name of its month, in any order. Raises: ValueError."""
    if (time := TIME.search(text)) is None:
        raise ValueError(text)
    rest = f"{text[: time.start()]} {text[time.end() :]}"
    # The names of two days of the week begin like those of months in no language here; the year has four digits.
    months = [place for word in WORD.findall(rest) if (place := _month(word))]
    numbers = NUMBER.findall(rest)
    years, days = ([one for one in numbers if (len(one) == 4) is is_year] for is_year in (True, False))
    if len(months) != 1 or len(years) != 1 or len(days) != 1:
        raise ValueError(text)
    hour, minute, second = (int(part or 0) for part in time.groups()[:3])
    if half := time.group(4):
        if not 1 <= hour <= 12:
            raise ValueError(text)
        hour = hour % 12 + (12 if half.casefold() == "p" else 0)
    return datetime(int(years[0]), months[0], int(days[0]), hour, minute, second)


def _month(word: str) -> int:
    """1 to 12, or 0 for a word that is no month."""
    start = word.casefold()[:3]
    return next((place for place, starts in enumerate(MONTHS, start=1) if start in starts), 0)
