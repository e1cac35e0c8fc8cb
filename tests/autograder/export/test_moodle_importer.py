"""The oracle itself: each verdict of Moodle's importer, on a row that was made for it."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.autograder.export.moodle_importer import (
    ImportRefusedError,
    Moodle,
    Participant,
    Verdict,
    unformatted,
)

AT = datetime(2026, 12, 2, 10, 0)


def filled(moodle: Moodle, grade: str) -> bytes:
    """The worksheet with this grade on its one row, as somebody types it."""
    header, row = moodle.worksheet(separator="\t").splitlines()
    cells = row.split("\t")  # no cell of this row holds a tab
    cells[4] = grade
    return "\n".join([header, "\t".join(cells), ""]).encode()


@pytest.mark.parametrize(
    ("before", "grade", "lang", "verdict"),
    [
        (Participant(1, "A"), "7.5", "en", Verdict.updated),
        (Participant(1, "A"), "", "en", Verdict.no_value),
        (Participant(1, "A"), "-1", "en", Verdict.no_value),
        (Participant(1, "A"), "14.5", "en", Verdict.out_of_range),
        (Participant(1, "A", is_locked=True), "7.5", "en", Verdict.locked),
        (Participant(1, "A", grade=7.5, modified=AT), "7.50", "en", Verdict.not_modified),
        (Participant(1, "A", grade=5, modified=AT), "7.5", "en", Verdict.updated),
        # PHP does not read a Russian date, so every row that has a grade counts as modified since.
        (Participant(1, "A", grade=5, modified=AT), "7,5", "ru", Verdict.modified_since),
        (Participant(1, "A"), "7,5", "ru", Verdict.updated),
        (Participant(1, "A"), "7.5", "ru", Verdict.updated),
    ],
)
def test_each_verdict(before: Participant, grade: str, lang: str, verdict: Verdict) -> None:
    moodle = Moodle([before], 14, lang)
    assert moodle.upload(filled(moodle, grade), separator="\t") == {1: verdict}


def test_somebody_else_has_graded_since_the_download() -> None:
    moodle = Moodle([Participant(1, "A", grade=5, modified=AT)], 14, "en")
    data = filled(moodle, "7.5")
    moodle.participants[1].modified = datetime(2026, 12, 2, 10, 30)
    assert moodle.upload(data, separator="\t") == {1: Verdict.modified_since}
    assert moodle.upload(data, separator="\t", ignore_modified=True) == {1: Verdict.updated}
    assert moodle.participants[1].grade == 7.5


def test_who_is_no_participant() -> None:
    data = filled(Moodle([Participant(2, "B")], 14, "en"), "7")
    assert Moodle([Participant(1, "A")], 14, "en").upload(data, separator="\t") == {2: Verdict.unknown}


@pytest.mark.parametrize(
    ("text", "decimal", "value"), [("7,5", ".", 7.0), ("7,5", ",", 7.5), ("x", ".", 0.0), (" ", ".", None)]
)
def test_numbers_are_cut_where_php_cannot_read_on(text: str, decimal: str, value: float | None) -> None:
    assert unformatted(text, decimal) == value


@pytest.mark.parametrize("data", [b"a\tb\n1\t2\n", "Идентификатор\tОценка\n".encode(), b"Grade\n"])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(ImportRefusedError):
        Moodle([], 14, "en").upload(data, separator="\t")
