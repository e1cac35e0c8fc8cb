"""By which rule an export counts, and when it refuses."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.desk.publishing import publish
from autograder.errors import UsageError
from autograder.export.choices import Format, Late
from autograder.export.counting import Rule, below_told, count, named, scaled, unready
from autograder.export.exporting import Options, export
from autograder.results.beside import Beside
from autograder.results.marked import with_beside
from autograder.results.store import Store
from tests.autograder.export.support import counted, due, graded, stored
from tests.autograder.manifests import small, with_rows
from tests.autograder.results.marks_support import answered

DUE = datetime(2026, 12, 1, 20, 59, tzinfo=UTC)


@given(st.integers(0, 12_000), st.integers(1, 12_000), st.sampled_from((10.0, 100.0, 5.0, 12.5)))
def test_a_scale_rounds_half_up(cents: int, maximum: int, to: float) -> None:
    points, of = cents / 100, maximum / 100
    exact = Fraction(cents, maximum) * Fraction(to)
    expected = int(exact * 100 + Fraction(1, 2))
    assert round(scaled(points, of, to) * 100) == expected


@pytest.mark.parametrize(
    ("score", "to", "expected"), [(7, 10, 5), (14, 100, 100), (0.07, 10, 0.05), (0.01, 1, 0), (15.4, 10, 11)]
)
def test_scales(score: float, to: float, expected: float) -> None:
    (one,) = counted([graded("anna", score)], rule=Rule(scale_to=to))
    assert (one.score, one.max_score) == (expected, to)


@pytest.mark.parametrize(("late", "score"), [(Late.applied, 9.0), (Late.raw, 10.0)])
def test_lateness_is_taken_off_once(late: Late, score: float) -> None:
    grade = graded("anna", 10.0, submitted_at=DUE + timedelta(hours=3))
    (one,) = counted([grade], rule=Rule(late=late), manifest=due(DUE))
    assert (one.score, one.points) == (score, 10)
    (one,) = counted([grade], rule=Rule(late=late, without=("B1",)), manifest=due(DUE))
    assert (one.score, one.max_score) == (score, 10)


@pytest.mark.parametrize(
    ("rule", "score"),
    [(Rule(), 12), (Rule(scale_to=7), 6), (Rule(late=Late.raw), 11), (Rule(without=("B1",)), 10)],
)
def test_a_published_score_holds_for_the_whole_sum_alone(rule: Rule, score: float) -> None:
    marked = with_beside(small(), graded("anna", 11), Beside(published={"anna": 12}))
    (one,) = count(small(), [marked], rule)
    assert one.score == score
    (said,) = below_told([one], rule)
    is_held = rule.late is Late.applied and not rule.without
    assert said.startswith("Held at what was told" if is_held else "Less is earned than was told")
    assert said.endswith(" (1): anna (12 told, 11 earned)")


def test_what_was_told_is_a_column_once_it_was_told(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna", 8), graded("boris", 3)])
    export(out, Format.csv, Options(out=tmp_path / "before.csv"))
    assert "published" not in (tmp_path / "before.csv").read_text()
    publish(Store(out), small())
    stored(out, [graded("anna", 4), graded("boris", 5)])
    said = export(out, Format.csv, Options(out=tmp_path / "after.csv"))
    assert "Held at what was told, though less is earned now (1): anna (8 told, 4 earned)" in said
    rows = csv.DictReader(io.StringIO((tmp_path / "after.csv").read_text()))
    assert [(row["score"], row["published"], row["points"]) for row in rows] == [
        ("8", "8", "4"),
        ("5", "3", "5"),
    ]


def test_a_task_is_left_out_of_sum_and_maximum() -> None:
    (one,) = counted([graded("anna", 11.25)], rule=Rule(without=("A1",)))
    assert (one.score, one.max_score, dict(one.scores)) == (1.25, 4, {"B1": 1.25})
    with pytest.raises(UsageError, match="--without Z9: no such task; there are A1, B1"):
        counted([graded("anna")], rule=Rule(without=("Z9",)))
    with pytest.raises(UsageError, match="no compulsory task is left"):
        counted([graded("anna")], rule=Rule(without=("A1", "B1")))


def test_it_says_what_is_unusual(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna", 11.25)])
    lines = export(out, Format.csv, Options(rule=Rule(10, ("A1",), Late.raw)))
    assert lines[:3] == [
        "Left out of sum and maximum: A1; 4 points remain",
        "Points as they were before lateness; the platform takes its own penalty",
        "Scaled: 4 points become 10, rounded half up to two decimals",
    ]
    assert "3.13,10" in (out / "exports" / "small.csv").read_text(encoding="utf-8")


def test_it_refuses_while_somebody_waits(tmp_path: Path) -> None:
    grades = [
        answered("anna", filter="An edge."),
        graded("boris", needs_staff=True, max_score=19),
        graded("cleo"),
    ]
    out = stored(tmp_path / "grades", grades[:2], manifest=with_rows())
    with pytest.raises(
        UsageError, match=r"1 awaits a mark by hand: anna \(W\); 1 needs staff: boris\. .*--anyway"
    ):
        export(out, Format.csv, Options())
    assert not (out / "exports").exists()
    said = export(out, Format.csv, Options(anyway=True))[0]
    assert said == "Exported although 1 awaits a mark by hand: anna (W); 1 needs staff: boris"
    with pytest.raises(UsageError, match="not exported, since 1 needs staff: boris"):
        export(out, Format.csv, Options(rule=Rule(without=("W",))))
    assert unready(counted([graded("cleo")])) == []


def test_nobody_is_left_out_because_a_result_is_damaged(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna"), graded("boris")])
    (out / "results" / "boris.json").write_text("{", encoding="utf-8")
    with pytest.raises(UsageError, match="1 have a result that cannot be read: boris"):
        export(out, Format.csv, Options())
    assert export(out, Format.csv, Options(anyway=True))


def test_results_of_two_maxima_are_not_mixed(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna"), graded("boris", max_score=19)])
    with pytest.raises(UsageError, match="different maxima"):
        export(out, Format.csv, Options())


@pytest.mark.parametrize(
    ("format_", "options", "said"),
    [
        (Format.moodle, Options(), "give it with --worksheet"),
        (Format.canvas, Options(), "downloaded gradebook"),
        (Format.csv, Options(worksheet=Path("w.csv")), "--worksheet belongs to --format moodle or canvas"),
        (Format.canvas, Options(worksheet=Path("w.csv"), since=Path("v.csv")), "--since belongs"),
        (Format.json, Options(like=Path("t.csv")), "--like belongs to --format csv or xlsx"),
        (Format.csv, Options(column="HW1"), "--column names a column of the table that --like gives"),
        (Format.csv, Options(like=Path("t.xlsx")), "say --format xlsx for a workbook"),
    ],
)
def test_options_that_do_not_fit_are_refused(format_: Format, options: Options, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        export(Path("nowhere"), format_, options)


def test_a_source_is_not_overwritten_and_a_folder_is_no_file(tmp_path: Path) -> None:
    out = stored(tmp_path / "grades", [graded("anna")])
    table = tmp_path / "t.csv"
    table.write_text("student,small\nanna,\n", encoding="utf-8")
    with pytest.raises(UsageError, match="is the table that is filled in"):
        export(out, Format.csv, Options(like=table, out=table))
    with pytest.raises(UsageError, match="is a folder"):
        export(out, Format.csv, Options(out=tmp_path))
    with pytest.raises(UsageError, match="holds no results"):
        export(stored(tmp_path / "empty", []), Format.csv, Options())


def test_long_lists_are_cut() -> None:
    assert named("ab") == "a, b"
    assert named([str(number) for number in range(23)]).endswith("18, 19 and 3 more")
