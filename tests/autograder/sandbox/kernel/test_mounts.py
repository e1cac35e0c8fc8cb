"""An interpreter in a closed folder: workers of another user reach what they need of it, and nothing beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.kernel.mounts import closed_above, readable
from tests.autograder.sandbox_support import IS_ROOT, NOBODY, ROOT


@pytest.fixture
def closed() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed further up
        Path(name).chmod(0o755)
        home = Path(name).resolve() / "home"
        for folder in ("python/lib", "secrets", "stage"):
            (home / folder).mkdir(parents=True)
        for file in ("python/lib/code.py", "single.py", "secrets/key"):
            (home / file).write_text("content")
        home.chmod(0o700)
        yield home


def test_what_is_closed_is_found(closed: Path) -> None:
    assert closed_above(closed / "python/lib") == closed
    assert closed_above(closed) is None
    assert not readable(closed / "single.py")
    (closed / "single.py").chmod(0o600)
    closed.chmod(0o755)
    assert not readable(closed / "single.py")
    assert readable(closed / "python")


@pytest.mark.skipif(not IS_ROOT, reason="only root mounts and changes its user")
def test_only_what_is_needed_is_reachable(closed: Path) -> None:
    code = f"""
import os, sys
from pathlib import Path
from autograder.sandbox.kernel.mounts import expose
home = Path({str(closed)!r})
os.chown(home / "stage", {NOBODY}, {NOBODY})
if not expose([home / "python", home / "single.py"], [home / "stage"]):
    sys.exit(77)
os.setgroups([]); os.setresgid({NOBODY}, {NOBODY}, {NOBODY}); os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
assert (home / "python/lib/code.py").read_text() == "content"
assert (home / "single.py").read_text() == "content"
(home / "stage/file").write_text("x")
assert sorted(entry.name for entry in home.iterdir()) == ["python", "single.py", "stage"]
for path in (home / "new", home / "python/new", home / "single.py"):
    try:
        path.write_text("x")
    except OSError:
        continue
    sys.exit(f"{{path}} was written")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    if done.returncode == 77:
        pytest.skip("mounts are not allowed here")
    assert done.returncode == 0, done.stderr
    assert (closed / "stage/file").read_text() == "x"  # outside nothing has changed
    assert (closed / "secrets/key").exists()
