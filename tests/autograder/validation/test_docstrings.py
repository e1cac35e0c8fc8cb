"""A docstring that students get and that gives the body away is named; one that only speaks of it is not."""

from __future__ import annotations

from typing import Any

import pytest

from autograder.course.assignment import find_assignment, list_assignments, package_root
from autograder.course.edition import read_package
from autograder.course.manifest import Manifest
from autograder.validation.docstrings import telling_docstrings
from tests.autograder.manifests import plain

MODULE = '''"""{module}"""

import torch


class Net(torch.nn.Module):
    """{class}"""

    def forward(self, x, weight, stride=1):
        """{function}"""
        total = 0
        for i, row in enumerate(weight.unbind(0)):
            total = total + torch.einsum("nchw,c->nhw", x[:, :, i::stride], row)
        if stride > total.dim() + self.extra:
            raise ValueError(f"stride {{stride}}")
        return self.scale(total.mean((1, 2)), key='a')

    def other(self, x):
        """{other}"""
        return x
'''
PLACES = ("module", "class", "function", "other")


def told(place: str, docstring: str) -> list[str]:
    texts = dict.fromkeys(PLACES, "Does it.") | {place: docstring.replace("\\", "\\\\")}
    data: dict[str, Any] = plain()
    data["tasks"] = [data["tasks"][0] | {"symbols": ["hw_cnn.net:Net.forward"]}]
    return telling_docstrings(
        Manifest.model_validate(data), {"hw_cnn/net.py": MODULE.format(**texts).encode()}
    )


@pytest.mark.parametrize(
    "docstring",
    [
        "Sums.\n\n    total = total + torch.einsum('nchw,c->nhw', x[:, :, i::stride], row)\n",
        "Sums.\n\n>>> torch.einsum('nchw,c->nhw', x[:, :, i::stride], row)\n",
        "Sums.\n\n    >>> y = (torch . einsum('nchw,c->nhw',\n    ...     x[:, :, i::stride], row))\n",
        "It is ``torch.einsum('nchw,c->nhw', x[:,:,i::stride], row)`` for each row.",
        "Gives `self.scale(total.mean((1, 2)), key='a')`.",
        "Gives\n    return self.scale(total.mean((1,2)), key='a')",
        "As in\n\n    for i, row in enumerate(weight.unbind(0)):\n        ...\n",
        "As in\n    for i, row in enumerate(weight.unbind(0)):",
        "Refuses\n    if stride > total.dim() + self.extra:",
    ],
)
@pytest.mark.parametrize("place", ["module", "class", "function"])
def test_a_line_of_the_body_is_named(place: str, docstring: str) -> None:
    (line,) = told(place, docstring)
    where = {"module": "hw_cnn.net", "class": "Net", "function": "forward"}[place]
    assert line.startswith(f"task A1: the docstring of {where} holds a line of the solution")


@pytest.mark.parametrize(
    "docstring",
    [
        "Gives `total`, `stride` or `x`.",
        "Raises: ValueError if `stride` is larger than it may be.",
        "Shape: x (N, C, H, W), weight (K, C) -> (N,).",
        ">>> Net()(x, weight, stride=2)",
        "    for x in weight:\n        print(x)",
        "sum of x[:, :, i::stride] times weight, n = 0, 1, ...",
        ">>> torch.einsum('nchw,c->nhw', x, row)",
        "    a: b: c\n  d",
        ">>> (",
        "\\[ y = \\sum_c x_c w_c \\]",
    ],
)
def test_what_only_speaks_of_it_is_not(docstring: str) -> None:
    assert [told(place, docstring) for place in PLACES] == [[]] * len(PLACES)


def test_a_method_that_is_no_task_may_say_anything() -> None:
    assert told("other", ">>> self.scale(total.mean((1, 2)), key='a')") == []


@pytest.mark.parametrize("name", list_assignments(None))
def test_no_docstring_of_ours_tells(name: str) -> None:
    reference = read_package(package_root())
    assert telling_docstrings(find_assignment(name).manifest, reference) == []
