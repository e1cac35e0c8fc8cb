"""Task K3 tells trainings from what only looks like one: graded as submissions, and on the glyphs of several keys."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import glyphs, trainings
from tests.autograder.grading_support import grade, hand_in, results, task

CHEATS = trainings.names("cheats")
# Convolutions from home are convolutions all the same; staff are told.
HONEST_HEAD = "features_with_ridge_head"
# The seed is not known to students, so these are the keys' own.
NIGHTLY_KEYS = [b"nightly key 0", b"nightly key 1", b"nightly key 2"]


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The cheats as a class, each a solution.py and none with a checkpoint."""
    folder = tmp_path_factory.mktemp("cheats")
    for name in CHEATS:
        hand_in(folder / "in", name, solution=trainings.source("cheats", name))
    (folder / "in" / "cached_file" / "weights.bin").write_bytes(trainings.weights_file())
    # On some keys a ridge is a hair above the ridge that sets the bar: the glyphs are those of one key.
    (folder / "key").write_text("a course key for cheats")
    done = grade(folder / "in", folder / "out", "--key", str(folder / "key"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(list((folder / "out" / "glyphs").glob("*.json"))) == 1
    return results(folder / "out")


def test_the_cheats_of_the_issue_are_there() -> None:
    assert set(CHEATS) == {
        "weights_in_source", "permuted_head", "class_means", "ridge_on_pixels", "cached_file", "untrained_layer",
        HONEST_HEAD,
    }  # fmt: skip


@pytest.mark.parametrize("name", [name for name in CHEATS if name != HONEST_HEAD])
def test_a_cheat_earns_next_to_nothing(name: str, graded: dict[str, dict[str, Any]]) -> None:
    found = task(graded[name], "K3")
    assert found["score"] <= 0.5
    assert found["multiplier"]["share"] == 0
    assert graded[name]["needs_staff"] is False


def test_weights_from_home_do_know_the_digits(graded: dict[str, dict[str, Any]]) -> None:
    """Without this the test above could pass for another reason."""
    accuracy = next(
        one for one in graded["weights_in_source"]["thresholds"] if one["metric"] == "shifted_accuracy"
    )
    assert accuracy["value"] > accuracy["high"]
    assert len(accuracy["values"]) == 1, "the first training earns everything, so it is the last"


@pytest.mark.parametrize("name", ["weights_in_source", "permuted_head", HONEST_HEAD])
def test_literals_are_a_note_for_staff(name: str, graded: dict[str, dict[str, Any]]) -> None:
    assert any("solution.py, line" in note and "literals" in note for note in graded[name]["staff_notes"])


@pytest.mark.parametrize(
    "name", [name for name in CHEATS if name not in ("permuted_head", "ridge_on_pixels")]
)
def test_a_training_that_costs_nothing_is_a_note_for_staff(
    name: str, graded: dict[str, dict[str, Any]]
) -> None:
    assert any(note.startswith("training took ") for note in graded[name]["staff_notes"])


def test_a_file_with_weights_is_a_note_for_staff(graded: dict[str, dict[str, Any]]) -> None:
    assert any("weights.bin" in note for note in graded["cached_file"]["staff_notes"])


@pytest.mark.nightly
@pytest.mark.parametrize("key", NIGHTLY_KEYS, ids=bytes.decode)
def test_honest_recipes_lose_nothing_and_cheats_everything(key: bytes) -> None:
    recipes = {
        name: trainings.train_seminar(kind, name) for kind in glyphs.KINDS for name in trainings.names(kind)
    }
    ridge, found = glyphs.measure(key, recipes, again=True)
    shares = {name: glyphs.share(one, ridge, found["reference"]) for name, one in found.items()}
    assert {name: shares[name] for name in trainings.names("honest")} == dict.fromkeys(
        trainings.names("honest"), 1
    )
    assert {name for name in CHEATS if shares[name]} == {HONEST_HEAD}
    assert found[HONEST_HEAD].accuracy < found["reference"].accuracy
