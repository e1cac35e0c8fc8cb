"""Results on disk: whole or not at all, readable again, safe in a spreadsheet."""

from __future__ import annotations

import csv
import errno
import io
import os
import unicodedata
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.course.manifest import Dates, Manifest
from autograder.errors import StoreError, UsageError
from autograder.results.beside import Beside
from autograder.results.grade import Grade
from autograder.results.marked import all_with_beside
from autograder.results.store import Store, scores_csv, write_atomically
from autograder.roster.person import Person
from autograder.tables.spreadsheet import csv_text, guard_formula
from autograder.wire.safe_text import clean_line
from tests.autograder.manifests import small
from tests.autograder.results.support import make_grade, with_all


def csv_of(*grades: Grade) -> str:
    """The table of a class that nobody has marked by hand."""
    return scores_csv(small(), with_all(small(), grades))


def test_a_grade_survives_the_disk(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.prepare("small")
    grade = make_grade()
    store.save(grade)
    assert store.load("anna") == grade
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["anna.json"]


def test_people_survive_the_disk_and_count(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.people() == {}
    people = {
        "anna": Person(student="anna", email="a@b.ru", extension_hours=1.5),
        "=x": Person(student="=x", late_days=2),
    }
    store.save_people(people)
    assert store.people() == people
    store.save(make_grade())
    assert [one.person for one in store.marked(small())] == [people["anna"]]


def test_people_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    (tmp_path / "roster.json").write_text('[{"student": ""}]', encoding="utf-8")
    with pytest.raises(UsageError, match=r"roster\.json cannot be read: grade again with --roster"):
        Store(tmp_path).people()


def test_results_of_another_assignment_are_left_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(make_grade())
    store.prepare("small")
    with pytest.raises(UsageError, match=r"holds results of small; name another folder for large"):
        store.prepare("large")
    assert store.load("anna") is not None


def test_results_of_a_part_and_of_the_whole_are_not_mixed(tmp_path: Path) -> None:
    store, whole = Store(tmp_path), small()
    part = whole.choose("A1")
    store.prepare("small", part.chosen)  # an empty folder takes either
    store.save(make_grade())
    store.save_manifest(part)
    store.prepare("small", part.chosen)
    with pytest.raises(UsageError, match=r"holds results of the tasks A1: grade it with --tasks A1, or name"):
        store.prepare("small")
    store.save_manifest(whole)
    store.prepare("small")
    with pytest.raises(UsageError, match=r"holds results of the whole assignment: grade it without --tasks"):
        store.prepare("small", part.chosen)
    assert store.load("anna") is not None


def test_results_can_be_read_by_people_and_by_everybody(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.save(make_grade())
    store.save_manifest(small())
    for path, first in ((store.result_path("anna"), "student"), (tmp_path / "assignment.json", "name")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith('{\n  "schema": 1,\n')
        assert f'\n  "{first}": ' in text
        assert text.endswith("\n}\n")
        assert path.stat().st_mode & 0o777 == 0o644
    assert Manifest.model_validate_json((tmp_path / "assignment.json").read_bytes()) == small()


def test_the_table_of_scores_is_a_file(tmp_path: Path) -> None:
    store = Store(tmp_path / "out")
    for grade in (make_grade("Аня"), make_grade("boris")):
        store.save(grade)
    path = store.save_scores(small())
    assert path == tmp_path / "out" / "scores.csv"
    assert path.read_bytes().decode("utf-8") == csv_of(make_grade("boris"), make_grade("Аня"))
    assert sorted(file.name for file in path.parent.iterdir()) == ["results", "scores.csv"]


def test_what_cannot_be_taken_back_does_not_hide_why_it_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose_the_disk(descriptor: int) -> None:
        (written,) = tmp_path.iterdir()
        written.unlink()
        raise OSError(errno.EIO, "the disk is gone")

    monkeypatch.setattr(os, "fsync", lose_the_disk)
    with pytest.raises(StoreError, match=r"scores.csv: the disk is gone; free space or choose another --out"):
        write_atomically(tmp_path / "scores.csv", b"new")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"schema": 1}', b"\xff"])
def test_an_unreadable_result_is_graded_again(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "anna.json").write_bytes(content)
    assert Store(tmp_path).load("anna") is None


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "scores.csv"
    write_atomically(path, b"old")
    blocked = tmp_path / "scores.csv" / "below"
    with pytest.raises(StoreError, match="cannot write"):
        write_atomically(blocked, b"new")
    assert path.read_bytes() == b"old"


def test_out_must_be_a_folder(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("")
    with pytest.raises(UsageError, match="is a file; name a folder"):
        Store(tmp_path / "out").prepare("small")


def test_a_folder_that_cannot_be_reached_is_said_in_one_sentence(tmp_path: Path) -> None:
    """As root every folder may be entered, so a name that no file system takes stands for one that may not."""
    with pytest.raises(
        UsageError, match=r"cannot reach --out .*File name too long; name a folder that you may"
    ):
        Store(tmp_path / ("x" * 300) / "out").prepare("small")


def test_scores_have_fixed_columns_then_tasks() -> None:
    rows = list(csv.reader(io.StringIO(csv_of(make_grade()))))
    assert rows == [
        [
            "student",
            "assignment",
            "score",
            "max_score",
            "percent",
            "points",
            "lateness",
            "status",
            "A1",
            "B1",
        ],
        ["anna", "small", "7.5", "14", "53.6", "7.5", "", "graded", "7.5", ""],
    ]


def test_the_table_explains_what_lateness_has_taken() -> None:
    due = datetime(2026, 11, 1, tzinfo=UTC)
    dated = small().model_copy(update={"dates": Dates(due=due, percent_per_day=10)})
    late = make_grade().model_copy(update={"submitted_at": due + timedelta(hours=30)})
    (row,) = csv.DictReader(io.StringIO(scores_csv(dated, with_all(dated, [late]))))
    assert (row["points"], row["score"], row["percent"]) == ("7.5", "6", "42.9")
    assert row["lateness"] == "2 days late, 20 % of the points are taken off"


def test_the_table_explains_a_score_that_was_told() -> None:
    told = all_with_beside(small(), [make_grade()], Beside(published={"anna": 8.0}))
    (row,) = csv.DictReader(io.StringIO(scores_csv(small(), told)))
    assert (row["score"], row["published"], row["points"]) == ("8", "8", "7.5")


FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
names = st.text(st.characters(), min_size=1, max_size=40) | st.lists(
    st.sampled_from([*"=+-@\t\r\n;,\"' 1＝\u202eй\ud800", "\x1b[0m"]), min_size=1, max_size=8
).map("".join)  # fmt: skip


@given(names)
def test_no_name_starts_a_formula(name: str) -> None:
    guarded = guard_formula(name)
    assert not unicodedata.normalize("NFKC", guarded.lstrip()[:1]).startswith(FORMULA)
    assert guarded in (name, f"'{name}")


@pytest.mark.parametrize(
    ("text", "is_guarded"),
    [
        ("=1", True), (" =1", True), ("\u00a0=1", True), ("＝1", True), (" ＝1", True), (" =\u0338", True),
        ("\t1", True), ("", False), (" ", False), ("a=1", False), ("1 =", False), ("'=1", False), ("anna", False),
    ],
)  # fmt: skip
def test_what_a_spreadsheet_would_run_is_guarded(text: str, is_guarded: bool) -> None:
    assert guard_formula(text) == "'" * is_guarded + text


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("anna", "anna"), ("Anna Orlova", "Anna Orlova"), ("a;b", '"a;b"'), ("a,b", '"a,b"'), ("a'b", '"a\'b"'),
        ('a"b', '"a""b"'), ("=1", '"\'=1"'),
    ],
)  # fmt: skip
def test_a_field_is_quoted_only_where_it_must_be(name: str, field: str) -> None:
    assert csv_text(name) == field


def cells(text: str, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


@given(names)
def test_a_name_is_one_harmless_cell_of_the_table(name: str) -> None:
    """Read back by another program's rules: with commas, and with the semicolons of Excel in Russia."""
    text = csv_of(make_grade(name), make_grade("boris"))
    text.encode()
    head, row, other = cells(text, ",")
    assert len(head) == len(row) == len(other)
    assert row[1:] == other[1:]
    assert row[0] in (clean_line(name), f"'{clean_line(name)}")
    for separator in (",", ";", "\t"):
        for found in cells(text, separator):
            for cell in found:
                assert not unicodedata.normalize("NFKC", cell.lstrip()[:1]).startswith(FORMULA), (
                    cell,
                    separator,
                )


def test_a_formula_stays_text_and_a_negative_number_a_number() -> None:
    lost = make_grade("=HYPERLINK(1)").model_copy(update={"score": -7.5})
    task = lost.tasks[0].model_copy(update={"score": -7.5})
    ((name, _, score, _, percent, _, _, _, first, _),) = cells(
        csv_of(lost.model_copy(update={"tasks": (task,)})), ","
    )[1:]
    assert name == "'=HYPERLINK(1)"
    assert (float(score), float(percent), float(first)) == (-7.5, -53.6, -7.5)


@pytest.mark.parametrize(
    "name",
    [
        "=1+1",
        "+7 900 000-00-00",
        "-x",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        " =1",
        "＝1",
        "\ufeff=1",
        "a;=1",
        'a"\n=1',
        "a\t=1",
    ],
)
def test_names_that_are_dangerous_somewhere(name: str) -> None:
    text = csv_of(make_grade(name))
    assert text.count("\n") == 2
    for separator in (",", ";", "\t"):
        for cell in cells(text, separator)[1]:
            assert not cell.startswith(FORMULA), (cell, separator)
