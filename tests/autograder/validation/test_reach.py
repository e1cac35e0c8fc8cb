"""What a module can run is everything behind its imports, and the course's own tasks stand apart as declared."""

from __future__ import annotations

import pytest

from autograder.course.assignment import find_assignment, list_assignments, package_root
from autograder.course.edition import read_package
from autograder.course.variants import load_variants
from autograder.validation.class_of_variants import choose_tests, tasks_concerned
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


def test_all_modules_that_a_training_loads_are_found() -> None:
    found = Reach(read_package(package_root())).of(["hw_cnn.training"])
    assert {
        "hw_cnn.classifier",
        "hw_cnn.models.seminar",
        "hw_cnn.data.digits",
        "hw_cnn.data.feeding.loader",
    } <= found


@pytest.mark.parametrize("name", list_assignments(None))
def test_a_task_concerns_itself_and_what_is_declared_to_depend_on_it(name: str) -> None:
    manifest = find_assignment(name, None).manifest
    found = tasks_concerned(manifest)
    assert set(found) == {task.id for task in manifest.tasks}
    for task_id, concerned in found.items():
        declared = {task.id for task in manifest.tasks if task_id in manifest.closure(task.id)}
        assert declared <= concerned


def test_a_quick_validation_leaves_out_only_what_a_bug_cannot_change() -> None:
    found = find_assignment("seminar_cnn", None)
    manifest, variants = found.manifest, load_variants(found.folder)
    everything = choose_tests(manifest, variants, first=True)
    chosen = choose_tests(manifest, variants, first=True, concerned=tasks_concerned(manifest))
    assert chosen["reference"] == everything["reference"]
    assert chosen["stub"] == everything["stub"]
    fast = {task.id: {test.id for test in task.tests if not test.trains} for task in manifest.tasks}
    assert chosen["f1_flipped"] == fast["F1"]
    # K3 trains the student's own network with the student's own steps.
    assert chosen["i1_softmax"] == fast["I1"] | fast["K3"]
    assert everything["f1_flipped"] == set().union(*fast.values())
