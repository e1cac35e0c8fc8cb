"""What a worker for a GPU gets, as far as a machine without one can show: device nodes, no cap on address space.

The nodes are stand-ins of /dev/null's kind under the names that NVIDIA's driver uses, in a /dev of the test's own.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.autograder.sandbox_support import IS_ROOT, ROOT

CODE = """
import json, os, stat
from pathlib import Path
from autograder.sandbox.kernel import libc
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.host.stage import Stage
from tests.autograder.sandbox_support import EDITION, LIMITS, Runner

libc.unshare(libc.CLONE_NEWNS)
libc.mount("none", "/", None, libc.MS_REC | libc.MS_PRIVATE)
names = ("null", "zero", "full", "random", "urandom")
nodes = {name: os.open(f"/dev/{name}", os.O_PATH) for name in names}
libc.mount("tmpfs", "/dev", "tmpfs", 0, "mode=0755")
for name, fd in nodes.items():
    Path("/dev", name).touch()
    libc.mount(f"/proc/self/fd/{fd}", f"/dev/{name}", None, libc.MS_BIND)
os.umask(0)
for name in ("nvidia0", "nvidiactl"):
    os.mknod(f"/dev/{name}", stat.S_IFCHR | 0o666, os.makedev(1, 3))
os.umask(0o022)
os.environ["CUDA_VISIBLE_DEVICES"] = "0"
LOOK = '''
import os, resource
def look():
    def opens(path):
        try:
            open(path, "r+b").close()
            return True
        except OSError:
            return False
    return {"limit": resource.getrlimit(resource.RLIMIT_AS)[0], "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
            "devices": [opens(f"/dev/{name}") for name in ("nvidia0", "nvidiactl", "zero")],
            "machine": os.path.exists("/proc/devices")}
'''
found = {}
with Stage(EDITION) as stage, ZygoteClient(stage, LIMITS, device="cuda", preload=("numpy", "torch")) as zygote:
    for device in ("cuda", "cpu"):
        with zygote.spawn(stage.make_overlay({}), device=device) as worker:
            runner = Runner(worker)
            runner.run(LOOK)
            found[device] = runner.value("look()")
    found["tier"] = zygote.report.tier
print(json.dumps(found))
"""


@pytest.mark.skipif(not IS_ROOT, reason="only root can put stand-ins into a /dev of its own")
def test_a_gpu_worker_has_its_devices_and_another_has_not() -> None:
    done = subprocess.run(
        [sys.executable, "-B", "-c", CODE], cwd=ROOT, capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["tier"] == "A"
    assert found["cuda"] == {"limit": -1, "visible": "0", "devices": [True] * 3, "machine": True}
    assert found["cpu"]["limit"] > 0
    assert found["cpu"]["visible"] == ""
    assert found["cpu"]["devices"] == [False, False, True]
    assert found["cpu"]["machine"] is False
