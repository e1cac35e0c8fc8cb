"""Which planted bugs answer as a wrong solution does, to every request of the hidden tests: nobody can tell them apart.

The hidden tests of the task run against the solution, with the salt that it was graded with, so that the requests are
those of its grading. Each goes to the bugs too. A bug is out at its first answer that differs: in numbers, shape or
dtype of an output or a gradient, in what becomes of the inputs, in an exception's type or message (of an exception that
the reference raises, too, the words are anybody's). What the reference itself answers differently when it is asked
twice (numbers drawn anew) is left aside, and so are weights that no test has given.

Only the course's own code runs here, in forks of this process.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from autograder.course.assignment import Assignment
from autograder.course.manifest import Manifest, Task
from autograder.course.variants import Variant
from autograder.errors import GraderError
from autograder.grading import fork_pool
from autograder.grading.hidden_tests import Case, HiddenTests, serve_hidden_tests
from autograder.grading.salts import make_salt
from autograder.remote.student import Student
from autograder.validation.answers.voices import (
    HOURS_S,
    GivenWeights,
    Voice,
    learn,
    patient,
    round_key,
    transport_of,
)
from autograder.validation.counting import Tick, counted, tick_unseen
from autograder.wire.frames import Arrays, Message

# As far apart as numbers may be that count as the same, in relation to themselves and at all.
RELATIVE, ABSOLUTE = 1e-4, 1e-5
MISSING = object()

Leaves = dict[str, Any]
"""Place in an answer -> array, plain value, or the word for an object."""


@dataclass(frozen=True)
class Graded:
    """One wrong solution as it was graded: under this name, with the salts of this round."""

    student: str
    task: str
    source: Path
    round: int


def look_alikes(
    assignment: Assignment,
    bugs: Sequence[Variant],
    asked: Sequence[Graded],
    jobs: int = 1,
    tick: Tick = tick_unseen,
) -> dict[Graded, frozenset[str]]:
    """For each of `asked` the other planted bugs of its task that answer as it does, `jobs` forks at once.

    Tests that train are left out: who answers the same in these is not known, so nobody does.

    Raises: UsageError when the hidden tests cannot be collected, GraderError when they end a fork.
    """
    manifest = patient(assignment.manifest)
    found: dict[Graded, frozenset[str]] = {}

    def serve(hidden: HiddenTests) -> None:
        def alike(one: Graded) -> bytes:
            sources = {
                bug.id: path
                for bug in bugs
                if bug.task == one.task
                and bug.id != one.student
                and (path := assignment.folder / "wrong" / f"{bug.id}.py").is_file()
            }
            return json.dumps(sorted(_alike(hidden, manifest, one, sources))).encode()

        finished = fork_pool.run(asked, alike, slots=jobs, deadline_s=HOURS_S, enter=fork_pool.be_quiet)
        for done in counted(finished, len(asked), tick):
            if done.payload is None:
                raise GraderError(f"who answers as {done.job.student} could not be found: {done.reason}")
            found[done.job] = frozenset(json.loads(done.payload))

    if asked:
        serve_hidden_tests(assignment.folder, manifest, serve)
    return found


def _alike(
    hidden: HiddenTests, manifest: Manifest, one: Graded, sources: Mapping[str, Path]
) -> frozenset[str]:
    tests = frozenset(test.id for test in manifest.task(one.task).tests if not test.trains)
    if not tests:
        return frozenset()
    doubles = Doubles(manifest, one, sources)
    student = Student(
        lambda: doubles, [symbol for task in manifest.tasks for symbol in task.tops], manifest.limits
    )
    salt = make_salt(round_key(manifest.name, one.round), manifest.name, one.student)
    hidden.run(Case(manifest, student, salt, "en"), tests)
    student.close()
    doubles.close()
    return frozenset(doubles.alike)


class Doubles:
    """A worker that answers as the solution does, and forgets the bugs that answer something else."""

    def __init__(self, manifest: Manifest, one: Graded, sources: Mapping[str, Path]) -> None:
        task = manifest.task(one.task)
        self._given = GivenWeights()
        self._reference = transport_of(task, "")
        self._twice = [Voice(self._reference), Voice(transport_of(task, ""))]
        self._solution = self._voice(task, one.source).transport
        self.alike = {name: self._voice(task, path) for name, path in sources.items()}

    def _voice(self, task: Task, path: Path) -> Voice:
        self.close()  # what a bug imports is the reference's
        return Voice(transport_of(task, path.read_text(encoding="utf-8")))

    def request(
        self,
        message: Message,
        arrays: Mapping[str, Any],
        *,
        timeout_s: float = 0.0,
        cpu_s: float | None = None,
    ) -> tuple[Message, Arrays]:
        """The solution's answer."""
        self._given.note(message, arrays)
        reply, received = self._solution.request(message, arrays)
        if not self.alike:
            return reply, received
        weights = self._given.asked_for(message)

        def answer_of(voice: Voice, free_words: str | None = None) -> Leaves:
            other, others = voice.request(message, arrays)
            if message["op"] == "free":
                voice.objects.clear()
                voice.weights.clear()
            elif reply["ok"] and other["ok"]:
                learn(reply["values"], received, other["values"], others, voice)
            return leaves(other, others, weights, voice, free_words)

        right, again = map(answer_of, self._twice)
        drawn = differing(right, again)
        asked_for = right["error"][0] if "error" in right else None
        own = leaves(reply, received, weights, free_words=asked_for)
        self.alike = {
            name: voice
            for name, voice in self.alike.items()
            if not differing(own, answer_of(voice, asked_for)) - drawn
        }
        return reply, received

    def close(self) -> None:
        """Put the reference back in its place."""
        self._reference.request({"op": "echo"}, {})


