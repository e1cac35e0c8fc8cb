"""The trace of an attack is there when its file was opened, by whichever process, and not otherwise."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

from tests.attacks.evidence import Trace

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="attacks are for Linux")


def test_an_opened_file_is_seen_once_and_another_never() -> None:
    with Trace("a") as trace:
        folder = Path(torch.__file__).parent
        opened, other = (folder / trace.file_for(name) for name in ("opened", "other"))
        assert opened != other
        assert trace.seen() == set()
        other.stat()
        for _ in range(3):
            subprocess.run(["/bin/cat", opened], stdout=subprocess.DEVNULL, check=True)
        assert trace.seen() == {"opened"}
        assert trace.seen() == {"opened"}
        other.read_bytes()
        assert trace.seen() == {"opened", "other"}


def test_two_scenes_have_other_files() -> None:
    """A run of the suite beside this one says nothing for it."""
    with Trace("a") as one, Trace("b") as two:
        first, second = ({trace.file_for(str(number)) for number in range(100)} for trace in (one, two))
        assert len(first & second) < 10


def test_a_file_that_is_not_there_is_no_trace(tmp_path: Path) -> None:
    with Trace("a") as trace, pytest.raises(OSError, match="inotify_add_watch"):
        trace.watch(tmp_path / "nothing", "nothing")


def test_scenes_side_by_side_share_no_file() -> None:
    with Trace("a") as one, Trace("a") as two:
        first, second = ({trace.file_for(str(number)) for number in range(500)} for trace in (one, two))
    assert not first & second
