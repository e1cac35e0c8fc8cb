"""Which files of a folder count: notebooks by whatever name, checkpoints, and the time stamp of nbgrader."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from autograder.intake.uploads.rejection import Rejected
from tests.autograder.intake.support import take
from tests.autograder.intake_support import cell, hand_in, kinds, notebook, peak_mb, read, run


@pytest.mark.parametrize("name", ["small (1).ipynb", "small_ivanov.ipynb", "anything.ipynb", "SMALL.ipynb"])
def test_renamed_notebooks(tmp_path: Path, name: str) -> None:
    found = read(hand_in(tmp_path, {name: notebook(cell("def conv(x): return 1", "F1"))}))
    assert kinds(found)["F1"] == "cell"
    assert name in found.notes[0].en


def test_the_last_numbered_copy_counts_and_the_exact_name_first(tmp_path: Path) -> None:
    def made(value: int) -> bytes:
        return notebook(cell(f"def conv(x): return {value}", "F1"))

    hand_in(tmp_path, {"small (1).ipynb": made(1), "small (10).ipynb": made(10), "small (9).ipynb": made(9)})
    assert run(read(tmp_path))["conv"](0) == 10
    hand_in(tmp_path, {"small.ipynb": made(0)})
    assert run(read(tmp_path))["conv"](0) == 0


def test_two_strange_notebooks_are_ambiguous(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="unclear which file counts"):
        read(hand_in(tmp_path, {"a.ipynb": notebook(), "b.ipynb": notebook()}))


def test_nothing_to_grade(tmp_path: Path) -> None:
    with pytest.raises(Rejected, match="nothing to grade"):
        read(hand_in(tmp_path, {"essay.docx": b"x"}))


def test_checkpoints(tmp_path: Path) -> None:
    found = read(hand_in(tmp_path, {"model.ckpt": b"c"}))
    assert (found.checkpoint, found.checkpoint_name) == (b"c", "model.ckpt")
    found = read(hand_in(tmp_path, {"model.safetensors": b"s"}))
    assert (found.checkpoint, found.checkpoint_name) == (b"s", "model.safetensors")


def test_nbgrader_time_stamp(tmp_path: Path) -> None:
    files = {
        "solution.py": "def conv(x): return 1",
        "timestamp.txt": "2025-02-02 15:58:23.948203 Europe/Moscow",
    }
    assert read(hand_in(tmp_path, files)).submitted_at == datetime(2025, 2, 2, 12, 58, 23, 948203, tzinfo=UTC)
    assert read(hand_in(tmp_path, {"timestamp.txt": "yesterday"})).submitted_at is None


@given(
    st.datetimes(),
    st.sampled_from(["", "Asia/Tokyo", "America/New_York", "Europe", "../x", "\0"]) | st.text(),
)
@example(datetime.min, "Asia/Tokyo")
@example(datetime.max, "America/New_York")
def test_any_time_stamp_is_read_or_left_out(moment: Any, zone: str) -> None:
    found = take(py=b"x = 1", stamp=f"{moment} {zone}".encode(errors="replace"))
    assert found is not None


def test_a_time_stamp_is_short() -> None:
    stamp = b"a " * 5_000_000
    assert peak_mb(lambda: take(py=b"x = 1", stamp=stamp)) < 5
