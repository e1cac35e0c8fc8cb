"""The assignment seminar_cnn: manifest, hidden tests, handout and planted bugs agree with one another.

The kill matrix of the tasks that need no training is checked here in process; `autograder validate` does it behind
the sandbox, training included.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from autograder.course.manifest import Task, load_manifest
from autograder.course.variants import Variant, load_variants
from autograder.remote.student import Student
from autograder.results.totals import BONUS_CAP
from hw_cnn.classifier import Classifier
from hw_cnn.data import DigitsDataModule, load_digits, own_digits
from hw_cnn.models.seminar import SeminarCNN
from tests.assignments import support

FOLDER = support.COURSE / "seminar_cnn"
MANIFEST = load_manifest(FOLDER)
VARIANTS = load_variants(FOLDER)
# The others change only the checkpoint that is handed in.
CODE_VARIANTS = [variant for variant in VARIANTS if variant.checkpoint == "reference"]
HANDOUT = (FOLDER / "handout.py").read_text(encoding="utf-8")
TRAINING = "K3"
QUICK_TASKS = [task for task in MANIFEST.tested if task.id != TRAINING]


def test_points_and_minutes() -> None:
    points = {task.id: task.points for task in MANIFEST.tasks}
    assert points == {
        "B1": 4, "C1": 8, "D2": 4, "F1": 20, "F5": 6, "D4": 6, "D5": 8, "G1": 10, "G2": 4, "I1": 8, "K2": 10, "J1": 4,
        "K3": 14, "X1": 3, "X2": 1, "W": 10,
    }  # fmt: skip
    assert MANIFEST.max_score == 100
    assert sum(task.points for task in MANIFEST.tasks if task.bonus) == BONUS_CAP
    assert sum(task.minutes for task in MANIFEST.tasks if not task.bonus) <= MANIFEST.budget_minutes
    assert [(task.id, task.minutes) for task in MANIFEST.written] == [("X2", 10), ("W", 30)]


def test_accuracy_is_a_small_part() -> None:
    compulsory = [task for task in MANIFEST.tasks if not task.bonus]
    ramps = [test for task in compulsory for test in task.tests if test.threshold is not None]
    assert len(ramps) == 3
    assert sum(test.points for test in ramps) <= 15
    checkpoint = next(test for test in ramps if test.id.endswith("::test_checkpoint"))
    assert checkpoint.points <= MANIFEST.task(TRAINING).points / 5


def test_bars_follow_from_the_seeds() -> None:
    threshold = next(t.threshold for t in MANIFEST.task(TRAINING).tests if t.id.endswith("::test_accuracy"))
    assert threshold is not None
    assert len(threshold.dots) == 20
    bar = min(threshold.dots) - 3 * float(np.std(threshold.dots, ddof=1))
    assert bar - 1e-3 < threshold.high <= bar


def test_handout_states_the_bars() -> None:
    threshold = next(t.threshold for t in MANIFEST.task(TRAINING).tests if t.id.endswith("::test_accuracy"))
    assert threshold is not None
    low, high = f"{threshold.low:g}", f"{threshold.high:g}"
    assert f"accuracy of {low}" in HANDOUT.replace("\n# ", " ")
    assert f"9 at {high} and above" in HANDOUT.replace("\n# ", " ")
    russian = HANDOUT.replace("\n# ", " ")
    assert f"при точности {low.replace('.', ',')} и ниже, 9 при {high.replace('.', ',')} и выше" in russian
    assert f"LOW, HIGH = {low}, {high}" in HANDOUT
    drawn = re.search(r"DOTS = \[(.*?)\]", HANDOUT, re.DOTALL)
    assert drawn is not None
    assert tuple(float(dot) for dot in drawn[1].split(",") if dot.strip()) == threshold.dots


def test_handout_gives_nothing_away() -> None:
    secrets = [test.id for task in MANIFEST.tasks for test in task.tests]
    secrets += [variant.id for variant in VARIANTS]
    secrets += ["hidden/", "digits.npz"]
    assert [secret for secret in secrets if secret in HANDOUT] == []
    for task in QUICK_TASKS:
        hidden = (FOLDER / "hidden" / f"test_{task.id.lower()}.py").read_text(encoding="utf-8")
        told = " ".join(test.sentence.en for test in task.tests).replace(",", "")
        for number in re.findall(r"\b\d{4,}\b", hidden.replace("_", "")):
            assert number in told or number not in HANDOUT


# The written task.


def cell_with(text: str) -> str:
    """The code cell of the handout that holds a text."""
    (found,) = [
        source for header, source in support.cells(HANDOUT) if text in source and "markdown" not in header
    ]
    return found


def test_the_suspect_answers_rightly_on_grey_digits_and_on_equal_kernels_only() -> None:
    """What the model answers say of it, its example included."""
    names: dict[str, Any] = {"F": torch.nn.functional}
    exec(cell_with("def conv2d_suspect").split("\n\n\n")[0], names)
    suspect, right = names["conv2d_suspect"], torch.nn.functional.conv2d
    one, two = (torch.tensor([1.0, 0.0]).reshape(1, 2, 1, 1) for _ in range(2))
    assert (suspect(one, two).item(), right(one, two).item()) == (0.5, 1.0)
    torch.manual_seed(0)
    x, weight, bias = torch.rand(2, 3, 6, 7), torch.rand(4, 3, 3, 2), torch.rand(4)
    more = {"stride": (1, 2), "padding": (2, 1)}
    assert not torch.allclose(suspect(x, weight, bias, **more), right(x, weight, bias, **more))
    for same in (x[:, :1], weight[:, :1]), (x, weight[:, :1].expand(-1, 3, -1, -1)):
        torch.testing.assert_close(suspect(*same, bias, **more), right(*same, bias, **more))


def test_the_model_answers_hold_for_the_weights_of_the_reference() -> None:
    state = load_file(FOLDER / "model.safetensors")
    network = SeminarCNN()
    network.load_state_dict(state)
    images, labels = load_digits("test")

    def probabilities(image: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return network.eval()(seen(image)).softmax(1)[0]

    def seen(image: torch.Tensor) -> torch.Tensor:
        return (image[None, None].float() / 255 - DigitsDataModule.mean) / DigitsDataModule.std

    image = images[134]
    assert int(labels[134]) == 4
    top, foot = image.clone(), image.clone()
    top[5:10, 12:17] = 0
    foot[22:25] = 0
    told = [
        probabilities(image)[9],
        probabilities(image)[4],
        *probabilities(top)[[4, 9]],
        probabilities(foot)[4],
    ]
    assert [round(float(value), 2) for value in told] == [0.76, 0.22, 0.93, 0.06, 0.60]
    first = next(layer for layer in network.modules() if isinstance(layer, torch.nn.Conv2d))
    with torch.no_grad():
        feature_map = first(seen(images[16]))[0, 3, 10:17]
    assert feature_map[:, 13].min() > 4
    assert feature_map[:, 10].max() < -3.5
    assert feature_map[:, 18:].abs().max() < 0.05
    texts = MANIFEST.task("W").rows
    assert "0.93 (nine: 0.06)" in texts[1].answer.en
    assert "its answer is 0.5" in texts[2].answer.en


def test_the_model_answer_on_an_own_digit_holds_for_the_reference() -> None:
    network = SeminarCNN()
    network.load_state_dict(load_file(FOLDER / "model.safetensors"))
    six = own_digits()[6].float() / 255
    left, right = six.clone(), six.clone()
    left[18:21, 8:11] = 0
    right[18:21, 17:20] = 0
    with torch.no_grad():
        pixels = (torch.stack([six, left, right])[:, None] - DigitsDataModule.mean) / DigitsDataModule.std
        told = network.eval()(pixels).softmax(1)
    assert [round(float(value), 2) for value in (told[0, 6], told[1, 5], told[1, 6], told[2, 6])] == [
        1,
        0.99,
        0.01,
        1,
    ]
    assert "a five with probability 0.99 (six: 0.01)" in MANIFEST.task("X2").rows[0].answer.en


# matplotlib asks a tensor for an array in a way that torch 2.14 does not know yet, and numpy says so.
@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
def test_the_cell_that_draws_shows_any_network(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of its layers are the student's business; here nothing was trained, so nearly all digits are wrong."""
    monkeypatch.setattr("matplotlib.pyplot.show", lambda: None)
    names: dict[str, Any] = {}
    for text in ("import matplotlib.pyplot as plt", "def show("):
        exec(cell_with(text), names)
    torch.manual_seed(0)
    names["module"] = Classifier(SeminarCNN())
    exec(cell_with("def show_filter"), names)
    first, covered = capsys.readouterr().out.splitlines()
    assert first.startswith("0: ")
    assert first.count(":") == 10
    assert first != covered
    names["show_filter"](5, 17)
    names["plt"].close("all")


