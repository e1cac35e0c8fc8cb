"""Those that answer the requests of hidden tests in this process, each with objects and weights of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from autograder.course.manifest import Manifest, Task
from autograder.errors import UsageError
from autograder.sandbox.runner.executor import Executor
from autograder.sandbox.runner.in_process import InProcess
from autograder.validation.answers.numbers import Numbers, numbers
from autograder.wire.errors import ProtocolError
from autograder.wire.frames import Arrays, Message

# Drivers that give an object its weights, and that read them.
GIVES = {"load_state_dict", "set_parameters"}
WEIGHTS = {"state_dict", "parameters"}
HOURS_S = 1e5


def round_key(assignment: str, number: int) -> bytes:
    """The course key of one round of a validation: it decides the salts."""
    return hashlib.sha256(f"validate {assignment} {number}".encode()).digest()


def patient(manifest: Manifest) -> Manifest:
    """Without limits: each request is answered by many."""
    limits = dict.fromkeys(("call_s", "test_s", "submission_s"), HOURS_S)
    return manifest.model_copy(update={"limits": manifest.limits.model_copy(update=limits)})


@dataclass
class Voice:
    """One of those that answer: its transport, the numbers of its objects and the names of its weights."""

    transport: InProcess
    objects: dict[int, int] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)

    def request(self, message: Message, arrays: Mapping[str, Any]) -> tuple[Message, Arrays]:
        """Its answer; none to a question about an object that it does not have."""
        try:
            return self.transport.request(translated(message, self), arrays)
        except ProtocolError:
            return {"ok": False}, {}


class GivenWeights:
    """What the tests of the moment have given to objects as weights; how others begin is drawn anew each time."""

    def __init__(self) -> None:
        self._given: dict[int, Numbers] = {}

    def note(self, message: Message, arrays: Mapping[str, Any]) -> None:
        """Keep what a request gives to an object; the end of a test frees all objects."""
        if message["op"] == "free":
            self._given.clear()
        for argument in ("state", "values"):
            match message.get("args"):
                case {**arguments} if message.get("name") in GIVES and argument in arguments:
                    given = numbers(arguments[argument], dict(arrays))
                    own = self._given.setdefault(_owner(message), {})
                    own.update({place.rpartition("/")[2]: value for place, value in given.items()})

    def asked_for(self, message: Message) -> Numbers | None:
        """Name -> numbers given to the object whose weights a request reads; None for a request of another kind."""
        return self._given.get(_owner(message), {}) if message.get("name") in WEIGHTS else None


def transport_of(task: Task, source: str) -> InProcess:
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


def _owner(message: Message) -> int:
    """The number of the object that a driver is asked about; 0 for none."""
    match message.get("args"):
        case {"module": ["handle", int(number), *_]}:
            return number
    return 0


def learn(values: Mapping[str, Any], arrays: Arrays, answer: Any, received: Arrays, voice: Voice) -> None:
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


def translated(tree: Any, voice: Voice) -> Any:
    """A request with the bug's objects and names of weights; an object that it does not have is number 0."""
    match tree:
        case ["handle", int(number), *rest]:
            return ["handle", voice.objects.get(number, 0), *rest]
        case ["dict", list(items)]:
            return ["dict", [[_name(key, voice), translated(item, voice)] for key, item in items]]
        case list():
            return [translated(item, voice) for item in tree]
        case dict():
            return {key: translated(item, voice) for key, item in tree.items()}
    return tree


def _name(key: Any, voice: Voice) -> Any:
    return voice.weights.get(key, key) if isinstance(key, str) else key
