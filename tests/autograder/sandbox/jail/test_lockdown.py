"""What a worker is when a student's code starts: no privileges, no descriptors, no environment, limits set."""

from __future__ import annotations

import os
import resource
import stat
import tempfile
from pathlib import Path
from typing import Any

import pytest

from autograder.sandbox.host.probe import probe
from tests.autograder.sandbox_support import IS_ROOT, LIMITS, Lab

pytest_plugins = ["tests.autograder.sandbox_support"]
STATUS = """
def status():
    lines = (line.split(":", 1) for line in open("/proc/self/status"))
    return {name: text.split() for name, text in lines}
"""


def test_it_has_no_privileges_and_can_gain_none(lab: Lab) -> None:
    runner = lab()
    runner.run(STATUS)
    status = dict(
        runner.value(
            "[[k, v] for k, v in status().items() if k.startswith(('Cap', 'NoNew', 'Uid', 'Groups'))]"
        )
    )
    assert status["NoNewPrivs"] == ["1"]
    for name in ("CapInh", "CapPrm", "CapEff", "CapAmb", *(["CapBnd"] if IS_ROOT else [])):
        assert int(status[name][0], 16) == 0, name
    if IS_ROOT:
        assert set(status["Uid"]) == {str(runner.worker.uid)}
        assert runner.worker.uid not in (0, None)
        assert status["Groups"] == []


@pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's workers are the same user")
def test_two_workers_are_two_users(lab: Lab) -> None:
    first, second = lab(), lab()
    assert first.worker.uid != second.worker.uid
    for pid in (second.worker.pid, lab.zygote.pid):
        reply = first.run(f"import os; os.kill({pid}, 9)")
        assert reply["error"]["type"] in ("PermissionError", "ProcessLookupError")
    assert second.value("6 * 7") == 42


def refused(reply: dict[str, Any]) -> bool:
    """By the user's rights, by Landlock, or because it does not exist in the worker's root."""
    return not reply["ok"] and reply["error"]["type"] in ("PermissionError", "FileNotFoundError", "OSError")


def test_it_cannot_read_a_key_or_the_overlay_of_another(lab: Lab, tmp_path: Path) -> None:
    key = tmp_path / "course.key"
    key.write_text("secret")
    for folder in [tmp_path, *tmp_path.parents][:-2]:
        if folder.stat().st_uid == os.getuid() and folder != Path("/tmp"):
            folder.chmod(folder.stat().st_mode | stat.S_IXOTH)
    mine, other = lab(), lab({"hw_cnn/scratch.py": b"answer = 42\n"})
    assert refused(mine.run(f"open({str(key)!r})"))
    (_, theirs), (_, own) = lab.made[1], lab.made[0]
    here = mine.value("__import__('sys').path[0]")
    assert refused(mine.run(f"open({str(theirs / 'hw_cnn/scratch.py')!r})"))
    beside = f"import os; open(os.path.dirname({here!r}) + '/{theirs.name}/hw_cnn/scratch.py')"
    assert refused(mine.run(beside))
    assert mine.run(f"import os; os.listdir({here!r})")["ok"]
    assert other.value("__import__('hw_cnn.scratch').scratch.answer") == 42
    for path in (own / "new.py", lab.stage.site / "new.py", lab.stage.runtime / "new.py", f"{here}/new.py"):
        assert refused(mine.run(f"open({str(path)!r}, 'w')"))


def test_only_five_descriptors_are_open(lab: Lab) -> None:
    runner = lab()
    source = "import os\ndef is_open(fd):\n    try: os.fstat(fd)\n    except OSError: return False\n    return True"
    runner.run(source)
    assert runner.value("[fd for fd in range(4096) if is_open(fd)]") == [0, 1, 2, 3, 4]
    assert (
        runner.value("os.readlink('/proc/thread-self/fd/1') if os.getuid() == 0 else '/dev/null'")
        == "/dev/null"
    )


