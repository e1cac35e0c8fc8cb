"""Where a student works: the folder of a bundle, whose library is the one that is imported."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.errors import UsageError
from autograder.student.home import open_home


def test_another_edition_is_refused(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # This process imports the reference, which is not the bundle's library.
    with pytest.raises(
        UsageError, match=r"edition reference.*edition seminar_cnn-.*Keep the notebook in the folder"
    ):
        open_home(bundle)
    monkeypatch.chdir("/")
    with pytest.raises(UsageError, match="assignment"):
        open_home(Path("/"))
