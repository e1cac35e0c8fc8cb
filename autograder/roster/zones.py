"""In which zone a time is read that names none: one of the command line, or this machine's."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from autograder.errors import UsageError

LINK, NAME_FILE = Path("/etc/localtime"), Path("/etc/timezone")


def named_zone(name: str) -> ZoneInfo:
    """The zone that the IANA database calls so. Raises: UsageError."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(
            f"there is no time zone {name!r}; give a name like Europe/Moscow, Asia/Yekaterinburg or UTC"
        ) from error


def machine_zone() -> ZoneInfo | None:
    """The zone of this machine; None where nothing tells its name, and only its rules are known."""
    said = os.environ.get("TZ")
    names = [said.removeprefix(":") or "UTC"] if said is not None else _names()
    for name in names:
        try:
            zone = named_zone(name)
        except UsageError:
            continue
        if _is_of_this_machine(zone):
            return zone
    return None


def zone_of(moment: datetime | None) -> ZoneInfo | None:
    """In which zone a time was read that named none; None for one that came with an offset of its own."""
    zone = moment.tzinfo if moment is not None else None
    return zone if isinstance(zone, ZoneInfo) and zone.key else None


def _names() -> list[str]:
    """What the system says of its own zone."""
    linked = os.path.realpath(LINK).partition("zoneinfo/")[2]
    try:
        written = NAME_FILE.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        written = ""
    return [name for name in (linked, written) if name]


def _is_of_this_machine(zone: ZoneInfo) -> bool:
    """Whether the clocks of the zone go as this machine's do, in winter and in summer."""
    year = datetime.now().year
    days = (datetime(year, 1, 1), datetime(year, 7, 1))
    return all(day.astimezone().utcoffset() == day.replace(tzinfo=zone).utcoffset() for day in days)
