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

# Those that show what each task's bugs are told apart by; `autograder validate` measures all of them.
TESTS = {
    "F1": (
        "single_channel",
        "dtype",
        "gradients",
        "inputs_unchanged",
        "layout",
        "gradients_of_all_settings",
        "stride",
    ),
    "G1": ("max", "inputs_unchanged"),
    "J1": tuple(test.id.rpartition("test_")[2] for test in MANIFEST.task("J1").tests),
    "I1": ("values", "logits"),
    "K2": ("training_loss", "adam", "gradient_step", "validation_loss"),
}
BUGS = [
    "f1_flipped",
    "f1_view",
    "f1_float32",
    "f1_detached",
    "g1_in_place",
    "j1_list",
    "j1_constant",
    "i1_softmax",
    "k2_sgd",
]
CORRECT = ["f1_ok_fft", "i1_ok_other_order", "k2_ok_step_and_epoch"]
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


def network(result: str, pool: str = "nn.MaxPool2d(2)") -> str:
    return NETWORK.format(pool=pool, act="nn.ReLU()", result=result)


def steps(loss: str) -> str:
    return STEPS.format(loss=loss)


ALL_DETACHED = "x, weight, bias = (v if v is None else v.detach() for v in (x, weight, bias))"
# Mistakes in other words than those of the planted bugs: task, code, the bug that it is.
OTHERS: Mapping[str, tuple[str, str, str | None]] = {
    "a stride that is not used": ("F1", windows("sy = sx = 1"), "f1_stride_ignored"),
    "without gradients": ("F1", windows(ALL_DETACHED), "f1_detached"),
    "rebuilt from numbers": ("F1", windows(result="torch.tensor(out.tolist())"), "f1_detached"),
    "float64 at the end": ("F1", windows(result="out.double()"), "f1_always_float64"),
    "an error where gradients are asked": (
        "F1", windows("if x.requires_grad: raise RuntimeError('no gradients here')"), None,
    ),
    "weights changed in place": ("F1", windows("weight *= 0.5"), None),
    "two mistakes": ("F1", windows("weight = weight.flip(2, 3)", "out.double()"), None),
    "raises always": ("J1", TOPK.format(body="raise RuntimeError('not yet')"), None),
    "a layer of its own for softmax": ("I1", network(f"nn.Softmax(1)({LAST})"), "i1_softmax"),
    "mean pooling and softmax": ("I1", network(f"{LAST}.softmax(1)", "nn.AvgPool2d(2)"), None),
    "probabilities before the loss": ("K2", steps("F.cross_entropy(torch.softmax(self(x), 1), y)"), "k2_softmax"),
    "the loss as a number": ("K2", steps("torch.tensor(F.cross_entropy(self(x), y).item())"), "k2_detached"),
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
        chosen = {f"test_{task.lower()}.py::test_{name}" for name in TESTS[task]}
        hidden.run(Case(MANIFEST, stand_ins.student, salt, "en", on_test), chosen)
    return seen


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_named(named: Mapping[str, list[str]], bug: str) -> None:
    assert named[bug] == [bug]


@pytest.mark.parametrize("variant", CORRECT)
def test_a_right_answer_is_never_explained_as_a_bug(named: Mapping[str, list[str]], variant: str) -> None:
    assert named[variant] == []


@pytest.mark.parametrize("name", OTHERS)
def test_the_same_mistake_in_other_words_is_named_and_no_other(
    named: Mapping[str, list[str]], name: str
) -> None:
    bug = OTHERS[name][2]
    assert named[name] == ([] if bug is None else [bug])
