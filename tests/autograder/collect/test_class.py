"""A class of sixty in Moodle's two downloads, with all that happens in one: who has what in the end is known."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from autograder.roster.collected import collected_times
from autograder.roster.reading import read_rosters
from tests.autograder.collect.support import collected, tree, zipped

DUE = datetime(2026, 12, 1, 23, 59).astimezone()
HEADER = "Идентификатор;Полное имя;Адрес электронной почты;Состояние;Оценка;Последнее изменение (ответ)\r\n"
MONTHS = {11: "ноября", 12: "декабря"}
NUMBERS = range(1001, 1061)
NAMESAKES = (1001, 1002, 1003)
NEVER = (1060, 1059)  # nothing at all
AFTER = (1058, 1057, 1056)  # nothing at the deadline, something at the cut-off
AGAIN = range(1010, 1020)  # handed in, and once more after the deadline
BOTH = (1020, 1021)  # a file and the text of the form
BROKEN = 1030  # damaged on the way


def name(number: int) -> str:
    return "Иван Ёлкин" if number in NAMESAKES else f"Студент {number}"


def moodle_says(moment: datetime) -> str:
    return f"день, {moment.day} {MONTHS[moment.month]} {moment.year}, {moment:%H:%M}"


def download(path: Path, works: dict[int, str]) -> Path:
    files: dict[str, str | bytes] = {}
    for number, text in works.items():
        files[f"{name(number)}_{number}_assignsubmission_file_/seminar_cnn.ipynb"] = text
        if number in BOTH:
            files[f"{name(number)}_{number}_assignsubmission_onlinetext_/onlinetext.html"] = "see the file"
    zipped(path, files)
    data = path.read_bytes()
    # One damaged byte of what was packed for one student; the sum of its bytes does not agree any more.
    place = data.index(f"{name(BROKEN)}_{BROKEN}_".encode()) + len(
        f"{name(BROKEN)}_{BROKEN}_assignsubmission_file_/seminar_cnn.ipynb".encode()
    )
    path.write_bytes(data[: place + 2] + bytes([data[place + 2] ^ 0xFF]) + data[place + 3 :])
    return path


def worksheet(path: Path, times: dict[int, datetime]) -> Path:
    lines = [
        f"Участник{number};{name(number)};s{number}@uni.ru;Состояние;;"
        f"{moodle_says(times[number]) if number in times else '-'}\r\n"
        for number in NUMBERS
    ]
    path.write_bytes((HEADER + "".join(lines)).encode("cp1251"))
    return path


def test_a_class_of_sixty_at_the_deadline_and_at_the_cutoff(tmp_path: Path) -> None:
    own = tmp_path / "roster.csv"
    own.write_text(
        "student;email;extension_hours\n" + "".join(f"s{number};s{number}@uni.ru;\n" for number in NUMBERS),
        encoding="utf-16",
    )
    first = {number: f"first of {number}" for number in NUMBERS if number not in (*NEVER, *AFTER)}
    second = {**first, **{number: f"second of {number}" for number in (*AGAIN, *AFTER)}}
    early, late = DUE - timedelta(hours=5), DUE + timedelta(hours=20)
    at_deadline = dict.fromkeys(first, early)
    at_cutoff = {**at_deadline, **dict.fromkeys((*AGAIN, *AFTER), late)}
    out = tmp_path / "submissions"

    def run(path: str, works: dict[int, str], times: dict[int, datetime]) -> Counter[str]:
        roster = read_rosters([own, worksheet(tmp_path / f"{path}.csv", times)])
        outcome = collected(download(tmp_path / f"{path}.zip", works), out, roster=roster)
        assert outcome.empty == (f"s{BROKEN}",)
        assert roster.remarks == ()
        return Counter(row.fate.partition(":")[0] for row in outcome.rows)

    assert run("deadline", first, at_deadline) == {"taken": 54, "taken, text of the form": 2, "left out": 1}
    expected = {
        "unchanged": 44,
        "unchanged, text of the form": 2,
        "taken in place of attempt 1": 10,
        "taken": 3,
        "left out": 1,
    }
    assert run("cutoff", second, at_cutoff) == expected
    works = tree(out)
    for number, text in second.items():
        if number != BROKEN:
            assert works[f"s{number}/seminar_cnn.ipynb"] == text
    assert {place for place in works if place.startswith("_earlier/")} == {
        f"_earlier/1/s{number}/seminar_cnn.ipynb" for number in AGAIN
    }
    times = collected_times(out)
    assert times == {f"s{number}": at_cutoff[number] for number in second if number != BROKEN}

    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    run("deadline", first, at_deadline)
    run("cutoff", second, at_cutoff)
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before
