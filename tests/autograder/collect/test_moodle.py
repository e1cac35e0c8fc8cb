"""Moodle's download of an assignment: the number is the participant's, and nobody is matched by name alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from autograder.collect.layouts import Layout
from autograder.roster.reading import read_rosters
from tests.autograder.collect.support import collected, fates, laid_out, tree, zipped

FILE, TEXT = "assignsubmission_file", "assignsubmission_onlinetext"
CLASS = {
    f"Анна Петрова_101_{FILE}_/seminar_cnn.ipynb": "1",
    f"Анна Петрова_102_{FILE}_/Копия seminar_cnn.ipynb": "2",
    f"Борис Ёлкин_103_{FILE}/src/helper.py": "3",
    f"Participant_104_{FILE}_/seminar_cnn.ipynb": "4",
}
EXPECTED = {
    "Анна Петрова_101/seminar_cnn.ipynb": "1",
    "Анна Петрова_102/Копия seminar_cnn.ipynb": "2",
    "Борис Ёлкин_103/src/helper.py": "3",
    "Participant_104/seminar_cnn.ipynb": "4",
}
SHEET = (
    "Идентификатор,Полное имя,Адрес электронной почты,Состояние,Группа,Оценка,Последнее изменение (ответ)\n"
    'Участник101,Анна Петрова,anna@uni.ru,Ответ отправлен,{team},,"вторник, 1 декабря 2026, 21:05"\n'
    'Участник102,Анна Петрова,other@uni.ru,Ответ отправлен,{team},,"вторник, 1 декабря 2026, 23:40"\n'
    "Участник103,Борис Ёлкин,boris@uni.ru,Нет ответа,,,-\n"
)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    path = tmp_path / "worksheet.csv"
    path.write_text(SHEET.format(team=""), encoding="utf-8-sig")
    return path


def test_namesakes_and_people_without_a_name_stay_apart(tmp_path: Path) -> None:
    outcome = collected(zipped(tmp_path / "class.zip", CLASS), tmp_path / "out")
    assert outcome.layout == Layout.moodle
    assert tree(tmp_path / "out") == EXPECTED
    assert set(fates(outcome.rows).values()) == {"taken"}


@pytest.mark.parametrize("wrapper", ["", "Курс-ДЗ 1-7/"])
def test_an_unpacked_download_and_one_in_a_folder_are_the_same(tmp_path: Path, wrapper: str) -> None:
    collected(
        laid_out(tmp_path / "in", {wrapper + name: text for name, text in CLASS.items()}), tmp_path / "out"
    )
    assert tree(tmp_path / "out") == EXPECTED


def test_a_heap_of_files_is_taken_apart_by_their_names(tmp_path: Path) -> None:
    files = {
        f"Анна Петрова_101_{FILE}_seminar_cnn.ipynb": "1",
        f"Анна Петрова_101_{FILE}_my_helper.py": "2",
        f"Анна Петрова_101_{TEXT}_onlinetext.html": "3",
        f"Анна Петрова_102_{FILE}_seminar_cnn.ipynb": "4",
    }
    collected(zipped(tmp_path / "class.zip", files), tmp_path / "out")
    assert tree(tmp_path / "out") == {
        "Анна Петрова_101/seminar_cnn.ipynb": "1",
        "Анна Петрова_101/my_helper.py": "2",
        "Анна Петрова_101/onlinetext.html": "3",
        "Анна Петрова_102/seminar_cnn.ipynb": "4",
    }


def test_files_and_the_text_of_the_form_are_one_submission(tmp_path: Path) -> None:
    files = {
        f"Anna_1_{TEXT}_/onlinetext.html": "form",
        f"Anna_1_{FILE}_/onlinetext.html": "mine",
        f"Boris_2_{TEXT}_/onlinetext.html": "only",
    }
    outcome = collected(zipped(tmp_path / "class.zip", files), tmp_path / "out")
    assert tree(tmp_path / "out") == {
        "Anna_1/onlinetext/onlinetext.html": "form",
        "Anna_1/onlinetext.html": "mine",
        "Boris_2/onlinetext.html": "only",
    }
    assert fates(outcome.rows)[f"Boris_2_{TEXT}_/onlinetext.html"] == "taken, text of the form"


def test_the_worksheet_says_who_and_when(tmp_path: Path, sheet: Path) -> None:
    own = tmp_path / "roster.csv"
    own.write_text("student;email\nap;ANNA@uni.ru\n", encoding="utf-8")
    roster = read_rosters([own, sheet])
    outcome = collected(zipped(tmp_path / "class.zip", CLASS), tmp_path / "out", roster=roster)
    times = {row.student: row.submitted_at for row in outcome.rows}
    assert times == {
        "ap": datetime(2026, 12, 1, 21, 5).astimezone(),
        "Анна Петрова_102": datetime(2026, 12, 1, 23, 40).astimezone(),
        "Борис Ёлкин_103": None,
        "Participant_104": None,
    }


@pytest.mark.parametrize("folder", ["Команда 1_77", "Команда 1_101", "Команда 1"])
def test_the_work_of_a_team_is_everybodys_in_it(tmp_path: Path, folder: str) -> None:
    sheet = tmp_path / "worksheet.csv"
    sheet.write_text(SHEET.format(team="Команда 1"), encoding="utf-8")
    source = zipped(tmp_path / "class.zip", {f"{folder}_{FILE}_/seminar_cnn.ipynb": "1"})
    outcome = collected(source, tmp_path / "out", roster=read_rosters([sheet]))
    assert tree(tmp_path / "out") == {
        "Анна Петрова_101/seminar_cnn.ipynb": "1",
        "Анна Петрова_102/seminar_cnn.ipynb": "1",
    }
    assert {row.fate for row in outcome.rows} == {"taken, handed in by the team Команда 1"}


def test_names_are_those_of_the_archive_where_it_leaves_characters_out(tmp_path: Path) -> None:
    sheet = tmp_path / "worksheet.csv"
    sheet.write_text(
        "Identifier,Full name,Status,Group\n"
        "Participant 1,Ann O'Neil_Smith,Submitted,\n"
        "Participant 2,Bo: Å,Submitted,A & B\nParticipant 3,Cy,Submitted,A & B\n",
        encoding="utf-8",
    )
    files = {f"Ann ONeil Smith_1_{FILE}_/x.py": "1", f"A  B_9_{FILE}_/y.py": "2"}
    alone = collected(zipped(tmp_path / "class.zip", files), tmp_path / "alone")
    assert alone.students == ["A B_9", "Ann ONeil Smith_1"]
    joined = collected(tmp_path / "class.zip", tmp_path / "out", roster=read_rosters([sheet]))
    assert joined.students == ["Ann ONeil Smith_1", "Bo Å_2", "Cy_3"]


def test_a_team_without_a_worksheet_is_one_student(tmp_path: Path) -> None:
    source = zipped(
        tmp_path / "class.zip", {f"Team A_77_{FILE}_/x.py": "1", f"Default group_{FILE}_/x.py": "2"}
    )
    collected(source, tmp_path / "out")
    assert tree(tmp_path / "out") == {"Team A_77/x.py": "1", "Default group/x.py": "2"}


@pytest.mark.parametrize(
    ("line", "student"),
    [
        ("ap;101;Петрова Анна", "ap"),  # number and name
        ("ap;101;Борис Ёлкин", "Анна Петрова_101"),  # somebody else's number of another kind
        ("ap;101;", "Анна Петрова_101"),  # a number alone
        ("ap;;Анна Петрова", "Анна Петрова_101"),  # a name alone
    ],
)
def test_without_a_worksheet_only_number_and_name_together_are_somebody(
    tmp_path: Path, line: str, student: str
) -> None:
    own = tmp_path / "roster.csv"
    own.write_text(f"student;id;name\n{line}\n", encoding="utf-8")
    source = zipped(tmp_path / "class.zip", {f"Анна Петрова_101_{FILE}_/x.py": "1"})
    outcome = collected(source, tmp_path / "out", roster=read_rosters([own]))
    assert outcome.students == [student]


def test_a_file_that_moodle_has_not_named_is_listed_as_nobodys(tmp_path: Path) -> None:
    outcome = collected(zipped(tmp_path / "class.zip", {**CLASS, "readme.txt": ""}), tmp_path / "out")
    assert fates(outcome.rows)["readme.txt"] == "not taken: its name says nobody's work"
    assert tree(tmp_path / "out") == EXPECTED


def test_a_roster_may_hold_the_participants_itself(tmp_path: Path) -> None:
    own = tmp_path / "roster.csv"
    own.write_text("student;participant\nap;101\nother;102\n", encoding="utf-8")
    outcome = collected(zipped(tmp_path / "class.zip", CLASS), tmp_path / "out", roster=read_rosters([own]))
    assert outcome.students == ["Participant_104", "ap", "other", "Борис Ёлкин_103"]
