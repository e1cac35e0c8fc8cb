"""The worksheet filled in, judged by a port of Moodle's own importer."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import UsageError
from autograder.export.choices import Format
from autograder.export.counting import Rule, scaled
from autograder.export.exporting import Options, export
from autograder.export.moodle import fill_worksheet
from autograder.roster.person import Person
from tests.autograder.export.moodle_importer import Moodle, Participant, Verdict, feedback_files
from tests.autograder.export.support import counted, graded, saved, stored

AT, LATER = datetime(2026, 12, 2, 10, 0), datetime(2026, 12, 2, 11, 0)
NAMES = ("Анна Ёлкина", "Anna Petrova", "Anna_Petrova", "=HYPERLINK(1)", "O'Neil, John", "..a/b")


def person(number: int, **more: str) -> Person:
    return Person(student=f"student{number}", participant=str(number), **more)


@st.composite
def classes(draw: st.DrawFn) -> list[tuple[Participant, float | None]]:
    """Participants, and the score of each, None for one without a result."""
    numbers = draw(st.lists(st.integers(1, 99999), min_size=1, max_size=6, unique=True))
    return [
        (
            Participant(
                number,
                draw(st.sampled_from(NAMES)),
                grade=(grade := draw(st.none() | st.integers(0, 1400).map(lambda cents: cents / 100))),
                modified=None if grade is None else AT,
                is_locked=draw(st.booleans()),
                text=draw(st.sampled_from(("", "=1+1", "two\nlines; 7,5", '"-'))),
                comment=draw(st.sampled_from(("", "- better, please", "7,5"))),
            ),
            draw(st.none() | st.integers(0, 1600).map(lambda cents: cents / 100)),
        )
        for number in numbers
    ]


@settings(deadline=None)
@given(
    classes(),
    st.sampled_from(("en", "ru")),
    st.sampled_from(",;\t"),
    st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "cp1251")),
)
def test_what_moodle_does_not_take_is_named(
    everybody: list[tuple[Participant, float | None]], lang: str, separator: str, encoding: str
) -> None:
    moodle = Moodle([one for one, _ in everybody], 14, lang)
    scores = {one.number: score for one, score in everybody if score is not None}
    # One student at least, so that there is something to export.
    results = counted(
        [graded(f"student{number}", score) for number, score in scores.items()] or [graded("other")],
        map(person, scores),
    )
    before = {one.number: one.grade for one, _ in everybody}
    with TemporaryDirectory() as folder:
        path = saved(Path(folder) / "w.csv", moodle.worksheet(separator), encoding)
        filled = fill_worksheet(path, results)
        stood = path.read_bytes().decode(encoding)
    verdicts = moodle.upload(filled.content, separator, encoding)
    said = "\n".join(filled.lines)
    for number, one in moodle.participants.items():
        verdict = verdicts[number]
        if number not in scores:
            assert one.grade == before[number]
            assert f"({number})" in said
            continue
        expected = min(scores[number], 14)
        if one.is_locked:
            assert verdict in (Verdict.locked, Verdict.not_modified, Verdict.no_value)
            assert f"student{number}" in line_of(said, "Locked")
            continue
        if scores[number] > 14:
            assert f"student{number} (" in line_of(said, "Above the maximum")
        if verdict is Verdict.modified_since:
            assert f"student{number}" in line_of(said, "tick the box")
        else:
            assert verdict in (Verdict.updated, Verdict.not_modified)
            assert one.grade == expected
    ticked = moodle.upload(filled.content, separator, encoding, ignore_modified=True)
    grades = {number: one.grade for number, one in moodle.participants.items() if number in scores}
    assert all(
        grades[number] == min(scores[number], 14)
        for number in scores
        if not moodle.participants[number].is_locked
    )
    assert Verdict.out_of_range not in {*verdicts.values(), *ticked.values()}
    check_the_rest_stays(stood, filled.content.decode(encoding), separator)


def check_the_rest_stays(before: str, after: str, separator: str) -> None:
    """Headers and comments stay, and so does all but grades and what a spreadsheet would run."""
    old, new = (
        list(csv.reader(io.StringIO(text, newline=""), delimiter=separator)) for text in (before, after)
    )
    assert new[0] == old[0]
    for stood, stands in zip(old[1:], new[1:], strict=True):
        for column, (one, other) in enumerate(zip(stood, stands, strict=True)):
            if column != 4:
                assert other in (one, f"'{one}")
        assert stands[-2:] == stood[-2:]
        assert not any(cell.startswith(("=", "+", "@")) for cell in stands)


def line_of(said: str, start: str) -> str:
    return next(line for line in said.splitlines() if start in line)


def test_nobody_is_joined_by_name_alone(tmp_path: Path) -> None:
    moodle = Moodle(
        [
            Participant(101, "Anna Petrova", "anna@uni.ru"),
            Participant(102, "Anna Petrova", "other@uni.ru"),
            Participant(103, "Boris Elkin"),
            Participant(104, "Cleo Stone"),
            Participant(105, "Dan Brown"),
            Participant(106, "Eve Gray"),
        ],
        14,
        "en",
    )
    people = [
        Person(student="petrova1", name="Anna Petrova", email="Other@uni.ru"),
        Person(student="petrova2", name="Anna Petrova", email="anna@uni.ru"),
        Person(student="boris", name="Boris Elkin"),
        Person(student="cleo", id="104", name="Stone Cleo"),
        # A number of the university that is by chance that of a participant with another name.
        Person(student="fred", id="105", name="Fred White"),
    ]
    names = ["petrova1", "petrova2", "boris", "cleo", "fred"]
    grades = [graded(name, score) for score, name in enumerate(names, start=1)]
    filled = fill_worksheet(
        saved(tmp_path / "w.csv", moodle.worksheet()), counted([*grades, graded("Eve Gray_106", 6)], people)
    )
    moodle.upload(filled.content)
    assert {number: one.grade for number, one in moodle.participants.items()} == {
        101: 2, 102: 1, 103: None, 104: 4, 105: None, 106: 6,
    }  # fmt: skip
    assert "Participants without a result, left empty (2): Boris Elkin (103), Dan Brown (105)" in filled.lines
    assert "With a result, but no participant of the worksheet (2): boris, fred" in filled.lines


def test_two_who_are_one_are_refused(tmp_path: Path) -> None:
    path = saved(tmp_path / "w.csv", Moodle([Participant(1, "A", "a@b.c")], 14, "en").worksheet())
    same = [Person(student=name, email="a@b.c") for name in ("anna", "boris")]
    with pytest.raises(UsageError, match="participant 1 is anna and boris"):
        fill_worksheet(path, counted([graded("anna"), graded("boris")], same))
    path = saved(
        tmp_path / "v.csv",
        Moodle([Participant(1, "A", "a@b.c"), Participant(2, "A", "a@b.c")], 14, "en").worksheet(),
    )
    with pytest.raises(UsageError, match="participants 1 and 2 are both anna"):
        fill_worksheet(path, counted([graded("anna")], same[:1]))


def test_another_maximum_is_never_guessed(tmp_path: Path) -> None:
    moodle = Moodle([Participant(1, "A"), Participant(2, "B")], 100, "ru")
    path = saved(tmp_path / "w.csv", moodle.worksheet(";"))
    grades, people = [graded("student1", 7.77), graded("student2", 15)], [person(1), person(2)]
    with pytest.raises(UsageError, match=r"gives grades of 100, these are of 14: say --scale-to 100"):
        fill_worksheet(path, counted(grades, people))
    filled = fill_worksheet(path, counted(grades, people, Rule(scale_to=100)))
    moodle.upload(filled.content, ";")
    assert [one.grade for one in moodle.participants.values()] == [scaled(7.77, 14, 100), 100]
    assert ";55,5;100,00;" in filled.content.decode()
    assert "they get the maximum (1): student2 (107.14)" in line_of("\n".join(filled.lines), "Above")


def test_a_grade_given_in_moodle_meanwhile_stays(tmp_path: Path) -> None:
    moodle = Moodle([Participant(1, "A"), Participant(2, "B", grade=3, modified=AT)], 14, "en")
    earlier = saved(tmp_path / "earlier.csv", moodle.worksheet())
    moodle.participants[1].grade, moodle.participants[1].modified = 9, LATER
    now = saved(tmp_path / "now.csv", moodle.worksheet())
    results = counted([graded("student1", 5), graded("student2", 6)], [person(1), person(2)])
    filled = fill_worksheet(now, results, earlier)
    assert moodle.upload(filled.content) == {1: Verdict.not_modified, 2: Verdict.updated}
    assert [one.grade for one in moodle.participants.values()] == [9, 6]
    line = line_of("\n".join(filled.lines), "since the earlier worksheet")
    assert line.endswith("(1): student1 (9.00 in Moodle, 5 here)")


def test_a_second_upload_takes_nothing_for_a_persons_but_what_a_person_gave(tmp_path: Path) -> None:
    moodle = Moodle([Participant(number, "A") for number in range(1, 31)], 14, "ru")
    since = saved(tmp_path / "since.csv", moodle.worksheet(";"))
    people = [person(number) for number in range(1, 31)]
    out = stored(tmp_path / "grades", [graded(f"student{number}", 4) for number in range(1, 31)], people)

    def upload(at: datetime) -> str:
        now = saved(tmp_path / "now.csv", moodle.worksheet(";"))
        said = export(out, Format.moodle, Options(worksheet=now, since=since, out=tmp_path / "up.csv"))
        before = {number: one.grade for number, one in moodle.participants.items()}
        moodle.upload((tmp_path / "up.csv").read_bytes(), ";", ignore_modified=True)
        for number, one in moodle.participants.items():
            if one.grade != before[number]:
                one.modified = at
        return "\n".join(said)

    assert "30 of 30 participants filled in" in upload(AT)
    moodle.participants[1].grade = 12.5
    stored(out, [graded("student2", 6.4)], people)
    # Written, but never uploaded: the 4 in Moodle is the program's own still.
    stored(out, [graded("student3", 9)], people)
    export(out, Format.moodle, Options(worksheet=since, out=tmp_path / "nowhere.csv"))
    said = upload(LATER)
    assert "29 of 30 participants filled in" in said
    assert line_of(said, "Graded in Moodle").endswith("(1): student1 (12,50 in Moodle, 4 here)")
    assert [moodle.participants[number].grade for number in (1, 2, 3, 4)] == [12.5, 6.4, 9, 4]
    # 6.4 was seen in Moodle, so a 4 that comes back is a person's; and everybody whom a person graded is named.
    upload(LATER)
    for one in moodle.participants.values():
        one.grade, one.modified = 3.5, LATER
    moodle.participants[2].grade = 4
    said = upload(LATER)
    assert "0 of 30 participants filled in" in said
    assert all(f"student{number} (" in line_of(said, "Graded in Moodle") for number in range(1, 31))


def test_a_grade_that_is_right_already_is_no_conflict(tmp_path: Path) -> None:
    moodle = Moodle([Participant(1, "A"), Participant(2, "B")], 14, "en")
    since = saved(tmp_path / "since.csv", moodle.worksheet())
    for number, grade in ((1, 3.6), (2, 14)):
        moodle.participants[number].grade, moodle.participants[number].modified = grade, AT
    now = saved(tmp_path / "now.csv", moodle.worksheet())
    results = counted([graded("student1", 3.6), graded("student2", 15)], [person(1), person(2)])
    filled = fill_worksheet(now, results, since)
    assert "2 of 2 participants filled in" in filled.lines
    assert not any("Graded in Moodle" in line for line in filled.lines)


def test_a_damaged_record_is_told_and_nothing_written(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("student1", 4)], [person(1)])
    (out / "exports").mkdir()
    (out / "exports" / "small-moodle-written.json").write_text("[1")
    sheet = saved(tmp_path / "w.csv", Moodle([Participant(1, "A")], 14, "en").worksheet())
    with pytest.raises(UsageError, match=r"small-moodle-written\.json.* cannot be read; remove it"):
        export(out, Format.moodle, Options(worksheet=sheet))
    assert [path.name for path in (out / "exports").iterdir()] == ["small-moodle-written.json"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,score\nanna,1\n", "is not Moodle's grading worksheet"),
        ("Identifier,Status,Grade\nParticipant 1,-,\n", "no column of grades with their maximum"),
        ("Identifier,Grade,Scale\nParticipant 1,Good,Bad\n", "no column of grades with their maximum"),
    ],
)
def test_another_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        fill_worksheet(saved(tmp_path / "w.csv", text), counted([graded("anna")]))


def test_columns_are_known_in_any_language(tmp_path: Path) -> None:
    path = saved(
        tmp_path / "w.csv",
        "Tunniste,Nimi,Tila,Arvosana,Enintään,Työnkulku,Muutettavissa,Muokattu,Muokattu 2,Palaute\n"
        "Osallistuja 1,Eero,-,,14,Odottaa,Kyllä,-,-,\n"
        "Osallistuja 2,Aino,-,3,14,Valmis,Kyllä,-,-,hyvä\n",
    )
    filled = fill_worksheet(path, counted([graded("student1", 5.5)], [person(1)]))
    assert filled.content.decode().splitlines()[1] == "Osallistuja 1,Eero,-,5.5,14,Odottaa,Kyllä,-,-,"


def test_feedback_files_reach_their_participants(tmp_path: Path) -> None:
    everybody = [Participant(number, name) for number, name in enumerate(NAMES, start=1)]
    moodle = Moodle([*everybody, Participant(77, "_99_assignfeedback_file_")], 14, "en")
    numbers = [*range(1, len(NAMES) + 1), 77]
    status = {2: {"status": "missing"}}
    out = stored(
        tmp_path / "grades",
        [graded(f"student{number}", **status.get(number, {})) for number in numbers],
        map(person, numbers),
    )
    path = saved(tmp_path / "w.csv", moodle.worksheet())
    lines = export(out, Format.moodle, Options(worksheet=path, out=tmp_path / "up.csv"))
    assert lines[-2:] == [f"Written: {tmp_path / 'up.csv'}", f"Written: {tmp_path / 'up-feedback.zip'}"]
    taken = feedback_files((tmp_path / "up-feedback.zip").read_bytes(), {*numbers, 99})
    expected = {number for number in numbers if number != 2}, [("assignfeedback", "feedback.html")]
    assert (set(taken), next(iter(taken.values()))) == expected
    assert all(files == expected[1] for files in taken.values())
