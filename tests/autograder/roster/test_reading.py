"""Rosters: the course's own, Moodle's worksheet, and both; nobody is matched by name alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.roster.person import Person
from autograder.roster.reading import read_rosters, read_times
from autograder.roster.sides import one_sided_lines, unlisted_lines

ENGLISH = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    "Participant 101,Anna Petrova,anna@uni.ru,Submitted for grading - ,,100.00,Yes,"
    '"Tuesday, 1 December 2026, 9:05 PM",-,\n'
    "Participant 102,Anna Petrova,other@uni.ru,No submission - ,,100.00,Yes,-,-,\n"
)
RUSSIAN = (
    "Идентификатор;Полное имя;Адрес электронной почты;Состояние;Группа;Оценка;Максимальная оценка;"
    "Оценка может быть изменена;Последнее изменение (ответ);Последнее изменение (оценка);Отзыв в виде комментария\r\n"
    "Участник101;Анна Петрова;anna@uni.ru;Ответ отправлен для оценки;Команда 1;;100,00;Да;"
    "вторник, 1 декабря 2026, 21:05;среда, 2 декабря 2026, 10:00;\r\n"
    "Участник102;Борис Ёлкин;boris@uni.ru;Ответ отправлен для оценки;Команда 1;;100,00;Да;"
    "вторник, 1 декабря 2026, 21:05;-;\r\n"
)
# Headers of a language that is not known, with times in English.
FOREIGN = (
    "Tunniste,Koko nimi,Sähköposti,Tila,Arvosana,Muokattu 1,Muokattu 2\n"
    "Osallistuja 7,Anna Virtanen,a@uni.fi,Palautettu,,2026-12-01 21:05,2026-12-03 10:00\n"
    "Osallistuja 8,Eero Virtanen,e@uni.fi,Palautettu,,-,2026-12-03 10:00\n"
)
BLIND = "Identifier,Status,Grade\nParticipant 101,No submission,\nParticipant 102,No submission,\n"
AT = datetime(2026, 12, 1, 21, 5).astimezone()


def saved(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding, newline="")
    return path


def people_of(path: Path) -> dict[str, Person]:
    """Those of one file alone."""
    return dict(read_rosters([path]).people)


def test_a_roster_says_who_is_who(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "r.csv",
        "Group;student;id;Extension hours;late_days;email;whatever\r\n"
        'М-1;anna;0012345;1,5;2;a@b.ru;x\r\n"";Борис Ёлкин;;;;;\r\n\r\n',
        "cp1251",
    )
    assert people_of(path) == {
        "anna": Person(
            student="anna", id="0012345", email="a@b.ru", group="М-1", extension_hours=1.5, late_days=2
        ),
        "Борис Ёлкин": Person(student="Борис Ёлкин"),
    }


def test_students_are_named_as_folders_are(tmp_path: Path) -> None:
    names = list(people_of(saved(tmp_path / "r.csv", "student\nАндрей\n../../etc/x\n =1+1 \n\n")))
    assert (names[0], names[2]) == ("Андрей", "=1+1")
    assert not any("/" in name or name.startswith(".") for name in names)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Группа;ФИО\nГруппа 1;а\nГруппа 1;б\n", "has no column named 'student'.*holds: Группа; ФИО$"),
        ("ФИО;Группа\nа;б\n", "has no column named 'student'.*the header holds: ФИО; Группа$"),
        ("student;student\na;b\n", "has the column student twice"),
        ("student;id\nanna;1\nboris;2\nanna;3\n", "line 4: student 'anna' stands in line 2, too"),
        ("student;email\nanna;A@b.ru\nboris;a@B.ru\n", "line 3: email 'a@B.ru' stands in line 2, too"),
        ("student;id\nanna;7\nboris;7\n", "line 3: id '7' stands in line 2, too"),
        ("student;extension_hours\nanna;-3\n", "line 2: extension_hours is '-3'; give hours from 0 on"),
        ("student;extension_hours\nanna;two days\n", "line 2: extension_hours is 'two days'"),
        ("student\n_anna\n", "line 2: student '_anna' begins with _, which is nobody's submission"),
        ("student;late_days\nanna;1.5\n", "line 2: late_days is '1.5'; give whole days from 0 on"),
        ("student;id\n;17\n", "line 2: it names no student"),
    ],
)
def test_a_roster_that_makes_no_sense_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        people_of(saved(tmp_path / "r.csv", text))


def test_all_lines_that_make_no_sense_are_named_at_once(tmp_path: Path) -> None:
    path = saved(tmp_path / "r.csv", "student;late_days\na;x\nb;1\na;2\nc;-1\n")
    with pytest.raises(UsageError) as error:
        people_of(path)
    assert [line.split(", line ")[1][0] for line in str(error.value).splitlines()] == ["2", "4", "5"]


@pytest.mark.parametrize(
    ("text", "encoding", "names"),
    [
        (ENGLISH, "utf-8-sig", ["Anna Petrova_101", "Anna Petrova_102"]),
        (RUSSIAN, "cp1251", ["Анна Петрова_101", "Борис Ёлкин_102"]),
        (RUSSIAN.replace(";", "\t"), "utf-16", ["Анна Петрова_101", "Борис Ёлкин_102"]),
        (FOREIGN, "utf-8", ["Anna Virtanen_7", "Eero Virtanen_8"]),
        (BLIND, "utf-8", ["Participant_101", "Participant_102"]),
    ],
)
def test_a_worksheet_is_a_roster_and_keeps_namesakes_apart(
    tmp_path: Path, text: str, encoding: str, names: list[str]
) -> None:
    people = people_of(saved(tmp_path / "w.csv", text, encoding))
    assert list(people) == names
    assert [person.participant for person in people.values()] == [name.split("_")[1] for name in names]


@pytest.mark.parametrize("text", [ENGLISH, RUSSIAN])
def test_a_worksheet_says_when_work_came_in(tmp_path: Path, text: str) -> None:
    roster = read_rosters([saved(tmp_path / "w.csv", text)])
    assert roster.times[next(iter(roster.people))] == AT
    assert roster.remarks == ()


def test_of_two_unknown_columns_of_times_the_first_is_the_submissions(tmp_path: Path) -> None:
    roster = read_rosters([saved(tmp_path / "w.csv", FOREIGN)])
    assert dict(roster.times) == {"Anna Virtanen_7": AT}


def test_a_worksheet_says_who_hands_in_together(tmp_path: Path) -> None:
    roster = read_rosters([saved(tmp_path / "w.csv", RUSSIAN)])
    assert dict(roster.teams) == {"Команда 1": ("Анна Петрова_101", "Борис Ёлкин_102")}


def test_times_that_cannot_be_read_are_told_once(tmp_path: Path) -> None:
    text = ENGLISH.replace("Tuesday, 1 December 2026, 9:05 PM", "vor Kurzem").replace(
        "Yes,-,-", "Yes,gestern,-"
    )
    roster = read_rosters([saved(tmp_path / "w.csv", text)])
    assert not roster.times
    assert len(roster.remarks) == 1
    assert "line 2: the time 'vor Kurzem' is not understood" in roster.remarks[0]
    assert roster.remarks[0].endswith("(and 1 more lines)")


def test_a_worksheet_and_a_roster_are_joined_by_email_or_number_never_by_name(tmp_path: Path) -> None:
    own = saved(
        tmp_path / "r.csv",
        "student;name;email;extension_hours\nap1;Anna Petrova;ANNA@uni.ru;48\nap9;Anna Petrova;third@uni.ru;\n",
    )
    roster = read_rosters([saved(tmp_path / "w.csv", ENGLISH), own])
    assert set(roster.people) == {"ap1", "ap9", "Anna Petrova_102"}
    assert roster.by_participant == {"101": "ap1", "102": "Anna Petrova_102"}
    assert roster.people["ap1"].extension_hours == 48
    assert roster.times == {"ap1": AT}


def test_two_lines_of_one_participant_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="lines 2 and 3 are the same participant 101"):
        people_of(
            saved(tmp_path / "w.csv", ENGLISH.replace("102", "101") + "Participant 103,C,c@d.ru,,,,,-,-,\n")
        )


def test_two_participants_that_are_one_student_of_the_roster_are_refused(tmp_path: Path) -> None:
    sheet = saved(tmp_path / "w.csv", ENGLISH.replace("other@uni.ru", "anna@uni.ru"))
    with pytest.raises(UsageError, match="participants 101 and 102 are both 'ap1'"):
        read_rosters([sheet, saved(tmp_path / "r.csv", "student;email\nap1;anna@uni.ru\n")])


@pytest.mark.parametrize(
    "text", ["student;group\nanna;Group 1\nboris;Group 1\n", "group;student\nGroup 1;anna\n"]
)
def test_a_roster_is_not_taken_for_a_worksheet(tmp_path: Path, text: str) -> None:
    assert "anna" in people_of(saved(tmp_path / "r.csv", text))


def test_two_rosters_of_one_kind_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "r.csv", "student\nanna\n")
    with pytest.raises(UsageError, match="give one roster and one of Moodle's grading worksheets at most"):
        read_rosters([path, path])


def test_a_table_of_times(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.csv", "student,submitted_at\nanna,2026-12-01 21:05\nboris,-\n")
    assert read_times(path) == {"anna": AT, "boris": None}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,at\nanna,1\n", "has no column submitted_at; the header holds: student; at"),
        ("student,submitted_at\nanna,noon\n", "line 2: the time 'noon' is not understood"),
        ("student,submitted_at\nanna,\nanna,\n", "line 3: 'anna' stands there twice"),
    ],
)
def test_a_table_of_times_that_makes_no_sense_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        read_times(saved(tmp_path / "t.csv", text))


def test_who_is_on_one_side_only_is_listed() -> None:
    assert one_sided_lines(["anna", "eve"], ["anna", "boris", "clara"]) == [
        "On the roster, nothing handed in (2): boris, clara",
        "Handed in, not on the roster (1): eve",
    ]
    assert one_sided_lines(["anna"], ["anna", "boris", "clara"], times=["anna", "boris", "eve"]) == [
        "On the roster, nothing handed in (1): clara",
        "Handed in by the worksheet, but the folder is empty or not in this download: look in Moodle, and download "
        "again (1): boris",
    ]
    assert one_sided_lines(["anna"], ["anna"]) == one_sided_lines(["anna"], []) == []
    assert one_sided_lines(["anna"], ["anna", "boris", "clara"], not_taken={"boris", "eve"}) == [
        "On the roster, nothing handed in (1): clara",
        "Handed in, and nothing of it could be taken: see _collected.csv (1): boris",
    ]
    many = one_sided_lines([], [f"s{number:02}" for number in range(25)])
    assert many[0].endswith("s19 and 5 more")


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        ("student;email\nap;anna@uni.ru\nop;other@uni.ru\n", []),
        ("student;email\nap;anna@uni.ru\n", ["In the worksheet, not on the course's own table (1): Anna Petrova_102"]),
        ("student;id\nap;7\n", [
            "In the worksheet, not on the course's own table (2): Anna Petrova_101, Anna Petrova_102",
            "The worksheet and the course's own table have nobody in common: compare their e-mails and numbers "
            "(a spreadsheet takes zeros off the front of a number)",
        ]),
    ],
)  # fmt: skip
def test_who_is_in_the_worksheet_alone_is_named(tmp_path: Path, table: str, lines: list[str]) -> None:
    sheet, own = saved(tmp_path / "w.csv", ENGLISH), saved(tmp_path / "r.csv", table)
    assert unlisted_lines(read_rosters([own, sheet])) == lines
    assert unlisted_lines(read_rosters([sheet])) == unlisted_lines(read_rosters([own])) == []
