"""The list beside collected work: written, read back, opened and saved by a spreadsheet, and refused where damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.roster.collected import Collected, as_csv, collected_times, not_taken, read_collected

AT = datetime(2026, 12, 1, 21, 5, tzinfo=UTC)
ROWS = [
    Collected("anna", AT, "a.zip/x.py", "replaced by attempt 2", 1, "_earlier/1/anna/x.py"),
    Collected("anna", None, "b.zip/x.py", "taken", 2, "anna/x.py"),
    Collected("boris", AT, "b.zip/=1+1.py", "taken", 1, "boris/=1+1.py"),
    Collected("=cmd", AT, "b.zip/y; z.py", "taken, text", 1, "=cmd/y; z.py"),
    Collected("", None, "b.zip/readme", "not taken", 0, ""),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "_collected.csv").write_text(as_csv(ROWS), encoding="utf-8")
    return tmp_path


def test_what_is_written_comes_back(folder: Path) -> None:
    assert read_collected(folder) == ROWS


def test_the_time_of_a_student_is_that_of_the_current_attempt(folder: Path) -> None:
    assert collected_times(folder) == {"anna": None, "boris": AT, "=cmd": AT}


def test_who_handed_in_what_could_not_be_taken_is_known_with_the_reason(tmp_path: Path) -> None:
    rows = [
        *ROWS,
        Collected("anna", None, "b.zip/big.bin", "left out: too large", 0, ""),
        Collected("Ёля", None, "b.zip/x.rar", "left out: no archive", 0, ""),
        Collected("Ёля", None, "b.zip/y.py", "left out: a link", 0, ""),
    ]
    (tmp_path / "_collected.csv").write_text(as_csv(rows), encoding="utf-8")
    assert not_taken(tmp_path) == {"Ёля": "b.zip/x.rar: left out: no archive"}, "of anna something was taken"
    assert not_taken(tmp_path / "absent") == {}


def test_nothing_was_collected_where_there_is_no_list(tmp_path: Path) -> None:
    assert read_collected(tmp_path) == []
    assert collected_times(tmp_path / "absent") == {}


def test_a_spreadsheet_may_have_saved_it(tmp_path: Path) -> None:
    text = "student;submitted_at;source;fate;attempt;place\r\nЁля;01.12.2026 21:05;a;taken;1;Ёля/x.py\r\n"
    (tmp_path / "_collected.csv").write_bytes(text.encode("cp1251"))
    assert collected_times(tmp_path) == {"Ёля": datetime(2026, 12, 1, 21, 5).astimezone()}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "student,place\nanna,anna/x.py\n",
            "has no column submitted_at, source, fate, attempt; the header holds",
        ),
        (
            as_csv(ROWS).replace("_earlier/1", "x").replace(",1,", ",one,", 1),
            "line 2: attempt is 'one', which is no",
        ),
        (
            "student,submitted_at,source,fate,attempt,place\nanna,noon,a,taken,1,anna/x\n",
            "line 2: the time 'noon'",
        ),
    ],
)
def test_a_damaged_list_is_told(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "_collected.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=said):
        read_collected(tmp_path)
