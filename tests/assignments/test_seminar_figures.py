"""What the figures of the notebook of seminar_cnn show, as numbers; the reference stands in place of the tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import matplotlib
import pytest
import torch
import torch.nn.functional as F

from autograder.course.manifest import load_manifest
from tests.assignments import support
from tests.assignments.support import COURSE

matplotlib.use("Agg")
pytestmark = [
    pytest.mark.slow,
    # matplotlib turns tensors into arrays in a way that NumPy is about to give up.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive:UserWarning"),
]
FOLDER = COURSE / "seminar_cnn"
MANIFEST = load_manifest(FOLDER)


def run(until: str = "") -> dict[str, Any]:
    return support.run_handout(FOLDER, MANIFEST, until)


@pytest.fixture(scope="module")
def space() -> Mapping[str, Any]:
    return run(until="I1")


def test_a_photograph_has_three_planes_that_differ(space: Mapping[str, Any]) -> None:
    photo = space["photo"]
    assert photo.shape == (3, 512, 512)
    assert all(float((photo[one].float() - photo[one - 1]).abs().mean()) > 5 for one in range(3))


def test_nine_frames_hold_the_sums_of_the_map(space: Mapping[str, Any]) -> None:
    expected = F.conv2d(space["board"][None, None].float(), space["corner"][None, None].float())[0, 0]
    assert torch.equal(space["sums"].float(), expected)
    assert not torch.equal(space["corner"], space["corner"].flip(0, 1))  # else a flip would not be seen


def test_a_flip_turns_the_colours_of_the_asymmetric_kernel_alone(space: Mapping[str, Any]) -> None:
    for number, weights in enumerate(space["KERNELS"].values()):
        kernel = torch.tensor(weights, dtype=torch.float32)[None, None]
        flipped = F.conv2d(space["digit"], kernel.flip(2, 3), padding=1)
        sign = -1 if number == 2 else 1
        torch.testing.assert_close(flipped, sign * space["maps"][number], atol=1e-5, rtol=1e-5)
    assert float(space["maps"][2].abs().max()) > 1


def test_the_left_edge_of_a_stroke_is_blue_and_the_right_one_red(space: Mapping[str, Any]) -> None:
    row = int(space["digit"][0, 0].sum(1).argmax())
    inked = (space["digit"][0, 0, row] > 0.5).nonzero()[:, 0]
    answers = space["maps"][2][0, 0, row]
    assert float(answers[int(inked[0])]) < -0.5
    assert float(answers[int(inked[-1])]) > 0.5


def test_a_blur_lowers_the_variance_of_the_crop(space: Mapping[str, Any]) -> None:
    sharp, blurred = space["spread"]
    assert blurred < 0.6 * sharp


def test_zeros_darken_the_border_and_reflection_does_not(space: Mapping[str, Any]) -> None:
    with_zeros, mirrored = space["edges"]
    assert with_zeros < 0.75 * mirrored
    assert space["every_second"].shape[2:] == (32, 32)


def test_pooling_widens_the_receptive_field(space: Mapping[str, Any]) -> None:
    assert space["fields"] == [9, 14]


def test_the_curve_of_a_training_goes_the_right_way() -> None:
    curve = run(until="K3")["curve"]
    assert len(curve) == 5
    assert float(curve[-1]["val_loss"]) < float(curve[0]["val_loss"])
    assert float(curve[-1]["val_accuracy"]) > 0.93


@pytest.mark.nightly
def test_after_the_training_the_notebook_shows_what_the_lecture_says(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the weights are saved
    found = run()
    assert found["own"] > 0.95
    assert found["points"] == 9
    assert found["ahead"][3] > found["ahead"][0] + 0.2
    (known, known_labels), (asked, asked_labels) = found["high"]
    looks = (found["features"], lambda x: x.flatten(1))
    hidden, pixels = (found["probe"](look(known), known_labels, look(asked), asked_labels) for look in looks)
    assert hidden > pixels + 0.05
