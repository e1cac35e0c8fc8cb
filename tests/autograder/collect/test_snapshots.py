"""Collecting more than once: the newer is graded, the older kept and listed, and nothing is lost by a kill."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.errors import StoreError
from autograder.roster.collected import collected_times, read_collected
from tests.autograder.collect.support import collected, laid_out, tree

AT = datetime(2026, 12, 1, 21, 0, tzinfo=UTC)
LATER = AT + timedelta(days=1)


def snapshot(tmp_path: Path, name: str, works: Mapping[str, str]) -> Path:
    return laid_out(tmp_path / name, {f"{student}/x.py": text for student, text in works.items()})


@pytest.fixture
def two(tmp_path: Path) -> tuple[Path, Path]:
    first = snapshot(tmp_path, "deadline", {"anna": "1", "boris": "1", "clara": "1"})
    return first, snapshot(tmp_path, "cutoff", {"anna": "2", "boris": "1", "dan": "1"})


def everything(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_newer_is_current_and_the_older_is_kept(two: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    for source in two:
        outcome = collected(source, out)
    assert tree(out) == {
        "anna/x.py": "2", "_earlier/1/anna/x.py": "1", "boris/x.py": "1", "clara/x.py": "1", "dan/x.py": "1",
    }  # fmt: skip
    assert [(row.student, row.attempt, row.fate, row.place) for row in outcome.listed] == [
        ("anna", 1, "replaced by attempt 2", "_earlier/1/anna/x.py"),
        ("anna", 2, "taken", "anna/x.py"),
        ("boris", 1, "taken", "boris/x.py"),
        ("clara", 1, "taken", "clara/x.py"),
        ("dan", 1, "taken", "dan/x.py"),
    ]
    assert {row.student: row.fate for row in outcome.rows} == {
        "anna": "taken in place of attempt 1", "boris": "unchanged", "dan": "taken",
    }  # fmt: skip


@pytest.mark.parametrize("again", [(0,), (1,), (0, 1), (1, 0)])
def test_the_same_once_more_changes_nothing(
    two: tuple[Path, Path], tmp_path: Path, again: tuple[int, ...]
) -> None:
    out = tmp_path / "out"
    for source in two:
        collected(source, out)
    before = everything(out)
    for place in again:
        collected(two[place], out)
    assert everything(out) == before


def test_what_came_in_earlier_does_not_replace_what_came_in_later(
    two: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    collected(two[1], out, times={"anna": LATER})
    outcome = collected(two[0], out, times={"anna": AT})
    assert tree(out)["anna/x.py"] == "2"
    assert tree(out)["_earlier/2/anna/x.py"] == "1"
    anna = [row for row in outcome.listed if row.student == "anna"]
    assert [(row.attempt, row.submitted_at, row.fate) for row in anna] == [
        (1, LATER, "taken"),
        (2, AT, "earlier than attempt 1"),
    ]


def test_an_old_text_handed_in_once_more_is_current_where_the_time_says_so(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for hour, text in enumerate("121"):
        source = snapshot(tmp_path, f"in{hour}", {"anna": text})
        collected(source, out, times={"anna": AT + timedelta(hours=hour)})
    assert tree(out) == {"anna/x.py": "1", "_earlier/1/anna/x.py": "1", "_earlier/2/anna/x.py": "2"}
    assert collected_times(out) == {"anna": AT + timedelta(hours=2)}


def test_unchanged_work_keeps_its_time_unless_a_person_says_another(tmp_path: Path) -> None:
    out, source = tmp_path / "out", snapshot(tmp_path, "in", {"anna": "1"})
    collected(source, out)
    assert collected_times(out) == {"anna": None}
    collected(source, out, times={"anna": AT})
    collected(source, out)
    assert collected_times(out) == {"anna": AT}
    collected(source, out, times={"anna": LATER})
    assert collected_times(out) == {"anna": LATER}
    collected(source, out, times={"anna": None})
    assert collected_times(out) == {"anna": None}


def test_a_folder_that_nobody_collected_is_kept_too(tmp_path: Path) -> None:
    out = snapshot(tmp_path, "out", {"anna": "by hand"})
    collected(snapshot(tmp_path, "in", {"anna": "1"}), out)
    assert tree(out) == {"anna/x.py": "1", "_earlier/1/anna/x.py": "by hand"}


def test_a_folder_that_somebody_took_away_is_made_again(tmp_path: Path) -> None:
    out, source = tmp_path / "out", snapshot(tmp_path, "in", {"anna": "1"})
    before = collected(source, out).listed
    shutil.rmtree(out / "anna")
    assert collected(source, out).listed == before
    assert tree(out) == {"anna/x.py": "1"}


@pytest.mark.parametrize("is_moved", [False, True])
def test_a_kill_before_the_list_is_written_is_made_good(
    two: tuple[Path, Path], tmp_path: Path, is_moved: bool
) -> None:
    out, killed = tmp_path / "out", tmp_path / "killed"
    collected(two[0], out)
    shutil.copytree(out, killed)
    expected = collected(two[1], out).listed
    # As `Shelf` does it: the old one is moved, then the new one comes, then the list.
    (killed / "_earlier" / "1").mkdir(parents=True)
    (killed / "anna").rename(killed / "_earlier" / "1" / "anna")
    if is_moved:
        snapshot(killed, ".", {"anna": "2"})
    snapshot(killed, ".collecting-abc", {"anna": "2"})
    assert collected(two[1], killed).listed == expected
    assert everything(killed) == everything(out)


def test_a_disk_that_cannot_be_written_is_told(two: tuple[Path, Path], tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match="free space or choose another --out"):
        collected(two[0], tmp_path / "out")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("ab"), st.sampled_from("123")), min_size=1, max_size=6))
def test_no_work_is_ever_lost(
    tmp_path_factory: pytest.TempPathFactory, snapshots: list[dict[str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("snapshots")
    given_ = [works for works in snapshots if works]
    for number, works in enumerate(given_):
        collected(snapshot(folder, f"in{number}", works), folder / "out")
        kept = tree(folder / "out") if (folder / "out").exists() else {}
        for student, text in ((name, text) for past in given_[: number + 1] for name, text in past.items()):
            assert text in {held for place, held in kept.items() if place.endswith(f"{student}/x.py")}
        rows = {row.place for row in read_collected(folder / "out")}
        assert rows == set(kept)
