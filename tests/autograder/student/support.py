"""A bundle as a student has it, what is written into it, and its commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from autograder.release.notebook import read_notebook, write_notebook
from autograder.validation.solved_notebook import fill_solutions
from hw_cnn.models.seminar import SeminarCNN

ROOT = Path(__file__).parents[3]
SEMINAR = ROOT / "assignments" / "seminar_cnn"
RUN = "import sys\nfrom hw_cnn import cli\nsys.exit(cli.main(sys.argv[1:]))"
LIGHT = RUN.replace("sys.exit(", "code = (") + "\nassert 'torch' not in sys.modules\nsys.exit(code)"
"""For what needs no second of waiting: nothing is executed."""


READY_MADE = """import torch.nn.functional as F

def conv2d(x, weight, bias=None, stride=1, padding=0):
    return F.conv2d(x, weight, bias, stride, padding)
"""
"""Right, and off limits: the call stands in line 4."""


def write(bundle: Path, sources: Mapping[str, str]) -> None:
    """Paste code into solution cells."""
    path = bundle / "seminar_cnn.ipynb"
    write_notebook(fill_solutions(read_notebook(path.read_text(encoding="utf-8")), sources), path)


def run(
    bundle: Path,
    *arguments: str,
    code: str = RUN,
    path: Sequence[Path] = (),
    stdin: int = subprocess.DEVNULL,
) -> subprocess.CompletedProcess[str]:
    """Run Python in the bundle, with its packages. path: further folders with packages of this machine."""
    command = [sys.executable, "-c", code, *arguments]
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(map(str, (bundle, *path))),
        "OMP_NUM_THREADS": "1",
        "PYTEST_ADDOPTS": "-p nowhere",  # asked of other runs of pytest than ours
    }
    return subprocess.run(
        command, cwd=bundle, env=env, stdin=stdin, capture_output=True, text=True, check=False
    )


def save_weights(bundle: Path, kind: str) -> None:
    """What a student's training could have left: the network's weights, or something else."""
    state: dict[str, Any] = dict(SeminarCNN().state_dict())
    if kind == "lightning":
        inner = {f"model.{key}": value.double() for key, value in state.items()}
        state = {"state_dict": inner, "epoch": 3}
    elif kind == "other":
        state = {"a": torch.zeros(2)}
    elif kind == "shape":
        state = {key: value[..., :1] for key, value in state.items()}
    elif kind == "object":
        state = {"hparams": print}
    torch.save(state, bundle / "model.ckpt")
