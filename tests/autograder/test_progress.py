"""What a terminal shows: names and messages as they are, never as markup, emoji or codes of the terminal."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.progress import Progress, left_aside_line, scores_table
from autograder.results.finished import Finished
from autograder.wire.safe_text import clean_line
from tests.autograder.manifests import small
from tests.autograder.results.support import make_grade

MARKUP = [
    "[red]",
    "[/]",
    "[/red]",
    "[bold",
    "[link=http://x]a[/link]",
    "[@click=app.quit]",
    "\\",
    ":skull:",
    "\\[",
    "x",
]


@pytest.mark.parametrize("name", [*MARKUP, "[red]anna[/red]", "anna\\", "[not closed", "Анна [1] :smile:"])
def test_a_name_is_shown_literally(name: str) -> None:
    assert f"│ {name} " in scores_table(small(), [make_grade(name)])


@given(
    st.lists(st.sampled_from(MARKUP), min_size=1, max_size=4).map("".join)
    | st.text(st.characters(), max_size=30)
)
def test_no_name_drives_the_terminal(name: str) -> None:
    table = scores_table(small(), [make_grade(name), make_grade("boris")])
    table.encode()
    assert "\x1b" not in table
    assert len(table.split("\n")) == len(
        scores_table(small(), [make_grade("anna"), make_grade("boris")]).split("\n")
    )
    if len(clean_line(name)) <= 10:
        assert clean_line(name) in table


def test_a_long_name_leaves_room_for_the_points() -> None:
    table = scores_table(small(), [make_grade("н" * 100)])
    row = next(line for line in table.split("\n") if "ннн" in line)
    assert re.search(r"н{30,}… │ +7.5 │ +│ +7.5 │ graded │ +0.1 │", row), row


def test_lines_of_progress_are_lines(capfd: pytest.CaptureFixture[str]) -> None:
    progress = Progress(small())
    hostile = "\x1b[2Jan\nna\r\u202e"
    progress.show(Finished(make_grade(hostile), kept=False, failure="disk\nfull \x1b]0;x\x07"))
    assert capfd.readouterr().err == "an na: 7.5 of 14, graded, 0.1 s\n"
    assert progress.failures == [("an na", "disk full")]


def test_what_was_not_graded_is_named_with_what_to_do() -> None:
    assert left_aside_line([]) == ""
    line = left_aside_line(["_x", "report.docx"])
    assert "Not graded: _x, report.docx. " in line
    assert "rename it" in line
    assert "\n" not in line
    many = left_aside_line([f"_{number}" for number in range(300)])
    assert "and 290 more" in many
    assert len(many) < 400
