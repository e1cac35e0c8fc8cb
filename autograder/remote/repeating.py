"""A request of a test, asked of other code: the planted bugs and the reference stand in a student's place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.remote.failures import StudentError, StudentFailure
from autograder.remote.student import Function, Handle, Student
from autograder.remote.transcript import Answer, Kept, Turn


def repeat(student: Student, turn: Turn, objects: Mapping[Kept, object]) -> Answer:
    """The answer of `student` to the request of a turn. `objects`: what stands here for those of the worker there."""
    try:
        kwargs = _put(dict(turn.kwargs), objects)
        if turn.kind == "driver":
            return {"out": student.drive(turn.name, **kwargs)}
        if turn.kind == "symbol":
            function: Function = getattr(student, turn.name)
        else:
            owner = _put(turn.owner, objects)
            function = owner.method(turn.name) if turn.name else owner
        if turn.options is None:
            return {"out": function(*_put(turn.args, objects), **kwargs), "inputs_after": None, "grads": None}
        result = function.options(**_put(dict(turn.options), objects))(*_put(turn.args, objects), **kwargs)
        return {"out": result.out, "inputs_after": result.inputs_after, "grads": result.grads}
    except StudentFailure as failure:
        return failure


def _put(value: Any, objects: Mapping[Kept, object]) -> Any:
    """The value with objects in the places of `Kept`.

    Raises: StudentError for one that is not there, or is no object of a worker here.
    """
    if isinstance(value, Kept):
        found = objects.get(value)
        if not isinstance(found, Handle):
            raise StudentError("the object is not there", "TypeError")
        return found
    if isinstance(value, tuple | list):
        return type(value)([_put(item, objects) for item in value])
    if isinstance(value, dict):
        return {key: _put(item, objects) for key, item in value.items()}
    return value
