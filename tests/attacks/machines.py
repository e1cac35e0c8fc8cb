"""The kinds of machine that can be made here: as root or as an ordinary user, in the open or as in a container."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.attacks.scene import ROOT

OWN_UID = os.getuid()
MADE_UID = 0x6F000000 + 2 * (os.getpid() % (1 << 20))
"""A user for this process alone: an attack on all that its user owns must find nothing but what the test put there."""


@dataclass(frozen=True)
class Machine:
    """`user`: not root, the `other`th made one. `container`: no namespaces, no mounts. `landlock`: the kernel has it.

    `nightly`: not tried each time.
    """

    name: str
    user: bool
    container: bool = False
    landlock: bool = True
    other: int = 0
    nightly: bool = False

    @property
    def uid(self) -> int:
        return (MADE_UID + self.other if OWN_UID == 0 else OWN_UID) if self.user else 0

    @property
    def reason_against(self) -> str:
        """Why it cannot be made here; empty if it can."""
        if sys.platform != "linux":
            return "attacks are for Linux"
        if not self.user and OWN_UID != 0:
            return "needs root: the grader itself runs as root here"
        return ""

    def start(
        self, base: Path, argv: list[str], env: Mapping[str, str], output: IO[bytes]
    ) -> subprocess.Popen[bytes]:
        """The program waits for a line on its standard input before it begins."""
        specification = {
            "uid": self.uid, "container": self.container, "landlock": self.landlock, "argv": argv, "base": str(base),
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-P", "-B", "-m", "tests.attacks.launcher", json.dumps(specification)],
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PATH": os.defpath, "OMP_NUM_THREADS": "1", **env},
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


# The first tier and the hardest case of the other one (a worker of the grader's own user) are tried each time.
MACHINES = (
    Machine("plain_root", user=False),
    Machine("plain_user", user=True, nightly=OWN_UID == 0),
    Machine("container_root", user=False, container=True, nightly=True),
    Machine("container_user", user=True, container=True, nightly=OWN_UID == 0),
    Machine("old_kernel_user", user=True, landlock=False, nightly=True),
)
