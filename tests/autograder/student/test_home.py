"""Where a student works: the folder of a bundle, whose library is the one that is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.student.home import open_home, work_folder


def test_another_edition_is_refused(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # This process imports the reference, which is not the bundle's library.
    with pytest.raises(
        UsageError, match=r"edition reference.*edition seminar_cnn-.*Keep the notebook in the folder"
    ):
        open_home(bundle)
    monkeypatch.chdir("/")
    with pytest.raises(UsageError, match="assignment"):
        open_home(Path("/"))


@pytest.mark.parametrize(
    ("start", "asked", "expected"),
    [
        ("one", "", ""),
        ("one/hw_cnn", "", "one"),
        ("one", "hw_cnn", "hw_cnn"),
        ("away", "", ""),
        ("away", "gone", "gone"),
    ],
)
def test_below_a_homework_its_folder_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, asked: str, expected: str
) -> None:
    for name in ("one/hw_cnn", "away"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "one" / "assignment.json").touch()
    monkeypatch.chdir(tmp_path / start)
    folder = work_folder(Path(asked))
    assert folder == (tmp_path / expected if expected == "one" else Path(expected))


def test_above_homeworks_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("two", "one"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "assignment.json").touch()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        UsageError, match=r"holds homeworks \(one, two\): go to the folder of one, for example cd one"
    ):
        work_folder(Path())
