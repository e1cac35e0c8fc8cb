"""Seconds per submission for the numeric tasks, beside `nbgrader autograde` on an equivalent notebook.

Both grade the same number of copies of the same right solution (F1, G1, I1, K2 and J1; no training), one at a time, in
one run on one machine. nbgrader's notebook holds the same definitions and a comparable set of checks per task.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat

from autograder.course.assignment import find_assignment, package_root
from autograder.course.edition import read_package
from autograder.validation.class_of_variants import reference_package
from autograder.validation.solved_notebook import solution_sources

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent
TRAINING = "K3"
IMPORTS = """
import math
from collections.abc import Sequence
import torch
import torch.nn.functional as F
from lightning import LightningModule
from torch import Tensor, nn
from torchmetrics.classification import MulticlassAccuracy
from hw_cnn import shapes
"""
CHECKS = {
    "F1": """
cases = [(2, 3, 9, 7, 4, 3, 2, 1, 0), (1, 1, 8, 8, 2, 3, 3, 2, 1), (3, 2, 6, 9, 1, 2, 4, 3, 2)]
for n, c, h, w, o, p, q, s, pad in cases:
    for dtype in (torch.float64, torch.float32):
        x, k = torch.randn(n, c, h, w, dtype=dtype), torch.randn(o, c, p, q, dtype=dtype)
        b = torch.randn(o, dtype=dtype)
        torch.testing.assert_close(conv2d(x, k, b, stride=s, padding=pad), F.conv2d(x, k, b, s, pad))
        x.requires_grad_(), k.requires_grad_()
        (gx, gk) = torch.autograd.grad(conv2d(x, k, b, s, pad).square().sum(), (x, k))
        (ex, ek) = torch.autograd.grad(F.conv2d(x, k, b, s, pad).square().sum(), (x, k))
        torch.testing.assert_close(gx, ex), torch.testing.assert_close(gk, ek)
""",
    "G1": """
for h, w, k, s in [(8, 8, 2, 2), (9, 7, 3, 2), (10, 6, 2, 1)]:
    x = torch.randn(2, 3, h, w)
    torch.testing.assert_close(pool2d(x, k, s), F.max_pool2d(x, k, s))
    torch.testing.assert_close(pool2d(x, k, s, mode="mean"), F.avg_pool2d(x, k, s))
""",
    "I1": """
assert sum(p.numel() for p in SeminarCNN().parameters()) == 44426
assert SeminarCNN()(torch.randn(1, 1, 28, 28)).shape == (1, 10)
""",
    "K2": """
module = Classifier(nn.Sequential(nn.Flatten(), nn.Linear(20, 10)))
x, y = torch.randn(8, 20), torch.randint(10, (8,))
torch.testing.assert_close(module.training_step((x, y), 0), F.cross_entropy(module(x), y))
assert isinstance(module.configure_optimizers(), torch.optim.Adam)
""",
    "J1": """
logits, y = torch.randn(50, 10), torch.randint(10, (50,))
top5 = (logits.topk(5).indices == y[:, None]).any(1).double().mean()
assert abs(topk_error(logits, y)[5] - (1 - top5)) < 1e-9
""",
}


def notebook() -> nbformat.NotebookNode:
    """The reference's cells with one nbgrader grade cell each."""
    assignment = find_assignment("seminar_cnn", ROOT / "assignments")
    sources = solution_sources(assignment.manifest, read_package(package_root()), assignment.edition)
    cells = [nbformat.v4.new_code_cell(IMPORTS.strip(), id="imports")]
    for task, source in sources.items():
        if task == TRAINING:
            continue
        for kind, text in (("solution", source), ("test", CHECKS[task].strip())):
            cell = nbformat.v4.new_code_cell(text, id=f"{task}-{kind}")
            grade = kind == "test"
            cell.metadata["nbgrader"] = {
                "grade": grade, "solution": not grade, "locked": grade, "task": False, "schema_version": 3,
                "grade_id": f"{task}-{kind}", "cell_type": "code",
            }  # fmt: skip
            if grade:
                cell.metadata["nbgrader"]["points"] = 1
            cells.append(cell)
    return nbformat.v4.new_notebook(cells=cells)


def time_nbgrader(folder: Path, count: int) -> float:
    """Wall seconds of `nbgrader autograde` for `count` submissions."""
    source = folder / "source" / "hw"
    source.mkdir(parents=True)
    nbformat.write(notebook(), source / "hw.ipynb")
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'bench'\nc.ExecutePreprocessor.timeout = 300\n"
    )
    env = {**os.environ, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}
    subprocess.run(
        [BIN / "nbgrader", "generate_assignment", "hw"], cwd=folder, env=env, check=True, capture_output=True
    )
    for number in range(count):
        target = folder / "submitted" / f"student{number:02}" / "hw"
        target.mkdir(parents=True)
        shutil.copy(source / "hw.ipynb", target / "hw.ipynb")
    start = time.perf_counter()
    done = subprocess.run(
        [BIN / "nbgrader", "autograde", "hw"], cwd=folder, env=env, check=False, capture_output=True
    )
    seconds = time.perf_counter() - start
    graded = list((folder / "autograded").glob("*/hw/hw.ipynb"))
    if done.returncode != 0 or len(graded) != count:
        raise SystemExit(f"nbgrader graded {len(graded)} of {count}:\n{done.stderr.decode()[-2000:]}")
    return seconds


def time_autograder(folder: Path, count: int) -> float:
    """Wall seconds of `autograder grade --jobs 1` for `count` submissions without the training task."""
    files = reference_package(find_assignment("seminar_cnn", ROOT / "assignments").manifest)
    files = {name: content for name, content in files.items() if name != "hw_cnn/training.py"}
    for number in range(count):
        for name, content in files.items():
            target = folder / "submissions" / f"student{number:02}" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
    command = [
        BIN / "autograder", "grade", "seminar_cnn", folder / "submissions", "--out", folder / "grades", "--jobs", "1"
    ]  # fmt: skip
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--few", type=int, default=4, help="submissions of the small batch")
    parser.add_argument(
        "--many", type=int, default=24, help="submissions of the large batch (autograder only)"
    )
    parser.add_argument("--pairs", type=int, default=3)
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, one submission at a time"
    )
    print("pair  nbgrader s/sub  ours s/sub  ours incl. start-up, batch of many  ratio")
    for pair in range(options.pairs):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            theirs = time_nbgrader(folder / "nbgrader", options.few) / options.few
            few = time_autograder(folder / "few", options.few)
            many = time_autograder(folder / "many", options.many)
        ours = (many - few) / (options.many - options.few)
        print(
            f"{pair + 1:4}  {theirs:14.2f}  {ours:10.3f}  {many / options.many:34.3f}  {theirs / ours:5.0f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
