"""The hidden tests of the seminar's homework name the planted bugs by what they recorded, and nothing else.

Everything runs in this process: a planted bug, or code written here, stands in the student's place.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from autograder.course.assignment import find_assignment
from autograder.course.variants import load_variants
from autograder.grading.diagnosis import Diagnostician, Seen
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.salts import make_salt
from autograder.grading.verdicts.stand_ins import PlantedBug, StandIns
from autograder.remote.transcript import Transcript
from tests.autograder.grading.planted_course import in_process
from tests.autograder.grading.planted_course import variant as made_variant
from tests.autograder.grading_support import ROOT

ASSIGNMENT = find_assignment("seminar_cnn", ROOT / "assignments")
MANIFEST = ASSIGNMENT.manifest
TASKS = {variant.id: variant.task for variant in load_variants(ASSIGNMENT.folder)}

# What only other parts of an answer than its numbers show, and one or two of each kind beside.
BUGS = """
f1_flipped f1_stride_ignored f1_view f1_float32 f1_always_float64 f1_detached f1_kernel_flipped_in_place f1_needs_bias
f1_zeros g1_in_place g1_detached g1_view g1_float32 g1_sum j1_list j1_string_keys j1_no_value_error j1_constant
i1_softmax i1_python_list i1_hse_two_hidden i1_fixed_image_size i1_no_biases i1_constant i1_unused_layer
k2_softmax k2_sgd k2_detached k2_mean_of_batches
""".split()
CORRECT = ["f1_ok_fft", "g1_ok_loops", "j1_ok_arrays", "i1_ok_other_order", "i1_ok_buffer", "k2_ok_step_and_epoch"]
WINDOWS = """
import torch
import torch.nn.functional as F

def conv2d(x, weight, bias=None, stride=1, padding=0):
    sy, sx = (stride, stride) if isinstance(stride, int) else stride
    py, px = (padding, padding) if isinstance(padding, int) else padding
    {before}
    windows = F.pad(x, (px, px, py, py)).unfold(2, weight.shape[2], sy).unfold(3, weight.shape[3], sx)
    out = torch.einsum("nchwij,ocij->nohw", windows, weight)
    out = out if bias is None else out + bias[:, None, None]
    return {result}
"""
NETWORK = """
import torch
from torch import nn

