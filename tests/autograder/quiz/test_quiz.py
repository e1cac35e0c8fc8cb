"""`autograder quiz`: a sheet for each student, a key, and marks from what was typed in."""

from __future__ import annotations

import codecs
import csv
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from autograder.cli import main
from autograder.course.manifest import Manifest, load_manifest
from autograder.errors import UsageError
from autograder.quiz.answers import marks_table
from autograder.quiz.command import questions_of
from autograder.quiz.question import Question, numbers, parse
from autograder.quiz.questions.bank import TEMPLATES
from autograder.quiz.sheets import render
from autograder.tables.reading import read_table
from autograder.text import Text
from tests.autograder.grading_support import ROOT
from tests.autograder.manifests import plain, small

ASSIGNMENTS = ROOT / "assignments"
NAMES = ("anna", "Иванов Пётр", "=cmd")


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    path = tmp_path / "roster.csv"
    path.write_text("student\n" + "".join(f"{name}\n" for name in NAMES), encoding="utf-8")
    return path


def quiz(roster: Path, out: Path, *more: object) -> int:
    """The exit code of the command."""
    args = ["quiz", "seminar_cnn", "--roster", roster, "--out", out, "--assignments", ASSIGNMENTS, *more]
    with pytest.raises(SystemExit) as end:
        main(list(map(str, args)))
    return int(end.value.code or 0)


def table(path: Path) -> list[dict[str, str]]:
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines(), delimiter=";" if ";" in text else ","))


@pytest.mark.parametrize("name", sorted(path.parent.name for path in ASSIGNMENTS.glob("*/assignment.toml")))
def test_every_assignment_of_ours_has_a_quiz_of_known_questions(name: str) -> None:
    manifest = load_manifest(ASSIGNMENTS / name)
    assert len(questions_of(manifest, b"k" * 32, "anna")) == len(manifest.quiz) >= 4


def test_an_assignment_without_a_quiz_says_what_to_add() -> None:
    with pytest.raises(UsageError, match=r'small has no quiz: add `quiz = \["output_size", ...\]`'):
        questions_of(small(), b"k" * 32, "anna")
    unknown = small().model_copy(update={"quiz": ("conv2d", "chess")})
    with pytest.raises(UsageError, match=r"the quiz of small names chess; there are output_size, "):
        questions_of(unknown, b"k" * 32, "anna")


def test_the_same_key_gives_the_same_sheets(roster: Path, tmp_path: Path) -> None:
    first, second, other = (tmp_path / name for name in "abc")
    assert quiz(roster, first) == 0
    assert quiz(roster, second, "--key", first / "course.key") == 0
    assert quiz(roster, other) == 0
    for name in ("sheets.html", "key.html", "key.csv", "answers.csv"):
        assert (first / name).read_bytes() == (second / name).read_bytes()
    assert (first / "key.csv").read_bytes() != (other / "key.csv").read_bytes()


@pytest.mark.parametrize("lang", ["ru", "en"])
def test_a_page_for_each_student_and_no_answer_on_it(roster: Path, tmp_path: Path, lang: str) -> None:
    assert quiz(roster, tmp_path / "q", "--lang", lang) == 0
    page = (tmp_path / "q" / "sheets.html").read_text(encoding="utf-8")
    assert page.count("<section>") == len(NAMES)
    assert page.count("<li>") == 6 * len(NAMES)
    assert "полбалла" not in page
    assert "half" not in page
    key = (tmp_path / "q" / "key.html").read_text(encoding="utf-8")
    assert key.count("<tr>") == 1 + len(NAMES)


