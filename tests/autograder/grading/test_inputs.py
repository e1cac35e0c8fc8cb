"""What a run is given: the course key, never made anew beside results."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from autograder.errors import StoreError, UsageError
from autograder.grading.inputs import KEY_NAME, read_key


def test_a_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    key = read_key(None, tmp_path / "out")
    assert len(key) >= 32
    assert read_key(None, tmp_path / "out") == key
    assert stat.S_IMODE((tmp_path / "out" / KEY_NAME).stat().st_mode) == 0o600
    assert read_key(None, tmp_path / "other") != key


def test_a_named_key_is_read_without_the_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"0123456789abcdef\n")
    assert read_key(tmp_path / "key", tmp_path / "out") == b"0123456789abcdef"
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "cannot read the course key"), (b"short\n", "holds 5 bytes, at least 16 are needed")],
)
def test_a_key_that_cannot_be_used_is_refused(tmp_path: Path, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / "key").write_bytes(content)
    with pytest.raises(UsageError, match=said):
        read_key(tmp_path / "key", tmp_path / "out")


def test_results_of_a_key_that_is_elsewhere_are_not_graded_with_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "anna.json").write_text("{}")
    with pytest.raises(UsageError, match=f"no {KEY_NAME}; give that key with --key"):
        read_key(None, tmp_path)
    assert not (tmp_path / KEY_NAME).exists()


def test_a_key_that_cannot_be_written_is_the_graders_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="free space or choose another --out"):
        read_key(None, tmp_path / "file")
