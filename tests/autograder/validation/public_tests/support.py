"""An assignment of one task, its variants, and answers of its public tests."""

from __future__ import annotations

from autograder.course.manifest import Manifest
from autograder.course.variants import Variant
from autograder.text import Text
from autograder.validation.class_of_variants import REFERENCE, STUB
from autograder.validation.public_tests.child import Answer
from autograder.validation.public_tests.run import Outcomes

PUBLIC = ("test_f1.py::test_slide", "test_f1.py::test_bias")
HIDDEN = ("test_f1.py::test_values", "test_f1.py::test_corner", "test_f1.py::test_idle")
TEXT = Text(ru="текст", en="text")


def manifest() -> Manifest:
    tests = [
        {"id": test, "points": points, "core": points > 1, "sentence": TEXT.model_dump()}
        for test, points in zip(HIDDEN, (8, 1, 1), strict=True)
    ]
    task = {
        "id": "F1",
        "title": TEXT.model_dump(),
        "symbols": ["hw_cnn.layers.convolution:conv2d"],
        "points": 10,
        "minutes": 50,
        "tests": tests,
    }
    return Manifest.model_validate(
        {
            "schema": 1,
            "name": "small",
            "version": "1",
            "title": TEXT.model_dump(),
            "budget_minutes": 60,
            "tasks": [task],
        }
    )


def variant(name: str, kind: str = "bug") -> Variant:
    return Variant.model_validate({"id": name, "task": "F1", "kind": kind, "what": TEXT.model_dump()})


def answer(who: str, *failing: str, reason: str = "") -> Answer:
    """The public tests `failing` fail; all of them ran, unless there is a reason why none did."""
    tests = {} if reason else {test: "wrong values" if test in failing else None for test in PUBLIC}
    return Answer(variant=who, task="F1", tests=tests, reason=reason)


def outcomes(*answers: Answer) -> Outcomes:
    """These, with a reference and a stub that are as they must be where none is given."""
    known = {REFERENCE: answer(REFERENCE), STUB: answer(STUB, *PUBLIC)}
    known |= {one.variant: one for one in answers}
    return Outcomes({(one.variant, one.task): one for one in known.values()})
