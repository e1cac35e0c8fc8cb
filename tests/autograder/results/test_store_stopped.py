"""A process that is killed while it writes leaves the old result or the new one, whole, at every step."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from autograder.grading.salts import salt_id
from autograder.results.grade import Grade
from autograder.results.report.page import write_report
from autograder.results.store import Store
from tests.autograder.manifests import small
from tests.autograder.results.support import earning, make_grade

STEPS = ["make the temporary file", "fsync the file", "rename", "fsync the folder"]
"""In the order that makes the promise true: what has the final name is on the disk, and then its name is."""

WRITER = """
import os, signal, stat, sys
from pathlib import Path
from autograder.results.grade import Grade
from autograder.results.store import Store

out, log, stop_before, most_bytes = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
grade = Grade.model_validate_json(sys.stdin.read())
really_fsync = os.fsync

def step(name, *details):
    with log.open("a") as stream:
        print(name, *details, sep="|", file=stream)
    if name == stop_before:
        os.kill(os.getpid(), signal.SIGKILL)

def fsync(descriptor):
    status, path = os.fstat(descriptor), os.readlink(f"/proc/self/fd/{descriptor}")
    if stat.S_ISDIR(status.st_mode):
        step("fsync the folder", path)
    else:
        step("fsync the file", path, status.st_size)
    really_fsync(descriptor)

def watch(event, args):
    if event == "tempfile.mkstemp":
        step("make the temporary file")
    elif event == "os.rename":
        step("rename", *map(os.fspath, args[:2]))

os.fsync = fsync
sys.addaudithook(watch)
if most_bytes:
    import resource
    signal.signal(signal.SIGXFSZ, getattr(signal, sys.argv[5]))
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))
    log = Path(os.devnull)
Store(out).save(grade)
step("done")
"""


def grade(score: float) -> Grade:
    return Grade(
        student="anna", assignment="small", lang="en", score=score, max_score=14, status="graded", needs_staff=False,
        seconds=0.1, sandbox={"tier": "A"}, device="cpu", salt_id=salt_id(b"key", "small", "anna"),
        submission_sha256="00", grader_sha256="00", environment_sha256="00", started_at=datetime.now(UTC),
        notes=("a note of some length",) * 200, tasks=(earning(make_grade().tasks[0], score),),
    )  # fmt: skip


OLD, NEW = grade(3.0), grade(7.5)


def write(
    out: Path, stop_before: str = "", most_bytes: int = 0, on_too_many: str = "SIG_DFL"
) -> subprocess.CompletedProcess[str]:
    """Save NEW below `out` in a process of its own, which kills itself before a step or writes too many bytes."""
    return subprocess.run(
        [sys.executable, "-c", WRITER, out, out.parent / "log", stop_before, str(most_bytes), on_too_many],
        input=NEW.model_dump_json(by_alias=True), text=True, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


def steps_of(out: Path) -> list[list[str]]:
    return [line.split("|") for line in (out.parent / "log").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(params=[OLD, None], ids=["over an old result", "for the first time"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Grade | None:
    """What is stored before: an old result, or nothing."""
    if request.param is not None:
        Store(tmp_path / "out").save(request.param)
    return request.param


def check_stored(out: Path, expected: Grade | None) -> None:
    """The folder holds this result alone, nothing is taken for another one, and the next run can save over it."""
    assert Store(out).load("anna") == expected
    listed = [path.name for path in (out / "results").glob("*.json")]
    assert listed == ([] if expected is None else ["anna.json"])
    Store(out).save(NEW)
    Store(out).save_manifest(small())
    assert Store(out).load("anna") == NEW
    assert write_report(out).read_text(encoding="utf-8").count("<tr") > 0


def test_the_steps_of_a_write_and_their_order(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = write(out)
    assert done.returncode == 0, done.stderr
    made, synced, renamed, folder_synced, ended = steps_of(out)
    assert [made[0], synced[0], renamed[0], folder_synced[0], ended[0]] == [*STEPS, "done"]
    result = Store(out).result_path("anna")
    temporary, size = synced[1], int(synced[2])
    assert size == result.stat().st_size, "the whole content has left the process before it is synced"
    assert Path(temporary).parent == result.parent, "a rename is atomic within one file system only"
    assert renamed[1:] == [temporary, str(result)]
    assert folder_synced[1] == str(result.parent)
    assert [path.name for path in result.parent.iterdir()] == ["anna.json"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_before_a_step_the_old_or_the_new_result_is_there(
    tmp_path: Path, old: Grade | None, step: str
) -> None:
    out = tmp_path / "out"
    done = write(out, stop_before=step)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert [found[0] for found in steps_of(out)] == STEPS[: STEPS.index(step) + 1]
    check_stored(out, NEW if step == "fsync the folder" else old)


@pytest.mark.parametrize("most_bytes", [1, 1000])
def test_killed_in_the_middle_of_the_content_the_old_result_is_there(
    tmp_path: Path, old: Grade | None, most_bytes: int
) -> None:
    out = tmp_path / "out"
    done = write(out, most_bytes=most_bytes)
    assert done.returncode == -signal.SIGXFSZ, done.stderr
    left = [path for path in (out / "results").iterdir() if path.name != "anna.json"]
    assert all(path.name.startswith(".anna.json.") for path in left), "hidden, and it says what it is"
    sizes = [path.stat().st_size for path in left]
    assert sizes == [most_bytes], "it was killed while it wrote"
    check_stored(out, old)


def test_a_write_that_fails_in_the_middle_says_so_and_leaves_nothing(
    tmp_path: Path, old: Grade | None
) -> None:
    out = tmp_path / "out"
    done = write(out, most_bytes=1000, on_too_many="SIG_IGN")
    assert done.returncode == 1
    assert "StoreError: cannot write" in done.stderr
    assert "free space or choose another --out" in done.stderr
    assert [path.name for path in (out / "results").iterdir()] == ([] if old is None else ["anna.json"])
    check_stored(out, old)
