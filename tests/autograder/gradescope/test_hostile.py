"""A submission on Gradescope that wants the hidden tests, another score, or the grader's end."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.autograder.desk.toy_class import run as command
from tests.autograder.gradescope.container import built, bundle, hand_in, results, run
from tests.autograder.grading_support import ENV

ATTACK = """
import os
import signal
from pathlib import Path

HOME = Path({home!r})


def gained():
    found = []
    for name in ("course.key", "course/toy/hidden/test_p1.py", "hw_cnn/__init__.py"):
        try:
            (HOME / "source" / name).read_bytes()
            found.append("read")
        except OSError:
            pass
    for path in (HOME / "results" / "results.json", HOME / "source" / "settings.json"):
        try:
            path.write_text('{{"score": 1000}}')
            found.append("write")
        except OSError:
            pass
    try:
        (HOME / "submission_metadata.json").read_bytes()
        found.append("others")
    except OSError:
        pass
    if os.getppid() > 1:
        try:
            os.kill(os.getppid(), signal.SIGKILL)
            found.append("kill")
        except OSError:
            pass
    return found


def global_mean(x):
    return x.mean(dim=(-2, -1)) if gained() else x.sum(dim=(-2, -1))
"""
"""It answers rightly only where it gained something."""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("course")
    (folder / "assignments").mkdir()
    assert command(folder, "new", "toy").returncode == 0
    return bundle(folder, "toy")


def test_without_protection_it_gains_everything(archive: Path, tmp_path: Path) -> None:
    home = built(tmp_path / "autograder", archive)
    hand_in(home, {})
    (home / "results" / "results.json").write_text("{}")
    attack = tmp_path / "attack.py"
    told = tmp_path / "told.txt"
    attack.write_text(f"{ATTACK.format(home=str(home))}\nPath({str(told)!r}).write_text(str(gained()))\n")
    done = subprocess.run(["sh", "-c", '"$0" "$1"; exit 0', sys.executable, attack], env=ENV, check=False)
    assert done.returncode == -9
    deadline = time.monotonic() + 60
    while not told.is_file() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert told.read_text() == str(["read"] * 3 + ["write"] * 2 + ["others", "kill"])


@pytest.mark.slow
@pytest.mark.parametrize("machine", [pytest.param("plain", marks=pytest.mark.nightly), "container"])
def test_in_the_container_it_gains_nothing(archive: Path, tmp_path: Path, machine: str) -> None:
    home = built(tmp_path / "autograder", archive)
    hand_in(home, {"solution.py": ATTACK.format(home=str(home))})
    settings = (home / "source" / "settings.json").read_bytes()
    done = run(home, machine)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"protection: tier {'A' if machine == 'plain' else 'B'}; not protected from: " in done.stdout
    told = results(home)
    (test,) = told["tests"]
    assert told["extra_data"]["status"] == "graded"
    assert 0 <= test["score"] < test["max_score"]
    assert "Probable cause" in test["output"], (
        "it answered as the sum that it is, and nothing went wrong otherwise"
    )
    assert (home / "source" / "settings.json").read_bytes() == settings
    assert json.loads(settings)["trusted_code"] is False
    for folder in ("source", "submission", "results"):
        assert (home / folder).stat().st_mode & 0o777 == 0o700
    assert (home / "submission_metadata.json").stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_link_to_the_key_is_not_followed(archive: Path, tmp_path: Path) -> None:
    home = built(tmp_path / "autograder", archive)
    hand_in(home, {"notes.txt": "x"})
    (home / "submission" / "solution.py").symlink_to(home / "source" / "course.key")
    done = run(home)
    assert done.returncode == 0, done.stdout + done.stderr
    told = results(home)
    assert told["score"] == 0
    assert told["extra_data"]["status"] == "rejected"
    assert "link" in told["output"]