class SeminarCNN(nn.Module):
    def __init__(self, in_channels=1, image_size=28, num_classes=10, preset="dls"):
        super().__init__()
        maps, widths = ((6, 16), (120, 84)) if preset == "dls" else ((10, 20), (128,))
        sizes = [maps[1] * (((image_size - 4) // 2 - 4) // 2) ** 2, *widths, num_classes]
        self.dense = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.second, self.first = nn.Conv2d(maps[0], maps[1], 5), nn.Conv2d(in_channels, maps[0], 5)
        self.pool, self.act = {pool}, {act}

    def forward(self, x):
        x = self.pool(self.act(self.first(x)))
        x = self.pool(self.act(self.second(x))).flatten(1)
        for layer in self.dense[:-1]:
            x = self.act(layer(x))
        return {result}
"""
MAX, MEAN, RELU = "nn.MaxPool2d(2)", "nn.AvgPool2d(2)", "nn.ReLU()"
LAST = "self.dense[-1](x)"
TOPK = """
def topk_error(logits, targets, ks=(1, 5)):
    {body}
"""
STEPS = """
import torch
from torch.nn import functional as F
from hw_cnn import classifier

class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        x, y = batch
        return {loss}
"""


def windows(before: str = "pass", result: str = "out") -> str:
    return WINDOWS.format(before=before, result=result)


# Mistakes in other words than those of the planted bugs: task, code, the bug that it is.
OTHERS: Mapping[str, tuple[str, str, str | None]] = {
    "a stride that is not used": ("F1", windows("sy = sx = 1"), "f1_stride_ignored"),
    "flipped": ("F1", windows("weight = weight.flip(2, 3)"), "f1_flipped"),
    "without gradients": ("F1", windows("x, weight, bias = (v if v is None else v.detach() for v in (x, weight, bias))"), "f1_detached"),
    "image and kernels detached": ("F1", windows("x, weight = x.data, weight.data"), "f1_detached"),
    "rebuilt from numbers": ("F1", windows(result="torch.tensor(out.tolist())"), "f1_detached"),
    "float64 at the end": ("F1", windows(result="out.double()"), "f1_always_float64"),
    "an error where gradients are asked": (
        "F1", windows("if x.requires_grad: raise RuntimeError('no gradients here')"), None,
    ),
    "weights changed in place": ("F1", windows("weight *= 0.5"), None),
    "two mistakes": ("F1", windows("weight = weight.flip(2, 3)", "out.double()"), None),
    "noise": ("F1", windows(result="out + 0.01 * torch.rand_like(out)"), None),
    "halved": ("F1", windows(result="out / 2"), None),
    "nothing": ("F1", windows(result="None"), None),
    "the same error always": ("J1", TOPK.format(body="return {k: 0.5 for k in ks}"), None),
    "raises always": ("J1", TOPK.format(body="raise RuntimeError('not yet')"), None),
    "layer of its own for softmax": ("I1", NETWORK.format(pool=MAX, act=RELU, result=f"nn.Softmax(1)({LAST})"), "i1_softmax"),
    "mean pooling": ("I1", NETWORK.format(pool=MEAN, act=RELU, result=LAST), "i1_mean_pooling"),
    "sigmoid between layers": ("I1", NETWORK.format(pool=MAX, act="nn.Sigmoid()", result=LAST), None),
    "mean pooling and softmax": ("I1", NETWORK.format(pool=MEAN, act=RELU, result=f"{LAST}.softmax(1)"), None),
    "probabilities before the loss": ("K2", STEPS.format(loss="F.cross_entropy(torch.softmax(self(x), 1), y)"), "k2_softmax"),
    "three times the loss": ("K2", STEPS.format(loss="3 * F.cross_entropy(self(x), y)"), None),
    "the loss as a number": ("K2", STEPS.format(loss="torch.tensor(F.cross_entropy(self(x), y).item())"), "k2_detached"),
}  # fmt: skip


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Whom the diagnosis names for planted bugs, correct variants and the others, by their names."""
    folder = tmp_path_factory.mktemp("others")
    code: dict[str, tuple[str, Path]] = {
        name: (TASKS[name], ASSIGNMENT.folder / "wrong" / f"{name}.py") for name in [*BUGS, *CORRECT]
    }
    for number, (name, (task, source, _)) in enumerate(OTHERS.items()):
        path = folder / f"other_{number}.py"
        path.write_text(textwrap.dedent(source), encoding="utf-8")
        code[name] = (task, path)
    diagnostician = Diagnostician(ASSIGNMENT.folder, MANIFEST, load_variants(ASSIGNMENT.folder))
    found: dict[str, list[str]] = {}

    def serve(hidden: HiddenTests) -> None:
        for name, (task, path) in code.items():
            seen = _seen(hidden, task, path)
            assert any(test.failed for test in seen) is (name not in CORRECT), name
            found[name] = [diagnosis.bug for diagnosis in diagnostician.explain(task, seen, "en")]

    serve_hidden_tests(ASSIGNMENT.folder, MANIFEST, serve)
    return found


def _seen(hidden: HiddenTests, task: str, path: Path) -> list[Seen]:
    """What the hidden tests of a task record of code in the student's place."""
    seen: list[Seen] = []

    def on_test(test: str, failure: BaseException | None, transcript: Transcript) -> None:
        seen.append(Seen(failure is not None, transcript))

    stand_ins = StandIns(in_process, MANIFEST)
    stand_ins.choose(PlantedBug(made_variant("student", task), path, MANIFEST.task(task).tops))
    with closing(stand_ins):
        salt = make_salt(b"a key of this test's own, long enough", MANIFEST.name, path.stem)
        hidden.run(
            Case(MANIFEST, stand_ins.student, salt, "en", on_test),
            {test.id for test in MANIFEST.task(task).tests},
        )
    return seen


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_named(named: Mapping[str, list[str]], bug: str) -> None:
    assert named[bug] == [bug]


@pytest.mark.parametrize("variant", CORRECT)
def test_a_right_answer_is_never_explained_as_a_bug(named: Mapping[str, list[str]], variant: str) -> None:
    assert named[variant] == []


@pytest.mark.parametrize("name", OTHERS)
def test_the_same_mistake_in_other_words_is_named_and_no_other(named: Mapping[str, list[str]], name: str) -> None:
    bug = OTHERS[name][2]
    assert named[name] == ([] if bug is None else [bug])
