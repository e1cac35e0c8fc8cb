"""How many of the numbers that hidden tests compare a planted bug gets wrong: measured, never declared.

The hidden tests of a task run against the reference, so that each goes to its end. Every request goes to the bugs, too,
and to the reference a second time. What counts are the numbers that both runs of the reference give (numbers drawn
anew do not) in outputs, gradients, predictions, losses and weights; one is wrong in a bug when the bug gives another,
or none. Nothing else is asked: a bug is no more wrong for failing a test.

Only the course's own code runs here, in this process.
"""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest, Task
from autograder.course.variants import Variant
from autograder.errors import UsageError
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.salts import make_salt
from autograder.remote.student import Student
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Arrays, Message

# Closer than this, in relation to the number and to the largest one beside it, is not called wrong.
CLOSE = 1e-3
# What describes code instead of computing with it: no number of these is an answer.
DESCRIPTIONS = {"blueprint", "module_table", "condition", "traces", "mode", "get"}
# What a call gives back of the values in its answer; that inputs stay as they are is nothing that was computed.
ANSWERS = ("out", "grads")
HOURS_S = 1e5


@dataclass
class Tally:
    """Numbers that count, and how many of them each bug got wrong."""

    numbers: int = 0
    wrong: Counter[str] = field(default_factory=Counter)


def wrong_shares(assignment: Assignment, bugs: Sequence[Variant], salts: int) -> dict[str, float]:
    """Bug -> share of the numbers of its task that it gets wrong over `salts` salts.

    Bugs whose task compares no numbers but those of trainings are left out: two right trainings differ, too.

    Raises: UsageError when the hidden tests cannot be collected.
    """
    manifest = _patient(assignment.manifest)
    shares: dict[str, float] = {}

    def serve(hidden: HiddenTests) -> None:
        for task in manifest.tasks:
            own = [bug for bug in bugs if bug.task == task.id and _has_file(assignment, bug)]
            tests = [test.id for test in task.tests if not test.trains]
            if not own or not tests:
                continue
            tally = Tally()
            chorus = Chorus(assignment, task, own, tally)
            for number in range(salts):
                _run(hidden, manifest, tests, chorus, number)
            chorus.close()
            if tally.numbers:
                shares.update({bug.id: tally.wrong[bug.id] / tally.numbers for bug in own})

    serve_hidden_tests(assignment.folder, manifest, serve)
    return shares


def _patient(manifest: Manifest) -> Manifest:
    """Without limits: each request is answered by many."""
    limits = {name: HOURS_S for name in ("call_s", "test_s", "submission_s")}
    return manifest.model_copy(update={"limits": manifest.limits.model_copy(update=limits)})


def _has_file(assignment: Assignment, bug: Variant) -> bool:
    return (assignment.folder / "wrong" / f"{bug.id}.py").is_file()


def _run(
    hidden: HiddenTests, manifest: Manifest, tests: Sequence[str], chorus: Chorus, number: int
) -> None:
    key = hashlib.sha256(f"validate {manifest.name} {number}".encode()).digest()
    symbols = [symbol for task in manifest.tasks for symbol in task.tops]
    student = Student(lambda: chorus, symbols, manifest.limits)
    case = Case(manifest, student, make_salt(key, manifest.name, "wrong_numbers"), "en")
    hidden.run(case, frozenset(tests))
    student.close()


@dataclass
class Voice:
    """One of those that answer: its transport, the numbers of its objects and the names of its weights."""

    transport: InProcess
    objects: dict[int, int] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)

    def request(self, message: Message, arrays: Mapping[str, Any]) -> tuple[Message, Arrays]:
        """Its answer; none to a question about an object that it does not have."""
        try:
            return self.transport.request(_translated(message, self), arrays)
        except ProtocolError:
            return {"ok": False}, {}


class Chorus:
    """A worker that answers as the reference does, and counts where the bugs differ."""

    def __init__(self, assignment: Assignment, task: Task, bugs: Sequence[Variant], tally: Tally) -> None:
        self._tally = tally
        self._reference, self._again = (_transport(task, "") for _ in range(2))
        self._bugs: dict[str, Voice] = {}
        for bug in bugs:
            self.close()  # what a bug imports is the reference's
            source = (assignment.folder / "wrong" / f"{bug.id}.py").read_text(encoding="utf-8")
            self._bugs[bug.id] = Voice(_transport(task, source))

    def request(
        self, message: Message, arrays: Mapping[str, Any], *, timeout_s: float = 0.0, cpu_s: float | None = None
    ) -> tuple[Message, Arrays]:
        """The reference's answer."""
        right = self._reference.request(message, arrays)
        again = self._again.request(message, arrays)
        for voice in self._bugs.values():
            if message["op"] == "free":
                voice.objects.clear()
        if right[0]["ok"] and again[0]["ok"]:
            self._compare(message, arrays, right, again)
        return right

    def _compare(
        self,
        message: Message,
        arrays: Mapping[str, Any],
        right: tuple[Message, Arrays],
        again: tuple[Message, Arrays],
    ) -> None:
        values = right[0]["values"]
        counts = message.get("name") not in DESCRIPTIONS
        stable = _stable(_answers(values), right[1], _answers(again[0]["values"]), again[1]) if counts else {}
        self._tally.numbers += sum(int(mask.sum()) for mask in stable.values())
        for name, voice in self._bugs.items():
            reply, received = voice.request(message, arrays)
            answer = reply["values"] if reply["ok"] else {}
            _learn(values, right[1], answer, received, voice)
            found = _numbers(_answers(answer), received)
            self._tally.wrong[name] += _count_wrong(_numbers(_answers(values), right[1]), stable, found, voice)

    def close(self) -> None:
        """Put the reference back in its place."""
        self._reference.request({"op": "echo"}, {})


