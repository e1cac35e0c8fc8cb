"""Zones of times that name none: by their name, this machine's, and a warning beside the assignment's date."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from autograder.errors import UsageError
from autograder.roster.collected import Collected, as_csv, collected_times, read_collected, zone_line
from autograder.roster.moments import read_moment
from autograder.roster.zones import named_zone, zone_of

MOSCOW = ZoneInfo("Europe/Moscow")
BERLIN = ZoneInfo("Europe/Berlin")
DUE = datetime(2026, 12, 1, 23, 59, tzinfo=timezone(timedelta(hours=3)))


def listed(folder: Path, **times: datetime | None) -> Path:
    rows = [Collected(name, at, "a.zip/x.py", "taken", 1, f"{name}/x.py") for name, at in times.items()]
    (folder / "_collected.csv").write_text(as_csv(rows), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["", "Moscow", "../etc/passwd", "/etc/localtime", "a\x00", "zone.tab"])
def test_a_zone_that_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match=r"there is no time zone .*; give a name like Europe/Moscow"):
        named_zone(name)


def test_only_a_time_without_an_offset_is_one_of_the_zone() -> None:
    bare, own = (read_moment(f"2026-12-01T21:00{end}", MOSCOW) for end in ("", "+05:00"))
    assert bare == datetime(2026, 12, 1, 18, tzinfo=UTC)
    assert own == datetime(2026, 12, 1, 16, tzinfo=UTC)
    assert (zone_of(bare), zone_of(own), zone_of(None)) == (MOSCOW, None, None)


@pytest.mark.parametrize(
    ("said", "name"),
    [("Europe/Moscow", "Europe/Moscow"), (":UTC", "UTC"), ("", "UTC"), ("XYZ-3:30", "None")],
)
def test_the_zone_of_this_machine_has_its_name(said: str, name: str) -> None:
    code = "from autograder.roster.zones import machine_zone as z; print(getattr(z(), 'key', None))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "TZ": said},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == name


def test_the_list_keeps_the_zone_in_which_a_time_was_read(tmp_path: Path) -> None:
    summer = datetime(2026, 7, 1, 21, tzinfo=BERLIN)
    folder = listed(tmp_path, anna=summer, boris=DUE, clara=None)
    rows = {row.student: row.submitted_at for row in read_collected(folder)}
    assert rows == {"anna": summer, "boris": DUE, "clara": None}
    assert {name: zone_of(at) for name, at in rows.items()} == {"anna": BERLIN, "boris": None, "clara": None}
    assert collected_times(folder) == rows


def test_a_spreadsheet_that_took_the_offset_off_does_no_harm(tmp_path: Path) -> None:
    listed(tmp_path, anna=datetime(2026, 12, 1, 21, 5, tzinfo=MOSCOW))
    path = tmp_path / "_collected.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("2026-12-01T21:05:00+03:00", "01.12.2026 21:05"),
        encoding="utf-8",
    )
    assert collected_times(tmp_path) == {"anna": datetime(2026, 12, 1, 18, 5, tzinfo=UTC)}


def test_a_zone_of_the_list_that_nobody_knows_is_told_with_its_line(tmp_path: Path) -> None:
    listed(tmp_path, anna=datetime(2026, 12, 1, 21, 5, tzinfo=MOSCOW))
    path = tmp_path / "_collected.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Europe/Moscow", "Moscow"), encoding="utf-8")
    with pytest.raises(UsageError, match="line 2: there is no time zone 'Moscow'"):
        read_collected(tmp_path)


def test_times_of_another_zone_than_the_date_are_told_in_one_line(tmp_path: Path) -> None:
    at = datetime(2026, 12, 1, 21, 5)
    folder = listed(
        tmp_path,
        anna=at.replace(tzinfo=ZoneInfo("UTC")),
        boris=at.replace(tzinfo=MOSCOW),
        clara=at.replace(tzinfo=UTC),
    )
    line = zone_line(folder, DUE)
    assert line.startswith(
        "Times without a zone were read in UTC (UTC) for 1 student, and `due` is of UTC+03:00: "
    )
    assert "\n" not in line
    assert zone_line(folder, None) == zone_line(folder, DUE.replace(tzinfo=None)) == ""


def test_what_counts_is_the_offset_at_the_date(tmp_path: Path) -> None:
    """Work of summer time and a date of winter time are of one zone."""
    folder = listed(tmp_path, anna=datetime(2026, 10, 24, 21, tzinfo=BERLIN))
    assert zone_line(folder, datetime(2026, 10, 26, 12, tzinfo=timezone(timedelta(hours=1)))) == ""
    assert "UTC+01:00" in zone_line(folder, datetime(2026, 10, 26, 12, tzinfo=timezone(timedelta(hours=2))))
