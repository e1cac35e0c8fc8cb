"""What a module can run is everything behind its imports."""

from __future__ import annotations

import pytest

from autograder.course.assignment import package_root
from autograder.course.edition import read_package
from autograder.validation.reach import Reach

FILES = {
    "hw_cnn/__init__.py": b'LATE = {"Net": "hw_cnn.net"}\n',
    "hw_cnn/shapes.py": b"import math\n",
    "hw_cnn/net.py": b"from hw_cnn import shapes\n",
    "hw_cnn/train.py": b"def fit():\n    from hw_cnn import Net\n",
    "hw_cnn/zoo/__init__.py": b'ALL = {"net": "hw_cnn.net:Net"}\n',
    "hw_cnn/zoo/deep.py": b"import hw_cnn.zoo.wide\n",
    "hw_cnn/zoo/wide.py": b"from hw_cnn.zoo import deep\n",
    "hw_cnn/page.html": b"from hw_cnn import train\n",
}


@pytest.mark.parametrize(
    ("module", "behind"),
    [
        ("hw_cnn.shapes", set()),
        ("hw_cnn.net", {"hw_cnn.shapes"}),
        ("hw_cnn.train", {"hw_cnn", "hw_cnn.net", "hw_cnn.shapes"}),
        ("hw_cnn.zoo", {"hw_cnn.net", "hw_cnn.shapes"}),
        ("hw_cnn.zoo.deep", {"hw_cnn.zoo.wide"}),
        ("hw_cnn.zoo.wide", {"hw_cnn.zoo.deep"}),
    ],
)
def test_imports_are_followed_to_their_end(module: str, behind: set[str]) -> None:
    assert Reach(FILES).of([module]) == {module, *behind}


def test_several_modules_and_unknown_ones() -> None:
    assert Reach(FILES).of(["hw_cnn.shapes", "hw_cnn.nowhere"]) == {"hw_cnn.shapes"}


def test_what_is_behind_a_module_is_what_it_imports() -> None:
    reach = Reach(FILES)
    assert reach.behind(["hw_cnn.train"]) == {"hw_cnn", "hw_cnn.net", "hw_cnn.shapes"}
    assert "hw_cnn.zoo.deep" in reach.behind(["hw_cnn.zoo.deep"]), "it imports a module that imports it"


def test_names_that_a_definition_uses_in_its_own_module() -> None:
    source = b"""
LIMIT = 3
LIMITS = [LIMIT, 4]
def helper(x):
    return min(x, *LIMITS)
def one(x):
    return helper(x)
def two(x):
    return x.helper
class Net:
    def forward(self, x):
        return one(x)
"""
    reach = Reach({"hw_cnn/a.py": source})
    assert reach.used_by("hw_cnn.a", ["one"]) == {"one", "helper", "LIMITS", "LIMIT"}
    assert reach.used_by("hw_cnn.a", ["two"]) == {"two"}
    assert reach.used_by("hw_cnn.a", ["Net", "unknown"]) == {"Net", "one", "helper", "LIMITS", "LIMIT"}


def test_all_modules_that_a_training_loads_are_found() -> None:
    found = Reach(read_package(package_root())).of(["hw_cnn.training"])
    assert {
        "hw_cnn.classifier",
        "hw_cnn.models.seminar",
        "hw_cnn.data.digits",
        "hw_cnn.data.feeding.loader",
    } <= found