def _transport(task: Task, source: str) -> InProcess:
    """An executor with the reference's symbols of the task in their places, or those that `source` defines.

    Raises: UsageError for a source that cannot be run.
    """
    transport = InProcess(Executor())
    imports = "\n".join(f"from {symbol.module} import {symbol.name}" for symbol in task.tops)
    for number, code in enumerate((imports, source)):
        order = {"op": "exec", "filename": f"variant {number}", "source": code, "namespace": "variant"}
        reply, _ = transport.request(order, {})
        if not reply["ok"]:
            raise UsageError(f"a variant of {task.id} cannot be run: {reply['error'].get('text')}")
    for symbol in task.tops:
        order = {"op": "bind", "name": symbol.name, "module": symbol.module, "namespace": "variant"}
        transport.request(order, {})
    return transport


def _answers(values: Mapping[str, Any]) -> list[Any]:
    return ["dict", [[key, values[key]] for key in ANSWERS if key in values]]


def _numbers(tree: Any, arrays: Arrays, path: str = "") -> dict[str, np.ndarray[Any, Any]]:
    """Place in an answer -> the numbers there, as float64."""
    if isinstance(tree, int | float) and not isinstance(tree, bool):
        return {path: np.asarray(float(tree))}
    match tree:
        case ["tensor" | "ndarray", str(name)] if arrays[name].dtype != bool:
            return {path: np.asarray(arrays[name], dtype=np.float64)}
        case ["list" | "tuple", list(items)]:
            pairs: list[Any] = list(enumerate(items))
        case ["dict", list(items)]:
            pairs = [tuple(item) for item in items]
        case _:
            return {}
    return {
        place: value
        for key, item in pairs
        for place, value in _numbers(item, arrays, f"{path}/{key}").items()
    }


def _close(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    scale = np.abs(one).max(initial=0.0, where=np.isfinite(one))
    with np.errstate(invalid="ignore"):
        return np.asarray(np.abs(one - other) <= CLOSE * np.maximum(np.abs(one), scale) + 1e-12)


def _stable(tree: Any, arrays: Arrays, again: Any, others: Arrays) -> dict[str, np.ndarray[Any, Any]]:
    """Place -> mask of the finite numbers that the reference gives each time."""
    second = _numbers(again, others)
    return {
        place: np.isfinite(value) & _close(value, second[place])
        for place, value in _numbers(tree, arrays).items()
        if place in second and second[place].shape == value.shape
    }


def _count_wrong(
    right: Mapping[str, np.ndarray[Any, Any]],
    stable: Mapping[str, np.ndarray[Any, Any]],
    found: Mapping[str, np.ndarray[Any, Any]],
    voice: Voice,
) -> int:
    wrong = 0
    for place, mask in stable.items():
        head, _, name = place.rpartition("/")
        value = found.get(place, found.get(f"{head}/{voice.weights.get(name, name)}"))
        same = value is not None and value.shape == mask.shape
        wrong += int((mask & ~_close(right[place], value)).sum()) if same and value is not None else int(mask.sum())
    return wrong


def _learn(values: Mapping[str, Any], arrays: Arrays, answer: Any, received: Arrays, voice: Voice) -> None:
    """Which of the bug's objects, and which of its weights, stands for which of the reference's."""
    match values.get("out"), answer.get("out"):
        case ["handle", int(number), *_], ["handle", int(own), *_]:
            voice.objects[number] = own
        case ["dict", list(items)], ["dict", list(others)]:
            free = [(key, _shape(item, received)) for key, item in others]
            for key, item in items:
                shape = _shape(item, arrays)
                fits = [name for name, size in free if size == shape and size is not None]
                if fits and key not in dict(others):
                    voice.weights[str(key)] = fits[0]
                    free.remove((fits[0], shape))


def _shape(item: Any, arrays: Arrays) -> tuple[int, ...] | None:
    match item:
        case ["tensor", str(name)]:
            return arrays[name].shape
    return None


def _translated(tree: Any, voice: Voice) -> Any:
    """A request with the bug's objects and names of weights; an object that it does not have is number 0."""
    match tree:
        case ["handle", int(number), *rest]:
            return ["handle", voice.objects.get(number, 0), *rest]
        case ["dict", list(items)]:
            return ["dict", [[_name(key, voice), _translated(item, voice)] for key, item in items]]
        case list():
            return [_translated(item, voice) for item in tree]
        case dict():
            return {key: _translated(item, voice) for key, item in tree.items()}
    return tree


def _name(key: Any, voice: Voice) -> Any:
    return voice.weights.get(key, key) if isinstance(key, str) else key
