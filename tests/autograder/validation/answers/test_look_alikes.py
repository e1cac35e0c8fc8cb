"""Which bugs answer as a wrong solution does: asked with the hidden tests' own calls, in a real run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from autograder.validation.answers.look_alikes import differing, leaves
from autograder.wire.frames import Arrays, Message
from tests.autograder.grading_support import ENV, ROOT

LOOK = """
import json, sys
from pathlib import Path
import torch
from autograder.course.assignment import find_assignment
from autograder.course.variants import load_variants
from autograder.validation.answers.look_alikes import Graded, look_alikes
torch.set_num_threads(1)
assignment = find_assignment("seminar_cnn")
asked = [Graded(Path(path).stem, task, Path(path), 0) for task, path in json.loads(sys.argv[1])]
found = look_alikes(assignment, [v for v in load_variants(assignment.folder) if v.kind == "bug"], asked)
print(json.dumps({graded.student: sorted(names) for graded, names in found.items()}))
from hw_cnn import metrics
assert metrics.topk_error.__module__ == "hw_cnn.metrics", "a bug stands in the reference's place"
"""
LOOP = """
def topk_error(logits, targets, ks=(1, 5)):
    if any(k > logits.shape[1] for k in ks):
        raise ValueError({text})
    order = [row.argsort(descending=True).tolist() for row in logits]
    return {{k: sum(t in row[:k] for t, row in zip(targets.tolist(), order)) / len(order) {more} for k in ks}}
"""
ACCURACY = 'f"k (={max(ks)}) is larger than the number of classes"'
STEPS = """
import torch.nn.functional as F
from hw_cnn import classifier

class Classifier(classifier.Classifier):
    def training_step(self, batch, batch_idx):
        return F.cross_entropy({scores}, batch[1])
"""


@pytest.mark.slow
def test_look_alikes_are_found_in_other_words(tmp_path: Path) -> None:
    solutions = {
        "share": ("J1", LOOP.format(text=ACCURACY, more="")),
        "other_words": ("J1", LOOP.format(text='"too large"', more="")),
        "little_more": ("J1", LOOP.format(text=ACCURACY, more="+ 0.01")),
        "noise": ("J1", f"import random\n{LOOP.format(text=ACCURACY, more='+ random.random()')}"),
        "exponentials": ("K2", STEPS.format(scores="self(batch[0]).softmax(-1)")),
        "no_training": ("K3", "def train_seminar(datamodule, seed=0, accelerator='auto'): ..."),
        "twice_the_logits": ("K2", STEPS.format(scores="2 * self(batch[0])")),
    }
    asked = []
    for name, (task, source) in solutions.items():
        path = tmp_path / f"{name}.py"
        path.write_text(source)
        asked.append((task, str(path)))
    done = subprocess.run(
        [sys.executable, "-c", LOOK, json.dumps(asked)],
        cwd=ROOT, env=ENV, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == {
        "share": ["j1_accuracy"],
        "other_words": ["j1_accuracy"],  # the words of a ValueError that is asked for are free
        "little_more": [],
        "noise": [],
        "exponentials": ["k2_softmax"],
        "no_training": [],
        "twice_the_logits": [],
    }


def reply(**values: object) -> Message:
    return {"ok": True, "values": values}


def failure(kind: str, message: str) -> Message:
    return {"ok": False, "error": {"type": kind, "message": message, "text": "a traceback"}}


def array(*numbers: float, dtype: str = "float32") -> Arrays:
    return {"a0": np.array(numbers, dtype=dtype)}


TENSOR = ["tensor", "a0"]


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ((reply(out=TENSOR), array(1, 2)), (reply(out=TENSOR), array(1, 2 + 1e-7)), True),
        ((reply(out=TENSOR), array(1, 2)), (reply(out=TENSOR), array(1, 2.1)), False),
        ((reply(out=TENSOR), array(1, 2)), (reply(out=TENSOR), array(1, 2, dtype="float64")), False),
        ((reply(out=TENSOR), array(1, 2)), (reply(out=TENSOR), array(1, 2, 3)), False),
        ((reply(out=TENSOR), array(np.nan)), (reply(out=TENSOR), array(np.nan)), True),
        ((reply(out=0.5), {}), (reply(out=0.5 + 1e-9), {}), True),
        ((reply(out=1), {}), (reply(out=True), {}), False),
        ((reply(out=["list", [1]]), {}), (reply(out=["tuple", [1]]), {}), False),
        ((reply(out=["dict", [[1, 0.5]]]), {}), (reply(out=["dict", [["1", 0.5]]]), {}), False),
        (
            (reply(out=["dict", [["a", 1], ["b", 2]]]), {}),
            (reply(out=["dict", [["b", 2], ["a", 1]]]), {}),
            False,
        ),
        ((reply(out=["handle", 3, "Net"]), {}), (reply(out=["handle", 7, "Other"]), {}), True),
        (
            (reply(out=1, grads=[TENSOR, None]), array(1)),
            (reply(out=1, grads=[None, TENSOR]), array(1)),
            False,
        ),
        (
            (reply(out=1, inputs_after=[TENSOR]), array(1)),
            (reply(out=1, inputs_after=[TENSOR]), array(2)),
            False,
        ),
        ((failure("ValueError", "a"), {}), (failure("ValueError", "a"), {}), True),
        ((failure("ValueError", "a"), {}), (failure("ValueError", "b"), {}), False),
        ((failure("ValueError", "a"), {}), (failure("TypeError", "a"), {}), False),
        ((failure("ValueError", "a"), {}), (reply(out=1), {}), False),
    ],
)
def test_answers_are_the_same_in_all_their_parts(
    one: tuple[Message, Arrays], other: tuple[Message, Arrays], is_same: bool
) -> None:
    assert (not differing(leaves(*one), leaves(*other))) == is_same


def test_words_of_an_exception_that_is_asked_for_do_not_count() -> None:
    one, other = (leaves(failure("ValueError", words), {}, free_words="ValueError") for words in "ab")
    assert not differing(one, other)
    one, other = (leaves(failure("TypeError", words), {}, free_words="ValueError") for words in "ab")
    assert differing(one, other)


def test_weights_that_nobody_gave_count_by_their_shapes() -> None:
    state = reply(out=["dict", [["given", TENSOR], ["drawn", ["tensor", "a1"]]]])
    first = {"a0": np.zeros(2), "a1": np.zeros(3)}
    given = {"given": np.zeros(2)}
    for changed, places in (
        ({"a1": np.ones(3)}, set()),
        ({"a1": np.ones(4)}, {"out/drawn"}),
        ({"a0": np.ones(2)}, {"out/given"}),
    ):
        assert differing(leaves(state, first, given), leaves(state, {**first, **changed}, given)) == places