def test_the_environment_is_made_anew(lab: Lab) -> None:
    assert os.environ["COURSE_KEY"] == "only the judge knows"
    runner = lab()
    names = runner.value("sorted(__import__('os').environ)")
    assert "COURSE_KEY" not in names
    allowed = {
        "PATH", "HOME", "TMPDIR", "LANG", "LC_CTYPE", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS",
        "MKL_NUM_THREADS", "OMP_WAIT_POLICY", "MALLOC_ARENA_MAX", "MALLOC_MMAP_THRESHOLD_",
        "MALLOC_TRIM_THRESHOLD_", "CUDA_VISIBLE_DEVICES", "MPLBACKEND",
        "PYTHONHASHSEED", "LD_LIBRARY_PATH", "TZ", "PYTORCH_NVML_BASED_CUDA_CHECK",
        "TORCHINDUCTOR_CACHE_DIR",
    }  # fmt: skip
    assert set(names) <= allowed
    probe = "b'only the judge' in b''.join(open(f'/proc/self/{n}', 'rb').read() for n in ('cmdline',))"
    assert runner.value(probe) is False


def test_its_folder_is_its_own_and_is_removed(lab: Lab) -> None:
    runner = lab()
    folder = runner.value("__import__('os').getcwd()")
    assert runner.value("__import__('tempfile').gettempdir()") == folder
    assert stat.S_IMODE(runner.value("__import__('os').stat('.').st_mode")) == 0o700
    runner.run("import os; os.makedirs('a/b/c'); open('a/left behind', 'w').write('x'); os.chmod('a', 0)")
    assert lab().value("__import__('os').listdir('.')") == []
    runner.worker.close()
    # Unlike rglob, os.walk passes over the folders that other tests remove meanwhile.
    assert not [at for at, _, names in os.walk(tempfile.gettempdir()) if "left behind" in names]


def test_nothing_is_left_in_public_places(lab: Lab) -> None:
    runner = lab()
    left = [Path("/dev/shm/hw-cnn-left"), Path("/tmp/hw-cnn-left"), Path("/var/tmp/hw-cnn-left")]
    for path in left:
        runner.run(f"import os; os.makedirs({str(path)!r} + '/deep'); open({str(path / 'x')!r}, 'w')")
        if not IS_ROOT or probe().tier != "C":
            assert not path.exists()
    runner.worker.close()
    assert [path for path in left if path.exists()] == []


def test_limits_are_set_and_cannot_be_raised(lab: Lab) -> None:
    runner = lab()
    runner.run("import resource")
    names = ("CORE", "CPU", "FSIZE", "NOFILE", "NPROC", "AS", "MEMLOCK", "MSGQUEUE")
    for name in names:
        soft, hard = runner.value(f"resource.getrlimit(resource.RLIMIT_{name})")
        assert soft == hard != resource.RLIM_INFINITY, name
    assert runner.value("resource.getrlimit(resource.RLIMIT_NOFILE)") == (256, 256)
    if IS_ROOT:
        assert runner.value("resource.getrlimit(resource.RLIMIT_NPROC)[0]") == LIMITS.processes
    reply = runner.run("resource.setrlimit(resource.RLIMIT_AS, (-1, -1))")
    assert not reply["ok"]


def test_code_that_is_imported_late_can_be_read(lab: Lab) -> None:
    runner = lab()
    reply = runner.run(
        """
        import colorsys, this, xml.dom.minidom, sqlite3, encodings.cp1251  # standard library, shared objects
        import torch.utils.data, torch._dynamo, torchvision.models, torch.distributions
        import matplotlib.pyplot as plt
        import importlib.metadata
        assert importlib.metadata.version("numpy")
        """,
        timeout_s=60.0,
    )
    assert reply["ok"], reply["error"]["text"]


def test_it_cannot_import_the_grader_or_the_reference(lab: Lab) -> None:
    runner = lab()
    for name in (
        "autograder.grading.judge",
        "autograder.course.manifest",
        "autograder.remote.student",
        "autograder.sandbox.host.zygote_client",
        "tests",
    ):
        reply = runner.run(f"import {name}")
        assert reply["error"]["type"] == "ModuleNotFoundError", name
    assert runner.value("__import__('hw_cnn.scratch').scratch.WHERE") == "edition"
    path = runner.value("__import__('sys').path")
    root = Path(__file__).resolve().parents[4]
    outside = [entry for entry in path if Path(entry).exists() and Path(entry).resolve() == root]
    assert outside == []
    assert not [entry for entry in path if entry.endswith(("site-packages", "dist-packages"))]