@pytest.mark.parametrize("is_key", [True, False])
def test_names_are_escaped(is_key: bool) -> None:
    manifest = load_manifest(ASSIGNMENTS / "seminar_cnn")
    questions = questions_of(manifest, b"k" * 32, "x")
    page = render(manifest, [("<script>x</script>", questions)], "en", is_key=is_key)
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_what_the_key_says_earns_everything(
    roster: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "q"
    assert quiz(roster, out) == 0
    assert quiz(roster, out, "--answers", out / "key.csv") == 0
    marks = table(out / "marks.csv")
    assert [row["total"] for row in marks] == ["6"] * len(NAMES)
    assert "marks of 3 students" in capsys.readouterr().out


def test_a_russian_excel_opens_the_marks_and_they_are_read_again(tmp_path: Path) -> None:
    """As `answers.csv`: semicolons, decimal commas, a byte order mark."""
    marks = {"anna": [1, 0.5, 0], "Иванов; Пётр": [0.5, 0, 0]}
    data = marks_table(marks, 3)
    assert data.startswith(codecs.BOM_UTF8)
    assert data.decode("utf-8-sig").splitlines()[:2] == ["student;q1;q2;q3;total;max", "anna;1;0,5;0;1,5;3"]
    (tmp_path / "marks.csv").write_bytes(data)
    rows = read_table(tmp_path / "marks.csv", "the marks").rows
    assert [row.fields for row in rows] == [
        ("anna", "1", "0,5", "0", "1,5", "3"),
        ("Иванов; Пётр", "0,5", "0", "0", "0,5", "3"),
    ]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_answers_are_read_whatever_separates_them(roster: Path, tmp_path: Path, separator: str) -> None:
    out = tmp_path / "q"
    assert quiz(roster, out) == 0
    right = table(out / "key.csv")
    cells = [list(right[0]), *(list(row.values()) for row in right)]
    typed = tmp_path / "typed.csv"
    typed.write_text("".join(separator.join(f'"{cell}"' for cell in row) + "\n" for row in cells), "utf-8")
    assert quiz(roster, out, "--answers", typed) == 0
    assert [row["total"] for row in table(out / "marks.csv")] == ["6"] * len(NAMES)


def test_one_is_not_many(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    alone, out = tmp_path / "alone.csv", tmp_path / "q"
    alone.write_text("student\nanna\n", encoding="utf-8")
    assert quiz(alone, out) == 0
    assert "1 sheet of 6 questions:" in capsys.readouterr().out
    assert quiz(alone, out, "--answers", out / "key.csv") == 0
    assert "marks of 1 student:" in capsys.readouterr().out


def test_an_empty_line_is_nobody_and_a_line_with_one_answer_is_marked(roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "q"
    assert quiz(roster, out) == 0
    right = table(out / "key.csv")[0]
    answers = tmp_path / "typed.csv"
    answers.write_text(
        f'student,q1,q2,q3,q4,q5,q6\nanna,{right["q1"]},,,,,"0,6"\nИванов Пётр,,,,,,\n', encoding="cp1251"
    )
    assert quiz(roster, out, "--answers", answers) == 0
    (row,) = table(out / "marks.csv")
    last = {"3/5": "1", "2/5": "0,5"}.get(right["q6"], "0")
    assert [row["student"], row["q1"], row["q2"], row["q6"]] == ["anna", "1", "0", last]


def test_a_table_that_somebody_types_in_is_left_alone(roster: Path, tmp_path: Path) -> None:
    out = tmp_path / "q"
    assert quiz(roster, out) == 0
    (out / "answers.csv").write_text("mine")
    assert quiz(roster, out) == 0
    assert (out / "answers.csv").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("student,q1,q2,q3,q4,q5,q6\nboris,1,,,,,\n", "line 2: nobody on the roster is called 'boris'"),
        ("student,q1,q2,q3,q4,q5,q6\nanna,seven,,,,,\n", "line 2, q1: 'seven' is no number"),
        ("student,q1,q2,q3,q4,q5,q6\nanna,1,,,,,\nanna,2,,,,,\n", "line 3: 'anna' has a line above already"),
        ("student,q1,q2\nanna,1,2\n", "has no column q3, q4, q5, q6 in its first line"),
        ('student,q1,q2,q3,q4,q5,q6\nanna,"1,,,,,\n', "see to the quotes there"),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_written(
    roster: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    answers = tmp_path / "typed.csv"
    answers.write_text(text, encoding="utf-8")
    assert quiz(roster, tmp_path / "q") == 0
    assert quiz(roster, tmp_path / "q", "--answers", answers) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "q" / "marks.csv").exists()


def test_marks_are_made_with_the_key_of_the_sheets_or_not_at_all(
    roster: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, keys = tmp_path / "q", [tmp_path / name for name in ("one.key", "other.key")]
    for number, key in enumerate(keys):
        key.write_text(f"{number}" * 64)
    assert quiz(roster, out, "--key", keys[0]) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    answers = out / "key.csv"
    assert quiz(roster, out, "--answers", answers) == 2
    assert "were made with a course key of your own: give it with --key" in capsys.readouterr().err
    for more in ((), ("--answers", answers)):
        assert quiz(roster, out, "--key", keys[1], *more) == 2
        assert "has other answers for anna: the sheets were made with another course key" in (
            capsys.readouterr().err
        )
    assert quiz(roster, tmp_path / "new", "--key", keys[0], "--answers", answers) == 2
    assert "holds no key.csv: give as --out the folder with the sheets" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before
    assert quiz(roster, out, "--key", keys[0], "--answers", answers) == 0
    assert [row["total"] for row in table(out / "marks.csv")] == ["6"] * len(NAMES)


def test_a_roster_may_grow_and_loses_nobody(
    roster: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "q"
    assert quiz(roster, out) == 0
    before = table(out / "key.csv")
    roster.write_text(roster.read_text(encoding="utf-8") + "late\n", encoding="utf-8")
    assert quiz(roster, out) == 0
    assert table(out / "key.csv")[:-1] == before
    roster.write_text("student\nlate\n")
    assert quiz(roster, out) == 2
    assert "who are not on this roster: add them, or take another --out" in capsys.readouterr().err
    assert len(table(out / "key.csv")) == len(NAMES) + 1


def test_a_box_that_is_empty_is_typed_as_a_question_mark() -> None:
    question = Question(text=Text(ru="?", en="?"), answer=numbers(9, 19, 13), shape=(1, 3))
    assert [question.mark(given) for given in ("9 19 13", "9 19 ?", "? 19 ?", "? ? ?", "")] == [
        1,
        0.5,
        0,
        0,
        0,
    ]
    with pytest.raises(ValueError, match=r"2 of 3 numbers; write \? for a box that is empty"):
        question.mark("9 19")


def test_a_table_of_the_course_and_a_worksheet_of_moodle_are_one_roster(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `collect` and `grade` take them: who is in both has one sheet, and who is in one of them has one, too."""
    own, sheet, out = tmp_path / "own.csv", tmp_path / "sheet.csv", tmp_path / "q"
    own.write_text("student;email\nap;anna@uni.ru\nbo;boris@uni.ru\n", encoding="utf-8")
    sheet.write_text(
        "Identifier,Full name,Email address,Status,Grade\n"
        "Participant 101,Anna Petrova,anna@uni.ru,No submission,\n"
        "Participant 102,Clara Zorn,clara@uni.ru,No submission,\n",
        encoding="utf-8",
    )
    assert quiz(own, out, "--roster", sheet) == 0
    assert [row["student"] for row in table(out / "key.csv")] == ["ap", "bo", "Clara Zorn_102"]
    assert "In the worksheet, not on the course's own table (1): Clara Zorn_102" in capsys.readouterr().out
    assert quiz(own, out, "--roster", sheet, "--answers", out / "key.csv") == 0
    assert [row["total"] for row in table(out / "marks.csv")] == ["6"] * 3
    assert quiz(own, tmp_path / "two", "--roster", own) == 2
    assert "give one roster and one of Moodle's grading worksheets at most" in capsys.readouterr().err
    assert not (tmp_path / "two").exists()


def test_an_empty_roster_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "roster.csv").write_text("student\n")
    assert quiz(tmp_path / "roster.csv", tmp_path / "q") == 2
    assert "the roster holds nobody" in capsys.readouterr().err


@given(
    st.lists(st.fractions(max_denominator=50), min_size=1, max_size=9),
    st.sampled_from([" ", "; ", " | ", "\n"]),
)
def test_answers_are_read_as_they_are_written(values: list[Fraction], between: str) -> None:
    assert parse(between.join(map(str, values))) == tuple(values)


@given(st.decimals(min_value=-999, max_value=999, places=3, allow_nan=False), st.sampled_from(".,"))
def test_decimals_may_have_a_point_or_a_comma(value: object, mark: str) -> None:
    assert parse(str(value).replace(".", mark)) == (Fraction(str(value)),)


@pytest.mark.parametrize("text", ["x", "1.2.3", "1/0", "--1", "1 2 x", "½"])
def test_what_is_no_number_is_named(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no number; write 7, -1\.5 or 1/4"):
        parse(text)


def test_the_names_of_questions_are_what_a_manifest_can_hold() -> None:
    for name in TEMPLATES:
        assert Manifest.model_validate(plain() | {"quiz": [name]}).quiz == (name,)
    with pytest.raises(ValidationError):
        Manifest.model_validate(plain() | {"quiz": ["Not a name"]})
