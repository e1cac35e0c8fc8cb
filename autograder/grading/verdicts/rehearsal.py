"""The requests of a test, asked of code that stands in a student's place, and both answers in one form.

Attribute names of a network are free, and so are its numbers until a test sets them: weights are told apart by their
shapes (`renaming`), and of what has not been set only shapes and types are compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from torch import Tensor

from autograder.grading.verdicts import passes
from autograder.grading.verdicts.agreement import same_answer, same_kind
from autograder.grading.verdicts.renaming import match_names
from autograder.remote.failures import StudentFailure
from autograder.remote.repeating import repeat
from autograder.remote.student import Handle, Student
from autograder.remote.transcript import Answer, Kept, Transcript, Turn

# Drivers that set numbers by name, and the argument that holds them.
SETTERS = {"set_parameters": "values", "load_state_dict": "state"}
GRADIENTS = "parameter_gradients"
NAMED = ("parameters", "state_dict", GRADIENTS)
# What these make is the same each time.
MAKERS = ("network", "loader", "reader")
EPOCH, STEP = "_epoch", "_step"


class Said(NamedTuple):
    """The student's answer to a request, and that of the code in its place."""

    turn: Turn
    theirs: Answer
    ours: Answer

    @property
    def is_same(self) -> bool:
        """Whether they agree in all."""
        return same_answer(self.theirs, self.ours, in_double=self.turn.is_in_double)

    @property
    def differs(self) -> bool:
        """Whether they do not agree: of exceptions the type counts, their words are free."""
        return not self.is_same and not same_kind(self.theirs, self.ours)


class Rehearsal:
    """One transcript for one stand-in."""

    def __init__(self, stand_in: Student, transcript: Transcript) -> None:
        self._stand_in, self._transcript = stand_in, transcript
        self._objects: dict[Kept, object] = {}
        self._names: dict[Kept, dict[str, str]] = {}
        self._set: dict[Kept, set[str]] = {}
        self._made: set[Kept] = set()

    def play(self) -> Iterator[Said]:
        """Ask for turn after turn; each may depend on those before. Objects stay until the stand-in's are freed."""
        for turn in self._transcript.turns:
            ours = repeat(self._stand_in, self._in_our_names(turn), self._objects)
            yield self._learn(turn, ours)

    def _learn(self, turn: Turn, ours: Answer) -> Said:
        """Note what the answers tell of objects and names. Returns: both, comparable."""
        theirs, module = turn.answer, _object_of(turn)
        ours = ours if isinstance(ours, StudentFailure) else self._kept(theirs, ours)
        if isinstance(theirs, StudentFailure) or isinstance(ours, StudentFailure):
            return Said(turn, theirs, ours)
        made = theirs.get("out") if turn.kind == "driver" and turn.name in MAKERS else None
        if isinstance(made, Kept):
            self._made.add(made)
        if turn.kind == "driver" and turn.name in SETTERS and module is not None:
            self._set.setdefault(module, set()).update(turn.kwargs[SETTERS[turn.name]])
        if turn.kind == "driver" and turn.name in NAMED and module is not None:
            return self._of_names(turn, module, theirs["out"], ours["out"])
        if module is not None and module not in self._made and module not in self._set:
            theirs, ours = _outline(theirs), _outline(ours)
        return Said(turn, _in_one_form(turn, theirs), _in_one_form(turn, ours))

    def _of_names(self, turn: Turn, module: Kept, theirs: Any, ours: Any) -> Said:
        if not (_is_state(theirs) and _is_state(ours)):
            return Said(turn, {"out": theirs}, {"out": ours})
        if turn.name == GRADIENTS:
            names = self._names.get(module, {})
        else:
            names = match_names(_tensors(theirs), _tensors(ours)) or {}
            self._names[module] = names
        # By their names; what nothing stands for keeps its own, and differs.
        known = {our: their for their, our in names.items()}
        ours = {known.get(name, name): value for name, value in ours.items()}
        if module not in self._made:
            is_set = (
                set(theirs)
                if turn.name == GRADIENTS and module in self._set
                else self._set.get(module, set())
            )
            theirs, ours = (
                {name: value if name in is_set else _outline(value) for name, value in part.items()}
                for part in (theirs, ours)
            )
        return Said(turn, {"out": _sorted(theirs)}, {"out": _sorted(ours)})

    def _in_our_names(self, turn: Turn) -> Turn:
        module = _object_of(turn)
        names = self._names.get(module, {}) if module is not None else {}
        if turn.kind != "driver" or not names:
            return turn

        def renamed(values: Mapping[str, Any]) -> dict[str, Any]:
            return {names.get(name, name): value for name, value in values.items()}

        if turn.name in SETTERS:
            argument = SETTERS[turn.name]
            return replace(turn, kwargs={**turn.kwargs, argument: renamed(turn.kwargs[argument])})
        if turn.name == "optimizer_steps":
            steps = [renamed(step) for step in turn.kwargs["gradients"]]
            return replace(turn, kwargs={**turn.kwargs, "gradients": steps})
        return turn

    def _kept(self, theirs: Any, ours: Any) -> Any:
        """Our value with `Kept` for objects; those that stand where theirs do are noted."""
        if isinstance(ours, Handle):
            if not isinstance(theirs, Kept):
                return Kept(-1)
            self._objects[theirs] = ours
            return theirs
        if isinstance(ours, tuple | list):
            others = (
                theirs
                if isinstance(theirs, tuple | list) and len(theirs) == len(ours)
                else [None] * len(ours)
            )
            return type(ours)([self._kept(a, b) for a, b in zip(others, ours, strict=True)])
        if isinstance(ours, Mapping):
            known = theirs if isinstance(theirs, Mapping) else {}
            return {key: self._kept(known.get(key), value) for key, value in ours.items()}
        return ours


