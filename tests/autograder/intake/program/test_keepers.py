"""Classes and functions that keep what is made of them."""

from __future__ import annotations

import ast

import pytest

from autograder.intake.program.keepers import bases, hooks_subclasses, keeps_calls, keeps_instances
from tests.autograder.intake.program.support import names, statement


def class_of(source: str) -> ast.ClassDef:
    node = statement(source)
    assert isinstance(node, ast.ClassDef)
    return node


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class A: pass", ""),
        ("class A(B, c.D): pass", "B c"),
        ("class A(B, metaclass=M, k=x): pass", "B M"),
        ("class A(make(B)): pass", "make B"),
    ],
)
def test_bases(source: str, expected: str) -> None:
    assert bases(class_of(source)) == names(expected)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class A:\n    def __init_subclass__(cls): pass", True),
        ("class A(type): pass", True),
        ("class A:\n    def __init__(self): pass", False),
        ("class A:\n    class B:\n        def __init_subclass__(cls): pass", False),
        ("class A(B): pass", False),
    ],
)
def test_classes_that_hear_of_their_subclasses(source: str, expected: bool) -> None:
    assert hooks_subclasses(class_of(source)) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class A:\n    all = []\n    def __init__(self): self.all.append(self)", True),
        ("class A:\n    all: dict = {}\n    def __post_init__(self): self.all[1] = self", True),
        ("class A:\n    def __init__(self): type(self).n += 1", True),
        ("class A:\n    def __new__(cls): cls.__class__.n = 1", True),
        ("class A:\n    ids = count()\n    def __init__(self): self.id = next(self.ids)", True),
        ("class A:\n    n = 1\n    def __init__(self): self.m = self.n", False),
        ("class A:\n    all = []\n    def add(self): self.all.append(self)", False),
        ("class A:\n    def __init__(self): self.all = []", False),
    ],
)
def test_classes_that_keep_their_instances(source: str, expected: bool) -> None:
    assert keeps_instances(class_of(source)) is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class A:\n    def __call__(self, f): self.all[1] = f", True),
        (
            "class A:\n    def __call__(self, n):\n        def inner(f): self[n] = f\n        return inner",
            True,
        ),
        ("class A:\n    def __call__(self, x): return x", False),
        ("class A:\n    def add(self, x): self.all.append(x)", False),
        ("def f():\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n    return g", True),
        ("def f():\n    all = {}\n    def g(h): all[1] = h\n    return g", True),
        ("def f():\n    all = []\n    def g(h): all.append(h)\n    return g", True),
        ("def f(g):\n    def h(*a): return g(*a)\n    return h", False),
        ("def f(x):\n    all = []\n    all.append(x)\n    return all", False),
    ],
)
def test_objects_that_a_call_of_them_changes(source: str, expected: bool) -> None:
    node = statement(source)
    assert isinstance(node, ast.ClassDef | ast.FunctionDef)
    assert keeps_calls(node) is expected
