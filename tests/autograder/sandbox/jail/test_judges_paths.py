"""A worker learns neither where the judge's folders are nor what the machine's network does, in tiers A and B."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from autograder.sandbox.jail.lockdown import HOST_NAME
from tests.autograder.sandbox_support import NOBODY, ROOT
from tests.machines import TIERS, needs_user_namespaces

CODE = """
import json, os, sys
from pathlib import Path
from tests import machines
machines.become(sys.argv[1])
if sys.argv[2] == "nobody" and os.getuid() == 0:
    machines.reach_the_interpreter()
    os.setgroups([]); os.setresgid({nobody}, {nobody}, {nobody}); os.setresuid({nobody}, {nobody}, {nobody})
from autograder.sandbox.host.zygote_client import ZygoteClient
from autograder.sandbox.host.stage import Stage
from tests.autograder.sandbox_support import EDITION, LIMITS, Runner

LOOK = '''
import os, socket, sys
def frames():
    frame, seen = sys._getframe(2), []  # above `look`, whose argument is the secret
    while frame is not None:
        seen.append(repr(frame.f_locals) + repr(sorted(frame.f_globals.get("config") or [])))
        frame = frame.f_back
    return seen
def look(secret):
    texts = {"sys": repr(vars(sys)), "environment": repr(os.environ), "frames": repr(frames())}
    refused = []
    for name in ("self/cmdline", "self/status", "self/maps", "self/mountinfo", "self/mounts",
                 "self/task/self/mountinfo", "thread-self/mountinfo", "self/net/tcp", "net/tcp", "net/unix",
                 "self/net/route"):
        try:
            texts[name] = open(f"/proc/{name}".replace("task/self", f"task/{os.getpid()}")).read()
        except OSError:
            refused.append(name)
    return {"named": [name for name, text in texts.items() if secret in text], "refused": refused,
            "host": socket.gethostname(), "executable": sys.executable, "argv": sys.orig_argv}
'''
secret = Path(sys.argv[3], "hidden-with-a-name")
with (
    Stage(EDITION) as stage,
    ZygoteClient(stage, LIMITS, preload=("numpy", "torch"), secrets=[secret]) as zygote,
    zygote.spawn(stage.make_overlay({})) as worker,
):
    runner = Runner(worker)
    runner.run(LOOK)
    found = runner.value("look('hidden-with-a-name')") | {"tier": zygote.report.tier}
    found["root"] = runner.value(f"look({str(machines.ROOT)!r})")["named"]
    print(json.dumps(found))
"""


@pytest.mark.parametrize("machine", ["plain", "container"])
@pytest.mark.parametrize("user", ["self", "nobody"])
def test_no_path_of_the_judge_and_no_connection_of_the_machine(machine: str, user: str) -> None:
    needs_user_namespaces("self" if user == "self" else "user")
    # Below a folder that workers may read, a secret is named to the zygote, to be covered.
    done = subprocess.run(
        [sys.executable, "-B", "-c", CODE.replace("{nobody}", str(NOBODY)), machine, user, "/usr/local/lib"],
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HOME": "/nonexistent"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["tier"] == TIERS[machine]
    assert found["named"] == []
    if found["tier"] == "A":  # in tier B packages are read where they are
        assert found["root"] == []
    assert {"self/mountinfo", "self/mounts", "self/task/self/mountinfo", "thread-self/mountinfo"} <= set(
        found["refused"]
    )
    assert {"self/net/tcp", "net/tcp", "net/unix", "self/net/route"} <= set(found["refused"])
    assert not {"self/cmdline", "self/status", "self/maps"} & set(found["refused"]), (
        "a program may look at itself"
    )
    assert str(ROOT) not in found["executable"]
    assert (found["host"] == HOST_NAME) == (found["tier"] == "A")
