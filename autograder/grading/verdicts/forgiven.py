"""Which passed tests have met a wrong answer: tests are blind to mistakes that another test of the task charges.

An answer is wrong here where it is another one than those of the reference and of every correct variant of the task: so
what a task leaves free is nobody's mistake. Types of numbers are free, and what only one side has in a dictionary.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils._pytree import tree_leaves

from autograder.grading.verdicts.agreement import is_ended
from autograder.grading.verdicts.rehearsal import MAKERS, Rehearsal
from autograder.grading.verdicts.stand_ins import PlantedBug, StandIns
from autograder.remote.failures import StudentFailure
from autograder.remote.transcript import Answer, Kept, Transcript, Turn

# Beyond what rounding and float32 make of a right answer.
NEAR = {"rtol": 1e-3, "atol": 1e-3}
# Of the wrong answers of one test so many are put to the correct variants.
MOST_ASKED = 3
Numbers = bool | int | float | np.ndarray | Tensor


def is_of_functions(transcript: Transcript) -> bool:
    """Whether a test has called functions only, perhaps with objects of its own: these are cheap to repeat."""
    return all(
        turn.kind == "symbol" or (turn.kind == "driver" and turn.name in MAKERS) for turn in transcript.turns
    )


def is_forgiven(stand_ins: StandIns, correct: Sequence[PlantedBug], transcript: Transcript) -> bool:
    """Whether a test has met a wrong answer. correct: the correct variants of its task."""
    right = _answers(stand_ins, None, transcript)
    wrong = [
        number
        for number, turn in enumerate(transcript.turns)
        if turn.kind == "symbol" and not alike(turn.answer, right[number])
    ][:MOST_ASKED]
    # What the calls need that are asked again: objects are made before.
    needed = [
        number for number, turn in enumerate(transcript.turns) if turn.kind != "symbol" or number in wrong
    ]
    if any(_holds_objects(turn) for turn in transcript.turns if turn.kind == "symbol"):
        needed = list(range(len(transcript.turns)))
    asked = replace(transcript, turns=[transcript.turns[number] for number in needed])
    for other in (None, *correct):  # the reference once more: it may draw
        if not wrong:
            break
        again = dict(zip(needed, _answers(stand_ins, other, asked), strict=True))
        wrong = [number for number in wrong if alike(again[number], right[number])]
    return bool(wrong)


def _holds_objects(turn: Turn) -> bool:
    """Whether its answer is an object that later requests may be about."""
    return not isinstance(turn.answer, StudentFailure) and any(
        isinstance(leaf, Kept) for leaf in tree_leaves(dict(turn.answer))
    )


def _answers(stand_ins: StandIns, who: PlantedBug | None, transcript: Transcript) -> list[Answer]:
    """What the reference (None) or a variant answers, turn by turn."""
    stand_ins.choose(who)
    student = stand_ins.student
    student.begin_test()
    student.stop_recording()
    try:
        return [said.ours for said in Rehearsal(student, transcript).play()]
    finally:
        if transcript.asks_for_objects:
            student.free_handles()


def alike(one: Answer, other: Answer) -> bool:
    """Whether two answers hold the same numbers and words; an exception is like any other exception."""
    if is_ended(one) or is_ended(other):
        return True  # an answer that did not come is not a wrong one
    if isinstance(one, StudentFailure) or isinstance(other, StudentFailure):
        return isinstance(one, StudentFailure) and isinstance(other, StudentFailure)
    return all(_same(one[part], other[part]) for part in one.keys() & other.keys())


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        return _same_numbers(one, other)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return all(_same(one[key], other[key]) for key in one.keys() & other.keys())
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return all(_same(a, b) for a, b in zip(one, other, strict=False))
    if isinstance(one, str) and isinstance(other, str):
        return one.strip().casefold() == other.strip().casefold()
    return True  # another type is a mistake of its own


def _same_numbers(one: Numbers, other: Numbers) -> bool:
    first, second = (torch.as_tensor(value).detach().double() for value in (one, other))
    if first.numel() == second.numel() == 1:
        first, second = first.reshape(()), second.reshape(())
    return first.shape == second.shape and torch.allclose(first, second, equal_nan=True, **NEAR)