# The kill matrix, in process.


@pytest.fixture
def student() -> Student:
    return support.make_student(MANIFEST)


@pytest.mark.parametrize("salt", range(3))
@pytest.mark.parametrize("task", QUICK_TASKS, ids=lambda task: task.id)
def test_reference_passes(task: Task, salt: int, student: Student) -> None:
    assert support.points_lost(FOLDER, task, student, salt) == {}


QUICK_VARIANTS = [variant for variant in VARIANTS if variant.task != TRAINING]


@pytest.mark.nightly
@pytest.mark.parametrize("variant", QUICK_VARIANTS, ids=lambda variant: variant.id)
def test_variant_gets_what_it_deserves(
    variant: Variant, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = MANIFEST.task(variant.task)
    support.assert_gets_what_it_deserves(FOLDER, task, variant, student, monkeypatch, least_loss=0.2)


# Line in __init__ of a right network: a layer that forward does not use.
LEFT_OVER = {
    "other sizes": "self.spare = nn.Linear(3, 3)",
    "behind the last": "self.spare = nn.Linear(num_classes, num_classes)",
    "like the last, before it": "self.ahead = nn.Linear(sizes[-2], num_classes)",
    "like the last, after it": "self.spare = nn.Linear(sizes[-2], num_classes)",
    "like the first": "self.ahead = nn.Conv2d(in_channels, first, 5)",
    "a convolution": "self.spare = nn.Conv2d(second, 32, 3)",
    "a whole head": "self.ahead = nn.Sequential(nn.Linear(sizes[0], 120), nn.ReLU(), nn.Linear(120, num_classes))",
    "a bias": "self.ahead = nn.Parameter(torch.zeros(sizes[1]))",
    "in a list": "self.layers = [nn.Linear(sizes[1], sizes[2])]",
}


@pytest.mark.parametrize("line", LEFT_OVER.values(), ids=LEFT_OVER)
def test_a_layer_left_over_costs_the_count_of_parameters_only(
    line: str, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = (FOLDER / "wrong" / "i1_unused_layer.py").read_text(encoding="utf-8")
    planted = "        self.fc_unused = nn.Linear(num_classes, num_classes)\n"
    assert source.count(planted) == 1
    source = source.replace(planted, "" if "ahead" in line else f"        {line}\n")
    if "ahead" in line:
        first = "        self.conv1 ="
        sizes = "        sizes = [second * side * side, *hidden, num_classes]\n"
        source = source.replace(sizes, "").replace(first, f"{sizes}        {line}\n{first}")
    defined: dict[str, object] = {}
    exec(f"import torch\n{source}", defined)
    monkeypatch.setattr("hw_cnn.models.seminar.SeminarCNN", defined["SeminarCNN"])
    lost = support.points_lost(FOLDER, MANIFEST.task("I1"), student, salt=0)
    # A layer in a plain list is not among the parameters.
    assert lost == ({} if line == LEFT_OVER["in a list"] else {"test_i1.py::test_parameter_count": 1.5})


def test_windows_of_other_pixels_cost_the_tests_of_values_only(
    student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    (variant,) = (variant for variant in VARIANTS if variant.id == "g1_reshaped")
    support.install(FOLDER, MANIFEST.task("G1"), variant, monkeypatch)
    lost = support.points_lost(FOLDER, MANIFEST.task("G1"), student, salt=0)
    assert set(lost) == {
        f"test_g1.py::test_{name}" for name in ("max", "mean", "gradients", "negative", "dtype")
    }


def _one_pixel(
    x: torch.Tensor, size: int, stride: object = None, padding: int = 0, mode: str = "max"
) -> object:
    step = size if stride is None else stride
    return x.unfold(2, size, step).unfold(3, size, step)[..., 0, 0]  # type: ignore[arg-type, call-overload]


def _two_pixels(
    x: torch.Tensor, size: int, stride: object = None, padding: int = 0, mode: str = "max"
) -> object:
    step = size if stride is None else stride
    windows = x.unfold(2, size, step).unfold(3, size, step)  # type: ignore[arg-type, call-overload]
    return windows[..., 0, 0] + windows[..., 1, 1]


@pytest.mark.parametrize("pool2d", [_one_pixel, _two_pixels])
def test_pooling_that_looks_at_some_pixels_of_a_window_earns_nothing(
    pool2d: object, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hw_cnn.layers.pooling.pool2d", pool2d)
    lost = support.points_lost(FOLDER, MANIFEST.task("G1"), student, salt=0)
    assert set(lost) == {test.id for test in MANIFEST.task("G1").tests}


GARBAGE = {
    "none": None,
    "text": "text",
    "nan": float("nan"),
    "empty": torch.ones(0),
    "integers": torch.ones(2, 4, 6, 6, dtype=torch.int64),
    "nans": torch.full((2, 4, 6, 6), float("nan")),
    "dict": {1: "a", 5: [None]},
    "object": object(),
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("task", [task for task in QUICK_TASKS if task.id != "K2"], ids=lambda task: task.id)
def test_garbage_fails_every_test_and_breaks_none(
    task: Task, garbage: object, student: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    support.assert_fails_every_test(FOLDER, [task], garbage, student, monkeypatch)
