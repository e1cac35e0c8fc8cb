"""What is taken of an upload: folders that only wrap are gone, other archives are refused, the digest is of all."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.intake.uploads.collecting import Interest
from autograder.intake.uploads.rejection import Rejected
from autograder.intake.uploads.taking import digest, take, take_zip
from tests.autograder.intake.uploads.support import packed
from tests.autograder.intake_support import everything, hand_in, one_sentence


@pytest.mark.parametrize(
    ("start", "suffix"), [(b"Rar!\x1a\x07\x01", ".rar"), (b"7z\xbc\xaf\x27\x1c\x00", ".7z")]
)
def test_another_archive_is_known_under_the_name_of_a_zip(tmp_path: Path, start: bytes, suffix: str) -> None:
    (tmp_path / "work.zip").write_bytes(start + bytes(99))
    with pytest.raises(Rejected, match=f"'work.zip': {suffix} archives are not accepted"):
        take(tmp_path / "work.zip", everything, 1)


@pytest.mark.parametrize(
    ("name", "suffix"),
    [
        ("work.rar", ".rar"),
        ("work.7z", ".7z"),
        ("work.tar.xz", ".tar.xz"),
        ("work.RAR", ".rar"),
        ("a.gz", ".gz"),
    ],
)
def test_other_archives_have_their_own_sentence(tmp_path: Path, name: str, suffix: str) -> None:
    (tmp_path / name).write_bytes(b"Rar!")
    with pytest.raises(Rejected, match=f": {suffix} archives are not accepted") as caught:
        take(tmp_path / name, everything, 1)
    assert "упакуйте работу в .zip" in one_sentence(caught.value).ru


def test_honest_oddities() -> None:
    data = packed(
        ("Иванов/", b""),
        ("Иванов/small.ipynb", b"1"),
        ("Иванов/hw_cnn/one.py", b"2"),
        ("Иванов/.DS_Store", b"x"),
        ("Иванов/.ipynb_checkpoints/small-checkpoint.ipynb", b"x"),
        ("__MACOSX/Иванов/._small.ipynb", b"x"),
        ("Иванов/hw_cnn/__pycache__/one.pyc", b"x"),
    )
    assert take_zip(data, "work.zip", everything, 1) == {"small.ipynb": b"1", "hw_cnn/one.py": b"2"}


def test_the_package_folder_is_no_wrapper() -> None:
    assert take_zip(packed(("hw_cnn/one.py", b"2")), "w.zip", everything, 1) == {"hw_cnn/one.py": b"2"}


def test_what_is_left_aside_outside_of_the_wrapper_does_not_hold_it_in_place(tmp_path: Path) -> None:
    hand_in(tmp_path, {"hw/a.py": b"1", "big.csv": bytes(1_000_001)})
    found = take(tmp_path, lambda path: Interest.DATA if path.endswith(".csv") else Interest.ALWAYS, 1)
    assert (dict(found), found.left_aside, list(found.times)) == ({"a.py": b"1"}, ("big.csv",), ["a.py"])


def test_the_digest_separates_names_from_contents() -> None:
    assert digest({"a": b"bc"}) != digest({"ab": b"c"})
    assert digest({"a": b"1", "b": b"2"}) == digest({"b": b"2", "a": b"1"})
