"""What a worker for a GPU gets, as far as a machine without one can show.

The nodes are stand-ins of /dev/null's kind under the names that NVIDIA's driver uses, in a /dev of the test's own, and
`pretend_gpu` lets torch compute on the CPU; without it, the worker must not get as far as a student's code.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.autograder.sandbox_support import IS_ROOT, ROOT
from tests.machines import TIERS

CODE = """
import json, os, shutil, stat, sys
from pathlib import Path
from autograder.sandbox.kernel import libc
from autograder.sandbox.host.connection import DeviceError
from autograder.sandbox.host.gpus import HOST_MB, Share
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.host.stage import Stage
from tests import machines
from tests.autograder.sandbox import pretend_gpu
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
Path("/dev/nvidia-caps").mkdir()
for name in ("nvidia0", "nvidiactl", "nvidia-caps/nvidia-cap2"):
    os.mknod(f"/dev/{name}", stat.S_IFCHR | 0o666, os.makedev(1, 3))
os.umask(0o022)
machines.become(sys.argv[1])
LOOK = '''
import os, resource, socket, threading, torch
def works(action):
    try:
        action()
        return True
    except OSError:
        return False
def opens(path, mode="rb"):
    return works(lambda: open(path, mode).close())
def name_a_thread():
    thread = threading.Thread(target=done.wait)
    thread.start()
    try:
        with open(f"/proc/self/task/{thread.native_id}/comm", "r+") as stream:
            stream.write("cuda-EvtHandlr")
    finally:
        done.set()
        thread.join()
done = threading.Event()
def listen():
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as one:
        one.bind(bytes(1) + b"cuda-uvmfd-1-1")
        one.listen()
def connect():
    with socket.socket(socket.AF_UNIX) as one:
        try:
            one.connect("/nowhere")
        except (FileNotFoundError, ConnectionRefusedError):
            pass
def look():
    return {"limit": resource.getrlimit(resource.RLIMIT_AS)[0], "visible": os.environ.get("CUDA_VISIBLE_DEVICES"),
            "devices": [opens(f"/dev/{name}", "r+b") for name in
                        ("nvidia0", "nvidiactl", "nvidia-caps/nvidia-cap2", "zero")],
            "machine": [opens(f"/proc/{name}") for name in ("devices", "sys/vm/mmap_min_addr")],
            "near": os.path.exists("/sys/devices/system/node"),
            "names a thread": works(name_a_thread), "listens": works(listen), "connects": works(connect),
            "memory file": works(lambda: os.close(os.memfd_create("x"))),
            "fraction": getattr(torch.cuda, "pretended_fraction", None),
            "exact": not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32,
            "repeatable": torch.are_deterministic_algorithms_enabled() and torch.backends.cudnn.deterministic,
            "workspace": os.environ.get("CUBLAS_WORKSPACE_CONFIG"),
            "computes": torch.ones(2, device=torch.device("cuda")).sum().item() == 2}
'''
found = {}
with Stage(EDITION) as stage:
    shutil.copy(pretend_gpu.__file__, stage.site)
    stage.site.joinpath("pretend_gpu.py").chmod(0o644)
    preload = ("numpy", "torch", "pretend_gpu")
    with ZygoteClient(stage, LIMITS, device="cuda", preload=preload) as zygote:
        zygote.share = Share("0", 0.25)
        for device in ("cuda", "cpu"):
            with zygote.spawn(stage.make_overlay({}), device=device) as worker:
                runner = Runner(worker)
                reply = runner.run(LOOK)
                assert reply["ok"], reply
                found[device] = runner.value("look()")
                found[device]["host_mb"] = worker._memory_mb - LIMITS.memory_mb
        found["tier"] = zygote.report.tier
        assert found["cuda"]["host_mb"] == HOST_MB
    try:
        with ZygoteClient(stage, LIMITS, device="cuda", preload=("numpy", "torch")):
            found["without"] = "ready"
    except DeviceError as error:
        found["without"] = str(error)
print(json.dumps(found))
"""


@pytest.mark.skipif(not IS_ROOT, reason="only root can put stand-ins into a /dev of its own")
@pytest.mark.parametrize("machine", ["plain", "container"])
def test_a_gpu_worker_has_what_cuda_needs_and_another_has_not(machine: str) -> None:
    found = look(machine)
    assert found["tier"] == TIERS[machine]
    cuda, cpu = found["cuda"], found["cpu"]
    assert cuda["limit"] == -1
    assert (cuda["visible"], cuda["fraction"], cuda["workspace"]) == ("0", 0.25, ":4096:8")
    assert cuda["devices"] == [True] * 4
    assert cuda["machine"] == [True] * 2
    for name in ("near", "names a thread", "listens", "memory file", "exact", "repeatable", "computes"):
        assert cuda[name] is True, name
    # In a network namespace of its own there is nobody to talk to; elsewhere a socket would be a way out.
    assert cuda["connects"] is (found["tier"] == "A")
    assert cpu["limit"] > 0
    assert (cpu["visible"], cpu["fraction"], cpu["workspace"], cpu["host_mb"]) == ("", None, None, 0)
    assert cpu["devices"] == [False, False, False, True]
    assert cpu["machine"] == [False] * 2
    for name in ("names a thread", "memory file", "repeatable"):
        assert cpu[name] is False, name
    assert cpu["listens"] is (found["tier"] == "A")
    assert found["without"], "torch says why"
    assert found["without"] != "ready"


def look(machine: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-B", "-c", CODE, machine], cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer
