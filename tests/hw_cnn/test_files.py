"""Files are whole or not there: the process is stopped before each step of writing one."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from hw_cnn import _files

# Ends the process as a cut of power would, in place of the step.
STOPPED = """
import os, pathlib, sys
from hw_cnn import _files
step, path = sys.argv[1], pathlib.Path(sys.argv[2])
if step == "fsync":
    os.fsync = lambda _: os._exit(9)
else:
    pathlib.Path.replace = lambda *_: os._exit(9)
_files.write_whole(path, b"new" * 100_000)
"""


def test_writes_and_leaves_nothing_else(tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"old, and longer")
    _files.write_whole(path, b"new")
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == {"page.html": b"new"}


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_the_old_file_stays_when_the_process_ends_midway(step, tmp_path):
    path = tmp_path / "page.html"
    path.write_bytes(b"old")
    done = subprocess.run([sys.executable, "-c", STOPPED, step, str(path)], timeout=60, check=False)
    assert done.returncode == 9
    assert path.read_bytes() == b"old"


def test_what_the_system_refuses_leaves_nothing_half_done(tmp_path):
    path = tmp_path / "taken"
    path.mkdir()
    (path / "file").touch()
    with pytest.raises(OSError, match="taken"):
        _files.write_whole(path, b"new")
    assert [file.name for file in tmp_path.iterdir()] == ["taken"]


def test_content_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    path, seen = tmp_path / "page.html", []
    sync = os.fsync

    def watched(number: int) -> None:
        sync(number)
        seen.append((os.fstat(number).st_size, path.exists()))

    monkeypatch.setattr(os, "fsync", watched)
    _files.write_whole(path, b"new")
    assert seen == [(3, False)]