def leaves(
    reply: Message,
    arrays: Arrays,
    weights: Mapping[str, Any] | None = None,
    voice: Voice | None = None,
    free_words: str | None = None,
) -> Leaves:
    """The parts of a reply by their place; of weights that nobody gave, the shapes alone.

    `weights`: those that were given, where the reply holds an object's weights. `voice`: whose names of weights become
    the solution's. `free_words`: the type of exceptions whose message does not count.
    """
    if not reply["ok"]:
        error = reply.get("error", {})
        kind = error.get("type")
        return {"error": (kind, None if kind == free_words else error.get("message"))}
    names = {own: name for name, own in voice.weights.items()} if voice is not None else {}
    found: Leaves = {}
    for key, tree in reply["values"].items():
        for place, value in _flat(tree, arrays, key):
            head, slash, name = place.rpartition("/")
            name = names.get(name, name)
            if weights is not None and isinstance(value, list):
                value = "weights"  # their names are free
            is_drawn = weights is not None and name not in weights and isinstance(value, np.ndarray)
            found[f"{head}{slash}{name}"] = value.shape if is_drawn else value
    return found


def _flat(tree: Any, arrays: Arrays, path: str) -> list[tuple[str, Any]]:
    match tree:
        case ["tensor" | "ndarray", str(name)]:
            return [(path, arrays[name])]
        case ["handle", *_]:
            return [(path, "an object")]
        case ["list" | "tuple" as name, list(items)]:
            kind: Any = name
            pairs: list[Any] = list(enumerate(items))
        case ["dict", list(items)]:
            pairs = [tuple(item) for item in items]
            kind = [(type(key).__name__, key) for key, _ in pairs]
        case list():
            kind, pairs = "parts", list(enumerate(tree))
        case _:
            return [(path, tree)]
    inner = [leaf for key, item in pairs for leaf in _flat(item, arrays, f"{path}/{key}")]
    return [(path, kind), *inner]


def differing(one: Leaves, other: Leaves) -> set[str]:
    """Places where two replies are not the same."""
    return {
        place
        for place in one.keys() | other.keys()
        if not _same(one.get(place, MISSING), other.get(place, MISSING))
    }


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        if one.shape != other.shape or one.dtype != other.dtype:
            return False
        if one.dtype.kind not in "fc":
            return bool(np.array_equal(one, other))
        return bool(np.allclose(one, other, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
    if isinstance(one, float) and isinstance(other, float):
        return bool(np.isclose(one, other, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True))
    return type(one) is type(other) and bool(one == other)
