"""A fault of the device is never the student's: the run ends with a sentence, or the submission is judged once more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.grading.inputs import Device, resolve_device
from autograder.sandbox.jail import gpu
from tests.autograder.grading_support import grade, hand_in, results, task
from tests.machines import ROOT

without_a_gpu = pytest.mark.skipif(bool(gpu.nodes()), reason="this machine has a GPU, which may answer")

# `pretend_gpu` among the packages of workers, three shares, two submissions at once.
PRETEND = """
import functools, shutil, sys
from pathlib import Path
from autograder.course.assignment import find_assignment
from autograder.errors import GraderError
from autograder.grading.batch import Options, grade
from autograder.results.store import Store
from autograder.sandbox.host import stage, zygote_client
from autograder.sandbox.host.gpus import Share
from tests.autograder.sandbox import pretend_gpu

class Stage(stage.Stage):
    def _site(self):
        site = super()._site()
        shutil.copy(pretend_gpu.__file__, site)
        site.joinpath("pretend_gpu.py").chmod(0o644)
        return site

submissions, out, pretends = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "pretend"
stage.Stage = Stage
if pretends:
    preload = (*zygote_client.PRELOAD, "pretend_gpu")
    zygote_client.ZygoteClient = functools.partial(zygote_client.ZygoteClient, preload=preload)
shares = tuple(Share("0", fraction) for fraction in (0.25, 0.5))
options = Options(key=b"x" * 16, lang="en", device="cuda", jobs=2, shares=shares, roster=("absent",))
try:
    grade(find_assignment("seminar_cnn", Path("assignments")), submissions, Store(out), options, lambda finished: print(
        finished.grade.student, "staff" if finished.failure else "", file=sys.stderr))
except GraderError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""
RIGHT = """
import torch
def topk_error(logits, targets, ks=(1, 5)):
{first}
    if max(ks) > logits.shape[1]:
        raise ValueError("k is larger than the number of classes")
    own = logits.gather(1, targets[:, None])
    place = (logits >= own).sum(1)
    return {{k: (place > k).double().mean().item() for k in ks}}
"""
FULL = "raise torch.OutOfMemoryError('CUDA out of memory. Tried to allocate 80.00 GiB')"
SOLUTIONS = {
    "small": "    pass",
    "needs_a_gpu": f"    if torch.cuda.pretended_fraction < 1:\n        {FULL}",
    "needs_more": f"    {FULL}",
}


def run(tmp_path: Path, how: str) -> subprocess.CompletedProcess[str]:
    for student, first in SOLUTIONS.items():
        hand_in(tmp_path / "submissions", student, solution=RIGHT.format(first=first))
    command = [sys.executable, "-c", PRETEND, str(tmp_path / "submissions"), str(tmp_path / "out"), how]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )


@pytest.mark.slow
def test_a_full_gpu_is_tried_once_more_alone_and_then_is_a_case_for_staff(tmp_path: Path) -> None:
    done = run(tmp_path, "pretend")
    assert done.returncode == 0, done.stderr
    found = results(tmp_path / "out")
    for student in ("small", "needs_a_gpu"):
        topk = task(found[student], "J1")
        assert topk["score"] == topk["max_score"], student
        assert found[student]["needs_staff"] is False
        assert found[student]["device"] == "cuda"
    more = found["needs_more"]
    assert more["needs_staff"] is True
    assert more["status"] == "partial"
    assert "the memory of the GPU is full" in more["reason"]
    assert "it was alone on the GPU" in more["reason"]
    order = [line.split() for line in done.stderr.splitlines() if line.split()[0] in SOLUTIONS]
    assert order[0] == ["small"], "who has an answer does not wait for those who are tried again"
    assert sorted(order) == [["needs_a_gpu"], ["needs_more", "staff"], ["small"]]


@without_a_gpu
@pytest.mark.slow
def test_a_device_that_does_not_answer_ends_the_run_before_anybody_is_graded(tmp_path: Path) -> None:
    done = run(tmp_path, "real")
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("GraderError: --device cuda: no GPU of this machine answers (")
    assert "--device cpu" in last
    assert list((tmp_path / "out" / "results").glob("*.json")) == []


@without_a_gpu
def test_the_command_says_so_in_one_sentence_and_writes_nothing(tmp_path: Path) -> None:
    hand_in(tmp_path / "submissions", "anna", solution="x = 1")
    done = grade(tmp_path / "submissions", tmp_path / "out", "--device", "cuda")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("autograder: --device cuda: no GPU of this machine answers (")
    assert "nvidia-smi" in done.stderr
    assert "--device cpu" in done.stderr
    assert not (tmp_path / "out").exists()


@without_a_gpu
@pytest.mark.parametrize(
    ("nodes", "said"), [([], "no GPU on this machine"), (["nvidiactl", "nvidia0"], "does not answer (")]
)
def test_auto_is_the_cpu_where_cuda_does_not_answer_and_says_so(
    tmp_path: Path, nodes: list[str], said: str
) -> None:
    for name in nodes:
        (tmp_path / name).touch()
    found = resolve_device("auto", tmp_path)
    assert (found.kind, found.gpus) == ("cpu", ())
    assert said in found.said
    assert "on the CPU" in found.said


def test_who_asks_for_the_cpu_need_not_be_told() -> None:
    assert resolve_device("cpu") == Device("cpu")
