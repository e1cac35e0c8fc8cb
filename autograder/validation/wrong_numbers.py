"""How many of the numbers that hidden tests compare a planted bug gets wrong: measured, never declared.

The hidden tests of a task run against the reference, so that each goes to its end. Every request goes to the bugs, too,
and to the reference a second time. What counts are the numbers that both runs of the reference give (numbers drawn
anew do not) in outputs, gradients, predictions, losses, and in how far weights have moved from what a test gave them;
one is wrong in a bug when the bug gives another, or none. Nothing else is asked: a bug is no more wrong for failing a
test.

Only the course's own code runs here, in this process.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest, Task
from autograder.course.variants import Variant
from autograder.errors import UsageError
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.salts import make_salt
from autograder.remote.student import Student
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.validation.answer_numbers import Numbers, answers, close, numbers, stable
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Arrays, Message

# What describes code instead of computing with it: no number of these is an answer.
DESCRIPTIONS = {"blueprint", "module_table", "condition", "traces", "mode", "get"}
# Drivers that give an object its weights, and that read them.
GIVES = {"load_state_dict", "set_parameters"}
WEIGHTS = {"state_dict", "parameters"}
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
    limits = dict.fromkeys(("call_s", "test_s", "submission_s"), HOURS_S)
    return manifest.model_copy(update={"limits": manifest.limits.model_copy(update=limits)})


def _has_file(assignment: Assignment, bug: Variant) -> bool:
    return (assignment.folder / "wrong" / f"{bug.id}.py").is_file()


def _run(hidden: HiddenTests, manifest: Manifest, tests: Sequence[str], chorus: Chorus, number: int) -> None:
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
        self._given: dict[int, Numbers] = {}
        self._reference, self._again = (_transport(task, "") for _ in range(2))
        self._bugs: dict[str, Voice] = {}
        for bug in bugs:
            self.close()  # what a bug imports is the reference's
            source = (assignment.folder / "wrong" / f"{bug.id}.py").read_text(encoding="utf-8")
            self._bugs[bug.id] = Voice(_transport(task, source))

    def request(
        self,
        message: Message,
        arrays: Mapping[str, Any],
        *,
        timeout_s: float = 0.0,
        cpu_s: float | None = None,
    ) -> tuple[Message, Arrays]:
        """The reference's answer."""
        self._note_weights(message, arrays)
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
        start = self._given.get(_owner(message), {}) if message.get("name") in WEIGHTS else {}
        expected = numbers(answers(values), right[1], start)
        counted: Numbers = {}
        if message.get("name") not in DESCRIPTIONS:
            counted = stable(expected, numbers(answers(again[0]["values"]), again[1], start))
        if message.get("name") in WEIGHTS:  # how weights begin is drawn, and no test compares it
            counted = {place: mask for place, mask in counted.items() if place.rpartition("/")[2] in start}
        self._tally.numbers += sum(int(mask.sum()) for mask in counted.values())
        for name, voice in self._bugs.items():
            reply, received = voice.request(message, arrays)
            answer = reply["values"] if reply["ok"] else {}
            _learn(values, right[1], answer, received, voice)
            own_start = {voice.weights.get(key, key): value for key, value in start.items()}
            found = numbers(answers(answer), received, own_start)
            self._tally.wrong[name] += _count_wrong(expected, counted, found, voice)

    def _note_weights(self, message: Message, arrays: Mapping[str, Any]) -> None:
        """Keep what a test gives to an object as weights."""
        if message["op"] == "free":
            self._given.clear()
        for argument in ("state", "values"):
            match message.get("args"):
                case {**arguments} if message.get("name") in GIVES and argument in arguments:
                    given = numbers(arguments[argument], dict(arrays))
                    own = self._given.setdefault(_owner(message), {})
                    own.update({place.rpartition("/")[2]: value for place, value in given.items()})

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


def _count_wrong(right: Numbers, counted: Numbers, found: Numbers, voice: Voice) -> int:
    wrong = 0
    for place, mask in counted.items():
        head, _, name = place.rpartition("/")
        value = found.get(place, found.get(f"{head}/{voice.weights.get(name, name)}"))
        same = value is not None and value.shape == mask.shape
        wrong += (
            int((mask & ~close(right[place], value)).sum()) if same and value is not None else int(mask.sum())
        )
    return wrong


def _owner(message: Message) -> int:
    """The number of the object that a driver is asked about; 0 for none."""
    match message.get("args"):
        case {"module": ["handle", int(number), *_]}:
            return number
    return 0


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
