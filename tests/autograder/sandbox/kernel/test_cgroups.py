"""Control groups: which folder may be used, and what the kernel then does to workers.

The last part needs a folder of the cgroup v2 tree with the controllers memory and pids that holds nothing but these
tests: `systemd-run --user --scope -p Delegate=yes pytest tests/autograder/sandbox/kernel/test_cgroups.py`.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox.host.probe import probe
from autograder.sandbox.host.stage import Stage
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.kernel import cgroups
from autograder.wire.errors import WorkerCrashed
from tests.autograder.sandbox_support import EDITION, LIMITS, ROOT, Lab, gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="control groups are Linux's")
MOUNT = "33 24 0:28 {root} {at} rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
OTHER = "24 1 0:22 / /sys rw,nosuid shared:7 - sysfs sysfs rw\n"


def imitate(folder: Path, group: str, mounts: str) -> Path:
    """The two files of /proc/PID that say where its group is."""
    process = folder / str(os.getpid())
    process.mkdir(parents=True)
    (process / "cgroup").write_text(group)
    (process / "mountinfo").write_text(mounts)
    return process


@pytest.mark.parametrize(
    ("group", "root", "at", "found"),
    [
        ("0::/user.slice/run-7.scope\n", "/", "/sys/fs/cgroup", "/sys/fs/cgroup/user.slice/run-7.scope"),
        (
            "4:cpu,cpuacct:/old\n1:name=systemd:/x\n0::/\n",
            "/",
            "/sys/fs/cgroup/unified",
            "/sys/fs/cgroup/unified",
        ),
        ("0::/machine/a/b\n", "/machine/a", "/sys/fs/cgroup", "/sys/fs/cgroup/b"),
        ("0::/a\n", "/", "/mnt/with\\040space", "/mnt/with space/a"),
    ],
)
def test_the_own_folder_is_found(tmp_path: Path, group: str, root: str, at: str, found: str) -> None:
    process = imitate(tmp_path, group, OTHER + MOUNT.format(root=root, at=at))
    assert cgroups.own_folder(process) == Path(found)


@pytest.mark.parametrize(
    ("group", "mounts", "reason"),
    [
        ("4:cpu:/old\n", MOUNT.format(root="/", at="/sys/fs/cgroup"), "no cgroup v2 tree"),
        ("4:memory:/old\n0::/\n", MOUNT.format(root="/", at="/sys/fs/cgroup"), "older cgroup v1"),
        ("0::/a\n", OTHER, "not mounted"),
        ("0::/../elsewhere\n", MOUNT.format(root="/", at="/sys/fs/cgroup"), "not mounted"),
        ("0::/a\n", MOUNT.format(root="/b", at="/sys/fs/cgroup"), "not mounted"),
    ],
)
def test_no_folder_is_said_with_its_reason(tmp_path: Path, group: str, mounts: str, reason: str) -> None:
    with pytest.raises(cgroups.NotGiven, match=reason):
        cgroups.own_folder(imitate(tmp_path, group, mounts))


@pytest.mark.parametrize(
    ("controllers", "pids", "reason"),
    [
        ("cpuset cpu io hugetlb", "{own}\n", "no controller memory and pids; `systemd-run .*Delegate=yes"),
        ("cpu memory", "{own}\n", "no controller pids"),
        ("memory pids", "{own}\n1\n0\n", "holds 2 other processes; `systemd-run"),
    ],
)
def test_a_folder_that_is_not_given_is_left_alone(
    tmp_path: Path, controllers: str, pids: str, reason: str
) -> None:
    imitate(tmp_path / "proc", "0::/\n", MOUNT.format(root="/", at=tmp_path / "tree"))
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "cgroup.controllers").write_text(controllers + "\n")
    (tmp_path / "tree" / "cgroup.procs").write_text(pids.format(own=os.getpid()))
    with pytest.raises(cgroups.NotGiven, match=reason):
        cgroups.prepare(os.getpid(), tmp_path / "proc")
    assert sorted(path.name for path in (tmp_path / "tree").iterdir()) == [
        "cgroup.controllers",
        "cgroup.procs",
    ]


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[cgroups.Group]:
    """A real group without controllers, where this process may make one; the mount itself is this test's own."""
    mounts = Path("/proc/self/mountinfo").read_text().splitlines()
    try:
        folder = next((Path(line.split()[4]) for line in mounts if " - cgroup2 " in line), None)
        if folder is None:
            pytest.skip("this machine has no control groups of version 2")
        (folder / f"hw-cnn-test-{os.getpid()}").mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made here: {error}")
    groups = cgroups.Groups(folder, 0)
    group = cgroups.Group(groups.fd, f"hw-cnn-test-{os.getpid()}")
    yield group
    group.remove()
    os.close(groups.fd)
    assert not (folder / group.name).exists()


