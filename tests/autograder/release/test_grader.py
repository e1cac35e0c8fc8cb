"""What a bundle says of the place where it is graded."""

from __future__ import annotations

import json
import platform

from autograder.course.manifest import Manifest
from autograder.course.public import public_part
from autograder.release.grader import closure, grader


def test_packages_are_those_that_the_project_asks_for() -> None:
    packages = set(grader().packages)
    assert {"torch", "numpy", "lightning", "PIL", "yaml", "matplotlib", "pydantic_core"} <= packages
    assert not packages & {"hypothesis", "mypy", "grimp", "hatchling", "hw_cnn", "autograder", "captum"}
    assert "pyyaml" in closure("hw-cnn")
    assert "tensorboard" not in closure("hw-cnn")
    assert closure("no-such-distribution") == set()


def test_the_bundle_says_which_python_grades(
    files: dict[str, bytes], manifest: Manifest, edition_files: dict[str, bytes]
) -> None:
    public = json.loads(files["assignment.json"])
    assert public["python"] == platform.python_version().rpartition(".")[0]
    assert "torch" in public["packages"]
    assert public["weights"] == "K3"
    other = manifest.model_copy(update={"python": "3.13"})
    part = public_part(other, "en", "x", edition_files, grader())
    assert (part.python, part.weights) == ("3.13", None)