def _object_of(turn: Turn) -> Kept | None:
    """The network that a request is about."""
    if turn.kind == "object":
        return turn.owner
    module = turn.kwargs.get("module") if turn.kind == "driver" else None
    return module if isinstance(module, Kept) else None


def _is_state(value: Any) -> bool:
    """Whether an answer is tensors by name, as it should be."""
    return isinstance(value, dict) and all(
        isinstance(name, str) and (item is None or isinstance(item, Tensor)) for name, item in value.items()
    )


def _outline(value: Any) -> Any:
    """What is the same for all numbers."""
    if isinstance(value, Tensor):
        return f"{value.dtype} {tuple(value.shape)}"
    if isinstance(value, tuple | list):
        return [_outline(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _outline(item) for key, item in value.items()}
    return type(value).__name__ if isinstance(value, float) else value


def _in_one_form(turn: Turn, answer: Any) -> Any:
    """Without what is free: the form in which Lightning takes a loss, names of layers, the order of metrics."""
    out = answer.get("out")
    if turn.kind == "object" and turn.name.endswith("_step") and isinstance(out, dict) and "loss" in out:
        return {**answer, "out": out["loss"]}
    if turn.kind != "driver":
        return answer
    if turn.name == "module_table" and isinstance(out, list) and out and isinstance(out[0], tuple):
        return {"out": out[0][-1:]}
    if turn.name == "passes" and isinstance(out, list):
        return {"out": passes.in_order(out)}
    if turn.name == "evaluate" and isinstance(out, dict):
        named = {str(name): value for name, value in out.items()}
        metrics = {
            name.removesuffix(EPOCH): value for name, value in named.items() if not name.endswith(STEP)
        }
        return {"out": _sorted(metrics)}
    return {"out": _sorted(out) if isinstance(out, dict) else out}


def _tensors(state: Mapping[str, Any]) -> dict[str, Tensor]:
    return {name: value for name, value in state.items() if value is not None}


def _sorted(values: Mapping[Any, Any]) -> dict[Any, Any]:
    return dict(sorted(values.items(), key=lambda item: str(item[0])))