def test_a_group_ends_all_that_is_in_it(bare: cgroups.Group) -> None:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            bare.enter()
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            for _ in range(3):
                os.fork()
            os.write(writer, b"%d\n" % os.getpid())
            time.sleep(60)
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        pids = [int(stream.readline()) for _ in range(8)]
    bare.kill()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    assert gone(pids)


@pytest.fixture(scope="module")
def given() -> Path:
    """These tests' own folder. They move to a leaf of it, as the grader does."""
    try:
        return cgroups.prepare(os.getpid())
    except OSError as error:
        pytest.skip(f"no control group is given here: {error}")


@pytest.fixture(scope="module")
def limited(given: Path) -> Iterator[tuple[Stage, ZygoteClient, Path]]:
    assert probe().memory_limited
    with Stage(EDITION) as stage, ZygoteClient(stage, LIMITS, preload=("numpy", "torch")) as zygote:
        yield stage, zygote, given


@pytest.fixture
def lab(limited: tuple[Stage, ZygoteClient, Path]) -> Iterator[Lab]:
    stage, zygote, folder = limited
    made = Lab(stage, zygote, [])
    yield made
    made.close()
    assert workers(folder) == []


def workers(folder: Path) -> list[Path]:
    return list(folder.glob("worker-*"))


def test_each_worker_has_a_group_with_limits(limited: tuple[Stage, ZygoteClient, Path], lab: Lab) -> None:
    folder = limited[2]
    runners = [lab(), lab(memory_mb=400, processes=7)]
    said = {}
    for runner in runners:
        [group] = [group for group in workers(folder) if runner.worker.pid in cgroups.members(group)]
        said[group] = [(group / name).read_text().strip() for name in ("memory.max", "pids.max")]
        assert (group / "memory.oom.group").read_text() == "1\n"
        assert "memory and processes limited by a cgroup" in runner.worker.layers
    megabytes = [LIMITS.memory_mb + cgroups.START_MB, 400 + cgroups.START_MB]
    assert sorted(said.values()) == sorted(
        [str(size << 20), str(tasks)] for size, tasks in zip(megabytes, (LIMITS.processes, 7), strict=True)
    )
    assert cgroups.own_folder() == folder / cgroups.GRADER


def test_the_report_names_no_gap_of_memory(limited: tuple[Stage, ZygoteClient, Path]) -> None:
    report = limited[1].report
    assert not any("memory" in gap for gap in report.gaps)
    assert any("cgroup" in layer for layer in report.layers)


BOMBS = {
    "at once": "x = bytearray(b'x') * (900 << 20)",
    "shared": "import mmap\nx = mmap.mmap(-1, 900 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1",
    "file without a name": """
        import os
        for number in range(30):
            fd = os.memfd_create("bomb")
            os.write(fd, bytes(30 << 20))
    """,
    "of a child": """
        import os, time
        for _ in range(6):
            if os.fork() == 0:
                x = bytearray(b"x") * (100 << 20)
                time.sleep(60)
        time.sleep(60)
    """,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_the_kernel_ends_who_takes_too_much(lab: Lab, bomb: str) -> None:
    runner = lab()
    with pytest.raises(WorkerCrashed, match="memory limit of 300 MB exceeded"):
        runner.run(BOMBS[bomb], timeout_s=120.0)
    assert runner.worker.close().exit_code == -signal.SIGKILL


def test_the_kernel_counts_tasks(lab: Lab) -> None:
    runner = lab(processes=9)
    runner.run("""
        import os, time
        def forks():
            number = 0
            try:
                while number < 100:
                    if os.fork() == 0:
                        time.sleep(60)
                        os._exit(0)
                    number += 1
            except BlockingIOError:
                return number
    """)
    assert runner.value("forks()", timeout_s=60.0) <= 8


def test_what_fits_is_not_disturbed(lab: Lab) -> None:
    runner = lab()
    runner.run(
        "import os\nfd = os.memfd_create('small')\nkept = bytearray(b'x') * (200 << 20)", timeout_s=60.0
    )
    assert runner.value("len(kept) >> 20", timeout_s=60.0) == 200


def test_a_killed_judge_leaves_no_group(limited: tuple[Stage, ZygoteClient, Path]) -> None:
    folder = limited[2]
    code = """
        import os, signal
        from autograder.sandbox.host.zygote_client import ZygoteClient
        from autograder.sandbox.host.stage import Stage
        from tests.autograder.sandbox_support import EDITION, LIMITS
        with Stage(EDITION) as stage, ZygoteClient(stage, LIMITS, preload=('numpy', 'torch')) as zygote:
            worker = zygote.spawn(stage.make_overlay({}))
            print("ready", flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    """
    before = set(workers(folder))
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, "ready\n"), done.stderr
    deadline = time.monotonic() + 20
    while set(workers(folder)) - before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert set(workers(folder)) <= before
